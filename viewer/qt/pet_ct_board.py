"""PET and CT in planes at one place: a row of each, a row of both, and the PET turning beside."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from viewer.hanging.images import Hung
from viewer.model.geometry import PointLps
from viewer.model.presentation import Presentation
from viewer.model.refs import SopUid
from viewer.model.study import Instance
from viewer.model.volume_geometry import VolumeGeometry
from viewer.qt.composer import Composer
from viewer.qt.grid import GAP
from viewer.qt.panes import Drawing
from viewer.qt.plane_board import Maker, PlaneBoard
from viewer.qt.turning_pane import TurningPane
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.plane_value import plane_value_text
from viewer.render.reslice import Reslicer
from viewer.render.rotation_picture import RotationPicture
from viewer.viewport.cine import RATE_STEP
from viewer.viewport.navigate import PanTool, WindowTool, ZoomTool
from viewer.viewport.overlay import Overlay
from viewer.viewport.plane_overlay import point_text
from viewer.viewport.planes import PLANES
from viewer.viewport.reformat import PlaneViewport, Reformat
from viewer.viewport.tools import Tool, ToolId
from viewer.viewport.turning import NotOnViews, TurningViewport, TurnTool, lines_in_view
from viewer.viewport.viewport import Viewport, ViewState

_ROWS = ("CT", "PET", "PET/CT")


@dataclass(frozen=True, slots=True)
class Uptake:
    """The PET of the board: what it is, where its voxels lie, how it looks at first."""

    entry: Hung
    geometry: VolumeGeometry
    look: Presentation


class BoardGrid(QWidget):
    """Rows of panes and one as tall as all of them; any one alone."""

    def __init__(self, rows: Sequence[Sequence[QWidget]], tall: QWidget) -> None:
        """Lay them out."""
        super().__init__()
        self._rows = [list(row) for row in rows]
        self._tall = tall
        self._alone: int | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        for r, row in enumerate(self._rows):
            for c, pane in enumerate(row):
                self._grid.addWidget(pane, r, c)
        self._grid.addWidget(tall, 0, len(self._rows[0]), len(self._rows), 1)
        self._apply()

    @property
    def maximised(self) -> int | None:
        """Index of the pane that is shown alone."""
        return self._alone

    def maximise(self, index: int | None) -> None:
        """Show one pane alone; None shows all of the layout again."""
        self._alone = index
        self._apply()

    def _apply(self) -> None:
        panes = [pane for row in self._rows for pane in row] + [self._tall]
        for n, pane in enumerate(panes):
            pane.setVisible(self._alone in {None, n})
        for r, row in enumerate(self._rows):
            shown = any(not pane.isHidden() for pane in (*row, self._tall))
            self._grid.setRowStretch(r, int(shown))
        for c, column in enumerate(zip(*self._rows, strict=True)):
            self._grid.setColumnStretch(c, int(any(not pane.isHidden() for pane in column)))
        self._grid.setColumnStretch(len(self._rows[0]), int(not self._tall.isHidden()))


class PetCtBoard(PlaneBoard):
    """Nine planes through one crosshair and the PET from all sides."""

    def __init__(
        self,
        reformat: Reformat,
        uptake: Uptake,
        instances: Mapping[SopUid, Instance],
        drawing: Drawing,
        composer: Composer,
        maker: Maker,
        parent: QWidget | None = None,
    ) -> None:
        """Build the panes; ``reformat`` is of the CT, and says how all planes stand."""
        super().__init__(reformat, drawing, composer, maker, parent)
        look = reformat.viewports[PLANES[0]].state.look
        self.uptake = uptake
        self._pet = Reformat(
            uptake.entry.target, instances, uptake.geometry, uptake.look, reformat.home
        )
        self._fused = Reformat(reformat.target, instances, reformat.geometry, look)
        self._every = (reformat, self._pet, self._fused)
        self._sharing, self._following = False, False
        self._window = uptake.look.voi
        rows = [
            [
                self._make_plane(
                    row.viewports[name], f"{words} {name.value}", f"petct.{words}.{name.value}"
                )
                for name in PLANES
            ]
            for words, row in zip(_ROWS, self._every, strict=True)
        ]
        self._turning = TurningViewport(self._pet)
        self._turning.know(uptake.entry.target, instances, uptake.look)
        picture = RotationPicture(self._turning, drawing.scheduler, "petct.turning")
        tall = self._make_pane(
            self._turning, picture, self.tr("PET from all sides"), "petct.turning"
        )
        tall.takes_thickness = False
        self.turning = TurningPane(self._turning, picture, drawing.executor, self)
        self.turning.notice.connect(self.notice)
        self.turning.informed.connect(self.informed)
        self._turning_tools = self._make_turning_tools()
        self.acts = {
            "cine.play": self.turning.toggle,
            "cine.faster": lambda: self.turning.faster(),
            "cine.slower": lambda: self.turning.faster(1 / RATE_STEP),
        }
        grid = BoardGrid(rows, tall)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(grid)
        self._build([*(widget for row in rows for widget in row), tall], grid)
        self._link()

    @property
    def planes(self) -> tuple[ViewportWidget, ...]:
        """The row of both, over which the PET is laid."""
        return tuple(
            widget
            for widget in self.widgets
            if isinstance(widget.viewport, PlaneViewport)
            and widget.viewport.reformat is self._fused
        )

    def take(self, reslicer: Reslicer, *, filling: bool = False) -> None:
        """Draw the CT from this volume from now on."""
        super().take(reslicer, filling=filling)
        self._take(self._fused, reslicer, filling=filling)

    def miss(self, late: int) -> None:
        """Say so on the CT and on both together."""
        super().miss(late)
        self._fused.miss(late)

    def renew(
        self, entry: Hung, instances: Mapping[SopUid, Instance], geometry: VolumeGeometry
    ) -> None:
        """Go on in a CT with more slices."""
        with self._alone():
            super().renew(entry, instances, geometry)
            self._fused.renew(entry.target, instances, geometry)
            self._pet.renew(self._pet.target, instances, self._pet.geometry, self.reformat.home)
        self._follow(self.reformat)

    def renew_uptake(
        self, entry: Hung, instances: Mapping[SopUid, Instance], geometry: VolumeGeometry
    ) -> None:
        """Go on in a PET with more slices, which ``take_uptake`` brings next."""
        self.uptake = replace(self.uptake, entry=entry, geometry=geometry)
        with self._alone():
            self._pet.renew(entry.target, instances, geometry, self.reformat.home)
            self._turning.renew(entry.target, instances)
        self._follow(self.reformat)

    def take_uptake(self, reslicer: Reslicer, *, filling: bool) -> None:
        """Draw the PET from this volume from now on; whole, it is seen from all sides."""
        self._take(self._pet, reslicer, filling=filling)
        if not filling:
            self.turning.take(reslicer)

    def reset(self) -> None:
        """Return to the first planes and looks; the PET is seen from the front."""
        self._turning.reset()
        for one in self._every:
            one.reset()

    def go_to_pointer(self) -> bool:
        """Move the crosshair under the pointer, or to what is seen there from the side."""
        place = self.widgets[-1].pointer
        if place is None:
            return super().go_to_pointer()
        found = self._turning.strongest_at(place)
        return found is not None and self._go_to(found[0])

    def close_board(self) -> None:
        """Compute and draw nothing more, and let go of the volumes."""
        self.turning.close()
        super().close_board()

    # -- building --------------------------------------------------------------------------------

    def _make_turning_tools(self) -> dict[ToolId, Tool]:
        refuse = self.notice.emit
        tools: dict[ToolId, Tool] = {name: NotOnViews(name, refuse) for name in ToolId}
        for name in (ToolId.SCROLL, ToolId.POINT):
            tools[name] = TurnTool(name, self._go_to, refuse)
        for tool in (WindowTool(), ZoomTool(), PanTool()):
            tools[tool.id] = TurnTool(tool.id, self._go_to, refuse, tool)
        return tools

    def _tools_of(self, viewport: Viewport) -> Mapping[ToolId, Tool]:
        return self._turning_tools if viewport is self._turning else self._plane_tools

    def _link(self) -> None:
        for one in self._every:
            one.changed.connect(lambda one=one: self._follow(one))
            for viewport in one.viewports.values():
                viewport.changed.connect(lambda _state, viewport=viewport: self._share(viewport))
        self._turning.changed.connect(lambda _state: self._share(self._turning))
        self._turning.mark(self.reformat.crosshair.centre)

    def _go_to(self, point: PointLps) -> bool:
        return self.reformat.go_to(point)

    # -- what is drawn ---------------------------------------------------------------------------

    def _compose(
        self, viewport: PlaneViewport, widget: ViewportWidget, state: ViewState
    ) -> Overlay | None:
        made = super()._compose(viewport, widget, state)
        if made is None or viewport is not self._turning:
            return made
        return replace(made, shapes=(), crosshair=lines_in_view(made.crosshair), plane=None)

    def _pointed(self, viewport: PlaneViewport, widget: ViewportWidget) -> str:
        if viewport is not self._turning:
            return super()._pointed(viewport, widget)
        reslicer, instance = self._reslicers.get(self._pet), viewport.instance
        found = self._turning.strongest_at(widget.pointer) if widget.pointer else None
        if found is None or reslicer is None or instance is None:
            return ""
        point, value = found
        unit = reslicer.volume.rescale.unit
        text = plane_value_text(value, unit, instance, viewport.state.readout)
        return f"{text} · {point_text(point)}"

    # -- what happened ---------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Change planes one after the other; ``_follow`` then joins them."""
        before, self._following = self._following, True
        try:
            yield
        finally:
            self._following = before

    def _follow(self, one: Reformat) -> None:
        """All planes stand as those that were moved."""
        if self._following:
            return
        self._following = True
        try:
            for other in self._every:
                if other.slab != one.slab:
                    other.set_slab(one.slab)
                other.put(one.crosshair)
            self._turning.mark(one.crosshair.centre)
        finally:
            self._following = False

    def _share(self, one: PlaneViewport) -> None:
        """One place and scale for each plane, one window for CT and one for PET."""
        self._take_window(one)
        if self._sharing:
            return
        self._sharing = True
        try:
            for other in (*(v for row in self._every for v in row.viewports.values()),):
                if other is not one:
                    self._look_like(other, one)
            if one is not self._turning:
                self._look_like(self._turning, one)
            self._hold(one)
        finally:
            self._sharing = False

    def _take_window(self, one: PlaneViewport) -> None:
        """Another window of the colours is that of the grey PET too; the other way it is not."""
        fusion = one.state.fusion
        if fusion is None or fusion.window == self._window:
            return
        self._window = fusion.window
        if fusion.target == self.uptake.entry.target.id:
            for viewport in (*self._pet.viewports.values(), self._turning):
                viewport.set_voi(fusion.window)

    def _look_like(self, other: PlaneViewport, one: PlaneViewport) -> None:
        look, wanted = one.state.look, other.state.look
        if other.name is one.name and self._turning not in (one, other):
            wanted = replace(wanted, zoom=look.zoom, offset=look.offset)
        if self._is_uptake(other) == self._is_uptake(one):
            wanted = replace(wanted, voi=look.voi, invert=look.invert)
        if wanted != other.state.look:
            other.look_like(wanted)

    def _is_uptake(self, viewport: PlaneViewport) -> bool:
        return viewport.reformat is self._pet

    def _hold(self, one: PlaneViewport) -> None:
        """What is dragged in one row is dragged in all of them."""
        if one is not self._turning:
            for other in self._every:
                if other is not one.reformat:
                    other.hold(moving=one.state.moving)
