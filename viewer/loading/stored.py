"""Stored values as the header means them: bits masked, signs extended, colours as RGB (F1, F17)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.loading.colour_space import HALF_CHROMA
from viewer.model.study import StoredFormat


def stored_dtype(stored: StoredFormat) -> np.dtype[Any]:
    """The type in which stored values of this format travel (native byte order)."""
    if stored.floating:
        return np.dtype(f"f{stored.bits_allocated // 8}")
    width = max(stored.bits_allocated // 8, 1)
    return np.dtype(f"{'i' if stored.signed else 'u'}{width}")


def result_shape(stored: StoredFormat) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and type of a finished frame: grey as stored, colour as 8-bit RGB."""
    if stored.is_grey:
        return (stored.rows, stored.columns), stored_dtype(stored)
    return (stored.rows, stored.columns, 3), np.dtype(np.uint8)


def frame_bits(stored: StoredFormat) -> int:
    """Bits that one native frame takes (PS3.5 8.1.1, 8.2)."""
    pixels = stored.rows * stored.columns
    if stored.photometric in HALF_CHROMA:
        return pixels * 2 * stored.bits_allocated
    return pixels * stored.samples * stored.bits_allocated


def meant_values(raw: NDArray[Any], stored: StoredFormat) -> NDArray[Any]:
    """Only the stored bits, moved down from High Bit and sign extended (PS3.5 8.1.1)."""
    if stored.floating:
        return np.ascontiguousarray(raw, stored_dtype(stored))
    dtype = stored_dtype(stored)
    container = dtype.itemsize * 8
    bits: NDArray[Any]
    if raw.dtype.itemsize == dtype.itemsize:
        bits = np.ascontiguousarray(raw).view(dtype)
    else:
        # a codestream of fewer bits than are allocated; its sign, if any, goes along
        bits = raw.astype(dtype)
    if stored.bits_allocated == 1 or stored.bits_stored == container:
        return bits
    left, down = container - 1 - stored.high_bit, container - stored.bits_stored
    if left == down and not stored.signed:
        return bits & ((1 << stored.bits_stored) - 1)
    # a signed type repeats its sign bit on the way down
    if not left:
        return bits >> down
    shifted: NDArray[Any] = bits << left
    shifted >>= down  # in place: memory that is touched anew costs more than the shift
    return shifted


def clipped(reduced: NDArray[Any], stored: StoredFormat) -> NDArray[Any]:
    """Samples of a lower level as stored values, what left the range brought back to its ends."""
    low, high = stored.stored_range
    return np.clip(reduced.astype(np.int16), low, high)


def rgb8(frame: NDArray[Any], stored: StoredFormat) -> NDArray[np.uint8]:
    """A colour frame (rows, columns, 3) in 8 bits, rounded half up where it has others (F13)."""
    top = (1 << stored.bits_stored) - 1
    values: NDArray[Any] = frame.astype(np.uint32 if stored.bits_stored <= 16 else np.uint64)
    values &= top
    if top != 255:
        values = (values * 510 + top) // (2 * top)
    return np.ascontiguousarray(values.astype(np.uint8))


def expand_422(data: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    """Native YBR_FULL_422 (Y1 Y2 Cb Cr) → (rows, columns, 3), each chroma for its pair.

    ``columns`` is even, as the standard asks (PS3.3 C.7.6.3.1.2).
    """
    pairs = data.reshape(rows, columns // 2, 4)
    out = np.empty((rows, columns // 2, 2, 3), data.dtype)
    out[..., 0] = pairs[..., :2]
    out[..., 1] = pairs[..., 2:3]
    out[..., 2] = pairs[..., 3:4]
    return out.reshape(rows, columns, 3)
