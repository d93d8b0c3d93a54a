"""The four panes of a reading area: what hangs in each, which one is active, what is linked."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, Qt, Signal

from viewer.hanging.images import CaseImages, Hung
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache
from viewer.model.annotation import Annotation
from viewer.model.display_set import DisplaySetId
from viewer.model.refs import FrameRef
from viewer.qt.grid import PaneGrid
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.live import LivePicture
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.links import ScrollLinks
from viewer.viewport.overlay import Overlay
from viewer.viewport.tools import ToolGroup, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport, ViewState

PANES = 4


@dataclass(slots=True)
class Pane:
    """One viewport with its widget; ``place`` is what was shown when it last changed."""

    viewport: Viewport
    widget: ViewportWidget
    place: tuple[DisplaySetId | None, int] = (None, 0)
    opened: FrameRef | None = None
    """The frame it was opened at, as long as nobody chose another."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What panes are drawn from and with."""

    cache: FrameCache
    scheduler: RenderScheduler
    executor: Executor
    tools: ToolGroup
    tool_keys: dict[Qt.Key, ToolId]
    compose: Callable[[Viewport, ViewState], Overlay | None]
    describe: Callable[[Viewport, ViewState], str]


class Panes(QObject):
    """Builds the panes and keeps them together."""

    activated = Signal()
    shown_changed = Signal()
    """Something else hangs in a pane, or another layout is on the screen."""
    menu_requested = Signal(QPoint)
    made = Signal(object)
    """Carries a Pane that was built because a layout needs it."""

    def __init__(self, drawing: Drawing, parent: QObject | None = None) -> None:
        """Build four empty panes; the first is active."""
        super().__init__(parent)
        self._all = [self._make(number, drawing) for number in range(1, PANES + 1)]
        self.grid = PaneGrid([pane.widget for pane in self._all])
        self.links = ScrollLinks()
        self._active = 0
        self._images: CaseImages | None = None
        self.activate(0)

    @property
    def all(self) -> tuple[Pane, ...]:
        """Every pane, on the screen or not."""
        return tuple(self._all)

    @property
    def active(self) -> Pane:
        """The pane that keys and panels act on."""
        return self._all[self._active]

    @property
    def on_screen(self) -> tuple[Pane, ...]:
        """Panes of the layout."""
        return tuple(self._all[: self.grid.count])

    def activate(self, index: int) -> None:
        """Make a pane the active one."""
        self._active = index
        for n, pane in enumerate(self._all):
            pane.widget.set_active(n == index and self.grid.count > 1)
        self.activated.emit()

    def step(self, by: int) -> None:
        """Give the focus to the next pane of the layout."""
        count = self.grid.count
        index = (self._active + by) % count
        if self.grid.maximised is not None:
            self.grid.maximise(index)
        self._all[index].widget.setFocus(Qt.FocusReason.TabFocusReason)
        self.activate(index)

    def lay_out(self, count: int) -> None:
        """Show one, two or four panes; the active one stays on the screen."""
        self.grid.set_count(count)
        self.activate(min(self._active, count - 1))
        self.shown_changed.emit()

    def toggle_maximised(self, index: int | None = None) -> None:
        """Show a pane (the active one) alone, or all again."""
        if self.grid.maximised is not None or self.grid.count == 1:
            self.grid.maximise(None)
        else:
            self.grid.maximise(self._active if index is None else index)

    def know(self, images: CaseImages | None) -> None:
        """Take what can be shown now; panes keep what they show, with more frames."""
        self._images = images
        for pane in self._all:
            self._grow(pane)

    def hang(self, index: int, entry: Hung, at: int = 0) -> None:
        """Show a display set in a pane."""
        if self._images is None:
            return
        pane = self._all[index]
        self.links.forget(pane.viewport)
        pane.viewport.show(entry.target, self._images.instances, index=at)
        pane.opened = pane.viewport.state.frame
        self.shown_changed.emit()

    def reopen(self, index: int, at: int) -> None:
        """Move a pane on to its opening frame, which shifts while images arrive.

        Never the active pane, and none in which the reader has already gone elsewhere.
        """
        pane = self._all[index]
        if pane is not self.active and pane.opened == pane.viewport.state.frame:
            pane.viewport.go_to_index(at)
            pane.opened = pane.viewport.state.frame

    def clear(self) -> None:
        """Show nothing in any pane."""
        for pane in self._all:
            pane.widget.cancel_gesture()
            self.links.forget(pane.viewport)
            pane.viewport.show(None, {})

    def redraw(self) -> None:
        """Draw the overlays again, and describe the panes anew."""
        for pane in self.on_screen:
            pane.widget.tell_anew()

    def close_panes(self) -> None:
        """Stop asking for frames and pictures."""
        for pane in self._all:
            pane.widget.close_pane()

    def preview(self) -> Annotation | None:
        """The annotation that is being drawn or moved."""
        gestures = (pane.widget.gesture for pane in self.on_screen)
        return next((g.preview for g in gestures if g and g.preview), None)

    def pointer_in(self, viewport: Viewport) -> PanePoint | None:
        """Where the pointer is in the pane of a viewport."""
        return next((p.widget.pointer for p in self._all if p.viewport is viewport), None)

    def viewports(self) -> tuple[Viewport, ...]:
        """The viewports on the screen."""
        return tuple(pane.viewport for pane in self.on_screen)

    def _make(self, number: int, drawing: Drawing) -> Pane:
        viewport = Viewport()
        picture = LivePicture(
            viewport, drawing.cache, drawing.scheduler, drawing.executor, ("pane", number)
        )
        widget = ViewportWidget(
            number,
            viewport,
            picture,
            drawing.tools,
            compose=lambda state: drawing.compose(viewport, state),
            describe=lambda state: drawing.describe(viewport, state),
            tool_keys=drawing.tool_keys,
        )
        pane = Pane(viewport, widget)
        index = number - 1
        widget.activated.connect(lambda: self.activate(index))
        widget.maximise_requested.connect(lambda: self.toggle_maximised(index))
        widget.display_set_dropped.connect(lambda wanted: self._on_dropped(index, wanted))
        widget.menu_requested.connect(self.menu_requested)
        viewport.changed.connect(lambda state: self._on_viewport_changed(pane, state))
        return pane

    def _grow(self, pane: Pane) -> None:
        target, frame = pane.viewport.state.target, pane.viewport.state.frame
        if target is None or self._images is None:
            return
        entry = self._images.entries.get(target.id)
        if entry is None and frame is not None:
            entry = self._images.holding(frame)
        if entry is not None:
            pane.viewport.grow(entry.target, self._images.instances)

    def _on_dropped(self, index: int, wanted: str) -> None:
        entry = self._images.entries.get(DisplaySetId(wanted)) if self._images else None
        if entry is not None:
            self.activate(index)
            self.hang(index, entry)

    def _on_viewport_changed(self, pane: Pane, state: ViewState) -> None:
        place = (state.target.id if state.target else None, state.index)
        before, pane.place = pane.place, place
        if before[0] == place[0] and before[1] != place[1] and pane in self.on_screen:
            self.links.follow(pane.viewport, self.viewports())
