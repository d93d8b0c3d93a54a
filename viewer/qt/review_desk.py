"""What one does with several panes at once: play them, lay them out, link them, point in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from numpy.typing import NDArray
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from viewer.model.presentation import ColourMap
from viewer.pixels.presets import Preset
from viewer.qt.cine_desk import CineDesk
from viewer.qt.colour_choice import ColourChoice
from viewer.qt.cross_desk import CrossDesk
from viewer.qt.desk import DeskGroup
from viewer.qt.fusion_desk import FusionDesk
from viewer.qt.layout_desk import LayoutDesk
from viewer.qt.link_desk import LinkDesk
from viewer.qt.magnifier import Magnifier
from viewer.qt.mask_desk import MaskDesk
from viewer.qt.panes import Pane, Panes
from viewer.qt.screen_colours_desk import ScreenColoursDesk
from viewer.qt.screen_desk import ScreenDesk
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.commands import ZOOM_STEP
from viewer.viewport.corners import TextLevel
from viewer.viewport.magnify import MagnifyTool
from viewer.viewport.pointing import PointTool
from viewer.viewport.preferences import Preferences
from viewer.viewport.region import BoxGesture, RegionTool
from viewer.viewport.review import Review
from viewer.viewport.tools import Tool
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport, ViewState


class ReviewDesk(DeskGroup):
    """The review commands of a reading area, and what they make of each pane."""

    def __init__(
        self,
        panes: Panes,
        maps: Sequence[ColourMap],
        presets: Sequence[Preset],
        planes: Callable[[], Sequence[ViewportWidget]],
        preferences: Preferences,
        parent: QWidget,
    ) -> None:
        """Act on these panes; ``maps`` are the colours that may stand for grey or be laid over it.

        ``planes`` are the panes of a reconstruction while one is shown.
        """
        super().__init__(parent)
        self._panes = panes
        self.cine = CineDesk(lambda: panes.active.viewport, panes.tiles.holds, self)
        self.layouts = LayoutDesk(panes, self)
        self.links = LinkDesk(panes, self)
        self.cross = CrossDesk(panes, self)
        self.colours = ColourChoice(maps, lambda: panes.active.viewport, self)
        self.fusion = FusionDesk(panes, planes, maps, presets, self)
        self.fusion.touched.connect(self.layouts.touched)
        self.screens = ScreenDesk(panes, preferences, parent)
        self.screen_colours = ScreenColoursDesk(panes, preferences, parent)
        self.masks = MaskDesk(lambda: panes.active.viewport, self)
        self.magnifier = Magnifier(panes, panes.drawing.scheduler)
        self._level = TextLevel.ALL
        self.take(self.cine, self.layouts, self.links, self.cross)
        self.take(self.colours, self.fusion, self.screens, self.screen_colours, self.masks)
        for pane in panes.all:
            self._watch(pane)
        panes.made.connect(self._watch)

    @property
    def level(self) -> TextLevel:
        """How many corner texts are wanted."""
        return self._level

    @contextmanager
    def all_texts(self) -> Iterator[None]:
        """Meanwhile every corner text is wanted, as on what leaves the program."""
        level, self._level = self._level, TextLevel.ALL
        try:
            yield
        finally:
            self._level = level

    @property
    def scheduler(self) -> RenderScheduler:
        """What draws for these panes."""
        return self._panes.drawing.scheduler

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        acts = super().acts()
        acts["view.turn"] = lambda: self._turn(lambda v: v.turn(1))
        acts["view.flip"] = lambda: self._turn(Viewport.flip)
        acts["view.reset"] = self._reset
        acts["view.texts"] = self._fewer_texts
        acts["view.zoom_in"] = lambda: self._zoom(ZOOM_STEP)
        acts["view.zoom_out"] = lambda: self._zoom(1 / ZOOM_STEP)
        return {name: self._telling(act) for name, act in acts.items()}

    def tell(self, viewport: Viewport, state: ViewState) -> Review:
        """Give what stands in or on a pane besides its image."""
        return Review(
            playing=self.cine.words(viewport),
            links=self.links.words(viewport),
            line=self.cross.line_in(viewport, state),
            point=self.cross.mark_in(viewport, state),
            box=self._box_in(viewport),
            level=self._level,
        )

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check the actions whose state is on."""
        super().show_on(actions)
        actions["cine.play"].setChecked(self.cine.is_playing(self._panes.active.viewport))
        actions["layout.tile"].setChecked(bool(self._panes.tiles.members))

    def tools(self) -> tuple[Tool, ...]:
        """The tools that look and point, and measure nothing."""
        return (
            PointTool(self.cross.point_at),
            RegionTool(self._pixels),
            MagnifyTool(self.magnifier.show, self.magnifier.hide),
        )

    def close_desk(self) -> None:
        """Nothing is shown any more."""
        super().close_desk()
        self.stop()
        self.magnifier.close()

    def stop(self) -> None:
        """Let everything stand: the case is closed."""
        super().stop()
        self.cine.stop_all()
        self.cross.drop_point()

    def _telling(self, act: Callable[[], None]) -> Callable[[], None]:
        """Whatever came of it, checked actions must say what is so."""

        def act_and_tell() -> None:
            act()
            self.changed.emit()

        return act_and_tell

    def _watch(self, pane: Pane) -> None:
        self.cine.watch(pane)
        self.screens.watch(pane.widget)
        self.screen_colours.watch(pane.widget)
        pane.viewport.changed.connect(lambda _state: self._on_viewport_changed(pane))

    def _on_viewport_changed(self, pane: Pane) -> None:
        if pane is self._panes.active:
            self.cross.follow()

    def _pixels(self, viewport: Viewport) -> NDArray[Any] | None:
        frame = viewport.state.frame
        if viewport.state.look.mask is not None:  # what is shown are differences of these pixels
            self.notice.emit(self.tr("A window is not taken from a region while subtracting."))
            return None
        return self._panes.drawing.cache.get(frame) if frame is not None else None

    def _box_in(self, viewport: Viewport) -> tuple[PanePoint, PanePoint] | None:
        gestures = (p.widget.gesture for p in self._panes.on_screen if p.viewport is viewport)
        return next((g.box for g in gestures if isinstance(g, BoxGesture)), None)

    def _turn(self, act: Callable[[Viewport], bool]) -> None:
        if not act(self._panes.active.viewport):
            self.notice.emit(self.tr("Only projection images can be turned or flipped."))

    def _reset(self) -> None:
        """Cancel a drawing first, then take the point away, then return to the first look."""
        cancelled = [pane.widget.cancel_gesture() for pane in self._panes.all]
        if not any(cancelled) and not self.cross.drop_point():
            self._panes.active.viewport.reset()

    def _zoom(self, factor: float) -> None:
        """At the pointer where it is in the active pane, else at the middle of the pane."""
        active = self._panes.active
        size = active.viewport.state.pane
        at = active.widget.pointer or PanePoint(size.width / 2, size.height / 2)
        active.viewport.zoom_at(at, factor)

    def _fewer_texts(self) -> None:
        self._level = self._level.fewer
        words = {
            TextLevel.ALL: self.tr("All corner texts are shown."),
            TextLevel.FEW: self.tr("The most important corner texts are shown."),
            TextLevel.LEAST: self.tr("Only the patient and warnings are shown."),
        }
        self.informed.emit(words[self._level])
