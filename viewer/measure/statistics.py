"""Statistics of the pixels of a shape, on the values that the header gives them (F49)."""

import math
from collections.abc import Sequence
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
"""Bits up to which stored values are counted instead of looked at one by one."""
_BLOCK = 1 << 16
"""Values looked at in one step: what is made of them stays in the processor's cache."""
_SQUARED = (1e-150, 1e150)
"""Sizes whose squares lie well within float64."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """The values of the pixels of a shape in one frame, each with how often it is there."""

    values: NDArray[np.float64]
    """Finite ones only."""
    counts: NDArray[np.int64] | None
    """None where each is there once."""
    pixels: int
    padding: int
    missing: int
    without_value: int


def statistics(
    frame: NDArray[Any], inside: Members, instance: Instance, readout: Readout, missing: Rows = ()
) -> Statistics:
    """Take the statistics of a grey frame's pixels; ``instance`` is that of the frame (``at``)."""
    return joined([tally(frame, inside, instance, readout, missing)])


def tally(
    frame: NDArray[Any], inside: Members, instance: Instance, readout: Readout, missing: Rows = ()
) -> Tally:
    """Take the values of a grey frame's pixels; ``instance`` is that of the frame (``at``)."""
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
    values, often = np.empty(stored.size), None if counts is None else counts.copy()
    kept = padding = without = 0
    for start in range(0, stored.size, _BLOCK):
        block = stored[start : start + _BLOCK]
        times = None if counts is None else counts[start : start + _BLOCK]
        found, empty = _valued(block, instance, readout)
        real = np.isfinite(found)
        end = kept + int(np.count_nonzero(real))
        values[kept:end] = found if end - kept == found.size else found[real]
        if often is not None and times is not None:
            often[kept:end] = times[real]
        padding += _how_many(empty, times)
        without += _how_many(~real & ~empty, times)
        kept = end
    often = None if often is None else often[:kept]
    return Tally(values[:kept], often, total, padding, in_gap, without)


def _valued(
    stored: NDArray[Any], instance: Instance, readout: Readout
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Values of stored ones, and which of them are declared padding."""
    empty = PixelPipeline.of(instance).is_padding(stored)
    if stored.dtype.kind == "f":
        empty &= ~np.isnan(stored)  # never-a-number is told apart from declared padding
    return measured_values(stored, instance, readout).values, empty


def joined(tallies: Sequence[Tally]) -> Statistics:
    """The statistics of all that was taken, of one frame or of many."""
    if len(tallies) == 1:
        values, counts = tallies[0].values, tallies[0].counts
    else:
        values = np.concatenate([np.zeros(0), *(one.values for one in tallies)])
        counts = _counts_of(tallies)
    return Statistics(
        spread_of(values, counts),
        sum(one.pixels for one in tallies),
        sum(one.padding for one in tallies),
        sum(one.missing for one in tallies),
        sum(one.without_value for one in tallies),
    )


def counted(stored: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64] | None]:
    """Stored values with how often each is there; None where each is there once, unsorted."""
    if stored.size == 0 or stored.dtype.kind not in "iu" or stored.dtype.itemsize * 8 > _NARROW:
        return stored, None
    low = int(stored.min())
    often = np.bincount(stored.astype(np.int64) - low)
    found = np.flatnonzero(often)
    return (found + low).astype(stored.dtype), often[found]


def spread_of(values: NDArray[np.float64], counts: NDArray[np.int64] | None) -> Spread | None:
    """Statistics of finite values that are there ``counts`` times (None: once); None without any.

    ``values`` are put in another order.
    """
    count = values.size if counts is None else int(counts.sum())
    if count == 0:
        return None
    low, high = float(values.min()), float(values.max())
    scale = _scale(max(abs(low), abs(high)))
    even = values if scale == 1 else values / scale
    mean = float(np.sum(even if counts is None else even * counts)) / count
    deviation = None
    if count > 1:
        deviation = math.sqrt(_squares(even, mean, counts) / (count - 1)) * scale
    if deviation is not None and not math.isfinite(deviation):
        deviation = None
    median = _median(values) if counts is None else _median_of_counted(values, counts)
    return Spread(count, min(max(mean * scale, low), high), deviation, low, high, median)


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


def _counts_of(tallies: Sequence[Tally]) -> NDArray[np.int64] | None:
    if all(one.counts is None for one in tallies):
        return None
    return np.concatenate(
        [
            np.ones(one.values.size, np.int64) if one.counts is None else one.counts
            for one in tallies
        ]
    )


def _squares(values: NDArray[np.float64], mean: float, counts: NDArray[np.int64] | None) -> float:
    """Sum of squared distances from the mean; not by BLAS, whose threads wait for each other."""
    if counts is not None:
        return float(np.sum((values - mean) ** 2 * counts))
    parts = (values[n : n + _BLOCK] - mean for n in range(0, values.size, _BLOCK))
    return math.fsum(float(np.sum(part * part)) for part in parts)


def _how_many(which: NDArray[np.bool_], counts: NDArray[np.int64] | None) -> int:
    return int(np.count_nonzero(which) if counts is None else counts[which].sum())


def _scale(largest: float) -> float:
    """What values are divided by, so that their squares stay within float64."""
    return 1.0 if largest == 0 or _SQUARED[0] < largest < _SQUARED[1] else largest


def _median(values: NDArray[np.float64]) -> float:
    """Of single values, which are put in another order: selected, not sorted."""
    middle = values.size // 2
    values.partition(middle)  # one place at a time: two of them take numpy six times as long
    upper = float(values[middle])
    lower = upper if values.size % 2 else float(values[:middle].max())
    return lower / 2 + upper / 2


def _median_of_counted(values: NDArray[np.float64], counts: NDArray[np.int64]) -> float:
    order = np.argsort(values)
    up_to = np.cumsum(counts[order])
    count = int(up_to[-1])
    middle = (count - 1) // 2, count // 2
    a, b = values[order[np.searchsorted(up_to, middle, "right")]]
    return float(a) / 2 + float(b) / 2
