"""Which pixels belong to a shape, and its size, against literal references."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from viewer.errors import GeometryError
from viewer.measure import crossings, regions
from viewer.measure.crossings import plain_area, polygon_area
from viewer.measure.quantity import Metric
from viewer.measure.regions import (
    Ellipse,
    Polygon,
    Region,
    axes_ellipse,
    circle,
    circle_3,
    members,
    whole_inside,
)
from viewer.model.geometry import PixelPoint, Spacing

ONE = Metric(Spacing(1, 1), Spacing(1, 1))


def whole(region: Region, rows: int, columns: int) -> NDArray[np.bool_]:
    found = members(region, rows, columns)
    mask = np.zeros((rows, columns), np.bool_)
    height, width = found.mask.shape
    mask[found.top : found.top + height, found.left : found.left + width] = found.mask
    return mask


def inside(polygon: Polygon, column: float, row: float) -> bool:
    """Even-odd by a ray to the right, and on the outline by distance."""
    odd, points = False, polygon.points
    for a, b in zip(points, (*points[1:], points[0]), strict=True):
        dx, dy = b.column - a.column, b.row - a.row
        square = dx * dx + dy * dy
        t = ((column - a.column) * dx + (row - a.row) * dy) / square if square else 0.0
        t = min(max(t, 0.0), 1.0)
        if math.hypot(a.column + t * dx - column, a.row + t * dy - row) < 1e-9:
            return True
        if (a.row > row) != (b.row > row) and column < a.column + (row - a.row) / dy * dx:
            odd = not odd
    return odd


def ring(*points: tuple[float, float]) -> Polygon:
    return Polygon(tuple(PixelPoint(*p) for p in points))


@pytest.mark.parametrize(
    "polygon",
    [
        ring((1, 1), (5, 1), (5, 4), (1, 4)),
        ring((0.5, 0.5), (5.5, 0.5), (5.5, 4.5), (0.5, 4.5)),
        ring((1, 1), (9, 1), (9, 8), (6, 8), (6, 4), (3, 4), (3, 8), (1, 8)),
        ring((2, 2), (8, 2), (2, 8), (8, 8)),
        ring((3, 1), (6, 9), (0, 4), (7, 4), (1, 9)),
        ring((2, 3), (7, 3), (4, 3)),
        ring((4, 4), (4, 4), (4, 4)),
        ring((0.2, 7.3), (8.7, 1.1), (6.4, 9.2)),
        ring((-5, -5), (30, -5), (30, 30), (-5, 30)),
    ],
)
def test_members_of_polygons(polygon: Polygon) -> None:
    rows, columns = 12, 11
    expected = np.array([[inside(polygon, c, r) for c in range(columns)] for r in range(rows)])
    np.testing.assert_array_equal(whole(polygon, rows, columns), expected)


@pytest.mark.parametrize(
    "ellipse",
    [
        Ellipse(PixelPoint(5, 5), (3.0, 0.0), (0.0, 3.0)),
        Ellipse(PixelPoint(5, 5), (5.0, 0.0), (0.0, 2.0)),
        Ellipse(PixelPoint(4.3, 5.2), (3.0, 2.0), (-1.0, 1.5)),
        Ellipse(PixelPoint(5, 5), (0.3, 0.0), (0.0, 0.3)),
        Ellipse(PixelPoint(0, 0), (4.0, 0.0), (0.0, 4.0)),
    ],
)
def test_members_of_ellipses(ellipse: Ellipse) -> None:
    row, column = np.mgrid[:11, :12].astype(np.float64)
    x, y = column - ellipse.centre.column, row - ellipse.centre.row
    (a, b), (c, d) = ellipse.u, ellipse.v
    det = a * d - b * c
    s, t = (x * d - y * c) / det, (y * a - x * b) / det
    np.testing.assert_array_equal(whole(ellipse, 11, 12), s * s + t * t <= 1 + 1e-8)


def test_nothing_of_a_shape_outside_the_image() -> None:
    far = ring((30, 30), (40, 30), (40, 40))
    assert members(far, 10, 10).mask.size == 0
    assert not whole_inside(far, 10, 10)
    assert whole_inside(ring((-0.5, -0.5), (9.5, -0.5), (9.5, 9.5)), 10, 10)


def test_a_row_is_not_lost_to_rounding() -> None:
    """A corner a rounding error below its row still takes the row in."""
    near = ring((1, 1 + 1e-12), (5, 1), (5, 4 - 1e-12), (1, 4))
    assert whole(near, 8, 8).sum() == 20


def test_area_of_outlines_that_cross_themselves_is_even_odd() -> None:
    bow = [PixelPoint(0, 0), PixelPoint(4, 4), PixelPoint(4, 0), PixelPoint(0, 4)]
    area, crossed = polygon_area(bow)
    assert area == pytest.approx(8, rel=1e-12)
    assert crossed
    star = [
        PixelPoint(math.sin(4 * math.pi * n / 5), -math.cos(4 * math.pi * n / 5)) for n in range(5)
    ]
    area, crossed = polygon_area(star)
    assert crossed
    # a pentagram of circumradius 1 without its inner pentagon: five tips
    inner = (3 - math.sqrt(5)) / 2
    tip = inner * math.sin(math.pi / 5) * (1 - inner * math.cos(math.pi / 5))
    assert area == pytest.approx(5 * tip, rel=1e-9)


def test_the_area_of_a_long_outline_with_few_crossings_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Strips are cut a block at a time, pairs compared a block at a time: no seam shows."""
    turns = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    outer = [PixelPoint(100 * math.cos(t), 100 * math.sin(t)) for t in turns]
    inner = [PixelPoint(50 * math.cos(t) + 1e-3, 50 * math.sin(t) + 1e-3) for t in turns]
    area, crossed = polygon_area([*outer, *inner])
    assert crossed
    assert area == pytest.approx(plain_area(outer) - plain_area(inner), rel=1e-3)
    monkeypatch.setattr(crossings, "_AT_ONCE", 1000)
    again, _ = polygon_area([*outer[1:], *inner, outer[0]])
    assert again == pytest.approx(area, rel=1e-9)


def test_area_by_gauss() -> None:
    """The example of requirement F48: 2265 square pixels are 906 mm² at .5 x .8."""
    corners = [PixelPoint(0, 0), PixelPoint(50, 0), PixelPoint(50, 45.3), PixelPoint(0, 45.3)]
    area, crossed = polygon_area(corners)
    assert not crossed
    assert area * 0.5 * 0.8 == pytest.approx(906, rel=1e-9)
    assert plain_area(corners[::-1]) == pytest.approx(2265, rel=1e-12)


def test_circles_are_round_in_the_patient() -> None:
    metric = Metric(Spacing(0.5, 0.8), Spacing(0.5, 0.8))
    found = circle([PixelPoint(10, 10), PixelPoint(20, 10)], metric)
    assert found.area * 0.5 * 0.8 == pytest.approx(math.pi * 64, rel=1e-12)
    assert found.v == (0.0, 16.0)
    places = [PixelPoint(20, 10), PixelPoint(10, 26), PixelPoint(0, 10)]
    through = circle_3(places, metric)
    assert through.centre == pytest.approx((10, 10))
    assert through.u == pytest.approx((10, 0))


def test_shapes_without_size_are_refused() -> None:
    same = [PixelPoint(1, 1)] * 4
    with pytest.raises(GeometryError, match="no area"):
        axes_ellipse(same, ONE)
    with pytest.raises(GeometryError, match="one line"):
        circle_3([PixelPoint(0, 0), PixelPoint(1, 1), PixelPoint(2, 2)], ONE)


def test_loops_that_meet_in_a_corner_do_not_cancel_each_other() -> None:
    corners = [(0, 1), (0, 0), (1, 0), (0, 1), (0, 0), (-1, 0)]
    for tiny in (0.0, 1.9e-136):
        outline = [PixelPoint(c + tiny, r) for c, r in corners[:1]] + [
            PixelPoint(c, r) for c, r in corners[1:]
        ]
        assert polygon_area(outline)[0] == pytest.approx(1.0)
        assert polygon_area(outline[::-1])[0] == pytest.approx(1.0)


def test_an_outline_that_only_touches_itself_does_not_cross() -> None:
    corners = [(0, 0), (2, 2), (4, 0), (4, 4), (2, 2), (0, 4)]
    area, crosses = polygon_area([PixelPoint(c, r) for c, r in corners])
    assert area == pytest.approx(8.0)
    assert not crosses


def test_heights_that_differ_by_the_last_bit_are_no_strip() -> None:
    """Found by chance: an edge that ends between them was cut once, and the area raised."""
    outline = [(0.0, 22.0), (0.0, 0.0), (0.0, 16.0), (0.0, 15.0), (1.0, 0.0), (0.0, 16.0), (0.0, 0)]
    area, _ = polygon_area([PixelPoint(*p) for p in outline])
    turned, _ = polygon_area([PixelPoint(*p) for p in (*outline[1:], outline[0])])
    assert math.isfinite(area)
    assert area == pytest.approx(turned)


def test_many_spans_and_few_give_the_same_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(11)
    shapes = [
        Polygon(tuple(PixelPoint(*p) for p in chance.uniform(-5, 45, (n, 2)))) for n in (5, 60)
    ]
    found = []
    for few in (8, 0):
        monkeypatch.setattr(regions, "_FEW_SPANS", few)
        found.append([members(shape, 40, 40).mask for shape in shapes])
    for one, other in zip(*found, strict=True):
        assert one.any()
        np.testing.assert_array_equal(one, other)
