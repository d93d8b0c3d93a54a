"""The slices of a series as the ground of what is measured in space."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.measure.gaps import Rows
from viewer.measure.regions import members, whole_inside
from viewer.measure.solids import Solid
from viewer.measure.statistics import Statistics, Tally, joined, tally
from viewer.model.geometry import ImagePlane, PointLps
from viewer.model.refs import FrameRef
from viewer.model.study import Instance
from viewer.pixels.measured import readout_named

_ONE = 1e-3
"""mm within which two slices lie at one place."""


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """One frame of a series: stored values, where they lie, how deep its voxels are (mm)."""

    frame: FrameRef
    instance: Instance
    """That of the frame (``at``)."""
    plane: ImagePlane
    depth: float
    pixels: NDArray[Any] | None = None
    """None where they cannot be had."""
    missing: Rows = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns; none where the header has no image."""
        stored = self.instance.format
        return (0, 0) if stored is None else (stored.rows, stored.columns)

    @property
    def voxel(self) -> float:
        """Cubic millimetres of one voxel."""
        return self.plane.spacing.row * self.plane.spacing.column * self.depth


@dataclass(frozen=True, slots=True)
class Places:
    """Where the frames of a series lie: sorted along the normal, each with its depth."""

    frames: tuple[FrameRef, ...]
    planes: tuple[ImagePlane, ...]
    depths: tuple[float, ...]
    step: float = field(init=False, compare=False)
    """The median depth of a voxel, mm."""

    def __post_init__(self) -> None:
        """Work the step out once: it is asked for with every picture."""
        object.__setattr__(self, "step", float(np.median(self.depths)))

    def nearest(self, point: PointLps) -> int:
        """The slice that lies nearest to a point along the normal."""
        off = [abs(plane.distance(point)) for plane in self.planes]
        return off.index(min(off))


def places_of(frames: Sequence[FrameRef], planes: Sequence[ImagePlane | None]) -> Places | str:
    """Sort slices along their normal; a sentence says why they make no volume (F41, F42).

    A voxel reaches half way to the next slice on either side; at the ends as far as inwards.
    """
    found = [(f, p) for f, p in zip(frames, planes, strict=True) if p is not None]
    if len(found) < len(frames):
        return "The images do not say where they lie in the patient."
    if len(found) < 2:
        return "One image alone has no depth: a volume needs several."
    normal = found[0][1].normal
    if any(plane.normal.dot(normal) < 1 - 1e-4 for _, plane in found):
        return "The images are turned against each other: they make no volume."
    found.sort(key=lambda one: one[1].position.dot(normal))
    at = [plane.position.dot(normal) for _, plane in found]
    gaps = [b - a for a, b in pairwise(at)]
    if min(gaps) <= _ONE:
        return "Several images lie at one position: they make no volume."
    before, after = [gaps[0], *gaps], [*gaps, gaps[-1]]
    depths = tuple((a + b) / 2 for a, b in zip(before, after, strict=True))
    return Places(tuple(f for f, _ in found), tuple(p for _, p in found), depths)


def touched(solid: Solid, places: Places) -> range:
    """The slices whose planes a solid cuts: one run of them."""
    normal, (low, high) = places.planes[0].normal, solid.bounds
    corners = [PointLps(*corner).dot(normal) for corner in product(*zip(low, high, strict=True))]
    first, last = min(corners) - _ONE, max(corners) + _ONE
    found = [
        n
        for n, plane in enumerate(places.planes)
        if first <= plane.position.dot(normal) <= last and solid.cut(plane) is not None
    ]
    return range(found[0], found[-1] + 1) if found else range(0)


def solid_statistics(
    solid: Solid, slices: Sequence[Slice], readout: str, whole: Places
) -> tuple[Statistics, tuple[str, ...]]:
    """The values of all voxels whose centres lie in a solid (F47), and what must be told of it.

    ``slices`` are those that it cuts, ``whole`` is where all of the series lie.
    """
    tallies, outside, absent = [], False, 0
    for one in slices:
        region = solid.cut(one.plane)
        if region is None:
            continue
        outside = outside or not whole_inside(region, *one.shape)
        inside = members(region, *one.shape)
        if one.pixels is None:
            count = int(np.count_nonzero(inside.mask))
            absent += 1
            tallies.append(_lost(count))
            continue
        chosen = readout_named(one.instance, readout)
        tallies.append(tally(one.pixels, inside, one.instance, chosen, one.missing))
    notes = []
    if outside or reaches_out(solid, whole):
        notes.append("Part of the shape lies outside the images; only voxels inside count.")
    if absent:
        notes.append(f"{absent} of its images cannot be read.")
    return joined(tallies), tuple(notes)


def reaches_out(solid: Solid, whole: Places) -> bool:
    """Whether a solid goes beyond the voxels of the first or the last slice of a series."""
    for n, way in ((0, -1.0), (-1, 1.0)):
        plane, by = whole.planes[n], way * (whole.depths[n] / 2 + _ONE)
        beyond = replace(plane, position=plane.position.plus(plane.normal, by))
        if solid.cut(beyond) is not None:
            return True
    return False


def _lost(count: int) -> Tally:
    return Tally(np.zeros(0), None, count, 0, count, 0)
