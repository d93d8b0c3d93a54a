"""Reference lines of the active pane in the others, and the 3D cursor, by command and by tool."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from viewer.qt.desk import Desk
from viewer.qt.panes import Panes
from viewer.viewport.cross_reference import (
    PatientPoint,
    PointMark,
    ReferenceLine,
    nearest_index,
    point_mark,
    point_under,
    reference_line,
)
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport, ViewState


class CrossDesk(Desk):
    """Knows the point and whether lines are drawn."""

    def __init__(self, panes: Panes, parent: QObject | None = None) -> None:
        """Draw no lines and no point."""
        super().__init__(parent)
        self._panes = panes
        self._lines = False
        self._point: PatientPoint | None = None

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        return {"view.reference_lines": self.toggle_lines}

    def show_on(self, actions: Mapping[str, QAction], /) -> None:
        """Check what is on."""
        actions["view.reference_lines"].setChecked(self._lines)

    def toggle_lines(self) -> None:
        """Draw where the active image lies in the others, or leave it."""
        self._lines = not self._lines

    def point_at(self, viewport: Viewport, place: PanePoint) -> None:
        """Mark a place, and bring every other pane of the same space to it."""
        point = point_under(viewport, place)
        if point is None:
            self.notice.emit(self.tr("This image has no known place in the patient."))
            return
        self._point = point
        panes = self._panes
        with panes.links.held():
            for other in panes.linkable():
                same_stack = panes.tiles.holds(viewport) and panes.tiles.holds(other)
                index = nearest_index(other, point)
                if other is not viewport and not same_stack and index is not None:
                    other.go_to_index(index)
        self.repaint()

    def drop_point(self) -> bool:
        """Take the point away; False where there was none."""
        had, self._point = self._point is not None, None
        self.repaint()
        return had

    def follow(self) -> None:
        """The active pane shows something else: the lines in the others move."""
        if self._lines:
            self.repaint()

    def line_in(self, viewport: Viewport, state: ViewState) -> ReferenceLine | None:
        """The line to draw in a pane."""
        if not self._lines or self._panes.grid.count == 1:
            return None
        return reference_line(self._panes.active.viewport, viewport, state)

    def mark_in(self, viewport: Viewport, state: ViewState) -> PointMark | None:
        """The point to draw in a pane."""
        return point_mark(viewport, self._point, state) if self._point else None

    def repaint(self) -> None:
        """Paint the overlays again; their words stay."""
        for pane in self._panes.on_screen:
            pane.widget.update()
