"""Annotations as graphics of a structured report."""

from dataclasses import replace

import pytest

from tests.kit.annotations import annotation
from tests.kit.viewer import ct_instance
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.figure import Graphic, figures
from viewer.model.geometry import PointLps

IMAGE = ct_instance()


def drawn(kind: AnnotationKind, *points: tuple[float, float]) -> Annotation:
    return annotation(kind, IMAGE, *points)


def test_outlines_end_where_they_begin_and_are_polygons_in_space() -> None:
    box = drawn(AnnotationKind.RECTANGLE, (1, 1), (5, 1), (5, 4), (1, 4))
    (one,) = figures(box)
    assert (one.graphic, one.in_space) == (Graphic.POLYLINE, Graphic.POLYGON)
    assert one.pixels[0] == one.pixels[-1]
    assert len(one.pixels) == 5
    path = drawn(AnnotationKind.POLYLINE, (1, 1), (5, 1), (5, 4))
    assert figures(path)[0].in_space is Graphic.POLYLINE


def test_two_lines_are_two_graphics_and_a_short_axis_has_its_own_number() -> None:
    lines = ((1, 1), (5, 1), (1, 9), (12, 9))
    assert [one.number for one in figures(drawn(AnnotationKind.COBB, *lines))] == [0, 0]
    long, short = figures(drawn(AnnotationKind.BIDIRECTIONAL, *lines))
    assert (long.pixels[1].column, long.number, short.number) == (12, 0, 1)


def test_the_longer_axis_is_longer_in_the_patient() -> None:
    lines = ((1, 1), (5, 1), (3, -1), (3, 2))
    one = drawn(AnnotationKind.ELLIPSE, *lines)
    assert figures(one)[0].pixels[0] == (1, 1)
    assert figures(one, aspect=2.0)[0].pixels[0] == (3, -1)
    places = tuple(PointLps(x, 10 * y, 0) for x, y in lines)
    assert figures(replace(one, points=places))[0].pixels[0] == (3, -1)


def test_a_circle_is_one_on_square_pixels_else_an_ellipse_with_its_points() -> None:
    circle = drawn(AnnotationKind.CIRCLE, (10, 10), (10, 14))
    assert [one.graphic for one in figures(circle)] == [Graphic.CIRCLE]
    ellipse, handles = figures(circle, aspect=2.0)  # 4 rows are as long as 8 columns
    assert ellipse.graphic == Graphic.ELLIPSE
    assert [tuple(p) for p in ellipse.pixels] == [(2, 10), (18, 10), (10, 6), (10, 14)]
    assert handles.pixels == circle.pixels
    tall = figures(circle, aspect=0.5)[0].pixels
    assert [tuple(p) for p in tall] == [(10, 6), (10, 14), (8, 10), (12, 10)]


def test_three_points_make_a_circle_by_its_centre_and_are_kept() -> None:
    circle, handles = figures(drawn(AnnotationKind.CIRCLE_3, (15, 10), (10, 15), (5, 10)))
    assert circle.pixels[0] == pytest.approx((10, 10))
    assert (circle.graphic, handles.graphic) == (Graphic.CIRCLE, Graphic.MULTIPOINT)
    assert len(handles.pixels) == 3
    (line,) = figures(drawn(AnnotationKind.CIRCLE_3, (1, 1), (2, 2), (3, 3)))
    assert line.graphic is Graphic.MULTIPOINT


def test_parallels_and_points() -> None:
    line, point = figures(drawn(AnnotationKind.PARALLEL, (1, 1), (5, 1), (3, 4)))
    assert (line.graphic, point.graphic) == (Graphic.POLYLINE, Graphic.POINT)
    assert figures(drawn(AnnotationKind.TEXT, (1, 1)))[0].graphic is Graphic.POINT


def test_places_that_do_not_match_are_refused() -> None:
    with pytest.raises(ValueError, match="as many places"):
        figures(replace(drawn(AnnotationKind.TEXT, (1, 1)), points=(PointLps(0, 0, 0),) * 2))
