"""Drains the outbox: the database on its lane, the platform on the network's, one at a time."""

from collections.abc import Callable
from dataclasses import dataclass

from psygnal import Signal

from workstation.errors import Refused
from workstation.logs import Log
from workstation.model.delivery import EntryState, Failure, Receipt
from workstation.platform.client import PlatformClient
from workstation.session.desk import Clock
from workstation.session.lanes import Lane, Lanes
from workstation.session.levels import Level
from workstation.session.sentences import sentence_for
from workstation.store.outbox import Entry, Outbox, Unsent
from workstation.sync.engine import attempt

_UNPROVED = (
    "The platform took the report but did not yet show that it is what was signed; "
    "it is kept here and asked for again."
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the outbox holds of the reader's reports, and how many of others'."""

    waiting: int
    of_others: int
    unsent: tuple[Unsent, ...]


class Sending:
    """Sends what waits, in order; a report leaves the outbox only on a verified receipt."""

    delivered = Signal(object, object)
    """Case and verified Receipt: the platform's copy was read back and is equal."""
    standing_changed = Signal()
    """``waiting``, ``of_others`` or ``unsent`` changed."""
    session_ended = Signal(str)
    """The platform asks for a sign-in; nothing is sent before ``resume``."""
    notice = Signal(Level, str)

    def __init__(
        self, *, lanes: Lanes, outbox: Outbox, platform: PlatformClient, clock: Clock
    ) -> None:
        """Nothing is sent before the first ``tick``."""
        self._lanes = lanes
        self._outbox = outbox
        self._platform = platform
        self._clock = clock
        self._log = Log("sending")
        self._busy = False
        self._unsettled: tuple[Entry, Receipt | Failure] | None = None
        self._told: dict[str, str] = {}
        self.waiting = 0
        self.of_others = 0
        self.unsent: dict[str, Unsent] = {}
        """The newest report without a verified receipt of each case, by case id."""
        self.paused = False

    def tick(self) -> None:
        """Send the next due entry, if any; call after adding one and every few seconds."""
        if self._busy or self.paused:
            return
        self._busy = True
        if self._unsettled is not None:
            self._settle(*self._unsettled)
            return
        now = self._clock()
        self._lanes.run(
            lambda _: (self._outbox.next(now), self._standing()),
            self._taken,
            self._store_failed,
            lane=Lane.STORE,
        )

    def resume(self) -> None:
        """Go on after a sign-in."""
        self.paused = False
        self._lanes.run(
            lambda _: self._outbox.hurry(),
            lambda _: self.tick(),
            self._store_failed,
            lane=Lane.STORE,
        )

    def again(self, key: str = "") -> None:
        """The reader's word: try what is not on the platform once more, now; ``key``: that alone.

        What is told once is told again when it fails again.
        """
        self._told.clear()
        self._lanes.run(
            lambda _: self._outbox.retry(key),
            lambda _: self.resume(),
            self._store_failed,
            lane=Lane.STORE,
        )

    def send_as_second_opinion(self, unsent: Unsent) -> None:
        """The reader's word in a conflict: send it so that nothing of the case changes."""
        self._told.clear()

        def queued(_: object) -> None:
            self._log.info("sent as second opinion", key=unsent.key)
            self.resume()

        self._lanes.run(
            lambda _: self._outbox.send_as_second_opinion(unsent.key),
            queued,
            self._store_failed,
            lane=Lane.STORE,
        )

    def return_to_draft(self, unsent: Unsent, then: Callable[[], None]) -> None:
        """The reader's word: never send this report; ``then`` once that is stored.

        Where an answer was lost the platform is asked first: what has arrived is not taken back.
        """
        number = unsent.case.number

        def returned(standing: Standing) -> None:
            self._stand(standing)
            self._log.info("returned to draft", key=unsent.key)
            then()

        def take_back(_: object) -> Standing:
            self._outbox.return_to_draft(unsent.key)
            return self._standing()

        def act() -> None:
            self._lanes.run(take_back, returned, self._store_failed, lane=Lane.STORE)

        def asked(found: Receipt | None) -> None:
            if found is None:
                act()
                return
            self.notice.emit(
                Level.WARNING,
                f"The report of case {number} is on the platform already "
                f"({found.report_reference}); it cannot be returned to draft.",
            )
            self.again(unsent.key)

        def silent(error: Exception) -> None:
            if isinstance(error, Refused):  # the platform has answered: it shows us no such report
                act()
                return
            self.notice.emit(
                Level.ERROR,
                f"The platform must first say whether the report of case {number} arrived: "
                f"{sentence_for(error)} Nothing was changed.",
            )

        if not unsent.may_have_arrived:
            act()
            return
        self._lanes.run(
            lambda _: self._platform.find_report(unsent.report), asked, silent, lane=Lane.NET
        )

    def look(self) -> None:
        """Read anew what waits: after a report was signed."""
        self._lanes.run(
            lambda _: self._standing(), self._stand, self._store_failed, lane=Lane.STORE
        )

    def _taken(self, found: tuple[Entry | None, Standing]) -> None:
        entry, standing = found
        self._stand(standing)
        if entry is None:
            self._busy = False
            return
        self._lanes.run(
            lambda _: attempt(self._platform, entry),
            lambda outcome: self._settle(entry, outcome),
            lambda error: self._settle(entry, _unforeseen(error)),
            lane=Lane.NET,
        )

    def _settle(self, entry: Entry, outcome: Receipt | Failure) -> None:
        """Record the outcome; what the store refuses is recorded by a later tick."""
        now = self._clock()
        self._unsettled = (entry, outcome)

        def settled(standing: Standing) -> None:
            self._unsettled = None
            self._busy = False
            self._stand(standing)
            self._tell(entry, outcome)
            if standing.waiting and not self.paused and isinstance(outcome, Receipt):
                self.tick()

        def work(_: object) -> Standing:
            self._outbox.settle(entry.key, outcome, now)
            return self._standing()

        self._lanes.run(work, settled, self._store_failed, lane=Lane.STORE)

    def _tell(self, entry: Entry, outcome: Receipt | Failure) -> None:
        """Say how an attempt ended; the same words about the same report only once."""
        if isinstance(outcome, Receipt):
            if outcome.verified:
                self._told.pop(entry.key, None)
                self.delivered.emit(entry.case, outcome)
            else:
                self._notice(Level.WARNING, entry, _UNPROVED)
            return
        self._log.warning("not sent", state=outcome.state)
        level = Level.ERROR if outcome.state.is_stuck else Level.WARNING
        self._notice(level, entry, outcome.why)
        if outcome.needs_sign_in:
            self.paused = True
            self.session_ended.emit(outcome.said)

    def _notice(self, level: Level, entry: Entry, why: str) -> None:
        if self._told.get(entry.key) != why:
            self._told[entry.key] = why
            self.notice.emit(level, f"Report of case {entry.case.number}: {why}")

    def _standing(self) -> Standing:
        box = self._outbox
        return Standing(box.waiting(), box.waiting_of_others(), box.unsent())

    def _stand(self, now: Standing) -> None:
        self.waiting, self.of_others = now.waiting, now.of_others
        self.unsent = {entry.case.id: entry for entry in now.unsent}
        self.standing_changed.emit()

    def _store_failed(self, error: Exception) -> None:
        self._busy = False
        self._log.error("outbox", error)
        self.notice.emit(Level.ERROR, sentence_for(error))


def _unforeseen(error: Exception) -> Failure:
    """A fault of ours on the way: the report stays and is tried again, after asking."""
    return Failure(
        EntryState.QUEUED,
        f"Sending failed inside Lightbox ({type(error).__name__}). The signed report is kept here.",
        may_have_arrived=True,
    )
