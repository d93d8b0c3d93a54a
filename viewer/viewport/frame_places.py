"""Where the frames of a stack lie along a direction, so that linked panes find theirs at once."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from viewer.model.geometry import ImagePlane, PointLps

_SAME = 1e-9
"""Closer together, mm, no two frames lie; the first of them counts."""


class FramePlaces:
    """Frames of one stack by how far they lie along the direction that was last asked for."""

    def __init__(self, planes: Sequence[ImagePlane | None]) -> None:
        """Take the planes of all frames, in their order; frames without one are never nearest."""
        held = [(n, plane) for n, plane in enumerate(planes) if plane is not None]
        self._numbers = [n for n, _ in held]
        self._positions = [plane.position for _, plane in held]
        self._along: PointLps | None = None
        self._ways: list[float] = []
        self._frames: list[int] = []
        """How far frames lie along it, mm, ascending, and which frames these are."""

    def nearest(self, point: PointLps, along: PointLps) -> int | None:
        """The first of the frames that lie nearest to a point along a direction (a unit vector)."""
        if not self._numbers:
            return None
        if along != self._along:
            self._sort(along)
        ways, way = self._ways, point.dot(along)
        at = bisect_left(ways, way)
        least = min(abs(one - way) for one in ways[max(at - 1, 0) : at + 1])
        reach = least + _SAME
        return min(self._frames[bisect_left(ways, way - reach) : bisect_right(ways, way + reach)])

    def _sort(self, along: PointLps) -> None:
        # plain floats: a stack is short, and the GUI thread keeps going
        left, back, up = along
        ways = [x * left + y * back + z * up for x, y, z in self._positions]
        order = sorted(range(len(ways)), key=ways.__getitem__)
        self._along = along
        self._ways = [ways[n] for n in order]
        self._frames = [self._numbers[n] for n in order]
