"""Where a label stands: beside its shape, inside the pane, not upon another label."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from viewer.viewport.transform import PanePoint

_APART = 12.0
"""Pixels between a shape and its label."""
_CROWD = 64
"""Shapes and labels beyond which no more places are tried: there is no room, and it takes time."""


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """Area that two boxes have in common."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(wide, 0.0) * max(high, 0.0)


def around(points: Sequence[PanePoint]) -> Box:
    """The smallest box that holds all points."""
    across, down = [p.x for p in points], [p.y for p in points]
    return Box(min(across), min(down), max(across), max(down))


def meets(path: Sequence[PanePoint], pane: Box) -> bool:
    """Whether a line from point to point, or a single point, reaches into a box."""
    ends = zip(path, path[1:] or path, strict=False)
    return any(_clips(a, b, pane) for a, b in ends)


class Room:
    """A pane in which labels stand, each where it covers least of what is there already."""

    def __init__(self, pane: Box, taken: Sequence[Box]) -> None:
        """Keep off these boxes where that can be: shapes, and words at the edges."""
        self._pane = pane
        self._taken = np.array(taken, np.float64).reshape(-1, 4)
        self._count = len(taken)

    def place(self, shape: Box, width: float, height: float) -> Box:
        """Stand a label of this size beside a shape, and keep later ones off it.

        Right of it, else left, below, above, at its corners, or a label further on; within the pane
        whatever it covers there.
        """
        middle_x, middle_y = (shape.left + shape.right) / 2, (shape.top + shape.bottom) / 2
        corners = (
            (shape.right + _APART, middle_y - height / 2),
            (shape.left - _APART - width, middle_y - height / 2),
            (middle_x - width / 2, shape.bottom + _APART),
            (middle_x - width / 2, shape.top - _APART - height),
            (shape.right + _APART, shape.bottom),
            (shape.right + _APART, shape.top - height),
        )
        found, covered = self._least([self._kept(*corner, width, height) for corner in corners])
        if covered > 0 and self._count <= _CROWD:
            more = _further(shape, width, height)
            further, less = self._least([self._kept(*corner, width, height) for corner in more])
            found = further if less < covered else found
        self._take(found)
        return found

    def _kept(self, x: float, y: float, width: float, height: float) -> Box:
        return _within(x, y, width, height, self._pane)

    def _least(self, boxes: Sequence[Box]) -> tuple[Box, float]:
        """Which of these covers least of what is taken, the first of equals, and how much."""
        taken, wanted = self._taken[: self._count].T, np.array(boxes)[:, :, None]
        wide = np.minimum(wanted[:, 2], taken[2]) - np.maximum(wanted[:, 0], taken[0])
        high = np.minimum(wanted[:, 3], taken[3]) - np.maximum(wanted[:, 1], taken[1])
        covered = np.sum(np.maximum(wide, 0) * np.maximum(high, 0), axis=1)
        least = int(np.argmin(covered))
        return boxes[least], float(covered[least])

    def _take(self, box: Box) -> None:
        if self._count == len(self._taken):
            self._taken = np.concatenate([self._taken, np.zeros((max(self._count, 16), 4))])
        self._taken[self._count] = box
        self._count += 1


def _clips(a: PanePoint, b: PanePoint, pane: Box) -> bool:
    """Whether a part of a segment lies in a box (Liang and Barsky)."""
    first, last = 0.0, 1.0
    for way, room in (
        (a.x - b.x, a.x - pane.left),
        (b.x - a.x, pane.right - a.x),
        (a.y - b.y, a.y - pane.top),
        (b.y - a.y, pane.bottom - a.y),
    ):
        if way == 0:
            if room < 0:
                return False
        elif way < 0:
            first = max(first, room / way)
        else:
            last = min(last, room / way)
    return first <= last


def _further(shape: Box, width: float, height: float) -> list[tuple[float, float]]:
    """Corners of labels at the corners of a shape, and beside the places next to it."""
    right, left = shape.right + _APART, shape.left - _APART - width
    middle_x, middle_y = (shape.left + shape.right - width) / 2, (shape.top + shape.bottom) / 2
    beside = [
        (x, y)
        for y in (shape.bottom, shape.top - height, middle_y, middle_y - height)
        for x in (right, left)
    ]
    beyond = [(middle_x, y + by) for y, by in ((shape.bottom + _APART, height),
                                               (shape.top - _APART - height, -height))]  # fmt: skip
    return [*beside, *beyond]


def _within(x: float, y: float, width: float, height: float, pane: Box) -> Box:
    x = max(min(x, pane.right - width), pane.left)
    y = max(min(y, pane.bottom - height), pane.top)
    return Box(x, y, x + width, y + height)
