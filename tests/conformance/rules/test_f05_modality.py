"""F5: modality rescale in float without rounding; a modality LUT is unsigned and clamped."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from highdicom.content import ModalityLUTTransformation
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut
from pydicom.sequence import Sequence as Items

from tests.kit import pydicom_oracle
from tests.kit.dcmtk import levels_by_dcmtk
from tests.kit.dicom_files import file, lut
from viewer.loading.headers import read_header
from viewer.model.presentation import ModalityLut, Presentation, Rescale
from viewer.model.study import Instance
from viewer.pixels.measured import measured_values
from viewer.pixels.pipeline import PixelPipeline

STORED = np.arange(0, 4096, dtype=np.uint16)


def header(**values: Any) -> Instance:
    return read_header(io.BytesIO(file(**values)), name="file").instance


@pytest.mark.parametrize(("slope", "intercept"), [(0.684, 200), (0.0005, 0), (-1, 1024)])
def test_f05_rescale_is_not_rounded(slope: float, intercept: float) -> None:
    instance = header(RescaleSlope=slope, RescaleIntercept=intercept)
    ours = measured_values(STORED, instance).values
    assert np.array_equal(ours, STORED.astype(np.float64) * slope + intercept)
    ds = Dataset()
    ds.RescaleSlope, ds.RescaleIntercept = slope, intercept
    assert np.abs(ours - apply_modality_lut(STORED, ds)).max() < 1e-9
    theirs = ModalityLUTTransformation(
        rescale_slope=float(slope), rescale_intercept=float(intercept), rescale_type="US"
    ).apply(STORED)
    assert np.abs(ours - theirs).max() < 1e-9


@pytest.mark.parametrize("wrong", ["0,684", "0.6.4", "1E999", "  nan"])
@pytest.mark.parametrize("element", ["RescaleSlope", "RescaleIntercept"])
def test_f05_a_rescale_that_is_not_a_number_gives_no_hounsfield_unit(
    element: str, wrong: str
) -> None:
    """Nothing is put in its place: stored values without a unit, and a sentence."""
    values: dict[str, Any] = {"RescaleSlope": "2", "RescaleIntercept": "-1024", element: "0.684"}
    data = file(**values).replace(b"0.684", wrong.encode())
    instance = read_header(io.BytesIO(data), name="file").instance
    assert instance.modality_lut == Rescale(1.0, 0.0, "")
    assert any("is not a number; stored values are shown" in told for told in instance.repairs)


def test_f05_numbers_padded_with_nul_are_numbers() -> None:
    data = file(RescaleSlope="2.25", RescaleIntercept="-10.5").replace(b"2.25", b"2.5\0")
    instance = read_header(io.BytesIO(data), name="file").instance
    assert instance.modality_lut == Rescale(2.5, -10.5, "HU")
    assert not instance.repairs


def test_f05_half_a_rescale_is_told() -> None:
    only = header(RescaleIntercept="-1024")
    assert only.modality_lut == Rescale(1.0, -1024.0, "HU")
    assert "Rescale Slope is missing; 1 is assumed." in only.repairs


def test_f05_a_stored_value_of_6154_reads_as_its_rescale_says() -> None:
    # the vector of the page: ITK gives 1611 because it inverts the data of MONOCHROME1
    instance = header(
        RescaleSlope=0.684, RescaleIntercept=200, PhotometricInterpretation="MONOCHROME1"
    )
    value = measured_values(np.array([[2031]], "u2"), instance).values[0, 0]
    assert value == pytest.approx(1589.204, abs=1e-9)


@pytest.mark.parametrize("entries", [[40000, 50000, 60000, 65535], [65535, 0]])
def test_f05_a_lut_is_unsigned_and_clamped_and_its_first_input_signed(entries: list[int]) -> None:
    instance = header(PixelRepresentation=1, ModalityLUTSequence=Items([lut(-3, entries)]))
    assert instance.modality_lut == ModalityLut(-3, tuple(entries), "")
    values = np.array([-2048, -4, -3, -2, -1, 0, 2047], dtype=np.int16)
    expected = [entries[min(max(v + 3, 0), len(entries) - 1)] for v in values]
    assert PixelPipeline.of(instance).modality_values(values).tolist() == expected


def test_f05_the_lut_wins_over_the_rescale() -> None:
    instance = header(
        ModalityLUTSequence=Items([lut(0, [5, 6])]), RescaleSlope=2, RescaleIntercept=1
    )
    assert PixelPipeline.of(instance).modality_values(STORED[:3]).tolist() == [5, 6, 6]


def test_f05_no_entries_mean_65536() -> None:
    table = lut(0, list(range(65536)))
    instance = header(BitsStored=16, HighBit=15, ModalityLUTSequence=Items([table]))
    assert isinstance(instance.modality_lut, ModalityLut)
    assert len(instance.modality_lut.entries) == 65536
    ramp = np.array([0, 1, 65535], dtype=np.uint16)
    assert PixelPipeline.of(instance).modality_values(ramp).tolist() == [0, 1, 65535]


def test_f05_dcmtk_truncates_fractional_values_and_is_no_oracle(tmp_path: Path) -> None:
    # 20 stored values of slope 0.05 lie within 1 unit; dcmtk makes whole numbers of them first
    data = file(
        RescaleSlope=0.05, RescaleIntercept=0, WindowCenter=0.5, WindowWidth=2,
        VOILUTFunction="SIGMOID", PixelData=np.arange(20, dtype="<u2").tobytes(),
    )  # fmt: skip
    theirs = levels_by_dcmtk(data, tmp_path, "+Wi", "1", "+Wfs")
    instance = read_header(io.BytesIO(data), name="file").instance
    frame = np.arange(20, dtype=np.uint16).reshape(4, 5)
    look = Presentation(instance.windows[0])
    ours = PixelPipeline.of(instance).p_values(frame, look, bits=16)
    assert len(np.unique(ours)) == 20
    assert len(np.unique(theirs)) <= 2


def test_f05_real_modality_luts_equal_pydicom(shared_dicom: Path) -> None:
    for name in ("lut-overlay-shutter/mlut_18.dcm", "cr-dx/CR-ModalitySequenceLUT.dcm"):
        path = shared_dicom / name
        ds = pydicom_oracle.dataset(path)
        with path.open("rb") as data:
            instance = read_header(data, name=name).instance
        assert isinstance(instance.modality_lut, ModalityLut)
        low, high = instance.format.stored_range if instance.format else (0, 0)
        pixels = np.arange(low, high + 1, dtype="i2" if low < 0 else "u2")
        ours = PixelPipeline.of(instance).modality_values(pixels)
        assert np.array_equal(ours, apply_modality_lut(pixels, ds)), name
