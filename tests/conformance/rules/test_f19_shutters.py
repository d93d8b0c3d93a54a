"""F19: shutters hide exactly the pixels that PS3.3 C.7.6.11 and C.7.6.15 say, whatever the look."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from viewer.model.overlay_plane import OverlayPlane
from viewer.model.shutter import Circle, Rectangle, Shutter, Vertex
from viewer.pixels.bitmaps import packed
from viewer.pixels.shutter_mask import in_polygon, shutter_mask

ROWS, COLUMNS = 9, 12


def by_formula(visible: object) -> NDArray[np.bool_]:
    """Hidden pixels of the test image, asked one by one with 1-based row and column."""
    assert callable(visible)
    return np.array(
        [[not visible(r, c) for c in range(1, COLUMNS + 1)] for r in range(1, ROWS + 1)]
    )


def inside(corners: list[Vertex], row: int, column: int) -> bool:
    """Even-odd rule in whole numbers, edges included."""
    odd = False
    for a, b in zip(corners, [*corners[1:], corners[0]], strict=True):
        cross = (b.column - a.column) * (row - a.row) - (b.row - a.row) * (column - a.column)
        between = min(a.row, b.row) <= row <= max(a.row, b.row) and min(
            a.column, b.column
        ) <= column <= max(a.column, b.column)
        if cross == 0 and between:
            return True
        if (a.row > row) != (b.row > row):
            at = a.column + Fraction((row - a.row) * (b.column - a.column), b.row - a.row)
            odd ^= column < at
    return odd


def test_f19_rectangle_keeps_its_edges() -> None:
    hidden = shutter_mask(Shutter(rectangle=Rectangle(3, 10, 2, 7)), ROWS, COLUMNS)
    expected = by_formula(lambda r, c: 2 <= r <= 7 and 3 <= c <= 10)
    assert np.array_equal(hidden, expected)
    whole = Shutter(rectangle=Rectangle(1, COLUMNS, 1, ROWS))
    assert not shutter_mask(whole, ROWS, COLUMNS).any()


def test_f19_circle_by_formula_also_of_tall_pixels() -> None:
    shutter = Shutter(circle=Circle(5, 6, 4))
    round_one = by_formula(lambda r, c: (r - 5) ** 2 + (c - 6) ** 2 <= 16)
    assert np.array_equal(shutter_mask(shutter, ROWS, COLUMNS), round_one)
    tall = by_formula(lambda r, c: (2 * (r - 5)) ** 2 + (c - 6) ** 2 <= 16)
    assert np.array_equal(shutter_mask(shutter, ROWS, COLUMNS, aspect=2.0), tall)


@pytest.mark.parametrize(
    "corners",
    [
        [(1, 1), (1, 12), (9, 1)],
        [(2, 6), (5, 11), (8, 6), (5, 2)],
        [(1, 1), (9, 12), (1, 12), (9, 1)],
        [(2, 2), (2, 11), (5, 6), (8, 11), (8, 2)],
        [(-5, 6), (5, 30), (40, 6), (5, -30)],
    ],
)
def test_f19_polygon_keeps_inside_and_edges(corners: list[tuple[int, int]]) -> None:
    vertices = [Vertex(*corner) for corner in corners]
    hidden = shutter_mask(Shutter(polygon=tuple(vertices)), ROWS, COLUMNS)
    assert np.array_equal(hidden, by_formula(lambda r, c: inside(vertices, r, c)))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(-4, 14), st.integers(-4, 16)), min_size=3, max_size=8))
def test_f19_any_polygon_equals_the_rule(corners: list[tuple[int, int]]) -> None:
    vertices = [Vertex(*corner) for corner in corners]
    expected = ~by_formula(lambda r, c: inside(vertices, r, c))
    assert np.array_equal(in_polygon(vertices, ROWS, COLUMNS), expected)


def test_f19_shapes_together_show_what_all_of_them_show() -> None:
    bits = np.zeros((ROWS, COLUMNS), dtype=np.bool_)
    bits[4, 5] = True
    plane = OverlayPlane(0x6000, ROWS, COLUMNS)
    together = Shutter(
        rectangle=Rectangle(3, 10, 2, 7), circle=Circle(5, 6, 4), bitmap=packed(plane, bits)
    )
    expected = by_formula(
        lambda r, c: (
            2 <= r <= 7 and 3 <= c <= 10 and (r - 5) ** 2 + (c - 6) ** 2 <= 16 and (r, c) != (5, 6)
        )
    )
    assert np.array_equal(shutter_mask(together, ROWS, COLUMNS), expected)


def test_f19_shutter_without_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        Shutter()
    with pytest.raises(ValueError, match="three corners"):
        Shutter(polygon=(Vertex(1, 1), Vertex(2, 2)))
