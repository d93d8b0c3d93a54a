"""Labels beside their shapes."""

from viewer.viewport.placing import Box, around, place
from viewer.viewport.transform import PanePoint

PANE = Box(0, 0, 400, 300)


def test_right_of_the_shape_where_there_is_room() -> None:
    shape = around([PanePoint(100, 100), PanePoint(150, 140)])
    assert shape == Box(100, 100, 150, 140)
    assert place(shape, 80, 20, PANE, ()) == Box(162, 110, 242, 130)


def test_left_of_it_at_the_right_edge() -> None:
    assert place(Box(300, 100, 390, 140), 80, 20, PANE, ()).right == 288


def test_not_upon_another_label() -> None:
    shape = Box(100, 100, 150, 140)
    first = place(shape, 80, 20, PANE, ())
    second = place(shape, 80, 20, PANE, [first])
    assert first.overlap(second) == 0
    assert second.overlap(shape) == 0


def test_inside_the_pane_even_where_the_shape_fills_it() -> None:
    found = place(Box(-50, -50, 450, 350), 80, 20, PANE, ())
    assert found.overlap(PANE) == 80 * 20
