"""Values of a reconstructed plane round one of its pixels: what an outline along edges follows."""

import numpy as np

from viewer.measure.wire import REACH, Crop
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.sample_grid import SampleGrid
from viewer.render.reslice import Reslicer


def plane_crop(reslicer: Reslicer, plane: ImagePlane, anchor: PixelPoint) -> Crop:
    """Sample the volume at the plane's own pixels; never-a-number where there is nothing."""
    top, left = round(anchor.row) - REACH, round(anchor.column) - REACH
    nowhere = PointLps(0.0, 0.0, 0.0)
    out = np.empty((2 * REACH + 1, 2 * REACH + 1), np.float64)
    grid = SampleGrid(
        plane.to_lps(PixelPoint(float(left), float(top))),
        nowhere.plus(plane.row, plane.spacing.column),
        nowhere.plus(plane.column, plane.spacing.row),
        *out.shape,
    )
    reslicer.sample(grid, None, out, reference=True)
    return Crop(out, top, left)
