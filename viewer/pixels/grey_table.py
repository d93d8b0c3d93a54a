"""The level of every stored value, computed only where a window is not flat.

A window is dragged by making the table anew with each step, and most of its 65536 entries lie where
all is black or white. Rounded arithmetic keeps the order of values, so what one value is proves
what all beyond it are. Importing loads the compiler: do that off the GUI thread.
"""

import math

import numpy as np
from numpy.typing import NDArray

from viewer.pixels.computed import GreySteps, grey_levels

_LINEAR, _LINEAR_EXACT, _MIN_MAX = 0, 1, 3
_MARGIN = 2
"""Stored values on either side of where an edge should be, for rounding."""


def grey_table(steps: GreySteps, bits: int, *, signed: bool) -> NDArray[np.uint8 | np.uint16]:
    """Levels of 65536 stored values, indexed by the value viewed as uint16."""
    least, beyond = (-32768, 32768) if signed else (0, 65536)
    padded = steps.low <= steps.high
    plain = steps._replace(low=1.0, high=0.0) if padded else steps
    first, end = _sloping(steps, least, beyond)
    first, end = max(first - 1, least), min(end + 1, beyond)  # one of each flat side with them
    part = grey_levels(np.arange(first, end), plain, bits)
    table = np.empty(65536, dtype=part.dtype)
    table[: first - least], table[end - least :] = part[0], part[-1]
    table[first - least : end - least] = part
    low, high = max(steps.low, least), min(steps.high, beyond - 1)
    if padded and low <= high:
        first, end = math.ceil(low), math.floor(high) + 1
        table[first - least : end - least] = grey_levels(np.arange(first, end), steps, bits)
    return np.concatenate((table[32768:], table[:32768])) if signed else table


def _sloping(steps: GreySteps, least: int, beyond: int) -> tuple[int, int]:
    """The stored values, first and one beyond the last, outside which a window is flat."""
    edges = _edges(steps)
    if edges is None:
        return least, beyond
    at = sorted((edge - steps.intercept) / steps.slope for edge in edges)
    if not (math.isfinite(at[0]) and math.isfinite(at[1])):
        return least, beyond
    first = int(min(max(at[0] - _MARGIN, least), beyond))
    end = int(min(max(at[1] + _MARGIN, least), beyond))
    below, above = (_flat(steps, edges, stored) for stored in (first - 1, end))
    rising = steps.slope > 0
    if below is not (not rising):
        first = least
    if above is not rising:
        end = beyond
    return (first, end) if first <= end else (least, beyond)


def _edges(steps: GreySteps) -> tuple[float, float] | None:
    """The modality values between which a window rises, as the loop computes them; None without."""
    if steps.modality.size or steps.function not in (_LINEAR, _LINEAR_EXACT, _MIN_MAX):
        return None
    line = (steps.slope, steps.intercept, steps.a, steps.b)
    if steps.slope == 0 or not all(map(math.isfinite, line)):
        return None
    if steps.function == _MIN_MAX:
        return steps.a, steps.b
    less = 1.0 if steps.function == _LINEAR else 0.0
    middle, span = steps.a - less / 2, steps.b - less
    return middle - span / 2, middle + span / 2


def _flat(steps: GreySteps, edges: tuple[float, float], stored: int) -> bool | None:
    """False where a stored value is black and all below it in the window, True where white."""
    x = float(stored) * steps.slope + steps.intercept
    low, high = edges
    if x <= low:
        return False
    white = x >= high if steps.function == _MIN_MAX else x > high
    return True if white else None
