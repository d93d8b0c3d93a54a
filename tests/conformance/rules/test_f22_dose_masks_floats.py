"""F22: doses, masks and float pixels mean what their own modules say."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.data import get_testdata_file

from tests.kit.dicom_files import dataset, file, written
from tests.kit.real_volumes import folder
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import cut_frame
from viewer.loading.guard import FileBytes, Limits
from viewer.loading.headers import read_header
from viewer.loading.outline import outline
from viewer.loading.volume import why_no_mpr
from viewer.model.display_set import Kind
from viewer.model.presentation import Presentation, Rescale
from viewer.model.study import Instance
from viewer.pixels.measured import measured_values
from viewer.pixels.pipeline import PixelPipeline, default_voi, value_range


def header(data: bytes) -> Instance:
    return read_header(io.BytesIO(data), name="file").instance


@pytest.mark.parametrize(("units", "unit"), [("GY", "Gy"), ("RELATIVE", "relative dose")])
def test_f22_a_dose_is_its_grid_scaling_times_the_pixel(units: str, unit: str) -> None:
    instance = header(
        file(Modality="RTDOSE", DoseGridScaling=1.5e-5, DoseUnits=units, RescaleSlope=7)
    )
    assert instance.modality_lut == Rescale(1.5e-5, 0, unit)
    frame = np.array([[0, 4000]], dtype=np.uint16)
    assert measured_values(frame, instance).values.tolist() == [[0, 4000 * 1.5e-5]]


def test_f22_a_dose_without_scaling_is_no_dose() -> None:
    instance = header(file(Modality="RTDOSE", DoseUnits="GY"))
    assert instance.modality_lut == Rescale(1, 0, "")
    assert "Dose Grid Scaling is missing" in instance.repairs[0]


def test_f22_dose_grids_of_32_bits_are_equal_in_both_byte_orders() -> None:
    doses = []
    for name in ("rtdose.dcm", "rtdose_expb.dcm"):
        data = Path(str(get_testdata_file(name))).read_bytes()
        instance = header(data)
        frames = [decode(data, n, instance) for n in (0, instance.frames - 1)]
        doses.append([measured_values(frame, instance).values for frame in frames])
        ds = dcmread(io.BytesIO(data))
        theirs = ds.pixel_array[0].astype(np.float64) * float(ds.DoseGridScaling)
        assert np.array_equal(doses[-1][0], theirs)
        assert not PixelPipeline.of(instance).takes(frames[0])
    assert np.array_equal(doses[0], doses[1])


def decode(data: bytes, n: int, instance: Instance) -> NDArray[Any]:
    found = outline(FileBytes(io.BytesIO(data)), where="file", limits=Limits())
    return decode_frame(cut_frame(found, n, instance)).pixels


def mask(values: NDArray[Any]) -> bytes:
    ds = dataset(
        Modality="SEG", BitsAllocated=1, BitsStored=1, HighBit=0, Rows=4, Columns=8,
        PixelData=np.packbits(values.astype(bool), bitorder="little").tobytes(),
    )  # fmt: skip
    return written(ds)


@pytest.mark.parametrize("kind", ["some", "all", "none"])
def test_f22_a_mask_is_black_and_white_also_where_it_is_all_one(kind: str) -> None:
    values = np.zeros((4, 8), np.uint8) if kind != "all" else np.ones((4, 8), np.uint8)
    if kind == "some":
        values[1, 3] = 1
    data = mask(values)
    instance = header(data)
    frame = decode(data, 0, instance)
    assert np.array_equal(frame, values)
    pipeline = PixelPipeline.of(instance)
    found = value_range([frame], pipeline)
    levels = pipeline.p_values(frame, Presentation(), bits=8, fallback=found)
    assert np.array_equal(levels, values * 255)


def test_f22_a_fraction_is_one_at_its_maximum() -> None:
    instance = header(file(Modality="SEG", MaximumFractionalValue=200, BitsStored=8, HighBit=7))
    frame = np.array([[0, 50, 200]], dtype=np.uint16)
    assert measured_values(frame, instance).values.tolist() == [[0, 0.25, 1]]


@pytest.mark.parametrize("bits", [32, 64])
def test_f22_float_pixels_have_no_window_of_their_own(bits: int) -> None:
    kind = np.dtype(f"<f{bits // 8}")
    ds = dataset(BitsAllocated=bits, PixelData=None)
    for keyword in ("BitsStored", "HighBit", "PixelRepresentation"):
        delattr(ds, keyword)
    pixels = np.linspace(-1e-3, 3e-3, 20).astype(kind)
    setattr(ds, "FloatPixelData" if bits == 32 else "DoubleFloatPixelData", pixels.tobytes())
    data = written(ds)
    instance = header(data)
    assert default_voi(instance) is None
    frame = decode(data, 0, instance)
    assert np.array_equal(frame, pixels.reshape(4, 5))
    pipeline = PixelPipeline.of(instance)
    low, high = value_range([frame], pipeline)
    assert (low, high) == (float(pixels.min()), float(pixels.max()))
    levels = pipeline.p_values(frame, Presentation(), bits=16, fallback=(low, high))
    exact = (frame.astype(np.float64) - low) / (high - low)
    assert np.array_equal(levels, np.floor(exact * 65535 + 0.5))


@pytest.mark.parametrize("name", ["parametric_map_float.dcm", "parametric_map_double_float.dcm"])
def test_f22_real_float_maps_equal_pydicom(shared_dicom: Path, name: str) -> None:
    data = (shared_dicom / "bits-and-floats" / name).read_bytes()
    instance = header(data)
    frame = decode(data, 0, instance)
    theirs = dcmread(io.BytesIO(data)).pixel_array
    assert frame.dtype == theirs.dtype
    assert np.array_equal(frame, theirs)
    assert np.array_equal(PixelPipeline.of(instance).modality_values(frame), theirs)


REAL_MASKS = {
    "dcmqi-tiny/seg_label.seg": (3, (0, 1), ""),
    "highdicom/seg_image_ct_binary_overlap.dcm": (8, (0, 1), "1 first segment"),
    "highdicom/seg_image_ct_true_fractional.dcm": (3, (0, 1), ""),
    "reports/liver_1frame.dcm": (1, (0, 1), ""),
}


@pytest.mark.parametrize("name", REAL_MASKS)
def test_f22_real_masks_are_shown_as_stored_and_equal_pydicom(
    shared_dicom: Path, name: str
) -> None:
    frames, ends, segment = REAL_MASKS[name]
    path = shared_dicom / "seg-rt-sr-ko-pr" / name
    found = folder(path)
    (target,) = found.sets
    assert (target.kind, target.masks, len(target.frames)) == (Kind.STACK, True, frames)
    assert [ref.frame for ref in target.frames] == list(range(frames))
    instance = found.instances[target.frames[0].sop]
    theirs = dcmread(path).pixel_array.reshape(frames, *dcmread(path).pixel_array.shape[-2:])
    for ref, expected in zip(target.frames, theirs, strict=True):
        assert np.array_equal(found.decode(ref).pixels, expected)
    pipeline = PixelPipeline.of(instance)
    low, high = value_range([found.decode(ref).pixels for ref in target.frames], pipeline)
    assert ends[0] <= low <= high <= ends[1]
    keys = instance.per_frame[0].split_keys if instance.per_frame else instance.split_keys
    if segment:
        assert keys["Segment"] == segment
    assert why_no_mpr(target, found.instances) == (
        "The masks of a segmentation are not reconstructed in other planes."
    )
