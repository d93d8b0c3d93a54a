"""Drains the outbox: the database on its lane, the platform on the network's, one at a time."""

from psygnal import Signal

from workstation.logs import Log
from workstation.model.delivery import EntryState, Failure, Receipt
from workstation.platform.client import PlatformClient
from workstation.session.desk import Clock, Level
from workstation.session.lanes import Lane, Lanes
from workstation.session.sentences import sentence_for
from workstation.store.outbox import Entry, Outbox
from workstation.sync.engine import attempt

_UNPROVED = (
    "The platform took the report but did not yet show that it is what was signed; "
    "it is kept here and asked for again."
)


class Sending:
    """Sends what waits, in order; a report leaves the outbox only on a verified receipt."""

    waiting_changed = Signal(int)
    delivered = Signal(str, object)
    """Case id and verified Receipt: the platform's copy was read back and is equal."""
    stuck = Signal(str, str)
    """Case id and a sentence: the reader must decide."""
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
        self.waiting = 0
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
            lambda _: (self._outbox.next(now), self._outbox.waiting()),
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

    def again(self) -> None:
        """The reader's word: try everything that is not on the platform once more, now."""
        self._lanes.run(
            lambda _: self._outbox.retry(),
            lambda _: self.resume(),
            self._store_failed,
            lane=Lane.STORE,
        )

    def _taken(self, found: tuple[Entry | None, int]) -> None:
        entry, waiting = found
        self._count(waiting)
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

        def settled(waiting: int) -> None:
            self._unsettled = None
            self._busy = False
            self._count(waiting)
            self._tell(entry, outcome)
            if waiting and not self.paused and isinstance(outcome, Receipt):
                self.tick()

        def work(_: object) -> int:
            self._outbox.settle(entry.key, outcome, now)
            return self._outbox.waiting()

        self._lanes.run(work, settled, self._store_failed, lane=Lane.STORE)

    def _tell(self, entry: Entry, outcome: Receipt | Failure) -> None:
        if isinstance(outcome, Receipt):
            if outcome.verified:
                self.delivered.emit(entry.case.id, outcome)
            else:
                self.notice.emit(Level.WARNING, _UNPROVED)
            return
        self._log.warning("not sent", state=outcome.state)
        if outcome.state in (EntryState.CONFLICT, EntryState.REFUSED):
            self.stuck.emit(entry.case.id, outcome.why)
            level = Level.ERROR
        else:
            level = Level.WARNING
        if outcome.needs_sign_in:
            self.paused = True
        self.notice.emit(level, outcome.why)

    def _count(self, waiting: int) -> None:
        self.waiting = waiting
        self.waiting_changed.emit(waiting)

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
