"""The images of one open case: series panel, panes and tools behind one door."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from viewer.hanging.images import CaseImages
from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.executor import Executor, unheeded
from viewer.loading.frames import FrameCache
from viewer.loading.memory import give_back_freed
from viewer.model.annotation import Annotation
from viewer.model.display_set import DisplaySet
from viewer.model.key_mark import KeyMark
from viewer.model.refs import FrameRef, SeriesUid, StudyUid
from viewer.model.study import Series, Study
from viewer.pixels.colour_maps import load_colour_maps
from viewer.pixels.presets import load_presets
from viewer.pixels.volume_presets import load_volume_presets
from viewer.qt.actions import make_actions, tells_refusal
from viewer.qt.composer import NOBODY, Composer
from viewer.qt.desk import DeskGroup
from viewer.qt.document_panes import DocumentPanes
from viewer.qt.habits_desk import HabitsDesk
from viewer.qt.hanging_desk import HangingDesk
from viewer.qt.image_windows import ImageWindows
from viewer.qt.imported_desk import ImportedDesk
from viewer.qt.key_actions import KeySteps
from viewer.qt.key_desk import KeyDesk
from viewer.qt.key_export import KeyExportDesk
from viewer.qt.look_actions import LookActions
from viewer.qt.measurement_desk import MeasurementDesk
from viewer.qt.measuring_desk import MeasuringDesk
from viewer.qt.mpr_desk import MprDesk
from viewer.qt.panes import Drawing, Pane, Panes
from viewer.qt.pet_ct_desk import PetCtDesk
from viewer.qt.picture_desk import PictureDesk
from viewer.qt.plane_board import Maker, PlaneBoard
from viewer.qt.plane_export_desk import PlaneExportDesk
from viewer.qt.review_desk import ReviewDesk
from viewer.qt.seen_steps import SeenSteps
from viewer.qt.series_panel import SeriesPanel
from viewer.qt.state_desk import StateDesk
from viewer.qt.state_menu import StateChoice
from viewer.qt.tool_bars import ToolBars
from viewer.qt.tool_desk import ToolDesk
from viewer.qt.undo_desk import History, UndoDesk
from viewer.qt.viewport_widget import ViewportWidget
from viewer.qt.volume_desk import VolumeDesk
from viewer.qt.window_menu import PaneMenus, WindowChoice
from viewer.render.at_once import AtOnce
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.commands import VIEW_COMMANDS
from viewer.viewport.corners import load_corners
from viewer.viewport.habits import load_profiles
from viewer.viewport.keymap import load_keymap
from viewer.viewport.overlay import PaneIdentity
from viewer.viewport.preferences import Forgetful, Preferences
from viewer.viewport.viewport import Viewport, ViewState


class ReadingArea(QWidget):
    """Shows the images of a case and everything that is drawn on them."""

    annotations_changed = Signal(object)
    """Carries every annotation as a tuple, oldest first, after each step."""
    key_marks_changed = Signal(object)
    """Carries every KeyMark as a tuple, oldest first, after each step."""
    measured = Signal(object)
    """Carries a Measured: new, or measured again under the same id."""
    to_report = Signal(object)
    without_number = Signal(str)
    """Carries the Measured that the reader wants in the report."""
    notice = Signal(str)
    informed = Signal(str)
    """What the reader has just set, in words; of no use for long."""
    seen = Signal(object)
    """Carries a FrameRef that stood fully drawn at rest."""
    unread_asked = Signal()
    """The reader asks which objects of a study are not shown, and why."""

    def __init__(
        self,
        *,
        cache: FrameCache,
        executor: Executor,
        documents: DocumentShelf,
        resources: Path,
        author: str,
        now: Callable[[], datetime],
        preferences: Preferences | None = None,
        at_once: AtOnce | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Build everything; ``resources`` holds keymap, corners and window presets.

        Documents are read and their pages drawn through ``documents``; what ``at_once`` takes is
        not drawn by the executor.
        """
        super().__init__(parent)
        self._cache = cache
        kept = preferences or Forgetful()
        presets = load_presets(resources / "window_presets.toml")
        self._images: CaseImages | None = None
        self._measuring = MeasuringDesk(self._viewport, author, now, self, cache, executor)
        tools = self._measuring.tools
        commands = load_keymap(resources / "keymap.toml")
        profiles = load_profiles(resources / "profiles.toml", commands)
        self._habits = HabitsDesk(commands, profiles, kept, tools, self)
        self._composer = Composer(
            load_corners(resources / "corners.toml"),
            self._measuring,
            self._on_screen,
            cache,
            lambda: self._review,
        )
        scheduler = RenderScheduler(executor, at_once)
        drawing = Drawing(
            cache,
            scheduler,
            executor,
            tools,
            self._habits.tool_keys,
            self._composer.compose,
            self._composer.describe,
        )
        self._panes = Panes(drawing, self)
        self._mpr = MprDesk(self._panes, drawing, self._composer, Maker(author, now), self)
        self._review = ReviewDesk(
            self._panes,
            load_colour_maps(resources / "colour_maps.toml"),
            presets,
            lambda: self._mpr.planes,
            kept,
            self,
        )
        tools.add(*self._review.tools())
        self._series = SeriesPanel(cache, scheduler)
        self._documents = DocumentPanes(
            self._panes,
            documents,
            lambda: self._composer.identity,
            self._composer.display_of,
            self.go_to,
            self,
        )
        looks = load_volume_presets(resources / "volume_presets.toml")
        self._volume = VolumeDesk(self._panes, drawing, self._composer, self._mpr, looks, self)
        self._hanging = HangingDesk(self._panes, self._leave, self)
        self._tools = ToolDesk(tools, self._pointed_widgets, self)
        self._keys = KeySteps(self._shown_now, self)
        self._marking = KeyDesk(self._shown_now, author, now, self)
        self._unseen = SeenSteps(self._shown_now, lambda: self._series.seen, self)
        self._desk = QWidget()
        self.windows = ImageWindows(
            self._panes, self._mpr.stage, self._desk, self._review.screens, self
        )
        self._windows = WindowChoice(presets, self._subject)
        self._states = StateChoice(self._shown_now)
        self._looks = LookActions(self._viewport, self._windows.vacant, self)
        self._bars = ToolBars(kept, self)
        self._pictures = PictureDesk(self._active_widget, self._review, author, now, self)
        self._table = MeasurementDesk(
            self._measuring, self.go_to, self._focus_images, author, now, cache, executor, self
        )
        self._desks = DeskGroup(self)
        self._desks.take(self._measuring.values)
        self._desks.take(self._documents, self._measuring, self._mpr, self._volume, self._review)
        self._desks.take(self._hanging, self._keys, self._unseen, self._habits, self._tools)
        self._desks.take(self._bars, self._pictures, self._table, self._marking)
        saved = StateDesk(
            self._shown_now, self._measuring, self._states, author, now, cache, executor, self
        )
        self._desks.take(saved)
        self._desks.take(
            KeyExportDesk(lambda: self._images, self.key_marks, now, cache, executor, self)
        )
        self._desks.take(PlaneExportDesk(self._mpr, drawing, now, self))
        reports = documents, executor, self._composer
        self._desks.take(ImportedDesk(self._measuring, *reports, self._panes, self._viewport, self))
        self._desks.take(PetCtDesk(self._panes, self._mpr, self._review.fusion, self._composer))
        self._desks.take(self._windows, self._states, self._looks, self.windows)
        self._desks.take(UndoDesk(self._history, self))
        acts = self._volume.guarded(self._mpr.guarded(self._acts()))
        acts["view.reset"] = self._measuring.in_space.escape_first(acts["view.reset"])
        self._actions = make_actions(self._habits.commands, acts, self._desk)
        self._desks.attach(self._actions)
        self._menus = PaneMenus(
            self._windows, self._states, self._marking, self._review, self._actions, self
        )
        self._lay_out()
        self._connect()
        self._tools.tell()

    # -- the door --------------------------------------------------------------------------------

    def open_case(
        self,
        current: Study,
        priors: Sequence[Study],
        sets: Mapping[SeriesUid, tuple[DisplaySet, ...]],
        identity: PaneIdentity,
        unread: Mapping[StudyUid, tuple[str, ...]] | None = None,
        asked: str = "",
    ) -> None:
        """Hang a case anew; ``sets`` holds the display sets of every series of every study.

        ``unread`` says of each study why objects that arrived could not be read, ``asked`` which
        modality the order of the current study names.
        """
        self.close_case()
        self._composer.identity = identity
        self._take(CaseImages.of(current, priors, sets, unread, asked))
        count = self._panes.active.viewport.state.count
        self._tools.take_up(self._habits.first_tool(count))
        self._panes.active.widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def grow(
        self,
        current: Study,
        priors: Sequence[Study],
        sets: Mapping[SeriesUid, tuple[DisplaySet, ...]],
        identity: PaneIdentity,
        unread: Mapping[StudyUid, tuple[str, ...]] | None = None,
        asked: str = "",
    ) -> None:
        """Take the same case with more images; what is shown stays, window and all."""
        if self._images is None or self._images.current.uid != current.uid:
            self.open_case(current, priors, sets, identity, unread, asked)
            return
        self._composer.identity = identity
        self._take(CaseImages.of(current, priors, sets, unread, asked))

    def close_case(self) -> None:
        """Show nothing and forget frames and annotations."""
        self._desks.stop()
        self._keep(None)
        self._composer.identity = NOBODY
        self._panes.clear()
        self._panes.know(None)
        self._series.empty()
        self._measuring.restore(())
        self._cache.clear()
        self._panes.lay_out(1)
        self._panes.drawing.executor.run(give_back_freed, unheeded, unheeded)

    def say_when_empty(self, words: str) -> None:
        """Say this in panes where nothing hangs; empty words ask for a series."""
        for pane in self._panes.all:
            pane.widget.empty_words = words
        self._panes.redraw()

    def mark_displays(self, why: Mapping[str, str]) -> None:
        """Mark what is shown on these screens, by their keys, as not diagnostic for this reason."""
        self._composer.displays = dict(why)
        self._documents.mark_anew()
        self._panes.redraw()
        if self._mpr.board is not None:
            self._mpr.board.redraw()
        self._volume.redraw()

    def shut_down(self) -> None:
        """Stop listening to the cache; nothing can be opened after that."""
        self.close_case()
        self.windows.gather()
        self._desks.close_desk()
        self._panes.close_panes()
        self._series.close_panel()

    def restore(
        self,
        annotations: Sequence[Annotation],
        seen: Collection[FrameRef] = (),
        marks: Sequence[KeyMark] = (),
    ) -> None:
        """Show saved annotations, which cannot be undone away, and key images; count what was seen
        earlier.
        """
        self._measuring.restore(annotations)
        self._marking.restore(marks)
        self._mark_anew()
        self._series.restore_seen(seen)
        self._on_panes_activated()

    def annotations(self) -> tuple[Annotation, ...]:
        """Every annotation, oldest first."""
        return self._measuring.ledger.all()

    def key_marks(self) -> tuple[KeyMark, ...]:
        """Every key image that the reader marked, oldest first."""
        return self._marking.marks

    def shown(self, index: int) -> DisplaySet | None:
        """What hangs in a pane of the layout, counted from 0."""
        panes = self._panes.on_screen
        return panes[index].viewport.state.target if index < len(panes) else None

    def go_to(self, frame: FrameRef) -> None:
        """Show a frame: in the pane that holds its series, else in the active one."""
        self._hanging.go_to(frame)

    def actions_by_id(self) -> Mapping[str, QAction]:
        """Every action by the id of its command."""
        return self._actions

    def actions(self) -> list[QAction]:
        """Every tool and command; the object name is the id."""
        return list(self._actions.values())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The key of a greyed command says why it is greyed."""
        actions = self._actions.values()
        if not tells_refusal(event, actions, self.notice.emit, self.informed.emit):
            super().keyPressEvent(event)

    # -- building --------------------------------------------------------------------------------

    def _acts(self) -> dict[str, Callable[[], None]]:
        acts = {name: self._on_active(act) for name, act in VIEW_COMMANDS.items()}
        acts["panel.series"] = lambda: self._series.setVisible(self._series.isHidden())
        return acts | self._desks.acts()

    def _lay_out(self) -> None:
        desk = QHBoxLayout(self._desk)
        desk.setContentsMargins(0, 0, 0, 0)
        desk.setSpacing(0)
        desk.addWidget(
            self._bars.make(
                self._habits.commands, self._actions, self._menus.of_buttons, self._desk
            )
        )
        desk.addWidget(self._table.below(self._mpr.stage), 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self._series)
        splitter.addWidget(self._desk)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(splitter)
        self.setAccessibleName(self.tr("Images"))

    def _connect(self) -> None:
        self._desks.notice.connect(self.notice)
        self._desks.informed.connect(self.informed)
        self._desks.changed.connect(self._on_panes_activated)
        measuring = self._measuring
        measuring.annotations_changed.connect(self.annotations_changed)
        measuring.measured.connect(self.measured)
        measuring.to_report.connect(self.to_report)
        measuring.without_number.connect(self.without_number)
        measuring.in_space.space.draft.changed.connect(self._panes.redraw)
        measuring.values.volume_of = self._mpr.volume_of
        measuring.editing.point_by(lambda: self._panes.pointer_in(self._viewport()))
        self._mpr.opened.connect(self._on_mpr_opened)
        self._mpr.opened.connect(self._review.fusion.take_planes)
        self._review.layouts.touched.connect(self._hanging.touch)
        self._panes.activated.connect(self._on_panes_activated)
        self._panes.shown_changed.connect(self._on_panes_shown_changed)
        self._panes.menu_requested.connect(self._menus.pop_up)
        self._series.chosen.connect(self._hanging.choose)
        self._series.unread_asked.connect(self.unread_asked)
        self._documents.seen.connect(self.seen)
        self.seen.connect(self._series.mark_seen)
        for steps in (self._keys, self._unseen):
            steps.found.connect(self._on_key_found)
        self._marking.wanted.connect(self._on_key_found)
        self._marking.marked.connect(self._on_key_marked)
        for pane in self._panes.all:
            self._connect_pane(pane)
        self._panes.made.connect(self._connect_pane)

    def _connect_pane(self, pane: Pane) -> None:
        pane.viewport.changed.connect(self._on_viewport_changed)
        pane.viewport.changed.connect(self._measuring.follow_readout)
        pane.widget.edited.connect(self._measuring.take)
        pane.widget.seen.connect(self.seen)
        pane.widget.tool_key.connect(self._tools.hold)
        pane.widget.display_set_dropped.connect(lambda _wanted: self._hanging.touch())

    # -- what is here ----------------------------------------------------------------------------

    def _take(self, images: CaseImages) -> None:
        self._keep(images)
        images = self._images or images
        self._cache.know(images.instances.values())
        self._panes.know(images)
        self._hanging.hang()
        self._series.fill(images)
        self._on_panes_shown_changed()

    def _on_key_marked(self, marks: object) -> None:
        self._mark_anew()
        self.key_marks_changed.emit(marks)

    def _mark_anew(self) -> None:
        """Let everything know which images are key images now."""
        if self._images is not None:
            self._keep(self._images)
            self._series.fill(self._images)
            self._on_panes_activated()

    def _on_key_found(self, frame: FrameRef) -> None:
        self.go_to(frame)
        self._focus_images()

    def _focus_images(self) -> None:
        self._active_widget().setFocus(Qt.FocusReason.OtherFocusReason)

    def _pointed_widgets(self) -> tuple[QWidget, ...]:
        planes = self._mpr.board.widgets if self._mpr.board else ()
        return (*(pane.widget for pane in self._panes.all), *planes)

    def _active_widget(self) -> ViewportWidget:
        if self._volume.board is not None:
            return self._volume.board.widget
        planes = self._mpr.board.widgets if self._mpr.board else ()
        viewport = self._viewport()
        found = (w for w in planes if w.viewport is viewport)
        return next(found, self._panes.active.widget)

    def _leave(self) -> None:
        """Put the panes back where planes or a volume stand."""
        self._volume.leave()
        self._mpr.leave()

    def _history(self) -> History:
        boards = (self._volume.board, self._mpr.board)
        if boards[0] is not None:
            return boards[0].viewport
        return boards[1].shapes if boards[1] is not None else self._measuring.ledger

    def _on_active(self, act: Callable[[Viewport], None]) -> Callable[[], None]:
        return lambda: act(self._viewport())

    def _keep(self, images: CaseImages | None) -> None:
        images = self._marking.put_into(images) if images is not None else None
        self._images = images
        self._composer.know(images)
        self._desks.know(images)

    def _on_screen(self) -> Panes:
        return self._panes

    def _subject(self) -> tuple[Viewport, Series | None]:
        viewport, images = self._viewport(), self._images
        target = viewport.state.target
        entry = images.entries.get(target.id) if images and target else None
        return viewport, entry.series if entry else None

    def _shown_now(self) -> tuple[Viewport, CaseImages | None]:
        return self._viewport(), self._images

    def _viewport(self) -> Viewport:
        return self._mpr.viewport or self._panes.active.viewport

    # -- what happened ---------------------------------------------------------------------------

    def _on_viewport_changed(self, state: ViewState) -> None:
        if state is self._viewport().state:
            self._looks.follow()

    def _on_panes_activated(self) -> None:
        self._desks.show_on(self._actions)
        self._panes.redraw()

    def _on_mpr_opened(self, board: PlaneBoard) -> None:
        board.tool_key.connect(self._tools.hold)
        board.viewport_changed.connect(self._on_viewport_changed)
        board.menu_requested.connect(self._menus.pop_up)
        board.edited.connect(self._measuring.take)
        board.filled.connect(self._measuring.values.volume_changed)
        board.seen.connect(self.seen)
        board.added.connect(self._review.screens.watch)
        self._tools.tell()

    def _on_panes_shown_changed(self) -> None:
        panes = self._panes
        targets = [pane.viewport.state.target for pane in panes.on_screen]
        self._series.mark_shown([t.id for t in targets if t is not None])
        self._desks.show_on(self._actions)
        panes.redraw()
