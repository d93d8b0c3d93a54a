"""The compiled loops of the phantoms: distances to tubes on one plane, tissues into one plane.

All lengths are mm, all distances are negative inside. The loops release the interpreter lock,
so two threads draw two planes at once.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

FAR = 99.0
"""What a plane of distances holds where nothing is near."""
COARSER = 4
"""Pixels of a plane between two of its coarse samples of the fields, which are smooth."""
SEGMENT = 12
"""Numbers of a tube segment: two ends (6), thin radius at each (2), wide/thin, thin axis (3)."""


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def draw_tubes(
    segments: Floats,
    z: float,
    x0: float,
    y0: float,
    dx: float,
    dy: float,
    margin: float,
    out: Floats,
    kind: int,
) -> None:
    """Lower ``out[row, column, kind]`` to the distance from each tube, within ``margin``."""
    rows, columns = out.shape[:2]
    for k in range(segments.shape[0]):
        ax, ay, az = segments[k, 0], segments[k, 1], segments[k, 2]
        bx, by, bz = segments[k, 3], segments[k, 4], segments[k, 5]
        ra, rb, wide = segments[k, 6], segments[k, 7], segments[k, 8]
        nx, ny, nz = segments[k, 9], segments[k, 10], segments[k, 11]
        reach = max(ra, rb) * wide + margin
        if z < min(az, bz) - reach or z > max(az, bz) + reach:
            continue
        first = max(0, int(np.floor((min(ax, bx) - reach - x0) / dx)))
        last = min(columns - 1, int(np.ceil((max(ax, bx) + reach - x0) / dx)))
        top = max(0, int(np.floor((min(ay, by) - reach - y0) / dy)))
        bottom = min(rows - 1, int(np.ceil((max(ay, by) + reach - y0) / dy)))
        ex, ey, ez = bx - ax, by - ay, bz - az
        length2 = ex * ex + ey * ey + ez * ez + 1e-9
        qz = z - az
        for i in range(top, bottom + 1):
            qy = y0 + i * dy - ay
            for j in range(first, last + 1):
                qx = x0 + j * dx - ax
                t = min(1.0, max(0.0, (qx * ex + qy * ey + qz * ez) / length2))
                ux, uy, uz = qx - t * ex, qy - t * ey, qz - t * ez
                d2 = ux * ux + uy * uy + uz * uz
                r = ra + t * (rb - ra)
                if wide == 1.0:
                    s = np.sqrt(d2) - r
                else:
                    thin = ux * nx + uy * ny + uz * nz
                    flat = max(0.0, d2 - thin * thin)
                    e = np.sqrt(thin * thin + flat / (wide * wide)) / r
                    s = np.sqrt(d2) * (1.0 - 1.0 / e) if e > 0.05 else -r
                if s < out[i, j, kind]:
                    out[i, j, kind] = s


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy", forceinline=True)
def cover(distance: float, ramp: float) -> float:
    """Give the share of a sample that lies inside: 1 deep inside, 0 outside, a ramp between."""
    share: float = np.float32(min(1.0, max(0.0, 0.5 - distance / ramp)))  # type: ignore[assignment]  # numba wants 32 bits
    return share


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy", forceinline=True)
def sample(
    fields: Floats,
    x: float,
    y: float,
    z: float,
    start: NDArray[np.float64],
    step: float,
    out: Floats,
) -> None:
    """Interpolate all fields at one body point; outside the grid is far outside the body."""
    nz, ny, nx = fields.shape[:3]
    gx, gy, gz = (x - start[0]) / step, (y - start[1]) / step, (z - start[2]) / step
    if not (0 <= gx < nx - 1 and 0 <= gy < ny - 1 and 0 <= gz < nz - 1):
        out[:] = 50.0
        return
    ix, iy, iz = int(gx), int(gy), int(gz)
    tx, ty, tz = gx - ix, gy - iy, gz - iz
    out[:] = 0.0
    for c in range(8):
        cx, cy, cz = c & 1, (c >> 1) & 1, c >> 2
        w = np.float32((tx if cx else 1 - tx) * (ty if cy else 1 - ty) * (tz if cz else 1 - tz))
        for k in range(out.shape[0]):
            out[k] += w * fields[iz + cz, iy + cy, ix + cx, k]


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def sample_plane(
    fields: Floats,
    start: NDArray[np.float64],
    step: float,
    turn: NDArray[np.float64],
    shift: NDArray[np.float64],
    frame: NDArray[np.float64],
    coarse: Floats,
) -> None:
    """Interpolate the fields at every ``COARSER``-th pixel of the plane ``frame`` of a scan."""
    for i in range(coarse.shape[0]):
        ys = frame[1] + i * COARSER * frame[4]
        for j in range(coarse.shape[1]):
            xs = frame[0] + j * COARSER * frame[3]
            x = turn[0, 0] * xs + turn[0, 1] * ys + turn[0, 2] * frame[2] + shift[0]
            y = turn[1, 0] * xs + turn[1, 1] * ys + turn[1, 2] * frame[2] + shift[1]
            z = turn[2, 0] * xs + turn[2, 1] * ys + turn[2, 2] * frame[2] + shift[2]
            sample(fields, x, y, z, start, step, coarse[i, j])


@njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def expand(
    fields: Floats,
    start: NDArray[np.float64],
    step: float,
    frame: NDArray[np.float64],
    out: Floats,
) -> None:
    """Interpolate the fields at every pixel of the plane ``frame`` = (x0, y0, z, dx, dy)."""
    rows, columns, count = out.shape
    coarse = np.empty((rows // COARSER + 2, columns // COARSER + 2, count), np.float32)
    sample_plane(fields, start, step, np.eye(3), np.zeros(3), frame, coarse)
    for i in range(rows):
        ty = np.float32((i % COARSER) / COARSER)
        upper, lower = coarse[i // COARSER], coarse[i // COARSER + 1]
        for j in range(columns):
            k, tx = j // COARSER, np.float32((j % COARSER) / COARSER)
            for c in range(count):
                a = upper[k, c] + tx * (upper[k + 1, c] - upper[k, c])
                b = lower[k, c] + tx * (lower[k + 1, c] - lower[k, c])
                out[i, j, c] = a + ty * (b - a)
