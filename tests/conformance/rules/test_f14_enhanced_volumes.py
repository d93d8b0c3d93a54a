"""F14: an enhanced object and the classic series of the same frames are one and the same volume."""

from pathlib import Path

import numpy as np
import pytest

from tests.kit.dicom_files import enhanced, frame_groups
from tests.kit.real_volumes import folder
from viewer.loading.volume import Volume
from viewer.model.display_set import Kind


def _values(volume: Volume) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return volume.voxels.astype(np.float64) * volume.rescale.slope + volume.rescale.intercept


def test_f14_a_real_enhanced_series_equals_its_classic_twin(shared_dicom: Path) -> None:
    volumes = []
    for twin in ("classic", "enhanced"):
        found = folder(shared_dicom / "enhanced" / f"philips-1901-{twin}")
        (target,) = found.sets
        assert (target.kind, len(target.frames)) == (Kind.VOLUME, 40)
        assert target.slice_step == pytest.approx(4.0, abs=1e-5)
        volumes.append(found.volume(target))
    classic, multi = volumes
    np.testing.assert_array_equal(classic.voxels, multi.voxels)
    np.testing.assert_array_equal(_values(classic), _values(multi))
    # their headers write one number in different lengths
    np.testing.assert_allclose(classic.geometry.affine, multi.geometry.affine, rtol=0, atol=1e-9)


def test_f14_each_frame_goes_into_the_volume_by_its_own_transformation(tmp_path: Path) -> None:
    frames = [frame_groups(2.0 * z, *step, 50) for z, step in enumerate(((1, 0), (2, -50), (4, 1)))]
    (tmp_path / "one").write_bytes(enhanced(frames, np.full((3, 4, 5), 100)))
    found = folder(tmp_path)
    (target,) = found.sets
    values = _values(found.volume(target))
    assert [float(slice_[0, 0]) for slice_ in values] == [401, 150, 100]  # from the head down


def test_f14_a_real_moving_knee_is_one_place_over_time(shared_dicom: Path) -> None:
    found = folder(shared_dicom / "enhanced" / "MOVEKNEE.dcm")
    (target,) = found.sets
    assert (target.kind, len(target.frames)) == (Kind.STACK, 19)
    (instance,) = found.instances.values()
    assert instance.dimension_index == tuple((time,) for time in range(1, 20))
    assert [ref.frame for ref in target.frames] == list(range(19))


def test_f14_a_real_cine_has_the_rate_of_its_frame_time(shared_dicom: Path) -> None:
    (target,) = folder(shared_dicom / "xa-rf").sets
    assert (target.kind, len(target.frame_ms)) == (Kind.CINE, 96)
    assert target.frame_rate == pytest.approx(1000 / 33)
