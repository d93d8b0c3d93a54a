"""Where a label stands: beside its shape, inside the pane, not upon another label."""

from collections.abc import Sequence
from typing import NamedTuple

from viewer.viewport.transform import PanePoint

_APART = 12.0
"""Pixels between a shape and its label."""


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


def place(shape: Box, width: float, height: float, pane: Box, taken: Sequence[Box]) -> Box:
    """Stand a label of this size beside a shape, where it covers least.

    Right of it, else left, below, above; within the pane whatever it covers there.
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
    kept = [_within(x, y, width, height, pane) for x, y in corners]
    covered = [sum(box.overlap(other) for other in (shape, *taken)) for box in kept]
    return kept[covered.index(min(covered))]


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


def _within(x: float, y: float, width: float, height: float, pane: Box) -> Box:
    x = max(min(x, pane.right - width), pane.left)
    y = max(min(y, pane.bottom - height), pane.top)
    return Box(x, y, x + width, y + height)
