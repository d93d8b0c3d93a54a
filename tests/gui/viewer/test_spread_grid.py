"""One wide grid cut between its columns: which pane stands on which widget, and alone there."""

import pytest
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from viewer.qt.grid import GridShape, PaneGrid


class Wall:
    """A grid and further widgets beside it."""

    def __init__(self, qtbot: QtBot, parts: int) -> None:
        self.panes = [QLabel(str(n)) for n in range(12)]
        self.grid = PaneGrid(self.panes)
        self.others = [QWidget() for _ in range(parts - 1)]
        self.whole = whole = QWidget()
        row = QHBoxLayout(whole)
        for part in (self.grid, *self.others):
            row.addWidget(part)
        qtbot.addWidget(whole)
        whole.resize(900, 300)
        whole.show()

    def stands(self) -> list[list[int]]:
        """The visible panes on each widget."""
        parts: list[QWidget] = [self.grid, *self.others]
        return [
            [n for n, pane in enumerate(self.panes) if pane.parent() is part and pane.isVisible()]
            for part in parts
        ]


@pytest.mark.parametrize(
    ("shape", "parts", "stands"),
    [
        (GridShape(1, 2), 2, [[0], [1]]),
        (GridShape(1, 3), 2, [[0], [1, 2]]),
        (GridShape(2, 2), 2, [[0, 2], [1, 3]]),
        (GridShape(2, 4), 2, [[0, 1, 4, 5], [2, 3, 6, 7]]),
        (GridShape(3, 4), 3, [[0, 4, 8], [1, 5, 9], [2, 3, 6, 7, 10, 11]]),
        (GridShape(2, 2), 3, [[0, 2], [1, 3], []]),
    ],
)
def test_columns_are_shared_out(
    qtbot: QtBot, shape: GridShape, parts: int, stands: list[list[int]]
) -> None:
    wall = Wall(qtbot, parts)
    wall.grid.set_shape(shape)
    wall.grid.spread_over(wall.others)
    assert wall.stands() == stands
    assert [wall.grid.part_of(n) for n in stands[0]] == [0] * len(stands[0])


def test_a_single_row_has_a_pane_on_every_widget(qtbot: QtBot) -> None:
    wall = Wall(qtbot, 3)
    wall.grid.spread_over(wall.others)
    assert wall.grid.fitting(GridShape(1, 1)) == GridShape(1, 3)
    assert wall.grid.fitting(GridShape(1, 4)) == GridShape(1, 4)
    assert wall.grid.fitting(GridShape(2, 2)) == GridShape(2, 2)


def test_a_pane_is_alone_on_its_own_widget_only(qtbot: QtBot) -> None:
    wall = Wall(qtbot, 2)
    wall.grid.set_shape(GridShape(2, 2))
    wall.grid.spread_over(wall.others)
    wall.grid.maximise(3)
    assert wall.stands() == [[0, 2], [3]]
    qtbot.waitUntil(lambda: wall.panes[3].height() > 200)
    wall.grid.maximise(None)
    assert wall.stands() == [[0, 2], [1, 3]]


def test_everything_comes_back(qtbot: QtBot) -> None:
    wall = Wall(qtbot, 2)
    wall.grid.set_shape(GridShape(2, 2))
    wall.grid.spread_over(wall.others)
    wall.grid.spread_over(())
    assert wall.stands() == [[0, 1, 2, 3], []]
    assert wall.grid.parts == 1
    qtbot.waitUntil(lambda: wall.panes[1].x() > wall.panes[0].x())


def test_another_pane_stands_at_the_place_of_one_that_is_hidden(qtbot: QtBot) -> None:
    wall = Wall(qtbot, 2)
    wall.grid.set_shape(GridShape(2, 2))
    wall.grid.spread_over(wall.others)
    before, other = wall.panes[3], QLabel("other")
    wall.grid.exchange(3, other)
    wall.panes[3] = other
    assert wall.stands() == [[0, 2], [1, 3]]
    assert not before.isVisible()
    wall.grid.exchange(3, before)
    wall.panes[3] = before
    assert wall.stands() == [[0, 2], [1, 3]]
    assert not other.isVisible()
