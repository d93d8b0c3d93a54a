"""Rows of a frame that hold no data: nothing is measured there (F4)."""

import math
from collections.abc import Sequence

from viewer.errors import GeometryError
from viewer.model.geometry import PixelPoint

Rows = tuple[tuple[int, int], ...]
"""Half-open ranges of rows."""


def gap_text(missing: Rows) -> str:
    """Name the rows, counted from 1: 'rows 3 to 4'; empty without a gap."""
    parts = [f"{first + 1} to {end}" if end - first > 1 else f"{end}" for first, end in missing]
    one = len(missing) == 1 and missing[0][1] - missing[0][0] == 1
    return f"row{'' if one else 's'} {', '.join(parts)}" if parts else ""


def in_gap(at: PixelPoint, missing: Rows) -> bool:
    """Whether the pixel under a place is in a row without data."""
    row = math.floor(at.row + 0.5)
    return any(first <= row < end for first, end in missing)


def refuse_over_gap(pixels: Sequence[PixelPoint], missing: Rows) -> None:
    """GeometryError when a shape over these points touches a row without data."""
    rows = [p.row for p in pixels]
    if any(min(rows) < end - 0.5 and max(rows) > first - 0.5 for first, end in missing):
        raise GeometryError(
            f"This image holds no data in its {gap_text(missing)}; nothing is measured over them."
        )
