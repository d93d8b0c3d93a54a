"""What decoding one frame gives: its pixels, the rows without data, and what must be said of it."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


def sound_parts(pixels: NDArray[Any], missing: tuple[tuple[int, int], ...]) -> list[NDArray[Any]]:
    """The rows that hold data, without copying them; at least one of them does."""
    ends = [0, *(row for rows in missing for row in rows), len(pixels)]
    pairs = zip(ends[::2], ends[1::2], strict=True)
    return [pixels[first:end] for first, end in pairs if end > first]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Pixels of one frame; rows in ``missing`` hold zeros that are no data (F4)."""

    pixels: NDArray[Any]
    """Grey: (rows, columns) as stored, sign extended. Colour: (rows, columns, 3) uint8 RGB."""
    missing: tuple[tuple[int, int], ...] = ()
    """Half-open ranges of rows without data, ascending, apart from each other."""
    notes: tuple[str, ...] = ()
    """One sentence each for the badge: what the codestream says against the header (F2, F17)."""
