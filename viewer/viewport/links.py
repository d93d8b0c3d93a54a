"""Panes that scroll together: by position in the patient, or by an offset the reader set."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from viewer.viewport.viewport import Viewport

PARALLEL = 0.995
"""Least cosine between normals of planes that count as parallel: 0.1 rad."""


class ScrollLinks:
    """Keeps panes of the same orientation at the same place.

    Within one Frame of Reference panes are linked from the start. Across studies nothing is known
    of their relation, so they are linked only when the reader asks; then the present offset stays.
    """

    def __init__(self) -> None:
        """Link within one Frame of Reference only."""
        self.enabled = True
        self._across: dict[tuple[int, int], float] = {}
        self._across_on = False
        self._following = False

    @property
    def across(self) -> bool:
        """Whether panes of different studies are linked too."""
        return self._across_on

    def unlink(self) -> None:
        """Link nothing at all."""
        self.enabled = False
        self._across_on = False
        self._across.clear()

    def link(self, panes: Sequence[Viewport]) -> None:
        """Link every pair of parallel panes; across studies with the offset they have now."""
        self.enabled = True
        self._across_on = True
        self._across.clear()
        for a in panes:
            for b in panes:
                offset = _offset(a, b)
                if a is not b and offset is not None and not same_space(a, b):
                    self._across[id(a), id(b)] = offset

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let panes be moved one by one, none bringing others along."""
        before, self._following = self._following, True
        try:
            yield
        finally:
            self._following = before

    def forget(self, pane: Viewport) -> None:
        """Drop the offsets of a pane that shows something else now."""
        self._across = {k: v for k, v in self._across.items() if id(pane) not in k}

    def linked(self, pane: Viewport, panes: Sequence[Viewport]) -> bool:
        """Whether another pane follows this one."""
        return any(self._shift(pane, other) is not None for other in panes if other is not pane)

    def follow(self, moved: Viewport, panes: Sequence[Viewport]) -> None:
        """Bring the linked panes to where ``moved`` stands; nearest frame, ends do not wrap."""
        if self._following:
            return
        self._following = True
        try:
            for other in panes:
                shift = self._shift(moved, other) if other is not moved else None
                if shift is not None:
                    _bring(moved, other, shift)
        finally:
            self._following = False

    def _shift(self, a: Viewport, b: Viewport) -> float | None:
        if not self.enabled or not _are_parallel(a, b):
            return None
        if same_space(a, b):
            return 0.0
        return self._across.get((id(a), id(b)))


def _offset(a: Viewport, b: Viewport) -> float | None:
    """Give b's distance from a along a's normal, mm; None unless their planes are parallel."""
    if a.plane is None or b.plane is None or not _are_parallel(a, b):
        return None
    return a.plane.distance(b.plane.position)


def _are_parallel(a: Viewport, b: Viewport) -> bool:
    first, second = a.plane, b.plane
    if first is None or second is None:
        return False
    if first.row == second.row and first.column == second.column:
        return True  # as of most panes that scroll together
    return abs(first.normal.dot(second.normal)) >= PARALLEL


def same_space(a: Viewport, b: Viewport) -> bool:
    """Whether two panes show images of one Frame of Reference."""
    first, second = a.instance, b.instance
    return (
        first is not None
        and second is not None
        and first.frame_of_reference is not None
        and first.frame_of_reference == second.frame_of_reference
    )


def _bring(moved: Viewport, other: Viewport, shift: float) -> None:
    plane = moved.plane
    if plane is None:
        return
    normal = plane.normal
    index = other.nearest(plane.position.plus(normal, shift), normal)
    if index is not None:
        other.go_to_index(index)
