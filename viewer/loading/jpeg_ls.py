"""JPEG-LS frames by CharLS; of one that is cut short the rows that CharLS had finished (F4)."""

from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.loading import codecs
from viewer.loading.codestream import CodestreamFacts

_END = b"\xff\xd9"


def decode(data: bytes, facts: CodestreamFacts) -> tuple[NDArray[Any], int]:
    """Pixels (rows, columns[, 3]) and how many rows from the top are sound.

    RuntimeError where the data is corrupt and not merely cut short.
    """
    if _END in data[-4:] or data.rfind(_END) > 0:
        return codecs.jpeg_ls(data), facts.rows
    if facts.components > 1:
        raise ValueError("it is cut short")
    return _finished(data, facts)


def _finished(data: bytes, facts: CodestreamFacts) -> tuple[NDArray[Any], int]:
    """Decode twice over different values: rows that come out alike were written by the decoder."""
    dtype = np.uint8 if facts.precision <= 8 else np.uint16
    tries = []
    for value in (0, np.iinfo(dtype).max):
        pixels = np.full((facts.rows, facts.columns), value, dtype)
        with suppress(RuntimeError):  # this is how it tells that the data ended
            codecs.jpeg_ls(data, pixels)
        tries.append(pixels)
    alike = (tries[0] == tries[1]).all(axis=1)
    rows = facts.rows if alike.all() else int(np.argmin(alike))
    # the last row may have been finished with bits that are not there
    return tries[0], max(rows - 1, 0)
