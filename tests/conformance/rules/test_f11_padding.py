"""F11: padding is found on stored values and is black whatever the look; nothing measures it."""

import io
import itertools
from typing import Any

import numpy as np
import pytest

from tests.kit.dicom_files import dataset, file, written
from tests.kit.drawn import render_view
from tests.kit.pictures import IDENTITY, instance, stored
from viewer.loading.headers import read_header
from viewer.model.geometry import PixelPoint
from viewer.model.presentation import LutShape, Presentation, PresentationLut, Window
from viewer.model.study import Instance, Photometric
from viewer.pixels.measured import measured_values
from viewer.pixels.pipeline import PixelPipeline, value_range
from viewer.viewport.probe import value_text
from viewer.viewport.transform import PaneSize


def header(**values: Any) -> Instance:
    return read_header(io.BytesIO(file(**values)), name="file").instance


def test_f11_the_sign_of_padding_follows_the_pixels_whatever_its_vr() -> None:
    # the vector of the page: 63536 on signed pixels is -2000, not 62512 HU
    ds = dataset(
        PixelRepresentation=1, BitsStored=16, HighBit=15, RescaleSlope=1, RescaleIntercept=-1024
    )
    ds.add_new(0x00280120, "US", 63536)
    found = read_header(io.BytesIO(written(ds)), name="file").instance
    assert found.format is not None
    assert found.format.padding == (-2000.0, -2000.0)
    frame = np.array([[-2000, 62512 - 65536, 0]], dtype=np.int16)
    assert PixelPipeline.of(found).is_padding(frame).tolist() == [[True, False, False]]


@pytest.mark.parametrize(("value", "limit"), [(10, 20), (20, 10), (10, None)])
def test_f11_a_range_is_inclusive_and_may_stand_either_way(value: int, limit: int | None) -> None:
    extra = {} if limit is None else {"PixelPaddingRangeLimit": limit}
    found = header(PixelPaddingValue=value, **extra)
    frame = np.array([[9, 10, 15, 20, 21]], dtype=np.uint16)
    empty = PixelPipeline.of(found).is_padding(frame).tolist()[0]
    assert empty == [False, True, limit is not None, limit is not None, False]


@pytest.mark.parametrize(("bits", "name"), [(32, "Float"), (64, "DoubleFloat")])
def test_f11_padding_of_float_pixels(bits: int, name: str) -> None:
    kind = f"<f{bits // 8}"
    ds = dataset(BitsAllocated=bits, PixelData=None)
    for keyword in ("BitsStored", "HighBit", "PixelRepresentation"):
        delattr(ds, keyword)
    pixels = np.linspace(-1.5, 2, 20).astype(kind)
    setattr(ds, f"{name}PixelData", pixels.tobytes())
    ds.FloatPixelPaddingValue, ds.DoubleFloatPixelPaddingValue = -1.5, -1.5
    ds.FloatPixelPaddingRangeLimit, ds.DoubleFloatPixelPaddingRangeLimit = 0.25, 0.25
    found = read_header(io.BytesIO(written(ds)), name="file").instance
    assert found.format is not None
    assert found.format.padding == (-1.5, 0.25)
    values = np.array([[-1.6, -1.5, 0.25, 0.3, np.nan]], dtype=kind)
    assert PixelPipeline.of(found).is_padding(values).tolist() == [[False, True, True, False, True]]


LAST = [None, LutShape.INVERSE, PresentationLut((65535, 0), 16)]
GREY = [Photometric.MONOCHROME1, Photometric.MONOCHROME2]


@pytest.mark.parametrize(
    ("photometric", "invert", "last"), list(itertools.product(GREY, [0, 1], LAST))
)
@pytest.mark.parametrize("window", [Window(0, 400), Window(-3000, 10), Window(9000, 10), None])
def test_f11_padding_is_black_whatever_the_look(
    photometric: Photometric,
    invert: int,
    last: LutShape | PresentationLut | None,
    window: Window | None,
) -> None:
    form = stored(padding=(-2000, -1900), photometric=photometric)
    frame = np.array([[-2000, -1950, -1900]], dtype=np.int16)
    look = Presentation(window, invert=bool(invert), presentation_lut=last, zoom=1.0)
    pipeline = PixelPipeline(form, IDENTITY)
    levels = pipeline.p_values(frame, look, bits=8, fallback=(-5, 5))
    assert levels.tolist() == [[0, 0, 0]]
    picture = render_view(frame, instance(form), look, PaneSize(3, 1), fallback=(-5, 5))
    assert picture.tolist() == [[0, 0, 0]]


def test_f11_padding_takes_no_part_in_the_automatic_window_or_in_values() -> None:
    padded = instance(stored(padding=(-2000, -2000)))
    frame = np.array([[-2000, 3, 90]], dtype=np.int16)
    assert value_range([frame], PixelPipeline.of(padded)) == (3, 90)
    measured = measured_values(frame, padded).values
    np.testing.assert_array_equal(measured, [[np.nan, 3, 90]])
    assert value_text(frame, padded, PixelPoint(0, 0)).startswith("no pixel")


def test_f11_nothing_but_padding() -> None:
    form = stored(padding=(7, 7))
    frame = np.full((4, 4), 7, dtype=np.int16)
    picture = render_view(frame, instance(form), Presentation(), PaneSize(9, 9), background=3)
    assert set(np.unique(picture)) == {0}


def test_f11_padding_is_not_blended_at_an_edge() -> None:
    form = stored(padding=(-2000, -2000))
    frame = np.full((8, 8), -2000, dtype=np.int16)
    frame[2:6, 2:6] = 100
    look = Presentation(Window(100, 2))  # 100 is white, all below 99 black
    for size in (3, 5, 8, 21):
        picture = render_view(frame, instance(form), look, PaneSize(size, size))
        assert set(np.unique(picture)) <= {0, 255}
