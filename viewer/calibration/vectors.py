"""Test pictures with the levels that the standard's text gives them, by arithmetic of their own.

PS3.3 C.11.2.1.2, C.11.2.1.3; fidelity F6, F7, F10, F53. Nothing here uses the pixel pipeline, so
that the pipeline can be judged by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.model.presentation import VoiFunction, Window
from viewer.model.study import Photometric

SIDE = 64
"""Rows and columns of every picture."""
_WHITE = 255

Levels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Vector:
    """A picture to be drawn one to one, and the levels that it must have."""

    name: str
    rule: str
    stored: NDArray[np.int16]
    photometric: Photometric
    window: Window
    invert: bool
    levels: Levels


def vectors() -> tuple[Vector, ...]:
    """Every test picture of the grey pipeline, and the checkerboard."""
    ramp = np.arange(SIDE * SIDE, dtype=np.int16).reshape(SIDE, SIDE) - np.int16(2048)
    rows, columns = np.indices((SIDE, SIDE))
    board = ((rows + columns) % 2).astype(np.int16)
    exact, sigmoid = VoiFunction.LINEAR_EXACT, VoiFunction.SIGMOID
    one, two = Photometric.MONOCHROME1, Photometric.MONOCHROME2
    plain = Window(40, 400)
    return (
        _vector("window 40/400", "F6", ramp, two, plain),
        _vector("window 128/1", "F6", ramp, two, Window(128, 1)),
        _vector("window 40/2", "F6", ramp, two, Window(40, 2)),
        _vector("window 40/400 linear exact", "F7", ramp, two, Window(40, 400, function=exact)),
        _vector("window 40/400 sigmoid", "F7", ramp, two, Window(40, 400, function=sigmoid)),
        _vector("MONOCHROME1", "F10", ramp, one, plain),
        _vector("inverted", "F10", ramp, two, plain, invert=True),
        _vector("MONOCHROME1 inverted", "F10", ramp, one, plain, invert=True),
        _vector("checkerboard 1:1", "F53", board, two, Window(0.5, 1, function=exact)),
    )


def grey(x: NDArray[np.float64], window: Window, *, inverse: bool = False) -> Levels:
    """Levels of 8 bits of modality values, as the standard writes it."""
    p = _p(x, window)
    if inverse:
        p = 1.0 - p
    return np.floor(p * _WHITE + 0.5).astype(np.uint8)


def driven(levels: Levels, table: Sequence[int] | None) -> Levels:
    """Driving levels for levels that are P-values of 8 bits, by a screen's table of 256."""
    return levels if table is None else np.asarray(table, np.uint8)[levels]


def placed(levels: Levels, height: int, width: int) -> Levels:
    """The whole pane with a picture in its middle one to one, black around it (F53)."""
    pane = np.zeros((height, width), np.uint8)
    top = int(np.floor(height / 2 - levels.shape[0] / 2 + 0.5))
    left = int(np.floor(width / 2 - levels.shape[1] / 2 + 0.5))
    pane[top : top + levels.shape[0], left : left + levels.shape[1]] = levels
    return pane


def difference(found: Levels, low: Levels, high: Levels) -> str:
    """Say by how much read-back RGB (height, width, 3) lies outside; empty where nowhere.

    ``low`` and ``high`` are the least and the greatest level that each pixel may have.
    """
    if found.shape[:2] != low.shape:
        size = f"{found.shape[1]} × {found.shape[0]}"
        return f"the picture came out as {size} pixels, not {low.shape[1]} × {low.shape[0]}"
    below = low[:, :, None].astype(np.int16) - found
    above = found - high[:, :, None].astype(np.int16)
    off = np.maximum(below, above).max(axis=2)
    wrong = int((off > 0).sum())
    if not wrong:
        return ""
    share = 100 * wrong / off.size
    return f"{wrong} pixels ({share:.2g} %) are wrong, by up to {int(off.max())} of 255 levels"


def _vector(
    name: str,
    rule: str,
    stored: NDArray[np.int16],
    photometric: Photometric,
    window: Window,
    *,
    invert: bool = False,
) -> Vector:
    inverse = (photometric is Photometric.MONOCHROME1) != invert
    levels = grey(stored.astype(np.float64), window, inverse=inverse)
    return Vector(name, rule, stored, photometric, window, invert, levels)


def _p(x: NDArray[np.float64], window: Window) -> NDArray[np.float64]:
    centre, width = window.centre, window.width
    if window.function is VoiFunction.SIGMOID:
        with np.errstate(over="ignore"):
            return np.asarray(1 / (1 + np.exp(-4 * (x - centre) / width)))
    if window.function is VoiFunction.LINEAR_EXACT:
        inside = (x - centre) / width + 0.5
        return np.where(x <= centre - width / 2, 0.0, np.where(x > centre + width / 2, 1.0, inside))
    half = (width - 1) / 2
    slope = (x - (centre - 0.5)) / (width - 1) if width > 1 else np.zeros_like(x)
    above = np.where(x > centre - 0.5 + half, 1.0, slope + 0.5)
    return np.where(x <= centre - 0.5 - half, 0.0, above)
