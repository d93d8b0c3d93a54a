"""A reader's preferences in one small file: read at the start, written off the window's thread."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from workstation.session.lanes import Lane, Lanes

_MOST_BYTES = 1_000_000


class KeptPreferences:
    """Short texts by name; a power cut leaves the old file or the new one."""

    def __init__(self, file: Path, lanes: Lanes, failed: Callable[[Exception], None]) -> None:
        """Read what was kept; a file that cannot be read counts as empty.

        ``failed`` hears why a text could not be written.
        """
        self._file = file
        self._lanes = lanes
        self._failed = failed
        self._texts = _read(file)

    def read(self, name: str) -> str:
        """The text that was kept; empty where there is none."""
        return self._texts.get(name, "")

    def keep(self, name: str, text: str) -> None:
        """Keep a text in place of the one before; where that fails it lasts until the end."""
        self._texts[name] = text
        data = json.dumps(self._texts, ensure_ascii=False, indent=1, sort_keys=True)
        self._lanes.run(
            lambda _token: _write(self._file, data),
            lambda _none: None,
            self._failed,
            lane=Lane.STORE,
        )


def _read(file: Path) -> dict[str, str]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            return {}
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {str(name): text for name, text in kept.items() if isinstance(text, str)}


def _write(file: Path, data: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("w", encoding="utf-8") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
