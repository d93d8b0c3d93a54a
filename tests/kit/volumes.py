"""Volumes made in code, with a known value at every millimetre."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.loading.decoded import Decoded
from viewer.loading.volume import Volume, VolumeSource
from viewer.model.display_set import DisplaySet
from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.presentation import Rescale
from viewer.model.refs import FrameRef, SopUid
from viewer.model.sample_grid import SampleGrid
from viewer.model.study import Instance
from viewer.model.volume_geometry import VolumeGeometry

STRAIGHT = (PointLps(1, 0, 0), PointLps(0, 1, 0))
PIXELS = Spacing(0.8, 0.5)
START = PointLps(-7.5, 4.0, 11.0)
PLAIN = Rescale(1.0, 0.0, "")


def turned(degrees: float, about_x: float = 0.0) -> tuple[PointLps, PointLps]:
    """Directions of row and column turned about z, then about x."""
    a, b = math.radians(degrees), math.radians(about_x)
    row = PointLps(math.cos(a), math.sin(a) * math.cos(b), math.sin(a) * math.sin(b))
    column = PointLps(-math.sin(a), math.cos(a) * math.cos(b), math.cos(a) * math.sin(b))
    return row, column


def planes(
    places: Sequence[float],
    *,
    directions: tuple[PointLps, PointLps] = STRAIGHT,
    spacing: Spacing = PIXELS,
    along: PointLps | None = None,
    start: PointLps = START,
) -> list[ImagePlane]:
    """Planes at distances from the first, along their normal unless said otherwise (tilt)."""
    row, column = directions
    way = along or row.cross(column)
    return [ImagePlane(start.plus(way, place), row, column, spacing) for place in places]


def geometry(
    where: Sequence[ImagePlane], rows: int, columns: int, joined: Sequence[bool] | None = None
) -> VolumeGeometry:
    """The geometry of these planes."""
    return VolumeGeometry.of(where, rows, columns, joined)


def field(where: VolumeGeometry, gradient: PointLps, offset: float = 0.0) -> NDArray[np.float64]:
    """Value of a linear field at every voxel: gradient · mm + offset."""
    plane = where.plane
    columns, rows = np.arange(where.columns), np.arange(where.rows)
    across = plane.row.dot(gradient) * plane.spacing.column * columns
    down = plane.column.dot(gradient) * plane.spacing.row * rows
    first = np.array([position.dot(gradient) for position in where.positions])
    return np.asarray(first[:, None, None] + down[:, None] + across + offset)


def volume(
    where: VolumeGeometry,
    voxels: NDArray[Any],
    *,
    rescale: Rescale = PLAIN,
    padding: tuple[int, int] | None = None,
    held: Sequence[bool] | None = None,
) -> Volume:
    """A volume of these voxels."""
    here = tuple(held or (True,) * where.slices)
    return Volume(
        voxels, where.lacking(here), rescale, padding, here, has_padding=padding is not None
    )


def points(grid: SampleGrid) -> NDArray[np.float64]:
    """(rows, columns, 3): where each sample of a grid lies, mm."""
    rows, columns = np.indices((grid.rows, grid.columns))
    right, down = np.array(grid.right), np.array(grid.down)
    return np.asarray(np.array(grid.origin) + rows[..., None] * down + columns[..., None] * right)


def volume_of(
    target: DisplaySet,
    instances: Mapping[SopUid, Instance],
    decode: Callable[[FrameRef], Decoded],
) -> Volume:
    """Decode every frame in turn; GeometryError, or the ViewerError of a frame, says why not."""
    source = VolumeSource(target, instances)
    for ref in target.frames:
        found = decode(ref)
        source.put(ref, found.pixels, found.missing)
    return source.volume()
