"""The real images of pydicom's wheel under an invented name: pixels untouched, nobody named."""

from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from tests.kit.seeded import NOW
from workstation.demo.seed_wheel import wheel_cases


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("wheel")
    for case in wheel_cases(NOW):
        case.make_images(folder, lambda *_: None)
    return sorted(folder.glob("second-opinion/**/*.dcm"))


def test_all_series_are_one_study_of_one_patient(files: list[Path]) -> None:
    heads = [pydicom.dcmread(f, stop_before_pixels=True) for f in files]
    assert [h.SeriesNumber for h in heads] == [1, 2, 3, 4, 5, 6]
    assert {h.StudyInstanceUID for h in heads} == {wheel_cases(NOW)[0].plan.study.uid}
    assert {str(h.PatientName) for h in heads} == {"Demoreal^Dora"}
    assert {(h.PatientID, h.AccessionNumber) for h in heads} == {("DEMO-0004", "A-000104")}
    assert {h.StudyDate for h in heads} == {"20261122"}


def test_what_the_files_say_is_what_the_platform_lists(files: list[Path]) -> None:
    listed = {
        (i["uid"], i["sopClass"]["code"])
        for s in wheel_cases(NOW)[0].arrived()[0]["series"]
        for i in s["instance"]
    }
    heads = [pydicom.dcmread(f, stop_before_pixels=True) for f in files]
    assert {(h.SOPInstanceUID, f"urn:oid:{h.SOPClassUID}") for h in heads} == listed
    assert all(h.file_meta.MediaStorageSOPInstanceUID == h.SOPInstanceUID for h in heads)


def test_pixels_and_their_encoding_stay(files: list[Path]) -> None:
    made = pydicom.dcmread(files[3])
    source = pydicom.dcmread(str(get_testdata_file("examples_jpeg2k.dcm", download=False)))
    assert made.PixelData == source.PixelData
    assert made.file_meta.TransferSyntaxUID == source.file_meta.TransferSyntaxUID


def test_nothing_of_the_former_identity_is_left(files: list[Path]) -> None:
    for file in files:
        head = pydicom.dcmread(file, stop_before_pixels=True)
        text = str(head)
        assert "CompressedSamples" not in text
        assert "Ssssss" not in text
        assert not any(e.tag.is_private for e in head.iterall())
