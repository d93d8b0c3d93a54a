"""The reader's desk: the worklist, what is here of each case, claims and downloads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from psygnal import Signal

from reporting.model.report import Reader
from workstation.errors import Cancelled, ClaimLost, SignInNeeded
from workstation.logs import Log
from workstation.model.case import Case, CaseId, CaseState
from workstation.model.delivery import EntryState
from workstation.model.left_out import LeftOut
from workstation.model.worklist import given_back, may_claim, may_open
from workstation.platform.client import PlatformClient, WorklistPage
from workstation.session.lanes import CancelToken, Lane, Lanes
from workstation.session.levels import Level
from workstation.session.sentences import sentence_for
from workstation.store.cases import CaseStore, Readiness
from workstation.store.drafts import DraftStore
from workstation.sync.download import Download, DownloadProgress


class Clock(Protocol):
    """Gives now, with offset."""

    def __call__(self) -> datetime:
        """Now."""
        ...


@dataclass(frozen=True, slots=True)
class OnHand:
    """What is here of a case: its own study and its priors together."""

    held: int
    expected: int

    @property
    def complete(self) -> bool:
        """Whether every expected instance is here."""
        return self.expected > 0 and self.held >= self.expected


class Desk:
    """Knows all cases of the reader; every change goes through here and is told by ``changed``."""

    changed = Signal()
    notice = Signal(Level, str)
    arrived = Signal(str)
    """More instances of this case are in the store."""
    session_ended = Signal(str)
    """Once: the desk asks the platform nothing more after that."""
    saved_again = Signal(object)
    """Ids of the cases of which something was in memory only and is stored now."""

    def __init__(
        self,
        *,
        lanes: Lanes,
        platform: PlatformClient,
        store: CaseStore,
        drafts: DraftStore,
        download: Download,
        clock: Clock,
        owner: str = "",
    ) -> None:
        """Start empty; ``start`` fills from the store, then from the platform.

        ``owner``: who is signed in; of the remembered worklist only that reader's cases are shown.
        """
        self._owner = owner
        self._lanes = lanes
        self._platform = platform
        self._store = store
        self._drafts = drafts
        self._download = download
        self._clock = clock
        self._log = Log("desk")
        self.reader: Reader | None = None
        self.cases: tuple[Case, ...] = ()
        self.with_draft: frozenset[str] = frozenset()
        self.online = False
        self.fetched_at: datetime | None = None
        self.clock_offset = timedelta(0)
        self.progress: dict[CaseId, DownloadProgress] = {}
        self.deliveries: Mapping[str, EntryState] = {}
        self.left_out: dict[CaseId, tuple[LeftOut, ...]] = {}
        """What the newest download of a case did not take."""
        self._on_hand: dict[CaseId, tuple[Readiness, ...]] = {}
        self._running: dict[CaseId, CancelToken] = {}
        self._wanted_again: set[CaseId] = set()
        self._changing: set[CaseId] = set()
        self._changes = 0
        self._refreshing = False
        self._ended = False
        self._told_offline = ""

    def start(self) -> None:
        """Show what was remembered, then ask the platform."""
        self._lanes.run(
            lambda _: (self._store.remembered(), self._drafts.cases_with_drafts()),
            self._remembered,
            self._store_failed,
            lane=Lane.STORE,
        )
        self.refresh()

    def case(self, wanted: CaseId) -> Case | None:
        """The case of that id, if it is on the worklist."""
        return next((c for c in self.cases if c.id == wanted), None)

    def on_hand(self, case: Case) -> OnHand:
        """Instances here and expected, current study and priors; no study stands in for another."""
        studies = (case.study, *case.priors)
        known = self._on_hand.get(case.id, ())
        held = expected = 0
        for number, study in enumerate(studies):
            here = known[number] if number < len(known) else Readiness(0, 0)
            wanted = max(study.instances, here.expected)
            held += min(here.held, wanted)
            expected += wanted
        return OnHand(held, expected)

    def refresh(self) -> None:
        """Fetch the worklist once; a fetch already under way serves this call too."""
        self._save_again()
        if self._refreshing or self._ended:
            return
        self._refreshing = True
        before = self._changes
        self._lanes.run(
            lambda _: (self._platform.reader(), self._platform.assigned_cases()),
            lambda answer: self._fetched(answer, before),
            self._fetch_failed,
            lane=Lane.NET,
        )

    def claim(self, case: Case, then: Callable[[Case], None]) -> None:
        """Claim a requested case; ``then`` gets it with its new version."""
        if may_claim(case):
            self._change(case, lambda: self._platform.claim(case), then)
        else:
            self.notice.emit(Level.WARNING, _not_now(case, "claimed"))

    def begin(self, case: Case, then: Callable[[Case], None]) -> None:
        """Claim if needed and start reading: the case becomes in-progress, then ``then``."""

        def act() -> Case:
            current = case
            if current.state is CaseState.REQUESTED:
                current = self._platform.claim(current)
            if current.state in (CaseState.ACCEPTED, CaseState.ON_HOLD):
                current = self._platform.set_state(current, CaseState.IN_PROGRESS)
            return current

        if may_open(case):
            self._change(case, act, then)
        else:
            self.notice.emit(Level.WARNING, _not_now(case, "opened"))

    def decline(self, case: Case, reason: str) -> None:
        """Give a case back: rejected when only requested, else released."""
        target = given_back(case)
        if target is None:
            self.notice.emit(Level.WARNING, _not_now(case, "given back"))
            return
        self._change(
            case,
            lambda: self._platform.set_state(case, target, reason=reason),
            lambda _case: self.notice.emit(Level.INFO, f"Case {case.number} was given back."),
        )

    def fetch(self, case: Case) -> None:
        """Download what is missing of a case; does nothing while that already runs.

        A download that was stopped and is not yet at its end is followed by a new one.
        """
        running = self._running.get(case.id)
        if running is not None and running.cancelled():
            self._wanted_again.add(case.id)
        if running is not None or self.on_hand(case).complete:
            return
        stopping = next((b.why for b in case.blocks if b.stops_download), "")
        if stopping:
            self.notice.emit(Level.WARNING, stopping)
            return

        stop = self._running[case.id] = CancelToken()

        def work(token: CancelToken) -> tuple[LeftOut, ...]:
            def told(progress: DownloadProgress) -> None:
                self._lanes.post(lambda: self._progressed(case.id, progress, token))

            return self._download.run(case, told, lambda: stop.cancelled() or token.cancelled())

        self.changed.emit()
        self._lanes.run(
            work,
            lambda problems: self._downloaded(case, problems),
            lambda error: self._download_failed(case, error),
            lane=Lane.DOWNLOAD,
        )

    def stop_fetching(self, case: Case) -> None:
        """Cancel the download of a case; what arrived stays and is not fetched again."""
        stop = self._running.get(case.id)
        self._wanted_again.discard(case.id)
        if stop is not None and not stop.cancelled():
            stop.cancel()
            self.notice.emit(Level.INFO, f"Download of case {case.number} was stopped.")

    def is_fetching(self, case: Case) -> bool:
        """Whether a download of this case runs."""
        return case.id in self._running

    def drafts_changed(self) -> None:
        """Look again which cases have a draft."""
        self._lanes.run(
            lambda _: self._drafts.cases_with_drafts(),
            self._with_drafts,
            self._store_failed,
            lane=Lane.STORE,
        )

    def recount(self) -> None:
        """Look again what is here of each case: something was removed."""
        self._count(self.cases)

    def replace(self, case: Case) -> None:
        """Take in a case that changed on the platform."""
        self.cases = tuple(case if c.id == case.id else c for c in self.cases)
        self._remember(self.cases)
        self.changed.emit()

    def show_deliveries(self, states: Mapping[str, EntryState]) -> None:
        """Know how the signed reports stand that the platform does not have yet."""
        if states != self.deliveries:
            self.deliveries = dict(states)
            self.changed.emit()

    def _remember(self, cases: tuple[Case, ...]) -> None:
        self._lanes.run(
            lambda _: self._store.remember(cases),
            lambda _: None,
            self._store_failed,
            lane=Lane.STORE,
        )

    def _remembered(self, found: tuple[tuple[Case, ...], frozenset[str]]) -> None:
        cases, drafts = found
        self.with_draft = drafts
        if not self.cases and not self.online:
            self.cases = tuple(c for c in cases if not self._owner or c.owner in ("", self._owner))
            self._count(self.cases)
        self.changed.emit()

    def _with_drafts(self, drafts: frozenset[str]) -> None:
        self.with_draft = drafts
        self.changed.emit()

    def _save_again(self) -> None:
        if self._drafts.unsaved():
            self._lanes.run(
                lambda _: self._drafts.retry(),
                self._saved_again,
                self._store_failed,
                lane=Lane.STORE,
            )

    def _saved_again(self, cases: frozenset[str]) -> None:
        if cases:
            self.notice.emit(Level.INFO, "What could not be saved before is saved now.")
            self.saved_again.emit(cases)

    def _fetched(self, answer: tuple[Reader, WorklistPage], changes: int) -> None:
        self._refreshing = False
        if changes != self._changes:  # the answer may be older than a change of ours
            self.refresh()
            return
        self.reader, page = answer
        self.online = True
        self._told_offline = ""
        self.fetched_at = self._clock()
        self.clock_offset = page.clock_offset
        fresh = page.cases
        changed = fresh != self.cases
        self.cases = fresh
        for problem in page.problems:
            self.notice.emit(Level.WARNING, problem)
        for case in page.left:
            self.notice.emit(Level.WARNING, _gone(case))
        if changed:
            self._remember(fresh)
        self._count(fresh)

    def _fetch_failed(self, error: Exception) -> None:
        """Say once why there is no worklist, and again when the reason is another."""
        self._refreshing = False
        self.online = False
        words = sentence_for(error)
        if isinstance(error, SignInNeeded):
            self.end_session(words)
        elif words != self._told_offline and not self._ended:
            self._told_offline = words
            self.notice.emit(Level.WARNING, words)
        self.changed.emit()

    def end_session(self, why: str) -> None:
        """The platform wants a sign-in: ask it nothing more, and say so once."""
        if not self._ended:
            self.stop()
            self.session_ended.emit(why)

    def stop(self) -> None:
        """Ask the platform nothing more and stop the downloads: the reader has left."""
        self._ended = True
        self._wanted_again.clear()
        for running in self._running.values():
            running.cancel()

    def _change(self, case: Case, act: Callable[[], Case], then: Callable[[Case], None]) -> None:
        if case.id in self._changing:
            self.notice.emit(
                Level.INFO, f"Case {case.number} is being changed on the platform; one moment."
            )
            return
        self._changing.add(case.id)

        def done(changed: Case) -> None:
            self._changing.discard(case.id)
            self._changes += 1
            self.replace(changed)
            then(changed)

        def failed(error: Exception) -> None:
            self._changing.discard(case.id)
            self._changes += 1
            if isinstance(error, SignInNeeded):
                self.end_session(str(error))
                return
            words = sentence_for(error)
            named = words if case.number in words else f"Case {case.number}: {words}"
            self.notice.emit(Level.ERROR, named)
            if isinstance(error, ClaimLost):
                self.refresh()

        self._lanes.run(lambda _: act(), done, failed, lane=Lane.NET)

    def _count(self, cases: tuple[Case, ...]) -> None:
        def work(_: CancelToken) -> dict[CaseId, tuple[Readiness, ...]]:
            return {
                case.id: tuple(
                    self._store.readiness(s.identity.uid) for s in (case.study, *case.priors)
                )
                for case in cases
            }

        self._lanes.run(work, self._counted, self._store_failed, lane=Lane.STORE)

    def _counted(self, found: dict[CaseId, tuple[Readiness, ...]]) -> None:
        self._on_hand.update(found)
        self.changed.emit()

    def _progressed(self, case: CaseId, progress: DownloadProgress, token: CancelToken) -> None:
        if case in self._running and not token.cancelled():
            self.progress[case] = progress
            self.arrived.emit(case)
            self.changed.emit()

    def _downloaded(self, case: Case, problems: tuple[LeftOut, ...]) -> None:
        self.left_out[case.id] = problems
        self._finished(case)
        if problems:
            more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
            words = f"Case {case.number}: {problems[0].sentence}{more}"
            self.notice.emit(Level.WARNING, words)
        self.arrived.emit(case.id)

    def _download_failed(self, case: Case, error: Exception) -> None:
        self._finished(case)
        if isinstance(error, SignInNeeded):
            self.end_session(str(error))
        if not isinstance(error, Cancelled) and not self._ended:
            why = f"{sentence_for(error)} What arrived is kept; open the case again to go on."
            self.notice.emit(Level.ERROR, f"Download of case {case.number} stopped: {why}")
            about = case.study.identity
            stopped = LeftOut(f"Study {about.description}", f"Not fetched: {why}", study=about.uid)
            self.left_out[case.id] = (stopped,)
            self.arrived.emit(case.id)
        if case.id in self._wanted_again:
            self._wanted_again.discard(case.id)
            self.fetch(case)

    def _finished(self, case: Case) -> None:
        self._running.pop(case.id, None)
        self.progress.pop(case.id, None)
        self._count((case,))

    def _store_failed(self, error: Exception) -> None:
        self._log.error("store", error)
        self.notice.emit(Level.ERROR, sentence_for(error))


def _not_now(case: Case, what: str) -> str:
    why = next((b.why for b in case.blocks if b.stops_download), f"it is {case.state.value}.")
    return f"Case {case.number} cannot be {what}: {why}"


def _gone(case: Case) -> str:
    if case.state is CaseState.CANCELLED:
        return f"Case {case.number} was cancelled on the platform."
    return f"Case {case.number} is not yours any more; it is {case.state.value} on the platform."
