"""Measurements whatever is drawn: moved, turned and reversed shapes give the same numbers."""

import math
from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from viewer.errors import GeometryError
from viewer.measure.arrange import keep_axes, keep_corners, keep_cross
from viewer.measure.crossings import plain_area, polygon_area
from viewer.measure.kinds import KINDS
from viewer.measure.linear import acute_angle, opening_angle
from viewer.measure.quantity import Metric, Quantity
from viewer.measure.regions import Polygon, members
from viewer.measure.statistics import counted, spread_of, spread_reference
from viewer.model.geometry import PixelPoint, Spacing

halves = st.integers(-8, 40).map(lambda n: n / 2)
free = st.floats(-50, 50, allow_nan=False)
points = st.builds(PixelPoint, free, free)
on_halves = st.builds(PixelPoint, halves, halves)
spacings = st.builds(Spacing, st.floats(0.05, 3), st.floats(0.05, 3))


def _literal(polygon: list[PixelPoint], column: float, row: float) -> bool:
    odd = False
    for a, b in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        dx, dy = b.column - a.column, b.row - a.row
        cross = dx * (row - a.row) - dy * (column - a.column)
        between = min(a.column, b.column) <= column <= max(a.column, b.column) and min(
            a.row, b.row
        ) <= row <= max(a.row, b.row)
        if cross == 0 and between:
            return True
        if (a.row > row) != (b.row > row) and column < a.column + (row - a.row) / dy * dx:
            odd = not odd
    return odd


@settings(max_examples=60)
@given(st.lists(on_halves, min_size=3, max_size=8))
def test_members_are_those_of_the_literal_rule(polygon: list[PixelPoint]) -> None:
    """Corners on halves: everything, also what lies exactly on an edge, is exact in float64."""
    found = members(Polygon(tuple(polygon)), 16, 16)
    mask = np.zeros((16, 16), np.bool_)
    height, width = found.mask.shape
    mask[found.top : found.top + height, found.left : found.left + width] = found.mask
    expected = np.array([[_literal(polygon, c, r) for c in range(16)] for r in range(16)])
    np.testing.assert_array_equal(mask, expected)


@given(st.lists(points, min_size=3, max_size=9), st.integers(0, 8))
def test_an_area_does_not_depend_on_where_the_outline_begins(
    polygon: list[PixelPoint], first: int
) -> None:
    area, _ = polygon_area(polygon)
    turned = polygon[first % len(polygon) :] + polygon[: first % len(polygon)]
    assert polygon_area(turned)[0] == pytest.approx(area, rel=1e-6, abs=1e-6)
    assert polygon_area(polygon[::-1])[0] == pytest.approx(area, rel=1e-6, abs=1e-6)
    assert plain_area(polygon) == pytest.approx(plain_area(polygon[::-1]), rel=1e-9, abs=1e-9)


def _strip_by_strip(polygon: list[PixelPoint]) -> float:
    """Even-odd area by its definition: cut every strip between two corners or crossings."""
    edges = list(zip(polygon, polygon[1:] + polygon[:1], strict=True))
    rows = {p.row for p in polygon}
    for n, (a, b) in enumerate(edges):
        for c, d in edges[n + 1 :]:
            cross = (b.column - a.column) * (d.row - c.row) - (b.row - a.row) * (
                d.column - c.column
            )
            if cross:
                over = (c.column - a.column) * (d.row - c.row) - (c.row - a.row) * (
                    d.column - c.column
                )
                rows.add(a.row + min(max(over / cross, 0.0), 1.0) * (b.row - a.row))
    area, heights = 0.0, sorted(rows)
    for top, bottom in pairwise(heights):
        middle = (top + bottom) / 2
        cuts = sorted(
            a.column + (middle - a.row) / (b.row - a.row) * (b.column - a.column)
            for a, b in edges
            if min(a.row, b.row) < middle < max(a.row, b.row)
        )
        area += sum(b - a for a, b in zip(cuts[::2], cuts[1::2], strict=False)) * (bottom - top)
    return area


@given(st.lists(on_halves, min_size=3, max_size=24) | st.lists(points, min_size=3, max_size=24))
def test_an_area_is_that_of_its_strips(polygon: list[PixelPoint]) -> None:
    """Strips are cut many at once: on halves edges touch, meet in corners and lie on each other."""
    area, crosses = polygon_area(polygon)
    expected = _strip_by_strip(polygon)
    assert area == pytest.approx(expected, rel=1e-9, abs=1e-6)
    if abs(expected - plain_area(polygon)) > 1e-3:
        assert crosses


@given(st.tuples(points, points, points, points), spacings)
def test_angles_stay_within_their_reach_and_forget_direction(
    four: tuple[PixelPoint, ...], spacing: Spacing
) -> None:
    a, b, c, d = four
    try:
        cobb = acute_angle(four, spacing)
        opened = opening_angle(four, spacing)
    except GeometryError:
        return
    assert 0 <= cobb <= 90
    assert 0 <= opened <= 180
    assert acute_angle((b, a, c, d), spacing) == pytest.approx(cobb, abs=1e-6)


@given(st.sampled_from(sorted(KINDS)), st.lists(points, min_size=4, max_size=4), spacings)
def test_whatever_is_drawn_is_a_number_or_a_sentence(
    kind: str, four: list[PixelPoint], spacing: Spacing
) -> None:
    record = next(one for one in KINDS.values() if one.kind == kind)
    given_points = four if record.open_ended else four[: record.points]
    metric = Metric(spacing, spacing)
    found: tuple[Quantity, ...] = ()
    with suppress(GeometryError):  # whose sentence is tested where it is made
        found = record.compute(given_points, metric)
    assert all(math.isfinite(one.value) and one.value >= 0 for one in found)
    assert record.draw(given_points, metric) is not None


def _apart(a: PixelPoint, b: PixelPoint, s: Spacing) -> NDArray[np.float64]:
    return np.array([(b.column - a.column) * s.column, (b.row - a.row) * s.row])


@given(
    st.sampled_from(["rectangle", "bidirectional", "ellipse"]),
    points, points, st.integers(0, 3), points, spacings,
)  # fmt: skip
def test_right_angles_stay_right(
    kind: str, a: PixelPoint, b: PixelPoint, index: int, to: PixelPoint, spacing: Spacing
) -> None:
    record = next(one for one in KINDS.values() if one.kind == kind)
    settle = {"rectangle": keep_corners, "bidirectional": keep_cross, "ellipse": keep_axes}[kind]
    if abs(a.column - b.column) < 1 or abs(a.row - b.row) < 1:
        return
    p = settle(record.begin(a, b, spacing), index, to, spacing)
    if kind == "rectangle":
        u, v = _apart(p[0], p[1], spacing), _apart(p[1], p[2], spacing)
    else:
        u, v = _apart(p[0], p[1], spacing), _apart(p[2], p[3], spacing)
    size = max(float(np.linalg.norm(u) * np.linalg.norm(v)), 1.0)
    assert abs(float(u @ v)) <= 1e-6 * size


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=60), st.booleans())
def test_counted_values_give_the_statistics_of_single_ones(values: list[int], wide: bool) -> None:
    stored = np.array(values, np.int32 if wide else np.int16)
    each, often = counted(stored)
    assert (often is None) == wide
    found = spread_of(each.astype(np.float64), often)
    literal = spread_reference(stored.astype(np.float64))
    assert found is not None
    assert literal is not None
    assert (found.count, found.minimum, found.maximum) == (
        literal.count, literal.minimum, literal.maximum,
    )  # fmt: skip
    assert found.mean == pytest.approx(literal.mean, rel=1e-9, abs=1e-9)
    assert found.median == literal.median
    assert (found.deviation is None) == (literal.deviation is None)
    if found.deviation is not None and literal.deviation is not None:
        assert found.deviation == pytest.approx(literal.deviation, rel=1e-9, abs=1e-9)
