"""``lightbox info`` says what is there in the documented form, and what is not."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.kit import dicom_files
from tests.kit.dicom_files import CR
from workstation.cli import info


def _run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    parser = argparse.ArgumentParser()
    info.add_arguments(parser)
    code = info.run(parser.parse_args([str(a) for a in arguments]))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for z in (1, 2, 3, 5):
        (tmp_path / f"{z}.dcm").write_bytes(dicom_files.file(z, SeriesDescription="Chest"))
    cr = dicom_files.dataset(
        9, series="2", SOPClassUID=CR, Modality="CR", ImagerPixelSpacing=[0.14, 0.15],
        PixelSpacing=None, BodyPartExamined="CHEST",
    )  # fmt: skip
    (tmp_path / "cr.dcm").write_bytes(dicom_files.written(cr))
    (tmp_path / "notes.txt").write_text("hello")
    return tmp_path


def test_the_documented_json(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    code, out, err = _run(capsys, folder, "--json")
    found: dict[str, Any] = json.loads(out)
    assert (code, err) == (0, "")
    assert found.keys() == {"studies", "rejected"}
    (study,) = found["studies"]
    assert study.keys() == {"uid", "date", "description", "patient", "series"}
    assert study["patient"] == {
        "id": "T-1", "name": "Test^Patient", "birth_date": "19700102", "sex": "O",
    }  # fmt: skip
    ct, cr = study["series"]
    assert ct.keys() == {
        "uid", "number", "modality", "description", "body_part", "display_sets",
    }  # fmt: skip
    assert ct["display_sets"] == [
        {
            "id": ct["display_sets"][0]["id"],
            "kind": "volume",
            "frames": 4,
            "rows": 4,
            "columns": 5,
            "spacing": [0.5, 0.25],
            "slice_step": 1.0,
            "orientation": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            "transfer_syntaxes": ["1.2.840.10008.1.2.1"],
            "warnings": [
                "Slices are missing between image 1 and 2: the gap is 2.00 mm where 1.00 mm is "
                "the step."
            ],
            "label": "Chest",
            "split_by": {},
            "frame_rate": None,
            "frame_ms": None,
            "no_mpr": None,
        }
    ]
    assert cr["body_part"] == "CHEST"
    assert cr["display_sets"][0]["spacing"] == [0.14, 0.15]
    assert cr["display_sets"][0]["orientation"] is None
    assert found["rejected"] == [
        {"file": str(folder / "notes.txt"), "reason": "The file is not a DICOM file."}
    ]


def test_the_readable_form(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    code, out, _ = _run(capsys, folder)
    assert code == 0
    assert "Test^Patient T-1 19700102" in out
    assert "volume: 4 frames 5 × 4, every 1 mm" in out
    assert "Not read: " in out


def test_nothing_read_is_one_line_and_exit_code_1(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = _run(capsys, tmp_path / "absent.dcm", "--json")
    assert code == 1
    assert json.loads(out)["studies"] == []
    assert err == (
        "lightbox: nothing could be read: The file cannot be read: No such file or directory.\n"
    )
    code, _, err = _run(capsys, tmp_path)
    assert (code, err) == (1, "lightbox: nothing could be read: there is no DICOM object.\n")


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("lost", [1, 17, 40])
def test_pixel_data_that_is_cut_short_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, lost: int, syntax: str
) -> None:
    """F4: also before anything is drawn."""
    path = tmp_path / "cut.dcm"
    path.write_bytes(dicom_files.file(syntax=syntax)[:-lost])
    _, out, _ = _run(capsys, path, "--json")
    (one,) = json.loads(out)["studies"][0]["series"][0]["display_sets"]
    assert one["warnings"] == [f"The pixel data is cut short: {40 - lost} of 40 bytes are there."]


def test_direction_characters_of_file_names_are_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a\u202egnp.dcm").write_text("hello")
    _, out, _ = _run(capsys, tmp_path)
    assert "a\\u202egnp.dcm: The file is not a DICOM file." in out
