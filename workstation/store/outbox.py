"""Signed reports on their way: none leaves before a receipt proves that it arrived (R11-R13)."""

import hashlib
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from reporting.model.signed import SignedReport
from workstation.errors import StoreDamaged, StoreError
from workstation.model.case import Case
from workstation.model.delivery import EntryState, Failure, Receipt
from workstation.store.codec import CodecError, decode, encode
from workstation.store.database import Database, Row

_NAMESPACE = uuid.UUID("5d7c7f0e-6a0f-5f6e-9d55-3a6f3a1f4e6b")
_LONGEST_WAIT_S = 300.0
_MOVING = (EntryState.QUEUED, EntryState.SENDING, EntryState.SENT)
_DAMAGED = (
    "A signed report in this computer's store is damaged; it was not sent and is kept as it is."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One report to send: ``key`` goes with every attempt, so that it is taken only once."""

    key: str
    case: Case
    report: SignedReport
    attempts: int
    ask_first: bool
    odd: int = 0
    """Answers in a row, up to now, that could not be understood."""
    second_opinion: bool = False
    """The reader's word after a conflict: it changes nothing of the case."""

    @property
    def sent_key(self) -> str:
        """The Idempotency-Key: another one for a second opinion, which is another request."""
        if not self.second_opinion:
            return self.key
        return str(uuid.uuid5(uuid.UUID(self.key), "second opinion"))


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """How an entry stands."""

    key: str
    case: str
    state: EntryState
    attempts: int
    why: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """What the window shows of a signed report that has no verified receipt."""

    key: str
    case: Case
    report: str
    """Its identifier on the platform."""
    state: EntryState
    why: str
    may_have_arrived: bool
    """An answer was lost: the platform must be asked before it is taken back."""


class Outbox:
    """Rows of the store's database; every call is one transaction.

    It shows and sends the reports on ``reader``'s cases; those of others wait for their reader.
    """

    def __init__(
        self,
        database: Database,
        *,
        jitter: Callable[[], float] = random.random,
        reader: str = "",
    ) -> None:
        """Take up what an earlier run left in the middle of sending: it will be asked about.

        ``reader``: PractitionerRole/<id> of who is signed in; empty: everybody's reports.
        """
        self._database = database
        self._jitter = jitter
        self._reader = reader
        with database.transaction() as change:
            change.write(
                "UPDATE outbox SET state = ?, ask_first = 1, due = 0 WHERE state = ?",
                (EntryState.QUEUED, EntryState.SENDING),
            )

    def add_signed(self, report: SignedReport, case: Case) -> str:
        """Keep the signed bytes and queue them, both or neither; gives the idempotency key.

        Raises StoreError when this version of the report is signed already: that one stays.
        """
        body = encode(report).encode("utf-8")
        digest = hashlib.sha256(body).hexdigest()
        key = str(uuid.uuid5(_NAMESPACE, f"{report.id}/{report.version}/{digest}"))
        with self._database.transaction() as change:
            if change.read(
                "SELECT 1 FROM signed WHERE report = ? AND version = ?", (report.id, report.version)
            ):
                raise StoreError(
                    "This report is signed already; it is kept here and sent as it is."
                )
            change.write(
                "INSERT INTO signed (report, version, reading, sha256, body) "
                "VALUES (?, ?, ?, ?, ?)",
                (report.id, report.version, case.id, digest, body),
            )
            change.write(
                "INSERT INTO outbox (key, position, report, version, reading, entry, state, "
                "attempts, ask_first, due, why, receipt, owner) VALUES "
                "(?, (SELECT coalesce(max(position), 0) + 1 FROM outbox), ?, ?, ?, ?, ?, "
                "0, 0, 0, '', NULL, ?)",
                (
                    key,
                    report.id,
                    report.version,
                    case.id,
                    encode(case),
                    EntryState.QUEUED,
                    case.owner,
                ),
            )
        return key

    def next(self, now: datetime) -> Entry | None:
        """Take the first entry that is due; it counts as being sent from then on.

        A clock that was set back makes nothing wait longer than the longest wait. Raises
        StoreDamaged, once, for an entry that is not what was signed: it holds up no other.
        """
        with self._database.transaction() as change:
            rows = change.read(
                "SELECT o.key, o.entry, s.body, o.attempts, o.ask_first, o.odd, s.sha256, "
                "o.opinion "
                "FROM outbox o "
                "JOIN signed s ON s.report = o.report AND s.version = o.version "
                "WHERE o.state IN (?, ?) AND (o.due <= ? OR o.due > ?) "
                "AND (? = '' OR o.owner IN ('', ?)) "
                # what follows on a report of the same case follows it on the wire as well
                "AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.reading = o.reading "
                "AND e.position < o.position AND e.state IN (?, ?, ?)) "
                "ORDER BY o.position LIMIT 1",
                (
                    EntryState.QUEUED,
                    EntryState.SENT,
                    now.timestamp(),
                    now.timestamp() + _LONGEST_WAIT_S,
                    self._reader,
                    self._reader,
                    *_MOVING,
                ),
            )
            if not rows:
                return None
            entry = _entry(rows[0])
            change.write(
                "UPDATE outbox SET state = ?, attempts = attempts + 1, why = coalesce(?, why) "
                "WHERE key = ?",
                (
                    EntryState.SENDING if entry else EntryState.REFUSED,
                    None if entry else _DAMAGED,
                    str(rows[0][0]),
                ),
            )
        if entry is None:
            raise StoreDamaged(_DAMAGED)
        return entry

    def settle(self, key: str, outcome: Receipt | Failure, now: datetime) -> None:
        """Record how an attempt ended; only a verified receipt closes the entry, and for good.

        Raises StoreError when there is no such entry.
        """
        with self._database.transaction() as change:
            rows = change.read("SELECT attempts FROM outbox WHERE key = ?", (key,))
            if not rows:
                raise StoreError("An answer came for a report that is not in the outbox.")
            attempts = int(str(rows[0][0]))
            if isinstance(outcome, Receipt):
                state = EntryState.VERIFIED if outcome.verified else EntryState.SENT
                why, receipt, ask = "", encode(outcome), 1
            else:
                state, why, receipt = outcome.state, outcome.why, None
                ask = int(outcome.may_have_arrived)
            asked = outcome.wait_s if isinstance(outcome, Failure) else 0.0
            wait = max(self._wait(attempts), min(asked, _LONGEST_WAIT_S))
            due = now + timedelta(seconds=wait)
            change.write(
                "UPDATE outbox SET state = ?, why = ?, due = ?, "
                "ask_first = max(ask_first, ?), receipt = coalesce(?, receipt), "
                "odd = CASE WHEN ? THEN odd + 1 ELSE 0 END "
                "WHERE key = ? AND state NOT IN (?, ?)",
                (
                    state,
                    why,
                    due.timestamp(),
                    ask,
                    receipt,
                    isinstance(outcome, Failure) and outcome.odd,
                    key,
                    EntryState.VERIFIED,
                    EntryState.RETURNED,
                ),
            )

    def hurry(self) -> None:
        """Make everything that waits due now: after a sign-in, or when the network is back."""
        with self._database.transaction() as change:
            change.write(
                "UPDATE outbox SET due = 0 WHERE state IN (?, ?)",
                (EntryState.QUEUED, EntryState.SENT),
            )

    def retry(self, key: str = "") -> None:
        """Queue again what was refused or is in conflict; the platform is asked about it first.

        ``key``: that entry alone.
        """
        with self._database.transaction() as change:
            change.write(
                "UPDATE outbox SET state = ?, ask_first = 1, due = 0, odd = 0 "
                "WHERE state IN (?, ?) AND ? IN ('', key) AND (? = '' OR owner IN ('', ?))",
                (
                    EntryState.QUEUED,
                    EntryState.REFUSED,
                    EntryState.CONFLICT,
                    key,
                    self._reader,
                    self._reader,
                ),
            )

    def send_as_second_opinion(self, key: str) -> None:
        """Queue a report in conflict as a second opinion; the platform is asked about it first.

        Raises StoreError unless it is in conflict.
        """
        with self._database.transaction() as change:
            changed = change.write(
                "UPDATE outbox SET state = ?, opinion = 1, ask_first = 1, due = 0, odd = 0 "
                "WHERE key = ? AND state = ?",
                (EntryState.QUEUED, key, EntryState.CONFLICT),
            )
            if not changed:
                raise StoreError(
                    "Only a report whose case has changed on the platform can be sent as a "
                    "second opinion."
                )

    def return_to_draft(self, key: str) -> None:
        """Take a report out of the sending for good; its signed bytes stay.

        Raises StoreError unless it was refused or is in conflict.
        """
        with self._database.transaction() as change:
            changed = change.write(
                "UPDATE outbox SET state = ? WHERE key = ? AND state IN (?, ?)",
                (EntryState.RETURNED, key, EntryState.REFUSED, EntryState.CONFLICT),
            )
            if not changed:
                raise StoreError(
                    "Only a report that the platform did not accept can be returned to draft."
                )

    def next_version(self, report: str) -> int:
        """Give the version that the next signature of a report gets, from 1."""
        rows = self._database.read(
            "SELECT coalesce(max(version), 0) + 1 FROM signed WHERE report = ?", (report,)
        )
        return int(str(rows[0][0]))

    def waiting(self) -> int:
        """How many of the reader's reports have no verified receipt and are still to be sent."""
        return self._count_waiting(ours=True)

    def waiting_of_others(self) -> int:
        """How many reports wait here until another reader has signed in."""
        return self._count_waiting(ours=False)

    def unsent(self) -> tuple[Unsent, ...]:
        """All of the reader's reports without a verified receipt, in the order of signing."""
        rows = self._database.read(
            "SELECT key, entry, report, state, why, ask_first FROM outbox "
            "WHERE state NOT IN (?, ?) AND (? = '' OR owner IN ('', ?)) ORDER BY position",
            (EntryState.VERIFIED, EntryState.RETURNED, self._reader, self._reader),
        )
        found: list[Unsent] = []
        for key, entry, report, state, why, ask in rows:
            about = _case(entry)
            if about is not None:
                found.append(
                    Unsent(str(key), about, str(report), EntryState(str(state)), str(why), ask == 1)
                )
        return tuple(found)

    def entries(self) -> tuple[EntrySummary, ...]:
        """All entries in the order in which they were signed."""
        rows = self._database.read(
            "SELECT key, reading, state, attempts, why FROM outbox ORDER BY position"
        )
        return tuple(
            EntrySummary(str(k), str(c), EntryState(str(s)), int(str(a)), str(w))
            for k, c, s, a, w in rows
        )

    def receipt(self, case: str) -> Receipt | None:
        """The newest receipt for a case."""
        rows = self._database.read(
            "SELECT receipt FROM outbox WHERE reading = ? AND receipt IS NOT NULL "
            "AND state <> ? ORDER BY position DESC LIMIT 1",
            (case, EntryState.RETURNED),
        )
        return decode(Receipt, str(rows[0][0])) if rows else None

    def signed(self, case: str) -> SignedReport | None:
        """The newest signed report of a case, unless it was returned to draft.

        Raises StoreDamaged when it is not as it was.
        """
        rows = self._database.read(
            "SELECT s.body, s.sha256 FROM signed s "
            "JOIN outbox o ON s.report = o.report AND s.version = o.version "
            "WHERE s.reading = ? AND o.state <> ? ORDER BY o.position DESC LIMIT 1",
            (case, EntryState.RETURNED),
        )
        if not rows:
            return None
        report = _report(*rows[0])
        if report is None:
            raise StoreDamaged(
                "The signed report of this case is damaged in this computer's store."
            )
        return report

    def _count_waiting(self, *, ours: bool) -> int:
        rows = self._database.read(
            "SELECT count(*) FROM outbox "
            "WHERE state IN (?, ?, ?) AND (? = '' OR owner IN ('', ?)) = ?",
            (
                EntryState.QUEUED,
                EntryState.SENDING,
                EntryState.SENT,
                self._reader,
                self._reader,
                int(ours),
            ),
        )
        return int(str(rows[0][0]))

    def _wait(self, attempts: int) -> float:
        """Seconds until the next attempt: doubling from 1 s to 5 min, with full jitter."""
        return self._jitter() * min(_LONGEST_WAIT_S, 2.0 ** min(attempts - 1, 10))


def _entry(row: Row) -> Entry | None:
    """Build the entry; None when it is not what was stored."""
    key, case, body, attempts, ask_first, odd, digest, opinion = row
    report, about = _report(body, digest), _case(case)
    if report is None or about is None:
        return None
    return Entry(
        str(key), about, report, int(str(attempts)), bool(ask_first), int(str(odd)), opinion == 1
    )


def _case(entry: object) -> Case | None:
    try:
        return decode(Case, str(entry))
    except CodecError:
        return None


def _report(body: object, digest: object) -> SignedReport | None:
    if not isinstance(body, bytes) or hashlib.sha256(body).hexdigest() != digest:
        return None
    try:
        return decode(SignedReport, body.decode("utf-8"))
    except CodecError:
        return None
