"""Solids in the patient: their volume, and the region that a plane cuts out of them (F47, F48)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from viewer.errors import GeometryError
from viewer.measure.regions import Ellipse, Polygon, Region
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps

Vector = NDArray[np.float64]
Box = tuple[PointLps, PointLps]
ON = 1e-9
"""Part of a half axis within which a place counts as lying on the surface."""


class Solid(Protocol):
    """A closed shape in space. A slice's voxels are in it where their centres are in its cut."""

    @property
    def volume(self) -> float:
        """Cubic millimetres, by the formula and not by counting."""
        ...

    @property
    def bounds(self) -> Box:
        """The lowest and the highest coordinates, mm."""
        ...

    def cut(self, plane: ImagePlane) -> Region | None:
        """What it has in common with a plane, in pixels of that plane; None where nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """Centre and three half axes at right angles, mm; a sphere where they are equal."""

    centre: PointLps
    axes: tuple[PointLps, PointLps, PointLps]

    @property
    def volume(self) -> float:
        """4/3 π abc."""
        return 4 / 3 * math.pi * abs(_determinant(self.axes))

    @property
    def bounds(self) -> Box:
        """The box that it touches."""
        half = np.sqrt((np.array(self.axes) ** 2).sum(axis=0))
        return _around(self.centre, half)

    def cut(self, plane: ImagePlane) -> Ellipse | None:
        """An ellipse: where the map onto the unit ball is no longer than one."""
        start, steps = _mapped(self.centre, self.axes, plane)
        gram = steps.T @ steps
        middle = -np.linalg.solve(gram, steps.T @ start)
        nearest = start + steps @ middle
        left = 1.0 - float(nearest @ nearest)
        if left < -2 * ON:
            return None
        lower = np.linalg.cholesky(gram)
        u, v = math.sqrt(max(left, 1e-18)) * np.linalg.inv(lower).copy()
        return Ellipse(
            PixelPoint(*map(float, middle)), (float(u[0]), float(u[1])), (float(v[0]), float(v[1]))
        )


@dataclass(frozen=True, slots=True)
class Block:
    """A box by its centre and the vectors from there to the middles of three faces, mm."""

    centre: PointLps
    axes: tuple[PointLps, PointLps, PointLps]

    @property
    def volume(self) -> float:
        """Length times width times height."""
        return 8 * abs(_determinant(self.axes))

    @property
    def bounds(self) -> Box:
        """The box along the patient's axes round it."""
        return _around(self.centre, np.abs(np.array(self.axes)).sum(axis=0))

    @property
    def corners(self) -> tuple[PointLps, ...]:
        """All eight."""
        a, b, c = self.axes
        signs = [(i, j, k) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)]
        return tuple(self.centre.plus(a, i).plus(b, j).plus(c, k) for i, j, k in signs)

    def cut(self, plane: ImagePlane) -> Polygon | None:
        """The plane within six faces, faces included."""
        start, steps = _mapped(self.centre, self.axes, plane)
        far = [plane.to_pixel(corner) for corner in self.corners]
        left, right = min(p.column for p in far) - 1, max(p.column for p in far) + 1
        top, bottom = min(p.row for p in far) - 1, max(p.row for p in far) + 1
        kept: list[tuple[float, float]] = [
            (left, top), (right, top), (right, bottom), (left, bottom)
        ]  # fmt: skip
        for axis in range(3):
            for sign in (1.0, -1.0):
                kept = _clipped(kept, sign * steps[axis], 1 + ON - sign * float(start[axis]))
                if len(kept) < 3:
                    return None
        return Polygon(tuple(PixelPoint(x, y) for x, y in kept))


def ellipsoid(points: Sequence[PointLps]) -> Ellipsoid:
    """By its centre and the ends of three half axes; GeometryError where it is flat."""
    made = Ellipsoid(points[0], _half_axes(points))
    _refuse_flat(made.axes)
    return made


def block(points: Sequence[PointLps]) -> Block:
    """By its centre and the middles of three faces; GeometryError where it is flat."""
    made = Block(points[0], _half_axes(points))
    _refuse_flat(made.axes)
    return made


def sphere(points: Sequence[PointLps]) -> Ellipsoid:
    """By its centre and a place on its surface; GeometryError where both are one."""
    radius = (points[1] - points[0]).norm
    if radius <= ON:
        raise GeometryError("The sphere has no radius.")
    ways = (PointLps(radius, 0, 0), PointLps(0, radius, 0), PointLps(0, 0, radius))
    return Ellipsoid(points[0], ways)


def _half_axes(points: Sequence[PointLps]) -> tuple[PointLps, PointLps, PointLps]:
    a, b, c = (end - points[0] for end in points[1:4])
    return a, b, c


def _refuse_flat(axes: Sequence[PointLps]) -> None:
    box = math.prod(axis.norm for axis in axes)
    if abs(_determinant(axes)) <= max(ON * box, ON**2):
        raise GeometryError("The shape is flat; it has no volume.")


def _determinant(axes: Sequence[PointLps]) -> float:
    return axes[0].dot(axes[1].cross(axes[2]))


def _around(centre: PointLps, half: Vector) -> Box:
    low, high = np.array(centre) - half, np.array(centre) + half
    return PointLps(*map(float, low)), PointLps(*map(float, high))


def _mapped(centre: PointLps, axes: Sequence[PointLps], plane: ImagePlane) -> tuple[Vector, Vector]:
    """A plane seen where the half axes are the unit vectors: first pixel, and both steps."""
    into = np.linalg.inv(np.array(axes).T)
    steps = np.stack(
        [
            np.array(plane.row) * plane.spacing.column,
            np.array(plane.column) * plane.spacing.row,
        ],
        axis=1,
    )
    return into @ np.array(plane.position - centre), into @ steps


def _clipped(
    corners: Sequence[tuple[float, float]], way: Vector, most: float
) -> list[tuple[float, float]]:
    """The part of a convex polygon in which ``way`` · p is at most ``most``."""
    off = [float(way[0]) * x + float(way[1]) * y - most for x, y in corners]
    kept: list[tuple[float, float]] = []
    for n, (here, a) in enumerate(zip(corners, off, strict=True)):
        there, b = corners[(n + 1) % len(corners)], off[(n + 1) % len(corners)]
        if a <= 0:
            kept.append(here)
        if (a < 0 < b) or (b < 0 < a):
            part = a / (a - b)
            kept.append(
                (here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1]))
            )
    return kept
