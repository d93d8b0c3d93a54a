"""Digital subtraction: a frame less a mask frame that may be shifted (PS3.3 C.7.6.10)."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.pixels.pipeline import PixelPipeline


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
