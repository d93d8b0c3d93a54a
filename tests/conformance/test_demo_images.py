"""Real and broken files on the demo platform: an answer for each, never a fault."""

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from workstation.demo.image_folder import ImageFolder
from workstation.demo.problems import Problem
from workstation.demo.wado import frame_bytes, metadata

BASE = "https://127.0.0.1:1/dicomweb"

pytestmark = pytest.mark.filterwarnings("ignore")  # the files break rules, and pydicom says so


@pytest.mark.timeout(30)
@pytest.mark.parametrize("kind", ["malformed", "charset", "us", "bits-and-floats", "enhanced"])
def test_every_file_gets_an_answer(shared_dicom: Path, tmp_path: Path, kind: str) -> None:
    images = ImageFolder(tmp_path)
    images.add_folder(shared_dicom / kind)
    found = images.find()
    assert found
    for instance in found:
        told = metadata(instance, BASE)
        assert told["00080018"]["Value"] == [instance.sop]
        try:
            frame_bytes(instance, 1)
        except Problem as problem:
            assert problem.status in {404, 406}  # noqa: PT017 - either answer is right


def test_names_come_through_in_every_character_set(shared_dicom: Path, tmp_path: Path) -> None:
    images = ImageFolder(tmp_path)
    images.add_folder(shared_dicom / "charset")
    for instance in images.find():
        original = pydicom.dcmread(instance.file, stop_before_pixels=True)
        assert Dataset.from_json(metadata(instance, BASE)).PatientName == original.PatientName
