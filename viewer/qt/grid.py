"""Panes in rows and columns, on one screen or shared out over several; any one of them alone."""

from collections.abc import Iterable, Sequence
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
    """Lays out panes row by row; as many as the shape has are on the screen, or one alone.

    Spread over other widgets too, it is one wide grid that is cut between columns: each widget
    takes as many columns as the next, and a pane that is alone is so on its own widget only.
    """

    def __init__(self, panes: Iterable[QWidget], parent: QWidget | None = None) -> None:
        """Take panes; the first is shown."""
        super().__init__(parent)
        self._panes = list(panes)
        self._shape = ONE
        self._maximised: int | None = None
        self._parts: list[QWidget] = [self]
        self._grids = [_laid_out(self)]
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

    @property
    def parts(self) -> int:
        """Widgets over which the panes are spread."""
        return len(self._parts)

    def add(self, pane: QWidget) -> None:
        """Take one more pane, for a layout that needs it."""
        self._panes.append(pane)
        pane.hide()

    def exchange(self, index: int, pane: QWidget) -> None:
        """Show another pane at a place; the one that stood there is hidden and stays the grid's."""
        before = self._panes[index]
        self._release(before)
        before.setParent(self)
        before.hide()
        self._panes[index] = pane
        self._place()

    def fitting(self, shape: GridShape) -> GridShape:
        """The shape; a single row has a pane on every widget."""
        return GridShape(1, max(shape.columns, self.parts)) if shape.rows == 1 else shape

    def set_shape(self, shape: GridShape) -> None:
        """Show so many rows and columns; there must be panes for them."""
        if not 1 <= shape.panes <= len(self._panes):
            raise ValueError(f"there are no panes for {shape.rows} by {shape.columns}")
        self._shape = shape
        self._maximised = None
        self._place()

    def spread_over(self, others: Sequence[QWidget]) -> None:
        """Share the columns out over this widget and others, each without a layout until now.

        Widgets for which there is no column stay empty, as do those that are not named any more.
        """
        for pane in self._panes:
            self._release(pane)
        known = dict(zip(self._parts, self._grids, strict=True))
        self._parts = [self, *others]
        self._grids = [known[part] if part in known else _laid_out(part) for part in self._parts]
        self._place()

    def maximise(self, index: int | None) -> None:
        """Show one pane alone; None shows all of the layout again."""
        self._maximised = index
        self._apply()

    def settle(self) -> None:
        """Give every pane its size now, not when the next events are handled."""
        for grid in self._grids:
            grid.activate()

    def part_of(self, index: int) -> int:
        """Which widget a pane of the layout lies on, counted from 0."""
        return self._column_share(index % self._shape.columns)[0]

    def _column_share(self, column: int) -> tuple[int, int]:
        """Widget of a column, and its place among the columns there."""
        columns, parts = self._shape.columns, min(self.parts, self._shape.columns)
        firsts = [part * columns // parts for part in range(parts)]
        part = max(n for n, first in enumerate(firsts) if first <= column)
        return part, column - firsts[part]

    def _release(self, pane: QWidget) -> None:
        for grid in self._grids:
            grid.removeWidget(pane)

    def _place(self) -> None:
        for pane in self._panes:
            self._release(pane)
        columns = self._shape.columns
        for n, pane in enumerate(self._panes[: self.count]):
            part, column = self._column_share(n % columns)
            self._grids[part].addWidget(pane, n // columns, column)
        for pane in self._panes[self.count :]:
            pane.setParent(self)
            pane.hide()
        self._apply()

    def _apply(self) -> None:
        alone = self._maximised
        part_alone = self.part_of(alone) if alone is not None else None
        shown = [n for n in range(self.count) if alone == n or self.part_of(n) != part_alone]
        for n, pane in enumerate(self._panes):
            pane.setVisible(n in shown)
        columns = self._shape.columns
        for at, grid in enumerate(self._grids):
            here = [n for n in shown if self.part_of(n) == at]
            rows = {n // columns for n in here}
            places = {self._column_share(n % columns)[1] for n in here}
            for row in range(MOST_ROWS):
                grid.setRowStretch(row, int(row in rows))
            for column in range(MOST_COLUMNS):
                grid.setColumnStretch(column, int(column in places))


def _laid_out(part: QWidget) -> QGridLayout:
    grid = QGridLayout(part)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(GAP)
    return grid
