"""Second opinions on the grey pipeline: pydicom and highdicom (F5–F13)."""

from typing import Any

import highdicom
import numpy as np
import pytest
from highdicom.pixels import apply_voi_window
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.pixels.processing import apply_modality_lut, apply_voi, apply_windowing

from tests.kit.pictures import IDENTITY, instance, stored, windowed
from viewer.model.presentation import ModalityLut, Presentation, Rescale, VoiLut
from viewer.model.study import Photometric
from viewer.pixels import luts
from viewer.pixels.pipeline import PixelPipeline
from viewer.render.compositor import render_view
from viewer.viewport.transform import PaneSize

RAMP = np.arange(-2048, 4096, dtype=np.int16)
WINDOWS = [(40.0, 400.0), (-600.0, 1500.0), (1024.5, 350.5), (128.0, 2.0), (300.0, 2000.0)]


def windowed_by_pydicom(x: NDArray[Any], centre: float, width: float, function: str) -> Any:
    ds = Dataset()
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = centre, width, function
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.BitsStored, ds.PixelRepresentation = 16, 1
    ds.RescaleSlope, ds.RescaleIntercept = 1, 0
    with np.errstate(over="ignore"):
        return (apply_windowing(x, ds) + 32768) / 65535


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("centre", "width"), WINDOWS)
def test_f6_f7_windows_agree_with_pydicom(centre: float, width: float, function: str) -> None:
    ours = PixelPipeline(stored(), IDENTITY).p_values(
        RAMP, windowed(centre, width, function), bits=8
    )
    theirs = windowed_by_pydicom(RAMP, centre, width, function)
    assert np.allclose(voi_of(centre, width, function), theirs, atol=1e-9)
    assert np.abs(ours - theirs * 255).max() <= 0.5 + 1e-9, "only ties may fall either way"


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("centre", "width"), WINDOWS)
def test_f6_f7_windows_agree_with_highdicom(centre: float, width: float, function: str) -> None:
    with np.errstate(over="ignore"):
        theirs = apply_voi_window(
            RAMP,
            window_center=centre,
            window_width=width,
            voi_lut_function=highdicom.VOILUTFunctionValues(function),
            dtype=np.float64,
        )
    assert np.allclose(voi_of(centre, width, function), theirs, atol=1e-9)


def voi_of(centre: float, width: float, function: str) -> NDArray[np.float64]:
    voi = windowed(centre, width, function).voi
    assert voi is not None
    return luts.voi(RAMP, voi)


def test_f5_modality_lut_agrees_with_pydicom() -> None:
    entries = [40000, 50000, 60000, 65535]
    ds = Dataset()
    item = Dataset()
    item.add_new("LUTDescriptor", "SS", [4, -3, 16])
    item.add_new("LUTData", "US", entries)
    item.ModalityLUTType = "US"
    ds.ModalityLUTSequence = [item]
    stored_values = np.array([-10, -3, -2, -1, 0, 10], dtype=np.int16)
    ours = luts.modality(stored_values, ModalityLut(-3, tuple(entries), "US"))
    assert np.array_equal(ours, apply_modality_lut(stored_values, ds))


def test_f9_voi_lut_agrees_with_pydicom() -> None:
    entries = list(range(0, 4096, 16))
    ds = Dataset()
    item = Dataset()
    item.add_new("LUTDescriptor", "SS", [256, -20, 12])
    item.add_new("LUTData", "US", entries)
    ds.VOILUTSequence = [item]
    ds.PixelRepresentation = 1
    theirs = apply_voi(RAMP, ds)
    ours = luts.voi_lut(RAMP, VoiLut(-20, tuple(entries), 12))
    assert np.allclose(ours, theirs / 4095, atol=1e-12)


@pytest.mark.parametrize("bits", [8, 16])
def test_f6_ct_small_equals_the_text_in_float64(bits: int) -> None:
    ds = dcmread(str(get_testdata_file("CT_small.dcm")))
    raw = ds.pixel_array
    x = raw.astype(np.float64) * float(ds.RescaleSlope) + float(ds.RescaleIntercept)
    c, w = 40.0, 400.0
    p = np.where(
        x <= c - 0.5 - (w - 1) / 2,
        0.0,
        np.where(x > c - 0.5 + (w - 1) / 2, 1.0, (x - (c - 0.5)) / (w - 1) + 0.5),
    )
    step = Rescale(float(ds.RescaleSlope), float(ds.RescaleIntercept), "HU")
    ours = PixelPipeline(stored(), step).p_values(raw, windowed(c, w), bits=bits)
    assert np.array_equal(ours, np.floor(p * (2**bits - 1) + 0.5))
    assert 0 < ours.mean() < 2**bits - 1


def test_f10_monochrome1_shows_low_stored_values_white() -> None:
    ramp = np.array([[0, 1000, 4095]], dtype=np.uint16)
    cr = instance(stored(signed=False, bits_stored=12, photometric=Photometric.MONOCHROME1))
    picture = render_view(ramp, cr, Presentation(zoom=1.0), PaneSize(3, 1), fallback=(0, 4095))
    assert picture.tolist() == [[255, 193, 0]]


def test_f13_a_full_ramp_is_monotone_and_off_by_half_a_step_at_most() -> None:
    ramp = np.arange(65536, dtype=np.uint16)
    pipeline = PixelPipeline(stored(signed=False), IDENTITY)
    for bits in (8, 10, 16):
        levels = pipeline.p_values(ramp, windowed(32768, 65536), bits=bits).astype(np.int64)
        assert (np.diff(levels) >= 0).all()
        exact = ramp / 65535 * (2**bits - 1)
        assert np.abs(levels - exact).max() <= 0.5 + 1e-6
