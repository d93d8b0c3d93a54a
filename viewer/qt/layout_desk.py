"""Layouts by key and menu, one pane alone, and one stack tiled over the panes."""

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu

from viewer.model.refs import FrameRef
from viewer.qt.desk import Desk
from viewer.qt.grid import MOST_COLUMNS, MOST_ROWS, GridShape
from viewer.qt.panes import Panes

_SHAPES = {
    "layout.1": GridShape(1, 1),
    "layout.2": GridShape(1, 2),
    "layout.3": GridShape(1, 3),
    "layout.4": GridShape(2, 2),
    "layout.6": GridShape(2, 3),
    "layout.8": GridShape(2, 4),
    "layout.9": GridShape(3, 3),
    "layout.12": GridShape(3, 4),
}
_TILES = GridShape(3, 4)
"""Layout of a stack that is tiled while one pane alone is on the screen."""


class _Before(NamedTuple):
    shape: GridShape
    frames: tuple[FrameRef | None, ...]


class LayoutDesk(Desk):
    """The layout commands of a reading area."""

    touched = Signal()
    """The reader has laid out the panes."""

    def __init__(self, panes: Panes, parent: QObject | None = None) -> None:
        """Act on these panes."""
        super().__init__(parent)
        self._panes = panes
        self._before: _Before | None = None
        """Layout and frames before a stack was tiled."""

    def acts(self) -> dict[str, Callable[[], None]]:
        """What each command does, by its id."""
        acts: dict[str, Callable[[], None]] = {
            wanted: self._arranging(shape) for wanted, shape in _SHAPES.items()
        }
        return acts | {
            "layout.tile": self.toggle_tiles,
            "pane.next": self._among(lambda: self._panes.step(1)),
            "pane.previous": self._among(lambda: self._panes.step(-1)),
            "pane.maximise": self._among(lambda: self._panes.toggle_maximised()),
        }

    def fill(self, menu: QMenu) -> None:
        """Write the menu of all layouts; the one on the screen is checked."""
        menu.clear()
        for rows in range(1, MOST_ROWS + 1):
            if rows > 1:
                menu.addSeparator()
            for columns in range(1, MOST_COLUMNS + 1):
                shape = GridShape(rows, columns)
                action = menu.addAction(self.tr("{0} × {1} panes").format(rows, columns))
                action.setCheckable(True)
                action.setChecked(shape == self._panes.grid.shape)
                action.triggered.connect(self._arranging(shape))

    def toggle_tiles(self) -> None:
        """Spread the active pane's stack over the panes, or show again what was there before."""
        panes = self._panes
        if panes.tiles.members:
            self._untile()
            return
        state = panes.active.viewport.state
        if state.target is None or state.count < 2:
            self.notice.emit(self.tr("One image alone cannot be tiled."))
            return
        self._before = _Before(
            panes.grid.shape,
            tuple(pane.viewport.state.frame for pane in panes.on_screen),
        )
        if panes.grid.count == 1:
            panes.arrange(_TILES)
        panes.grid.maximise(None)
        panes.tile()
        self.touched.emit()

    def _untile(self) -> None:
        panes, lead = self._panes, self._panes.active
        shown, index = lead.viewport.state.frame, panes.all.index(lead)
        if self._before is None:
            panes.tiles.end()
            return
        shape, frames = self._before
        self._before = None
        panes.arrange(shape)
        for n, frame in enumerate(frames):
            panes.hang_frame(n, frame)
        if shown is not None:  # what the reader was looking at stays in front
            panes.hang_frame(min(index, shape.panes - 1), shown)

    def _among(self, act: Callable[[], None]) -> Callable[[], None]:
        """What needs more than one pane."""

        def act_or_tell() -> None:
            act()
            if self._panes.grid.count == 1:
                self.notice.emit(self.tr("There is one pane only."))

        return act_or_tell

    def _arranging(self, shape: GridShape) -> Callable[[], None]:
        def arrange() -> None:
            self.touched.emit()
            self._panes.arrange(shape)

        return arrange
