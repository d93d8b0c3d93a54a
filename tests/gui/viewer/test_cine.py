"""Cines through the real panes: key, speed, stopping by hand, clips that begin by themselves."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.viewer import IDENTITY, chest, projection_instance, series_of, set_of, study_of
from viewer.model.display_set import Kind
from viewer.model.study import Study

COUNT = 12
STACK = chest(COUNT)


def _clip(modality: str) -> Study:
    instance = projection_instance("", frames=COUNT, modality=modality)
    return study_of(replace(series_of([instance]), modality=modality))


def _open(qtbot: QtBot, study: Study, frame_ms: float = 20.0) -> Room:
    room = make_room(qtbot, study)
    series = study.series[0]
    clip = replace(set_of(series, kind=Kind.CINE), frame_ms=(frame_ms,) * COUNT)
    room.area.open_case(study, (), {series.uid: (clip,)}, IDENTITY)
    room.settle()
    return room


def _passes(room: Room, *wanted: int) -> bool:
    """Draw what is asked for and tell whether one of these frames stands."""
    room.settle()
    return room.viewport().state.index in wanted


def _plays(room: Room) -> bool:
    return room.area.actions_by_id()["cine.play"].isChecked()


def test_c_plays_any_stack_and_stops_it(qtbot: QtBot) -> None:
    room = make_room(qtbot, STACK)
    room.open(STACK)
    start = room.viewport().state.index
    room.key(Qt.Key.Key_C)
    assert _plays(room)
    assert "Playing 10 frames/s, no rate" in room.pane().accessibleDescription().replace(" ·", ",")
    qtbot.waitUntil(lambda: _passes(room, start + 2))
    room.key(Qt.Key.Key_C)
    assert not _plays(room)
    assert "Playing" not in room.pane().accessibleDescription()


def test_a_step_by_hand_ends_it(qtbot: QtBot) -> None:
    room = _open(qtbot, _clip("NM"), 5000.0)
    assert not _plays(room)
    room.key(Qt.Key.Key_C)
    assert _plays(room)
    room.key(Qt.Key.Key_I)  # a look changes nothing about the motion
    assert _plays(room)
    room.key(Qt.Key.Key_Down)
    assert not _plays(room)
    assert room.viewport().state.index == 1


@pytest.mark.parametrize("modality", ["US", "XA"])
def test_a_clip_begins_by_itself(qtbot: QtBot, modality: str) -> None:
    room = _open(qtbot, _clip(modality))
    qtbot.waitUntil(lambda: _passes(room, 5, 6, 7))
    assert _plays(room)
    room.area.close_case()
    assert not _plays(room)


def test_faster_and_slower_need_something_that_plays(qtbot: QtBot) -> None:
    room = _open(qtbot, _clip("NM"), 4000.0)
    shift = Qt.KeyboardModifier.ShiftModifier
    room.key(Qt.Key.Key_Right, modifier=shift)
    assert room.informed == ["Nothing plays in this pane."]
    room.key(Qt.Key.Key_C)
    room.key(Qt.Key.Key_Right, modifier=shift)
    room.key(Qt.Key.Key_Right, modifier=shift)
    room.key(Qt.Key.Key_Left, modifier=shift)
    assert "Playing 0.312 frames/s · header 0.25" in room.pane().accessibleDescription()
    room.key(Qt.Key.Key_C, modifier=Qt.KeyboardModifier.AltModifier)
    assert room.informed[-1] == "Cines run back and forth."
    assert _plays(room)


def test_one_image_alone_cannot_be_played(qtbot: QtBot) -> None:
    single = chest(1)
    room = make_room(qtbot, single)
    room.open(single)
    room.key(Qt.Key.Key_C)
    assert room.notices == ["One image alone cannot be played."]
    assert not _plays(room)


def test_frames_are_asked_for_one_at_a_time(qtbot: QtBot) -> None:
    """While a picture is not drawn the next frame waits, however much time has passed."""
    room = _open(qtbot, _clip("US"), 10.0)
    viewport = room.viewport()
    qtbot.waitUntil(lambda: viewport.state.index > 0)
    first = viewport.state.index
    qtbot.wait(60)  # nothing is drawn meanwhile
    assert viewport.state.index == first
    qtbot.waitUntil(lambda: _passes(room, *(n for n in range(COUNT) if n != first)))
