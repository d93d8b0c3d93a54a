"""F44 for the turning view of a volume: every view against SimpleITK's rotation and projection."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from tests.kit import fusion as kit
from tests.kit.real_volumes import folder
from viewer.loading.volume import Volume
from viewer.render.rotation import Rotation

REAL = "petct-acrin-nsclc-042"


def _theirs(rotation: Rotation, number: int) -> NDArray[np.float64]:
    """The volume resampled along the view's rays, and the largest value of each."""
    volume = rotation.volume
    shape, plane = volume.geometry, volume.geometry.plane
    step = (shape.places[-1] - shape.places[0]) / (shape.slices - 1)
    image = SimpleITK.GetImageFromArray(volume.voxels.astype(np.float64))
    image.SetOrigin(tuple(shape.positions[0]))
    image.SetSpacing((plane.spacing.column, plane.spacing.row, step))
    image.SetDirection(np.stack([plane.row, plane.column, shape.normal], axis=1).ravel().tolist())
    right, through = rotation.directions(number)
    cut, reach = rotation.cut(number), -rotation.half * rotation.pixel
    first = cut.middle.plus(shape.normal, -(shape.places[-1] - shape.places[0]) / 2)
    start = first.plus(right, reach).plus(through, reach)
    count = 2 * rotation.half + 1
    found = SimpleITK.Resample(
        image,
        (count, count, shape.slices),
        SimpleITK.Transform(),
        SimpleITK.sitkLinear,
        tuple(start),
        (rotation.pixel, rotation.pixel, step),
        np.stack([right, through, shape.normal], axis=1).ravel().tolist(),
        -1e9,
    )
    largest = SimpleITK.MaximumProjection(found, 1)
    return np.asarray(SimpleITK.GetArrayFromImage(largest)[:, 0, :])


def _compare(volume: Volume, *, views: int, some: tuple[int, ...], edge: float) -> None:
    rotation = Rotation(volume, views)
    for number in some:
        mine, theirs = rotation.make(number).astype(np.float64), _theirs(rotation, number)
        there = np.isfinite(mine)
        assert there.mean() > 0.3
        assert (theirs[there] > -1e8).all()
        more = (theirs - mine)[there]
        close = 1e-6 * max(float(np.abs(theirs[there]).max()), 1.0)  # float32 holds 7 digits
        assert more.min() >= -close
        # SimpleITK also takes samples half a pixel outside the outermost centres
        assert np.mean(more > close) <= edge, number


@pytest.mark.parametrize("number", [0, 1, 5, 11, 17, 23])
def test_f44_each_view_equals_simpleitk(number: int) -> None:
    study = kit.pet_ct_study(pt=kit.uptake(slope=8.0))
    arrays = kit.values(study)
    for array in arrays.values():  # nothing at the edge, where the two differ on purpose
        array[[0, -1]] = array[:, [0, -1]] = 0
    _compare(kit.filled(study.series[1], arrays), views=24, some=(number,), edge=0.0)


def test_f44_views_of_a_real_pet_equal_simpleitk(shared_dicom: Path) -> None:
    real = folder(shared_dicom / REAL)
    target = next(t for t in real.sets if real.instances[t.frames[0].sop].modality == "PT")
    part = real.volume(target)
    _compare(part, views=60, some=(0, 7, 38), edge=0.02)
