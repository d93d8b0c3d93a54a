"""Areas of polygons that may cross themselves, by the even-odd rule (F48)."""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.errors import GeometryError
from viewer.measure.quantity import Points
from viewer.model.geometry import PixelPoint

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
_AT_ONCE = 1 << 18
"""Pairs of edges compared in one step, to bound memory."""
_STRIPS = 32
"""Strips between two heights that are cut in one step."""
_NOISE = 1e-12
"""Part of the box around an outline that is no area."""
_MOST_PAIRS, _MOST_MEETINGS, _MOST_CUTS = 20_000_000, 50_000, 4_000_000
"""Pairs of edges to compare, places where they meet, and cuts: what a tenth of a second takes."""
_KEPT = 16
"""Outlines whose areas are remembered: one is asked for several times for its numbers."""
_TOO_OFTEN = "The outline has too many points, or crosses itself too often, to tell its area."
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
    Raises GeometryError for a scribble whose crossings would take longer than a window may wait.
    """
    return _area_of(tuple(points))


@lru_cache(maxsize=_KEPT)
def _area_of(points: tuple[PixelPoint, ...]) -> tuple[float, bool]:
    x, y = _columns(points)
    plain = abs(shoelace(x, y))
    heights = _meeting_heights(x, y, _MOST_MEETINGS)
    if heights.size == 0:
        return plain, False
    area = _even_odd(x, y, heights)
    same = max(_SAME * max(area, plain), _NOISE * float(np.ptp(x) * np.ptp(y)))
    return area, abs(area - plain) > same


def crossings(points: Points) -> int:
    """How often edges that are no neighbours cross or touch."""
    return int(_meeting_heights(*_columns(points)).size)


def plain_area(points: Points) -> float:
    """Area in square pixels of an outline that does not cross itself."""
    return abs(shoelace(*_columns(points)))


def _columns(points: Points) -> tuple[Floats, Floats]:
    both = np.asarray(points, dtype=np.float64)
    return both[:, 0], both[:, 1]


def _meeting_heights(x: Floats, y: Floats, most: float = math.inf) -> Floats:
    """Rows at which two edges that are no neighbours cross or touch; GeometryError beyond most."""
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    found, many = [np.empty(0)], 0
    for i, j in _near(x, y, x2, y2):
        found.append(_met(x, y, x2 - x, y2 - y, i, j))
        many += found[-1].size
        if many > most:
            raise GeometryError(_TOO_OFTEN)
    return np.concatenate(found)


def _near(x: Floats, y: Floats, x2: Floats, y2: Floats) -> Iterator[tuple[Indices, Indices]]:
    """Pairs of edges that are no neighbours and whose boxes meet, each pair once."""
    spans = [(np.minimum(a, b), np.maximum(a, b)) for a, b in ((y, y2), (x, x2))]
    tries = [_overlaps(*span) for span in spans]
    best = 0 if tries[0][1].sum() <= tries[1][1].sum() else 1
    (order, counts), (low, high) = tries[best], spans[1 - best]
    ends = np.cumsum(counts)
    if ends[-1] > _MOST_PAIRS:
        raise GeometryError(_TOO_OFTEN)
    first = 0
    while first < x.size:
        before = int(ends[first] - counts[first])
        last = max(first + 1, int(np.searchsorted(ends, before + _AT_ONCE, side="right")))
        of = counts[first:last]
        one = np.repeat(np.arange(first, last), of)
        step = np.arange(one.size) - np.repeat(ends[first:last] - of - before, of)
        i, j = order[one], order[one + 1 + step]
        apart = np.abs(i - j)
        near = (low[i] <= high[j]) & (high[i] >= low[j]) & (apart > 1) & (apart < x.size - 1)
        yield i[near], j[near]
        first = last


def _overlaps(low: Floats, high: Floats) -> tuple[Indices, Indices]:
    """Spans in the order of their beginnings, and how many that follow begin within each."""
    order = np.argsort(low, kind="stable")
    within = np.searchsorted(low[order], high[order], side="right")
    return order, within - np.arange(1, low.size + 1)


def _met(x: Floats, y: Floats, dx: Floats, dy: Floats, i: Indices, j: Indices) -> Floats:
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
    rows = np.unique(np.concatenate([y, heights]))
    _refuse_many_cuts(low, high, rows)
    total = 0.0
    for first in range(0, rows.size - 1, _STRIPS):
        cut = rows[first : first + _STRIPS + 1]
        by = np.flatnonzero((low < cut[-1]) & (high > cut[0]) & (low < high))
        middle = (cut[:-1, None] + cut[1:, None]) / 2
        # heights that differ by the last bit: no area, and edges end in between
        tall = (cut[:-1, None] < middle) & (middle < cut[1:, None])
        across = (low[by] < middle) & (high[by] > middle) & tall
        part = (middle - y[by]) / (y2[by] - y[by])
        cuts = np.where(across, x[by] + part * (x2[by] - x[by]), math.inf)
        cuts.sort(axis=1)  # an even number of cuts a strip, then what does not cross it
        pairs = cuts[:, : by.size // 2 * 2].reshape(middle.size, -1, 2)
        wide = np.subtract(
            pairs[..., 1],
            pairs[..., 0],
            out=np.zeros(pairs.shape[:2]),
            where=pairs[..., 1] < math.inf,
        )
        total += float(np.dot(wide.sum(axis=1), np.diff(cut)))
    return total


def _refuse_many_cuts(low: Floats, high: Floats, rows: Floats) -> None:
    tops = np.arange(0, rows.size - 1, _STRIPS)
    ends = np.minimum(tops + _STRIPS, rows.size - 1)
    begun = np.searchsorted(np.sort(low), rows[ends], side="left")
    over = np.searchsorted(np.sort(high), rows[tops], side="right")
    if int(np.dot(begun - over, ends - tops)) > _MOST_CUTS:
        raise GeometryError(_TOO_OFTEN)
