"""Stored values to RGB: palettes and luminance with chrominance (PS3.3 C.7.6.3.1, F16, F17)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.model.colour import Palette

Rgb = NDArray[np.uint8]


def palette_colours(frame: NDArray[Any], palette: Palette) -> Rgb:
    """Stored values (rows, columns) → RGB (rows, columns, 3)."""
    table = np.stack(
        [np.frombuffer(t, np.uint8) for t in (palette.red, palette.green, palette.blue)], axis=1
    )
    index = np.clip(frame.astype(np.int64) - palette.first, 0, len(table) - 1)
    return np.ascontiguousarray(table[index])


def with_supplement(levels: NDArray[np.uint8], stored: NDArray[Any], palette: Palette) -> Rgb:
    """Grey levels (rows, columns) as RGB, coloured where the stored value is in the palette.

    Values from the palette's first upwards are coloured (C.8.16.2.1.1), lower ones stay grey.
    """
    out = np.repeat(levels[:, :, None], 3, axis=2)
    coloured = stored >= palette.first
    out[coloured] = palette_colours(stored[coloured], palette)
    return out


def rgb_of_ybr_full(ybr: Rgb) -> Rgb:
    """YBR_FULL (…, 3) → RGB, rounded half up and clipped (C.7.6.3.1.2).

    Y is whole, so each sum is rounded exactly by rounding what is added to it.
    """
    y = ybr[..., 0].astype(np.int16)
    blue, red = ybr[..., 1], ybr[..., 2]
    out = np.empty(ybr.shape, np.uint8)
    for i, added in enumerate((_RED_OF_CR[red], _GREEN[blue, red], _BLUE_OF_CB[blue])):
        out[..., i] = np.clip(y + added, 0, 255)
    return out


def rgb_of_ybr_partial(ybr: Rgb) -> Rgb:
    """YBR_PARTIAL_… (…, 3), Y from 16 to 235 and chrominance from 16 to 240 → RGB."""
    y = (ybr[..., 0].astype(np.float64) - 16) * 255 / 219
    blue, red = ((ybr[..., i].astype(np.float64) - 128) * 255 / 224 for i in (1, 2))
    planes = (y + 1.402 * red, y - (0.202008 * blue + 0.419198 * red) / 0.587, y + 1.772 * blue)
    return np.stack([np.clip(np.floor(p + 0.5), 0, 255).astype(np.uint8) for p in planes], axis=-1)


def _rounded(dividend: NDArray[np.int64], divisor: int) -> NDArray[np.int16]:
    return ((2 * dividend + divisor) // (2 * divisor)).astype(np.int16)


_CHROMA = np.arange(256, dtype=np.int64) - 128
_RED_OF_CR = _rounded(1402 * _CHROMA, 1000)
_BLUE_OF_CB = _rounded(1772 * _CHROMA, 1000)
_GREEN = _rounded(-202008 * _CHROMA[:, None] - 419198 * _CHROMA[None, :], 587000)
"""By Cb, then Cr; 0.114 · 1.772 and 0.299 · 1.402 over 0.587, in whole numbers."""
