"""A volume as slices of equal steps, as volume rendering needs it: nothing is invented in gaps."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import GeometryError
from viewer.loading.volume import Volume
from viewer.model.geometry import PointLps
from viewer.model.volume_geometry import VolumeGeometry

_EVEN = 0.02
"""Slices no farther than this from equal steps, mm, are taken as they are."""
_MOST_PER_SLICE = 4
"""How many times more slices uneven steps may become."""


@dataclass(frozen=True, slots=True)
class EvenSlices:
    """Which slices of a volume make each slice of equal steps, and where those lie.

    Slice n is ``1 - weights[n]`` of slice ``below[n]`` and ``weights[n]`` of the one above it; a
    slice that lies in a gap is nowhere. (x, y, z), mm along columns, rows and steps from the centre
    of the first voxel, lie at ``matrix`` · (x, y, z, 1) in the patient: sheared under tilt (F43).
    """

    below: NDArray[np.intp]
    weights: NDArray[np.float64]
    empty: NDArray[np.bool_]
    spacing: tuple[float, float, float]
    """From column to column, row to row, slice to slice, mm."""
    matrix: NDArray[np.float64]
    shape: tuple[int, int, int]
    """Slices, rows, columns."""

    @classmethod
    def of(cls, geometry: VolumeGeometry) -> "EvenSlices":
        """Plan the slices; GeometryError where no straight line leads through them."""
        places = np.array(geometry.places)
        positions = np.array(geometry.positions)
        onward = (positions[-1] - positions[0]) / places[-1]
        plane = geometry.plane
        aside = np.linalg.norm(positions - positions[0] - places[:, None] * onward, axis=1)
        if aside.max() > min(plane.spacing) / 2:
            raise GeometryError(
                "The slices do not lie in one straight line, as 3D needs them.", where=""
            )
        joined = np.array(geometry.joined)
        if geometry.unevenness <= _EVEN:
            count = geometry.slices
            step = places[-1] / (count - 1)
            below, weights = np.arange(count), np.zeros(count)
            empty = np.zeros(count, np.bool_)
        else:
            most = _MOST_PER_SLICE * geometry.slices
            step = max(float(np.diff(places).min()), places[-1] / most)
            at = np.arange(int(places[-1] / step + 1e-6) + 1) * step
            below = np.clip(np.searchsorted(places, at, "right") - 1, 0, len(places) - 2)
            weights = (at - places[below]) / (places[below + 1] - places[below])
            weights = np.where(
                np.abs(weights - np.round(weights)) < 1e-6, np.round(weights), weights
            )
            between = (weights > 0) & (weights < 1)
            empty = between & ~joined[below]
        matrix = np.eye(4)
        matrix[:3] = np.stack([plane.row, plane.column, onward, positions[0]], axis=1)
        spacing = (plane.spacing.column, plane.spacing.row, float(step))
        shape = (len(below), geometry.rows, geometry.columns)
        return cls(below, weights, empty, spacing, matrix, shape)

    def ready(self, held: tuple[bool, ...]) -> NDArray[np.bool_]:
        """Which slices can be made from those that are here."""
        here = np.array(held)
        above = np.minimum(self.below + 1, len(here) - 1)
        ready = (here[self.below] | (self.weights == 1)) & (here[above] | (self.weights == 0))
        return np.asarray(ready & ~self.empty)

    def fill(self, volume: Volume, first: int, out: NDArray[Any]) -> None:
        """Write slices from ``first`` on; what is no pixel becomes the value that is not seen."""
        nothing = unseen(volume)
        ready = self.ready(volume.held)
        for n in range(len(out)):
            k = first + n
            out[n] = self._slice(volume, k, nothing) if ready[k] else nothing

    def to_lps(self, column: float, row: float, slice_: float) -> PointLps:
        """Where an index of the even slices lies in the patient, mm."""
        at = np.array([column, row, slice_]) * self.spacing
        return PointLps(*(self.matrix[:3, :3] @ at + self.matrix[:3, 3]).tolist())

    def _slice(self, volume: Volume, k: int, nothing: float) -> NDArray[Any]:
        low, weight = int(self.below[k]), float(self.weights[k])
        if weight in {0.0, 1.0}:
            return _without_padding(volume, np.asarray(volume.voxels[low + int(weight)]), nothing)
        one, other = volume.voxels[low], volume.voxels[low + 1]
        mixed = one * np.float32(1 - weight) + other * np.float32(weight)
        if mixed.dtype.kind == "f" and volume.voxels.dtype.kind in "iu":
            mixed = np.floor(mixed + np.float32(0.5))
        padded = _padded(volume, one) | _padded(volume, other)
        return np.where(padded, np.float32(nothing), mixed)


def unseen(volume: Volume) -> float:
    """A voxel value below every modality value: stands where there is nothing."""
    inverse = volume.rescale.slope < 0
    if volume.voxels.dtype.kind in "iu":
        reach = np.iinfo(volume.voxels.dtype)
        return float(reach.max if inverse else reach.min)
    low, high = volume.extremes or (0.0, 0.0)
    return high if inverse else low


def _without_padding(volume: Volume, one: NDArray[Any], nothing: float) -> NDArray[Any]:
    if not volume.has_padding:
        return one
    return np.where(_padded(volume, one), one.dtype.type(nothing), one)


def _padded(volume: Volume, one: NDArray[Any]) -> NDArray[np.bool_]:
    if not volume.has_padding:
        return np.zeros(one.shape, np.bool_)
    if one.dtype.kind == "f":
        return np.asarray(~np.isfinite(one))
    low, high = volume.padding or (1, 0)
    return np.asarray((one >= low) & (one <= high))
