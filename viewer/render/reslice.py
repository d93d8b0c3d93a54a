"""Other planes of a volume: each sample at its exact millimetre, nothing invented (F42–F44)."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.loading.volume import Volume
from viewer.model.geometry import PointLps
from viewer.model.sample_grid import SampleGrid, Slab, SlabMode
from viewer.model.volume_geometry import VolumeGeometry
from viewer.render.reslice_reference import uneven_reference
from viewer.render.sample_lines import (
    EDGE,
    MAXIMUM,
    MEAN,
    MINIMUM,
    Axis,
    Lines,
    Output,
    Slices,
    Steps,
)

_EVEN = 1e-5
"""Slices closer than this to one straight line of equal steps are even, mm."""
_STILL = 1e-9
"""A direction that moves less than this in an index does not move in it."""
_UNMOVED = 1e-6
"""Slices that are shifted in their plane by less than this, pixels, lie one above the other."""
_NO_PADDING = (1.0, 0.0)
_MODES = {SlabMode.MAXIMUM: MAXIMUM, SlabMode.MEAN: MEAN, SlabMode.MINIMUM: MINIMUM}
_MIRRORED = {MAXIMUM: MINIMUM, MINIMUM: MAXIMUM, MEAN: MEAN}

Vector = NDArray[np.float64]
Draw = Callable[[int, NDArray[Any]], None]
"""Draws rows of a picture, from a first one on, into an array of as many rows."""


class Reslicer:
    """Samples one volume; safe to call from several threads."""

    def __init__(self, volume: Volume) -> None:
        """Prepare what does not depend on the plane."""
        geometry = volume.geometry
        self.volume = volume
        self._origin = np.array(geometry.positions[0])
        self._to_pixels = _inverse(_columns(geometry, geometry.normal))
        self._to_index = _inverse(_columns(geometry, geometry.step_vector))
        shifts = (np.array(geometry.positions) - self._origin) @ self._to_pixels.T
        self._slices = Slices(
            np.array(geometry.places),
            np.ascontiguousarray(shifts[:, :2]),
            np.array(volume.held),
            np.array(geometry.joined),
        )
        self._padding = _NO_PADDING
        if volume.padding is not None:
            self._padding = (float(volume.padding[0]), float(volume.padding[1]))
        self.is_even = (
            geometry.unevenness <= _EVEN
            and all(geometry.joined)
            and volume.is_complete
            and not volume.has_padding
            and min(volume.voxels.shape) >= 2
        )
        self._is_box = (
            np.abs(self._slices.shifts).max() <= _UNMOVED
            and not volume.has_padding
            and min(volume.voxels.shape) >= 2
        )
        """Whether voxels stand in rows, columns and slices at right angles, none of it padding."""

    def values(self, grid: SampleGrid, slab: Slab | None = None) -> NDArray[np.float32]:
        """Modality values (rows, columns), float32; never-a-number where there is nothing."""
        out = np.empty((grid.rows, grid.columns), np.float32)
        self.sample(grid, slab, out)
        rescale = self.volume.rescale
        out *= np.float32(rescale.slope)
        out += np.float32(rescale.intercept)
        return out

    def sample(
        self,
        grid: SampleGrid,
        slab: Slab | None,
        out: NDArray[Any],
        *,
        background: float = np.nan,
        reference: bool = False,
        coarse: int = 1,
    ) -> None:
        """Voxel values into ``out``: what ``drawing`` gives for all its rows."""
        if out.shape != (grid.rows, grid.columns):
            raise ValueError("the picture is not of the size of its grid")
        whole = out.dtype.kind in "iu"
        draw = self.drawing(
            grid, slab, whole=whole, background=background, reference=reference, coarse=coarse
        )
        draw(0, out)

    def drawing(
        self,
        grid: SampleGrid,
        slab: Slab | None,
        *,
        whole: bool,
        background: float = np.nan,
        reference: bool = False,
        coarse: int = 1,
    ) -> Draw:
        """What draws rows of a grid: floats, or ``whole`` numbers of the volume's integer type.

        Whole numbers are rounded half up. Where there is nothing (outside, gaps, padding) stands
        ``background``: an integer picture needs one that no voxel has. Several threads may draw
        rows of one picture at once. ``reference`` takes the slow numpy path, ``coarse`` samples a
        slab only so many voxels apart, for a picture that will not stay.
        """
        voxels = self.volume.voxels
        if whole and not (np.isfinite(background) and voxels.dtype.kind in "iu"):
            raise ValueError("an integer picture is of the volume's type and has a background")
        mode = MAXIMUM if slab is None else _MODES[slab.mode]
        if self.volume.rescale.slope < 0:  # the largest value is then the smallest stored one
            mode = _MIRRORED[mode]
        output = Output(mode, float(background), whole)
        lines = self._lines(grid, slab, self._to_pixels, coarse)

        def draw(first: int, out: NDArray[Any]) -> None:
            if whole and out.dtype != voxels.dtype:
                raise ValueError("an integer picture is of the volume's type and has a background")
            act(lines._replace(start=lines.start + first * lines.down), out)

        if reference:
            act = partial(self._referred, output)
            return draw
        axes = _axes_of(lines) if self._is_box else None
        if axes is not None:
            return self._aligned(axes, lines, grid, output)
        if self.is_even:
            lines = _in(self._to_index, self._origin, grid, lines)
            act = partial(self._even, output)
        else:
            act = partial(self._uneven, output)
        return draw

    def _referred(self, output: Output, lines: Lines, out: NDArray[Any]) -> None:
        uneven_reference(self.volume.voxels, lines, self._slices, self._padding, output, out)

    def _even(self, output: Output, lines: Lines, out: NDArray[Any]) -> None:
        from viewer.render.reslice_kernels import even  # the compiler loads on a thread that draws

        even(self.volume.voxels, lines, output, out)

    def _uneven(self, output: Output, lines: Lines, out: NDArray[Any]) -> None:
        from viewer.render.reslice_kernels import uneven

        uneven(self.volume.voxels, lines, self._slices, self._padding, output, out)

    def _aligned(
        self, axes: tuple[int, int, int], lines: Lines, grid: SampleGrid, output: Output
    ) -> Draw:
        """Draw along the voxels; ``axes`` across, down, through: 0 column, 1 row, 2 slice."""
        a, b, c = axes
        across = self._places(a, lines.start[a] + np.arange(grid.columns) * lines.across[a])
        down = self._places(b, lines.start[b] + np.arange(grid.rows) * lines.down[b])
        through = self._places(c, lines.start[c] + lines.offsets * lines.through[c])
        weights = lines.weights[through.there]
        weights = weights / (weights.sum() or 1.0)
        through = through.only(through.there)
        voxels = self.volume.voxels
        flat = voxels.reshape(-1).view()
        flat.flags.writeable = False  # one array type, one compilation
        columns, rows = voxels.shape[2], voxels.shape[1]
        step = (1, columns, columns * rows)
        steps = Steps(step[a], step[b], step[c])

        def draw(first: int, out: NDArray[Any]) -> None:
            from viewer.render.aligned_kernels import aligned

            rows = down.only(slice(first, first + out.shape[0]))
            aligned(flat, steps, (across, rows, through), weights, output, out)

        return draw

    def _places(self, axis: int, at: Vector) -> Axis:
        """Between which columns, rows or slices places lie; slices as ``uneven_reference`` does."""
        size = self.volume.voxels.shape[2 - axis]
        if axis < 2:
            low = np.clip(np.floor(at).astype(np.int64), 0, size - 2)
            inside = (at >= -EDGE) & (at <= size - 1 + EDGE)
            return Axis(low, np.clip(at - low, 0.0, 1.0), inside)
        places, held, joined = self._slices.places, self._slices.held, self._slices.joined
        low = np.clip(np.searchsorted(places, at, side="right") - 1, 0, size - 2)
        part = (at - places[low]) / (places[low + 1] - places[low])
        on_first, on_second = np.abs(part) <= EDGE, np.abs(part - 1) <= EDGE
        inside = (part >= -EDGE) & (part <= 1 + EDGE)
        inside &= np.where(on_first, held[low], np.where(on_second, held[low + 1], joined[low]))
        part = np.where(on_first, 0.0, np.where(on_second, 1.0, part))
        return Axis(low, np.clip(part, 0.0, 1.0), inside)

    def _lines(self, grid: SampleGrid, slab: Slab | None, to: Vector, coarse: int) -> Lines:
        one = np.zeros(1)
        lines = _in(to, self._origin, grid, Lines(one, one, one, one, one, np.ones(1)))
        if slab is None:
            return lines
        offsets = self._offsets(lines, slab, coarse)
        weights = np.gradient(offsets)
        weights[[0, -1]] /= 2  # the trapezoidal rule
        return lines._replace(offsets=offsets, weights=weights / weights.sum())

    def _offsets(self, lines: Lines, slab: Slab, coarse: int) -> Vector:
        """Where a slab is sampled, mm: its faces, and at least once in every voxel between them.

        A slab along an axis of the volume is sampled on its voxel centres, so that the largest
        value in it is the largest voxel.
        """
        places = self._slices.places
        step = np.array([1.0, 1.0, np.diff(places).min()])
        moving = np.abs(lines.through) / step
        axis = int(np.argmax(moving))
        others = np.delete(moving, axis)
        sweeping = max(abs(lines.across[axis]), abs(lines.down[axis])) / step[axis]
        tilted = axis != 2 and np.ptp(self._slices.shifts[:, axis]) > _STILL
        if others.max() > _STILL or sweeping > _STILL or tilted:
            return np.array(slab.offsets(coarse / moving[axis]))
        centres = places if axis == 2 else np.arange(self.volume.voxels.shape[2 - axis])
        inner = (centres - lines.start[axis]) / lines.through[axis]
        half = slab.thickness / 2
        faces = np.array([-half, half])
        return np.unique(np.concatenate([faces, inner[np.abs(inner) < half][::coarse]]))


_USUAL = (np.int16, np.uint16, np.float32)


def warm_up() -> None:
    """Load or compile the loops for every kind of voxels; at first it takes many seconds.

    The commonest come first. Pictures are of the voxels' own type, and floats where a volume is
    laid over another or has no number to spare.
    """
    for voxels, picture in (*((kind, kind) for kind in _USUAL), *((k, np.float32) for k in _USUAL)):
        _warm_up(np.zeros((2, 2, 2), voxels), np.empty((1, 1), picture))


def _warm_up(voxels: NDArray[Any], out: NDArray[Any]) -> None:
    from viewer.render.aligned_kernels import aligned
    from viewer.render.reslice_kernels import even, read_only, uneven

    three, step, one = np.zeros(3), np.array([1.0, 0.0, 0.0]), np.ones(1)
    lines = Lines(three, three, step, three, np.zeros(1), one)
    slices = Slices(np.arange(2.0), np.zeros((2, 2)), np.ones(2, np.bool_), np.ones(1, np.bool_))
    output = Output(MAXIMUM, 0.0, out.dtype.kind in "iu")
    axis = Axis(np.zeros(1, np.int64), np.zeros(1), np.ones(1, np.bool_))
    even(voxels, lines, output, out)
    aligned(read_only(voxels).reshape(-1), Steps(1, 2, 4), (axis, axis, axis), one, output, out)
    uneven(voxels, lines, slices, _NO_PADDING, output, out)


def _axes_of(lines: Lines) -> tuple[int, int, int] | None:
    """Along which axis of the volume each direction of a picture goes; None where one is oblique.

    Without a slab the third direction moves nothing.
    """
    across, down = (int(np.argmax(np.abs(way))) for way in (lines.across, lines.down))
    if across == down:
        return None
    axes = (across, down, 3 - across - down)
    reach = (1.0, 1.0, float(np.abs(lines.offsets).max()))
    ways = (lines.across, lines.down, lines.through)
    for axis, way, far in zip(axes, ways, reach, strict=True):
        if np.abs(np.delete(way, axis)).max() * far > _STILL:
            return None
    return axes


def _columns(geometry: VolumeGeometry, third: PointLps) -> Vector:
    """Columns: from pixel to pixel of a row, from row to row, and a third way, mm."""
    plane = geometry.plane
    row = np.array(plane.row) * plane.spacing.column
    column = np.array(plane.column) * plane.spacing.row
    return np.stack([row, column, np.array(third)], axis=1)


def _inverse(matrix: Vector) -> Vector:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _in(to: Vector, origin: Vector, grid: SampleGrid, lines: Lines) -> Lines:
    """The lines of a grid in other coordinates: ``to`` · (point - origin)."""
    return Lines(
        to @ (np.array(grid.origin) - origin),
        to @ np.array(grid.down),
        to @ np.array(grid.right),
        to @ np.array(grid.normal),
        lines.offsets,
        lines.weights,
    )
