"""Reconstruction in plain numpy: what every compiled loop must equal, and quick for one point."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.render.sample_lines import EDGE, MAXIMUM, MEAN, Lines, Output, Slices

_WHOLE = 1 - 1e-9
"""Weight of a sample that no padding took part in, but for rounding."""


def uneven_reference(
    voxels: NDArray[Any],
    lines: Lines,
    slices: Slices,
    padding: tuple[float, float],
    output: Output,
    out: NDArray[Any],
) -> None:
    """Sample a volume trilinearly into ``out`` (rows, columns), F42–F44.

    Nothing is taken from outside the outermost voxel centres, from gaps or from slices not held. A
    sample whose nearest voxel is padding (inclusive range of voxel values, and never-a-number) is
    nothing; elsewhere padding is left out of the weighted mean (F11). What is nothing takes no part
    in a slab.
    """
    r, c = np.indices(out.shape)
    samples = []
    for offset in lines.offsets:
        u, v, w = (
            lines.start[a] + r * lines.down[a] + c * lines.across[a] + offset * lines.through[a]
            for a in range(3)
        )
        samples.append(_sampled(voxels, u, v, w, slices, padding))
    result = _folded(np.stack(samples), lines.weights, output.mode)
    nothing = np.isnan(result)
    if output.whole:
        result = np.floor(result + 0.5)
    out[...] = np.where(nothing, output.background, result)


def _sampled(
    voxels: NDArray[Any], u: Any, v: Any, w: Any, slices: Slices, padding: tuple[float, float]
) -> NDArray[np.float64]:
    places, shifts, held, joined = slices
    k = np.clip(np.searchsorted(places, w, side="right") - 1, 0, places.size - 2)
    f = (w - places[k]) / (places[k + 1] - places[k])
    on_first, on_second = np.abs(f) <= EDGE, np.abs(f - 1) <= EDGE
    there = np.where(on_first, held[k], np.where(on_second, held[k + 1], joined[k]))
    there &= (f >= -EDGE) & (f <= 1 + EDGE)
    k0, k1 = np.where(on_second, k + 1, k), np.where(on_first, k, k + 1)
    f = np.where(on_first | on_second, 0.0, f)
    i, j = (at - ((1 - f) * shifts[k0, a] + f * shifts[k1, a]) for a, at in enumerate((u, v)))
    i0, i1, fi, inside_i = _cell(i, voxels.shape[2])
    j0, j1, fj, inside_j = _cell(j, voxels.shape[1])
    there &= inside_i & inside_j
    total, share = np.zeros(u.shape), np.zeros(u.shape)
    for kk, wk in ((k0, 1 - f), (k1, f)):
        for jj, wj in ((j0, 1 - fj), (j1, fj)):
            for ii, wi in ((i0, 1 - fi), (i1, fi)):
                value = voxels[kk, jj, ii].astype(np.float64)
                weight = np.where(_is_padding(value, padding), 0.0, wk * wj * wi)
                total += np.where(weight > 0, weight * value, 0.0)
                share += weight
    near = (np.where(g < 0.5, a, b) for g, a, b in ((f, k0, k1), (fj, j0, j1), (fi, i0, i1)))
    there &= ~_is_padding(voxels[tuple(near)].astype(np.float64), padding) & (share > 0)
    mean = total / np.where((share > 0) & (share < _WHOLE), share, 1.0)
    return np.where(there, mean, np.nan)


def _cell(at: Any, size: int) -> tuple[Any, Any, Any, Any]:
    low = np.clip(np.floor(at).astype(np.int64), 0, max(size - 2, 0))
    inside = (at >= -EDGE) & (at <= size - 1 + EDGE)
    return low, np.minimum(low + 1, size - 1), np.clip(at - low, 0.0, 1.0), inside


def _is_padding(value: Any, padding: tuple[float, float]) -> Any:
    return ((value >= padding[0]) & (value <= padding[1])) | np.isnan(value)


def _folded(samples: NDArray[np.float64], weights: Any, mode: int) -> NDArray[np.float64]:
    real = ~np.isnan(samples)
    if mode == MEAN:
        shares = np.where(real, weights[:, None, None], 0.0)
        whole = shares.sum(axis=0)
        total = (np.where(real, samples, 0.0) * shares).sum(axis=0)
        return np.where(whole > 0, total / np.where(whole > 0, whole, 1.0), np.nan)
    end = -np.inf if mode == MAXIMUM else np.inf
    best = np.where(real, samples, end)
    best = best.max(axis=0) if mode == MAXIMUM else best.min(axis=0)
    return np.where(real.any(axis=0), best, np.nan)
