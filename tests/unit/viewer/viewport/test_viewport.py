"""State of a pane: scrolling, windows, zoom about a point, reset."""

from dataclasses import replace

import pytest

from tests.kit.viewer import (
    LUNG,
    SOFT,
    chest,
    ct_instance,
    frame_of,
    projection_instance,
    series_of,
    set_of,
)
from viewer.model.display_set import DisplaySet, Kind
from viewer.model.geometry import PixelPoint
from viewer.model.presentation import Presentation, Rescale, VoiFunction, VoiLut, Window
from viewer.model.study import FrameFacts, Instance
from viewer.viewport.transform import PanePoint, PaneSize
from viewer.viewport.viewport import MAX_ZOOM, Viewport, ViewState


def _shown(count: int = 5) -> tuple[Viewport, DisplaySet]:
    series = chest(count).series[0]
    target = set_of(series)
    viewport = Viewport()
    viewport.resize(PaneSize(480, 640))
    viewport.show(target, {i.ref.sop: i for i in series.instances})
    return viewport, target


def _of(*instances: Instance) -> Viewport:
    series = series_of(instances)
    viewport = Viewport()
    viewport.resize(PaneSize(480, 640))
    viewport.show(set_of(series, kind=Kind.STACK), {i.ref.sop: i for i in instances})
    return viewport


def test_the_ends_do_not_wrap() -> None:
    viewport, _ = _shown(5)
    viewport.scroll(-1)
    assert viewport.state.index == 0
    viewport.scroll(10)
    assert viewport.state.index == 4
    viewport.scroll(1)
    assert viewport.state.index == 4


def test_go_to_a_frame() -> None:
    viewport, target = _shown(5)
    assert viewport.go_to(target.frames[3])
    assert viewport.state.frame == target.frames[3]
    assert not viewport.go_to(frame_of(ct_instance("9.9", 0)))
    assert viewport.state.index == 3


def test_an_empty_pane_takes_everything_quietly() -> None:
    viewport = Viewport()
    viewport.scroll(1)
    viewport.zoom_at(PanePoint(1, 1), 2)
    viewport.pan(1, 1)
    viewport.reset()
    assert viewport.state == ViewState()
    assert viewport.transform() is None
    assert viewport.window() is None
    assert not viewport.turn(1)
    assert not viewport.flip()


def test_changes_are_told_once_and_only_when_something_changed() -> None:
    viewport, _ = _shown()
    told: list[ViewState] = []
    viewport.changed.connect(told.append)
    viewport.scroll(1)
    viewport.scroll(-9)
    viewport.scroll(-1)
    viewport.zoom_at(PanePoint(100, 100), 1.5)
    assert [s.index for s in told] == [1, 0, 0]


def test_zoom_keeps_what_lies_under_the_pointer() -> None:
    viewport, _ = _shown()
    point = PanePoint(111.5, 301.25)
    transform = viewport.transform()
    assert transform is not None
    under = transform.to_pixel(point)
    for factor in (1.7, 0.6, 3.0):
        viewport.zoom_at(point, factor)
        after = viewport.transform()
        assert after is not None
        assert after.to_pixel(point) == pytest.approx(under, abs=1e-9)


def test_zoom_has_limits() -> None:
    viewport, _ = _shown()
    viewport.zoom_at(PanePoint(0, 0), 1e9)
    assert viewport.state.look.zoom == MAX_ZOOM


def test_pan_keeps_the_size() -> None:
    viewport, _ = _shown()
    before = viewport.transform()
    viewport.pan(10, -5)
    after = viewport.transform()
    assert before is not None
    assert after is not None
    assert after.zoom == before.zoom
    moved, stood = after.to_pane(PixelPoint(3, 4)), before.to_pane(PixelPoint(3, 4))
    assert (moved.x - stood.x, moved.y - stood.y) == pytest.approx((10, -5))


def test_reset_keeps_the_scroll_position() -> None:
    viewport, _ = _shown()
    viewport.scroll(2)
    viewport.set_voi(LUNG)
    viewport.one_to_one()
    viewport.invert()
    viewport.reset()
    assert viewport.state.index == 2
    assert viewport.state.look == Presentation(voi=SOFT)


def test_fit_and_one_to_one() -> None:
    viewport, _ = _shown()
    viewport.one_to_one()
    assert viewport.state.look.zoom == 1.0
    viewport.pan(50, 50)
    viewport.fit()
    assert viewport.state.look == Presentation(voi=SOFT)


def test_each_frame_has_its_own_window_until_the_reader_sets_one() -> None:
    facts = tuple(
        FrameFacts(Rescale(1, 0, ""), windows=(Window(c, 100),)) for c in (10.0, 20.0, 30.0)
    )
    viewport = _of(replace(ct_instance(frames=3), per_frame=facts))
    seen = []
    for index in range(3):
        viewport.go_to_index(index)
        seen.append(viewport.state.look.voi)
    assert seen == [Window(10, 100), Window(20, 100), Window(30, 100)]
    viewport.set_window(7, 70)
    viewport.go_to_index(0)
    assert viewport.state.look.voi == Window(7, 70)
    viewport.reset()
    assert viewport.state.look.voi == Window(10, 100)


def test_the_window_nearest_to_a_look() -> None:
    viewport = _of(ct_instance(windows=()))
    assert viewport.state.look == Presentation()
    assert viewport.window() is None
    viewport.extend_range(0, 100)
    viewport.extend_range(50, 120)
    viewport.extend_range(-4, 3)
    assert viewport.state.fallback == pytest.approx((-4, 120))
    assert viewport.window() == Window(58.5, 125)
    viewport.set_voi(VoiLut(100, tuple(range(50)), 8))
    assert viewport.window() == Window(125, 50)


def test_numbers_never_make_an_impossible_window() -> None:
    viewport, _ = _shown()
    viewport.set_window(5, -3)
    assert viewport.state.look.voi == Window(5, 1)
    viewport.set_voi(Window(0.5, 0.4, "", VoiFunction.LINEAR_EXACT))
    viewport.set_window(0.5, 0.01)
    assert viewport.state.look.voi == Window(0.5, 0.01, "", VoiFunction.LINEAR_EXACT)


def test_only_projections_turn_and_flip() -> None:
    section, _ = _shown()
    assert not section.turn(1)
    assert not section.flip()
    projection = _of(projection_instance("PA"))
    assert projection.turn(5)
    assert projection.state.look.quarter_turns == 1


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flips", range(2))
def test_flip_mirrors_left_and_right_of_the_screen(turns: int, flips: int) -> None:
    viewport = _of(projection_instance("PA"))
    viewport.turn(turns)
    for _ in range(flips):
        viewport.flip()
    before = viewport.transform()
    viewport.flip()
    after = viewport.transform()
    assert before is not None
    assert after is not None
    width = viewport.state.pane.width
    for p in (PixelPoint(0, 0), PixelPoint(10, 50)):
        here, there = before.to_pane(p), after.to_pane(p)
        assert (there.x, there.y) == pytest.approx((width - here.x, here.y))


def test_growing_keeps_the_frame_and_the_look() -> None:
    series = chest(9).series[0]
    part = replace(series, instances=series.instances[3:6])
    viewport = Viewport()
    viewport.show(set_of(part), {i.ref.sop: i for i in part.instances}, index=1)
    viewport.set_voi(LUNG)
    frame = viewport.state.frame
    viewport.grow(set_of(series), {i.ref.sop: i for i in series.instances})
    assert viewport.state.frame == frame
    assert viewport.state.index == 4
    assert viewport.state.look.voi == LUNG


def test_showing_something_else_starts_anew() -> None:
    viewport, target = _shown()
    viewport.scroll(3)
    viewport.invert()
    viewport.show(target, {}, Presentation(voi=LUNG), index=99)
    assert viewport.state.index == len(target.frames) - 1
    assert viewport.state.look == Presentation(voi=LUNG)
    assert viewport.instance is None
