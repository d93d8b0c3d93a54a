"""Labels beside their shapes."""

import numpy as np

from viewer.viewport.placing import Box, Room, around, meets
from viewer.viewport.transform import PanePoint

PANE = Box(0, 0, 400, 300)


def place(shape: Box, width: float, height: float, *taken: Box) -> Box:
    return Room(PANE, [shape, *taken]).place(shape, width, height)


def test_right_of_the_shape_where_there_is_room() -> None:
    shape = around([PanePoint(100, 100), PanePoint(150, 140)])
    assert shape == Box(100, 100, 150, 140)
    assert place(shape, 80, 20) == Box(162, 110, 242, 130)


def test_left_of_it_at_the_right_edge() -> None:
    assert place(Box(300, 100, 390, 140), 80, 20).right == 288


def test_not_upon_another_label() -> None:
    shape = Box(100, 100, 150, 140)
    room = Room(PANE, [shape])
    first = room.place(shape, 80, 20)
    second = room.place(shape, 80, 20)
    assert first.overlap(second) == 0
    assert second.overlap(shape) == 0


def test_shapes_that_lie_on_each_other_keep_their_labels_apart() -> None:
    """A solid of the reader's own and the same one imported, wide, with long words, at an edge."""
    shapes = [Box(250 + n, 120 + n, 340 + n, 190 + n) for n in range(4)]
    room = Room(PANE, shapes)
    labels = [room.place(shape, 130, 40) for shape in shapes]
    for n, one in enumerate(labels):
        assert all(one.overlap(other) == 0 for other in labels[:n])
        assert all(one.overlap(shape) == 0 for shape in shapes)


def test_inside_the_pane_even_where_the_shape_fills_it() -> None:
    found = place(Box(-50, -50, 450, 350), 80, 20)
    assert found.overlap(PANE) == 80 * 20


def test_many_labels_cover_as_little_as_box_by_box() -> None:
    chance = np.random.default_rng(3)
    shapes = [
        Box(x, y, x + 20, y + 15)
        for x, y in chance.integers(0, 290, (80, 2)).astype(float).tolist()
    ]
    room, taken = Room(PANE, shapes), list(shapes)
    for shape in shapes:
        found = room.place(shape, 60, 18)
        covered = sum(found.overlap(other) for other in taken)
        others = [Room(PANE, ()).place(shape, 60, 18), *_beside(shape)]
        assert covered <= min(sum(one.overlap(other) for other in taken) for one in others) + 1e-6
        taken.append(found)


def _beside(shape: Box) -> list[Box]:
    """A label below and above, where that is within the pane."""
    left = (shape.left + shape.right) / 2 - 30
    tops = (shape.bottom + 12, shape.top - 30)
    found = [Box(left, top, left + 60, top + 18) for top in tops]
    return [one for one in found if one.overlap(PANE) == 60 * 18]


def test_what_reaches_into_a_pane() -> None:
    inside, left, above = PanePoint(10, 10), PanePoint(-50, 20), PanePoint(20, -50)
    assert meets([inside], PANE)
    assert not meets([left], PANE)
    assert meets([left, PanePoint(500, 200)], PANE)
    assert not meets([left, above], PANE)  # passes the corner by
    assert not meets([left, PanePoint(-5, 200)], PANE)
    assert meets([left, above, inside], PANE)
    assert not meets([], PANE)
