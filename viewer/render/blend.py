"""The one loop that lays colours over a picture, beside its numpy reference.

It releases the GIL and is not parallel, like the loops of drawing; import it off the GUI thread.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
_compiled = cast(Callable[[F], F], numba.njit(nogil=True, cache=True))

Bytes = NDArray[np.uint8]


def blend_reference(
    picture: Bytes, levels: Bytes, there: NDArray[np.bool_], table: Bytes, percent: int
) -> None:
    """Mix colours into ``picture`` (height, width, 3) where the second volume is ``there``.

    A pixel becomes (100 - percent) hundredths of itself and percent hundredths of
    ``table[level]`` (256, 3), rounded half up; elsewhere it stays as it is.
    """
    colours = table[levels].astype(np.int64)
    mixed = ((100 - percent) * picture.astype(np.int64) + percent * colours + 50) // 100
    picture[there] = mixed[there].astype(np.uint8)


@_compiled
def _blend(
    picture: Bytes, levels: Bytes, there: NDArray[np.bool_], table: Bytes, percent: int
) -> None:  # pragma: no cover - compiled
    stay = 100 - percent
    for r in range(picture.shape[0]):
        for c in range(picture.shape[1]):
            if there[r, c]:
                level = levels[r, c]
                for k in range(3):
                    mixed = stay * int(picture[r, c, k]) + percent * int(table[level, k]) + 50
                    picture[r, c, k] = mixed // 100


def blend(
    picture: Bytes, levels: Bytes, there: NDArray[np.bool_], table: Bytes, percent: int
) -> None:
    """As ``blend_reference``, compiled."""
    shape = picture.shape[:2]
    if not (levels.shape == there.shape == shape and table.shape == (256, 3)):
        raise ValueError("the second volume does not fit the picture")
    if picture.shape[2:] != (3,) or not 0 <= percent <= 100:
        raise ValueError("colours are mixed by 0 to 100 percent into a picture in RGB")
    _blend(picture, np.ascontiguousarray(levels), np.ascontiguousarray(there), table, percent)


def warm_up() -> None:
    """Load or compile the loop; not on the GUI thread."""
    table = np.frombuffer(bytes(768), np.uint8).reshape(256, 3)  # read only, as that of a map
    one = np.zeros((1, 1), np.uint8)
    blend(np.zeros((1, 1, 3), np.uint8), one, np.zeros((1, 1), np.bool_), table, 50)
