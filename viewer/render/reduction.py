"""Which image pixels make a device pixel of a reduced picture, and with which shares (F54).

A mean over the area of the device pixel alone is not enough: three pixels to one keep a third of a
grating of single pixels as an alias, and a bright pixel that falls between two device pixels loses
half of itself in each. So the mean reaches as far as these two need and no farther:

- of a grating of single pixels no more than a twentieth is left, whatever the ratio and the pan;
- up to four pixels to one every single pixel keeps a quarter of itself along each axis, a sixteenth
  in all, in at least one device pixel; beyond that the share of the next even number.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.float64]
_LEFT = 0.05
"""Share of a grating of single pixels that may be left."""
_SHORT = 0.8
"""Length of the short interval, pixels: its alias takes away that of the long one."""
_WHOLE = 1e-9


class Reach(NamedTuple):
    """How far a mean reaches along an axis: lengths in image pixels, and their shares."""

    length: float
    share: float = 1.0
    """Of the interval of ``length``; the rest is that of a short one around the place."""
    snapped: bool = False
    """Whether the interval moves to whole pixels: less than a pixel, and each is wholly in one."""


def reach_of(step: float) -> Reach:
    """The reach for places that lie ``step`` > 1 pixels apart."""
    even = 2 * math.ceil(step / 2 - _WHOLE)
    if abs(step - even) < _WHOLE:
        return Reach(even, snapped=True)
    if step < 2:
        return Reach(max(step, 2 / (1 + _LEFT)))
    if step <= 3:
        return Reach(step + 1, share=(step + 1) / 4)
    return Reach(even, snapped=step > even - 1)


def shares(at: Places, size: int, step: float) -> tuple[NDArray[np.int64], Places]:
    """For each place the first pixel that takes part, and the shares of it and those after it.

    ``at`` are places in image coordinates, ``size`` the pixels of the axis, ``step`` > 1. What
    would lie beyond the image has no share; each place's shares add up to 1.
    """
    reach = reach_of(step)
    count = min(math.ceil(reach.length - _WHOLE) + (not reach.snapped), size)
    half = reach.length / 2
    if reach.snapped:
        at = np.floor(at - half + 1 + _WHOLE) - 0.5 + half
    low = np.floor(at - half + 0.5 + _WHOLE)
    first = np.clip(low.astype(np.int64), 0, size - count)
    pixel = first[:, None] + np.arange(count)
    made = _covered(at, half, pixel) * reach.share
    if reach.share < 1:
        made += _covered(at, _SHORT / 2, pixel) * (1 - reach.share)
    return first, made / made.sum(axis=1, keepdims=True)


def _covered(at: Places, half: float, pixel: NDArray[np.int64]) -> Places:
    """The share of each pixel in the interval of ``half`` to either side of a place."""
    low, high = (at - half)[:, None], (at + half)[:, None]
    overlap = np.minimum(high, pixel + 0.5) - np.maximum(low, pixel - 0.5)
    return np.asarray(np.maximum(overlap, 0.0) / (2 * half))
