"""What exists once a reader is signed in: store, desk, pages, sending; built once and wired."""

import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject

from reporting.rules.rule import load_rules as load_presign_rules
from reporting.templates import load_templates
from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.frames import FrameCache
from viewer.loading.outline import load_compiled_walk
from viewer.loading.pages import PdfProcess
from viewer.loading.pool import DecodePool, usual_workers
from viewer.model.split import load_rules as load_split_rules
from viewer.render.compiled import compile_aside, load_loops_of_images, load_loops_of_planes
from workstation.errors import StoreError
from workstation.model.case import Case, CaseId
from workstation.model.left_out import FolderNotes
from workstation.model.worklist import may_open
from workstation.paths import Places
from workstation.qt.application import sentence_for
from workstation.qt.delivery import Deliveries
from workstation.qt.disk_images import DiskImages
from workstation.qt.display_watch import DisplayWatch
from workstation.qt.main_window import MainWindow
from workstation.qt.not_shown import NotShown
from workstation.qt.reading_page import ReadingPage
from workstation.qt.rooms import menus_of, rooms, submenus_of
from workstation.qt.screens import Screens
from workstation.qt.signing import SigningFlow
from workstation.qt.tasks import LaneExecutor, TaskRunner
from workstation.qt.worklist_view import WorklistView
from workstation.session.connection import Connection
from workstation.session.desk import Desk
from workstation.session.keeping import Keeping
from workstation.session.lanes import Lane
from workstation.session.levels import Level
from workstation.session.loading import StudyLoader, identify
from workstation.session.local_store import open_store
from workstation.session.preferences import KeptPreferences
from workstation.session.reading import ReadingSession
from workstation.session.sending import Sending
from workstation.settings import Settings
from workstation.store.drafts import Unsaved
from workstation.store.keys import Keys
from workstation.sync.download import Download

_TIDY_MS = 45_000
"""What the platform revokes is gone within a minute (R7)."""


class Workplace(QObject):
    """One reader's workplace. Opening the store may raise StoreError."""

    def __init__(
        self,
        *,
        window: MainWindow,
        tasks: TaskRunner,
        settings: Settings,
        places: Places,
        resources: Path,
        connection: Connection,
        keys: Keys,
        now: Callable[[], datetime],
        demo: bool,
        unsaved: Unsaved | None = None,
        folder: FolderNotes | None = None,
    ) -> None:
        """Build everything below the window and wire it.

        ``keys``: of the unlocked store. ``unsaved``: what an earlier workplace could not bring to
        the disk. ``folder``: what of the demo's folder is not on the platform.
        """
        super().__init__(window)
        self._window = window
        self._tasks = tasks
        self._now = now
        self._resources = resources
        self._wanted: CaseId | None = None
        self._reopen: CaseId | None = None
        self._listed = 0
        """Images that the platform listed of the open case when they were last fetched."""
        self.connection = connection
        owner = connection.reader.fhir_reference
        kept = self._kept = open_store(places.store, keys, settings, owner=owner, unsaved=unsaved)
        platform = connection.platform
        self.desk = Desk(
            lanes=tasks,
            platform=platform,
            store=kept.cases,
            drafts=kept.drafts,
            download=Download(platform, kept.cases, identify=identify),
            clock=now,
            owner=owner,
        )
        self.sending = Sending(lanes=tasks, outbox=kept.outbox, platform=platform, clock=now)
        self._pool = DecodePool(workers=usual_workers())
        self.keeping = Keeping(
            lanes=tasks,
            retention=kept.retention,
            policy=kept.policy,
            desk=self.desk,
            drafts=kept.drafts,
            clock=now,
        )
        self._cache = FrameCache(
            kept.cases,
            self._pool,
            LaneExecutor(tasks, Lane.DECODE),
            settings.number("cache.frames_mb") * 1_000_000,
            kept.decoded,
        )
        self._pages = PdfProcess()
        self._split_rules = load_split_rules(resources / "splitting.toml")
        self._templates = load_templates(resources / "templates")
        self._rules = load_presign_rules(resources / "rules")
        self._signing = SigningFlow(
            pkcs12=settings.file("signing.pkcs12"),
            certificate=settings.file("signing.certificate"),
            parent=self,
        )
        self.worklist = WorklistView(self.desk, now)
        preferences = KeptPreferences(places.preferences, tasks, self._tell_unkept)
        self.reading = ReadingPage(
            self.desk,
            cache=self._cache,
            render=LaneExecutor(tasks, Lane.RENDER),
            documents=DocumentShelf(kept.cases, LaneExecutor(tasks, Lane.DOCUMENT), self._pages),
            resources=resources,
            templates=self._templates,
            rules=self._rules,
            signing=self._signing,
            author=connection.reader.display,
            now=now,
            preferences=preferences,
            demo=demo,
        )
        self._deliveries = Deliveries(
            window=window,
            reading=self.reading,
            sending=self.sending,
            outbox=kept.outbox,
            lanes=tasks,
            parent=self,
        )
        self._not_shown = NotShown(
            window=window,
            desk=self.desk,
            reading=self.reading,
            folder=folder or FolderNotes(),
            parent=self,
        )
        self.disk = DiskImages(
            window=window,
            tasks=tasks,
            pool=self._pool,
            rules=self._split_rules,
            resources=resources,
            author=connection.reader.display,
            now=now,
            preferences=preferences,
            megabytes=settings.number("cache.frames_mb") // 2,
        )
        self.screens = Screens(window, self.reading, preferences, self)
        images = self.reading.area().windows
        self.display = DisplayWatch(
            window,
            LaneExecutor(tasks, Lane.RENDER),
            self,
            image_windows=lambda: images.windows,
            profile_of=images.screens.profile_of,
            now=now,
        )
        self.disk.mark(self.display)
        images.rearranged.connect(self.display.images_moved)
        images.screens.changed.connect(self.display.images_moved)
        window.add_pages(self.worklist, self.reading, self.reading.identity())
        self._wire()
        self._build_menus()
        window.every(settings.number("platform.poll_seconds") * 1000, self.desk.refresh)
        window.every(3000, self.sending.tick)
        window.every(_TIDY_MS, self._tidy)
        self._show_state()

    def start(self) -> None:
        """Show the worklist and begin."""
        self._window.top.show_reader(self.connection.reader)
        self._window.show_worklist()
        self.desk.start()
        self.sending.tick()
        self._warm_up(self._pool.warm_up, Lane.DECODE)
        self._warm_up(load_compiled_walk, Lane.DECODE)
        self._warm_up(load_loops_of_images, Lane.RENDER)
        self._tasks.run(
            lambda token: compile_aside(token.cancelled),
            lambda _: self._warm_up(load_loops_of_planes, Lane.RENDER),
            lambda _: self._warm_up(load_loops_of_planes, Lane.RENDER),
            lane=Lane.DECODE,
        )
        self.display.start()

    def _warm_up(self, act: Callable[[], None], lane: Lane) -> None:
        self._tasks.run(
            lambda _: act(),
            lambda _: None,
            lambda error: self._window.tell(Level.WARNING, sentence_for(error)),
            lane=lane,
        )

    def place(self) -> CaseId | None:
        """The open case."""
        session = self.reading.session()
        return session.case.id if session is not None else None

    def come_back_to(self, case: str) -> None:
        """Open this case as soon as the platform lists it: it was open when the session ended."""
        self._reopen = CaseId(case)

    def kept(self) -> str:
        """What the reader may be sure of when the session ends, in sentences."""
        session = self.reading.session()
        words: list[str] = []
        if session is not None:
            words.append(self.tr("What you wrote in case {0} is kept.").format(session.case.number))
        if self.sending.waiting:
            words.append(
                self.tr("Signed reports to be sent after you have signed in: {0}.").format(
                    self.sending.waiting
                )
            )
        return " ".join(words)

    def unsaved(self) -> Unsaved:
        """What the disk refuses; what the reader is writing is offered to it once more first."""
        self.reading.pane().flush()
        self._tasks.finish(Lane.STORE)
        if self._kept.drafts.unsaved():
            with contextlib.suppress(StoreError):
                self._kept.drafts.retry()
        return self._kept.drafts.in_memory()

    def leave_case(self) -> None:
        """Keep what is unsaved of the open case; one that was asked for does not open any more."""
        self._wanted = None
        self._window.close_questions()
        self.reading.close_session()

    def close(self) -> None:
        """Keep what is unsaved; the store closes after the last task."""
        self.disk.close()
        self.leave_case()
        self.screens.end()

    def close_store(self, *, hang_up: bool = True) -> None:
        """End workers, database and pages; nothing runs any more. ``hang_up``: on the platform."""
        self.display.stop()
        self.reading.area().shut_down()
        self._window.remove_pages()
        self._pool.close()
        self._pages.close()
        self._kept.close()
        if hang_up:
            self.connection.http.close()

    def _tell_unkept(self, error: Exception) -> None:
        words = self.tr("Your choice could not be kept for the next start: {0}")
        self._window.tell(Level.WARNING, words.format(sentence_for(error)))

    def _wire(self) -> None:
        self.desk.notice.connect(self._window.tell)
        self.keeping.notice.connect(self._window.tell)
        self.desk.changed.connect(self._show_state)
        self.desk.changed.connect(self._fetch_what_came)
        self.desk.changed.connect(self._come_back)
        self.desk.arrived.connect(self._on_arrived)
        self.sending.notice.connect(self._window.tell)
        self.sending.standing_changed.connect(self._on_standing_changed)
        self.sending.delivered.connect(lambda _case, _receipt: self.desk.refresh())
        self.sending.session_ended.connect(self.desk.end_session)
        self.desk.saved_again.connect(self._on_saved_again)
        self._deliveries.next_case.connect(self._on_back_asked)
        self._deliveries.returned.connect(self._on_returned)
        self.worklist.open_asked.connect(self._on_open_asked)
        self.reading.back_asked.connect(self._on_back_asked)
        self.reading.notice.connect(self._window.tell)
        self.reading.notices_over.connect(self._window.status.withdraw)
        self.reading.signed.connect(self._on_reading_signed)
        self._signing.notice.connect(self._window.tell)
        self.display.changed.connect(self._show_display)
        self.screens.notice.connect(self._window.tell)
        self._window.top.sign_out_asked.connect(self.screens.end)
        self.desk.session_ended.connect(lambda _why: self.screens.end())

    def _build_menus(self) -> None:
        window = self._window
        tr = self.tr
        images, report = self.reading.actions_by_room()
        lightbox = [
            window.action("worklist", tr("Worklist"), "F2", self._on_back_asked),
            window.action("refresh", tr("Fetch the worklist"), "F5", self.desk.refresh),
            window.action(
                "send_again", tr("Send waiting reports again"), "Ctrl+Shift+S", self.sending.again
            ),
            window.action("outbox", tr("Outbox …"), "Ctrl+Shift+O", self._deliveries.show_outbox),
            window.action("open_disk", tr("Open images from disk …"), "Ctrl+O", self.disk.ask),
            window.action("not_shown", tr("Not shown …"), "", self._not_shown.show_list),
            window.action("palette", tr("Commands and keys …"), "Ctrl+K", window.show_palette),
            window.action(
                "forget_images", tr("Remove the case's images from here"), "", self._on_forget
            ),
            *rooms(images, "keys"),
            window.action("lock", tr("Lock"), "Ctrl+Alt+End", window.lock_asked.emit),
            window.action(
                "passphrase", tr("Change the passphrase …"), "", window.passphrase_asked.emit
            ),
            window.action("sign_out", tr("Sign out"), "", window.top.sign_out_asked.emit),
            window.action("quit", tr("Quit"), "Ctrl+Q", window.close),
        ]
        toggle = window.action(
            "toggle_report", tr("Show or hide the report"), "F9", self.reading.toggle_report
        )
        menus = menus_of(lightbox, images, [*report, toggle])
        window.build_menus(menus, submenus_of(images))

    def _tidy(self) -> None:
        session = self.reading.session()
        self.keeping.tidy(() if session is None else (session.case,))

    def _on_forget(self) -> None:
        """Remove the images of the case that is chosen in the worklist; an open one stays."""
        case = self.worklist.selected()
        if self.reading.session() is not None:
            words = self.tr("Leave the case first: its images are in use.")
            self._window.tell(Level.WARNING, words)
        elif case is not None:
            self.keeping.forget(case)

    def _show_state(self) -> None:
        desk = self.desk
        status = self._window.status
        if desk.online:
            status.show_network(self.tr("● online"))
        elif desk.fetched_at is not None:
            status.show_network(self.tr("○ offline, worklist of {0:%H:%M}").format(desk.fetched_at))
        else:
            status.show_network(self.tr("○ not yet online"))
        waiting = self.sending.waiting
        words = self.tr("{0} to send").format(waiting)
        stuck = sum(entry.state.is_stuck for entry in self.sending.unsent.values())
        if stuck:
            words += self.tr(", {0} not accepted").format(stuck)
        if self.sending.of_others:
            words += self.tr(", {0} of another reader").format(self.sending.of_others)
        status.show_outbox(words)
        self._show_display()

    def _show_display(self) -> None:
        words = self.display.words()
        self._window.status.show_display(words.text, words.why)
        self.reading.area().mark_displays(self.display.marks())

    def _fetch_what_came(self) -> None:
        """Go on fetching the open case when the platform lists more images of it than before."""
        session = self.reading.session()
        case = self.desk.case(session.case.id) if session is not None else None
        if case is None or not self.desk.online or self.desk.is_fetching(case):
            return
        listed = _listed(case)
        if listed > self._listed:
            self._listed = listed
            self.desk.fetch(case)

    def _on_open_asked(self, case: object) -> None:
        if not isinstance(case, Case):
            return
        self._wanted = case.id
        self._reopen = None
        self.keeping.used(case)
        self.desk.fetch(case)
        if self.desk.online:
            self.desk.begin(case, self._open)
        else:
            self._open(case)

    def _open(self, case: Case) -> None:
        """Show a case, unless the reader has asked for something else meanwhile."""
        if case.id != self._wanted:
            return
        session = ReadingSession(
            case=case,
            reader=self.connection.reader,
            lanes=self._tasks,
            store=self._kept.cases,
            drafts=self._kept.drafts,
            seen=self._kept.seen,
            outbox=self._kept.outbox,
            loader=StudyLoader(
                self._kept.cases,
                self._split_rules,
                self._kept.headers,
                lambda study: self._kept.cases.readiness(study).complete,
            ),
            templates=self._templates,
            rules=self._rules,
            resources=self._resources,
            clock=self._now,
        )
        self._listed = _listed(case)
        self._window.close_questions()
        self.reading.open_session(session)
        self._window.show_reading()
        self.screens.begin()

    def _on_back_asked(self) -> None:
        self.leave_case()
        self._window.show_worklist()

    def _on_arrived(self, case: str) -> None:
        session = self.reading.session()
        if session is not None and session.case.id == case:
            self.reading.images_arrived()

    def _on_reading_signed(self, _report: object) -> None:
        self.sending.look()
        self.sending.tick()

    def _on_standing_changed(self) -> None:
        states = {case: entry.state for case, entry in self.sending.unsent.items()}
        self.desk.show_deliveries(states)
        self._show_state()

    def _on_saved_again(self, cases: frozenset[str]) -> None:
        session = self.reading.session()
        if session is not None:
            session.saved_again(cases)

    def _on_returned(self, case: Case) -> None:
        """Open the case again for another signature, unless the reader reads another one."""
        self.desk.drafts_changed()
        session = self.reading.session()
        if session is not None and session.case.id != case.id:
            return
        now = self.desk.case(case.id)
        if now is None:
            self._on_back_asked()
        else:
            self._on_open_asked(now)

    def _come_back(self) -> None:
        case = self.desk.case(self._reopen) if self._reopen and self.desk.online else None
        if case is not None:
            self._reopen = None
            if may_open(case) and self.reading.session() is None:
                self._on_open_asked(case)


def _listed(case: Case) -> int:
    return sum(study.instances for study in (case.study, *case.priors))
