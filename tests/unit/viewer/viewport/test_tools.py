"""Buttons, wheel, held keys and the drags of scroll, window, zoom and pan."""

import math

import pytest

from tests.kit.viewer import SOFT, chest, shown
from viewer.model.presentation import Window
from viewer.viewport.navigate import PanTool, ScrollTool, WindowTool, ZoomTool
from viewer.viewport.tools import Button, PointerEvent, Tool, ToolGroup, ToolId, Wheel
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport


def _group(active: ToolId = ToolId.SCROLL) -> ToolGroup:
    tools: tuple[Tool, ...] = (WindowTool(), ScrollTool(), ZoomTool(), PanTool())
    return ToolGroup({tool.id: tool for tool in tools}, active=active)


def _active(group: ToolGroup) -> ToolId:
    return group.active


def _drag(
    group: ToolGroup,
    viewport: Viewport,
    way: tuple[float, float],
    *,
    button: Button = Button.LEFT,
    scale: float = 1.0,
) -> None:
    start = PanePoint(100, 200)
    end = PanePoint(100 + way[0], 200 + way[1])
    gesture = group.press(PointerEvent(start, button, scale), viewport)
    assert gesture is not None
    middle = PanePoint((start.x + end.x) / 2, (start.y + end.y) / 2)
    gesture.move(PointerEvent(middle, button, scale))
    assert gesture.release(PointerEvent(end, button, scale)) == ()


def _window(viewport: Viewport) -> Window:
    voi = viewport.state.look.voi
    assert isinstance(voi, Window)
    return voi


def test_right_is_wider_and_up_is_brighter() -> None:
    viewport = shown(chest())
    _drag(_group(ToolId.WINDOW), viewport, (60, -30))
    assert _window(viewport).width == pytest.approx(400 * math.exp(0.2))
    assert _window(viewport).centre == pytest.approx(40 - 40)
    assert _window(viewport).explanation == ""


def test_a_drag_over_counts_leaves_black_at_zero() -> None:
    for way in ((60, 0), (0, 60)):
        viewport = shown(chest(modality="NM"))
        viewport.set_window(40, 400)
        _drag(_group(ToolId.WINDOW), viewport, way)
        upper = 240 * math.exp(0.2)
        assert _window(viewport).width == pytest.approx(upper)
        assert _window(viewport).centre == pytest.approx(upper / 2)


def test_the_floor_can_be_let_go_and_held_for_any_grey_image() -> None:
    counts, chest_ct = shown(chest(modality="PT")), shown(chest())
    assert (counts.holds_floor, chest_ct.holds_floor) == (True, False)
    assert counts.toggle_floor()
    assert chest_ct.toggle_floor()
    assert (counts.holds_floor, chest_ct.holds_floor) == (False, True)
    _drag(_group(ToolId.WINDOW), counts, (0, 30))
    assert _window(counts).width == pytest.approx(400)
    assert not Viewport().toggle_floor()


def test_a_window_below_zero_is_dragged_freely() -> None:
    viewport = shown(chest(modality="NM"))
    viewport.set_window(-300, 100)
    _drag(_group(ToolId.WINDOW), viewport, (0, 30))
    assert _window(viewport).width == pytest.approx(100)


def test_the_gain_is_proportional_to_the_width() -> None:
    narrow, wide = shown(chest()), shown(chest())
    narrow.set_window(0, 100)
    wide.set_window(0, 2000)
    for viewport in (narrow, wide):
        _drag(_group(ToolId.WINDOW), viewport, (0, 30))
    assert _window(wide).centre == pytest.approx(20 * _window(narrow).centre)


def test_a_drag_does_not_depend_on_its_steps_or_on_the_screen() -> None:
    coarse, fine = shown(chest()), shown(chest())
    _drag(_group(ToolId.WINDOW), coarse, (40, 40))
    _drag(_group(ToolId.WINDOW), fine, (80, 80), scale=2.0)
    assert coarse.state.look == fine.state.look


@pytest.mark.parametrize("tool", [ToolId.WINDOW, ToolId.SCROLL, ToolId.ZOOM, ToolId.PAN])
def test_below_the_threshold_nothing_happens(tool: ToolId) -> None:
    viewport = shown(chest())
    before = viewport.state
    _drag(_group(tool), viewport, (2, -2))
    assert viewport.state == before


@pytest.mark.parametrize("tool", [ToolId.WINDOW, ToolId.SCROLL, ToolId.ZOOM, ToolId.PAN])
def test_cancel_restores(tool: ToolId) -> None:
    viewport = shown(chest(50))
    viewport.go_to_index(20)
    before = viewport.state
    gesture = _group(tool).press(PointerEvent(PanePoint(100, 200)), viewport)
    assert gesture is not None
    gesture.move(PointerEvent(PanePoint(160, 290)))
    assert viewport.state != before
    gesture.cancel()
    assert viewport.state == before


def test_scroll_drag_runs_down_through_the_frames() -> None:
    viewport = shown(chest(100))
    _drag(_group(), viewport, (0, 40))
    assert viewport.state.index == 10
    _drag(_group(), viewport, (0, -4000))
    assert viewport.state.index == 0


def test_the_buttons_keep_their_tools() -> None:
    viewport = shown(chest())
    fitted = viewport.transform()
    assert fitted is not None
    _drag(_group(ToolId.WINDOW), viewport, (7, 9), button=Button.MIDDLE)
    panned = viewport.state.look
    assert (panned.offset, panned.voi) == ((7, 9), SOFT)
    _drag(_group(ToolId.WINDOW), viewport, (0, 60), button=Button.RIGHT)
    assert viewport.state.look.zoom == pytest.approx(fitted.zoom * math.exp(60 / 150))


def test_colour_has_no_window_to_drag() -> None:
    viewport = shown(chest(format=None))
    assert _group(ToolId.WINDOW).press(PointerEvent(PanePoint(1, 1)), viewport) is None


def test_a_held_key_lends_a_tool() -> None:
    group, viewport = _group(ToolId.SCROLL), shown(chest())
    group.press_key(ToolId.WINDOW)
    group.press_key(ToolId.WINDOW)
    assert _active(group) is ToolId.WINDOW
    _drag(group, viewport, (30, 0))
    group.release_key()
    assert _active(group) is ToolId.SCROLL


def test_a_tapped_key_takes_the_tool_up() -> None:
    group = _group(ToolId.SCROLL)
    group.press_key(ToolId.WINDOW)
    group.release_key()
    assert _active(group) is ToolId.WINDOW
    group.release_key()
    assert _active(group) is ToolId.WINDOW
    group.activate(ToolId.PAN)
    assert _active(group) is ToolId.PAN


def test_wheel() -> None:
    viewport, wheel, at = shown(chest(50)), Wheel(), PanePoint(10, 10)
    wheel.turn(-120, at, viewport)
    assert viewport.state.index == 1
    wheel.turn(-360, at, viewport, fast=True)
    assert viewport.state.index == 31
    wheel.turn(240, at, viewport)
    assert viewport.state.index == 29
    for _ in range(4):
        wheel.turn(-30, at, viewport)
    assert viewport.state.index == 30


def test_wheel_zooms_at_the_pointer() -> None:
    viewport, at = shown(chest()), PanePoint(33, 44)
    before = viewport.transform()
    assert before is not None
    Wheel().turn(120, at, viewport, zoom=True)
    after = viewport.transform()
    assert after is not None
    assert after.zoom == pytest.approx(before.zoom * 1.2)
    assert after.to_pixel(at) == pytest.approx(before.to_pixel(at))
