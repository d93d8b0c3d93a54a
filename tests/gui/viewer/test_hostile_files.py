"""Hostile files in the window: a picture or a sentence for each, in little memory (R21, R23)."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.fuzz import handmade
from tests.fuzz.window import PICTURE, faults_of, shown

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(60),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def _pictures(folder: Path, *, files: int) -> int:
    """Show a folder without a fault; gives how many files gave a picture."""
    found, ended = shown(folder)
    assert ended == ""
    assert {one["file"]: faults for one in found if (faults := list(faults_of(one)))} == {}
    assert len(found) >= files
    return sum(PICTURE in one["said"] for one in found)


def test_a_file_for_each_limit(tmp_path: Path) -> None:
    if shutil.disk_usage(tmp_path).free < 4 << 30:
        pytest.skip("no room for a sparse file")
    made = handmade.written(tmp_path)
    assert _pictures(tmp_path, files=len(made)) == len(handmade.NAMES)


def test_objects_without_images_come_as_mask_document_or_entry(shared_dicom: Path) -> None:
    """Segmentations, structure sets, waveforms, reports: nothing is missing in the window."""
    assert _pictures(shared_dicom / "seg-rt-sr-ko-pr", files=38) >= 20


def test_the_malformed_files(shared_dicom: Path) -> None:
    assert 100 < _pictures(shared_dicom / "malformed", files=161) < 161
