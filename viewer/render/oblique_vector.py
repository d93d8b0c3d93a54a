"""An oblique plane through a volume whose value is known at every millimetre (F44)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from viewer.calibration.vectors import Levels, grey
from viewer.loading.made_images import made_instance, made_set
from viewer.loading.volume import Volume
from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.presentation import Presentation, Rescale, VoiFunction, Window
from viewer.model.study import Photometric
from viewer.model.volume_geometry import VolumeGeometry
from viewer.viewport.planes import PlaneName
from viewer.viewport.reformat import PlaneViewport, Reformat
from viewer.viewport.transform import PanePoint

_SIDE = 24
_STEP = 2.0
_PER_VOXEL = PointLps(6.0, -4.0, 5.0)
"""How much the value rises from voxel to voxel along columns, rows and slices: whole numbers."""
_LEAST = 100.0
_WINDOW = Window(150.0, 500.0, function=VoiFunction.LINEAR_EXACT)
_TOLERANCE = 1e-3
_EDGE = 1e-6
_NUMBER = 100


class ObliquePlane(NamedTuple):
    """What a plane's pane is made from."""

    viewport: PlaneViewport
    volume: Volume


def oblique_plane() -> ObliquePlane:
    """A plane turned out of two of the volume's own planes, and the volume."""
    k, j, i = np.indices((_SIDE,) * 3)
    values = _PER_VOXEL.x * i + _PER_VOXEL.y * j + _PER_VOXEL.z * k + _LEAST
    voxels = values.astype(np.int16)
    planes = [_plane(n) for n in range(_SIDE)]
    instances = [
        made_instance(_NUMBER + n, voxels[n], Photometric.MONOCHROME2, _WINDOW, plane)
        for n, plane in enumerate(planes)
    ]
    geometry = VolumeGeometry.of(planes, _SIDE, _SIDE)
    look = Presentation(_WINDOW)
    target = made_set(instances)
    known = {instance.ref.sop: instance for instance in instances}
    reformat = Reformat(target, known, geometry, look)
    extremes = (float(voxels.min()), float(voxels.max()))
    held = (True,) * _SIDE
    spare = int(voxels.min()) - 1
    rescale = Rescale(1.0, 0.0, "HU")
    volume = Volume(voxels, geometry, rescale, None, held, extremes=extremes, spare=spare)
    reformat.take(volume, extremes)
    reformat.turn(reformat.crosshair, PlaneName.AXIAL, 0.4)
    reformat.turn(reformat.crosshair, PlaneName.SAGITTAL, 0.3)
    return ObliquePlane(reformat.viewports[PlaneName.CORONAL], volume)


def oblique_levels(viewport: PlaneViewport, height: int, width: int) -> tuple[Levels, Levels]:
    """Least and greatest level of each device pixel: the value known there, within 1e-3.

    A volume of whole numbers is sampled to whole numbers, which are then looked up.
    """
    at = _millimetres(viewport, height, width) / _STEP
    value = at @ np.array(_PER_VOXEL) + _LEAST
    low = grey(np.floor(value - _TOLERANCE + 0.5), _WINDOW)
    high = grey(np.floor(value + _TOLERANCE + 0.5), _WINDOW)
    inside = np.all((at >= _EDGE) & (at <= _SIDE - 1 - _EDGE), axis=2)
    outside = np.any((at < -_EDGE) | (at > _SIDE - 1 + _EDGE), axis=2)
    low = np.where(inside, low, 0).astype(np.uint8)
    return low, np.where(outside, 0, np.where(inside, high, 255)).astype(np.uint8)


def _millimetres(viewport: PlaneViewport, height: int, width: int) -> NDArray[np.float64]:
    """The point in the middle of each device pixel, from three of them: a plane is flat."""
    corners = [(0.5, 0.5), (width - 0.5, 0.5), (0.5, height - 0.5)]
    found = [viewport.point_at(PanePoint(x, y)) for x, y in corners]
    first, right, below = (np.array(p if p is not None else (np.nan,) * 3) for p in found)
    x = np.arange(width)[None, :, None] / max(width - 1, 1)
    y = np.arange(height)[:, None, None] / max(height - 1, 1)
    return np.asarray(first + x * (right - first) + y * (below - first))


def _plane(n: int) -> ImagePlane:
    across, down = PointLps(1.0, 0.0, 0.0), PointLps(0.0, 1.0, 0.0)
    return ImagePlane(PointLps(0.0, 0.0, _STEP * n), across, down, Spacing(_STEP, _STEP))
