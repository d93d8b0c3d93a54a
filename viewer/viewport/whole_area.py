"""A displayed area as the standard can say it: whole pixels, of the image itself (PS3.3 C.10.4)."""

import math

from viewer.model.presentation import Area

_NEARLY = 1e-9


def whole_area(area: Area, rows: int, columns: int) -> Area:
    """The smallest area of whole pixels that holds what another shows of an image.

    Nearly whole edges are taken as whole. The standard allows areas that reach beyond the image,
    but not every program reads them; where nothing of the image is shown, it is the whole image.
    """
    left, right = _span(area.left, area.right, columns)
    top, bottom = _span(area.top, area.bottom, rows)
    if left >= right or top >= bottom:
        return Area(0.0, 0.0, float(columns), float(rows))
    return Area(left, top, right, bottom)


def _span(low: float, high: float, size: int) -> tuple[float, float]:
    first, end = math.floor(low + _NEARLY), math.ceil(high - _NEARLY)
    return float(max(first, 0)), float(min(max(end, first + 1), size))
