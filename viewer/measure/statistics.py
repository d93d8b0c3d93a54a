"""Statistics of the pixels of a shape, on the values that the header gives them (F49)."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.measure.gaps import Rows
from viewer.measure.regions import Members
from viewer.model.quantities import Readout
from viewer.model.study import Instance
from viewer.pixels.measured import measured_values
from viewer.pixels.pipeline import PixelPipeline

_NARROW = 16
"""Bits up to which stored values are counted instead of sorted."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, SD (n - 1), minimum, maximum, median of ``count`` values; SD None below two values."""

    count: int
    mean: float
    deviation: float | None
    minimum: float
    maximum: float
    median: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """What was found in a shape: values, and how many pixels had none and why."""

    spread: Spread | None
    """None where no pixel of the shape has a value."""
    pixels: int
    """All pixels of the shape within the image."""
    padding: int
    missing: int
    """Pixels in rows without data (F4)."""
    without_value: int
    """Neither padding nor missing, but never-a-number, infinite, or not mapped by the header."""


def statistics(
    frame: NDArray[Any], inside: Members, instance: Instance, readout: Readout, missing: Rows = ()
) -> Statistics:
    """Take the statistics of a grey frame's pixels; ``instance`` is that of the frame (``at``)."""
    mask = inside.mask
    total = int(np.count_nonzero(mask))
    gone = [slice(max(a - inside.top, 0), max(b - inside.top, 0)) for a, b in missing]
    in_gap = sum(int(np.count_nonzero(mask[rows])) for rows in gone)
    if in_gap:
        mask = mask.copy()
        for rows in gone:
            mask[rows] = False
    height, width = mask.shape
    part = frame[inside.top : inside.top + height, inside.left : inside.left + width]
    stored, counts = counted(part[mask])
    empty = PixelPipeline.of(instance).is_padding(stored)
    if stored.dtype.kind == "f":
        empty &= ~np.isnan(stored)  # never-a-number is told apart from declared padding
    values = measured_values(stored, instance, readout).values
    real = np.isfinite(values)
    return Statistics(
        spread_of(values[real], counts[real]),
        total,
        int(counts[empty].sum()),
        in_gap,
        int(counts[~real & ~empty].sum()),
    )


def counted(stored: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Stored values with how often each is there; wide and float values once each, unsorted."""
    if stored.size == 0 or stored.dtype.kind not in "iu" or stored.dtype.itemsize * 8 > _NARROW:
        return stored, np.ones(stored.size, np.int64)
    low = int(stored.min())
    often = np.bincount(stored.astype(np.int64) - low)
    found = np.flatnonzero(often)
    return (found + low).astype(stored.dtype), often[found]


def spread_of(values: NDArray[np.float64], counts: NDArray[np.int64]) -> Spread | None:
    """Statistics of finite values that are there ``counts`` times; None without any."""
    count = int(counts.sum())
    if count == 0:
        return None
    scale = float(np.max(np.abs(values))) or 1.0
    even = values / scale  # squares of a hostile slope's values would leave float64
    mean = float(np.dot(even, counts)) / count
    deviation = None
    if count > 1:
        deviation = math.sqrt(float(np.dot((even - mean) ** 2, counts)) / (count - 1)) * scale
    low, high = float(values.min()), float(values.max())
    if deviation is not None and not math.isfinite(deviation):
        deviation = None
    return Spread(
        count, min(max(mean * scale, low), high), deviation, low, high, _median(values, counts)
    )


def spread_reference(values: NDArray[np.float64]) -> Spread | None:
    """The same of single values, literally; what the counting is tested against."""
    if values.size == 0:
        return None
    return Spread(
        values.size,
        float(np.mean(values)),
        float(np.std(values, ddof=1)) if values.size > 1 else None,
        float(np.min(values)),
        float(np.max(values)),
        float(np.median(values)),
    )


def _median(values: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    count = int(counts.sum())
    if count == values.size:
        middle = (count - 1) // 2, count // 2
        ordered = np.partition(values, middle)
        a, b = ordered[middle[0]], ordered[middle[1]]
    else:
        order = np.argsort(values)
        up_to = np.cumsum(counts[order])
        middle = (count - 1) // 2, count // 2
        a, b = values[order[np.searchsorted(up_to, middle, "right")]]
    return float(a) / 2 + float(b) / 2
