"""F6: VOI LINEAR with its half pixel, and a width of 1 as a threshold."""

import io
from pathlib import Path

import highdicom
import numpy as np
import pytest
from highdicom.pixels import apply_voi_window
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_windowing

from tests.kit import grey_reference
from tests.kit.dcmtk import is_floor, levels_by_dcmtk
from tests.kit.dicom_files import file
from tests.kit.pictures import IDENTITY, stored
from viewer.loading.headers import read_header
from viewer.model.presentation import Presentation, Window
from viewer.pixels import luts
from viewer.pixels.pipeline import PixelPipeline

VECTORS = [
    (40, 400, -160, 0),
    (40, 400, -159, 0.6391),
    (40, 400, 39, 127.1805),
    (40, 400, 40, 127.8195),
    (40, 400, 239, 255),
    (128, 1, 127.5, 0),
    (128, 1, 128, 255),
    (40, 2, 39, 0),
    (40, 2, 39.5, 127.5),
    (40, 2, 40, 255),
]
RAMP = np.arange(-2048, 2048, dtype=np.int16)
WINDOWS = [(40.0, 400.0), (128.0, 1.0), (40.0, 2.0), (1024.5, 350.5), (-600.0, 1500.0)]


@pytest.mark.parametrize(("centre", "width", "x", "level"), VECTORS)
def test_f06_linear_vectors(centre: float, width: float, x: float, level: float) -> None:
    ours = float(luts.linear(x, centre, width)) * 255
    assert ours == pytest.approx(level, abs=5e-5)
    assert ours == pytest.approx(grey_reference.window(x, Window(centre, width), 0, 255), abs=1e-9)


@pytest.mark.parametrize(("centre", "width"), WINDOWS)
@pytest.mark.parametrize("bits", [8, 10, 16])
def test_f06_levels_equal_the_text(centre: float, width: float, bits: int) -> None:
    look = Presentation(Window(centre, width))
    ours = PixelPipeline(stored(), IDENTITY).table(look, bits=bits)
    text = [grey_reference.level(sv, stored(), IDENTITY, look, bits) for sv in RAMP[::7].tolist()]
    assert ours[RAMP[::7].view(np.uint16)].tolist() == text


@pytest.mark.parametrize(("centre", "width"), WINDOWS)
def test_f06_pydicom_and_highdicom_agree(centre: float, width: float) -> None:
    ds = Dataset()
    ds.WindowCenter, ds.WindowWidth = centre, width
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.BitsStored, ds.PixelRepresentation = 16, 1
    ours = luts.linear(RAMP, centre, width)
    with np.errstate(divide="ignore"):  # both divide by width - 1 before they choose
        by_pydicom = (apply_windowing(RAMP, ds) + 32768) / 65535
        by_highdicom = apply_voi_window(
            RAMP, window_center=centre, window_width=width, dtype=np.float64,
            voi_lut_function=highdicom.VOILUTFunctionValues.LINEAR,
        )  # fmt: skip
    assert np.abs(by_pydicom - ours).max() < 1e-9
    assert np.abs(by_highdicom - ours).max() < 1e-9


@pytest.mark.parametrize(("centre", "width"), [(40, 400), (1000, 2), (-600, 1500)])
@pytest.mark.parametrize("bits", [8, 16])
def test_f06_dcmtk_gives_the_floor(tmp_path: Path, centre: int, width: int, bits: int) -> None:
    ramp = np.linspace(0, 4095, 2000).astype("<u2").reshape(40, 50)
    data = file(
        Rows=40, Columns=50, PixelData=ramp.tobytes(), RescaleSlope=1, RescaleIntercept=-1024,
        WindowCenter=centre, WindowWidth=width,
    )  # fmt: skip
    theirs = levels_by_dcmtk(data, tmp_path, "+Wi", "1", bits=bits)
    instance = read_header(io.BytesIO(data), name="file").instance
    p = luts.linear(ramp.astype(float) - 1024, centre, width) * ((1 << bits) - 1)
    assert is_floor(theirs, p)
    ours = PixelPipeline.of(instance).p_values(ramp, Presentation(instance.windows[0]), bits=bits)
    assert np.array_equal(ours, np.floor(p + 0.5))


@pytest.mark.parametrize("bits", [8, 16])
def test_f06_ct_small_equals_the_text_in_float64(bits: int) -> None:
    path = Path(str(get_testdata_file("CT_small.dcm")))
    raw = dcmread(path).pixel_array
    with path.open("rb") as data:
        instance = read_header(data, name="CT_small").instance
    x = raw.astype(np.float64) - 1024
    p = np.where(x <= -160, 0.0, np.where(x > 239, 1.0, (x - 39.5) / 399 + 0.5))
    look = Presentation(Window(40, 400))
    ours = PixelPipeline.of(instance).p_values(raw, look, bits=bits)
    assert np.array_equal(ours, np.floor(p * ((1 << bits) - 1) + 0.5))
    assert 0 < ours.mean() < (1 << bits) - 1
