"""The panes of a reconstruction: three planes through one crosshair, and the images they are of."""

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.hanging.images import Hung
from viewer.model.refs import SopUid
from viewer.model.study import Instance
from viewer.qt.composer import Composer
from viewer.qt.grid import PaneGrid, shape_for
from viewer.qt.panes import Drawing
from viewer.qt.plane_board import Maker, PlaneBoard
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.live import LivePicture
from viewer.viewport.cross_lines import cross_lines
from viewer.viewport.crosshair import CrosshairFirst
from viewer.viewport.overlay import Overlay, with_crosshair
from viewer.viewport.planes import PlaneName
from viewer.viewport.reformat import PlaneViewport, Reformat
from viewer.viewport.tools import Tool, ToolId
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
        self.source = Viewport()
        planes = [
            self._make_plane(reformat.viewports[name], f"MPR {name.value}", f"mpr.{name.value}")
            for name in _ORDER
        ]
        widgets = [*planes, self._make_source()]
        grid = PaneGrid(widgets)
        grid.set_shape(shape_for(len(widgets)))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(grid)
        self._build(widgets, grid)
        self.source.show(
            entry.target, instances, index=entry.target.frames.index(reformat.nearest())
        )
        self.source.changed.connect(self._on_source_changed)
        reformat.changed.connect(self._on_reformat_changed)

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
        if index == _SOURCE:
            widget.edited.connect(self.edited)
            widget.seen.connect(self.seen)

    # -- what is drawn ---------------------------------------------------------------------------

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

    # -- what happened ---------------------------------------------------------------------------

    def _on_source_changed(self, state: ViewState) -> None:
        if state.frame is not None and state.frame != self.reformat.nearest():
            self.reformat.go_to_frame(state.frame)

    def _on_reformat_changed(self) -> None:
        self.source.go_to(self.reformat.nearest())
        self.widgets[_SOURCE].update()
