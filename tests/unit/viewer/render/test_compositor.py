"""Finished pixels: one table after resampling, black outside, colour untouched by windows."""

from dataclasses import replace

import numpy as np
import pytest

from tests.kit.drawn import render_view
from tests.kit.grey_reference import level
from tests.kit.pictures import COLOUR_STORED, IDENTITY, SOFT_TISSUE, instance, stored, windowed
from viewer.calibration.display import DisplayProfile
from viewer.model.geometry import Spacing
from viewer.model.presentation import Presentation
from viewer.model.study import Photometric
from viewer.render.compositor import RenderRequest
from viewer.viewport.transform import PaneSize

RAMP = np.arange(-8192, 8192, 64, dtype=np.int16).reshape(16, 16)


def test_one_to_one_equals_the_reference_pixel_for_pixel() -> None:
    look = replace(windowed(40, 400), zoom=1.0)
    picture = render_view(RAMP, instance(), look, PaneSize(16, 16))
    expected = [[level(int(v), stored(), IDENTITY, look, 8) for v in row] for row in RAMP]
    assert picture.dtype == np.uint8
    assert picture.tolist() == expected


def test_values_are_resampled_before_the_window() -> None:
    frame = np.array([[-1000, 1000]], dtype=np.int16)
    picture = render_view(frame, instance(), windowed(0, 2), PaneSize(8, 4))
    centre = picture[1].tolist()
    assert centre == sorted(centre)
    assert set(centre) <= {0, 255}, "a window of two values leaves no greys to blend"


@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("photometric", [Photometric.MONOCHROME1, Photometric.MONOCHROME2])
def test_outside_the_image_is_black_whatever_the_polarity(
    photometric: Photometric, invert: bool
) -> None:
    frame = np.zeros((4, 4), dtype=np.int16)
    look = windowed(0, 100, invert=invert)
    picture = render_view(frame, instance(stored(photometric=photometric)), look, PaneSize(12, 4))
    assert not picture[:, :4].any()
    assert not picture[:, 8:].any()
    assert picture[:, 4:8].all()


def test_pixels_are_drawn_in_their_true_shape() -> None:
    tall = instance(pixel_spacing=Spacing(2.0, 1.0))
    picture = render_view(np.full((4, 4), 500, np.int16), tall, SOFT_TISSUE, PaneSize(16, 16))
    assert np.argwhere(picture).min(axis=0).tolist() == [0, 4]
    assert np.argwhere(picture).max(axis=0).tolist() == [15, 11]


def test_without_a_window_the_range_given_decides() -> None:
    frame = np.array([[0, 100]], dtype=np.int16)
    look, pane = Presentation(zoom=1.0), PaneSize(2, 1)
    assert render_view(frame, instance(), look, pane).tolist() == [[0, 255]]
    assert render_view(frame, instance(), look, pane, fallback=(0, 200)).tolist() == [[0, 128]]


def test_float_frames_are_computed() -> None:
    frame = np.array([[0.0, 0.5, np.nan, 1.0]], dtype=np.float32)
    look, pane = Presentation(zoom=1.0, invert=True), PaneSize(4, 2)
    picture = render_view(frame, instance(), look, pane, fallback=(0.0, 1.0))
    assert picture[np.flatnonzero(picture.any(axis=1))[0]].tolist() == [255, 128, 0, 0]


def test_colour_is_not_windowed_nor_inverted() -> None:
    frame = np.random.default_rng(1).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    us = instance(COLOUR_STORED)
    look = windowed(10, 20, zoom=1.0, invert=True)
    picture = render_view(frame, us, look, PaneSize(6, 6))
    assert np.array_equal(picture[1:5, 1:5], frame)
    assert not picture[0].any()


def test_sixteen_bits_and_the_screen_of_the_request() -> None:
    look = windowed(40, 400, zoom=1.0)
    pane = PaneSize(16, 16)
    request = RenderRequest(RAMP, instance(), look, pane, bits=16)
    expected = [[level(int(v), stored(), IDENTITY, look, 16) for v in row] for row in RAMP]
    assert request.compose(request.sample()).tolist() == expected
    screen = DisplayProfile("S", 8, table=(0, 100))
    dark = render_view(RAMP, instance(), look, pane, display=screen)
    assert set(np.unique(dark)) == {0, 100}


def test_an_object_without_pixels_is_refused() -> None:
    document = replace(instance(), format=None)
    with pytest.raises(ValueError, match="without pixels"):
        render_view(RAMP, document, SOFT_TISSUE, PaneSize(4, 4))


def test_an_eight_bit_frame_is_drawn_through_the_table() -> None:
    frame = np.arange(16, dtype=np.uint8).reshape(4, 4)
    us = instance(stored(signed=False, bits_stored=8, bits_allocated=8))
    picture = render_view(frame, us, Presentation(zoom=1.0), PaneSize(4, 4), fallback=(0, 15))
    assert picture.tolist() == (frame * 17).tolist()
