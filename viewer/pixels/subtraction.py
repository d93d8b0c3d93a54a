"""Digital subtraction: a frame less a mask frame that may be shifted (PS3.3 C.7.6.10)."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.model.presentation import ModalityLut, Rescale
from viewer.model.study import StoredFormat
from viewer.pixels.pipeline import PixelPipeline

NOTHING = -32768
"""Stands in differences of whole steps where there is none."""
_MOST = 32767


def subtracted(
    frame: NDArray[Any],
    mask: NDArray[Any],
    shift: tuple[float, float],
    pipeline: PixelPipeline,
) -> NDArray[np.float32]:
    """Modality values of ``frame`` less those of ``mask``, float32, same rows and columns.

    ``shift`` moves the mask right and down by so many columns and rows, between pixels in a
    straight line. Never-a-number where the frame or the shifted mask has no pixel.
    """
    if frame.shape != mask.shape or frame.ndim != 2:
        raise ValueError("a mask must be grey and as large as the frame")
    values = [pipeline.modality_values(one) for one in (frame, mask)]
    for one, held in zip((frame, mask), values, strict=True):
        held[pipeline.is_padding(one)] = np.nan
    return (values[0] - _moved(values[1], *shift)).astype(np.float32)


def steps_of(stored: StoredFormat, modality: Rescale | ModalityLut) -> int:
    """Into how many steps of 16-bit integers a unit of difference can be cut, a power of two.

    0 where differences of these pixels may not fit. Integers are drawn many times faster.
    """
    if stored.floating or not isinstance(modality, Rescale):
        return 0
    low, high = stored.stored_range
    span = (high - low) * abs(modality.slope)
    return 1 << int(math.log2(_MOST / span)) if 0 < span <= _MOST else 0


def in_steps(difference: NDArray[np.float32], steps: int) -> NDArray[np.int16]:
    """Differences in whole steps; never-a-number becomes ``NOTHING``."""
    with np.errstate(invalid="ignore"):
        whole = np.rint(difference * steps).astype(np.int16)
    whole[np.isnan(difference)] = NOTHING
    return whole


def _moved(values: NDArray[np.float64], right: float, down: float) -> NDArray[np.float64]:
    return _along(_along(values, right, axis=1), down, axis=0)


def _along(values: NDArray[np.float64], by: float, *, axis: int) -> NDArray[np.float64]:
    whole = math.floor(by)
    part = by - whole
    moved = _rolled(values, whole, axis)
    return moved if part == 0 else (1 - part) * moved + part * _rolled(values, whole + 1, axis)


def _rolled(values: NDArray[np.float64], by: int, axis: int) -> NDArray[np.float64]:
    """Moved by whole pixels; what comes from outside is never-a-number."""
    size = values.shape[axis]
    out = np.full_like(values, np.nan)
    if abs(by) < size:
        to = slice(by, None) if by >= 0 else slice(None, by)
        of = slice(None, size - by) if by >= 0 else slice(-by, None)
        if axis == 0:
            out[to] = values[of]
        else:
            out[:, to] = values[:, of]
    return out
