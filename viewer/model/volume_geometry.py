"""Where the voxels of a volume lie: index to millimetres and back, tilt and uneven steps included.

PS3.3 C.7.6.2.1.1; fidelity F39, F42, F43.
"""

import bisect
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from viewer.model.geometry import ImagePlane, PixelPoint, PointLps

Matrix = tuple[tuple[float, float, float, float], ...]


class Index(NamedTuple):
    """A place in a volume: column, row, slice; 0.0 at the CENTRE of the first voxel."""

    i: float
    j: float
    k: float


@dataclass(frozen=True, slots=True)
class VolumeGeometry:
    """Slices of one orientation, each at its true position, in display order.

    Between two slices the position of a pixel goes in a straight line from the one to the other:
    that is the shear of a tilted gantry, and an uneven step keeps its own length.
    """

    plane: ImagePlane
    """The plane of the first slice; its directions and spacing hold for all."""
    rows: int
    columns: int
    positions: tuple[PointLps, ...]
    """Centre of the first pixel of each slice, mm."""
    places: tuple[float, ...]
    """Distance of each slice from the first along ``normal``, mm, rising."""
    joined: tuple[bool, ...]
    """Whether slices k and k + 1 are neighbours; where not, there is a gap with nothing in it."""

    @classmethod
    def of(
        cls,
        planes: Sequence[ImagePlane],
        rows: int,
        columns: int,
        joined: Sequence[bool] | None = None,
    ) -> "VolumeGeometry":
        """Take the planes in order; ValueError unless each lies beyond the one before it."""
        if len(planes) < 2:
            raise ValueError("a volume needs at least two slices")
        first = planes[0]
        normal = first.normal
        if (planes[-1].position - first.position).dot(normal) < 0:
            normal = _turned(normal)
        positions = tuple(plane.position for plane in planes)
        places = tuple((position - first.position).dot(normal) + 0.0 for position in positions)
        if not all(b > a for a, b in pairwise(places)):
            raise ValueError("the slices of a volume lie one behind the other")
        whole = (True,) * (len(planes) - 1)
        return cls(first, rows, columns, positions, places, tuple(joined or whole))

    @property
    def slices(self) -> int:
        """How many slices there are."""
        return len(self.positions)

    @property
    def normal(self) -> PointLps:
        """The unit normal of the slices, towards the last one."""
        normal = self.plane.normal
        along = (self.positions[-1] - self.positions[0]).dot(normal)
        return normal if along > 0 else _turned(normal)

    @property
    def step(self) -> float:
        """The median distance of neighbouring slices along the normal, mm (F42)."""
        return statistics.median(b - a for a, b in pairwise(self.places))

    @property
    def step_vector(self) -> PointLps:
        """From one slice to the next on the average, mm; aside of the normal under tilt (F43)."""
        way = self.positions[-1] - self.positions[0]
        share = 1 / (self.slices - 1)
        return PointLps(way.x * share, way.y * share, way.z * share)

    @property
    def unevenness(self) -> float:
        """How far, mm, the worst slice lies from where ``affine`` says."""
        step, first = self.step_vector, self.positions[0]
        return max(
            (position - first.plus(step, k)).norm for k, position in enumerate(self.positions)
        )

    @property
    def affine(self) -> Matrix:
        """(i, j, k, 1) to LPS mm with a shear for tilt; true to within ``unevenness``."""
        plane, step, first = self.plane, self.step_vector, self.positions[0]
        across, down = plane.spacing.column, plane.spacing.row
        rows = zip(plane.row, plane.column, step, first, strict=True)
        return (*((r * across, c * down, s, o) for r, c, s, o in rows), (0.0, 0.0, 0.0, 1.0))

    def to_lps(self, at: Index) -> PointLps:
        """Where an index lies in the patient, mm; beyond the ends the outermost step goes on."""
        here = replace(self.plane, position=self._position(at.k))
        return here.to_lps(PixelPoint(at.i, at.j))

    def to_index(self, p: PointLps) -> Index:
        """Which index lies at a patient point: the inverse of ``to_lps``."""
        place = (p - self.positions[0]).dot(self.normal)
        low = min(max(bisect.bisect_right(self.places, place) - 1, 0), self.slices - 2)
        k = low + (place - self.places[low]) / (self.places[low + 1] - self.places[low])
        pixel = replace(self.plane, position=self._position(k)).to_pixel(p)
        return Index(pixel.column, pixel.row, k)

    def lacking(self, held: Sequence[bool]) -> "VolumeGeometry":
        """The same slices with a gap on both sides of each one that is not held."""
        pairs = zip(self.joined, pairwise(held), strict=True)
        return replace(self, joined=tuple(near and a and b for near, (a, b) in pairs))

    def _position(self, k: float) -> PointLps:
        low = min(max(math.floor(k), 0), self.slices - 2)
        before, after = self.positions[low], self.positions[low + 1]
        return before.plus(after - before, k - low)


def _turned(vector: PointLps) -> PointLps:
    return PointLps(-vector.x, -vector.y, -vector.z)
