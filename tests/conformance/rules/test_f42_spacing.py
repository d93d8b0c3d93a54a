"""F42: the step is the median of true positions; gaps and uneven steps keep their own place."""

from pathlib import Path

import numpy as np
import pytest

from tests.kit.dicom_files import dataset
from tests.kit.real_volumes import folder, write
from tests.kit.volumes import field, geometry, planes, volume
from viewer.loading.volume import why_no_mpr
from viewer.model.geometry import PointLps
from viewer.model.sample_grid import SampleGrid
from viewer.model.stacking import joined_steps
from viewer.model.volume_geometry import Index, VolumeGeometry
from viewer.render.reslice import Reslicer

STEP = 2.0


def _gapped() -> VolumeGeometry:
    """Thirty slices without the seventeenth."""
    places = [STEP * k for k in range(30) if k != 16]
    return geometry(planes(places), 8, 10, joined_steps(places))


def _down_the_slices(shape: VolumeGeometry, count: int, step: float) -> SampleGrid:
    """A sagittal line of samples through column 4, one row of the grid a place."""
    start = shape.to_lps(Index(4, 0, 0))
    return SampleGrid(start, PointLps(0, 0.8, 0), PointLps(0, 0, step), count, 8)


def test_f42_landmarks_beyond_a_missing_slice_do_not_move() -> None:
    shape = _gapped()
    whole = geometry(planes([STEP * k for k in range(30)]), 8, 10)
    for k in range(29):
        true = k if k < 16 else k + 1
        at = shape.to_lps(Index(3, 2, k))
        assert at == pytest.approx(whole.to_lps(Index(3, 2, true)), abs=1e-9)
    assert shape.step == STEP
    naive = shape.positions[0].plus(PointLps(0, 0, STEP), 28)
    assert (shape.positions[28] - naive).norm == pytest.approx(STEP)  # what a naive stack is off by


def test_f42_a_landmark_is_drawn_at_its_own_place_beyond_the_gap() -> None:
    shape = _gapped()
    voxels = np.zeros((29, 8, 10), np.int16)
    voxels[25, 5, 4] = 1000  # slice 26 of thirty
    shown = Reslicer(volume(shape, voxels)).values(_down_the_slices(shape, 59, STEP / 2))
    row, column = np.unravel_index(np.nanargmax(shown), shown.shape)
    assert (int(row), int(column)) == (52, 5)  # 26 steps down


def test_f42_a_gap_is_drawn_as_a_gap() -> None:
    shape = _gapped()
    voxels = np.full((29, 8, 10), 500, np.int16)
    shown = Reslicer(volume(shape, voxels)).values(_down_the_slices(shape, 291, STEP / 10))
    empty = np.isnan(shown).all(axis=1)
    places = np.arange(291) * STEP / 10
    np.testing.assert_array_equal(empty, (places > 15 * STEP + 1e-6) & (places < 17 * STEP - 1e-6))
    assert (shown[~empty] == 500).all()


def test_f42_uneven_steps_are_sampled_at_true_millimetres() -> None:
    places = [0.0, 1.0, 2.1, 3.0, 4.3, 5.2, 6.6]
    shape = geometry(planes(places), 8, 10, joined_steps(places))
    assert all(shape.joined)
    values = field(shape, PointLps(0, 0, 100), -1000).round(6)
    shown = Reslicer(volume(shape, values.astype(np.float32))).values(
        _down_the_slices(shape, 67, 0.1)
    )
    expected = 100 * (shape.positions[0].z + 0.1 * np.arange(67)) - 1000
    np.testing.assert_allclose(shown, np.repeat(expected[:, None], 8, axis=1), atol=1e-3)


def test_f42_thickness_and_stated_spacing_are_never_the_step(tmp_path: Path) -> None:
    lies = {"SliceThickness": "5", "SpacingBetweenSlices": "5"}
    made = {str(k): dataset(k, ImagePositionPatient=[0, 0, 1.25 * k], **lies) for k in range(1, 9)}
    found = write(tmp_path, made)
    (target,) = found.sets
    assert target.slice_step == pytest.approx(1.25)
    assert target.warnings == ()
    assert found.volume(target).geometry.step == pytest.approx(1.25)


@pytest.mark.parametrize(
    ("places", "even"),
    [
        ([0, 2, 4.0199, 6.0199], True),
        ([0, 2, 4.021, 6.021], False),
        ([0, 0.5, 1.0099, 1.5099], True),
        ([0, 0.5, 1.011, 1.511], False),
    ],
)
def test_f42_even_is_within_a_hundredth(tmp_path: Path, places: list[float], even: bool) -> None:
    made = {
        str(k): dataset(k + 1, ImagePositionPatient=[0, 0, place]) for k, place in enumerate(places)
    }
    (target,) = write(tmp_path, made).sets
    assert (target.warnings == ()) is even


def test_f42_a_series_that_goes_on_with_thicker_slices_has_no_gap() -> None:
    places = np.cumsum([0, *[4.0] * 12, *[7.0] * 12])
    assert all(joined_steps(places.tolist()))
    assert joined_steps([0, 10, 15, 20]) == (False, True, True)


@pytest.mark.parametrize(("part", "step", "gap"), [("001", 5.0, 10.0), ("002", 0.749704, 1.499408)])
def test_f42_real_irregular_increments(
    shared_dicom: Path, part: str, step: float, gap: float
) -> None:
    found = folder(shared_dicom / "geometry" / "dicom2nifti-failing" / "sliceincrement" / part)
    (target,) = found.sets
    assert target.slice_step == pytest.approx(step, abs=1e-4)
    assert target.warnings[0] == (
        f"Slices are missing between image 1 and 2: the gap is {gap:.2f} mm where {step:.2f} mm is "
        "the step."
    )
    assert why_no_mpr(target, found.instances) is None
    shape = found.volume(target).geometry
    assert shape.joined == (False, True, True)
    assert shape.places[1] == pytest.approx(gap, abs=1e-4)
