"""What the magnifier shows: the same place, larger, turned as the pane is."""

from dataclasses import replace

import pytest

from tests.kit.viewer import chest, pixel, shown
from viewer.model.presentation import Presentation
from viewer.viewport.magnify import MagnifyTool, magnified
from viewer.viewport.tools import PointerEvent
from viewer.viewport.transform import PanePoint, PaneSize, PaneTransform
from viewer.viewport.viewport import Viewport

SIDE = 260


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flip", [False, True])
def test_the_middle_shows_the_place_of_the_pointer(turns: int, flip: bool) -> None:
    look = Presentation(zoom=3.0, quarter_turns=turns, flip_horizontal=flip)
    pane = PaneTransform.of(64, 48, 1.25, PaneSize(400, 300), look)
    at = pane.to_pane(pixel(11.0, 40.0))
    larger = magnified(pane, look, at, SIDE)
    square = PaneTransform.of(64, 48, 1.25, PaneSize(SIDE, SIDE), larger)
    assert square.zoom == 6.0
    assert square.to_pixel(PanePoint(SIDE / 2, SIDE / 2)) == pytest.approx((11.0, 40.0))
    ahead, here = square.to_pane(pixel(12.0, 40.0)), square.to_pane(pixel(11.0, 40.0))
    before, start = pane.to_pane(pixel(12.0, 40.0)), pane.to_pane(pixel(11.0, 40.0))
    assert ahead.x - here.x == pytest.approx(2 * (before.x - start.x))
    assert ahead.y - here.y == pytest.approx(2 * (before.y - start.y))


def test_a_reduced_image_is_shown_at_least_at_one_to_one() -> None:
    look = Presentation(zoom=0.25)
    pane = PaneTransform.of(4096, 3328, 1.0, PaneSize(900, 1000), look)
    assert magnified(pane, look, PanePoint(450, 500), SIDE).zoom == 1.0
    assert magnified(replace(pane, zoom=60.0), look, PanePoint(4, 5), SIDE).zoom == 64.0


def test_it_lasts_as_long_as_the_button_is_held() -> None:
    heard: list[PanePoint | None] = []
    tool = MagnifyTool(lambda _viewport, at: heard.append(at), lambda: heard.append(None))
    gesture = tool.press(PointerEvent(PanePoint(1, 2)), shown(chest(1)))
    assert gesture is not None
    gesture.move(PointerEvent(PanePoint(3, 4)))
    gesture.release(PointerEvent(PanePoint(3, 4)))
    assert heard == [(1, 2), (3, 4), None]
    assert tool.press(PointerEvent(PanePoint(1, 2)), Viewport()) is None
