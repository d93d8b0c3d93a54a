"""RLE frames: PackBits segments, each gone through before it is believed (PS3.5 Annex G, F4)."""

import struct
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from viewer.loading import codecs

F = TypeVar("F", bound=Callable[..., Any])
_compiled = cast(Callable[[F], F], numba.njit(nogil=True, cache=True))


def decode(
    data: bytes, dtype: np.dtype[Any], shape: tuple[int, int, int], cut_short: bool
) -> tuple[NDArray[Any], int]:
    """Planes (samples, rows, columns) and how many rows from the top are sound.

    ``cut_short``: the object ends inside this frame, so its last segment may be short. ValueError
    where a segment does not hold its plane exactly.
    """
    samples, rows, columns = shape
    plane = rows * columns
    segments = _segments(data)
    raw = np.frombuffer(data, np.uint8)
    found = [_measure(raw[begin:end], plane) for begin, end in segments]
    if all(length == plane for length in found):
        flat = codecs.rle(data, dtype, samples * plane)
        return flat.reshape(shape), rows
    whole = all(length == plane for length in found[:-1])
    if not (cut_short and whole and 0 <= found[-1] < plane):
        raise ValueError("an RLE segment does not hold its plane")
    return _planes(raw, segments, dtype, shape), found[-1] // columns


def warm_up() -> None:
    """Load the compiled loops."""
    nothing = np.zeros(0, np.uint8)
    nothing.flags.writeable = False
    _measure(nothing, 0)
    _unpack(nothing, np.zeros(1, np.uint8))


def _segments(data: bytes) -> list[tuple[int, int]]:
    count, *offsets = struct.unpack_from("<16I", data)
    return list(zip(offsets[:count], [*offsets[1:count], len(data)], strict=True))


def _planes(
    raw: NDArray[np.uint8],
    segments: list[tuple[int, int]],
    dtype: np.dtype[Any],
    shape: tuple[int, int, int],
) -> NDArray[Any]:
    """What there is of each plane, the most significant byte first (G.2)."""
    planes = np.zeros((shape[0], dtype.itemsize, shape[1] * shape[2]), np.uint8)
    for (begin, end), plane in zip(segments, planes.reshape(len(segments), -1), strict=True):
        _unpack(raw[begin:end], plane)
    big = np.ascontiguousarray(np.moveaxis(planes, 1, 2)).view(dtype.newbyteorder(">"))
    return big.astype(dtype).reshape(shape)


@_compiled
def _measure(packed: NDArray[np.uint8], wanted: int) -> int:
    """Bytes that a segment unpacks to; −1 where it holds more than ``wanted``."""
    at, made = 0, 0
    while at < len(packed) and made < wanted:
        control = packed[at]
        at += 1
        if control < 128:
            held = min(control + 1, len(packed) - at)
            made += held
            at += held
        elif control > 128 and at < len(packed):
            made += 257 - control
            at += 1
    if made > wanted:
        return -1
    for rest in range(at, len(packed)):
        if packed[rest] != 0 and packed[rest] != 128:
            return -1
    return made


@_compiled
def _unpack(packed: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Unpack what there is, at most as much as ``out`` holds (G.3.2)."""
    at, made = 0, 0
    while at < len(packed) and made < len(out):
        control = packed[at]
        at += 1
        if control < 128:
            for _ in range(control + 1):
                if at < len(packed) and made < len(out):
                    out[made] = packed[at]
                    made += 1
                    at += 1
        elif control > 128 and at < len(packed):
            for _ in range(257 - control):
                if made < len(out):
                    out[made] = packed[at]
                    made += 1
            at += 1
