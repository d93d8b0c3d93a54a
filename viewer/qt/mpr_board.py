"""The panes of a reconstruction: three planes through one crosshair, and the images they are of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.hanging.images import Hung
from viewer.model.refs import SopUid
from viewer.model.study import Instance
from viewer.qt.composer import Composer
from viewer.qt.grid import PaneGrid, shape_for
from viewer.qt.panes import Drawing
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.live import LivePicture
from viewer.render.plane_picture import PlanePicture
from viewer.render.plane_value import plane_value, plane_value_text
from viewer.render.reslice import Reslicer
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.cross_lines import cross_lines
from viewer.viewport.crosshair import CrosshairFirst, NotOnPlanes, PointAt
from viewer.viewport.navigate import PanTool, ScrollTool, WindowTool, ZoomTool
from viewer.viewport.overlay import Overlay, with_crosshair
from viewer.viewport.plane_lengths import PlaneLengths, PlaneLengthTool
from viewer.viewport.plane_overlay import point_text
from viewer.viewport.planes import PLANES, PlaneName
from viewer.viewport.reformat import PlaneState, PlaneViewport, Reformat
from viewer.viewport.tools import LentTools, Tool, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport, ViewState

_ORDER = (PlaneName.AXIAL, PlaneName.SAGITTAL, PlaneName.CORONAL)
"""Places in the grid: axial above coronal, sagittal beside axial, the images in the corner."""
_SOURCE = 3
_NOTCH = 120


@dataclass(frozen=True, slots=True)
class Maker:
    """Who draws on planes, and when."""

    author: str
    now: Callable[[], datetime]


class MprBoard(QWidget):
    """Four panes of one volume; built when a reconstruction is opened, gone when it is left."""

    activated = Signal()
    notice = Signal(str)
    menu_requested = Signal(QPoint)
    tool_key = Signal(object, bool)
    viewport_changed = Signal(object)
    edited = Signal(object)
    """An AnnotationEdit on the images."""
    seen = Signal(object)
    """A FrameRef of the images that stood fully drawn at rest; planes are none."""
    thickened = Signal(int)
    """Notches of the wheel by which the slab is to become thicker."""

    def __init__(
        self,
        reformat: Reformat,
        entry: Hung,
        instances: Mapping[SopUid, Instance],
        drawing: Drawing,
        composer: Composer,
        maker: Maker,
        parent: QWidget | None = None,
    ) -> None:
        """Build the panes; nothing is drawn until ``take`` gives the volume."""
        super().__init__(parent)
        self.reformat = reformat
        self.lengths = PlaneLengths()
        self._drawing, self._composer = drawing, composer
        self._reslicer: Reslicer | None = None
        self._active = 0
        self._turned = 0
        self._tools = LentTools(drawing.tools, self._tools_of)
        self._plane_tools = self._make_tools(maker)
        self._pictures = {
            name: PlanePicture(reformat.viewports[name], drawing.scheduler, ("mpr", name))
            for name in PLANES
        }
        self.source = Viewport()
        self.widgets = [self._make_plane(n, name) for n, name in enumerate(_ORDER, 1)]
        self.widgets.append(self._make_source())
        self.grid = PaneGrid(self.widgets)
        self.grid.set_shape(shape_for(len(self.widgets)))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.grid)
        for index, widget in enumerate(self.widgets):
            self._connect(index, widget)
        self.source.show(
            entry.target, instances, index=entry.target.frames.index(reformat.nearest())
        )
        self.source.changed.connect(self._on_source_changed)
        reformat.changed.connect(self._on_reformat_changed)
        self.lengths.ledger.changed.connect(self._on_ledger_changed)
        self.activate(0)

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
    def slices(self) -> int:
        """Slices of the whole volume."""
        return self.reformat.geometry.slices

    def take(self, reslicer: Reslicer) -> None:
        """Draw from this volume from now on."""
        self._reslicer = reslicer
        for picture in self._pictures.values():
            picture.take(reslicer)

    def activate(self, index: int) -> None:
        """Make a pane the active one."""
        self._active = index
        for n, widget in enumerate(self.widgets):
            widget.set_active(n == index)
        self.activated.emit()

    def step(self, by: int) -> None:
        """Give the focus to the next pane."""
        index = (self._active + by) % len(self.widgets)
        if self.grid.maximised is not None:
            self.grid.maximise(index)
        self.widgets[index].setFocus(Qt.FocusReason.TabFocusReason)
        self.activate(index)

    def toggle_maximised(self, index: int | None = None) -> None:
        """Show a pane (the active one) alone, or all again."""
        alone = self.grid.maximised is not None
        self.grid.maximise(None if alone else self._active if index is None else index)

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
        self._reslicer = None
        for widget in self.widgets:
            widget.close_pane()

    def redraw(self) -> None:
        """Draw the overlays again, and describe the panes anew."""
        for widget in self.widgets:
            widget.tell_anew()

    # -- building --------------------------------------------------------------------------------

    def _make_plane(self, number: int, name: PlaneName) -> ViewportWidget:
        viewport, drawing = self.reformat.viewports[name], self._drawing
        widget = ViewportWidget(
            number,
            viewport,
            self._pictures[name],
            self._tools,
            compose=lambda state: self._compose(viewport, number - 1, state),
            describe=lambda state: self._describe(state),
            tool_keys=drawing.tool_keys,
        )
        widget.takes_thickness = True
        self._name(widget, f"MPR {name.value}", f"mpr.{name.value}")
        return widget

    def _make_source(self) -> ViewportWidget:
        drawing = self._drawing
        picture = LivePicture(
            self.source, drawing.cache, drawing.scheduler, drawing.executor, ("mpr", "source")
        )
        widget = ViewportWidget(
            _SOURCE + 1,
            self.source,
            picture,
            self._tools,
            compose=self._compose_source,
            describe=lambda state: drawing.describe(self.source, state),
            tool_keys=drawing.tool_keys,
        )
        self._name(widget, self.tr("MPR source images"), "mpr.source")
        return widget

    def _name(self, widget: ViewportWidget, words: str, name: str) -> None:
        widget.setAccessibleName(words)
        widget.setObjectName(name)

    def _make_tools(self, maker: Maker) -> dict[ToolId, Tool]:
        own = (WindowTool(), ScrollTool(), ZoomTool(), PanTool())
        tools: dict[ToolId, Tool] = {
            tool.id: CrosshairFirst(tool, lambda: self.reformat) for tool in own
        }
        tools[ToolId.LENGTH] = PlaneLengthTool(
            self.lengths, maker.author, maker.now, self.notice.emit
        )
        tools[ToolId.POINT] = PointAt(lambda: self.reformat)
        others = {name: NotOnPlanes(name, self.notice.emit) for name in ToolId}
        return {**others, **tools}

    def _tools_of(self, viewport: Viewport) -> Mapping[ToolId, Tool]:
        if isinstance(viewport, PlaneViewport):
            return self._plane_tools
        tools = self._drawing.tools.tools
        own = {ToolId.POINT: self._plane_tools[ToolId.POINT]}
        own |= {name: self._plane_tools[name] for name in (ToolId.REGION, ToolId.MAGNIFY)}
        clicked = (ToolId.WINDOW, ToolId.SCROLL, ToolId.ZOOM, ToolId.PAN)
        own |= {name: CrosshairFirst(tools[name], lambda: self.reformat) for name in clicked}
        return {**tools, **own}

    def _connect(self, index: int, widget: ViewportWidget) -> None:
        widget.activated.connect(lambda: self.activate(index))
        widget.maximise_requested.connect(lambda: self.toggle_maximised(index))
        widget.menu_requested.connect(self.menu_requested)
        widget.thickened.connect(self._on_widget_thickened)
        widget.setAcceptDrops(False)
        widget.tool_key.connect(self.tool_key)
        widget.viewport.changed.connect(self.viewport_changed.emit)
        if index == _SOURCE:
            widget.edited.connect(self.edited)
            widget.seen.connect(self.seen)
        else:
            widget.edited.connect(self._on_plane_edited)

    # -- what is drawn ---------------------------------------------------------------------------

    def _compose(self, viewport: PlaneViewport, index: int, state: ViewState) -> Overlay | None:
        transform = viewport.transform_of(state)
        if not isinstance(state, PlaneState) or transform is None:
            return None
        widget = self.widgets[index]
        preview = widget.gesture.preview if widget.gesture else None
        return self._composer.of_plane(
            viewport,
            state,
            self.lengths.shapes(viewport, transform, preview),
            pointed=self._pointed(viewport, widget),
            scale=widget.devicePixelRatioF(),
            slices=self.slices,
        )

    def _compose_source(self, state: ViewState) -> Overlay | None:
        made = self._drawing.compose(self.source, state)
        plane = self.source.plane_of(state.frame) if state.frame else None
        transform = self.source.transform_of(state)
        if made is None or plane is None or transform is None:
            return made
        scale = self.widgets[_SOURCE].devicePixelRatioF()
        return with_crosshair(
            made, cross_lines(self.reformat.crosshair, plane, transform, scale=scale)
        )

    def _pointed(self, viewport: PlaneViewport, widget: ViewportWidget) -> str:
        """The value under the pointer and where that is in the patient."""
        state, reslicer = viewport.state, self._reslicer
        point = viewport.point_at(widget.pointer) if widget.pointer else None
        instance, cut = viewport.instance, state.cut
        if point is None or reslicer is None or instance is None or cut is None:
            return ""
        if not self.reformat.holds(point):
            return ""
        value = plane_value(reslicer, cut, point, state.slab)
        unit = reslicer.volume.rescale.unit
        text = plane_value_text(value, unit, instance, state.readout)
        fused = self._composer.fused_text(state, cut.plane, point, state.slab)
        return " · ".join(part for part in (text, fused, point_text(point)) if part)

    def _describe(self, state: ViewState) -> str:
        if not isinstance(state, PlaneState):
            return ""
        return self._composer.describe_plane(state, self.slices)

    # -- what happened ---------------------------------------------------------------------------

    def _on_source_changed(self, state: ViewState) -> None:
        if state.frame is not None and state.frame != self.reformat.nearest():
            self.reformat.go_to_frame(state.frame)

    def _on_reformat_changed(self) -> None:
        self.source.go_to(self.reformat.nearest())
        self.widgets[_SOURCE].update()

    def _on_plane_edited(self, edit: AnnotationEdit) -> None:
        self.lengths.ledger.apply(edit)

    def _on_ledger_changed(self, _edit: AnnotationEdit) -> None:
        self.redraw()

    def _on_widget_thickened(self, delta: int) -> None:
        self._turned += delta
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        if notches:
            self.thickened.emit(notches)
