"""JPEG-LS frames by CharLS, which is never asked to decode what has no end: it may not return."""

from typing import Any

from numpy.typing import NDArray

from viewer.loading import codecs
from viewer.loading.codestream import CodestreamFacts


def decode(data: bytes, facts: CodestreamFacts) -> tuple[NDArray[Any], int]:
    """Pixels (rows, columns[, 3]) and how many rows from the top are sound: all of them.

    ValueError where the end marker is missing, RuntimeError where the data is corrupt.
    """
    # entropy-coded data cannot hold this by chance: a bit is stuffed after each FF (14495-1 A.1)
    if data.rfind(b"\xff\xd9") < 0:
        raise ValueError("it is cut short")
    return codecs.jpeg_ls(data), facts.rows
