"""Named loggers by area, that can carry no patient data.

Messages are constants; what varies goes through ``fields`` and only as the types named there, so
that names, report text, addresses with queries and tokens cannot reach a log (R39).
"""

import logging
import logging.handlers
import re
import traceback
import warnings
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TextIO

_NUMBERS = (bool, int, float)

_UID = r"2\.25\.\d{1,39}|\d{1,3}(\.\d{1,39}){4,}"
_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_IDENTIFIER = re.compile(f"({_UID}|{_UUID})")
_LONGEST = 64


class Log:
    """One area's logger.

    ``fields`` take numbers, enum members, exceptions and classes (their names), and text only
    where it is a UUID or a DICOM UID; anything else is written as ``<type withheld>``.
    """

    def __init__(self, area: str) -> None:
        """Write under ``lightbox.<area>``."""
        self._logger = logging.getLogger(f"lightbox.{area}")

    def info(self, message: str, **fields: object) -> None:
        """Record what happened."""
        self._write(logging.INFO, message, fields)

    def warning(self, message: str, **fields: object) -> None:
        """Record what was survived."""
        self._write(logging.WARNING, message, fields)

    def error(self, message: str, error: BaseException | None = None, **fields: object) -> None:
        """Record a fault: type and places of the exception, never its text or its locals."""
        if error is not None:
            message = f"{message} ({type(error).__name__} {_places(error)})"
        self._write(logging.ERROR, message, fields)

    def _write(self, level: int, message: str, fields: Mapping[str, object]) -> None:
        told = "".join(f" {key}={_harmless(value)}" for key, value in fields.items())
        self._logger.log(level, "%s%s", message, told)


def _harmless(value: object) -> str:
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, _NUMBERS):
        return str(value)
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, str) and len(value) <= _LONGEST and _IDENTIFIER.fullmatch(value):
        return value
    return f"<{type(value).__name__} withheld>"


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " ".join(f"{Path(f.filename).name}:{f.lineno}" for f in frames)


class _File(logging.handlers.RotatingFileHandler):
    """Gives up a line that cannot be written: a full disk must not fill the screen as well."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Keep quiet; the fault that was to be recorded is told to the user elsewhere."""


def start(folder: Path) -> None:
    """Send the log to ``folder``/lightbox.log (3 files of 2 MB); raises OSError.

    What libraries log or warn of may quote patient data and would end up in a desktop's own
    journal by way of standard error: of a warning only class and place are kept, of the rest
    nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handler = _File(folder / "lightbox.log", maxBytes=2_000_000, backupCount=2, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger("lightbox")
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    root.propagate = False
    others = logging.getLogger()
    if not others.handlers:
        others.addHandler(logging.NullHandler())
    warnings.showwarning = _warned


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    Log("warnings").warning(f"{category.__name__} {Path(filename).name}:{lineno}")
