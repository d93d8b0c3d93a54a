"""Crop box and cuts of a volume in the same volume with more slices: they stay in the patient."""

from collections.abc import Sequence

import numpy as np

from viewer.loading.even_slices import EvenSlices
from viewer.model.geometry import PointLps
from viewer.model.volume_geometry import Index
from viewer.viewport.camera import Camera

Corners = tuple[tuple[float, float], ...]


def edges(slices: EvenSlices) -> tuple[Index, Index]:
    """The outer edges of all voxels, half a voxel beyond the outermost centres."""
    count, rows, columns = slices.shape
    return Index(-0.5, -0.5, -0.5), Index(columns - 0.5, rows - 0.5, count - 0.5)


def face_in(at: Index, before: EvenSlices, now: EvenSlices, *, high: bool) -> Index:
    """Three faces of a box, as a corner, in other slices; one at the end of all stays there."""
    old, new = edges(before)[high], edges(now)[high]
    low_end, high_end = edges(now)
    there = _index(now, before.to_lps(*at))
    moved = (
        end if one == last else min(max(to, least), most)
        for one, last, end, to, least, most in zip(
            at, old, new, there, low_end, high_end, strict=True
        )
    )
    return Index(*moved)


def corners_from(
    corners: Sequence[tuple[float, float]], camera: Camera, before: PointLps, now: PointLps
) -> Corners:
    """Corners of a line in mm from one point, in mm from another."""
    away = before - now
    across, down = away.dot(camera.right), away.dot(camera.down)
    return tuple((x + across, y + down) for x, y in corners)


def _index(slices: EvenSlices, point: PointLps) -> tuple[float, float, float]:
    found = np.linalg.solve(slices.matrix, np.array([*point, 1.0]))[:3] / slices.spacing
    return float(found[0]), float(found[1]), float(found[2])
