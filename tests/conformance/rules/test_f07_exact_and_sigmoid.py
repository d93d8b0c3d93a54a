"""F7: LINEAR_EXACT without half a pixel of shift, SIGMOID that is never clipped."""

from pathlib import Path

import highdicom
import numpy as np
import pytest
from highdicom.pixels import apply_voi_window
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_windowing

from tests.kit import grey_reference
from tests.kit.dcmtk import is_floor, levels_by_dcmtk
from tests.kit.dicom_files import file
from tests.kit.pictures import IDENTITY, stored, windowed
from viewer.model.presentation import VoiFunction, Window
from viewer.pixels import luts
from viewer.pixels.pipeline import PixelPipeline

EXACT, SIGMOID = VoiFunction.LINEAR_EXACT, VoiFunction.SIGMOID
VECTORS = [
    (EXACT, -160, 0),
    (EXACT, 239, 254.3625),
    (EXACT, 240, 255),
    (SIGMOID, -160, 30.3967),
    (SIGMOID, 40, 127.5),
    (SIGMOID, 240, 224.6033),
]
RAMP = np.arange(-2048, 2048, dtype=np.int16)


@pytest.mark.parametrize(("function", "x", "level"), VECTORS)
def test_f07_vectors(function: VoiFunction, x: float, level: float) -> None:
    ours = float(luts.voi(x, Window(40, 400, "", function))) * 255
    assert ours == pytest.approx(level, abs=5e-5)


def test_f07_a_sigmoid_is_never_clipped() -> None:
    p = luts.sigmoid(RAMP.astype(float), 40, 400)
    assert (np.diff(p) > 0).all()
    assert 0 < p[0] < 1e-9
    assert luts.sigmoid(-1e9, 40, 400) == 0, "beyond what float64 can tell from 0"


@pytest.mark.parametrize("function", [EXACT, SIGMOID])
@pytest.mark.parametrize(("centre", "width"), [(40, 400), (10, 0.5), (0.25, 0.75), (300, 4096)])
def test_f07_levels_equal_the_text(function: VoiFunction, centre: float, width: float) -> None:
    look = windowed(centre, width, function.value)
    for bits in (8, 16):
        table = PixelPipeline(stored(), IDENTITY).table(look, bits=bits)
        text = [
            grey_reference.level(sv, stored(), IDENTITY, look, bits) for sv in RAMP[::7].tolist()
        ]
        assert table[RAMP[::7].view(np.uint16)].tolist() == text


@pytest.mark.parametrize("function", [EXACT, SIGMOID])
def test_f07_pydicom_and_highdicom_agree(function: VoiFunction) -> None:
    ds = Dataset()
    ds.WindowCenter, ds.WindowWidth, ds.VOILUTFunction = 40, 400, function.value
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.BitsStored, ds.PixelRepresentation = 16, 1
    ours = luts.voi(RAMP, Window(40, 400, "", function))
    assert np.abs((apply_windowing(RAMP, ds) + 32768) / 65535 - ours).max() < 1e-9
    theirs = apply_voi_window(
        RAMP, window_center=40, window_width=400, dtype=np.float64,
        voi_lut_function=highdicom.VOILUTFunctionValues(function.value),
    )  # fmt: skip
    assert np.abs(theirs - ours).max() < 1e-9


@pytest.mark.parametrize(("function", "agrees"), [(SIGMOID, True), (EXACT, False)])
def test_f07_dcmtk_knows_the_sigmoid_and_draws_exact_as_linear(
    tmp_path: Path, function: VoiFunction, agrees: bool
) -> None:
    ramp = np.arange(0, 2000, dtype="<u2").reshape(40, 50)
    data = file(
        Rows=40, Columns=50, PixelData=ramp.tobytes(), RescaleSlope=1, RescaleIntercept=-1000,
        WindowCenter=40, WindowWidth=400, VOILUTFunction=function.value,
    )  # fmt: skip
    theirs = levels_by_dcmtk(data, tmp_path, "+Wi", "1")
    x = ramp.astype(float) - 1000
    ours = luts.voi(x, Window(40, 400, "", function)) * 65535
    assert is_floor(theirs, ours) is agrees
    if not agrees:
        assert is_floor(theirs, luts.linear(x, 40, 400) * 65535)
