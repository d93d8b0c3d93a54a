"""The compiled loops for planes that stand along the voxels: interpolation axis by axis.

What ``reslice_kernels`` computes sample by sample is here computed line by line: voxels are mixed
across rows and slices once for a whole row of the picture, and a slab is the plain maximum (mean,
minimum) of such lines. Same places, same weights, float64; nothing is parallel, no loop holds the
GIL.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from viewer.render.sample_lines import MAXIMUM, MEAN, Axis, Output, Steps

F = TypeVar("F", bound=Callable[..., Any])
_compiled = cast(Callable[[F], F], numba.njit(nogil=True, cache=True))
_inlined = cast(Callable[[F], F], numba.njit(nogil=True, cache=True, inline="always"))
_finite = cast(
    Callable[[F], F], numba.njit(nogil=True, cache=True, fastmath={"nnan", "nsz", "contract"})
)
"""For loops over numbers that are never not-a-number: the compiler may keep several maxima."""


@_inlined
def _mix_rows(
    flat: Any, first: int, down: int, count: int, part: float, line: Any
) -> None:  # pragma: no cover - compiled
    """Mix two runs of voxels that lie one behind the other in memory."""
    upper, lower = np.uintp(first), np.uintp(first + down)  # unsigned: no negative indices
    for x in range(count):
        at = np.uintp(x)
        a = float(flat[upper + at])
        line[at] = a + part * (flat[lower + at] - a)


@_compiled
def _across(
    flat: Any, steps: Steps, start: int, count: int, down: float, through: Axis, weights: Any,
    mean: bool, lines: Any, near: Any, far: Any,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """``lines`` (voxels across, samples through) where voxels across lie side by side."""
    low, parts = through.low, through.part
    if mean:
        lines[:, :] = 0.0
    for s in range(low.size):
        first = start + low[s] * steps.through
        _mix_rows(flat, first, steps.down, count, down, near)
        part = parts[s]
        if part != 0.0:
            _mix_rows(flat, first + steps.through, steps.down, count, down, far)
            for x in range(count):
                near[x] += part * (far[x] - near[x])
        if mean:
            for x in range(count):
                lines[x, 0] += weights[s] * near[x]
        else:
            for x in range(count):
                lines[x, s] = near[x]


@_compiled
def _through(
    flat: Any, steps: Steps, start: int, count: int, down: float, through: Axis, weights: Any,
    mean: bool, lines: Any, near: Any,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    """``lines`` as in ``_across`` where voxels through the picture lie side by side."""
    low, parts = through.low, through.part
    least = low.min()
    deep = low.max() + 2 - least
    for x in range(count):
        _mix_rows(flat, start + x * steps.across + least, steps.down, deep, down, near)
        total = 0.0
        for s in range(low.size):
            t = np.uintp(low[s] - least)
            value = near[t] + parts[s] * (near[t + np.uintp(1)] - near[t])
            if mean:
                total += weights[s] * value
            else:
                lines[x, s] = value
        if mean:
            lines[x, 0] = total


@_finite
def _fold(
    lines: Any, across: Axis, least: int, largest: bool, total: Any
) -> None:  # pragma: no cover - compiled
    """Mix neighbours across and keep the largest, or the smallest, of what lies behind."""
    deep = lines.shape[1]
    low, parts, there = across.low, across.part, across.there
    for c in range(total.size):
        if not there[c]:
            continue
        x, part = low[c] - least, parts[c]
        best = lines[x, 0] + part * (lines[x + 1, 0] - lines[x, 0])
        if largest:
            for s in range(1, deep):
                value = lines[x, s] + part * (lines[x + 1, s] - lines[x, s])
                best = value if value > best else best
        else:
            for s in range(1, deep):
                value = lines[x, s] + part * (lines[x + 1, s] - lines[x, s])
                best = value if value < best else best
        total[c] = best


@_compiled
def _aligned(
    flat: Any, steps: Steps, across: Axis, down: Axis, through: Axis, weights: Any, output: Output,
    out: Any,
) -> None:  # pragma: no cover - compiled  # fmt: skip
    least = across.low.min()
    count = across.low.max() + 2 - least
    mean = output.mode == MEAN
    deep = 1 if mean else through.low.size
    lines, total = np.empty((count, deep)), np.empty(out.shape[1])
    room = max(count, through.low.max() + 2 - through.low.min())
    near, far = np.empty(room), np.empty(room)
    for r in range(out.shape[0]):
        if not down.there[r]:
            out[r, :] = output.background
            continue
        start = down.low[r] * steps.down + least * steps.across
        if steps.across == 1:
            _across(flat, steps, start, count, down.part[r], through, weights, mean, lines, near,
                    far)  # fmt: skip
        else:
            _through(flat, steps, start, count, down.part[r], through, weights, mean, lines, near)
        _fold(lines, across, least, output.mode == MAXIMUM, total)
        for c in range(out.shape[1]):
            if not across.there[c]:
                out[r, c] = output.background
            elif output.whole:
                out[r, c] = np.floor(total[c] + 0.5)
            else:
                out[r, c] = total[c]


def aligned(
    flat: NDArray[Any],
    steps: Steps,
    axes: tuple[Axis, Axis, Axis],
    weights: NDArray[np.float64],
    output: Output,
    out: NDArray[Any],
) -> None:
    """Sample ``flat`` voxels into ``out``: ``axes`` across, down and through, all as told there.

    ``weights`` are the shares of the samples through the picture in a mean. Voxels lie side by side
    in one of the three directions; where that is down, the picture is made on its side.
    """
    across, down, through = axes
    if not (across.there.any() and down.there.any() and through.there.all() and through.low.size):
        out[...] = output.background
        return
    _check(flat, steps, axes, out)
    if steps.down == 1:
        turned = np.empty(out.shape[::-1], out.dtype)
        other = Steps(steps.down, steps.across, steps.through)
        _aligned(flat, other, down, across, through, weights, output, turned)
        out[...] = turned.T
    else:
        _aligned(flat, steps, across, down, through, weights, output, out)


def _check(
    flat: NDArray[Any], steps: Steps, axes: tuple[Axis, Axis, Axis], out: NDArray[Any]
) -> None:
    """Compiled loops do not check bounds: nothing that leaves the volume may reach them."""
    ends = [(int(axis.low.min()), int(axis.low.max()) + 1) for axis in axes]
    first = sum(step * low for step, (low, _) in zip(steps, ends, strict=True))
    last = sum(step * high for step, (_, high) in zip(steps, ends, strict=True))
    shape = (axes[1].low.size, axes[0].low.size)
    if min(low for low, _ in ends) < 0 or first < 0 or last >= flat.size or out.shape != shape:
        raise ValueError("the samples leave the volume")
    if 1 not in steps:
        raise ValueError("voxels lie side by side in one direction")
