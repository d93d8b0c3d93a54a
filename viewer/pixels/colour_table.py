"""Colours of one profile as those of another, by a table of every colour that 8 bits can say."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]

LEVELS = 256
TABLE_BYTES = LEVELS**3 * 3
_ROWS = 256
"""Rows that are converted at a time, so that a large picture needs little more memory."""


@dataclass(frozen=True, slots=True, eq=False)
class ColourTable:
    """One RGB for each RGB: ``entries`` (256 · 256 · 256, 3), red slowest, blue fastest (F18)."""

    entries: Rgb = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a table that does not hold every colour."""
        if self.entries.shape != (LEVELS**3, 3) or self.entries.dtype != np.uint8:
            raise ValueError("a table of colours has one RGB for each RGB of 8 bits")

    def applied(self, rgb: Rgb) -> Rgb:
        """A picture (rows, columns, 3) in the other colours."""
        out = np.empty_like(rgb)
        for row in range(0, len(rgb), _ROWS):
            part = rgb[row : row + _ROWS].astype(np.uint32)
            index = (part[..., 0] << 16) | (part[..., 1] << 8) | part[..., 2]
            np.take(self.entries, index, axis=0, out=out[row : row + _ROWS])
        return out
