"""Areas of polygons that may cross themselves, by the even-odd rule (F48)."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from viewer.measure.quantity import Points

Floats = NDArray[np.float64]
_AT_ONCE = 512
"""Edges compared with all others in one step, to bound memory."""
_SAME = 1e-9
"""Parts of an edge, or of an area, that are no difference."""


def shoelace(x: Floats, y: Floats) -> float:
    """Signed area of a polygon, by Gauss's formula about its first point."""
    x, y = x - x[0], y - y[0]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def polygon_area(points: Points) -> tuple[float, bool]:
    """Area in square pixels, and whether the outline crosses itself: then the even-odd area.

    An outline that only comes back to a point of its own may go on through itself there: its
    loops would cancel each other in the plain formula, so it is counted by the even-odd rule too.
    """
    x, y = _columns(points)
    plain = abs(shoelace(x, y))
    heights = _meeting_heights(x, y)
    if heights.size == 0:
        return plain, False
    area = _even_odd(x, y, heights)
    return area, abs(area - plain) > _SAME * max(area, plain)


def crossings(points: Points) -> int:
    """How often edges that are no neighbours cross or touch."""
    return int(_meeting_heights(*_columns(points)).size)


def plain_area(points: Points) -> float:
    """Area in square pixels of an outline that does not cross itself."""
    return abs(shoelace(*_columns(points)))


def _columns(points: Points) -> tuple[Floats, Floats]:
    both = np.asarray(points, dtype=np.float64)
    return both[:, 0], both[:, 1]


def _meeting_heights(x: Floats, y: Floats) -> Floats:
    """Rows at which two edges that are no neighbours cross or touch."""
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    left, right = np.minimum(x, x2), np.maximum(x, x2)
    low, high = np.minimum(y, y2), np.maximum(y, y2)
    found = [np.empty(0)]
    for first in range(0, x.size, _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        near = (left[part, None] <= right) & (right[part, None] >= left)
        near &= (low[part, None] <= high) & (high[part, None] >= low)
        i, j = np.nonzero(near)
        apart = np.abs(i + first - j)
        others = (apart > 1) & (apart < x.size - 1)
        found.append(_met(x, y, x2 - x, y2 - y, i[others] + first, j[others]))
    return np.concatenate(found)


def _met(
    x: Floats, y: Floats, dx: Floats, dy: Floats, i: NDArray[np.int64], j: NDArray[np.int64]
) -> Floats:
    """Rows at which edges i meet edges j, of those that do."""
    cross = dx[i] * dy[j] - dy[i] * dx[j]
    gap_x, gap_y = x[j] - x[i], y[j] - y[i]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        s = (gap_x * dy[j] - gap_y * dx[j]) / cross
        t = (gap_x * dy[i] - gap_y * dx[i]) / cross
    low, high = -_SAME, 1 + _SAME
    meets = (cross != 0) & (s >= low) & (s <= high) & (t >= low) & (t <= high)
    return np.asarray(y[i][meets] + np.clip(s[meets], 0, 1) * dy[i][meets])


def _even_odd(x: Floats, y: Floats, heights: Floats) -> float:
    """Sum of trapezoids: between two neighbouring heights no edges cross."""
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    low, high = np.minimum(y, y2), np.maximum(y, y2)
    total = 0.0
    for top, bottom in pairwise(np.unique(np.concatenate([y, heights]))):
        middle = (top + bottom) / 2
        if not top < middle < bottom:
            continue  # heights that differ by the last bit: no area, and edges end in between
        across = (low < middle) & (high > middle)
        part = (middle - y[across]) / (y2[across] - y[across])
        cuts = np.sort(x[across] + part * (x2[across] - x[across]))
        total += float(np.sum(cuts[1::2] - cuts[::2])) * float(bottom - top)
    return total
