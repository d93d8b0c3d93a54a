"""How far a number may be off: from placing points, from the spacing, from the magnification (F46).

Placing a point on the pixel grid is off by a standard deviation of 1/√12 pixel on each axis; that
of a length is then 0.41 pixel, 0.82 pixel at k = 2. What a spacing is worth is assumed by the kind
of its calibration: headers do not say it.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from viewer.errors import GeometryError
from viewer.measure.quantity import Dimension, Metric, Points, Quantity
from viewer.model.geometry import PixelPoint
from viewer.model.measurement import CalibrationKind

Compute = Callable[[Points, Metric], tuple[Quantity, ...]]
Slopes = Callable[[Points, Metric], dict[str, float]]

COVERAGE = 2.0
"""k: about 95 of 100 values lie within ± this many standard deviations."""
SNAPPING = 1 / math.sqrt(12)
"""Standard deviation of a coordinate that was placed on the pixel grid, pixels."""
SCALE: Mapping[CalibrationKind, float] = MappingProxyType(
    {
        CalibrationKind.PATIENT: 0.005,
        CalibrationKind.DETECTOR: 0.005,
        CalibrationKind.MAGNIFIED: 0.03,
        CalibrationKind.FIDUCIAL: 0.02,
        CalibrationKind.US_REGION: 0.015,
        CalibrationKind.USER: 0.01,
        CalibrationKind.NONE: 0.0,
    }
)
"""Assumed relative standard deviation of a spacing, by where it comes from."""
POWER: Mapping[Dimension, int] = MappingProxyType(
    {
        Dimension.LENGTH: 1,
        Dimension.AREA: 2,
        Dimension.VOLUME: 3,
        Dimension.ANGLE: 0,
        Dimension.RATIO: 0,
    }
)
"""How often a spacing stands in a number."""
_STEP = 1e-3
"""Pixels by which points are moved to see what a number makes of it."""


def expanded(
    compute: Compute, points: Points, metric: Metric, scale: float, slopes: Slopes | None = None
) -> dict[str, float]:
    """Give ± (k = 2) by quantity key; nothing where moving a point leaves no shape.

    ``scale`` is the relative standard deviation of the spacing; ``slopes`` gives the squared
    slopes at once where moving every point of very many would take long.
    """
    try:
        centre = compute(points, metric)
        squares = slopes(points, metric) if slopes else _squared_slopes(compute, points, metric)
    except GeometryError:
        return {}
    return {
        one.key: COVERAGE
        * math.hypot(
            math.sqrt(squares[one.key]) * SNAPPING, POWER[one.dimension] * scale * one.value
        )
        for one in centre
    }


def _squared_slopes(compute: Compute, points: Points, metric: Metric) -> dict[str, float]:
    """Move every point a little along each axis and see what the numbers make of it."""
    squares: dict[str, float] = {}
    for back, on in _moved(points):
        for one, other in zip(compute(back, metric), compute(on, metric), strict=True):
            slope = (other.value - one.value) / (2 * _STEP)
            squares[one.key] = squares.get(one.key, 0.0) + slope * slope
    return squares


def _moved(points: Points) -> list[tuple[list[PixelPoint], list[PixelPoint]]]:
    found = []
    for n, p in enumerate(points):
        for across, down in ((_STEP, 0.0), (0.0, _STEP)):
            back, on = list(points), list(points)
            back[n] = PixelPoint(p.column - across, p.row - down)
            on[n] = PixelPoint(p.column + across, p.row + down)
            found.append((back, on))
    return found
