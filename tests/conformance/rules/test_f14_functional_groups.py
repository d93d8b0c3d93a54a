"""F14: what a pixel means is looked up for its frame, then shared, then in the object."""

import io
import warnings
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_rescale
from pydicom.sequence import Sequence as Items

from tests.kit.dicom_files import dataset, enhanced, frame_groups, written
from viewer.loading.headers import read_header
from viewer.model.presentation import Rescale, Window
from viewer.model.study import Instance
from viewer.pixels.pipeline import PixelPipeline

HUNDRED = np.full((2, 4, 5), 100)


def two_frames(**values: Any) -> bytes:
    return enhanced([frame_groups(0, 1, 0, 50), frame_groups(1, 2, -50, 60)], HUNDRED, **values)


def read(data: bytes) -> Instance:
    return read_header(io.BytesIO(data), name="file").instance


def test_f14_each_frame_has_its_own_rescale() -> None:
    data = two_frames()
    instance = read(data)
    ours = [
        float(PixelPipeline.of(instance.at(n)).modality_values(HUNDRED[n].astype("u2"))[0, 0])
        for n in (0, 1)
    ]
    assert ours == [100, 150]
    image = highdicom.imread(io.BytesIO(data))
    theirs = image.get_frames(apply_real_world_transform=False, apply_modality_transform=True)
    assert theirs[:, 0, 0].tolist() == [100, 150]
    # pydicom looks at the top level alone
    ds = dcmread(io.BytesIO(data))
    assert apply_rescale(ds.pixel_array, ds)[:, 0, 0].tolist() == [100, 100]


def test_f14_shared_beats_the_object_and_a_frame_beats_both() -> None:
    def rescale(slope: float) -> Items:
        item = Dataset()
        item.RescaleSlope, item.RescaleIntercept, item.RescaleType = slope, 0, "US"
        return Items([item])

    ds = dcmread(io.BytesIO(two_frames(RescaleSlope=9, RescaleIntercept=0)))
    ds.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence = rescale(5)
    del ds.PerFrameFunctionalGroupsSequence[1].PixelValueTransformationSequence
    found = read(written(ds))
    assert found.at(0).modality_lut == Rescale(1, 0, "")
    assert found.at(1).modality_lut == Rescale(5, 0, "")
    del ds.SharedFunctionalGroupsSequence[0].PixelValueTransformationSequence
    assert read(written(ds)).at(1).modality_lut == Rescale(9, 0, "")


def test_f14_windows_planes_and_mappings_are_those_of_the_frame() -> None:
    frames = [frame_groups(0, 1, 0, 50), frame_groups(7, 1, 0, 60)]
    for n, frame in enumerate(frames):
        item = Dataset()
        item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 0, 4095
        item.RealWorldValueSlope, item.RealWorldValueIntercept = float(n + 2), 0.0
        item.LUTLabel = "ADC"
        frame.RealWorldValueMappingSequence = Items([item])
    found = read(enhanced(frames, HUNDRED))
    assert [found.at(n).windows for n in (0, 1)] == [(Window(50, 100),), (Window(60, 100),)]
    assert [plane.position.z for plane in found.planes if plane] == [0, 7]
    assert [found.at(n).real_world[0].slope for n in (0, 1)] == [2, 3]


def test_f14_a_classic_object_has_one_meaning_for_all_frames() -> None:
    ds = dataset(NumberOfFrames=2, RescaleSlope=3, RescaleIntercept=1)
    ds.PixelData = HUNDRED.astype("<u2").tobytes()
    found = read(written(ds))
    assert found.per_frame == ()
    assert found.at(1) is found


@pytest.mark.parametrize(
    "name", ["enhanced/emri_small.dcm", "enhanced/philips-1901-enhanced/1901_WIP_3DpCASL_real.dcm"]
)
def test_f14_real_frames_equal_highdicom(shared_dicom: Path, name: str) -> None:
    with (shared_dicom / name).open("rb") as data:
        instance = read_header(data, name=name).instance
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = highdicom.imread(shared_dicom / name)
        for n in sorted({0, instance.frames // 2, instance.frames - 1}):
            raw = image.get_stored_frame(n + 1)
            theirs = image.get_frame(
                n + 1, apply_real_world_transform=False, apply_modality_transform=None
            )
            ours = PixelPipeline.of(instance.at(n)).modality_values(raw)
            assert np.array_equal(ours, theirs.astype(np.float64)), n
