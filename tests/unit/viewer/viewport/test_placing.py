"""Labels beside their shapes."""

from viewer.viewport.placing import Box, around, meets, place
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


def test_what_reaches_into_a_pane() -> None:
    inside, left, above = PanePoint(10, 10), PanePoint(-50, 20), PanePoint(20, -50)
    assert meets([inside], PANE)
    assert not meets([left], PANE)
    assert meets([left, PanePoint(500, 200)], PANE)
    assert not meets([left, above], PANE)  # passes the corner by
    assert not meets([left, PanePoint(-5, 200)], PANE)
    assert meets([left, above, inside], PANE)
    assert not meets([], PANE)
