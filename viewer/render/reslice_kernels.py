"""The compiled loops of reconstruction, beside their one numpy reference.

They release the GIL and none is parallel: rows are shared out to threads by the caller. Everything
is computed in float64; an integer ``out`` is rounded half up.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
_compiled = cast(Callable[[F], F], numba.njit(nogil=True, cache=True))
_inlined = cast(Callable[[F], F], numba.njit(nogil=True, cache=True, inline="always"))

MAXIMUM, MEAN, MINIMUM = 0, 1, 2
EDGE = 1e-7
"""A sample this close outside the outermost voxel centres, in voxels, still lies on them."""
_WHOLE = 1 - 1e-9
"""Weight of a sample that no padding took part in, but for rounding."""


class Lines(NamedTuple):
    """The samples of a grid as straight lines in a volume.

    Sample (row, column, offset) lies at start + row · down + column · across + offset · through.
    Its three numbers are column and row, in pixels of the first slice as if there were no tilt, and
    mm from the first slice along the normal; ``even`` takes a volume index in their place.
    """

    start: NDArray[np.float64]
    down: NDArray[np.float64]
    across: NDArray[np.float64]
    through: NDArray[np.float64]
    offsets: NDArray[np.float64]
    weights: NDArray[np.float64]
    """Share of each offset in a mean."""


class Slices(NamedTuple):
    """Where slices lie: mm along the normal, and how far tilt shifts each in its plane, pixels."""

    places: NDArray[np.float64]
    shifts: NDArray[np.float64]
    """(slices, 2): column, row."""
    held: NDArray[np.bool_]
    joined: NDArray[np.bool_]


class Output(NamedTuple):
    """How samples become a picture."""

    mode: int
    background: float
    """What is written where there is nothing: outside, in gaps, in padding."""
    whole: bool
    """Whether results are rounded to integers."""


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


# -- compiled -------------------------------------------------------------------------------------
# A row keeps what it has folded so far in ``total``, which begins at the end that every sample
# beats (for a mean at 0 with ``share`` counting the weights).


@_inlined
def _begin(mode: int, total: Any, share: Any) -> None:  # pragma: no cover - compiled
    share[:] = 0.0
    total[:] = 0.0 if mode == MEAN else -np.inf if mode == MAXIMUM else np.inf


@_compiled
def _fold(
    mode: int, line: Any, weight: float, total: Any, share: Any
) -> None:  # pragma: no cover - compiled
    """Add a line of samples; what is nothing beats nothing."""
    if mode == MEAN:
        for c in range(line.size):
            if line[c] == line[c]:
                total[c] += weight * line[c]
                share[c] += weight
    elif mode == MAXIMUM:
        for c in range(line.size):
            total[c] = line[c] if line[c] > total[c] else total[c]
    else:
        for c in range(line.size):
            total[c] = line[c] if line[c] < total[c] else total[c]


@_inlined
def _finish(output: Output, total: Any, share: Any, line: Any) -> None:  # pragma: no cover
    for c in range(line.size):
        if output.mode == MEAN:
            nothing = share[c] == 0.0
            value = total[c] / share[c] if not nothing else 0.0
        else:
            nothing = np.isinf(total[c])
            value = total[c]
        if nothing:
            line[c] = output.background
        elif output.whole:
            line[c] = np.floor(value + 0.5)
        else:
            line[c] = value


@_inlined
def _meet(start: float, step: float, last: float, lo: int, hi: int) -> Any:  # pragma: no cover
    """The places lo..hi-1 of a line that lie within 0..last."""
    if abs(step) < 1e-12:
        return (lo, hi) if -EDGE <= start <= last + EDGE else (0, 0)
    a, b = (-EDGE - start) / step, (last + EDGE - start) / step
    if a > b:
        a, b = b, a
    first = max(float(lo), np.ceil(a))
    end = min(float(hi), np.floor(b) + 1.0)
    return (int(first), int(end)) if first < end else (0, 0)


@_inlined
def _even_sample(
    flat: Any, row: Any, slab: Any, n: Any, i: float, j: float, k: float
) -> Any:  # pragma: no cover - compiled
    i0, j0, k0 = min(int(i), n[2] - 2), min(int(j), n[1] - 2), min(int(k), n[0] - 2)
    fi, fj, fk = i - i0, j - j0, k - k0
    one = np.uintp(1)  # unsigned: no test for negative indices in the loop
    a = np.uintp((k0 * n[1] + j0) * n[2] + i0)
    b = a + row
    c = a + slab
    d = c + row
    pa, pb, pc, pd = float(flat[a]), float(flat[b]), float(flat[c]), float(flat[d])
    pa += fi * (flat[a + one] - pa)
    pb += fi * (flat[b + one] - pb)
    pc += fi * (flat[c + one] - pc)
    pd += fi * (flat[d + one] - pd)
    pa += fj * (pb - pa)
    pc += fj * (pd - pc)
    return pa + fk * (pc - pa)


@_compiled
def _even_line(
    voxels: Any, at: Any, step: Any, lo: int, hi: int, mode: int, weight: float, total: Any,
    share: Any,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    n = voxels.shape
    flat = voxels.ravel()
    row, slab = np.uintp(n[2]), np.uintp(n[2] * n[1])
    u, v, w = at[0], at[1], at[2]
    du, dv, dw = step[0], step[1], step[2]
    if mode == MEAN:
        for c in range(lo, hi):
            sample = _even_sample(flat, row, slab, n, u + c * du, v + c * dv, w + c * dw)
            total[c] += weight * sample
            share[c] += weight
    elif mode == MAXIMUM:
        for c in range(lo, hi):
            sample = _even_sample(flat, row, slab, n, u + c * du, v + c * dv, w + c * dw)
            total[c] = max(total[c], sample)
    else:
        for c in range(lo, hi):
            sample = _even_sample(flat, row, slab, n, u + c * du, v + c * dv, w + c * dw)
            total[c] = min(total[c], sample)


@_compiled
def _even(voxels: Any, lines: Lines, output: Output, out: Any) -> None:  # pragma: no cover
    depth, height, width = voxels.shape
    total, share = np.empty(out.shape[1]), np.empty(out.shape[1])
    for r in range(out.shape[0]):
        _begin(output.mode, total, share)
        for s in range(lines.offsets.size):
            at = lines.start + r * lines.down + lines.offsets[s] * lines.through
            lo, hi = _meet(at[0], lines.across[0], width - 1.0, 0, out.shape[1])
            lo, hi = _meet(at[1], lines.across[1], height - 1.0, lo, hi)
            lo, hi = _meet(at[2], lines.across[2], depth - 1.0, lo, hi)
            _even_line(
                voxels, at, lines.across, lo, hi, output.mode, lines.weights[s], total, share
            )
        _finish(output, total, share, out[r])


@_inlined
def _none(value: Any, padding: Any) -> Any:  # pragma: no cover - compiled
    """Whether a voxel is padding."""
    return ((padding[0] <= value) & (value <= padding[1])) | (value != value)


@_inlined
def _corner(n: Any, k0: int, k1: int, i: float, j: float) -> Any:  # pragma: no cover - compiled
    """The first of eight voxels around a place, the ways to the others, and the place in them."""
    i0, j0 = max(min(int(i), n[2] - 2), 0), max(min(int(j), n[1] - 2), 0)
    fi, fj = min(max(i - i0, 0.0), 1.0), min(max(j - j0, 0.0), 1.0)
    at = np.uintp((k0 * n[1] + j0) * n[2] + i0)  # unsigned: no test for negative indices
    right = np.uintp(min(i0 + 1, n[2] - 1) - i0)
    down = np.uintp((min(j0 + 1, n[1] - 1) - j0) * n[2])
    deep = np.uintp((k1 - k0) * n[1] * n[2])
    return at, right, down, deep, fi, fj


@_inlined
def _plain_sample(
    flat: Any, n: Any, k0: int, k1: int, f: float, i: float, j: float, padding: Any
) -> Any:  # pragma: no cover - compiled
    """The sample; infinite where padding is near."""
    at, right, down, deep, fi, fj = _corner(n, k0, k1, i, j)
    under, far = at + down, at + deep
    below = far + down
    a, b, c, d = flat[at], flat[at + right], flat[under], flat[under + right]
    e, g, h, m = flat[far], flat[far + right], flat[below], flat[below + right]
    if (
        _none(a, padding) | _none(b, padding) | _none(c, padding) | _none(d, padding)
        | _none(e, padding) | _none(g, padding) | _none(h, padding) | _none(m, padding)
    ):  # fmt: skip
        return np.inf
    p = a + fi * (b - float(a))
    q = c + fi * (d - float(c))
    r = e + fi * (g - float(e))
    t = h + fi * (m - float(h))
    p += fj * (q - p)
    r += fj * (t - r)
    return p + f * (r - p)


@_inlined
def _mended_sample(
    flat: Any, n: Any, k0: int, k1: int, f: float, i: float, j: float, padding: Any
) -> Any:  # pragma: no cover - compiled
    """The sample without the padding near it; never-a-number where padding is nearest."""
    at, right, down, deep, fi, fj = _corner(n, k0, k1, i, j)
    steps, parts = (right, down, deep), (fi, fj, f)
    near = at
    for axis in range(3):
        if parts[axis] >= 0.5:
            near += steps[axis]
    if _none(flat[near], padding):
        return np.nan
    total, share = 0.0, 0.0
    for corner in range(8):
        place, weight = at, 1.0
        for axis in range(3):
            if corner >> axis & 1:
                place += steps[axis]
                weight *= parts[axis]
            else:
                weight *= 1.0 - parts[axis]
        if not _none(flat[place], padding):
            total += weight * flat[place]
            share += weight
    return total / share if share < _WHOLE else total


@_inlined
def _slice_at(places: Any, w: float, k: int) -> int:  # pragma: no cover - compiled
    """The slice before a place, looked for from slice ``k`` on."""
    while k < places.size - 2 and w >= places[k + 1]:
        k += 1
    while k > 0 and w < places[k]:
        k -= 1
    return k


@_inlined
def _between(f: float, k: int, held: Any, joined: Any) -> Any:  # pragma: no cover - compiled
    """The two slices of a sample, its place between them, and whether something is there."""
    if abs(f) <= EDGE:
        return k, k, 0.0, held[k]
    if abs(f - 1.0) <= EDGE:
        return k + 1, k + 1, 0.0, held[k + 1]
    return k, k + 1, f, joined[k]


@_compiled
def _plain_line(
    voxels: Any, at: Any, step: Any, slices: Slices, padding: Any, line: Any
) -> Any:  # pragma: no cover - compiled
    """Samples of a line: never-a-number where nothing is, infinite where padding is near."""
    # taken out here: in the loop each would count references
    places, shifts, held, joined = slices.places, slices.shifts, slices.held, slices.joined
    n, flat = voxels.shape, voxels.ravel()
    right, bottom = n[2] - 1.0 + EDGE, n[1] - 1.0 + EDGE
    lo, hi = _meet(at[2], step[2], places[places.size - 1], 0, line.size)
    line[:] = np.nan
    k, padded = 0, False
    for c in range(lo, hi):
        w = at[2] + c * step[2]
        k = _slice_at(places, w, k)
        f = (w - places[k]) / (places[k + 1] - places[k])
        i = at[0] + c * step[0] - ((1.0 - f) * shifts[k, 0] + f * shifts[k + 1, 0])
        j = at[1] + c * step[1] - ((1.0 - f) * shifts[k, 1] + f * shifts[k + 1, 1])
        k0, k1, f, there = _between(f, k, held, joined)
        if there and -EDGE <= i <= right and -EDGE <= j <= bottom:
            line[c] = _plain_sample(flat, n, k0, k1, f, i, j, padding)
            padded |= np.isinf(line[c])
    return padded


@_compiled
def _mend_line(
    voxels: Any, at: Any, step: Any, slices: Slices, padding: Any, line: Any
) -> None:  # pragma: no cover - compiled
    """Take the samples near padding anew; apart, so that the others stay fast."""
    places, shifts, held, joined = slices.places, slices.shifts, slices.held, slices.joined
    n, flat, k = voxels.shape, voxels.ravel(), 0
    for c in range(line.size):
        if not np.isinf(line[c]):
            continue
        w = at[2] + c * step[2]
        k = _slice_at(places, w, k)
        f = (w - places[k]) / (places[k + 1] - places[k])
        i = at[0] + c * step[0] - ((1.0 - f) * shifts[k, 0] + f * shifts[k + 1, 0])
        j = at[1] + c * step[1] - ((1.0 - f) * shifts[k, 1] + f * shifts[k + 1, 1])
        k0, k1, f, _there = _between(f, k, held, joined)
        line[c] = _mended_sample(flat, n, k0, k1, f, i, j, padding)


@_compiled
def _uneven(
    voxels: Any, lines: Lines, slices: Slices, padding: Any, output: Output, out: Any
) -> None:  # pragma: no cover - compiled
    total, share, line = np.empty(out.shape[1]), np.empty(out.shape[1]), np.empty(out.shape[1])
    for r in range(out.shape[0]):
        _begin(output.mode, total, share)
        for s in range(lines.offsets.size):
            at = lines.start + r * lines.down + lines.offsets[s] * lines.through
            if _plain_line(voxels, at, lines.across, slices, padding, line):
                _mend_line(voxels, at, lines.across, slices, padding, line)
            _fold(output.mode, line, lines.weights[s], total, share)
        _finish(output, total, share, out[r])


def uneven(
    voxels: NDArray[Any],
    lines: Lines,
    slices: Slices,
    padding: tuple[float, float],
    output: Output,
    out: NDArray[Any],
) -> None:
    """As ``uneven_reference``, compiled."""
    if not voxels.shape[0] == len(slices.places) == len(slices.held) == len(slices.shifts) >= 2:
        raise ValueError("the slices do not fit the volume")
    ends = np.array(padding, voxels.dtype)
    _uneven(read_only(voxels), lines, slices, ends, output, out)


def even(voxels: NDArray[Any], lines: Lines, output: Output, out: NDArray[Any]) -> None:
    """As ``uneven_reference`` for even slices without gaps or padding; ``lines`` in indices."""
    if min(voxels.shape) < 2:
        raise ValueError("this loop needs two voxels in each direction")
    _even(read_only(voxels), lines, output, out)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Give one array type to the compiler whether or not the caller may write: one compilation."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
