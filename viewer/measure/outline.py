"""The lines drawn for a shape, in pixels of its image: what is seen is what is measured."""

import math
from collections.abc import Callable

from viewer.errors import GeometryError
from viewer.measure.quantity import Metric, Points
from viewer.measure.regions import Ellipse, axes_ellipse, circle, circle_3
from viewer.model.geometry import PixelPoint

Paths = tuple[tuple[PixelPoint, ...], ...]
Outline = Callable[[Points, Metric], Paths]
_CORNERS = 72
"""Corners of a drawn circle."""


def open_line(points: Points, _metric: Metric) -> Paths:
    """From point to point."""
    return (tuple(points),)


def closed_line(points: Points, _metric: Metric) -> Paths:
    """From point to point and back to the first."""
    return ((*points, *points[:1]),)


def two_lines(points: Points, _metric: Metric) -> Paths:
    """One line by each pair of points."""
    return (tuple(points[:2]), tuple(points[2:]))


def parallels(points: Points, metric: Metric) -> Paths:
    """The line, its parallel through the third point, and the distance between them."""
    if len(points) < 3:
        return (tuple(points),)
    a, b, c = points
    shape = metric.shape
    x, y = (b.column - a.column) * shape.column, (b.row - a.row) * shape.row
    square = x * x + y * y
    if square == 0:
        return (tuple(points),)
    u, v = (c.column - a.column) * shape.column, (c.row - a.row) * shape.row
    part = (u * x + v * y) / square
    foot = PixelPoint(a.column + part * (b.column - a.column), a.row + part * (b.row - a.row))
    by = c.column - foot.column, c.row - foot.row
    other = tuple(PixelPoint(p.column + by[0], p.row + by[1]) for p in (a, b))
    return (a, b), other, (foot, c)


def no_line(_points: Points, _metric: Metric) -> Paths:
    """Only the points."""
    return ()


def axes_outline(points: Points, metric: Metric) -> Paths:
    """The ellipse through the ends of its axes."""
    return _drawn(axes_ellipse, points, metric)


def circle_outline(points: Points, metric: Metric) -> Paths:
    """The circle by centre and edge."""
    return _drawn(circle, points, metric)


def circle_3_outline(points: Points, metric: Metric) -> Paths:
    """The circle through three points."""
    return _drawn(circle_3, points, metric)


def _drawn(shape: Callable[[Points, Metric], Ellipse], points: Points, metric: Metric) -> Paths:
    try:
        found = shape(points, metric)
    except (GeometryError, ValueError, IndexError):  # not all points are there yet
        return (tuple(points),)
    turns = [2 * math.pi * n / _CORNERS for n in range(_CORNERS + 1)]
    c, u, v = found.centre, found.u, found.v
    return (
        tuple(
            PixelPoint(
                c.column + math.cos(t) * u[0] + math.sin(t) * v[0],
                c.row + math.cos(t) * u[1] + math.sin(t) * v[1],
            )
            for t in turns
        ),
    )
