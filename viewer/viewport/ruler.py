"""The scale at the edge of a pane: a round length with ticks, and where that length holds."""

import math
from dataclasses import dataclass
from functools import lru_cache

from viewer.calibration.spacing import Scale
from viewer.viewport.transform import PanePoint, PaneTransform

_PART_OF_PANE = 0.3


@dataclass(frozen=True, slots=True)
class Ruler:
    """A vertical ruler: its length in mm and in device pixels, its parts, its words."""

    millimetres: float
    pixels: float
    parts: int
    label: str
    word: str
    """Calibration word; empty when the length is true in the patient."""


@lru_cache(maxsize=64)
def ruler(scale: Scale, transform: PaneTransform) -> Ruler | None:
    """Choose the longest 1-2-5 length that takes up to 30 % of the pane; None without a unit."""
    if scale.spacing is None:
        return None
    here = transform.to_pixel(PanePoint(0.0, 0.0))
    below = transform.to_pixel(PanePoint(0.0, 1.0))
    per_pixel = math.hypot(
        (below.column - here.column) * scale.spacing.column,
        (below.row - here.row) * scale.spacing.row,
    )
    most = transform.pane.height * _PART_OF_PANE * per_pixel
    if most <= 0:
        return None
    power = 10.0 ** math.floor(math.log10(most))
    step = max(s for s in (1, 2, 5) if s * power <= most * (1 + 1e-9))
    length = step * power
    return Ruler(
        length, length / per_pixel, {1: 10, 2: 4, 5: 5}[step], _length_text(length), scale.word
    )


def _length_text(millimetres: float) -> str:
    if millimetres >= 10:
        return f"{millimetres / 10:g} cm"
    return f"{millimetres:g} mm"
