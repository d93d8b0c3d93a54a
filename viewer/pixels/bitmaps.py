"""Overlay bits as arrays, on the pixels of the image they belong to (PS3.3 C.9.2, F20)."""

import numpy as np
from numpy.typing import NDArray

from viewer.model.overlay_plane import OverlayBitmap, OverlayPlane

Mask = NDArray[np.bool_]


def unpacked(bitmap: OverlayBitmap) -> Mask:
    """The bits of a plane as (rows, columns)."""
    plane = bitmap.plane
    bits = np.unpackbits(
        np.frombuffer(bitmap.packed, np.uint8), bitorder="little", count=plane.rows * plane.columns
    )
    return bits.view(np.bool_).reshape(plane.rows, plane.columns)


def packed(plane: OverlayPlane, bits: NDArray[np.bool_]) -> OverlayBitmap:
    """A plane of the bits (rows, columns)."""
    return OverlayBitmap(plane, np.packbits(bits.reshape(-1), bitorder="little").tobytes())


def on_image(bitmap: OverlayBitmap, rows: int, columns: int) -> Mask:
    """The bits where they lie on an image (rows, columns); what lies outside it is left out."""
    plane = bitmap.plane
    out = np.zeros((rows, columns), dtype=np.bool_)
    top, left = plane.row - 1, plane.column - 1
    first_row, first_column = max(top, 0), max(left, 0)
    last_row, last_column = min(top + plane.rows, rows), min(left + plane.columns, columns)
    if first_row < last_row and first_column < last_column:
        out[first_row:last_row, first_column:last_column] = unpacked(bitmap)[
            first_row - top : last_row - top, first_column - left : last_column - left
        ]
    return out
