"""Named loggers by area, that can carry no patient data.

Messages are constants; what varies goes through ``fields`` and only as the types named there, so
that names, report text, addresses with queries and tokens cannot reach a log (R39).
"""

import logging
import logging.handlers
import re
import traceback
from collections.abc import Mapping
from pathlib import Path

_NUMBERS = (bool, int, float)

_SAFE_TEXT = re.compile(r"[A-Za-z0-9_.:\-/+ ]{0,80}")


class Log:
    """One area's logger; ``fields`` take numbers, and ids or codes of harmless characters."""

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
            fields["error"] = type(error).__name__
            fields["at"] = _places(error)
        self._write(logging.ERROR, message, fields)

    def _write(self, level: int, message: str, fields: Mapping[str, object]) -> None:
        told = " ".join(f"{key}={_harmless(value)}" for key, value in fields.items())
        self._logger.log(level, "%s %s", message, told)


def _harmless(value: object) -> str:
    if isinstance(value, _NUMBERS):
        return str(value)
    text = str(value)
    return text if _SAFE_TEXT.fullmatch(text) else f"<{type(value).__name__} withheld>"


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " ".join(f"{Path(f.filename).name}:{f.lineno}" for f in frames)


def start(folder: Path) -> None:
    """Send the log to ``folder``/lightbox.log (3 files of 2 MB); raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "lightbox.log", maxBytes=2_000_000, backupCount=2, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger("lightbox")
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    root.propagate = False
