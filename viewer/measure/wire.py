"""Ways along edges: from an anchor to every place near it, cheapest where edges are strong.

What a step costs falls with the slope of the values on both ends. All ways from one anchor are
found at once, as a tree, so that the way to the pointer is only looked up while it moves. The tree
is grown by whole-image steps: every pixel takes the cheapest of its eight neighbours until nothing
becomes cheaper, which is what Dijkstra's order finds pixel by pixel.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.model.geometry import PixelPoint, Spacing

REACH = 128
"""Pixels round an anchor within which edges are followed; beyond, the way is straight."""
_LEAST = 0.01
"""Cost of a step on the strongest edge, of one where nothing changes 1."""
_BESIDE = 3
"""Pixels beside an outline in which there is no edge any more."""
_OPEN = 8
"""Pixels from its ends in which there still is."""
_STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Half of the neighbours, (row, column); the others are their opposites."""
Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """Values round an anchor; the first is that of pixel (``top``, ``left``) of the image."""

    values: NDArray[Any]
    top: int
    left: int


@dataclass(frozen=True, slots=True, eq=False)
class Wire:
    """The cheapest ways from an anchor to all pixels of a crop."""

    anchor: PixelPoint
    top: int
    left: int
    costs: NDArray[np.float64]
    """Of the whole way to each pixel."""
    before: NDArray[np.int32]
    """The pixel before each on its way, as an index of the flat crop; -1 at the anchor."""

    def way(self, to: PixelPoint) -> tuple[PixelPoint, ...] | None:
        """Pixel by pixel from behind the anchor to a place; None beyond the crop."""
        rows, columns = self.before.shape
        row, column = _nearest(to.row) - self.top, _nearest(to.column) - self.left
        if not (0 <= row < rows and 0 <= column < columns):
            return None
        flat, at = self.before.reshape(-1), row * columns + column
        found = []
        while flat[at] >= 0:
            found.append(
                PixelPoint(float(at % columns + self.left), float(at // columns + self.top))
            )
            at = int(flat[at])
        return tuple(reversed(found))


def crop_of(frame: NDArray[Any], anchor: PixelPoint) -> Crop:
    """The part of a frame round an anchor; of a colour image the mean of its samples."""
    row, column = _nearest(anchor.row), _nearest(anchor.column)
    top, left = max(row - REACH, 0), max(column - REACH, 0)
    part = frame[top : row + REACH + 1, left : column + REACH + 1]
    values = part.astype(np.float64)
    return Crop(values.mean(axis=2) if values.ndim == 3 else values, top, left)


def wire_from(
    anchor: PixelPoint, crop: Crop, shape: Spacing, taken: Sequence[PixelPoint] = ()
) -> Wire:
    """Find the ways from an anchor; ``shape`` has the true proportion of a pixel.

    What is ``taken`` by the outline already is no edge any more, so that no way goes back along it.
    """
    cost = _without(step_costs(crop.values, shape), anchor, crop, taken)
    rows, columns = cost.shape
    row = min(max(_nearest(anchor.row) - crop.top, 0), rows - 1)
    column = min(max(_nearest(anchor.column) - crop.left, 0), columns - 1)
    far = np.full((rows + 2, columns + 2), np.inf)
    far[row + 1, column + 1] = 0.0
    weights = _weights(cost, shape)
    while _relaxed(far, weights):
        pass
    before = _before(far, weights)
    before[row, column] = -1
    return Wire(anchor, crop.top, crop.left, far[1:-1, 1:-1].copy(), before)


def step_costs(values: NDArray[Any], shape: Spacing) -> NDArray[np.float64]:
    """What a step of one costs at each pixel: little upon an edge, 1 where all is flat."""
    plain = np.where(np.isfinite(values), values, np.nanmin(values, initial=0.0)).astype(np.float64)
    smooth = _smoothed(plain)
    padded = np.pad(smooth, 1, mode="edge")
    down = (padded[2:, 1:-1] - padded[:-2, 1:-1]) / (2 * shape.row)
    across = (padded[1:-1, 2:] - padded[1:-1, :-2]) / (2 * shape.column)
    slope = np.hypot(down, across)
    usual = float(slope.mean())
    if usual <= 0 or not math.isfinite(usual):
        return np.ones(plain.shape)
    return _LEAST + (1 - _LEAST) / (1 + (slope / usual) ** 2)


def _without(
    cost: NDArray[np.float64], anchor: PixelPoint, crop: Crop, taken: Sequence[PixelPoint]
) -> NDArray[np.float64]:
    """Costs without the edges beside an outline, but for its two ends."""
    if len(taken) < _OPEN:
        return cost
    first, kept = taken[0], cost.copy()
    for p in taken:
        if min(_apart(p, first), _apart(p, anchor)) > _OPEN:
            row, column = _nearest(p.row) - crop.top, _nearest(p.column) - crop.left
            part = (
                slice(max(row - _BESIDE, 0), max(row + _BESIDE + 1, 0)),
                slice(max(column - _BESIDE, 0), max(column + _BESIDE + 1, 0)),
            )
            kept[part] = 1.0
    return kept


def _apart(a: PixelPoint, b: PixelPoint) -> float:
    return max(abs(a.column - b.column), abs(a.row - b.row))


def _smoothed(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """With weights 1, 2, 1 along both axes."""
    padded = np.pad(values, 1, mode="edge")
    rows = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    found: NDArray[np.float64] = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 4
    return found


def _weights(cost: NDArray[np.float64], shape: Spacing) -> list[NDArray[np.float64]]:
    """Of each pixel the cost of the step to each half of its neighbours; none leads outside."""
    padded = np.pad(cost, 1, constant_values=np.inf)
    found = []
    for down, across in _STEPS:
        length = math.hypot(down * shape.row, across * shape.column)
        there = np.roll(padded, (-down, -across), axis=(0, 1))
        found.append(((padded + there) / 2 * length)[1:-1, 1:-1])
    return found


def _relaxed(far: NDArray[np.float64], weights: list[NDArray[np.float64]]) -> bool:
    """Let every pixel take its cheapest neighbour; False once that changes nothing."""
    inner = far[1:-1, 1:-1]
    old = inner.copy()
    rows, columns = inner.shape
    for (down, across), weight in zip(_STEPS, weights, strict=True):
        there = far[1 + down : 1 + down + rows, 1 + across : 1 + across + columns]
        back = there + weight  # from the neighbour ahead to here
        np.minimum(inner, back, out=inner)
        ahead = inner + weight  # and from here to the neighbour ahead
        np.minimum(there, ahead, out=there, where=np.isfinite(ahead))
    return not np.array_equal(old, inner)


def _before(far: NDArray[np.float64], weights: list[NDArray[np.float64]]) -> NDArray[np.int32]:
    """The neighbour over which each pixel is reached most cheaply."""
    rows, columns = far.shape[0] - 2, far.shape[1] - 2
    best = np.full((rows, columns), np.inf)
    before = np.full((rows, columns), -1, np.int32)
    number = np.pad(
        np.arange(rows * columns, dtype=np.int32).reshape(rows, columns), 1, constant_values=-1
    )
    for (down, across), weight in zip(_STEPS, weights, strict=True):
        padded = np.pad(weight, 1, constant_values=np.inf)
        for sign in (1, -1):
            part = (
                slice(1 + sign * down, 1 + sign * down + rows),
                slice(1 + sign * across, 1 + sign * across + columns),
            )
            step = weight if sign > 0 else padded[part]
            total = far[part] + step
            better = total < best
            best = np.where(better, total, best)
            before = np.where(better, number[part], before)
    return before


def _nearest(place: float) -> int:
    return math.floor(place + 0.5)
