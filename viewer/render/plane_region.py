"""Values of a shape on a reconstructed plane: samples of the volume at its pixels (F44, F49).

They are interpolated between the voxels, from stored values through the modality step, and said to
be so; what lies in an acquired slice is measured on that slice instead, by its own pixels.
"""

import math

import numpy as np
from numpy.typing import NDArray

from viewer.errors import GeometryError
from viewer.measure.kinds import KINDS
from viewer.measure.quantity import Metric
from viewer.measure.regions import Members, members
from viewer.measure.statistics import Statistics, Tally, joined
from viewer.model.annotation import Annotation
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.quantities import Readout, ReadoutKind
from viewer.model.sample_grid import SampleGrid
from viewer.render.reslice import Reslicer

_BAND = 64
"""Rows that are sampled at once, to bound memory."""
_MOST = 16_000_000
"""Samples beyond which a shape is refused."""


def plane_statistics(annotation: Annotation, reslicer: Reslicer, readout: Readout) -> Statistics:
    """The values of a shape on its own plane; by numpy alone.

    Raises GeometryError where it has no region, or its values cannot be interpolated.
    """
    plane = annotation.plane
    if plane is None:
        raise GeometryError("It lies on no plane between the images.")
    if readout.mapping is not None:
        raise GeometryError(
            "Mapped values are not interpolated: read modality values, or measure on the images."
        )
    origin, inside = _members(annotation, plane)
    rescale = reslicer.volume.rescale
    factor = readout.factor if readout.kind is ReadoutKind.SUV else 1.0
    tallies = []
    for first in range(0, inside.mask.shape[0], _BAND):
        mask = inside.mask[first : first + _BAND]
        values = _sampled(reslicer, plane, origin, inside, first, mask.shape)[mask]
        values = (values * rescale.slope + rescale.intercept) * factor
        real = np.isfinite(values)
        count = int(real.sum())
        tallies.append(
            Tally(values[real], np.ones(count, np.int64), values.size, 0, 0, values.size - count)
        )
    return joined(tallies)


def _members(annotation: Annotation, plane: ImagePlane) -> tuple[PixelPoint, Members]:
    """The pixels of the plane whose centres lie in the shape; of a point the point itself.

    A plane goes on before its first pixel: they are counted from the first of the shape's box.
    """
    record = KINDS[annotation.kind]
    if record.probes:
        return annotation.pixels[0], Members(0, 0, np.ones((1, 1), np.bool_))
    if record.region is None:
        raise GeometryError("It encloses nothing.")
    region = record.region(annotation.pixels, Metric(plane.spacing, plane.spacing))
    left, top, right, bottom = region.box
    if (right - left + 1) * (bottom - top + 1) > _MOST:
        raise GeometryError("The shape is too large for its values to be taken.")
    first = PixelPoint(math.floor(left), math.floor(top))
    points = tuple(PixelPoint(*map(float.__sub__, p, first)) for p in annotation.pixels)
    region = record.region(points, Metric(plane.spacing, plane.spacing))
    rows, columns = math.ceil(bottom - first.row) + 1, math.ceil(right - first.column) + 1
    return first, members(region, rows, columns)


def _sampled(
    reslicer: Reslicer,
    plane: ImagePlane,
    origin: PixelPoint,
    inside: Members,
    first: int,
    shape: tuple[int, ...],
) -> NDArray[np.float64]:
    out = np.empty(shape, np.float64)
    nowhere = PointLps(0.0, 0.0, 0.0)
    at = PixelPoint(origin.column + inside.left, origin.row + inside.top + first)
    grid = SampleGrid(
        plane.to_lps(at),
        nowhere.plus(plane.row, plane.spacing.column),
        nowhere.plus(plane.column, plane.spacing.row),
        shape[0],
        shape[1],
    )
    reslicer.sample(grid, None, out, reference=True)  # never waits for a compiler
    return out
