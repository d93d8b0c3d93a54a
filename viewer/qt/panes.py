"""The panes of a reading area: what hangs in each, which one is active, what is linked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QWidget

from viewer.hanging.images import CaseImages, Hung
from viewer.loading.executor import Executor
from viewer.loading.frames import FrameCache
from viewer.model.annotation import Annotation
from viewer.model.display_set import DisplaySetId
from viewer.model.presentation import Presentation
from viewer.model.refs import FrameRef
from viewer.qt.grid import ONE, GridShape, PaneGrid, shape_for
from viewer.qt.stamps import Stamps
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.live import LivePicture
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.links import ScrollLinks
from viewer.viewport.look_links import LookLinks
from viewer.viewport.overlay import Overlay
from viewer.viewport.tiles import Tiles
from viewer.viewport.tools import ToolGroup, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport, ViewState

READY = 4
"""Panes that are built at once; a layout that needs more has them built."""


@dataclass(slots=True)
class Pane:
    """One viewport with its widget; ``place`` is what was shown when it last changed."""

    viewport: Viewport
    widget: ViewportWidget
    place: tuple[DisplaySetId | None, int] = (None, 0)
    opened: FrameRef | None = None
    """The frame it was opened at, as long as nobody chose another."""
    look: Presentation = field(default_factory=Presentation)
    """How it looked when it last changed."""


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
    stamps: Stamps = field(default_factory=Stamps)
    """What all panes have drawn above their pictures, once for all."""


class Panes(QObject):
    """Builds the panes and keeps them together."""

    activated = Signal()
    shown_changed = Signal()
    """Something else hangs in a pane, or another layout is on the screen."""
    menu_requested = Signal(QPoint)
    made = Signal(object)
    """Carries a Pane that was built because a layout needs it."""

    def __init__(self, drawing: Drawing, parent: QObject | None = None) -> None:
        """Build the first empty panes; one is on the screen and active."""
        super().__init__(parent)
        self.drawing = drawing
        """What every pane is drawn from and with."""
        self._all = [self._make(number) for number in range(1, READY + 1)]
        self.grid = PaneGrid([pane.widget for pane in self._all])
        self.links = ScrollLinks()
        self.looks = LookLinks()
        self.tiles = Tiles()
        self._active = 0
        self._chosen = ONE
        """The layout that was asked for, which may have fewer panes than there are screens."""
        self._images: CaseImages | None = None
        self.guests: tuple[ViewportWidget, ...] = ()
        """Images that are shown elsewhere, with the same overlays."""
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
        """Show so many panes; the active one stays on the screen."""
        self.arrange(shape_for(count))

    def arrange(self, shape: GridShape) -> None:
        """Show rows and columns of panes; what is tiled is tiled no more."""
        self._chosen = shape
        self._arrange(self.grid.fitting(shape))

    def spread_over(self, others: Sequence[QWidget]) -> None:
        """Share the layout out over the grid and these widgets; no image leaves the screen."""
        self.grid.spread_over(others)
        shape = self.grid.fitting(self._chosen)
        kept = self.on_screen[shape.panes :]
        if shape == self.grid.shape or any(pane.viewport.state.target for pane in kept):
            self.shown_changed.emit()
        else:
            self._arrange(shape)

    def _hang(self, index: int, entry: Hung, at: int = 0, look: Presentation | None = None) -> None:
        """Hang it and tell nobody, as one of several."""
        if self._images is None:
            return
        pane = self._all[index]
        self.links.forget(pane.viewport)
        pane.viewport.show(entry.target, self._images.instances, look, index=at)
        pane.opened = pane.viewport.state.frame

    def _arrange(self, shape: GridShape) -> None:
        self.tiles.end()
        while len(self._all) < shape.panes:
            pane = self._make(len(self._all) + 1)
            pane.widget.empty_words = self._all[0].widget.empty_words
            pane.widget.setCursor(self._all[0].widget.cursor())
            self._all.append(pane)
            self.grid.add(pane.widget)
            self.made.emit(pane)
        self.grid.set_shape(shape)
        self.activate(min(self._active, shape.panes - 1))
        self.shown_changed.emit()

    def tile(self) -> int:
        """Spread the stack of the active pane over the panes of the layout; give how many show it.

        The frame of the active pane comes first, as far as there are frames after it.
        """
        lead = self.active.viewport
        target, first, look = lead.state.target, lead.state.index, lead.state.look
        if target is None or self._images is None or target.id not in self._images.entries:
            return 0
        entry, shown = self._images.entries[target.id], self.on_screen[: len(target.frames)]
        self.tiles.end()
        for index, pane in enumerate(self.on_screen):
            if pane not in shown:
                pane.viewport.show(None, {})
            elif pane.viewport is not lead:
                self._hang(index, entry)
        self.tiles.spread([pane.viewport for pane in shown], first)
        for pane in shown:
            if pane.viewport.state.look.voi != look.voi:
                pane.viewport.set_voi(look.voi)
            pane.viewport.look_like(look)
        self.shown_changed.emit()
        return len(shown)

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

    def hang(self, index: int, entry: Hung, at: int = 0, look: Presentation | None = None) -> None:
        """Show a display set in a pane; ``look`` is how it begins and what a reset returns to."""
        self._hang(index, entry, at, look)
        self.shown_changed.emit()

    def hang_frame(self, index: int, frame: FrameRef | None) -> None:
        """Show the display set that holds a frame, at that frame; nothing where it is None."""
        entry = self._images.holding(frame) if self._images and frame is not None else None
        if entry is None or frame is None:
            self._all[index].viewport.show(None, {})
            self.shown_changed.emit()
        else:
            self.hang(index, entry, entry.target.frames.index(frame))

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
        self.drawing.stamps.forget()

    def redraw(self) -> None:
        """Draw the overlays again, and describe the panes anew."""
        for widget in self._shown():
            widget.tell_anew()

    def close_panes(self) -> None:
        """Stop asking for frames and pictures."""
        for pane in self._all:
            pane.widget.close_pane()

    def preview(self) -> Annotation | None:
        """The annotation that is being drawn or moved."""
        gestures = (widget.gesture for widget in self._shown())
        return next((g.preview for g in gestures if g and g.preview), None)

    def pointer_in(self, viewport: Viewport) -> PanePoint | None:
        """Where the pointer is in the pane of a viewport."""
        widgets = (*self.guests, *(pane.widget for pane in self._all))
        return next((w.pointer for w in widgets if w.viewport is viewport), None)

    def is_guest(self, viewport: Viewport) -> bool:
        """Whether a viewport is shown elsewhere, apart from links and cine."""
        return any(widget.viewport is viewport for widget in self.guests)

    def viewports(self) -> tuple[Viewport, ...]:
        """The viewports on the screen."""
        return tuple(pane.viewport for pane in self.on_screen)

    def linkable(self) -> tuple[Viewport, ...]:
        """Viewports on the screen that may be linked: of a tiled stack the first alone."""
        if not self.tiles.members:
            return self.viewports()
        lead = self.tiles.members[:1]
        return tuple(
            v for v in self.viewports() if not self.tiles.holds(v) or any(v is m for m in lead)
        )

    def _shown(self) -> tuple[ViewportWidget, ...]:
        return (*self.guests, *(pane.widget for pane in self.on_screen))

    def _make(self, number: int) -> Pane:
        drawing, viewport = self.drawing, Viewport()
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
        widget.stamps = drawing.stamps
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
        look, pane.look = pane.look, state.look
        if self.tiles.members and not self.tiles.is_sound():
            self.tiles.end()
        if before[0] != place[0] or pane not in self.on_screen:
            return
        if before[1] != place[1]:
            self.tiles.follow(pane.viewport)
            held = self.tiles.holds(pane.viewport)
            lead = self.tiles.members[0] if held else pane.viewport
            self.links.follow(lead, self.linkable())
        elif look != state.look:
            self.tiles.follow_look(pane.viewport)
            self.looks.follow(pane.viewport, look, self.linkable())
