"""The compiled loops that make the words of a screen's store: 0xffRRGGBB for each device pixel.

As in ``kernels``: each loop releases the GIL, none is parallel, each has a numpy reference.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from viewer.render import kernels
from viewer.render.kernels import read_only

F = TypeVar("F", bound=Callable[..., Any])
_compiled = cast(Callable[[F], F], numba.njit(nogil=True, cache=True))

Words = NDArray[np.uint32]

_OPAQUE = np.uint32(0xFF000000)
_GREY = np.uint32(0x00010101)


def grey_words_reference(levels: NDArray[np.uint8], words: Words) -> None:
    """Write the word of each grey level (height, width)."""
    words[...] = _OPAQUE | (levels.astype(np.uint32) * _GREY)


def colour_words_reference(levels: NDArray[np.uint8], words: Words) -> None:
    """Write the word of each colour (height, width, 3)."""
    red, green, blue = (levels[:, :, n].astype(np.uint32) for n in range(3))
    words[...] = _OPAQUE | (red << 16) | (green << 8) | blue


@_compiled
def _grey_words(levels: NDArray[np.uint8], words: Words) -> None:  # pragma: no cover - compiled
    for i in range(levels.shape[0]):
        for j in range(levels.shape[1]):
            words[i, j] = _OPAQUE | (np.uint32(levels[i, j]) * _GREY)


@_compiled
def _colour_words(levels: NDArray[np.uint8], words: Words) -> None:  # pragma: no cover - compiled
    for i in range(levels.shape[0]):
        for j in range(levels.shape[1]):
            red, green = np.uint32(levels[i, j, 0]), np.uint32(levels[i, j, 1])
            blue = np.uint32(levels[i, j, 2])
            words[i, j] = _OPAQUE | (red << np.uint32(16)) | (green << np.uint32(8)) | blue


@_compiled
def _look_up_words(
    index: NDArray[np.uint16], table: NDArray[np.uint8], words: Words, top: int, left: int
) -> None:  # pragma: no cover - compiled
    for i in range(index.shape[0]):
        for j in range(index.shape[1]):
            words[top + i, left + j] = _OPAQUE | (np.uint32(table[index[i, j]]) * _GREY)


def write_words(levels: NDArray[np.uint8], words: Words) -> None:
    """Write the words of finished levels, (height, width) grey or (height, width, 3) RGB."""
    if levels.shape[:2] != words.shape:
        raise ValueError("the picture does not lie on its canvas")
    if levels.ndim == 2:
        _grey_words(read_only(levels), words)
    else:
        _colour_words(read_only(levels), words)


def look_up_words(
    index: NDArray[np.uint16], table: NDArray[np.uint8], words: Words, top: int, left: int
) -> None:
    """Write the word of ``table[index]`` into ``words``, its corner at (top, left)."""
    height, width = index.shape
    if top < 0 or left < 0 or top + height > words.shape[0] or left + width > words.shape[1]:
        raise ValueError("the picture does not lie on its canvas")
    if table.size != 65536:
        raise ValueError("a table has an entry for each of 65536 stored values")
    _look_up_words(read_only(index), read_only(table), words, top, left)


def are_loaded() -> bool:
    """Whether every loop that makes grey pictures is compiled for what the cache holds."""
    return kernels.are_loaded() and bool(cast(Any, _look_up_words).signatures)


def warm_up() -> None:
    """Load or compile every loop; never on the GUI thread."""
    index, words = np.zeros((1, 1), np.uint16), np.empty((1, 1), np.uint32)
    write_words(np.zeros((1, 1), np.uint8), words)
    write_words(np.zeros((1, 1, 3), np.uint8), words)
    look_up_words(index, np.zeros(65536, np.uint8), words, 0, 0)
