"""F53: one to one is one device pixel for each image pixel; the true size is true by the ruler."""

import numpy as np
import pytest

from tests.kit.drawn import render_view
from tests.kit.viewer import (
    chest,
    ct_instance,
    pixel,
    projection_instance,
    series_of,
    shown,
    study_of,
)
from viewer.model.geometry import Spacing
from viewer.model.presentation import Presentation, Window
from viewer.model.study import ProjectionGeometry
from viewer.viewport.transform import PaneSize
from viewer.viewport.true_size import (
    ScreenPitch,
    measured_pitch,
    read_pitches,
    show_true_size,
    size_text,
    told_pitch,
    write_pitches,
)
from viewer.viewport.viewport import Viewport


@pytest.mark.parametrize("pane", [PaneSize(61, 77), PaneSize(60, 77), PaneSize(61, 76)])
def test_f53_a_checkerboard_is_exact_at_one_to_one(pane: PaneSize) -> None:
    rows, columns = 64, 48
    board = (np.indices((rows, columns)).sum(axis=0) % 2 * 1000).astype(np.int16)
    look = Presentation(Window(-524, 1000), zoom=1.0)
    picture = render_view(board, ct_instance(), look, pane)
    filled = np.argwhere(picture > 0)
    top, left = filled.min(axis=0)
    found = picture[top : top + rows, left : left + columns]
    expected = np.where(board > 0, 255, 0)
    offset = 0 if (found == expected).all() else 1
    if offset:  # the first pixel of the board is black and so not found
        left -= 1
        found = picture[top : top + rows, left : left + columns]
    np.testing.assert_array_equal(found, expected)


def _mm_on_screen(viewport: Viewport, mm: float, spacing: float, pitch: float) -> float:
    """How long ``mm`` of the patient along a row are on the screen."""
    transform = viewport.transform()
    assert transform is not None
    a, b = (transform.to_pane(pixel(column, 0)) for column in (0, mm / spacing))
    return (b.x - a.x) * pitch


@pytest.mark.parametrize("pitch", [0.0934, 0.1653, 0.2, 0.294])
@pytest.mark.parametrize("spacing", [0.05, 0.143, 0.7, 1.4])
def test_f53_a_length_is_as_long_on_the_screen_as_in_the_patient(
    pitch: float, spacing: float
) -> None:
    viewport = shown(chest(1, spacing=Spacing(spacing, spacing)))
    viewport.know_screen(pitch, checked=True)
    assert show_true_size(viewport) == ""
    assert _mm_on_screen(viewport, 10, spacing, pitch) == pytest.approx(10, rel=1e-9)
    instance = viewport.instance
    assert instance is not None
    zoom = viewport.state.look.zoom
    assert zoom is not None
    assert size_text(viewport.state, instance, zoom) == "True size"
    assert size_text(viewport.state, instance, zoom * 1.001) == ""


@pytest.mark.parametrize("ruler", [93.2, 100.0, 104.7])
def test_f53_a_ruler_corrects_what_the_screen_tells_of_itself(ruler: float) -> None:
    """The line was drawn with a wrong pitch; what the ruler says of it gives the right one."""
    told = ScreenPitch(0.25)
    pixels = 100 / told.mm  # the line has so many device pixels
    found = measured_pitch(told, ruler)
    assert found is not None
    assert found.checked
    assert pixels * found.mm == pytest.approx(ruler, rel=0.01)
    again = measured_pitch(found, 100.0)
    assert again is not None
    assert again.mm == pytest.approx(found.mm)


def test_f53_numbers_that_cannot_be_true_are_not_taken() -> None:
    assert told_pitch(480, 1920) == ScreenPitch(0.25)
    for width, pixels in ((0, 1920), (-5, 1920), (1, 1920), (16000, 1920), (float("nan"), 1920)):
        assert told_pitch(width, pixels) is None
    assert told_pitch(480, 0) is None
    assert measured_pitch(ScreenPitch(0.25), 20) is None


def test_f53_true_size_at_the_detector_says_so() -> None:
    facts = ProjectionGeometry(imager_spacing=Spacing(0.2, 0.2))
    viewport = shown(study_of(series_of([projection_instance("PA", projection=facts)])))
    viewport.know_screen(0.1)
    assert show_true_size(viewport) == ""
    assert viewport.state.look.zoom == pytest.approx(2)
    instance = viewport.instance
    assert instance is not None
    assert size_text(viewport.state, instance, 2.0) == "True size at detector"


def test_f53_without_a_scale_or_a_screen_there_is_no_true_size_and_a_reason() -> None:
    viewport = shown(chest(1))
    assert "does not tell how large it is" in show_true_size(viewport)
    assert viewport.state.look.zoom is None
    photo = shown(study_of(series_of([projection_instance("")])))
    photo.know_screen(0.2)
    assert show_true_size(photo).startswith("The true size is not known.")
    empty = Viewport()
    assert show_true_size(empty) == "There is no image here."


def test_f53_pitches_are_kept_by_screen_and_nonsense_is_left_out() -> None:
    kept = {"EIZO RX350 123 1536x2048": 0.2115}
    assert read_pitches(write_pitches(kept)) == kept
    assert read_pitches("") == {}
    assert read_pitches("[1]") == {}
    assert read_pitches("{not json") == {}
    assert read_pitches('{"A": "0.2", "B": 9, "C": 0.2}') == {"C": 0.2}
