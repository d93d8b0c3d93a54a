"""The pipeline equals a literal float64 reference on every stored value, with tolerance 0."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.grey_reference import level
from tests.kit.pictures import COLOUR_STORED, IDENTITY, instance, stored, windowed
from viewer.calibration.display import DisplayProfile
from viewer.model.presentation import ModalityLut, Presentation, Rescale, VoiLut, Window
from viewer.model.study import Photometric
from viewer.pixels.pipeline import PixelPipeline, default_voi, value_range

LOOKS = {
    "linear": windowed(40, 400),
    "linear-threshold": windowed(128, 1),
    "linear-fractional": windowed(1024.5, 350.5),
    "exact": windowed(40, 400, "LINEAR_EXACT"),
    "exact-narrow": windowed(3, 0.25, "LINEAR_EXACT"),
    "sigmoid": windowed(500, 900, "SIGMOID", invert=True),
    "lut": Presentation(VoiLut(-20, tuple(range(0, 4096, 7)), 12)),
    "min-max": Presentation(),
}
STEPS: dict[str, Rescale | ModalityLut] = {
    "ct": Rescale(1, -1024, "HU"),
    "fraction": Rescale(0.684, 200, ""),
    "tiny": Rescale(0.0005, 0, ""),
    "falling": Rescale(-1, 100, ""),
    "lut": ModalityLut(-3, (0, 40000, 65535, 12), ""),
}


def every(signed: bool) -> NDArray[Any]:
    ramp = np.arange(65536, dtype=np.uint16)
    return ramp.view(np.int16) if signed else ramp


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(
    ("step", "signed", "bits", "photometric"),
    [
        ("ct", True, 8, Photometric.MONOCHROME2),
        ("fraction", False, 16, Photometric.MONOCHROME1),
        ("tiny", False, 8, Photometric.MONOCHROME2),
        ("falling", True, 16, Photometric.MONOCHROME2),
        ("lut", True, 16, Photometric.MONOCHROME1),
    ],
)
def test_every_stored_value_equals_the_reference(
    look: str, step: str, signed: bool, bits: int, photometric: Photometric
) -> None:
    form = stored(signed=signed, photometric=photometric, padding=(7, 9))
    pipeline = PixelPipeline(form, STEPS[step])
    ramp = every(signed)
    got = pipeline.p_values(ramp, LOOKS[look], bits=bits, fallback=(-100.0, 900.0))
    expected = [
        level(sv, form, STEPS[step], LOOKS[look], bits, (-100.0, 900.0)) for sv in ramp.tolist()
    ]
    assert got.tolist() == expected
    table = pipeline.table(LOOKS[look], bits=bits, fallback=(-100.0, 900.0))
    assert np.array_equal(table[ramp.view(np.uint16)], got)


@pytest.mark.parametrize("kind", [np.float32, np.int32, np.uint32])
def test_wide_and_float_frames_are_computed_to_the_same_levels(kind: type) -> None:
    pipeline = PixelPipeline(stored(), Rescale(0.7, -3, ""))
    narrow = np.arange(0, 3000, dtype=np.int16)
    look = windowed(400, 333)
    assert not pipeline.takes(narrow.astype(kind))
    assert np.array_equal(
        pipeline.p_values(narrow.astype(kind), look, bits=16),
        pipeline.p_values(narrow, look, bits=16),
    )


def test_eight_bit_frames_keep_their_sign() -> None:
    frame = np.array([-128, -1, 0, 127], dtype=np.int8)
    pipeline = PixelPipeline(stored(bits_stored=8), IDENTITY)
    got = pipeline.p_values(frame, Presentation(), bits=8, fallback=(-128.0, 127.0))
    assert got.tolist() == [0, 127, 128, 255]


def test_a_frame_of_the_other_sign_is_computed_not_looked_up_wrongly() -> None:
    pipeline = PixelPipeline(stored(signed=True), IDENTITY)
    frame = np.array([40000], dtype=np.uint16)
    assert not pipeline.takes(frame)
    assert pipeline.p_values(frame, windowed(40, 400), bits=8).tolist() == [255]


@pytest.mark.parametrize("photometric", [Photometric.MONOCHROME1, Photometric.MONOCHROME2])
@pytest.mark.parametrize("invert", [False, True])
def test_padding_is_black_whatever_the_polarity(photometric: Photometric, invert: bool) -> None:
    form = stored(photometric=photometric, padding=(-2000, -1900))
    pipeline = PixelPipeline(form, IDENTITY)
    frame = np.array([-2000, -1950, -1900, -1899, 300], dtype=np.int16)
    got = pipeline.p_values(frame, windowed(40, 400, invert=invert), bits=8).tolist()
    inverse = (photometric is Photometric.MONOCHROME1) != invert
    assert got == ([0, 0, 0, 255, 0] if inverse else [0, 0, 0, 0, 255])


def test_never_a_number_is_padding() -> None:
    pipeline = PixelPipeline(stored(photometric=Photometric.MONOCHROME1), IDENTITY)
    frame = np.array([np.nan, 0.0, np.inf, -np.inf], dtype=np.float32)
    assert pipeline.p_values(frame, windowed(0, 10), bits=8).tolist() == [0, 113, 0, 255]
    assert value_range([frame], pipeline) == (0.0, 0.0)


def test_the_range_of_a_set_leaves_padding_out_and_spans_all_frames() -> None:
    pipeline = PixelPipeline(stored(padding=(-2000, -2000)), Rescale(-2, 10, ""))
    frames = [np.array([-2000, 5], dtype=np.int16), np.array([-3, 4], dtype=np.int16)]
    assert value_range(frames, pipeline) == (0.0, 16.0)


def test_the_range_through_a_lut_looks_at_every_value() -> None:
    pipeline = PixelPipeline(stored(), ModalityLut(0, (5, 900, 7), ""))
    assert value_range([np.array([0, 1, 2], dtype=np.int16)], pipeline) == (5.0, 900.0)


def test_an_image_of_padding_alone_is_black_and_has_no_range() -> None:
    pipeline = PixelPipeline(stored(padding=(-2000, -2000)), IDENTITY)
    frame = np.full((2, 2), -2000, dtype=np.int16)
    found = value_range([frame], pipeline)
    assert found == (0.0, 0.0)
    assert not pipeline.p_values(frame, Presentation(invert=True), bits=8, fallback=found).any()


def test_a_look_without_window_needs_a_range() -> None:
    with pytest.raises(ValueError, match="range of the displayed set"):
        PixelPipeline(stored(), IDENTITY).table(Presentation(), bits=8)


def test_only_grey_images_have_a_grey_pipeline() -> None:
    with pytest.raises(ValueError, match="grey images only"):
        PixelPipeline(COLOUR_STORED, IDENTITY)
    with pytest.raises(ValueError, match="without pixels"):
        PixelPipeline.of(replace(instance(), format=None))


def test_an_instance_has_the_pipeline_of_its_header() -> None:
    ct = instance(modality_lut=Rescale(1, -1024, "HU"))
    assert PixelPipeline.of(ct).modality_values(np.array([0], dtype=np.int16)).tolist() == [-1024]


def test_a_display_table_drives_the_screen_but_not_the_p_values() -> None:
    response = tuple(int(255 * (i / 255) ** 2) for i in range(256))
    display = DisplayProfile("S", 8, table=response, measured_at=datetime(2026, 1, 1, tzinfo=UTC))
    frame = np.arange(-300, 300, dtype=np.int16)
    plain = PixelPipeline(stored(), IDENTITY)
    calibrated = PixelPipeline(stored(), IDENTITY, display)
    look = windowed(40, 400)
    p = plain.p_values(frame, look, bits=8)
    assert np.array_equal(calibrated.p_values(frame, look, bits=8), p)
    driven = calibrated.table(look, bits=8)[frame.view(np.uint16)]
    assert driven.tolist() == [response[v] for v in p]
    assert np.array_equal(calibrated.driving_levels(frame, look, bits=8), driven)
    with pytest.raises(ValueError, match="driven with 8 bits"):
        calibrated.table(look, bits=10)


def test_the_header_is_asked_for_a_lut_before_a_window() -> None:
    window, lut = Window(40, 400), VoiLut(0, (0, 1), 8)
    assert default_voi(instance()) is None
    assert default_voi(instance(windows=(window, Window(1, 2)))) is window
    assert default_voi(instance(windows=(window,), voi_luts=(lut,))) is lut


def test_modality_values_are_float64_and_unrounded() -> None:
    values = PixelPipeline(stored(), Rescale(0.684, 200, "")).modality_values(
        np.array([[2031]], dtype=np.int16)
    )
    assert values.dtype == np.float64
    assert values[0, 0] == pytest.approx(1589.204)
