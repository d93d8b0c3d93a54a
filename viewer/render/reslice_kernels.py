"""The compiled loops of reconstruction; ``reslice_reference`` is what they must equal.

They release the GIL and none is parallel: rows are shared out to threads by the caller. Everything
is computed in float64; an integer ``out`` is rounded half up.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from viewer.render.sample_lines import EDGE, MAXIMUM, MEAN, Lines, Output, Slices

F = TypeVar("F", bound=Callable[..., Any])
_compiled = cast(Callable[[F], F], numba.njit(nogil=True, cache=True))
_inlined = cast(Callable[[F], F], numba.njit(nogil=True, cache=True, inline="always"))

_WHOLE = 1 - 1e-9
"""Weight of a sample that no padding took part in, but for rounding."""


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
