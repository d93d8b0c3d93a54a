"""Panes in rows and columns, and any one of them alone."""

from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtWidgets import QGridLayout, QWidget

GAP = 3
MOST_ROWS, MOST_COLUMNS = 4, 6


class GridShape(NamedTuple):
    """Rows and columns of a layout."""

    rows: int
    columns: int

    @property
    def panes(self) -> int:
        """Panes of the layout."""
        return self.rows * self.columns


ONE = GridShape(1, 1)


def shape_for(count: int) -> GridShape:
    """The layout for so many panes: beside each other up to two, then as square as it goes."""
    if not 1 <= count <= MOST_ROWS * MOST_COLUMNS:
        raise ValueError(f"a layout of {count} panes does not exist")
    shapes = [
        GridShape(rows, columns)
        for rows in range(1, MOST_ROWS + 1)
        for columns in range(rows, MOST_COLUMNS + 1)
        if rows * columns >= count
    ]
    return min(shapes, key=lambda s: (s.panes - count, s.columns - s.rows))


class PaneGrid(QWidget):
    """Lays out panes row by row; as many as the shape has are on the screen, or one alone."""

    def __init__(self, panes: Iterable[QWidget], parent: QWidget | None = None) -> None:
        """Take panes; the first is shown."""
        super().__init__(parent)
        self._panes = list(panes)
        self._shape = ONE
        self._maximised: int | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self._place()

    @property
    def shape(self) -> GridShape:
        """Rows and columns."""
        return self._shape

    @property
    def count(self) -> int:
        """Panes of the layout."""
        return self._shape.panes

    @property
    def maximised(self) -> int | None:
        """Index of the pane that is shown alone."""
        return self._maximised

    def add(self, pane: QWidget) -> None:
        """Take one more pane, for a layout that needs it."""
        self._panes.append(pane)
        pane.hide()

    def set_shape(self, shape: GridShape) -> None:
        """Show so many rows and columns; there must be panes for them."""
        if not 1 <= shape.panes <= len(self._panes):
            raise ValueError(f"there are no panes for {shape.rows} by {shape.columns}")
        self._shape = shape
        self._maximised = None
        self._place()

    def maximise(self, index: int | None) -> None:
        """Show one pane alone; None shows all of the layout again."""
        self._maximised = index
        self._apply()

    def _place(self) -> None:
        for pane in self._panes:
            self._grid.removeWidget(pane)
        columns = self._shape.columns
        for n, pane in enumerate(self._panes[: self.count]):
            self._grid.addWidget(pane, n // columns, n % columns)
        for pane in self._panes[self.count :]:
            pane.setParent(self)
            pane.hide()
        self._apply()

    def _apply(self) -> None:
        for n, pane in enumerate(self._panes):
            pane.setVisible(n < self.count and self._maximised in {None, n})
        shown = [n for n in range(self.count) if self._maximised in {None, n}]
        columns = self._shape.columns
        for row in range(MOST_ROWS):
            self._grid.setRowStretch(row, int(any(n // columns == row for n in shown)))
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, int(any(n % columns == column for n in shown)))
