"""How far a number in space may be off: from placing points on voxels, and from the spacing (F46).

Each coordinate of a point was placed on the grid of voxels: along rows, columns and slices it is
off by a standard deviation of 1/√12 voxel. What grew is off by half of the voxels on its surface.
"""

import math
from collections.abc import Callable, Sequence

from viewer.errors import GeometryError
from viewer.measure.growing import Grown
from viewer.measure.quantity import Quantity
from viewer.measure.uncertainty import COVERAGE, POWER, SNAPPING
from viewer.model.geometry import ImagePlane, PointLps

Compute = Callable[[Sequence[PointLps]], tuple[Quantity, ...]]
Steps = tuple[PointLps, PointLps, PointLps]
_PART = 1e-3
"""Part of a voxel by which points are moved to see what a number makes of it."""
_SURFACE = 0.5


def voxel_steps(plane: ImagePlane, depth: float) -> Steps:
    """One voxel along the rows, the columns and the normal, mm."""
    nowhere = PointLps(0.0, 0.0, 0.0)
    return (
        nowhere.plus(plane.row, plane.spacing.column),
        nowhere.plus(plane.column, plane.spacing.row),
        nowhere.plus(plane.normal, depth),
    )


def expanded_in_space(
    compute: Compute, points: Sequence[PointLps], steps: Steps, scale: float
) -> dict[str, float]:
    """Give ± (k = 2) by quantity key; nothing where moving a point leaves no shape.

    ``scale`` is the relative standard deviation of the spacing.
    """
    squares: dict[str, float] = {}
    try:
        centre = compute(points)
        for n in range(len(points)):
            for step in steps:
                back = compute(_moved(points, n, step, -_PART))
                on = compute(_moved(points, n, step, _PART))
                for one, other in zip(back, on, strict=True):
                    slope = (other.value - one.value) / (2 * _PART)
                    squares[one.key] = squares.get(one.key, 0.0) + slope * slope
    except GeometryError:
        return {}
    return {
        one.key: COVERAGE
        * math.hypot(
            math.sqrt(squares[one.key]) * SNAPPING, POWER[one.dimension] * scale * one.value
        )
        for one in centre
    }


def grown_uncertainty(grown: Grown, scale: float) -> float:
    """± (k = 2) of a volume that was grown, mm³."""
    return math.hypot(_SURFACE * grown.surface, COVERAGE * 3 * scale * grown.volume)


def _moved(
    points: Sequence[PointLps], index: int, step: PointLps, part: float
) -> tuple[PointLps, ...]:
    return tuple(p.plus(step, part) if n == index else p for n, p in enumerate(points))
