"""``lightbox render`` on real files, against values read by pydicom."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import UID, generate_uid

from tests.kit.dicom_files import written
from tests.kit.pet import pet
from workstation.__main__ import main


def path_of(name: str) -> Path:
    return Path(str(get_testdata_file(name)))


def rendered(path: Path, out: Path, *words: str) -> NDArray[Any]:
    assert main(["render", str(path), "--out", str(out), *words]) == 0
    with Image.open(out) as image:
        return np.asarray(image).copy()


def linear(x: NDArray[Any], c: float, w: float) -> NDArray[np.float64]:
    """C.11.2.1.2.1 in float64, 0..1."""
    return np.where(
        x <= c - 0.5 - (w - 1) / 2,
        0.0,
        np.where(x > c - 0.5 + (w - 1) / 2, 1.0, (x - (c - 0.5)) / (w - 1) + 0.5),
    )


def hounsfield(ds: Dataset) -> NDArray[np.float64]:
    values: NDArray[np.float64] = ds.pixel_array.astype(np.float64)
    return values * float(ds.RescaleSlope) + float(ds.RescaleIntercept)


@pytest.mark.parametrize("bits", [8, 16])
def test_ct_small_equals_the_standard_pixel_for_pixel(tmp_path: Path, bits: int) -> None:
    path = path_of("CT_small.dcm")
    got = rendered(path, tmp_path / "o.png", "--window", "40,400", "--bits", str(bits))
    expected = np.floor(linear(hounsfield(dcmread(path)), 40, 400) * (2**bits - 1) + 0.5)
    assert got.dtype == (np.uint8 if bits == 8 else np.uint16)
    assert np.array_equal(got, expected)


def test_without_a_window_minimum_to_maximum(tmp_path: Path) -> None:
    path = path_of("CT_small.dcm")
    ds = dcmread(path)
    assert "WindowCenter" not in ds
    x = hounsfield(ds)
    got = rendered(path, tmp_path / "o.png", "--bits", "16")
    assert np.array_equal(got, np.floor((x - x.min()) / (x.max() - x.min()) * 65535 + 0.5))


def test_the_first_own_window_is_the_default(tmp_path: Path) -> None:
    path = path_of("MR_small.dcm")
    ds = dcmread(path)
    centre, width = float(ds.WindowCenter), float(ds.WindowWidth)
    got = rendered(path, tmp_path / "o.png")
    x = ds.pixel_array.astype(np.float64)
    assert np.array_equal(got, np.floor(linear(x, centre, width) * 255 + 0.5))


def test_a_size_fits_the_image_and_is_black_around_it(tmp_path: Path) -> None:
    path = path_of("CT_small.dcm")
    got = rendered(path, tmp_path / "o.png", "--size", "512x256", "--window", "-500,2000")
    assert got.shape == (256, 512)
    assert not got[:, :128].any()
    assert not got[:, 384:].any()
    assert got[:, 128:384].any()


def test_colour_comes_out_as_rgb(tmp_path: Path) -> None:
    path = path_of("SC_rgb_small_odd.dcm")
    got = rendered(path, tmp_path / "o.png")
    assert np.array_equal(got, dcmread(path).pixel_array)


def test_monochrome1_shows_bone_white(tmp_path: Path, shared_dicom: Path) -> None:
    path = shared_dicom / "cr-dx/RG3_J2KR.dcm"
    ds = dcmread(path)
    got = rendered(path, tmp_path / "o.png", "--bits", "16")
    assert ds.PhotometricInterpretation == "MONOCHROME1"
    stored = ds.pixel_array.astype(np.float64)
    p = 1 - linear(stored, float(ds.WindowCenter), float(ds.WindowWidth))
    assert np.array_equal(got, np.floor(p * 65535 + 0.5))
    heel, air = got[1550:1650, 760:830], got[820:920, 500:560]
    assert heel.mean() > 3 * air.mean()


def test_index_counts_in_display_order(tmp_path: Path) -> None:
    """Three slices, written and numbered in an order that is not that of their positions."""
    series, study = generate_uid(), generate_uid()
    for number, z in enumerate([20.0, -10.0, 5.0]):
        ds = dcmread(path_of("CT_small.dcm"))
        ds.SeriesInstanceUID, ds.StudyInstanceUID = series, study
        ds.SOPInstanceUID = generate_uid()
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        ds.ImagePositionPatient = [0, 0, z]
        ds.InstanceNumber = number + 1
        ds.PixelData = np.full((128, 128), int(1024 + z), np.int16).tobytes()
        ds.save_as(tmp_path / f"{number}.dcm")
    levels = [
        int(rendered(tmp_path, tmp_path / f"{i}.png", "--index", str(i), "--window", "0,200")[0, 0])
        for i in range(3)
    ]
    assert sorted(levels) in (levels, levels[::-1])
    assert len(set(levels)) == 3


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--index", "1"), "There is no image 1"),
        (("--series", "1.2.3"), "There is no series 1.2.3"),
    ],
)
def test_a_fault_is_one_line_on_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    path = path_of("CT_small.dcm")
    assert main(["render", str(path), "--out", str(tmp_path / "o.png"), *words]) == 1
    told = capsys.readouterr()
    assert told.err.startswith(f"lightbox: {sentence}")
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_a_file_that_is_not_dicom_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "note.txt"
    file.write_text("not an image")
    assert main(["render", str(file), "--out", str(tmp_path / "o.png")]) == 1
    told = capsys.readouterr().err
    assert "note.txt" in told
    assert told.count("\n") == 1


def test_pixels_that_cannot_be_decoded_are_named_by_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ds = dcmread(path_of("CT_small.dcm"))
    ds.PixelData = ds.PixelData[:1000]
    ds.save_as(tmp_path / "short.dcm")
    assert main(["render", str(tmp_path / "short.dcm"), "--out", str(tmp_path / "o.png")]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"lightbox: Image {ds.SOPInstanceUID} cannot be drawn: ")
    assert told.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "missing" / "o.png"
    assert main(["render", str(path_of("CT_small.dcm")), "--out", str(out)]) == 1
    assert "cannot be written" in capsys.readouterr().err


def told(path: Path, out: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["render", str(path), "--out", str(out), "--json", *words]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_values_are_those_of_the_modality_step_with_their_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = path_of("CT_small.dcm"), tmp_path / "o.npy"
    answer = told(path, out, capsys, "--values")
    values = np.load(out)
    expected = hounsfield(dcmread(path))
    assert values.dtype == np.float32
    assert np.array_equal(values, expected.astype(np.float32))
    assert (answer["kind"], answer["unit"]) == ("modality", "HU")
    assert (answer["minimum"], answer["maximum"]) == (expected.min(), expected.max())
    assert answer["sop"] == dcmread(path).SOPInstanceUID


def test_each_of_the_image_s_own_windows_can_be_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ds = dcmread(path_of("CT_small.dcm"))
    ds.WindowCenter, ds.WindowWidth = ["40", "-600"], ["400", "1500"]
    ds.WindowCenterWidthExplanation = ["Abdomen", "Lung"]
    path = tmp_path / "two.dcm"
    ds.save_as(path)
    x = hounsfield(ds)
    for words, centre, width in (
        ((), 40, 400),
        (("--voi", "1"), -600, 1500),
        (("--voi", "lung"), -600, 1500),
    ):
        answer = told(path, tmp_path / "o.png", capsys, *words)
        assert (answer["voi"]["centre"], answer["voi"]["width"]) == (centre, width)
        with Image.open(tmp_path / "o.png") as image:
            got = np.asarray(image)
        assert np.array_equal(got, np.floor(linear(x, centre, width) * 255 + 0.5))
    got = rendered(path, tmp_path / "o.png", "--no-voi")
    assert np.array_equal(got, np.floor((x - x.min()) / (x.max() - x.min()) * 255 + 0.5))
    assert main(["render", str(path), "--out", str(tmp_path / "o.png"), "--voi", "bone"]) == 1
    assert "its own are: 0 Abdomen, 1 Lung." in capsys.readouterr().err


def test_a_frame_counts_as_it_is_stored(tmp_path: Path) -> None:
    ds = dcmread(path_of("CT_small.dcm"))
    ds.NumberOfFrames = 3
    ds.PixelData = ds.PixelData + bytes(128 * 128 * 2) + ds.PixelData[::-1]
    path, out = tmp_path / "three.dcm", tmp_path / "o.npy"
    ds.save_as(path)
    stored = ds.pixel_array.astype(np.float32)
    for frame in (0, 1, 2):
        assert (
            main(["render", str(path), "--out", str(out), "--values", "--frame", f"{frame}"]) == 0
        )
        assert np.array_equal(np.load(out), stored[frame] - 1024)
    assert main(["render", str(path), "--out", str(out), "--values", "--frame", "3"]) == 1


def test_f12_frames_of_one_set_have_one_range_without_a_window(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ds = dcmread(path_of("CT_small.dcm"))
    frames = np.stack([ds.pixel_array, ds.pixel_array // 4, ds.pixel_array * 2])
    ds.NumberOfFrames = 3
    ds.PixelData = frames.tobytes()
    path, out = tmp_path / "three.dcm", tmp_path / "o.png"
    ds.save_as(path)
    x = frames * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
    for frame in (0, 1, 2):
        answer = told(path, out, capsys, "--frame", f"{frame}", "--bits", "16")
        assert answer["range"] == [x.min(), x.max()]
        with Image.open(out) as image:
            got = np.asarray(image)
        expected = np.floor((x[frame] - x.min()) / (x.max() - x.min()) * 65535 + 0.5)
        assert np.array_equal(got, expected)
    assert told(path, out, capsys, "--window", "40,400")["range"] is None


def test_f12_the_range_of_a_set_leaves_out_what_cannot_be_decoded(tmp_path: Path) -> None:
    ds = dcmread(path_of("CT_small.dcm"))
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    for number, level in enumerate((500, 3000)):
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = UID(f"1.2.3.{number}")
        pixels = np.full((128, 128), level, np.int16)
        pixels[0] = 0
        ds.PixelData = pixels.tobytes() if number == 0 else pixels[:3].tobytes()
        ds.save_as(tmp_path / f"{number}.dcm")
    got = rendered(tmp_path, tmp_path / "o.png")
    assert sorted({*got.ravel().tolist()}) == [0, 43], (
        "500 of 3000, the third of which rows is there"
    )


def test_f16_supplemental_colours_come_out_as_rgb(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where one image pixel is one PNG pixel."""
    ds = dcmread(path_of("CT_small.dcm"))
    for n in range(3):
        ds.add_new(0x00281101 + n, "US", [2, 1200, 16])
        ds.add_new(0x00281201 + n, "OW", np.array([n * 257, 65535 - n * 257], "<u2").tobytes())
    path, out = tmp_path / "colours.dcm", tmp_path / "o.png"
    ds.save_as(path)
    words = ("--window", "40,400")
    answer = told(path, out, capsys, *words, "--bits", "16")
    assert answer["content"] == "RGB"
    assert "bits" not in answer
    with Image.open(out) as image:
        got = np.asarray(image).copy()
    stored = ds.pixel_array
    grey = np.floor(linear(hounsfield(ds), 40, 400) * 255 + 0.5)
    assert (stored >= 1200).any()
    for n in range(3):
        colour = np.where(stored == 1200, n, 255 - n)
        assert np.array_equal(got[..., n], np.where(stored >= 1200, colour, grey))
    assert np.array_equal(rendered(path, out, *words, "--size", "128x128"), got)


def test_values_beyond_32_bits_say_nothing_on_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ds = dcmread(path_of("CT_small.dcm"))
    ds.RescaleSlope = "1E38"
    path, out = tmp_path / "huge.dcm", tmp_path / "o.npy"
    ds.save_as(path)
    assert main(["render", str(path), "--out", str(out), "--values"]) == 0
    assert capsys.readouterr().err == ""
    assert np.isinf(np.load(out)).any()


def test_why_there_is_no_suv_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "pet.dcm"
    path.write_bytes(written(pet(PatientWeight=None)))
    words = ["render", str(path), "--out", str(tmp_path / "o.npy"), "--values", "--readout", "SUV"]
    assert main(words) == 1
    line = "lightbox: There is no SUV: Patient's Weight is missing.\n"
    assert capsys.readouterr().err == line


def test_without_suv_a_pet_gives_its_modality_values_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / "pet.dcm", tmp_path / "o.npy"
    path.write_bytes(written(pet(PatientWeight=None)))
    assert main(["render", str(path), "--out", str(out), "--values", "--json"]) == 0
    said = capsys.readouterr()
    answer = json.loads(said.out)
    assert (answer["kind"], answer["unit"]) == ("modality", "Bq/ml")
    assert answer["suv_reason"] == "There is no SUV: Patient's Weight is missing."
    assert said.err == f"lightbox: {answer['suv_reason']} These are modality values.\n"
    path.write_bytes(written(pet()))
    assert main(["render", str(path), "--out", str(out), "--values", "--json"]) == 0
    said = capsys.readouterr()
    assert (json.loads(said.out)["suv_reason"], said.err) == (None, "")


def test_colour_has_no_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = path_of("SC_rgb_small_odd.dcm")
    assert main(["render", str(path), "--out", str(tmp_path / "o.npy"), "--values"]) == 1
    assert capsys.readouterr().err == "lightbox: Colour has no values to measure with.\n"
