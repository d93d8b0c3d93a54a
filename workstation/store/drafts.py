"""Append-only revisions of drafts, annotations and key marks: newest wins, older ones stay."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from reporting.model.report import ReportDraft
from viewer.model.annotation import Annotation
from viewer.model.key_mark import KeyMark
from workstation.errors import StoreDamaged, StoreError
from workstation.store.codec import CodecError, decode, encode
from workstation.store.database import Database

T = TypeVar("T")
_TABLES = ("annotations", "key_marks")
_NEWEST = {
    table: f"SELECT body FROM {table} WHERE reading = ? ORDER BY number DESC LIMIT 1"  # noqa: S608
    for table in _TABLES
}
_APPEND = {
    table: f"INSERT INTO {table} (reading, body) VALUES (?, ?)"  # noqa: S608 - constants
    for table in _TABLES
}


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What the store refused and is in memory only, by case."""

    drafts: Mapping[str, ReportDraft] = field(default_factory=dict)
    annotations: Mapping[str, tuple[Annotation, ...]] = field(default_factory=dict)
    key_marks: Mapping[str, tuple[KeyMark, ...]] = field(default_factory=dict)

    @property
    def cases(self) -> frozenset[str]:
        """The cases that it is of."""
        return frozenset(self.drafts) | self.annotations.keys() | self.key_marks.keys()


class DraftStore:
    """Every ``save`` returns after the commit is on disk.

    What a save could not bring there is kept in memory, given back as the newest, and written by
    the next save of that case or by ``retry``.
    """

    def __init__(self, database: Database, unsaved: Unsaved | None = None) -> None:
        """Use an open database; ``unsaved`` is what an earlier DraftStore could not write."""
        self._database = database
        before = unsaved or Unsaved()
        self._unsaved = dict(before.drafts)
        self._unsaved_annotations = dict(before.annotations)
        self._unsaved_marks = dict(before.key_marks)

    def save(self, draft: ReportDraft) -> None:
        """Append one revision; saving the very same text twice keeps one row."""
        try:
            self._append(draft)
        except StoreError:
            self._unsaved[draft.case] = draft
            raise
        self._unsaved.pop(draft.case, None)

    def newest(self, case: str) -> ReportDraft | None:
        """The newest revision of a case's draft; raises StoreDamaged when it cannot be read."""
        if case in self._unsaved:
            return self._unsaved[case]
        found = self._bodies(case, "ORDER BY number DESC LIMIT 1")
        return _read(ReportDraft, found[0]) if found else None

    def revisions(self, case: str) -> tuple[ReportDraft, ...]:
        """All stored revisions of a case's drafts, oldest first."""
        return tuple(_read(ReportDraft, body) for body in self._bodies(case, "ORDER BY number"))

    def cases_with_drafts(self) -> frozenset[str]:
        """Cases whose draft was edited (revision above 1) and not yet signed."""
        rows = self._database.read(
            "SELECT DISTINCT reading FROM draft WHERE revision > 1 "
            "AND reading NOT IN (SELECT s.reading FROM signed s JOIN outbox o "
            "ON s.report = o.report AND s.version = o.version WHERE o.state <> 'returned')"
        )
        return frozenset(str(row[0]) for row in rows) | self._unsaved.keys()

    def save_annotations(self, case: str, annotations: tuple[Annotation, ...]) -> None:
        """Keep the annotations of a case as they are now; what did not change is not repeated."""
        try:
            self._append_body("annotations", case, encode(annotations))
        except StoreError:
            self._unsaved_annotations[case] = annotations
            raise
        self._unsaved_annotations.pop(case, None)

    def annotations(self, case: str) -> tuple[Annotation, ...]:
        """The annotations of a case as last kept; raises StoreDamaged."""
        if case in self._unsaved_annotations:
            return self._unsaved_annotations[case]
        body = self._newest_body("annotations", case)
        return _read(tuple[Annotation, ...], body) if body else ()

    def save_key_marks(self, case: str, marks: tuple[KeyMark, ...]) -> None:
        """Keep the key images of a case as they are marked now."""
        try:
            self._append_body("key_marks", case, encode(marks))
        except StoreError:
            self._unsaved_marks[case] = marks
            raise
        self._unsaved_marks.pop(case, None)

    def key_marks(self, case: str) -> tuple[KeyMark, ...]:
        """The key images of a case as last kept; raises StoreDamaged."""
        if case in self._unsaved_marks:
            return self._unsaved_marks[case]
        body = self._newest_body("key_marks", case)
        return _read(tuple[KeyMark, ...], body) if body else ()

    def unsaved(self) -> frozenset[str]:
        """Cases of which something is in memory only, since the store refused it."""
        return self.in_memory().cases

    def in_memory(self) -> Unsaved:
        """Give what is in memory only, to hand it on to another DraftStore."""
        return Unsaved(
            dict(self._unsaved), dict(self._unsaved_annotations), dict(self._unsaved_marks)
        )

    def retry(self) -> frozenset[str]:
        """Try once more to write what is in memory only; gives the cases that it was of."""
        waiting = self.unsaved()
        for draft in tuple(self._unsaved.values()):
            self.save(draft)
        for case, annotations in tuple(self._unsaved_annotations.items()):
            self.save_annotations(case, annotations)
        for case, marks in tuple(self._unsaved_marks.items()):
            self.save_key_marks(case, marks)
        return waiting

    def _append(self, draft: ReportDraft) -> None:
        body = encode(draft)
        with self._database.transaction() as change:
            newest = change.read(
                "SELECT body FROM draft WHERE reading = ? ORDER BY number DESC LIMIT 1",
                (draft.case,),
            )
            if newest and newest[0][0] == body:
                return
            change.write(
                "INSERT INTO draft (report, revision, reading, body) VALUES (?, ?, ?, ?)",
                (draft.id, draft.revision, draft.case, body),
            )

    def _append_body(self, table: str, case: str, body: str) -> None:
        with self._database.transaction() as change:
            newest = change.read(_NEWEST[table], (case,))
            if body == (newest[0][0] if newest else "[]"):
                return
            change.write(_APPEND[table], (case, body))

    def _newest_body(self, table: str, case: str) -> str:
        rows = self._database.read(_NEWEST[table], (case,))
        return str(rows[0][0]) if rows else ""

    def _bodies(self, case: str, order: str) -> list[str]:
        rows = self._database.read(
            f"SELECT body FROM draft WHERE reading = ? {order}",  # noqa: S608 - constants
            (case,),
        )
        return [str(row[0]) for row in rows]


def _read(kind: type[T], body: str) -> T:
    try:
        return decode(kind, body)
    except CodecError as error:
        raise StoreDamaged(
            "What this computer keeps of the case was written by another Lightbox and cannot be "
            "read by this one; it is kept as it is."
        ) from error
