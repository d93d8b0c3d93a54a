"""Subtraction through the real panes: on, moved, another mask, off, and what cannot be."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.viewer import IDENTITY, chest, projection_instance, series_of, set_of, study_of
from viewer.model.display_set import Kind
from viewer.model.presentation import Window

RUN = projection_instance("", frames=6, modality="RG", windows=(Window(1000, 800),))
STUDY = study_of(series_of([RUN]))
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(qtbot, STUDY)
    series = STUDY.series[0]
    made.area.open_case(STUDY, (), {series.uid: (set_of(series, kind=Kind.CINE),)}, IDENTITY)
    made.settle()
    for n in range(6):
        made.arrays[(RUN.ref.sop, n)][...] += np.int16(10 * n)
    return made


def test_differences_are_shown_told_and_taken_back(room: Room) -> None:
    before = room.viewport().state.look.voi
    room.key(Qt.Key.Key_End)
    room.key(Qt.Key.Key_M, modifier=ALT)
    assert room.area.actions_by_id()["mask.toggle"].isChecked()
    state, pane = room.viewport().state, room.pane()
    assert state.look.voi == Window(0.5, 800)
    assert pane.picture.pixels is not None
    assert pane.picture.at_rest
    assert "SUBTRACTED · mask image 1" in pane.accessibleDescription()
    room.key(Qt.Key.Key_Right, modifier=ALT | SHIFT)
    room.key(Qt.Key.Key_Up, modifier=ALT | SHIFT)
    assert "moved +0.25, −0.25 pixels" in pane.accessibleDescription()
    room.key(Qt.Key.Key_M, modifier=ALT)
    assert room.viewport().state.look.mask is None
    assert room.viewport().state.look.voi == before
    assert not room.area.actions_by_id()["mask.toggle"].isChecked()


def test_the_shown_frame_can_be_the_mask_and_stays_it(room: Room) -> None:
    room.key(Qt.Key.Key_Down)
    room.key(Qt.Key.Key_M, modifier=ALT | SHIFT)
    room.key(Qt.Key.Key_End)
    mask = room.viewport().state.look.mask
    assert mask is not None
    assert mask.frame.frame == 1
    assert "mask image 2" in room.pane().accessibleDescription()
    room.key(Qt.Key.Key_Escape)
    assert room.viewport().state.look.mask is None


def test_no_window_from_a_region_of_differences(room: Room) -> None:
    room.key(Qt.Key.Key_M, modifier=ALT)
    room.key(Qt.Key.Key_B)
    room.drag(room.at(5, 5), room.at(30, 30))
    assert room.viewport().state.look.voi == Window(0.5, 800)
    assert "subtracting" in room.notices[-1]


def test_one_image_alone_and_nothing_subtracted_are_told(qtbot: QtBot) -> None:
    single = chest(1)
    room = make_room(qtbot, single)
    room.open(single)
    room.key(Qt.Key.Key_M, modifier=ALT)
    room.key(Qt.Key.Key_Left, modifier=ALT | SHIFT)
    assert room.notices == [
        "Only grey images of several frames of one size can be subtracted.",
        "Nothing is subtracted in this pane.",
    ]
    assert replace(room.viewport().state.look, mask=None) == room.viewport().state.look
