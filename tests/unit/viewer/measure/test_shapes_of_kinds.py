"""Points that are given, lines that are drawn, and shapes that keep their right angles."""

import math

import pytest

from viewer.errors import GeometryError
from viewer.measure import arrange, outline
from viewer.measure.kinds import KINDS
from viewer.measure.linear import acute_angle, opening_angle
from viewer.measure.quantity import Metric
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import PixelPoint, Spacing

K = AnnotationKind
ONE = Spacing(1, 1)
FLAT = Spacing(0.5, 0.8)
METRIC = Metric(ONE, ONE)


def at(*places: tuple[float, float]) -> tuple[PixelPoint, ...]:
    return tuple(PixelPoint(*place) for place in places)


def test_two_places_span_a_shape_or_all_points_are_given() -> None:
    two = at((1, 2), (5, 4))
    assert KINDS[K.RECTANGLE].placed(two, ONE) == at((1, 2), (5, 2), (5, 4), (1, 4))
    four = at((0, 0), (4, 1), (3, 5), (-1, 4))
    assert KINDS[K.RECTANGLE].placed(four, ONE) == four
    assert KINDS[K.LENGTH].placed(two, ONE) == two
    assert not KINDS[K.BIDIRECTIONAL].by_two
    with pytest.raises(GeometryError, match="Cobb angle takes 4 points, not 2"):
        KINDS[K.COBB].placed(two, ONE)
    with pytest.raises(GeometryError, match="Polygon takes at least 3 points, not 2"):
        KINDS[K.POLYGON].placed(two, ONE)
    with pytest.raises(GeometryError, match="point takes 1 point, not 2"):
        KINDS[K.PROBE].placed(two, ONE)


def test_the_longer_axis_of_an_ellipse_comes_first_in_millimetres() -> None:
    zero = PixelPoint(0, 0)
    wide = arrange.axes(zero, PixelPoint(10, 12), FLAT)
    high = arrange.axes(zero, PixelPoint(4, 12), FLAT)
    assert wide == at((0, 6), (10, 6), (5, 0), (5, 12))
    assert high == at((2, 0), (2, 12), (0, 6), (4, 6))


def test_a_shape_without_extent_still_follows_its_points() -> None:
    same = at((3, 3), (3, 3), (3, 3), (3, 3))
    to = PixelPoint(5, 8)
    assert arrange.keep_corners(same, 2, to, ONE) == at((3, 3), (5, 3), (5, 8), (3, 8))
    assert arrange.keep_cross(same, 2, to, ONE) == at((3, 3), (3, 3), (5, 8), (3, 3))
    assert arrange.keep_cross(same, 0, to, ONE) == at((5, 8), (3, 3), (3, 3), (3, 3))
    assert arrange.keep_axes(same, 0, PixelPoint(3, 3), ONE) == same
    cross = arrange.cross(PixelPoint(0, 0), PixelPoint(10, 0), ONE)
    assert arrange.keep_cross(cross, 0, PixelPoint(10, 0), ONE)[:2] == at((10, 0), (10, 0))


def test_the_other_axis_keeps_its_side_when_one_is_turned_round() -> None:
    drawn = at((0, 5), (10, 5), (5, 2), (5, 8))
    turned = arrange.keep_axes(drawn, 0, PixelPoint(20, 5), ONE)
    assert turned[2:] == at((15, 2), (15, 8))
    other = arrange.keep_axes(drawn, 3, PixelPoint(5, 10), ONE)
    assert other[2:] == at((5, 2), (5, 10))
    assert math.dist(other[0], other[1]) == pytest.approx(10)


def test_the_first_end_of_a_short_axis_moves_too() -> None:
    cross = arrange.cross(PixelPoint(0, 0), PixelPoint(10, 0), ONE)
    moved = arrange.keep_cross(cross, 2, PixelPoint(7, -4), ONE)
    assert moved[2] == pytest.approx((7, -4))
    assert moved[3] == pytest.approx((7, 2.5))


def test_what_is_drawn() -> None:
    three = at((0, 0), (10, 0), (3, 7))
    line, other, between = outline.parallels(three, METRIC)
    assert line == three[:2]
    assert other == at((0, 7), (10, 7))
    assert between == at((3, 0), (3, 7))
    assert outline.parallels(three[:2], METRIC) == (three[:2],)
    flat = at((1, 1), (1, 1), (2, 2))
    assert outline.parallels(flat, METRIC) == (flat,)
    assert outline.no_line(three, METRIC) == ()
    assert outline.two_lines(at((0, 0), (1, 1), (2, 2)), METRIC)[1] == at((2, 2))
    (ring,) = outline.circle_outline(at((5, 5), (8, 5)), METRIC)
    assert all(math.dist(p, (5, 5)) == pytest.approx(3) for p in ring)
    assert outline.circle_outline(at((5, 5)), METRIC) == (at((5, 5)),)
    assert outline.circle_3_outline(at((0, 0), (1, 1)), METRIC) == (at((0, 0), (1, 1)),)
    (closed,) = outline.closed_line(three, METRIC)
    assert closed[0] == closed[-1]
    (oval,) = outline.axes_outline(at((0, 5), (10, 5), (5, 2), (5, 8)), METRIC)
    assert max(p.column for p in oval) == pytest.approx(10)


def test_two_lines_that_open_nothing() -> None:
    assert opening_angle(at((0, 0), (5, 0), (0, 3), (9, 3)), ONE) == 0.0
    crossing = at((-2, 0), (2, 0), (-2, -2), (2, 2))
    assert opening_angle(crossing, ONE) == pytest.approx(45)
    assert acute_angle(crossing, ONE) == pytest.approx(45)
    with pytest.raises(GeometryError, match="no length"):
        opening_angle(at((0, 0), (0, 0), (1, 1), (2, 2)), ONE)
