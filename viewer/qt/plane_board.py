"""What every board of planes does: panes through one crosshair, their tools, texts and lengths."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QWidget

from viewer.hanging.images import Hung
from viewer.measure.wire import Crop
from viewer.model.annotation import Annotation
from viewer.model.geometry import PixelPoint
from viewer.model.refs import FrameRef, SopUid
from viewer.model.sample_grid import Slab
from viewer.model.study import Instance
from viewer.model.volume_geometry import VolumeGeometry
from viewer.qt.composer import Composer
from viewer.qt.panes import Drawing
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.plane_crop import plane_crop
from viewer.render.plane_picture import PlanePicture
from viewer.render.plane_request import value_range_of
from viewer.render.plane_value import plane_value, plane_value_text
from viewer.render.reslice import Reslicer
from viewer.viewport.annotate import AnnotationEdit, Step
from viewer.viewport.crosshair import CrosshairFirst, NotOnPlanes, PointAt
from viewer.viewport.drawing import Hand
from viewer.viewport.navigate import PanTool, ScrollTool, WindowTool, ZoomTool
from viewer.viewport.overlay import Overlay
from viewer.viewport.plane_overlay import point_text
from viewer.viewport.plane_shapes import PLANE_TOOLS, PlaneShapes, PlaneTool
from viewer.viewport.reformat import PlaneState, PlaneViewport, Reformat
from viewer.viewport.shapes import Shape
from viewer.viewport.space_tool import SpaceFirst, SpaceTool
from viewer.viewport.tools import LentTools, Tool, ToolId
from viewer.viewport.transform import PanePoint, PaneTransform
from viewer.viewport.viewport import Viewport, ViewState
from viewer.viewport.wire_tool import WireMaker

_NOTCH = 120


@dataclass(frozen=True, slots=True)
class Maker:
    """Who draws on planes, and when."""

    author: str
    now: Callable[[], datetime]


class Alone(Protocol):
    """A grid of panes in which any one can be shown alone."""

    @property
    def maximised(self) -> int | None:
        """Index of the pane that is shown alone."""
        ...

    def maximise(self, index: int | None) -> None:
        """Show one pane alone; None shows all of the layout again."""
        ...


class PlaneBoard(QWidget):
    """Panes of planes in place of those of images; built when opened, gone when left."""

    activated = Signal()
    stepped = Signal()
    """Something that stays with the reconstruction was drawn, changed or taken back."""
    notice = Signal(str)
    informed = Signal(str)
    """What is of no use for long: what was set, how to go on."""
    menu_requested = Signal(QPoint)
    tool_key = Signal(object, bool)
    viewport_changed = Signal(object)
    edited = Signal(object)
    """An AnnotationEdit on the images."""
    seen = Signal(object)
    """A FrameRef of the images that stood fully drawn at rest; planes are none."""
    added = Signal(object)
    """A ViewportWidget that has come to the board since it was built."""
    filled = Signal()
    """A volume is here as far as it can be."""
    thickened = Signal(int)
    """Notches of the wheel by which the slab is to become thicker."""

    def __init__(
        self,
        reformat: Reformat,
        drawing: Drawing,
        composer: Composer,
        maker: Maker,
        parent: QWidget | None = None,
    ) -> None:
        """Begin without panes; ``reformat`` is what commands act on."""
        super().__init__(parent)
        self.reformat = reformat
        measuring = composer.measuring
        self.shapes = PlaneShapes(measuring.ledger, measuring.selection, measuring.read)
        self.widgets: list[ViewportWidget] = []
        self.acts: Mapping[str, Callable[[], None]] = {}
        """Commands that mean something else on this board."""
        self._drawing, self._composer = drawing, composer
        self._reslicers: dict[Reformat, Reslicer] = {}
        self._active = 0
        self._turned = 0
        self._maker = maker
        self._tools = LentTools(drawing.tools, self._tools_of)
        self._plane_tools = self._make_tools(maker)
        self.shapes.ledger.changed.connect(self._on_ledger_changed)
        self.shapes.ledger.stepped.connect(self._on_ledger_stepped)
        self.shapes.kept.changed.connect(self._on_kept_changed)
        measuring.in_space.space.draft.changed.connect(self.redraw)

    @property
    def viewport(self) -> Viewport:
        """The viewport that keys and panels act on."""
        return self.widgets[self._active].viewport

    @property
    def plane(self) -> PlaneViewport | None:
        """The active plane; None while the images are active."""
        viewport = self.viewport
        return viewport if isinstance(viewport, PlaneViewport) else None

    @property
    def is_pointed_at(self) -> bool:
        """Whether something is being dragged or drawn."""
        return any(widget.gesture is not None for widget in self.widgets)

    @property
    def planes(self) -> tuple[ViewportWidget, ...]:
        """The panes of planes over which a second volume may be laid."""
        return tuple(w for w in self.widgets if isinstance(w.viewport, PlaneViewport))

    @property
    def slab(self) -> Slab | None:
        """How thick the active pane is; the planes are so together."""
        return self.reformat.slab

    def set_slab(self, slab: Slab | None) -> None:
        """Make the active pane so thick, and what is thick with it."""
        self.reformat.set_slab(slab)

    def take(self, reslicer: Reslicer, *, filling: bool = False) -> None:
        """Draw from this volume from now on; ``filling`` says that more of it is on its way."""
        self._take(self.reformat, reslicer, filling=filling)

    def know(self, entry: Hung, instances: Mapping[SopUid, Instance]) -> None:
        """More images of the series are here than are in the volume."""

    def miss(self, late: int) -> None:
        """Say on the planes that so many images of the series are not in their volume."""
        self.reformat.miss(late)

    def renew(
        self, entry: Hung, instances: Mapping[SopUid, Instance], geometry: VolumeGeometry
    ) -> None:
        """Go on in the volume of the same series with more slices, which ``take`` brings next."""
        self.reformat.renew(entry.target, instances, geometry)

    def reslicer_of(self, viewport: PlaneViewport) -> Reslicer | None:
        """What a plane is drawn from; None while nothing of its volume is here."""
        return self._reslicers.get(viewport.reformat)

    def whole_volume(self, frame: FrameRef) -> Reslicer | None:
        """What planes of a frame's stack are drawn from; None while it is filled, or of another."""
        for reformat, reslicer in self._reslicers.items():
            if frame in reformat.target.frames and not reformat.is_filling:
                return reslicer
        return None

    def activate(self, index: int) -> None:
        """Make a pane the active one."""
        self._active = index
        for n, widget in enumerate(self.widgets):
            widget.set_active(n == index)
        self.activated.emit()

    def step(self, by: int) -> None:
        """Give the focus to the next pane."""
        index = (self._active + by) % len(self.widgets)
        if self._grid.maximised is not None:
            self._grid.maximise(index)
        self.widgets[index].setFocus(Qt.FocusReason.TabFocusReason)
        self.activate(index)

    def toggle_maximised(self, index: int | None = None) -> None:
        """Show a pane (the active one) alone, or all again."""
        alone = self._grid.maximised is not None
        self._grid.maximise(None if alone else self._active if index is None else index)

    def reset(self) -> None:
        """Return to the first planes and the first look."""
        self.reformat.reset()

    def zoom(self, factor: float) -> None:
        """Change the zoom of the active pane, at the pointer where it is there."""
        widget = self.widgets[self._active]
        size = widget.viewport.state.pane
        at = widget.pointer or PanePoint(size.width / 2, size.height / 2)
        widget.viewport.zoom_at(at, factor)

    def cancel_gesture(self) -> bool:
        """End a gesture as if it had not been; False when there was none."""
        return any(widget.cancel_gesture() for widget in self.widgets)

    def go_to_pointer(self) -> bool:
        """Move the crosshair under the pointer; False where it points at no voxel."""
        for widget in self.widgets:
            transform, plane = widget.viewport.transform(), widget.viewport.plane
            if widget.pointer is not None and transform is not None and plane is not None:
                return self.reformat.go_to(plane.to_lps(transform.to_pixel(widget.pointer)))
        return False

    def close_board(self) -> None:
        """Stop asking for frames and pictures, and let go of the volume."""
        self._composer.measuring.in_space.space.draft.changed.disconnect(self.redraw)
        self.shapes.kept.changed.disconnect(self._on_kept_changed)
        self._reslicers.clear()
        for widget in self.widgets:
            widget.close_pane()

    def redraw(self) -> None:
        """Draw the overlays again, and describe the panes anew."""
        for widget in self.widgets:
            widget.tell_anew()

    # -- building --------------------------------------------------------------------------------

    def _build(self, widgets: list[ViewportWidget], grid: Alone) -> None:
        """Take the panes in the order of their places, and what lays them out."""
        self.widgets, self._grid = widgets, grid
        for index, widget in enumerate(widgets):
            self._connect(index, widget)
        self.activate(0)

    def _make_plane(self, viewport: PlaneViewport, words: str, key: str) -> ViewportWidget:
        """The pane of one plane, by its name for people and for the program."""
        picture = PlanePicture(viewport, self._drawing.scheduler, key)
        return self._make_pane(viewport, picture, words, key)

    def _make_pane(
        self, viewport: PlaneViewport, picture: PlanePicture, words: str, key: str
    ) -> ViewportWidget:
        widget = ViewportWidget(
            0,
            viewport,
            picture,
            self._tools,
            compose=lambda state: self._compose(viewport, widget, state),
            describe=lambda state: self._describe(viewport, state),
            tool_keys=self._drawing.tool_keys,
        )
        widget.takes_thickness = True
        self._name(widget, words, key)
        return widget

    def _connect(self, index: int, widget: ViewportWidget) -> None:
        widget.activated.connect(lambda: self.activate(index))
        widget.maximise_requested.connect(lambda: self.toggle_maximised(index))
        widget.menu_requested.connect(self.menu_requested)
        widget.thickened.connect(lambda delta: self._on_widget_thickened(index, delta))
        widget.setAcceptDrops(False)
        widget.tool_key.connect(self.tool_key)
        widget.viewport.changed.connect(self.viewport_changed.emit)
        if isinstance(widget.viewport, PlaneViewport):
            widget.edited.connect(self._on_plane_edited)

    def _take(self, reformat: Reformat, reslicer: Reslicer, *, filling: bool) -> None:
        self._reslicers[reformat] = reslicer
        for widget in self.widgets:
            viewport, picture = widget.viewport, widget.picture
            mine = isinstance(viewport, PlaneViewport) and viewport.reformat is reformat
            if mine and isinstance(picture, PlanePicture):
                picture.take(reslicer)
        volume = reslicer.volume
        reformat.take(volume, value_range_of(volume), filling=filling)
        if not filling:
            self.filled.emit()

    def _tools_of(self, _viewport: Viewport) -> Mapping[ToolId, Tool]:
        return self._plane_tools

    def _name(self, widget: ViewportWidget, words: str, name: str) -> None:
        widget.setAccessibleName(words)
        widget.setObjectName(name)

    def _make_tools(self, maker: Maker) -> dict[ToolId, Tool]:
        own = (WindowTool(), ScrollTool(), ZoomTool(), PanTool())
        tools: dict[ToolId, Tool] = {
            tool.id: CrosshairFirst(tool, lambda: self.reformat) for tool in own
        }
        wire = WireMaker(self._crop, self._drawing.executor)
        hand, space = Hand(maker.author, maker.now), self._composer.measuring.in_space.space
        for name in PLANE_TOOLS:
            if name.kind is not None:
                tools[name] = PlaneTool(name, name.kind, self.shapes, hand, self.notice.emit, wire)
        tools[ToolId.POINT] = PointAt(lambda: self.reformat)
        tools = {name: SpaceFirst(tool, space) for name, tool in tools.items()}
        for name in ToolId:
            if name.kind is not None and name.kind.in_space:
                tools[name] = SpaceTool(name, name.kind, space)
        others = {name: NotOnPlanes(name, self.notice.emit) for name in ToolId}
        return {**others, **tools}

    def _crop(self, viewport: Viewport, at: PixelPoint) -> Callable[[], Crop] | None:
        """What samples a plane round a pixel; None while its volume is not here."""
        reslicer = self.reslicer_of(viewport) if isinstance(viewport, PlaneViewport) else None
        plane = viewport.plane
        if reslicer is None or plane is None:
            return None
        return lambda: plane_crop(reslicer, plane, at)

    # -- what is drawn ---------------------------------------------------------------------------

    def _compose(
        self, viewport: PlaneViewport, widget: ViewportWidget, state: ViewState
    ) -> Overlay | None:
        transform = viewport.transform_of(state)
        if not isinstance(state, PlaneState) or transform is None:
            return None
        return self._composer.of_plane(
            viewport,
            state,
            self._shapes_on(viewport, widget, transform),
            pointed=self._pointed(viewport, widget),
            scale=widget.devicePixelRatioF(),
            slices=viewport.reformat.geometry.slices,
        )

    def _shapes_on(
        self, viewport: PlaneViewport, widget: ViewportWidget, transform: PaneTransform
    ) -> tuple[Shape, ...]:
        preview = widget.gesture.preview if widget.gesture else None
        return self._held_on(viewport, widget, transform, preview)

    def _held_on(
        self,
        viewport: PlaneViewport,
        widget: ViewportWidget,
        transform: PaneTransform,
        preview: Annotation | None,
    ) -> tuple[Shape, ...]:
        """What is kept with the case as a plane shows it, with what is being drawn on it."""
        scale = widget.devicePixelRatioF()
        shapes = self.shapes.shapes(viewport, transform, preview, scale)
        return (*shapes, *self._composer.space_shapes(viewport, viewport.state, scale))

    def _pointed(self, viewport: PlaneViewport, widget: ViewportWidget) -> str:
        """The value under the pointer and where that is in the patient."""
        state, reslicer = viewport.state, self._reslicers.get(viewport.reformat)
        point = viewport.point_at(widget.pointer) if widget.pointer else None
        instance, cut = viewport.instance, state.cut
        if point is None or reslicer is None or instance is None or cut is None:
            return ""
        if not viewport.reformat.holds(point):
            return ""
        value = plane_value(reslicer, cut, point, state.slab)
        unit = reslicer.volume.rescale.unit
        text = plane_value_text(value, unit, instance, state.readout)
        fused = self._composer.fused_text(state, cut.plane, point, state.slab)
        return " · ".join(part for part in (text, fused, point_text(point)) if part)

    def _describe(self, viewport: PlaneViewport, state: ViewState) -> str:
        if not isinstance(state, PlaneState):
            return ""
        return self._composer.describe_plane(state, viewport.reformat.geometry.slices)

    # -- what happened ---------------------------------------------------------------------------

    def _on_plane_edited(self, edit: AnnotationEdit) -> None:
        """Hand on what was drawn on a plane as what is kept of it."""
        one, plane = edit.after or edit.before, self.plane
        flat = one is not None and not one.kind.in_space
        self.edited.emit(self.shapes.stored(edit, plane) if flat and plane is not None else edit)

    def _on_kept_changed(self, _edit: AnnotationEdit, /) -> None:
        self.redraw()

    def _on_ledger_stepped(self, _step: Step, /) -> None:
        self.stepped.emit()

    def _on_ledger_changed(self, _edit: AnnotationEdit, /) -> None:
        self.redraw()

    def _on_widget_thickened(self, index: int, delta: int) -> None:
        if index != self._active:
            self.activate(index)
        self._turned += delta
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        if notches:
            self.thickened.emit(notches)
