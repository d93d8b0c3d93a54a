"""The one loop that projects slices along turned rays, compiled beside ``rotation_rays``.

It releases the GIL and is not parallel; import it off the GUI thread.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from viewer.render.rotation_rays import EDGE, Rays

F = TypeVar("F", bound=Callable[..., Any])
_compiled = cast(Callable[[F], F], numba.njit(nogil=True, cache=True))


@_compiled
def _ends(start: float, step: float, last: float, half: int) -> Any:  # pragma: no cover - compiled
    """From which to which sample a ray lies between pixel 0 and ``last`` along one direction."""
    if abs(step) < 1e-12:
        return (-half, half) if -EDGE <= start <= last + EDGE else (1, 0)
    a, b = (-EDGE - start) / step, (last + EDGE - start) / step
    low, high = min(a, b), max(a, b)
    return max(math.ceil(low), -half), min(math.floor(high), half)


@_compiled
def _sample(
    pixels: Any, i: float, j: float, first: float, last: float
) -> float:  # pragma: no cover - compiled
    rows, columns = pixels.shape
    i, j = min(max(i, 0.0), columns - 1.0), min(max(j, 0.0), rows - 1.0)
    i0, j0 = int(i), int(j)
    fi, fj = i - i0, j - j0
    i1, j1 = min(i0 + 1, columns - 1), min(j0 + 1, rows - 1)
    near = float(pixels[j0 if fj < 0.5 else j1, i0 if fi < 0.5 else i1])
    if math.isnan(near) or first <= near <= last:
        return math.nan
    total, share = 0.0, 0.0
    for jj, wj in ((j0, 1 - fj), (j1, fj)):
        for ii, wi in ((i0, 1 - fi), (i1, fi)):
            weight = wj * wi
            value = float(pixels[jj, ii])
            if weight > 0 and not math.isnan(value) and not first <= value <= last:
                total += weight * value
                share += weight
    return total / share if share > 0 else math.nan


@_compiled
def _project(
    voxels: Any, rays: Any, first: float, last: float, out: Any
) -> None:  # pragma: no cover - compiled
    slices, rows, columns = voxels.shape
    half = rays.half
    for k in range(slices):
        pixels = voxels[k]
        for n in range(-half, half + 1):
            best = math.nan
            if rays.held[k]:
                i = rays.centres[k, 0] + n * rays.across[0]
                j = rays.centres[k, 1] + n * rays.across[1]
                a, b = _ends(i, rays.through[0], columns - 1.0, half)
                c, d = _ends(j, rays.through[1], rows - 1.0, half)
                for t in range(max(a, c), min(b, d) + 1):
                    value = _sample(
                        pixels, i + t * rays.through[0], j + t * rays.through[1], first, last
                    )
                    if math.isnan(value):
                        continue
                    if math.isnan(best) or (value > best if rays.largest else value < best):
                        best = value
            out[k, n + half] = best


@_compiled
def _project_plain(voxels: Any, rays: Any, out: Any) -> None:  # pragma: no cover - compiled
    """As ``_project`` where every pixel is one: there is nothing to be left out of a mean."""
    slices, rows, columns = voxels.shape
    half, sign = rays.half, 1.0 if rays.largest else -1.0
    for k in range(slices):
        pixels = voxels[k]
        for n in range(-half, half + 1):
            best = -math.inf
            if rays.held[k]:
                i = rays.centres[k, 0] + n * rays.across[0]
                j = rays.centres[k, 1] + n * rays.across[1]
                a, b = _ends(i, rays.through[0], columns - 1.0, half)
                c, d = _ends(j, rays.through[1], rows - 1.0, half)
                for t in range(max(a, c), min(b, d) + 1):
                    x, y = i + t * rays.through[0], j + t * rays.through[1]
                    i0, j0 = min(int(x), columns - 2), min(int(y), rows - 2)
                    fi, fj = x - i0, y - j0
                    above = pixels[j0, i0] * (1 - fi) + pixels[j0, i0 + 1] * fi
                    below = pixels[j0 + 1, i0] * (1 - fi) + pixels[j0 + 1, i0 + 1] * fi
                    best = max(best, sign * (above * (1 - fj) + below * fj))
            out[k, n + half] = sign * best if best > -math.inf else math.nan


def project(
    voxels: NDArray[Any],
    rays: Rays,
    padding: tuple[float, float],
    out: NDArray[np.float32],
    *,
    plain: bool = False,
) -> None:
    """As ``project_reference`` of rotation_rays, compiled.

    ``plain`` says that every pixel of every slice that is held is a finite number and no padding.
    """
    if out.shape != (voxels.shape[0], 2 * rays.half + 1) or out.dtype != np.float32:
        raise ValueError("the view is not of the size of its rays")
    if rays.centres.shape != (voxels.shape[0], 2) or rays.held.shape != voxels.shape[:1]:
        raise ValueError("the rays are not of this volume")
    if plain and min(voxels.shape[1:]) >= 2:
        _project_plain(voxels, rays, out)
    else:
        _project(voxels, rays, *padding, out)


def kept_at() -> str:
    """The folder in which the compiled loops are kept."""
    return str(cast(Any, _project).stats.cache_path)


def warm_up() -> None:
    """Load or compile the loop for every kind of voxels; not on the GUI thread."""
    rays = Rays(np.zeros((2, 2)), np.ones(2), np.ones(2), 1, np.ones(2, np.bool_), largest=True)
    for kind in (np.int16, np.uint16, np.float32):
        voxels = np.zeros((2, 2, 2), kind)
        voxels.flags.writeable = False  # as a volume gives them
        for plain in (True, False):
            project(voxels, rays, (1.0, 0.0), np.empty((2, 3), np.float32), plain=plain)
