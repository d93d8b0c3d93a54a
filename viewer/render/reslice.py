"""Other planes of a volume: each sample at its exact millimetre, nothing invented (F42–F44)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.loading.volume import Volume
from viewer.model.geometry import PointLps
from viewer.model.sample_grid import SampleGrid, Slab, SlabMode
from viewer.model.volume_geometry import VolumeGeometry
from viewer.render.reslice_kernels import (
    MAXIMUM,
    MEAN,
    MINIMUM,
    Lines,
    Output,
    Slices,
    even,
    uneven,
    uneven_reference,
)

_EVEN = 1e-5
"""Slices closer than this to one straight line of equal steps are even, mm."""
_STILL = 1e-9
"""A direction that moves less than this in an index does not move in it."""
_NO_PADDING = (1.0, 0.0)
_MODES = {SlabMode.MAXIMUM: MAXIMUM, SlabMode.MEAN: MEAN, SlabMode.MINIMUM: MINIMUM}
_MIRRORED = {MAXIMUM: MINIMUM, MINIMUM: MAXIMUM, MEAN: MEAN}

Vector = NDArray[np.float64]


class Reslicer:
    """Samples one volume; safe to call from several threads."""

    def __init__(self, volume: Volume) -> None:
        """Prepare what does not depend on the plane."""
        geometry = volume.geometry
        self.volume = volume
        self._origin = np.array(geometry.positions[0])
        self._to_pixels = _inverse(_columns(geometry, geometry.normal))
        self._to_index = _inverse(_columns(geometry, geometry.step_vector))
        shifts = (np.array(geometry.positions) - self._origin) @ self._to_pixels.T
        self._slices = Slices(
            np.array(geometry.places),
            np.ascontiguousarray(shifts[:, :2]),
            np.array(volume.held),
            np.array(geometry.joined),
        )
        self._padding = _NO_PADDING
        if volume.padding is not None:
            self._padding = (float(volume.padding[0]), float(volume.padding[1]))
        self.is_even = (
            geometry.unevenness <= _EVEN
            and all(geometry.joined)
            and volume.is_complete
            and not volume.has_padding
            and min(volume.voxels.shape) >= 2
        )

    def values(self, grid: SampleGrid, slab: Slab | None = None) -> NDArray[np.float32]:
        """Modality values (rows, columns), float32; never-a-number where there is nothing."""
        out = np.empty((grid.rows, grid.columns), np.float32)
        self.sample(grid, slab, out)
        rescale = self.volume.rescale
        out *= np.float32(rescale.slope)
        out += np.float32(rescale.intercept)
        return out

    def sample(
        self,
        grid: SampleGrid,
        slab: Slab | None,
        out: NDArray[Any],
        *,
        background: float = np.nan,
        reference: bool = False,
        coarse: int = 1,
    ) -> None:
        """Voxel values into ``out``: floats, or rounded half up into the volume's integer type.

        Where there is nothing (outside, gaps, padding) stands ``background``: an integer picture
        needs one that no voxel has. A band of the grid with the same rows of ``out`` is one
        thread's part. ``reference`` takes the slow numpy path, ``coarse`` samples a slab only so
        many voxels apart, for a picture that will not stay.
        """
        if out.shape != (grid.rows, grid.columns):
            raise ValueError("the picture is not of the size of its grid")
        whole = out.dtype.kind in "iu"
        if whole and not (np.isfinite(background) and out.dtype == self.volume.voxels.dtype):
            raise ValueError("an integer picture is of the volume's type and has a background")
        mode = MAXIMUM if slab is None else _MODES[slab.mode]
        if self.volume.rescale.slope < 0:  # the largest value is then the smallest stored one
            mode = _MIRRORED[mode]
        output = Output(mode, float(background), whole)
        lines = self._lines(grid, slab, self._to_pixels, coarse)
        voxels = self.volume.voxels
        if reference:
            uneven_reference(voxels, lines, self._slices, self._padding, output, out)
        elif self.is_even:
            even(voxels, _in(self._to_index, self._origin, grid, lines), output, out)
        else:
            uneven(voxels, lines, self._slices, self._padding, output, out)

    def _lines(self, grid: SampleGrid, slab: Slab | None, to: Vector, coarse: int) -> Lines:
        one = np.zeros(1)
        lines = _in(to, self._origin, grid, Lines(one, one, one, one, one, np.ones(1)))
        if slab is None:
            return lines
        offsets = self._offsets(lines, slab, coarse)
        weights = np.gradient(offsets)
        weights[[0, -1]] /= 2  # the trapezoidal rule
        return lines._replace(offsets=offsets, weights=weights / weights.sum())

    def _offsets(self, lines: Lines, slab: Slab, coarse: int) -> Vector:
        """Where a slab is sampled, mm: its faces, and at least once in every voxel between them.

        A slab along an axis of the volume is sampled on its voxel centres, so that the largest
        value in it is the largest voxel.
        """
        places = self._slices.places
        step = np.array([1.0, 1.0, np.diff(places).min()])
        moving = np.abs(lines.through) / step
        axis = int(np.argmax(moving))
        others = np.delete(moving, axis)
        sweeping = max(abs(lines.across[axis]), abs(lines.down[axis])) / step[axis]
        tilted = axis != 2 and np.ptp(self._slices.shifts[:, axis]) > _STILL
        if others.max() > _STILL or sweeping > _STILL or tilted:
            return np.array(slab.offsets(coarse / moving[axis]))
        centres = places if axis == 2 else np.arange(self.volume.voxels.shape[2 - axis])
        inner = (centres - lines.start[axis]) / lines.through[axis]
        half = slab.thickness / 2
        faces = np.array([-half, half])
        return np.unique(np.concatenate([faces, inner[np.abs(inner) < half][::coarse]]))


def _columns(geometry: VolumeGeometry, third: PointLps) -> Vector:
    """Columns: from pixel to pixel of a row, from row to row, and a third way, mm."""
    plane = geometry.plane
    row = np.array(plane.row) * plane.spacing.column
    column = np.array(plane.column) * plane.spacing.row
    return np.stack([row, column, np.array(third)], axis=1)


def _inverse(matrix: Vector) -> Vector:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _in(to: Vector, origin: Vector, grid: SampleGrid, lines: Lines) -> Lines:
    """The lines of a grid in other coordinates: ``to`` · (point - origin)."""
    return Lines(
        to @ (np.array(grid.origin) - origin),
        to @ np.array(grid.down),
        to @ np.array(grid.right),
        to @ np.array(grid.normal),
        lines.offsets,
        lines.weights,
    )
