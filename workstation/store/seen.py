"""Which frames a reader has seen of a case: one small row an object, its frames as ranges."""

import re
from collections.abc import Iterable, Sequence

from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid
from workstation.errors import StoreDamaged
from workstation.store.database import Database, Transaction

_RUN = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)
_MOST = 1_000_000
"""No object has so many frames."""


class SeenStore:
    """The record of one reader, case by case; ``add`` returns after the commit is on disk."""

    def __init__(self, database: Database, *, reader: str) -> None:
        """Use an open database; ``reader`` is the PractitionerRole/<id> whose record it is."""
        self._database = database
        self._reader = reader

    def of(self, case: str) -> frozenset[FrameRef]:
        """Every frame that the reader has seen of a case; StoreDamaged when a row is not sound."""
        rows = self._database.read(
            "SELECT s.study, s.series, o.sop, o.frames FROM seen_series s "
            "JOIN seen_object o ON o.place = s.place WHERE s.reader = ? AND s.reading = ?",
            (self._reader, case),
        )
        return frozenset(
            FrameRef(StudyUid(str(study)), SeriesUid(str(series)), SopUid(str(sop)), frame)
            for study, series, sop, ranges in rows
            for frame in _numbers(str(ranges))
        )

    def add(self, case: str, frames: Iterable[FrameRef]) -> None:
        """Record frames as seen, together with those recorded earlier."""
        objects: dict[FrameRef, set[int]] = {}
        for ref in frames:
            whole = FrameRef(ref.study, ref.series, ref.sop)
            objects.setdefault(whole, set()).add(ref.frame)
        if not objects:
            return
        with self._database.transaction() as change:
            for ref, numbers in objects.items():
                self._add(change, case, ref, numbers)

    def _add(self, change: Transaction, case: str, ref: FrameRef, numbers: set[int]) -> None:
        key = (self._reader, case, ref.study, ref.series)
        change.write(
            "INSERT OR IGNORE INTO seen_series (reader, reading, study, series) "
            "VALUES (?, ?, ?, ?)",
            key,
        )
        found = change.read(
            "SELECT place FROM seen_series "
            "WHERE reader = ? AND reading = ? AND study = ? AND series = ?",
            key,
        )
        place = int(str(found[0][0]))
        before = change.read(
            "SELECT frames FROM seen_object WHERE place = ? AND sop = ?", (place, ref.sop)
        )
        known = set(_numbers(str(before[0][0]))) if before else set()
        change.write(
            "INSERT OR REPLACE INTO seen_object (place, sop, frames) VALUES (?, ?, ?)",
            (place, ref.sop, _ranges(sorted(known | numbers))),
        )


def _ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers as '0-119,130'."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def _numbers(ranges: str) -> list[int]:
    found: list[int] = []
    for part in ranges.split(","):
        run = _RUN.fullmatch(part)
        first, last = (int(run[1]), int(run[2] or run[1])) if run else (0, -1)
        if not 0 <= first <= last <= _MOST:
            raise StoreDamaged("The record of what was seen cannot be read.")
        found.extend(range(first, last + 1))
    return found
