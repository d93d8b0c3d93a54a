"""How often a wrong passphrase was given: from the fifth on every next try waits longer (R6)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workstation.store.folders import replace_durably

_FREE = 5
_FIRST_WAIT_S = 15.0
_LONGEST_WAIT_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Record:
    wrong: int = 0
    last: float = 0.0


class Tries:
    """Counts on disk, before each try, so that ending the program forgives nothing."""

    def __init__(self, file: Path, now: Callable[[], float]) -> None:
        """``now``: seconds since the epoch, as a clock on the wall that may be set wrong."""
        self._file = file
        self._now = now

    @property
    def wrong(self) -> int:
        """Wrong tries in a row."""
        return self._read().wrong

    def wait_s(self) -> float:
        """Seconds until another try is taken; a clock that was set back lengthens it no more."""
        record = self._read()
        if record.wrong < _FREE:
            return 0.0
        now = self._now()
        if now < record.last:
            self._write(_Record(record.wrong, now))
            return _delay(record.wrong)
        return max(0.0, record.last + _delay(record.wrong) - now)

    def begin(self) -> None:
        """Count a try as wrong until ``succeeded``; raises OSError, and then nothing is tried."""
        self._write(_Record(self._read().wrong + 1, self._now()))

    def succeeded(self) -> None:
        """Forgive all; raises OSError."""
        if self._read().wrong:
            self._write(_Record())

    def _read(self) -> _Record:
        try:
            tree = json.loads(self._file.read_text(encoding="utf-8"))
            return _Record(max(0, int(tree["wrong"])), float(tree["last"]))
        except FileNotFoundError:
            return _Record()
        except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError):
            return _Record(_FREE, 0.0)  # not readable: no more free tries

    def _write(self, record: _Record) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        told = {"wrong": record.wrong, "last": record.last}
        replace_durably(self._file, json.dumps(told).encode())


def _delay(wrong: int) -> float:
    """15 s after the fifth wrong try, doubled by each further one, an hour at most."""
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(wrong - _FREE, 20))
