"""The panes of a reconstruction: three planes through one crosshair, and the images they are of."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.errors import GeometryError
from viewer.hanging.images import Hung
from viewer.model.refs import SopUid
from viewer.model.sample_grid import Slab
from viewer.model.study import Instance
from viewer.model.volume_geometry import VolumeGeometry
from viewer.qt.composer import Composer
from viewer.qt.curve_keys import CurveKeys
from viewer.qt.grid import PaneGrid, shape_for
from viewer.qt.panes import Drawing
from viewer.qt.plane_board import Maker, PlaneBoard
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.curved import CurvedPicture
from viewer.render.live import LivePicture
from viewer.render.plane_request import value_range_of
from viewer.render.reslice import Reslicer
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.cross_lines import cross_lines
from viewer.viewport.crosshair import CrosshairFirst
from viewer.viewport.curve_edits import Bed, Curves, PathGrasp
from viewer.viewport.curve_lengths import CurveLength, curve_shapes
from viewer.viewport.curved import CurvedPath, CurvedSheet, CurvedViewport
from viewer.viewport.drawing import Hand
from viewer.viewport.letters import EdgeLetters
from viewer.viewport.navigate import PanTool, WindowTool, ZoomTool
from viewer.viewport.overlay import Overlay, with_crosshair
from viewer.viewport.path_tool import NotOnCurved, PathFirst, path_of_drawing, path_shape
from viewer.viewport.planes import PlaneName
from viewer.viewport.reformat import PlaneViewport, Reformat
from viewer.viewport.shapes import Shape
from viewer.viewport.tools import Tool, ToolId
from viewer.viewport.transform import PanePoint, PaneTransform
from viewer.viewport.viewport import Viewport, ViewState

_ORDER = (PlaneName.AXIAL, PlaneName.SAGITTAL, PlaneName.CORONAL)
"""Places in the grid: axial above coronal, sagittal beside axial, the images in the corner."""
_SOURCE = 3


class MprBoard(PlaneBoard):
    """Four panes of one volume; built when a reconstruction is opened, gone when it is left."""

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
        super().__init__(reformat, drawing, composer, maker, parent)
        self._instances = instances
        self.curves = Curves(self.shapes)
        """The path of the curved picture, and what is measured along it."""
        self._hand = Hand(maker.author, maker.now)
        self.source = Viewport()
        planes = [
            self._make_plane(reformat.viewports[name], f"MPR {name.value}", f"mpr.{name.value}")
            for name in _ORDER
        ]
        self._source_pane = self._make_source()
        widgets = [*planes, self._source_pane]
        self._places = grid = PaneGrid(widgets)
        grid.set_shape(shape_for(len(widgets)))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(grid)
        self._build(widgets, grid)
        self.source.show(
            entry.target, instances, index=entry.target.frames.index(reformat.nearest())
        )
        self._curved: ViewportWidget | None = None
        self._draws = False
        self._sharing = False
        self._keys = CurveKeys(
            self.curves, self.shapes, reformat, self._pointed_plane, self.notice.emit, self.redraw
        )
        self.acts = {"mpr.curved": self.toggle_path}
        for viewport in reformat.viewports.values():
            viewport.changed.connect(lambda _state, viewport=viewport: self._share(viewport))
        self.source.changed.connect(self._on_source_changed)
        reformat.changed.connect(self._on_reformat_changed)

    @property
    def plane(self) -> PlaneViewport | None:
        """The active plane; None while the images or a curved picture are active."""
        plane = super().plane
        return None if isinstance(plane, CurvedViewport) else plane

    @property
    def planes(self) -> tuple[ViewportWidget, ...]:
        """The panes of planes; a curved picture is none."""
        return tuple(w for w in super().planes if w is not self._curved)

    @property
    def curved(self) -> CurvedViewport | None:
        """The curved picture while it is the active pane."""
        viewport = self.viewport
        return viewport if isinstance(viewport, CurvedViewport) else None

    @property
    def slab(self) -> Slab | None:
        """How thick the active pane is: the planes together, a curved picture on its own."""
        curved = self.curved
        return super().slab if curved is None else curved.state.slab

    def set_slab(self, slab: Slab | None) -> None:
        """Make the active pane so thick: the planes together, a curved picture on its own."""
        curved = self.curved
        if curved is None:
            super().set_slab(slab)
        else:
            curved.set_slab(slab)

    @property
    def draws_path(self) -> bool:
        """Whether clicks on a plane place the points of a path."""
        return self._draws

    def toggle_path(self) -> None:
        """Draw a path next, or no longer; where a curved picture is shown, the images again."""
        if self._curved is not None:
            self.curves.drop()
        elif self._draws:
            self.cancel_gesture()
        elif self.reformat.slab is not None:
            self.notice.emit(self.tr("A path is drawn on single planes: take the slab away first."))
        else:
            self._draws = True
            self.informed.emit(
                self.tr(
                    "Click the path on a plane, point by point: Enter or a double click ends it, "
                    "Backspace takes a point back, Esc gives it up."
                )
            )

    def take(self, reslicer: Reslicer, *, filling: bool = False) -> None:
        """Draw from this volume from now on; the curved picture too."""
        super().take(reslicer, filling=filling)
        self._tell_curved(reslicer)

    def know(self, entry: Hung, instances: Mapping[SopUid, Instance]) -> None:
        """Show all images beside the planes, those too that are not in the volume yet."""
        self.source.grow(entry.target, instances)

    def miss(self, late: int) -> None:
        """Say so on the curved picture too."""
        super().miss(late)
        if self._curved is not None and isinstance(self._curved.viewport, CurvedViewport):
            self._curved.viewport.put(late=late)

    def renew(
        self, entry: Hung, instances: Mapping[SopUid, Instance], geometry: VolumeGeometry
    ) -> None:
        """Go on in the volume with more slices; the images beside it and the path stay."""
        self._instances = instances
        self.source.grow(entry.target, instances)
        super().renew(entry, instances, geometry)
        curved = self._curved.viewport if self._curved is not None else None
        if isinstance(curved, CurvedViewport):
            curved.renew(entry.target, instances)

    def cancel_gesture(self) -> bool:
        """End a gesture, and the drawing of a path, as if it had not been."""
        drew, self._draws = self._draws, False
        return super().cancel_gesture() or drew

    def close_board(self) -> None:
        """Stop asking for frames and pictures, also for what is not shown now."""
        if self._curved is not None:
            self._source_pane.close_pane()
        super().close_board()

    # -- building --------------------------------------------------------------------------------

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

    def _tools_of(self, viewport: Viewport) -> Mapping[ToolId, Tool]:
        if isinstance(viewport, CurvedViewport):
            tools: dict[ToolId, Tool] = {
                name: NotOnCurved(name, self.notice.emit) for name in ToolId
            }
            length = CurveLength(self.curves, self.shapes.selection, self._hand, self.notice.emit)
            own = (WindowTool(), ZoomTool(), PanTool(), length)
            return tools | {tool.id: tool for tool in own}
        usual = self._usual_tools_of(viewport)
        if self._draws:
            say = self.notice.emit
            return {name: PathFirst(tool, self._hand, say) for name, tool in usual.items()}
        if self._curved is None or not isinstance(viewport, PlaneViewport):
            return usual
        return {
            name: PathGrasp(tool, self.curves, self.notice.emit) for name, tool in usual.items()
        }

    def _usual_tools_of(self, viewport: Viewport) -> Mapping[ToolId, Tool]:
        if isinstance(viewport, PlaneViewport):
            return self._plane_tools
        tools = self._drawing.tools.tools
        own = {ToolId.POINT: self._plane_tools[ToolId.POINT]}
        own |= {name: self._plane_tools[name] for name in (ToolId.REGION, ToolId.MAGNIFY)}
        clicked = (ToolId.WINDOW, ToolId.SCROLL, ToolId.ZOOM, ToolId.PAN)
        own |= {name: CrosshairFirst(tools[name], lambda: self.reformat) for name in clicked}
        return {**tools, **own}

    def _connect(self, index: int, widget: ViewportWidget) -> None:
        super()._connect(index, widget)
        if widget is self._source_pane:
            widget.edited.connect(self.edited)
            widget.seen.connect(self.seen)

    # -- what is drawn ---------------------------------------------------------------------------

    def _compose_source(self, state: ViewState) -> Overlay | None:
        made = self._drawing.compose(self.source, state)
        plane = self.source.plane_of(state.frame) if state.frame else None
        transform = self.source.transform_of(state)
        if made is None or plane is None or transform is None:
            return made
        scale = self._source_pane.devicePixelRatioF()
        return with_crosshair(
            made, cross_lines(self.reformat.crosshair, plane, transform, scale=scale)
        )

    def _compose(
        self, viewport: PlaneViewport, widget: ViewportWidget, state: ViewState
    ) -> Overlay | None:
        made = super()._compose(viewport, widget, state)
        if made is None or not isinstance(viewport, CurvedViewport):
            return made
        return replace(made, letters=EdgeLetters(), crosshair=(), plane=None)

    def _shapes_on(
        self, viewport: PlaneViewport, widget: ViewportWidget, transform: PaneTransform
    ) -> tuple[Shape, ...]:
        preview = widget.gesture.preview if widget.gesture else None
        if isinstance(viewport, CurvedViewport):
            return curve_shapes(viewport, self.curves, self.shapes.selection, transform, preview)
        if self._draws:
            path = path_of_drawing(preview, viewport) if preview is not None else None
            shape = path_shape(preview, path, viewport, transform) if preview and path else None
            if shape is not None:
                return (*self._held_on(viewport, widget, transform, None), shape)
            return super()._shapes_on(viewport, widget, transform)
        dragged = preview is not None and self.curves.knows(preview.id)
        held = preview if dragged else self.curves.drawn
        path = self.curves.path_of(held) if held is not None else None
        if held is None or path is None:
            return super()._shapes_on(viewport, widget, transform)
        shape = path_shape(held, path, viewport, transform, self.curves)
        made = self._held_on(viewport, widget, transform, None if dragged else preview)
        return made if shape is None else (*made, shape)

    # -- the curved picture ----------------------------------------------------------------------

    def _on_plane_edited(self, edit: AnnotationEdit) -> None:
        if self._draws:
            self._on_drawn(edit)
        elif self.curves.is_path(edit) and edit.after is not None:
            try:
                self.curves.change(edit.after)
            except GeometryError as error:
                self.notice.emit(error.sentence)
        else:
            if self.curved is None:
                super()._on_plane_edited(edit)
                return
            self.curves.note(edit)
            self.shapes.ledger.apply(edit)

    def _on_drawn(self, edit: AnnotationEdit) -> None:
        self._draws = False
        super().cancel_gesture()  # a path that was begun on another plane too
        plane = self.plane  # a press made the plane the active one
        if edit.after is None or plane is None or not self.curves.draw(edit.after, plane):
            self.notice.emit(self.tr("This path is too short: draw it again."))

    def _on_ledger_changed(self, edit: AnnotationEdit, /) -> None:
        if self.curves.is_path(edit):
            self._follow_path()
        super()._on_ledger_changed(edit)

    def _follow_path(self) -> None:
        """Show the path that there is now, drawn, changed or brought back."""
        path, bed = self.curves.path, self.curves.bed
        if path is None or bed is None:
            self._end_curved()
            self.acts = {"mpr.curved": self.toggle_path}
            return
        self.acts = {"mpr.curved": self.toggle_path, **self._keys.acts()}
        if self._curved is None:
            self._show_curved(bed, path)
            return
        viewport = self._curved.viewport
        if isinstance(viewport, CurvedViewport):
            viewport.straighten(CurvedSheet.of(path, self.reformat.geometry, bed.pixel))

    def _show_curved(self, bed: Bed, path: CurvedPath) -> None:
        plane = self.reformat.viewports[bed.name]
        if plane.state.target is None:
            return
        sheet = CurvedSheet.of(path, self.reformat.geometry, bed.pixel)
        viewport = CurvedViewport(bed.name, self.reformat, sheet)
        viewport.know(plane.state.target, self._instances, plane.state.look)
        viewport.read_as(plane.state.readout)
        picture = CurvedPicture(viewport, self._drawing.scheduler, "mpr.curved")
        pane = self._make_pane(
            viewport, picture, self.tr("MPR curved picture along a path"), "mpr.curved"
        )
        self._curved = pane
        self._exchange(pane)
        self._connect(_SOURCE, pane)
        self.added.emit(pane)
        viewport.changed.connect(lambda _state: self._share(viewport))
        reslicer = self.reslicer_of(viewport)
        if reslicer is not None:
            picture.take(reslicer)
            self._tell_curved(reslicer)

    def _end_curved(self) -> None:
        pane, self._curved = self._curved, None
        if pane is None:
            return
        self._exchange(self._source_pane)
        pane.close_pane()
        pane.setParent(None)
        pane.deleteLater()

    def _pointed_plane(self) -> tuple[PanePoint, Viewport] | None:
        """Where the pointer is on the plane of the path."""
        for widget in self.planes:
            if widget.pointer is not None and self.curves.on(widget.viewport) is not None:
                return widget.pointer, widget.viewport
        return None

    def _exchange(self, pane: ViewportWidget) -> None:
        """Show another pane in the place of the images."""
        focused = self.widgets[_SOURCE].hasFocus()
        self.widgets[_SOURCE] = pane
        self._places.exchange(_SOURCE, pane)
        if focused:
            pane.setFocus()
        self.activate(self._active)

    def _tell_curved(self, reslicer: Reslicer) -> None:
        viewport = self._curved.viewport if self._curved is not None else None
        if isinstance(viewport, CurvedViewport):
            volume = reslicer.volume
            viewport.take(sum(volume.held), value_range_of(volume))

    def _share(self, one: PlaneViewport) -> None:
        """The curved picture and the planes look through one window, for one screen."""
        curved = self._curved.viewport if self._curved is not None else None
        if self._sharing or not isinstance(curved, CurvedViewport):
            return
        self._sharing = True
        try:
            if one is curved:
                other: PlaneViewport = self.reformat.viewports[curved.name]
            else:
                other = curved
                if curved.state.readout != one.state.readout:
                    curved.read_as(one.state.readout)
            look, wanted = one.state.look, other.state.look
            wanted = replace(wanted, voi=look.voi, invert=look.invert)
            if wanted != other.state.look:
                other.look_like(wanted)
        finally:
            self._sharing = False

    # -- what happened ---------------------------------------------------------------------------

    def _on_source_changed(self, state: ViewState) -> None:
        if state.frame is not None and state.frame != self.reformat.nearest():
            self.reformat.go_to_frame(state.frame)

    def _on_reformat_changed(self) -> None:
        self.source.go_to(self.reformat.nearest())
        self._source_pane.update()
        curved = self._curved.viewport if self._curved is not None else None
        if isinstance(curved, CurvedViewport):
            curved.follow()
        if self._draws and super().cancel_gesture():
            self._draws = False
            self.notice.emit(self.tr("The planes have moved: the path was given up."))
