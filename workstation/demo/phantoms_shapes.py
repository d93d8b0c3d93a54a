"""Plain geometry of the phantoms: tubes along points, distances to ellipsoids, smooth noise."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workstation.demo.phantoms_kernels import SEGMENT, Floats

Array = NDArray[np.float64]
Point = tuple[float, float, float]


def spline(points: Sequence[Sequence[float]], parts: int) -> Array:
    """Give a smooth line through all points (Catmull-Rom), ``parts`` pieces between two."""
    p = np.asarray(points, float)
    ends = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    t = np.linspace(0, 1, parts, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        pieces.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    return np.vstack([*pieces, p[-1:]])


def tube(points: Sequence[Sequence[float]], *, parts: int = 6) -> Floats:
    """Give the segments of a round tube; a point is (x, y, z, radius)."""
    line = spline(points, parts)
    return segments(line[:-1, :3], line[1:, :3], line[:-1, 3], line[1:, 3])


def segments(
    first: Array,
    last: Array,
    r_first: Array | float,
    r_last: Array | float,
    *,
    wide: float = 1.0,
    thin_axis: Array | Point = (1.0, 0.0, 0.0),
) -> Floats:
    """Give tube segments as ``draw_tubes`` takes them; ``wide`` is the flattening of the tube."""
    out = np.empty((len(first), SEGMENT), np.float32)
    out[:, 0:3], out[:, 3:6] = first, last
    out[:, 6], out[:, 7], out[:, 8], out[:, 9:12] = r_first, r_last, wide, thin_axis
    return out


def flat_tube(
    points: Sequence[Sequence[float]],
    *,
    wide: float,
    thin_axis: Array | Point,
    parts: int = 6,
) -> Floats:
    """Give a flattened tube; a point is (x, y, z, thin radius)."""
    line = spline(points, parts)
    axis = np.broadcast_to(np.asarray(thin_axis, float), (len(line) - 1, 3))
    return segments(
        line[:-1, :3], line[1:, :3], line[:-1, 3], line[1:, 3], wide=wide, thin_axis=axis
    )


def mirrored(tubes: Floats) -> Floats:
    """Give the tubes and their mirror images across the midline."""
    other = tubes.copy()
    other[:, [0, 3, 9]] *= -1
    return np.vstack([tubes, other])


def moved(tubes: Floats, rotation: Array, shift: Array) -> Floats:
    """Give the tubes after p → rotation·p + shift; radii stay."""
    out = tubes.copy()
    out[:, 0:3] = tubes[:, 0:3] @ rotation.T + shift
    out[:, 3:6] = tubes[:, 3:6] @ rotation.T + shift
    out[:, 9:12] = tubes[:, 9:12] @ rotation.T
    return out


def ellipsoid(
    x: Floats, y: Floats, z: Floats, centre: Point, radii: Point, tilt: Array | None = None
) -> Floats:
    """Give the distance to an ellipsoid, right near its surface; ``tilt`` turns its axes."""
    d = [x - centre[0], y - centre[1], z - centre[2]]
    if tilt is not None:
        d = [tilt[0, k] * d[0] + tilt[1, k] * d[1] + tilt[2, k] * d[2] for k in range(3)]
    k0 = np.sqrt(sum(((c / r) ** 2 for c, r in zip(d, radii, strict=True)), np.float32(0)))
    k1 = np.sqrt(sum(((c / r**2) ** 2 for c, r in zip(d, radii, strict=True)), np.float32(0)))
    return np.asarray(k0 * (k0 - 1) / np.maximum(k1, 1e-6), np.float32)


def joined(a: Floats, b: Floats, width: float) -> Floats:
    """Give the union of two shapes with a fillet of ``width`` between them."""
    h = np.maximum(width - np.abs(a - b), 0) / width
    return np.asarray(np.minimum(a, b) - h * h * (width * 0.25), np.float32)


def rotation(degrees: Point) -> Array:
    """Give the rotation about x, then y, then z."""
    out = np.eye(3)
    for axis, angle in enumerate(np.radians(degrees)):
        c, s = np.cos(angle), np.sin(angle)
        i, j = (axis + 1) % 3, (axis + 2) % 3
        turn = np.eye(3)
        turn[i, i] = turn[j, j] = c
        turn[i, j], turn[j, i] = -s, s
        out = turn @ out
    return out


def blurred(a: Floats, width: int, times: int = 3) -> Floats:
    """Give ``a`` after ``times`` running means of ``2·width+1`` samples along each axis."""
    for _ in range(times):
        for axis in range(a.ndim):
            pad = [(0, 0)] * a.ndim
            pad[axis] = (width + 1, width)
            total = np.cumsum(np.pad(a, pad, mode="edge"), axis=axis, dtype=np.float64)
            n = a.shape[axis]
            upper = np.take(total, range(2 * width + 1, 2 * width + 1 + n), axis=axis)
            a = ((upper - np.take(total, range(n), axis=axis)) / (2 * width + 1)).astype(np.float32)
    return a


def smooth_noise(rng: np.random.Generator, shape: tuple[int, ...], width: int) -> Floats:
    """Give smooth noise of mean 0 and deviation 1."""
    noise = blurred(rng.standard_normal(shape, dtype=np.float32), width, 2)
    return np.asarray((noise - noise.mean()) / noise.std(), np.float32)
