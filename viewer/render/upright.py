"""A volume as slices from foot to head, however it was acquired: the same voxels, named anew."""

import math
from dataclasses import replace

import numpy as np

from viewer.errors import GeometryError
from viewer.loading.volume import Volume
from viewer.model.geometry import ImagePlane, Spacing
from viewer.model.volume_geometry import VolumeGeometry

_NEAR = math.cos(math.radians(45))
_STRAIGHT = 0.01
"""Part of a step by which slices may lie aside of a straight and even row."""


def why_not_upright(geometry: VolumeGeometry) -> str | None:
    """Why a volume has no slices from foot to head, as a sentence; None where it has."""
    if abs(geometry.normal.z) >= _NEAR:
        return None
    plane = geometry.plane
    if max(abs(plane.row.z), abs(plane.column.z)) < _NEAR:
        return "It was acquired so obliquely that none of its axes goes from foot to head."
    aside = geometry.step_vector.cross(geometry.normal).norm
    uneven = max(aside, geometry.unevenness) > _STRAIGHT * geometry.step
    if uneven or not all(geometry.joined):
        return "Its slices are not axial, and lie unevenly, tilted or with gaps: it is not turned."
    return None


def upright(volume: Volume) -> Volume:
    """The volume itself where its slices are axial, else its voxels as slices that are.

    No value is computed: rows or columns become slices, and slices rows. GeometryError says why
    there are none such. Copies the voxels where it names them anew.
    """
    geometry, plane = volume.geometry, volume.geometry.plane
    reason = why_not_upright(geometry)
    if reason is not None:
        raise GeometryError(reason, where="")
    if abs(geometry.normal.z) >= _NEAR:
        return volume
    if not volume.is_complete:
        raise GeometryError("Images of it are missing: it is not turned.", where="")
    by_rows = abs(plane.column.z) >= abs(plane.row.z)
    if by_rows:
        across, along = (plane.row, plane.spacing.column), (plane.column, plane.spacing.row)
        voxels, columns, slices = volume.voxels.transpose(1, 0, 2), geometry.columns, geometry.rows
    else:
        across, along = (plane.column, plane.spacing.row), (plane.row, plane.spacing.column)
        voxels, columns, slices = volume.voxels.transpose(2, 0, 1), geometry.rows, geometry.columns
    spacing = Spacing(row=geometry.step, column=across[1])
    planes = [
        ImagePlane(plane.position.plus(along[0], n * along[1]), across[0], geometry.normal, spacing)
        for n in range(slices)
    ]
    turned = np.ascontiguousarray(voxels)
    turned.flags.writeable = False
    return replace(
        volume,
        voxels=turned,
        geometry=VolumeGeometry.of(planes, geometry.slices, columns),
        held=(True,) * slices,
    )
