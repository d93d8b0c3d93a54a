"""Where frames lie along their common normal: order, steps, gaps and tilt (F40, F42, F43)."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from viewer.model.geometry import ImagePlane, PointLps

_SAME_PLACE = 1e-3
"""Two frames closer than this along the normal lie at one position, mm."""
_GAP = 1.5
"""A step this many times as long as those around it is a gap."""
_AROUND = 3
"""Steps on either side that a step is compared with."""


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


def joined_steps(positions: Sequence[float]) -> tuple[bool, ...]:
    """Which steps between neighbours are steps; the others are gaps where slices are missing (F42).

    A step is a gap when it is more than one and a half times as long as those around it, so that
    a series that goes on with thicker slices has no gap there.
    """
    found = [b - a for a, b in pairwise(positions)]
    pairs = zip(found, _usual(found), strict=True)
    return tuple(step <= _GAP * usual for step, usual in pairs)


def _usual(found: Sequence[float]) -> list[float]:
    """The usual step around each step, mm."""
    near = (found[max(0, i - _AROUND) : i + _AROUND + 1] for i in range(len(found)))
    return [statistics.median(steps) for steps in near]


@dataclass(frozen=True, slots=True)
class Steps:
    """The median step along the normal, mm, and what is not regular, as sentences."""

    median: float
    warnings: tuple[str, ...]
    joined: tuple[bool, ...] = ()
    """For each step whether it leads to a neighbour; False where slices are missing."""


def steps(planes: Sequence[ImagePlane]) -> Steps:
    """Look at at least two planes in display order, no two at one position."""
    positions = positions_along(planes)
    gaps = [b - a for a, b in pairwise(positions)]
    median = statistics.median(gaps)
    joined = joined_steps(positions)
    sentences = (*_missing(gaps, joined), *_uneven(gaps, joined, median), *_tilt(planes, median))
    return Steps(median, sentences, joined)


def _missing(gaps: Sequence[float], joined: Sequence[bool]) -> list[str]:
    usual = _usual(gaps)
    missing = [i for i, near in enumerate(joined) if not near]
    sentences = [
        f"Slices are missing between image {i + 1} and {i + 2}: the gap is {gaps[i]:.2f} mm "
        f"where {usual[i]:.2f} mm is the step."
        for i in missing[:3]
    ]
    if len(missing) > 3:
        sentences.append(f"There are {len(missing) - 3} further gaps between slices.")
    return sentences


def _uneven(gaps: Sequence[float], joined: Sequence[bool], median: float) -> list[str]:
    held = [gap for gap, near in zip(gaps, joined, strict=True) if near]
    if all(abs(gap - median) <= _tolerance(median) for gap in held):
        return []
    return [f"The slices are unevenly spaced, {min(held):.2f} to {max(held):.2f} mm."]


def _tilt(planes: Sequence[ImagePlane], median: float) -> list[str]:
    """Name a shear: the line of positions is not parallel to the normal (F43)."""
    first, normal = planes[0].position, planes[0].normal
    ways = [plane.position - first for plane in planes]
    along = [way.dot(normal) for way in ways]
    whole = ways[-1].plus(normal, -along[-1])
    aside = whole.norm
    sentences = []
    shift = aside / max(len(planes) - 1, 1)
    if shift > _tolerance(median):
        degrees = math.degrees(math.atan2(aside, abs(along[-1])))
        sentences.append(
            f"The slices are tilted {degrees:.1f}°: each is shifted {shift:.2f} mm in its plane."
        )
    off = max(
        way.plus(normal, -place).plus(whole, -place / along[-1]).norm
        for way, place in zip(ways, along, strict=True)
    )
    if off > _tolerance(median):
        sentences.append(f"The slices do not lie in one line: they stray up to {off:.2f} mm.")
    return sentences


def _tolerance(median: float) -> float:
    """How far steps may differ and still be even, mm (F42)."""
    return max(0.01, 0.01 * median)
