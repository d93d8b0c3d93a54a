"""How a drag becomes a shape and how a shape follows one of its points: right angles stay right."""

import math
from collections.abc import Callable

from viewer.measure.quantity import Points
from viewer.model.geometry import PixelPoint, Spacing

Placed = tuple[PixelPoint, ...]
Begin = Callable[[PixelPoint, PixelPoint, Spacing], Placed]
Settle = Callable[[Points, int, PixelPoint, Spacing], Placed]
_SHORT = 0.5
"""Short axis over long axis at first."""


def two(a: PixelPoint, b: PixelPoint, _shape: Spacing) -> Placed:
    """A line, or a centre and an edge."""
    return a, b


def cross(a: PixelPoint, b: PixelPoint, shape: Spacing) -> Placed:
    """A long axis, and a short one that halves it at right angles (RECIST)."""
    middle = PixelPoint((a.column + b.column) / 2, (a.row + b.row) / 2)
    across = _right_angle(a, b, shape)
    half = _SHORT * _length(a, b, shape) / 2
    return a, b, _moved(middle, across, -half, shape), _moved(middle, across, half, shape)


def corners(a: PixelPoint, b: PixelPoint, _shape: Spacing) -> Placed:
    """A rectangle along rows and columns by two opposite corners."""
    return a, PixelPoint(b.column, a.row), b, PixelPoint(a.column, b.row)


def axes(a: PixelPoint, b: PixelPoint, shape: Spacing) -> Placed:
    """The ellipse within a box: ends of the longer axis, then of the other."""
    column, row = (a.column + b.column) / 2, (a.row + b.row) / 2
    level = PixelPoint(a.column, row), PixelPoint(b.column, row)
    upright = PixelPoint(column, a.row), PixelPoint(column, b.row)
    if _length(*level, shape) >= _length(*upright, shape):
        return *level, *upright
    return *upright, *level


def freely(points: Points, index: int, to: PixelPoint, _shape: Spacing) -> Placed:
    """One point moves, all others stay."""
    return tuple(to if n == index else p for n, p in enumerate(points))


def with_centre(points: Points, index: int, to: PixelPoint, _shape: Spacing) -> Placed:
    """The whole circle goes with its centre; its edge moves alone."""
    if index:
        return points[0], to
    by = to.column - points[0].column, to.row - points[0].row
    return to, PixelPoint(points[1].column + by[0], points[1].row + by[1])


def keep_corners(points: Points, index: int, to: PixelPoint, shape: Spacing) -> Placed:
    """The opposite corner stays, the two beside the moved one go along: it stays a rectangle."""
    far = points[(index + 2) % 4]
    side = _direction(points[index], points[(index + 1) % 4], shape) or _direction(
        points[(index + 3) % 4], far, shape
    )
    if side is None:
        return corners(far, to, shape)
    along = _along(far, to, side, shape)
    placed = list(points)
    placed[index] = to
    placed[(index + 3) % 4] = _moved(far, side, along, shape)
    placed[(index + 1) % 4] = _moved(to, side, -along, shape)
    return tuple(placed)


def keep_cross(points: Points, index: int, to: PixelPoint, shape: Spacing) -> Placed:
    """The short axis stays at a right angle to the long one.

    An end of the long axis takes the short one along, which keeps its length and where it crosses;
    an end of the short axis moves across, and slides the short axis along the long one.
    """
    a, b, c, d = points
    if index >= 2:
        way = _direction(a, b, shape)
        if way is None:
            return freely(points, index, to, shape)
        part = min(max(_along(a, to, way, shape), 0.0), _length(a, b, shape))
        foot = _moved(a, way, part, shape)
        across = _right_angle(a, b, shape)
        near, other = _along(foot, to, across, shape), points[5 - index]
        far = _along(foot, other, across, shape)
        ends = _moved(foot, across, near, shape), _moved(foot, across, far, shape)
        return (a, b, *ends) if index == 2 else (a, b, *ends[::-1])
    before = _direction(a, b, shape)
    moved = freely(points, index, to, shape)
    if before is None or _direction(moved[0], moved[1], shape) is None:
        return moved
    middle = PixelPoint((c.column + d.column) / 2, (c.row + d.row) / 2)
    part = _along(a, middle, before, shape) / _length(a, b, shape)
    old = _right_angle(a, b, shape)
    foot = _between(a, b, part)
    reach = [_along(foot, end, old, shape) for end in (c, d)]
    new = _right_angle(moved[0], moved[1], shape)
    foot = _between(moved[0], moved[1], part)
    return (*moved[:2], *(_moved(foot, new, by, shape) for by in reach))


def keep_axes(points: Points, index: int, to: PixelPoint, shape: Spacing) -> Placed:
    """The other end of the axis stays; the other axis turns along and keeps its length."""
    first = index // 2 * 2
    axis = list(freely(points[first : first + 2], index % 2, to, shape))
    rest = points[2:] if first == 0 else points[:2]
    if _direction(axis[0], axis[1], shape) is None:
        return tuple(points)
    middle = _between(axis[0], axis[1], 0.5)
    across = _right_angle(axis[0], axis[1], shape)
    half = _length(rest[0], rest[1], shape) / 2
    if _along(rest[0], rest[1], across, shape) < 0:
        half = -half
    other = _moved(middle, across, -half, shape), _moved(middle, across, half, shape)
    return (*axis, *other) if first == 0 else (*other, *axis)


def _length(a: PixelPoint, b: PixelPoint, shape: Spacing) -> float:
    return math.hypot((b.column - a.column) * shape.column, (b.row - a.row) * shape.row)


def _direction(a: PixelPoint, b: PixelPoint, shape: Spacing) -> tuple[float, float] | None:
    """Unit vector from a to b in true proportions; None where they are one."""
    length = _length(a, b, shape)
    if length == 0:
        return None
    return (b.column - a.column) * shape.column / length, (b.row - a.row) * shape.row / length


def _right_angle(a: PixelPoint, b: PixelPoint, shape: Spacing) -> tuple[float, float]:
    x, y = _direction(a, b, shape) or (1.0, 0.0)
    return -y, x


def _along(a: PixelPoint, b: PixelPoint, way: tuple[float, float], shape: Spacing) -> float:
    return (b.column - a.column) * shape.column * way[0] + (b.row - a.row) * shape.row * way[1]


def _moved(p: PixelPoint, way: tuple[float, float], by: float, shape: Spacing) -> PixelPoint:
    return PixelPoint(p.column + by * way[0] / shape.column, p.row + by * way[1] / shape.row)


def _between(a: PixelPoint, b: PixelPoint, part: float) -> PixelPoint:
    return PixelPoint(a.column + part * (b.column - a.column), a.row + part * (b.row - a.row))
