"""Kinds whose points lie anywhere in the patient: how they are drawn, edited and measured."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viewer.errors import GeometryError
from viewer.measure import codes
from viewer.measure.quantity import Dimension, Quantity
from viewer.measure.solids import Solid, block, ellipsoid, sphere
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import ImagePlane, PointLps

Places = Sequence[PointLps]
Placed = tuple[PointLps, ...]
_FLAT = 1e-3
"""Depth over the sides of a box below which its corners lie on one plane."""


@dataclass(frozen=True, slots=True)
class InSpace:
    """What is particular to a kind in space; points are LPS, mm."""

    measure: Callable[[Places], tuple[Quantity, ...]]
    solid: Callable[[Places], Solid] | None = None
    begin: Callable[[PointLps, PointLps, ImagePlane], Placed] | None = None
    """The points that two places on a plane give; None: a click for each point."""
    settle: Callable[[Places, int, PointLps], Placed] | None = None
    """All points once one was moved; None: only that one."""
    grows: bool = False
    """Whether it takes in voxels within a limit and not all of it."""


def line(points: Places) -> tuple[Quantity, ...]:
    """The distance of two points."""
    return (Quantity("", codes.LENGTH, (points[1] - points[0]).norm, Dimension.LENGTH),)


def angle(points: Places) -> tuple[Quantity, ...]:
    """The angle at the second of three points, 0 to 180 degrees."""
    a, b = points[0] - points[1], points[2] - points[1]
    if a.norm == 0 or b.norm == 0:
        raise GeometryError("An arm of the angle has no length.")
    found = math.degrees(math.atan2(a.cross(b).norm, a.dot(b)))
    return (Quantity("", codes.ANGLE, found, Dimension.ANGLE),)


def sphere_size(points: Places) -> tuple[Quantity, ...]:
    """Volume and diameter."""
    across = 2 * (points[1] - points[0]).norm
    return (
        _volume(sphere(points)),
        Quantity("diameter", codes.DIAMETER, across, Dimension.LENGTH),
    )


def block_size(points: Places) -> tuple[Quantity, ...]:
    """Volume and the three sides as they were drawn."""
    names = (("width", codes.WIDTH), ("height", codes.HEIGHT), ("depth", codes.DEPTH))
    return (
        _volume(block(points)),
        *(
            Quantity(key, name, 2 * (end - points[0]).norm, Dimension.LENGTH)
            for (key, name), end in zip(names, points[1:], strict=True)
        ),
    )


def ellipsoid_size(points: Places) -> tuple[Quantity, ...]:
    """Volume and the three axes, the longest first."""
    names = (("long", codes.LONG_AXIS), ("middle", codes.MIDDLE_AXIS), ("short", codes.SHORT_AXIS))
    axes = sorted((2 * (end - points[0]).norm for end in points[1:]), reverse=True)
    return (
        _volume(ellipsoid(points)),
        *(
            Quantity(key, name, length, Dimension.LENGTH)
            for (key, name), length in zip(names, axes, strict=True)
        ),
    )


def nothing(_points: Places) -> tuple[Quantity, ...]:
    """No number from points alone: what grew is counted."""
    return ()


def centre_and_edge(a: PointLps, b: PointLps, _plane: ImagePlane) -> Placed:
    """A centre, and a place on the surface."""
    return a, b


def box_of_corners(a: PointLps, b: PointLps, plane: ImagePlane) -> Placed:
    """A box along a plane's rows and columns by two opposite corners.

    Where both lie on the plane it is as deep as it is wide on the average.
    """
    middle, way = a.plus(b - a, 0.5), b - a
    wide, high = abs(way.dot(plane.row)) / 2, abs(way.dot(plane.column)) / 2
    deep = abs(way.dot(plane.normal)) / 2
    if deep < _FLAT * (wide + high):
        deep = (wide + high) / 2
    return (
        middle,
        middle.plus(plane.row, wide),
        middle.plus(plane.column, high),
        middle.plus(plane.normal, deep),
    )


def with_centre(points: Places, index: int, to: PointLps) -> Placed:
    """All of it goes with its centre; its edge moves alone."""
    return moved(points, to - points[0]) if index == 0 else (points[0], to)


def along_axes(points: Places, index: int, to: PointLps) -> Placed:
    """All of it goes with its centre; a half axis becomes longer or shorter and keeps its way."""
    if index == 0:
        return moved(points, to - points[0])
    axis = points[index] - points[0]
    length = axis.norm
    if length == 0:
        return tuple(points)
    reach = abs((to - points[0]).dot(axis)) / length
    placed = list(points)
    placed[index] = points[0].plus(axis, max(reach, 1e-3) / length)
    return tuple(placed)


def moved(points: Places, by: PointLps) -> Placed:
    """All points by one way."""
    return tuple(p.plus(by) for p in points)


def settled(how: InSpace, points: Places, index: int | None, to: PointLps) -> Placed:
    """All points once one (None: the first, and all with it) was moved to a place."""
    if index is None:
        return moved(points, to - points[0])
    if how.settle is not None:
        return how.settle(points, index, to)
    return tuple(to if n == index else p for n, p in enumerate(points))


def _volume(of: Solid) -> Quantity:
    return Quantity("", codes.VOLUME, of.volume, Dimension.VOLUME)


_K = AnnotationKind
SPACE: dict[AnnotationKind, InSpace] = {
    _K.LINE_3D: InSpace(line),
    _K.ANGLE_3D: InSpace(angle),
    _K.SPHERE: InSpace(sphere_size, sphere, centre_and_edge, with_centre),
    _K.BOX: InSpace(block_size, block, box_of_corners, along_axes),
    _K.ELLIPSOID: InSpace(ellipsoid_size, ellipsoid, box_of_corners, along_axes),
    _K.GROWN: InSpace(nothing, sphere, centre_and_edge, with_centre, grows=True),
}
