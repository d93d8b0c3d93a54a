"""Keeps the store within its limits while the reader works, and says what it removed and why."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from psygnal import Signal

from workstation.logs import Log
from workstation.model.case import Case
from workstation.session.lanes import Lane, Lanes
from workstation.session.levels import Level
from workstation.session.sentences import sentence_for
from workstation.store.drafts import DraftStore
from workstation.store.retention import Outcome, Policy, Retention, Why

_GB = 1_000_000_000


class Worklist(Protocol):
    """What of the desk is asked."""

    cases: tuple[Case, ...]

    def is_fetching(self, case: Case) -> bool:
        """Whether a download of this case runs."""
        ...

    def recount(self) -> None:
        """Look again what is here of each case."""
        ...


class Keeping:
    """Purges now and then on the store's lane; ``tidy`` is cheap when there is nothing to do."""

    notice = Signal(Level, str)

    def __init__(
        self,
        *,
        lanes: Lanes,
        retention: Retention,
        policy: Policy,
        desk: Worklist,
        drafts: DraftStore,
        clock: Callable[[], datetime],
    ) -> None:
        """``clock`` gives now with offset."""
        self._lanes = lanes
        self._retention = retention
        self._policy = policy
        self._desk = desk
        self._drafts = drafts
        self._clock = clock
        self._log = Log("keeping")
        self._told_over = False
        self._told_withheld: frozenset[str] = frozenset()
        self._running = False

    def used(self, case: Case) -> None:
        """A case is opened: its studies count as used now."""
        now = self._clock()
        self._lanes.run(
            lambda _: self._retention.used(case, now),
            lambda _: None,
            lambda error: self._log.error("used", error),
            lane=Lane.STORE,
        )

    def tidy(self, in_use: Iterable[Case] = ()) -> None:
        """Remove what is revoked, expired or too much. ``in_use``: the open case."""
        if self._running:
            return
        self._running = True
        cases, now, unsaved = self._desk.cases, self._clock(), self._drafts.unsaved()
        busy = [*in_use, *(case for case in cases if self._desk.is_fetching(case))]
        studies = frozenset(u for case in busy for u in _studies(case))
        self._lanes.run(
            lambda _: self._retention.purge(
                self._policy, now, cases, in_use=studies, unsaved=unsaved
            ),
            self._tidied,
            self._failed,
            lane=Lane.STORE,
        )

    def forget(self, case: Case) -> None:
        """Remove the images of a case from this computer at the reader's word."""
        cases, unsaved = self._desk.cases, self._drafts.unsaved()
        if self._desk.is_fetching(case):
            words = f"Case {case.number} is being fetched; stop that first."
            self.notice.emit(Level.WARNING, words)
            return
        self._lanes.run(
            lambda _: self._retention.forget(case, cases, unsaved),
            lambda outcome: self._forgotten(case, outcome),
            self._failed,
            lane=Lane.STORE,
        )

    def _tidied(self, outcome: Outcome) -> None:
        self._running = False
        if outcome.purged:
            self.notice.emit(Level.INFO, _removed(outcome))
            self._desk.recount()
        withheld = frozenset(outcome.withheld)
        if withheld - self._told_withheld:
            words = f"Images of {_studies_of(len(withheld))} were to be removed and stay"
            self.notice.emit(Level.WARNING, f"{words}: work on them is not sent yet.")
        self._told_withheld = withheld
        if outcome.over and not self._told_over:
            self.notice.emit(
                Level.WARNING,
                f"The images take {outcome.over / _GB:.1f} GB more than they may; what is left is "
                "in use or belongs to work that is not sent yet.",
            )
        self._told_over = outcome.over > 0

    def _forgotten(self, case: Case, outcome: Outcome) -> None:
        if outcome.withheld:
            words = "stay: work on it is not sent yet"
        elif outcome.purged:
            words = "are removed from this computer; its text stays"
            self._desk.recount()
        else:
            words = "are not on this computer, or another case needs them"
        level = Level.WARNING if outcome.withheld else Level.INFO
        self.notice.emit(level, f"The images of case {case.number} {words}.")

    def _failed(self, error: Exception) -> None:
        self._running = False
        self._log.error("purge", error)
        self.notice.emit(Level.WARNING, sentence_for(error))


_WORDS = {
    Why.REVOKED: "which the platform does not allow any more",
    Why.EXPIRED: "which nobody opened for long",
    Why.NO_ROOM: "to make room",
}


def _removed(outcome: Outcome) -> str:
    """One sentence: how many, how much, and why each."""
    size = sum(purged.size for purged in outcome.purged) / _GB
    counts = {why: sum(p.why is why for p in outcome.purged) for why in _WORDS}
    parts = [f"{number} {_WORDS[why]}" for why, number in counts.items() if number]
    whole = _studies_of(len(outcome.purged))
    return f"Removed from this computer: images of {whole} ({size:.1f} GB), {', '.join(parts)}."


def _studies_of(number: int) -> str:
    return "1 study" if number == 1 else f"{number} studies"


def _studies(case: Case) -> Sequence[str]:
    return (case.study.identity.uid, *(prior.identity.uid for prior in case.priors))
