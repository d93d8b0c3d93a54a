"""What decoding one frame gives: its pixels, the rows without data, and what must be said of it."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Decoded:
    """Pixels of one frame; rows in ``missing`` hold zeros that are no data (F4)."""

    pixels: NDArray[Any]
    """Grey: (rows, columns) as stored, sign extended. Colour: (rows, columns, 3) uint8 RGB."""
    missing: tuple[tuple[int, int], ...] = ()
    """Half-open ranges of rows without data, ascending, apart from each other."""
    notes: tuple[str, ...] = ()
    """One sentence each for the badge: what the codestream says against the header (F2, F17)."""
