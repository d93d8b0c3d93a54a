"""Lengths, angles and ratios in float64, from pixels with a spacing or points in the patient."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from viewer.errors import GeometryError
from viewer.measure import codes
from viewer.measure.quantity import SQUARE_PIXELS, Dimension, Metric, Points, Quantity
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.refs import Code

__all__ = ["SQUARE_PIXELS"]

Vector = tuple[float, float]
_PARALLEL = 1e-12


def pixel_length(a: PixelPoint, b: PixelPoint, spacing: Spacing) -> float:
    """Distance of two pixel points in the unit of ``spacing`` (mm); both axes count (F38)."""
    return math.hypot((b.column - a.column) * spacing.column, (b.row - a.row) * spacing.row)


def path_length(points: Points, spacing: Spacing) -> float:
    """Length of a line from point to point, in the unit of ``spacing``."""
    return math.fsum(pixel_length(a, b, spacing) for a, b in pairwise(points))


def angle_at(a: PixelPoint, vertex: PixelPoint, c: PixelPoint, spacing: Spacing) -> float:
    """Angle at ``vertex``, 0 to 180 degrees; GeometryError where an arm has no length."""
    return _angle(_way(vertex, a, spacing), _way(vertex, c, spacing))


def acute_angle(points: Points, spacing: Spacing) -> float:
    """Angle of two lines, each through two of four points, 0 to 90 degrees (F46)."""
    a, b, c, d = points
    angle = _angle(_way(a, b, spacing), _way(c, d, spacing))
    return min(angle, 180.0 - angle)


def opening_angle(points: Points, spacing: Spacing) -> float:
    """Angle that two segments open, 0 to 180 degrees.

    It is the one at the place where their lines meet, between the rays from there to the middles
    of the segments: it does not depend on the direction in which they were drawn. 0 for parallels;
    the acute angle where the segments cross each other in their middles.
    """
    first, second = _scaled(points[:2], spacing), _scaled(points[2:], spacing)
    u, v = _minus(first[1], first[0]), _minus(second[1], second[0])
    _angle(u, v)  # refuses a segment without length
    cross = u[0] * v[1] - u[1] * v[0]
    if abs(cross) <= _PARALLEL * math.hypot(*u) * math.hypot(*v):
        return 0.0
    gap = _minus(second[0], first[0])
    t = (gap[0] * v[1] - gap[1] * v[0]) / cross
    meet = (first[0][0] + t * u[0], first[0][1] + t * u[1])
    rays = [_minus(((s[0][0] + s[1][0]) / 2, (s[0][1] + s[1][1]) / 2), meet)
            for s in (first, second)]  # fmt: skip
    if min(math.hypot(*ray) for ray in rays) <= _PARALLEL * max(math.hypot(*u), math.hypot(*v)):
        return acute_angle(points, spacing)
    return _angle(*rays)


def parallel_distance(points: Points, spacing: Spacing) -> float:
    """Distance of the third point from the line through the first two, in the spacing's unit."""
    a, b, c = points
    u, v = _way(a, b, spacing), _way(a, c, spacing)
    length = math.hypot(*u)
    if length == 0:
        raise GeometryError("The line has no length, so nothing is parallel to it.")
    return abs(u[0] * v[1] - u[1] * v[0]) / length


# -- what each kind gives ------------------------------------------------------------------------


def length(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """One straight line."""
    value = pixel_length(points[0], points[1], metric.unit)
    return (Quantity("", codes.LENGTH, value, Dimension.LENGTH),)


def path(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """A line from point to point."""
    value = path_length(points, metric.unit)
    return (Quantity("", codes.PATH_LENGTH, value, Dimension.LENGTH),)


def path_slopes(points: Points, metric: Metric) -> dict[str, float]:
    """How the length answers to its points: squared slopes by every coordinate, summed."""
    return {"": squared_pulls(points, metric.unit)}


def squared_pulls(points: Points, spacing: Spacing, *, closed: bool = False) -> float:
    """Sum of the squared slopes of a path's length by every coordinate, in one pass."""
    places = np.asarray(points, np.float64)
    steps = np.diff(places, axis=0) * (spacing.column, spacing.row)
    size = np.hypot(steps[:, 0], steps[:, 1])
    ways = steps / np.where(size == 0, 1.0, size)[:, None] * (spacing.column, spacing.row)
    pulls = np.zeros_like(places)
    pulls[1:] += ways
    pulls[:-1] -= ways
    if closed:  # the last point is the first one again
        pulls[0] += pulls[-1]
        pulls = pulls[:-1]
    return float(np.sum(pulls**2))


def bidirectional(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """Long and short axis (RECIST); the longer line is the long axis, whichever came first."""
    both = [path_length(points[:2], metric.unit), path_length(points[2:], metric.unit)]
    return (
        Quantity("", codes.LONG_AXIS, max(both), Dimension.LENGTH),
        Quantity("short", codes.SHORT_AXIS, min(both), Dimension.LENGTH),
    )


def angle(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """The angle at the second of three points."""
    value = angle_at(points[0], points[1], points[2], metric.shape)
    return (Quantity("", codes.ANGLE, value, Dimension.ANGLE),)


def lines_angle(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """The angle that two free lines open, and what it lacks to 180 degrees."""
    return _with_supplement(codes.ANGLE, opening_angle(points, metric.shape))


def cobb(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """The Cobb angle of two end plates, and what it lacks to 180 degrees (F46)."""
    return _with_supplement(codes.COBB, acute_angle(points, metric.shape))


def parallel(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """Distance of two parallel lines."""
    value = parallel_distance(points, metric.unit)
    return (Quantity("", codes.DISTANCE, value, Dimension.LENGTH),)


def heart(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """Cardiothoracic ratio: the first line (heart) over the second (inner width of the thorax)."""
    across, thorax = (path_length(points[i : i + 2], metric.unit) for i in (0, 2))
    if thorax == 0:
        raise GeometryError("The line across the thorax has no length.")
    return (
        Quantity("", codes.HEART_RATIO, across / thorax, Dimension.RATIO),
        Quantity("heart", codes.HEART_WIDTH, across, Dimension.LENGTH),
        Quantity("thorax", codes.THORAX_WIDTH, thorax, Dimension.LENGTH),
    )


def nothing(_points: Points, _metric: Metric) -> tuple[Quantity, ...]:
    """Words and probes have no geometry of their own."""
    return ()


def _with_supplement(name: Code, value: float) -> tuple[Quantity, ...]:
    return (
        Quantity("", name, value, Dimension.ANGLE),
        Quantity("supplement", codes.SUPPLEMENT, 180.0 - value, Dimension.ANGLE),
    )


def _scaled(points: Points, spacing: Spacing) -> list[Vector]:
    return [(p.column * spacing.column, p.row * spacing.row) for p in points]


def _way(a: PixelPoint, b: PixelPoint, spacing: Spacing) -> Vector:
    return (b.column - a.column) * spacing.column, (b.row - a.row) * spacing.row


def _minus(a: Sequence[float], b: Sequence[float]) -> Vector:
    return a[0] - b[0], a[1] - b[1]


def _angle(u: Vector, v: Vector) -> float:
    """Degrees between two vectors; the arc tangent is exact where an arc cosine is not."""
    if math.hypot(*u) == 0 or math.hypot(*v) == 0:
        raise GeometryError("A line of this angle has no length.")
    cross, dot = u[0] * v[1] - u[1] * v[0], u[0] * v[0] + u[1] * v[1]
    return math.degrees(math.atan2(abs(cross), dot))
