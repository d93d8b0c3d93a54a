"""The voxels that volume rendering sees: whole or in blocks of their mean, with what was cut off.

(x, y, z), mm along columns, rows and slices from the centre of the first voxel, are its
coordinates; it knows nothing of patients.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.model.shutter import Vertex
from viewer.pixels.shutter_mask import in_polygon

_RASTER = 0.25
"""Pitch of the raster that a cut is drawn on, in voxels."""
_MOST_RASTER = 4096

Factors = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Prism:
    """What a polygon covers along a view: ``across`` and ``down`` give a voxel's place in it, mm.

    Each is (x, y, z, 1) factors. ``inside`` False means all that the polygon does not cover.
    """

    across: tuple[float, float, float, float]
    down: tuple[float, float, float, float]
    corners: tuple[tuple[float, float], ...]
    inside: bool = True


def factors_for(
    shape: tuple[int, int, int], spacing: tuple[float, float, float], most: int
) -> Factors:
    """How many slices, rows, columns become one, so that no more than ``most`` voxels are left.

    ``spacing`` is (x, y, z); the finest direction is thinned out first.
    """
    factors = [1, 1, 1]
    while math.prod(-(-n // f) for n, f in zip(shape, factors, strict=True)) > most:
        steps = [
            (pitch * factor if n > 2 * factor else math.inf, axis)
            for axis, (pitch, factor, n) in enumerate(
                zip(reversed(spacing), factors, shape, strict=True)
            )
        ]
        finest, axis = min(steps)
        if math.isinf(finest):
            break
        factors[axis] *= 2
    return factors[0], factors[1], factors[2]


class VoxelBlock:
    """Holds the voxels; slices that have not come yet hold the value that is not seen."""

    def __init__(
        self,
        shape: tuple[int, int, int],
        dtype: str,
        spacing: tuple[float, float, float],
        unseen: float,
        *,
        most: int,
    ) -> None:
        """Reserve room for (slices, rows, columns), thinned out to ``most`` voxels."""
        self.factors = factors_for(shape, spacing, most)
        kept = [-(-n // f) for n, f in zip(shape, self.factors, strict=True)]
        self.unseen = unseen
        self.voxels: NDArray[Any] = np.full(kept, unseen, np.dtype(dtype))
        fz, fy, fx = self.factors
        self.spacing = (spacing[0] * fx, spacing[1] * fy, spacing[2] * fz)
        self.origin = tuple(
            (factor - 1) / 2 * pitch for factor, pitch in zip((fx, fy, fz), spacing, strict=True)
        )

    def put(self, first: int, slices: NDArray[Any]) -> None:
        """Take slices from ``first`` on, which begin and, but for the last, end with a block."""
        fz, fy, fx = self.factors
        at = first // fz
        if self.factors == (1, 1, 1):
            self.voxels[at : at + len(slices)] = slices
            return
        for n in range(0, len(slices), fz):
            self.voxels[at + n // fz] = _means(slices[n : n + fz], (fz, fy, fx))

    def erase(self, prism: Prism) -> None:
        """Make what a prism covers (voxel centres) invisible."""
        raster = _Raster(prism, min(self.spacing))
        slices, rows, columns = self.voxels.shape
        sx, sy, sz = self.spacing
        ox, oy, oz = self.origin
        x, y = np.arange(columns) * sx + ox, np.arange(rows) * sy + oy
        (ax, ay, az, a), (dx, dy, dz, d) = prism.across, prism.down
        across, down = x * ax + y[:, None] * ay, x * dx + y[:, None] * dy
        for k in range(slices):
            z = k * sz + oz
            covered = raster.covers(across + (z * az + a), down + (z * dz + d))
            self.voxels[k][covered if prism.inside else ~covered] = self.unseen


class _Raster:
    """A polygon on a fine raster, to look voxels up in."""

    def __init__(self, prism: Prism, pitch: float) -> None:
        corners = np.array(prism.corners, np.float64)
        self._low = corners.min(axis=0)
        extent = float((corners.max(axis=0) - self._low).max())
        self._pitch = max(pitch * _RASTER, extent / _MOST_RASTER, 1e-6)
        at = np.round((corners - self._low) / self._pitch).astype(int) + 1
        columns, rows = (at.max(axis=0)).tolist()
        vertices = [Vertex(int(row), int(column)) for column, row in at]
        self._mask = np.zeros((rows + 2, columns + 2), np.bool_)
        self._mask[1:-1, 1:-1] = in_polygon(vertices, rows, columns)

    def covers(self, across: NDArray[Any], down: NDArray[Any]) -> NDArray[np.bool_]:
        column = np.round((across - self._low[0]) / self._pitch).astype(np.int64) + 1
        row = np.round((down - self._low[1]) / self._pitch).astype(np.int64) + 1
        rows, columns = self._mask.shape
        return np.asarray(self._mask[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)])


def _means(slices: NDArray[Any], factors: Factors) -> NDArray[Any]:
    """Means of blocks of these slices; the last row and column of blocks may hold fewer voxels."""
    _, fy, fx = factors
    flat = slices.sum(axis=0, dtype=np.float32)
    rows, columns = flat.shape
    down = np.add.reduceat(flat, np.arange(0, rows, fy), axis=0)
    summed = np.add.reduceat(down, np.arange(0, columns, fx), axis=1)
    high = np.minimum(fy, rows - np.arange(0, rows, fy))
    wide = np.minimum(fx, columns - np.arange(0, columns, fx))
    means = summed / (high[:, None] * wide * len(slices))
    return np.asarray(np.floor(means + 0.5) if slices.dtype.kind in "iu" else means)
