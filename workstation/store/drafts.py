"""Append-only revisions of drafts and annotations: newest wins, older ones stay."""

from reporting.model.report import ReportDraft
from viewer.model.annotation import Annotation
from workstation.store.codec import decode, encode
from workstation.store.database import Database


class DraftStore:
    """Every ``save`` returns after the commit is on disk."""

    def __init__(self, database: Database) -> None:
        """Use an open database."""
        self._database = database

    def save(self, draft: ReportDraft) -> None:
        """Append one revision; saving the very same text twice keeps one row."""
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

    def newest(self, case: str) -> ReportDraft | None:
        """The newest revision of a case's draft."""
        found = self._bodies(case, "ORDER BY number DESC LIMIT 1")
        return decode(ReportDraft, found[0]) if found else None

    def revisions(self, case: str) -> tuple[ReportDraft, ...]:
        """All revisions of a case's drafts, oldest first."""
        return tuple(decode(ReportDraft, body) for body in self._bodies(case, "ORDER BY number"))

    def cases_with_drafts(self) -> frozenset[str]:
        """Cases whose draft was edited (revision above 1) and not yet signed."""
        rows = self._database.read(
            "SELECT DISTINCT reading FROM draft WHERE revision > 1 "
            "AND reading NOT IN (SELECT reading FROM signed)"
        )
        return frozenset(str(row[0]) for row in rows)

    def save_annotations(self, case: str, annotations: tuple[Annotation, ...]) -> None:
        """Keep the annotations of a case as they are now; what did not change is not repeated."""
        body = encode(annotations)
        with self._database.transaction() as change:
            newest = change.read(
                "SELECT body FROM annotations WHERE reading = ? ORDER BY number DESC LIMIT 1",
                (case,),
            )
            if not newest and not annotations:
                return
            if newest and newest[0][0] == body:
                return
            change.write("INSERT INTO annotations (reading, body) VALUES (?, ?)", (case, body))

    def annotations(self, case: str) -> tuple[Annotation, ...]:
        """The annotations of a case as last kept."""
        rows = self._database.read(
            "SELECT body FROM annotations WHERE reading = ? ORDER BY number DESC LIMIT 1", (case,)
        )
        if not rows:
            return ()
        found: tuple[Annotation, ...] = decode(tuple[Annotation, ...], str(rows[0][0]))
        return found

    def _bodies(self, case: str, order: str) -> list[str]:
        rows = self._database.read(
            f"SELECT body FROM draft WHERE reading = ? {order}",  # noqa: S608 - constants
            (case,),
        )
        return [str(row[0]) for row in rows]
