"""The rays along which a turning volume is seen, and in numpy what is found on them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

EDGE = 1e-7
"""A sample this close outside the outermost voxel centres, in voxels, still lies on them."""


class Rays(NamedTuple):
    """The rays of one view in the slices of a volume, in pixels (column, row).

    Sample (u, t) of slice k lies at centres[k] + (u - half) · across + (t - half) · through.
    """

    centres: NDArray[np.float64]
    """(slices, 2): where the axis goes through each slice."""
    across: NDArray[np.float64]
    """(2,): from one ray to the next."""
    through: NDArray[np.float64]
    """(2,): from one sample of a ray to the next, away from the reader."""
    half: int
    """Rays and samples to either side of the axis."""
    held: NDArray[np.bool_]
    """(slices,): which slices are here."""
    largest: bool
    """Whether the largest voxel value is wanted, or the smallest."""


def project_reference(
    voxels: NDArray[Any], rays: Rays, padding: tuple[float, float], out: NDArray[np.float32]
) -> None:
    """Write the largest (smallest) sample of each ray into ``out`` (slices, 2 · half + 1).

    Samples are bilinear in their slice. One outside the outermost pixel centres, or whose nearest
    pixel is padding (inclusive range of voxel values, and never-a-number), is nothing; elsewhere
    padding is left out of the weighted mean (F11). A ray of nothing is never-a-number.
    """
    for k in range(voxels.shape[0]):
        found = ray_samples(voxels[k], rays, k, padding)
        empty = np.isnan(found).all(axis=1)
        filled = np.where(np.isnan(found), -np.inf if rays.largest else np.inf, found)
        ends = filled.max(axis=1) if rays.largest else filled.min(axis=1)
        out[k] = np.where(empty | (not rays.held[k]), np.nan, ends)


def ray_samples(
    pixels: NDArray[Any],
    rays: Rays,
    k: int,
    padding: tuple[float, float],
    u: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Samples of rays of slice ``k``, (rays, samples): of all, or of those at ``u`` − half."""
    steps = np.arange(-rays.half, rays.half + 1, dtype=np.float64)
    at = (steps if u is None else u)[:, None]
    i, j = (rays.centres[k, a] + at * rays.across[a] + steps * rays.through[a] for a in (0, 1))
    rows, columns = pixels.shape
    i0, fi, inside_i = _cell(i, columns)
    j0, fj, inside_j = _cell(j, rows)
    total, share = np.zeros(i.shape), np.zeros(i.shape)
    for jj, wj in ((j0, 1 - fj), (j0 + 1, fj)):
        for ii, wi in ((i0, 1 - fi), (i0 + 1, fi)):
            value = pixels[np.minimum(jj, rows - 1), np.minimum(ii, columns - 1)].astype(np.float64)
            weight = np.where(_is_padding(value, padding), 0.0, wj * wi)
            total += np.where(weight > 0, weight * value, 0.0)
            share += weight
    near = pixels[
        np.minimum(np.where(fj < 0.5, j0, j0 + 1), rows - 1),
        np.minimum(np.where(fi < 0.5, i0, i0 + 1), columns - 1),
    ].astype(np.float64)
    there = inside_i & inside_j & ~_is_padding(near, padding) & (share > 0)
    return np.where(there, total / np.where(share > 0, share, 1.0), np.nan)


def _cell(at: NDArray[np.float64], count: int) -> tuple[Any, Any, Any]:
    """First of two neighbouring pixels, how far beyond it, and whether that is in the slice."""
    inside = (at >= -EDGE) & (at <= count - 1 + EDGE)
    held = np.clip(at, 0.0, count - 1.0)
    first = np.floor(held).astype(np.intp)
    return first, held - first, inside


def _is_padding(value: NDArray[np.float64], padding: tuple[float, float]) -> NDArray[np.bool_]:
    return np.isnan(value) | ((value >= padding[0]) & (value <= padding[1]))
