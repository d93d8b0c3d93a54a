"""``lightbox measure``: arguments, images found by their place, and the numbers as JSON."""

import argparse
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from tests.kit.dicom_files import written
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import PixelPoint, PointLps
from workstation.__main__ import main
from workstation.cli import measure
from workstation.errors import UserFacingError


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    measure.add_arguments(parser)
    return parser.parse_args(["in.dcm", *words])


def ct(n: int, **changes: object) -> Dataset:
    """One axial slice of 20 x 16 pixels, 0.5 x 0.25 mm, whose values rise with the column."""
    made = Dataset()
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    made.SOPInstanceUID = f"1.2.3.{n + 1}"
    made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.3", "1.2.3.99"
    made.FrameOfReferenceUID = "1.2.3.98"
    made.Modality, made.InstanceNumber = "CT", n + 1
    made.Rows, made.Columns, made.SamplesPerPixel = 20, 16, 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 1
    made.PixelSpacing = [0.5, 0.25]
    made.ImagePositionPatient = [-10, -20, 5 * n]
    made.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    made.RescaleSlope, made.RescaleIntercept = 2, -100
    values = np.tile(np.arange(16, dtype=np.int16), (20, 1))
    made.PixelData = values.tobytes()
    for name, value in changes.items():
        setattr(made, name, value)
    return made


@pytest.fixture
def series(tmp_path: Path) -> Path:
    for n in range(3):
        (tmp_path / f"{n}.dcm").write_bytes(written(ct(n)))
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["measure", *words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["measure", *words]) == 1
    return capsys.readouterr().err


def test_points_are_places_in_the_patient_or_pixels() -> None:
    there = measure.checked(parsed("--tool", "length", "--points", "-1,2,3;4,5,6.5"))
    assert there.places == (PointLps(-1, 2, 3), PointLps(4, 5, 6.5))
    assert there.by_place
    here = measure.checked(parsed("--tool", "angle", "--points", "1,2;3,4; 5,6", "--index", "2"))
    assert here.places[2] == PixelPoint(5, 6)
    assert here.tool is AnnotationKind.ANGLE
    assert not here.by_place
    assert here.image.index == 2


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ("", "There is no point"),
        ("1,2,3;4,5", "'4,5' is no point of 3 numbers"),
        ("1,2;x,3", "'x,3' is no point of 2 numbers"),
        ("1,nan;2,3", "'1,nan' is no point"),
        ("1", "'1' is no point of 3 numbers"),
    ],
)
def test_what_is_no_point_is_named(points: str, sentence: str) -> None:
    with pytest.raises(UserFacingError, match=sentence):
        measure.checked(parsed("--tool", "length", "--points", points))
    with pytest.raises(UserFacingError, match="--index is a number"):
        measure.checked(parsed("--tool", "length", "--points", "1,2;3,4", "--index", "x"))


def test_the_image_is_the_one_that_the_points_lie_on(
    series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, str(series), "--tool", "length", "--points", "-10,-20,5.2;-7,-16,5.2")
    assert found["sop"] == "1.2.3.2"
    (number,) = found["measurements"]
    assert number["value"] == pytest.approx(5.0, rel=1e-12)
    assert (number["unit"], number["calibration"]) == ("mm", "PATIENT")
    assert 0 < number["plus_minus"] < 1
    both = number["from_placing"], number["from_scale"]
    assert math.hypot(*both) == pytest.approx(number["plus_minus"], rel=1e-12)
    assert both[1] == pytest.approx(2 * 0.005 * 5.0)
    assert found["label"] == "5.0 mm"


def test_statistics_are_of_modality_values(
    series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, str(series), "--tool", "rectangle", "--points", "2,3;6,5", "--index", "1")
    numbers = {m.get("derivation", m["name"]): m for m in found["measurements"]}
    assert numbers["Area"]["value"] == pytest.approx(4 * 0.25 * 2 * 0.5)
    assert numbers["Mean"]["value"] == pytest.approx(2 * 4 - 100)
    assert numbers["Mean"]["unit"] == "[hnsf'U]"
    assert numbers["Number of pixels"]["value"] == 15
    assert main(["measure", str(series), "--tool", "circle", "--points", "8,8;10,8"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("0.8 mm², ⌀ 1.0 mm (± ")
    assert "Pixel Spacing is true" in text


def test_what_cannot_be_measured_is_one_sentence(
    series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = (str(series), "--tool", "length", "--points")
    assert "lie 40.0 mm off the nearest" in refused(capsys, *here, "0,0,50;1,0,45")
    assert "Point 2 lies outside" in refused(capsys, *here, "1,1;99,1")
    assert "Point 1 lies 5.0 mm off" in refused(capsys, *here, "-9,-19,0;-9,-18,5", "--index", "1")
    assert "takes 2 points, not 3" in refused(capsys, *here, "1,1;2,2;3,3")
    angle = (str(series), "--tool", "angle", "--points", "1,1;1,1;3,3")
    assert "has no length" in refused(capsys, *angle)
    probe = (str(series), "--tool", "length", "--points", "1,1,1;2,2,2", "--series", "1.9")
    assert "off" in refused(capsys, *probe) or "No image" in refused(capsys, *probe)
    values = (str(series), "--tool", "circle", "--points", "8,8;10,8", "--readout", "SUVlbm")
    assert "no values called SUVlbm; it has Modality value." in refused(capsys, *values)
    missing = (str(series / "none"), "--tool", "length", "--points", "1,1,1;2,2,2")
    assert "does not exist" in refused(capsys, *missing)


def test_an_image_without_place_takes_pixels_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flat = ct(0, Modality="CR", SOPClassUID="1.2.840.10008.5.1.4.1.1.1")
    for name in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"):
        delattr(flat, name)
    path = tmp_path / "flat.dcm"
    path.write_bytes(written(flat))
    here = (str(path), "--tool", "length", "--points")
    assert "give columns and rows" in refused(capsys, *here, "1,1,1;2,2,2")
    assert "give columns and rows" in refused(capsys, *here, "1,1,1;2,2,2", "--index", "0")
    found = told(capsys, *here, "0,0;3,4")
    assert found["label"] == "5.0 px"
    assert found["points"] == []


def test_what_lies_in_space_is_measured_on_the_whole_series(
    series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = told(capsys, str(series), "--tool", "line-3d", "--points", "-9,-19,0;-9,-16,4")
    assert line["measurements"][0]["value"] == pytest.approx(5.0)
    ball = told(capsys, str(series), "--tool", "sphere", "--points", "-8,-16,5;-8,-15,5")
    assert ball["measurements"][0]["value"] == pytest.approx(4 / 3 * math.pi / 1000)
    assert ball["measurements"][0]["plus_minus"] > 0
    values = {one["name"]: one["value"] for one in ball["measurements"]}
    assert values["Number of voxels"] == 25  # one slice of 0.5 x 0.25 mm within 1 mm
    box = "-9,-18,2;-8,-16,8"
    deep = told(capsys, str(series), "--tool", "box", "--points", box)
    assert deep["measurements"][0]["value"] == pytest.approx(1 * 2 * 6 / 1000)
    grown = told(
        capsys, str(series), "--tool", "grown", "--points", "-8,-16,5;-8,40,5",
        "--range", "-90;-84",
    )  # fmt: skip
    values = {one["name"]: one["value"] for one in grown["measurements"]}
    assert values["Number of voxels"] == 3 * 4 * 20  # four columns of every slice
    assert "may go on beyond" in grown["notes"][0]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("sphere", "1,2;3,4"), "takes points in mm of the patient"),
        (("sphere", "900,2,3;901,2,3"), "No series there makes a volume"),
        (("sphere", "-8,-16,5;-8,-16,5"), "The sphere has no radius."),
        (("line-3d", "-8,-16,5"), "Length in 3D takes 2 points, not 1."),
        (("grown", "-8,-16,5;-8,-10,5", "--range", "3;2"), "--range: a lowest and a highest"),
        (("grown", "-8,-16,5;-8,-10,5", "--range", "900;901"), "value is not within the range"),
    ],
)
def test_what_cannot_be_measured_in_space_is_one_sentence(
    series: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    tool, points, *more = words
    assert sentence in refused(capsys, str(series), "--tool", tool, "--points", points, *more)
