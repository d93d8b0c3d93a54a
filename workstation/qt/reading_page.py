"""The reading page: images, the report beside them, identity; wiring of one session."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from reporting.model.prior import PriorText
from reporting.model.report import ReportDraft
from reporting.model.signed import SignedReport
from reporting.qt.preview_dialog import PreviewDialog
from reporting.qt.report_pane import ReportPane
from reporting.rules.presign import PresignRules
from reporting.templates import Template
from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache
from viewer.measure.registry import Measured
from viewer.model.measurement import MeasurementId
from viewer.model.refs import FrameRef, StudyUid
from viewer.qt.reading_area import ReadingArea
from viewer.render.at_once import AtOnce
from viewer.viewport.overlay import PaneIdentity
from viewer.viewport.preferences import Preferences
from workstation.model.case import Case
from workstation.qt.delivery_bar import DeliveryBar
from workstation.qt.identity_bar import IdentityBar
from workstation.qt.signing import SigningFlow
from workstation.session.desk import Desk
from workstation.session.findings import finding_of
from workstation.session.levels import Level
from workstation.session.loading import LoadedStudy
from workstation.session.reading import NOT_SAVED, CaseImages, Opening, ReadingSession

_SEEN_MS = 1500
"""What was seen is written together, not image by image."""
_REPORT_SHARE = 0.175
_REPORT_LEAST, _REPORT_MOST = 20, 34  # in line heights


class ReadingPage(QWidget):
    """Shows one ReadingSession at a time."""

    back_asked = Signal()
    signed = Signal(object)
    """SignedReport: stored and waiting in the outbox."""
    opened = Signal(object)
    """The draft of the case is shown; carries the Receipt of its report, or None."""
    notice = Signal(object, str)
    notices_over = Signal(object)
    """Notices about the case that is no longer open, as a frozenset of their words."""
    left_out_asked = Signal()
    """The reader wants the list of what is not shown."""
    left_out_changed = Signal()

    def __init__(
        self,
        desk: Desk,
        *,
        cache: FrameCache,
        render: Executor,
        documents: DocumentShelf,
        resources: Path,
        templates: tuple[Template, ...],
        rules: PresignRules,
        signing: SigningFlow,
        author: str,
        now: Callable[[], datetime],
        preferences: Preferences | None = None,
        demo: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Build the widgets once; ``open_session`` fills them."""
        super().__init__(parent)
        self._desk = desk
        self._session: ReadingSession | None = None
        self._told: set[str] = set()
        self._hung = False
        self._shared = False
        self._templates = templates
        self._signing = signing
        self._new_bar: Callable[[], IdentityBar] = lambda: IdentityBar(desk, now, demo=demo)
        self._bar = self._new_bar()
        self._bars = [self._bar]
        """One for each window in which images of the case can stand."""
        self._beside: list[int] = []
        """Widths of images and report before the images went to other screens."""
        self._area = ReadingArea(
            at_once=AtOnce(),
            cache=cache,
            executor=render,
            documents=documents,
            resources=resources,
            author=author,
            now=now,
            preferences=preferences,
        )
        self._pane = ReportPane(rules=rules, now=now)
        self._delivery = DeliveryBar()
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addWidget(self._delivery)
        side.addWidget(self._pane, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self._area)
        splitter.addWidget(self._side)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 0)
        splitter.setCollapsible(0, False)
        self._splitter = splitter
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(splitter, 1)
        self._arrivals = QTimer(self)
        self._arrivals.setSingleShot(True)
        self._arrivals.setInterval(700)
        self._arrivals.timeout.connect(self._on_arrivals_timeout)
        self._looking = QTimer(self)
        self._looking.setSingleShot(True)
        self._looking.setInterval(_SEEN_MS)
        self._looking.timeout.connect(self._on_looking_timeout)
        self._bar.back_asked.connect(self.back_asked)
        self._area.windows.rearranged.connect(self._on_windows_rearranged)
        self._wire_area()
        self._wire_pane()
        signing.signed.connect(self._on_signing_signed)
        self._minute = QTimer(self)
        self._minute.setInterval(10_000)
        self._minute.timeout.connect(self._on_minute_timeout)
        self._minute.start()

    def identity(self) -> IdentityBar:
        """The line about patient and study, which the window shows at its top while reading."""
        return self._bar

    def another_identity(self) -> IdentityBar:
        """The same line for one more window; it always shows the same case."""
        bar = self._new_bar()
        bar.back_asked.connect(self.back_asked)
        self._bars.append(bar)
        self._show_identity(bar)
        return bar

    def showEvent(self, event: QShowEvent, /) -> None:
        """Give the report its usual share the first time; then the reader's hand decides."""
        super().showEvent(event)
        if not self._shared:
            self._shared = True
            report = self._report_width()
            self._splitter.setSizes([self.width() - report, report])

    def _report_width(self) -> int:
        """Wide enough to write in, narrow enough that the images get most of the window."""
        em = self.fontMetrics().height()
        return max(_REPORT_LEAST * em, min(_REPORT_MOST * em, round(self.width() * _REPORT_SHARE)))

    def session(self) -> ReadingSession | None:
        """The open session."""
        return self._session

    def area(self) -> ReadingArea:
        """The images' side."""
        return self._area

    def pane(self) -> ReportPane:
        """The report's side."""
        return self._pane

    def delivery(self) -> DeliveryBar:
        """How the sending of the open case's report stands."""
        return self._delivery

    def actions_by_room(self) -> tuple[list[QAction], list[QAction]]:
        """Actions of images and of report, for menus and palette."""
        return self._area.actions(), self._pane.actions()

    def toggle_report(self) -> None:
        """Show or hide the report pane."""
        self._side.setVisible(not self._side.isVisible())

    def open_session(self, session: ReadingSession) -> None:
        """Read this case from now on."""
        self.close_session()
        self._session = session
        self._hung = False
        for bar in self._bars:
            self._show_identity(bar)
        session.images_changed.connect(self._on_images_changed)
        session.opened.connect(self._on_opened)
        session.unopened.connect(self._pane.set_locked)
        session.draft_saved.connect(self._pane.saved)
        session.draft_not_saved.connect(self._pane.not_saved)
        session.jumped.connect(self._area.go_to)
        session.remeasured.connect(self._pane.remeasured)
        session.removed.connect(self._pane.measurement_removed)
        session.notice.connect(self._on_session_notice)
        self._area.say_when_empty(
            self.tr("No image of this case is here yet.\nImages appear here as they arrive.")
        )
        self._pane.set_locked(self.tr("Opening the draft …"))
        session.start()

    def close_session(self) -> None:
        """Keep what is unsaved and let go of the case."""
        session = self._session
        if session is None:
            return
        self._pane.close_report()
        session.keep_annotations(self._area.annotations())
        self._looking.stop()
        session.viewing.keep()
        session.close()
        self._session = None
        for bar in self._bars:
            self._show_identity(bar)
        self.notices_over.emit(frozenset(self._told))
        self._told.clear()
        self.left_out_changed.emit()
        self._delivery.show_nothing()
        self._area.close_case()
        self._desk.drafts_changed()

    def images_arrived(self) -> None:
        """More of the open case is in the store; looked at soon, not for every instance."""
        if self._session is not None and not self._arrivals.isActive():
            self._arrivals.start()

    def _show_identity(self, bar: IdentityBar) -> None:
        if self._session is None:
            bar.show_nothing()
        else:
            bar.show_case(self._session.case)

    def _on_minute_timeout(self) -> None:
        for bar in self._bars:
            bar.tick()

    def _on_windows_rearranged(self) -> None:
        """The report takes the room of images that have gone to other screens."""
        heads = [window.head for window in self._area.windows.windows]
        self._bars = [self._bar, *(head for head in heads if isinstance(head, IdentityBar))]
        if not self._area.windows.windows:
            if self._beside:
                self._splitter.setSizes(self._beside)
            self._beside = []
        else:
            self._beside = self._beside or self._splitter.sizes()
            series = self._area.minimumSizeHint().width()
            self._splitter.setSizes([series, self.width() - series])

    def _wire_area(self) -> None:
        self._area.annotations_changed.connect(self._on_annotations_changed)
        self._area.key_marks_changed.connect(self._on_key_marks_changed)
        self._area.measured.connect(self._on_measured)
        self._area.to_report.connect(self._on_to_report)
        self._area.without_number.connect(self._on_without_number)
        self._area.notice.connect(self._on_area_notice)
        self._area.informed.connect(self._on_area_informed)
        self._area.unread_asked.connect(self.left_out_asked)
        self._area.seen.connect(self._on_seen)

    def _wire_pane(self) -> None:
        self._pane.draft_changed.connect(self._on_draft_changed)
        self._pane.jump.connect(self._on_pane_jump)
        self._pane.preview_requested.connect(self._on_preview_requested)
        self._pane.sign_requested.connect(self._on_sign_requested)

    def _on_seen(self, frame: object) -> None:
        if self._session is not None and isinstance(frame, FrameRef):
            self._session.viewing.saw(frame)
            if not self._looking.isActive():
                self._looking.start()

    def _on_looking_timeout(self) -> None:
        if self._session is not None:
            self._session.viewing.keep()
            self._pane.set_counts(self._session.context())

    def _on_arrivals_timeout(self) -> None:
        if self._session is not None:
            self._session.images_arrived()

    def _on_images_changed(self, images: CaseImages) -> None:
        session = self._session
        if session is None:
            return
        self.left_out_changed.emit()
        if images.current is None:
            self._say_why_empty(session.case)
            return
        show = self._area.grow if self._hung else self._area.open_case
        sets = dict(images.current.sets)
        for prior in images.priors:
            sets.update(prior.sets)
        held = (images.current, *images.priors)
        show(
            images.current.study,
            [p.study for p in images.priors],
            sets,
            _pane_identity(session.case),
            self._unread(session.case, held),
            session.case.study.asked,
        )
        self._pane.set_context(session.context())
        if not self._hung:
            self._hung = True
            self._area.say_when_empty("")
            self._restore(session)
        for problem in images.current.problems[:1]:
            more = len(images.current.problems) - 1
            words = problem if not more else self.tr("{0} ({1} more)").format(problem, more)
            self._tell(Level.WARNING, words)

    def _unread(self, case: Case, held: Sequence[LoadedStudy]) -> dict[StudyUid, tuple[str, ...]]:
        """Why objects of each study are not shown: not taken on their way here, or not readable."""
        found: dict[StudyUid, tuple[str, ...]] = {}
        for loaded in held:
            uid = loaded.study.uid
            away = [one.why for one in self._desk.left_out.get(case.id, ()) if one.study == uid]
            if away or loaded.problems:
                found[uid] = (*away, *loaded.problems)
        return found

    def _say_why_empty(self, case: Case) -> None:
        found = self._desk.left_out.get(case.id, ())
        own = [one for one in found if one.study == case.study.identity.uid]
        if own and not self._hung:
            more = self.tr("\n{0} more are not shown.").format(len(own) - 1) if own[1:] else ""
            words = self.tr("No image of this case can be shown.\n{0}{1}")
            self._area.say_when_empty(words.format(own[0].why, more))

    def _on_opened(self, opening: Opening) -> None:
        session = self._session
        if session is None:
            return
        case = session.case
        priors = [
            PriorText(report.date, _prior_title(case, report.study_uid), report.text)
            for report in case.prior_reports
        ]
        self._pane.open(session.context(), opening.draft, priors, self._templates)
        if self._hung:
            self._restore(session)
        if opening.signed is not None:
            self._pane.set_locked(
                self.tr("Signed {0:%Y-%m-%d %H:%M}; a signed report never changes.").format(
                    opening.signed.signed_at
                )
            )
        else:
            self._pane.set_locked("")
        self.opened.emit(opening.receipt)

    def _restore(self, session: ReadingSession) -> None:
        self._area.restore(session.annotations, session.viewing.seen, session.key_marks)

    def _on_key_marks_changed(self, marks: object) -> None:
        if self._session is not None and isinstance(marks, tuple):
            self._session.keep_key_marks(marks)

    def _on_annotations_changed(self, annotations: object) -> None:
        if self._session is not None and isinstance(annotations, tuple):
            self._session.keep_annotations(annotations)

    def _on_measured(self, made: object) -> None:
        if self._session is not None and isinstance(made, Measured):
            self._session.remeasure(made)

    def _on_without_number(self, annotation: str) -> None:
        self._pane.measurement_removed(MeasurementId(annotation))

    def _on_to_report(self, made: object) -> None:
        if self._session is not None and isinstance(made, Measured):
            self._pane.insert_measurement(finding_of(made))

    def _on_draft_changed(self, draft: object) -> None:
        if self._session is not None and isinstance(draft, ReportDraft):
            self._session.keep_draft(draft)

    def _on_pane_jump(self, place: object) -> None:
        if self._session is not None and isinstance(place, FrameRef):
            self._session.jump(place)

    def _on_preview_requested(self) -> None:
        draft = self._pane.draft()
        if self._session is not None and draft is not None:
            self._session.preview(draft, self._show_preview)

    def _show_preview(self, pdf: bytes) -> None:
        dialog = PreviewDialog(pdf, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
        dialog.activateWindow()  # without a window manager nobody else hands the keys over
        dialog.finished.connect(self.window().activateWindow)

    def _on_sign_requested(self) -> None:
        draft = self._pane.draft()
        if self._session is not None and draft is not None:
            self._signing.begin(self._session, draft, self)

    def _on_signing_signed(self, report: object) -> None:
        open_now = self._session.case.id if self._session is not None else ""
        # what was begun on this case may end when another one is open
        if isinstance(report, SignedReport) and report.case == open_now:
            self._pane.set_locked(self.tr("Signed; a signed report never changes."))
        self.signed.emit(report)

    def _on_area_notice(self, text: str) -> None:
        self._tell(Level.WARNING, text)

    def _on_area_informed(self, text: str) -> None:
        self._tell(Level.INFO, text)

    def _on_session_notice(self, level: Level, text: str) -> None:
        if text.startswith(NOT_SAVED):  # which stays true when the case is closed
            self.notice.emit(level, text)
        else:
            self._tell(level, text)

    def _tell(self, level: Level, text: str) -> None:
        self._told.add(text)
        self.notice.emit(level, text)


def _pane_identity(case: Case) -> PaneIdentity:
    person = case.patient
    return PaneIdentity(
        name=person.name,
        id=person.id,
        birth_date=person.birth_date,
        sex=person.sex,
    )


def _prior_title(case: Case, uid: str) -> str:
    return next(
        (p.identity.description for p in case.priors if p.identity.uid == uid), "Prior report"
    )
