"""The window of a box: exactly black to white over the pixels whose centres lie in it."""

import numpy as np
import pytest

from tests.kit.viewer import ct_instance, pixel, ramp, series_of, shown, study_of
from viewer.model.presentation import Presentation, VoiFunction, Window
from viewer.pixels.pipeline import PixelPipeline
from viewer.viewport.region import BoxGesture, RegionTool, window_of_box, window_over
from viewer.viewport.tools import PointerEvent
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

FRAME = ramp()


def _viewport() -> Viewport:
    return shown(study_of(series_of([ct_instance()])))


def _at(viewport: Viewport, column: float, row: float) -> PanePoint:
    transform = viewport.transform()
    assert transform is not None
    return transform.to_pane(pixel(column, row))


@pytest.mark.parametrize(("low", "high"), [(-1000, 500), (3, 19), (0.25, 0.75), (-2.0, 7.5)])
def test_the_ends_are_just_black_and_just_white(low: float, high: float) -> None:
    window = window_over(low, high)
    pipeline = PixelPipeline.of(ct_instance())
    stored = np.array([[low + 1024, high + 1024, (low + high) / 2 + 1024]], np.float64)
    levels = pipeline.driving_levels_reference(stored, Presentation(window), bits=8)
    assert levels[0, :2].tolist() == [0, 255]
    assert abs(int(levels[0, 2]) - 128) <= 1


def test_a_range_of_nothing_is_still_a_window() -> None:
    assert window_over(5.0, 5.0).function is VoiFunction.LINEAR_EXACT


def test_pixels_count_whose_centres_lie_in_the_box() -> None:
    viewport = _viewport()
    box = (_at(viewport, 9.6, 29.8), _at(viewport, 4.9, 20.2))  # columns 5 to 9, rows 21 to 29
    part = FRAME[21:30, 5:10].astype(float) - 1024
    assert window_of_box(viewport, box, FRAME) == window_over(part.min(), part.max())


def test_beyond_the_image_the_box_is_cut_and_outside_it_is_empty() -> None:
    viewport = _viewport()
    whole = (_at(viewport, -40, -40), _at(viewport, 400, 400))
    values = FRAME.astype(float) - 1024
    assert window_of_box(viewport, whole, FRAME) == window_over(values.min(), values.max())
    assert window_of_box(viewport, (_at(viewport, -9, -9), _at(viewport, -2, -2)), FRAME) is None


def test_a_drag_sets_the_window_and_a_click_does_not() -> None:
    viewport = _viewport()
    tool = RegionTool(lambda _viewport: FRAME)
    before = viewport.state.look.voi
    start, end = _at(viewport, 5, 20), _at(viewport, 10, 30)
    gesture = tool.press(PointerEvent(start), viewport)
    assert gesture is not None
    gesture.release(PointerEvent(start))
    assert viewport.state.look.voi == before
    gesture = tool.press(PointerEvent(start), viewport)
    assert isinstance(gesture, BoxGesture)
    gesture.move(PointerEvent(end))
    assert gesture.box == (start, end)
    assert viewport.state.look.voi == before
    gesture.release(PointerEvent(end))
    part = FRAME[20:31, 5:11].astype(float) - 1024
    assert viewport.state.look.voi == window_over(part.min(), part.max())
    assert isinstance(viewport.state.look.voi, Window)
