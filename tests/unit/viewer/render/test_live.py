"""The picture of a pane: what is asked for, what stays, what is said meanwhile."""

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.drawn import render_view
from tests.kit.executors import StepExecutor
from tests.kit.viewer import (
    SOFT,
    ArrayPool,
    NoBytes,
    arrays_of,
    chest,
    ct_instance,
    frame_of,
    series_of,
    set_of,
    study_of,
)
from viewer.loading.frames import FrameCache
from viewer.loading.pool import DecodePool
from viewer.model.presentation import Window
from viewer.model.refs import SopUid
from viewer.model.study import Photometric, StoredFormat, Study
from viewer.render.live import LivePicture
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.transform import PaneSize
from viewer.viewport.viewport import Viewport


class Room:
    """A live picture whose decoding and drawing the test steps apart."""

    def __init__(self, study: Study, arrays: dict[tuple[SopUid, int], NDArray[Any]]) -> None:
        self.decoding, self.drawing = StepExecutor(), StepExecutor()
        self.study = study
        self.arrays = arrays
        self.pool = ArrayPool(arrays)
        pool = cast(DecodePool, self.pool)
        self.cache = FrameCache(NoBytes(), pool, self.decoding, 1 << 28)
        self.cache.know(i for s in study.series for i in s.instances)
        self.viewport = Viewport()
        self.viewport.resize(PaneSize(96, 128))
        self.live = LivePicture(
            self.viewport, self.cache, RenderScheduler(self.drawing), self.drawing, "pane"
        )

    def show(self, n: int = 0) -> None:
        series = self.study.series[n]
        self.viewport.show(set_of(series), {i.ref.sop: i for i in series.instances})

    def settle(self) -> None:
        while len(self.decoding) or len(self.drawing):
            self.decoding.drain()
            self.drawing.drain()

    def expected(self, fallback: tuple[float, float] | None = None) -> NDArray[np.uint8]:
        state, instance = self.viewport.state, self.viewport.instance
        assert state.frame is not None
        assert instance is not None
        frame = self.arrays[(state.frame.sop, state.frame.frame)]
        return render_view(frame, instance, state.look, state.pane, fallback=fallback)


@pytest.fixture
def room() -> Room:
    study = chest(6)
    return Room(study, arrays_of(study))


def _has_picture(room: Room) -> bool:
    return room.live.pixels is not None and room.live.shown is not None


def _same(found: NDArray[Any] | None, expected: NDArray[np.uint8]) -> None:
    assert found is not None
    np.testing.assert_array_equal(found, expected)


def test_an_empty_pane_waits_for_nothing(room: Room) -> None:
    room.live.refresh()
    assert (room.live.waiting, room.live.pixels, room.live.at_rest) == ("", None, False)


def test_first_decoded_then_drawn(room: Room) -> None:
    room.show()
    assert room.live.waiting == "frame"
    room.decoding.step()
    assert room.live.waiting == "picture"
    room.settle()
    assert room.live.at_rest
    assert room.live.waiting == ""
    _same(room.live.pixels, room.expected())


def test_picture_and_state_stay_together_while_the_next_frame_is_decoded(room: Room) -> None:
    room.show()
    room.decoding.step()
    room.drawing.drain()
    first = room.live.painted
    room.viewport.go_to_index(5)
    assert room.live.waiting == "frame"
    assert room.live.painted is first
    assert room.live.shown is not None
    assert room.live.shown.index == 0
    assert not room.live.at_rest
    room.settle()
    assert room.live.shown.index == 5
    _same(room.live.pixels, room.expected())


def test_neighbours_come_without_being_asked_for(room: Room) -> None:
    room.show()
    room.settle()
    assert all(room.cache.get(frame) is not None for frame in set_of(room.study.series[0]).frames)


def test_another_display_set_never_keeps_the_old_picture() -> None:
    study = study_of(series_of([ct_instance("1.2.1", 0)]), series_of([ct_instance("1.2.2", 0)]))
    room = Room(study, arrays_of(study))
    room.show(0)
    room.settle()
    assert _has_picture(room)
    room.show(1)
    assert not _has_picture(room)
    room.viewport.show(None, {})
    room.settle()
    assert room.live.pixels is None


def test_a_frame_that_cannot_be_decoded_says_why_and_shows_nothing(room: Room) -> None:
    del room.arrays[(SopUid("1.2.1.1"), 0)]
    room = Room(room.study, room.arrays)
    room.show()
    room.settle()
    room.viewport.go_to_index(1)
    room.settle()
    assert room.live.pixels is None
    assert str(room.live.error) == "The pixel data ends after 12 of 512 rows."
    room.viewport.go_to_index(2)
    room.settle()
    assert room.live.error is None
    assert room.live.at_rest


def test_an_object_without_pixels_is_told_apart() -> None:
    study = chest(1, format=None)
    room = Room(study, {})
    room.show()
    assert room.live.waiting == "instance"


def test_a_fault_while_drawing_becomes_a_sentence(room: Room) -> None:
    for key in room.arrays:
        room.arrays[key] = np.zeros((3, 3, 3, 3), np.uint8)
    room = Room(room.study, room.arrays)
    room.show()
    room.settle()
    assert room.live.error is not None
    assert room.live.error.sentence.startswith("This image cannot be drawn:")
    assert room.live.error.where == "1.2.1.0"


def test_without_a_window_every_frame_of_the_set_has_the_same_one() -> None:
    """F12: the range is that of the set, so that scrolling does not flicker."""
    study = chest(3, windows=())
    arrays = arrays_of(study)
    arrays[(SopUid("1.2.1.2"), 0)] = arrays[(SopUid("1.2.1.2"), 0)] + np.int16(5000)
    room = Room(study, arrays)
    room.show()
    room.settle()
    fallback = room.viewport.state.fallback
    low, high = min(a.min() for a in arrays.values()), max(a.max() for a in arrays.values())
    assert fallback == (low - 1024, high - 1024)
    for index in range(3):
        room.viewport.go_to_index(index)
        room.settle()
        assert room.viewport.state.fallback == fallback
        _same(room.live.pixels, room.expected(fallback))


@pytest.mark.parametrize("void", [(0,), (1,), (0, 1, 2)])
def test_frames_of_padding_alone_are_black_and_reach_into_no_range(void: tuple[int, ...]) -> None:
    """F11, F12: padding has no value, so that it stretches no window to 0."""
    held = ct_instance("1.2.1", 0).format
    assert held is not None
    padded = replace(held, padding=(-2000, -2000))
    study = study_of(
        series_of([ct_instance("1.2.1", n, windows=(), format=padded) for n in range(3)])
    )
    arrays = arrays_of(study)
    for n, pixels in enumerate(arrays.values()):
        pixels[:] = -2000 if n in void else np.int16(1500 + 10 * n)
        pixels[0, 0] = -2000 if n in void else np.int16(1900)
    room = Room(study, arrays)
    room.show()
    room.settle()
    values = [1500 + 10 * n - 1024.0 for n in range(3) if n not in void]
    expected = (min(values), 1900 - 1024.0) if values else None
    assert room.viewport.state.fallback == expected
    for index in range(3):
        room.viewport.go_to_index(index)
        room.settle()
        assert room.live.at_rest
        assert room.live.pixels is not None
        assert room.live.pixels.any() == (index not in void)


def test_a_pane_that_opens_later_has_the_window_of_the_pane_that_was_there() -> None:
    """F12: the range is that of the set, also where every frame was decoded for somebody else."""
    study = study_of(series_of([ct_instance("1.2.1", n, windows=()) for n in range(3)]))
    arrays = arrays_of(study)
    for n, pixels in enumerate(arrays.values()):
        pixels += 500 * n
    first = Room(study, arrays)
    first.show()
    first.settle()
    later = Viewport()
    later.resize(PaneSize(96, 128))
    live = LivePicture(
        later, first.cache, RenderScheduler(first.drawing), first.drawing, "another pane"
    )
    series = study.series[0]
    later.show(set_of(series), {i.ref.sop: i for i in series.instances}, index=2)
    first.settle()
    assert later.state.fallback == first.viewport.state.fallback
    live.close()


def test_a_drag_draws_again_with_the_new_window(room: Room) -> None:
    room.show()
    room.settle()
    assert room.viewport.state.look.voi == SOFT
    room.viewport.set_voi(Window(500, 50))
    room.settle()
    _same(room.live.pixels, room.expected())


def test_nothing_is_asked_for_after_close(room: Room) -> None:
    room.show()
    room.live.close()
    room.settle()
    room.viewport.go_to_index(3)
    assert room.live.pixels is None
    assert len(room.drawing) == 0


BIG = 1024


def _mammogram() -> Study:
    stored = StoredFormat(BIG, BIG, 1, Photometric.MONOCHROME2, 16, 12, 11, signed=False)
    one = ct_instance(format=stored, transfer_syntax="1.2.840.10008.1.2.4.201")
    return study_of(series_of([one, ct_instance(n=1, format=stored)]))


def _previewed(value: int) -> Room:
    study = _mammogram()
    series = study.series[0]
    arrays = {(i.ref.sop, 0): np.full((BIG, BIG), 900, np.uint16) for i in series.instances}
    room = Room(study, arrays)
    reduced = np.full((BIG // 4, BIG // 4), value, np.int16)
    room.pool.previews[(series.instances[0].ref.sop, 0)] = reduced
    return room


def _state(room: Room) -> tuple[bool, bool]:
    return room.live.preview, room.live.at_rest


def test_a_preview_stands_in_until_the_frame_is_there() -> None:
    room = _previewed(100)
    room.show()
    while not room.cache.previews.has(frame_of(room.study.series[0].instances[0])):
        room.decoding.step()
    room.drawing.drain()
    assert _state(room) == (True, False)
    assert room.live.waiting == "frame"
    preview, state, instance = room.live.pixels, room.viewport.state, room.viewport.instance
    assert preview is not None
    assert instance is not None
    coarse = np.full((BIG, BIG), 100, np.uint16)
    np.testing.assert_array_equal(preview, render_view(coarse, instance, state.look, state.pane))
    assert state.frame is not None
    assert room.cache.get(state.frame) is None
    assert room.cache.previews.has(state.frame)
    room.settle()
    assert _state(room) == (False, True)
    np.testing.assert_array_equal(room.live.pixels, room.expected())
    assert not room.cache.previews.has(state.frame)


def test_a_preview_that_comes_late_is_not_shown() -> None:
    room = _previewed(100)
    room.show()
    ref = room.viewport.state.frame
    assert ref is not None
    room.cache.previews.drop(ref)
    room.settle()
    assert room.live.at_rest
    assert not room.cache.previews.has(ref)


def test_a_frame_that_is_here_has_no_preview() -> None:
    room = _previewed(100)
    room.show()
    room.settle()
    room.viewport.scroll(1)
    room.settle()
    assert _state(room) == (False, True)


def test_scrolling_through_a_set_that_is_here_asks_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study = chest(8)
    room = Room(study, arrays_of(study))
    room.show()
    room.settle()
    asked: list[object] = []
    monkeypatch.setattr(room.cache, "want", lambda *args, **_: asked.append(args))
    for index in (3, 5, 0, 7):
        room.viewport.go_to_index(index)
        room.settle()
    assert asked == []
    assert room.live.at_rest


def test_a_set_that_is_shown_again_after_its_case_was_closed_is_asked_for_again() -> None:
    study = chest(4)
    room = Room(study, arrays_of(study))
    room.show()
    room.settle()
    room.viewport.show(None, {})
    room.cache.clear()
    room.cache.know(i for s in study.series for i in s.instances)
    room.show()
    room.settle()
    assert all(room.cache.get(frame) is not None for frame in set_of(study.series[0]).frames)


def test_a_clip_in_colour_widens_no_range() -> None:
    colour = StoredFormat(
        rows=64, columns=48, bits_allocated=8, bits_stored=8, high_bit=7, signed=False,
        samples=3, photometric=Photometric.RGB,
    )  # fmt: skip
    study = study_of(
        series_of([ct_instance("1.2.1", n, format=colour, windows=()) for n in range(3)])
    )
    frames = {
        (i.ref.sop, 0): np.full((64, 48, 3), n, np.uint8)
        for n, i in enumerate(study.series[0].instances)
    }
    room = Room(study, frames)
    room.show()
    room.settle()
    assert room.live.at_rest
    assert all(room.cache.get(ref) is not None for ref in set_of(study.series[0]).frames)
