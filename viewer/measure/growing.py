"""A volume grown from a seed: voxels within a range of values that hang together, within a limit.

Six neighbours hang together. The voxels are marked run by run: a run of allowed voxels along an
axis is taken whole once one of it is taken, along one axis after the other until nothing more
comes. That is the connected component, and each round is cheap, so that it can be stopped between
two of them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from viewer.errors import GeometryError
from viewer.measure.regions import Members, members
from viewer.measure.slices import Slice
from viewer.measure.solids import Solid
from viewer.measure.statistics import Statistics, joined, tally
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.pixels.measured import measured_values, readout_named

Mask = NDArray[np.bool_]
MOST_VOXELS = 24_000_000
"""Voxels of the box round a limit beyond which nothing is grown: it is memory and time."""
_LEAST_SPAN = 1e-6
_REACH = 8.0
"""SD of the half that is most like the seed, on either side: of normal values three of all."""
_NORMAL = 3.0
"""SD of the whole neighbourhood, where that half has but one value."""
_NEAR = 2
"""Pixels on each side of the seed that make its neighbourhood, in its slice."""
_SAME = 1e-3
"""mm within which two pixels lie at one place."""


@dataclass(frozen=True, slots=True, eq=False)
class Grown:
    """Voxels (slices, rows, columns) of a box; its first is (``top``, ``left``) of its slice."""

    planes: tuple[ImagePlane, ...]
    top: int
    left: int
    mask: Mask
    volume: float
    """Cubic millimetres: each voxel with its own size (F50)."""
    surface: float
    """Cubic millimetres of the voxels that have a neighbour outside."""

    def on(self, plane: ImagePlane) -> Mask | None:
        """The voxels of the slice that a plane is, pixel for pixel; None where it is none of them.

        Another series may lie in the same plane with other pixels.
        """
        far = PixelPoint(
            float(self.left + self.mask.shape[2]), float(self.top + self.mask.shape[1])
        )
        for n, own in enumerate(self.planes):
            corners = (PixelPoint(0.0, 0.0), PixelPoint(far.column, 0.0), PixelPoint(0.0, far.row))
            if all((own.to_lps(p) - plane.to_lps(p)).norm < _SAME for p in corners):
                found: Mask = self.mask[n]
                return found
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Growth:
    """A growth that goes on: what is allowed, what is taken, and its runs along each axis."""

    slices: tuple[Slice, ...]
    top: int
    left: int
    allowed: Mask
    taken: Mask
    runs: tuple[NDArray[np.int32], ...]
    limit: Mask
    done: bool = False

    @property
    def count(self) -> int:
        """Voxels that are taken so far."""
        return int(np.count_nonzero(self.taken))


def proposed(seed: PointLps, slices: Sequence[Slice], readout: str) -> tuple[float, float]:
    """The range of values round a seed: of the half of its neighbourhood that is most like it.

    So an edge nearby does not widen it.

    GeometryError where the seed lies on no value.
    """
    here = min(slices, key=lambda one: abs(one.plane.distance(seed)), default=None)
    if here is None or here.pixels is None:
        raise GeometryError("The image under the seed is not here yet.")
    at = here.plane.to_pixel(seed)
    rows, columns = here.shape
    row, column = math.floor(at.row + 0.5), math.floor(at.column + 0.5)
    if not (0 <= row < rows and 0 <= column < columns):
        raise GeometryError("The seed lies outside the image.")
    part = here.pixels[
        max(row - _NEAR, 0) : row + _NEAR + 1, max(column - _NEAR, 0) : column + _NEAR + 1
    ]
    chosen = readout_named(here.instance, readout)
    own = measured_values(here.pixels[row : row + 1, column : column + 1], here.instance, chosen)
    value = float(own.values[0, 0])
    if not math.isfinite(value):
        raise GeometryError("There is no value under the seed: it is padding.")
    values = measured_values(part, here.instance, chosen).values
    values = values[np.isfinite(values)]
    nearest = values[np.argsort(np.abs(values - value))[: values.size // 2 + 1]]
    middle = float(np.median(nearest))
    half = _REACH * float(nearest.std()) or _NORMAL * float(values.std())
    half = max(half, _LEAST_SPAN * max(abs(value), 1.0))
    return min(middle - half, value), max(middle + half, value)


def begun(
    seed: PointLps, limit: Solid, span: tuple[float, float], slices: Sequence[Slice], readout: str
) -> Growth:
    """Begin at a seed; ``slices`` are those that the limit cuts, in their order.

    GeometryError where nothing can grow, or the limit is too large.
    """
    if not slices or any(one.pixels is None for one in slices):
        raise GeometryError("Not all images within the limit can be read: nothing was grown.")
    regions = [(one, limit.cut(one.plane)) for one in slices]
    parts = [(one, members(region, *one.shape)) for one, region in regions if region is not None]
    parts = [(one, part) for one, part in parts if part.mask.size]
    if not parts:
        raise GeometryError("No voxel's centre lies within the limit.")
    top, left = min(p.top for _, p in parts), min(p.left for _, p in parts)
    bottom = max(p.top + p.mask.shape[0] for _, p in parts)
    right = max(p.left + p.mask.shape[1] for _, p in parts)
    shape = (len(parts), bottom - top, right - left)
    if math.prod(shape) > MOST_VOXELS:
        raise GeometryError("The limit is too large: draw a smaller one round what is meant.")
    within, allowed = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    for n, (one, part) in enumerate(parts):
        place = (
            n,
            slice(part.top - top, part.top - top + part.mask.shape[0]),
            slice(part.left - left, part.left - left + part.mask.shape[1]),
        )
        within[place] = part.mask
        allowed[place] = part.mask & _in_span(one, part.top, part.left, part.mask.shape, span,
                                              readout)  # fmt: skip
    kept = tuple(one for one, _ in parts)
    at = _voxel(seed, kept)
    start = (at[0], at[1] - top, at[2] - left)
    if not all(0 <= n < size for n, size in zip(start, shape, strict=True)) or not allowed[start]:
        raise GeometryError("The seed's own value is not within the range: nothing was grown.")
    taken = np.zeros(shape, np.bool_)
    taken[start] = True
    runs = tuple(_runs(allowed, axis) for axis in range(3))
    return Growth(kept, top, left, allowed, taken, runs, within)


def grown_on(growth: Growth, rounds: int = 8) -> Growth:
    """Go on for so many rounds; ``done`` once nothing more comes."""
    taken = growth.taken
    for _ in range(rounds):
        before = int(np.count_nonzero(taken))
        for runs in growth.runs[::-1]:
            hit = np.zeros(int(runs.max()) + 1, np.bool_)
            hit[runs[taken]] = True
            hit[0] = False
            taken = hit[runs]
        if int(np.count_nonzero(taken)) == before:
            return replace(growth, taken=taken, done=True)
    return replace(growth, taken=taken)


def finished(growth: Growth, readout: str) -> tuple[Grown, Statistics, tuple[str, ...]]:
    """What has grown, the values in it, and what must be told of it."""
    taken = growth.taken
    edge = _surface(taken)
    sizes = np.array([one.voxel for one in growth.slices])
    made = Grown(
        tuple(one.plane for one in growth.slices),
        growth.top,
        growth.left,
        taken,
        float(np.dot(taken.sum(axis=(1, 2)), sizes)),
        float(np.dot(edge.sum(axis=(1, 2)), sizes)),
    )
    notes = []
    if bool(np.any(taken & _surface(growth.limit))):
        notes.append("It reaches its limit or the edge of the images: it may go on beyond.")
    return made, _values(growth, readout), tuple(notes)


def _values(growth: Growth, readout: str) -> Statistics:
    return joined(
        [
            tally(
                one.pixels,
                Members(growth.top, growth.left, growth.taken[n]),
                one.instance,
                readout_named(one.instance, readout),
                one.missing,
            )
            for n, one in enumerate(growth.slices)
            if one.pixels is not None
        ]
    )


def outlines(mask: Mask, top: int = 0, left: int = 0) -> tuple[tuple[PixelPoint, ...], ...]:
    """Closed lines along the edges of pixels round what is marked, in pixels of the image."""
    padded = np.pad(mask, 1)
    steps: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for begin, end in _edges(padded):
        steps.setdefault(begin, []).append(end)
    found = []
    while steps:
        start = next(iter(steps))
        loop, here = [start], _step(steps, start)
        while here != start:
            loop.append(here)
            here = _step(steps, here)
        loop.append(start)
        found.append(
            tuple(PixelPoint(x - 1.5 + left, y - 1.5 + top) for x, y in _straightened(loop))
        )
    return tuple(found)


def _step(
    steps: dict[tuple[int, int], list[tuple[int, int]]], here: tuple[int, int]
) -> tuple[int, int]:
    onward = steps[here].pop()
    if not steps[here]:
        del steps[here]
    return onward


def _edges(padded: Mask) -> Iterable[tuple[tuple[int, int], tuple[int, int]]]:
    """Edges between marked and unmarked pixels, the marked one on the right hand."""
    down = padded[1:] != padded[:-1]
    for row, column in zip(*(n.tolist() for n in np.nonzero(down)), strict=True):
        a, b = (column, row + 1), (column + 1, row + 1)
        yield (a, b) if padded[row + 1, column] else (b, a)
    across = padded[:, 1:] != padded[:, :-1]
    for row, column in zip(*(n.tolist() for n in np.nonzero(across)), strict=True):
        a, b = (column + 1, row), (column + 1, row + 1)
        yield (b, a) if padded[row, column + 1] else (a, b)


def _straightened(loop: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same line without points on straight pieces."""
    kept = [loop[0]]
    for before, here, after in zip(loop, loop[1:], loop[2:], strict=False):
        if (before[0] == here[0]) != (here[0] == after[0]):
            kept.append(here)
    return [*kept, loop[-1]]


def _in_span(
    one: Slice, top: int, left: int, shape: tuple[int, ...], span: tuple[float, float],
    readout: str,
) -> Mask:  # fmt: skip
    if one.pixels is None:
        return np.zeros(shape, np.bool_)
    part = one.pixels[top : top + shape[0], left : left + shape[1]]
    values = measured_values(part, one.instance, readout_named(one.instance, readout)).values
    kept: Mask = (values >= span[0]) & (values <= span[1])  # never-a-number is in no range
    for first, end in one.missing:
        kept[max(first - top, 0) : max(end - top, 0)] = False
    return kept


def _voxel(seed: PointLps, slices: Sequence[Slice]) -> tuple[int, int, int]:
    off = [abs(one.plane.distance(seed)) for one in slices]
    k = off.index(min(off))
    at = slices[k].plane.to_pixel(seed)
    return k, math.floor(at.row + 0.5), math.floor(at.column + 0.5)


def _runs(allowed: Mask, axis: int) -> NDArray[np.int32]:
    """The number of the run of each allowed voxel along an axis, from 1; 0 elsewhere."""
    turned = np.moveaxis(allowed, axis, -1)
    starts = turned.copy()
    starts[..., 1:] &= ~turned[..., :-1]
    numbers = np.cumsum(starts.reshape(-1), dtype=np.int32).reshape(turned.shape)
    return np.ascontiguousarray(np.moveaxis(np.where(turned, numbers, 0), -1, axis))


def _surface(mask: Mask) -> Mask:
    """Marked voxels that have an unmarked one, or nothing, beside them."""
    padded = np.pad(mask, 1)
    core = padded[1:-1, 1:-1, 1:-1].copy()
    for axis in range(3):
        for by in (-1, 1):
            core &= np.roll(padded, by, axis=axis)[1:-1, 1:-1, 1:-1]
    return mask & ~core
