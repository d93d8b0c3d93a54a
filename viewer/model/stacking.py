"""Where frames lie along their common normal: order, steps, gaps and tilt (F40, F42, F43)."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from viewer.model.geometry import ImagePlane, PointLps

_SAME_PLACE = 1e-3
"""Two frames closer than this along the normal lie at one position, mm."""


def reading_direction(normal: PointLps) -> PointLps:
    """The normal, turned so that a stack is paged as it is read.

    Axial planes run from head to feet, coronal ones from front to back, sagittal ones from right
    to left; an oblique plane goes by the largest part of its normal (at a tie: z, then y).
    """
    largest = max(abs(part) for part in normal) - 1e-3
    if abs(normal.z) >= largest:
        forward = normal.z < 0
    elif abs(normal.y) >= largest:
        forward = normal.y > 0
    else:
        forward = normal.x > 0
    return normal if forward else PointLps(-normal.x, -normal.y, -normal.z)


def orientation_name(normal: PointLps) -> str:
    """Axial, coronal, sagittal, or oblique when no axis is within 25 degrees."""
    names = {"sagittal": abs(normal.x), "coronal": abs(normal.y), "axial": abs(normal.z)}
    name = max(names, key=lambda n: names[n])
    return name if names[name] >= math.cos(math.radians(25)) else "oblique"


def positions_along(planes: Sequence[ImagePlane]) -> list[float]:
    """Place of each plane along the reading direction of the first, mm (F40)."""
    direction = reading_direction(planes[0].normal)
    return [plane.position.dot(direction) for plane in planes]


def repeats(positions: Sequence[float]) -> bool:
    """Whether two frames lie at one position."""
    ordered = sorted(positions)
    return any(b - a < _SAME_PLACE for a, b in pairwise(ordered))


def distinct(positions: Sequence[float]) -> int:
    """How many different positions there are."""
    ordered = sorted(positions)
    return 1 + sum(b - a >= _SAME_PLACE for a, b in pairwise(ordered)) if ordered else 0


@dataclass(frozen=True, slots=True)
class Steps:
    """The median step along the normal, mm, and what is not regular, as sentences."""

    median: float
    warnings: tuple[str, ...]


def steps(planes: Sequence[ImagePlane]) -> Steps:
    """Look at at least two planes in display order, no two at one position."""
    positions = positions_along(planes)
    gaps = [b - a for a, b in pairwise(positions)]
    median = statistics.median(gaps)
    return Steps(median, (*_irregular(gaps, median), *_tilt(planes, median)))


def _irregular(gaps: Sequence[float], median: float) -> list[str]:
    tolerance = max(0.01, 0.01 * median)
    off = [i for i, gap in enumerate(gaps) if abs(gap - median) > tolerance]
    missing = [i for i in off if gaps[i] > 1.5 * median]
    sentences = [
        f"Slices are missing between image {i + 1} and {i + 2}: the gap is {gaps[i]:.2f} mm "
        f"where {median:.2f} mm is the step."
        for i in missing[:3]
    ]
    if len(missing) > 3:
        sentences.append(f"There are {len(missing) - 3} further gaps between slices.")
    if len(off) > len(missing):
        sentences.append(f"The slices are unevenly spaced, {min(gaps):.2f} to {max(gaps):.2f} mm.")
    return sentences


def _tilt(planes: Sequence[ImagePlane], median: float) -> list[str]:
    """Name a shear: the line of positions is not parallel to the normal."""
    way = planes[-1].position - planes[0].position
    normal = planes[0].normal
    along = way.dot(normal)
    aside = PointLps(0.0, 0.0, 0.0).plus(way).plus(normal, -along).norm
    shift = aside / max(len(planes) - 1, 1)
    if shift <= max(0.01, 0.01 * median):
        return []
    degrees = math.degrees(math.atan2(aside, abs(along)))
    return [f"The slices are tilted {degrees:.1f}°: each is shifted {shift:.2f} mm in its plane."]
