"""True size and the check of a screen through the real panes."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QLabel
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.viewer import chest, projection_instance, series_of, study_of
from viewer.qt.ruler_dialog import RulerDialog
from viewer.viewport.preferences import Forgetful
from viewer.viewport.true_size import read_pitches

STUDY = chest(3)
SHIFT = Qt.KeyboardModifier.ShiftModifier


def _room(qtbot: QtBot, preferences: Forgetful | None = None) -> Room:
    room = make_room(qtbot, STUDY, preferences=preferences)
    room.open(STUDY)
    return room


def _told_pitch(room: Room) -> float:
    screen = room.pane().screen()
    return screen.physicalSize().width() / screen.geometry().width()


def test_an_unchecked_screen_is_used_and_marked(qtbot: QtBot) -> None:
    room = _room(qtbot)
    room.key(Qt.Key.Key_X, modifier=SHIFT)
    assert room.viewport().state.look.zoom == pytest.approx(0.7 / _told_pitch(room))
    assert not room.viewport().state.screen_checked
    assert "not checked with a ruler" in room.notices[-1]


def test_the_ruler_makes_it_true_for_every_pane_and_the_next_start(qtbot: QtBot) -> None:
    preferences = Forgetful()
    room = _room(qtbot, preferences)
    told = _told_pitch(room)
    room.area.actions_by_id()["view.check_screen"].trigger()
    dialog = room.area.findChild(RulerDialog)
    assert isinstance(dialog, RulerDialog)
    assert not dialog.isModal()
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert re.search(r"Screen: .*\d+ × \d+", words)
    assert "screen screen" not in words.casefold().replace(":", "")
    length = dialog.findChild(QDoubleSpinBox)
    assert isinstance(length, QDoubleSpinBox)
    length.setValue(110.0)
    dialog.accept()
    for number in (1, 2, 4):
        state = room.viewport(number).state
        assert state.screen_checked
        assert state.screen_mm == pytest.approx(told * 1.1)
    room.area.activateWindow()
    room.key(Qt.Key.Key_X, modifier=SHIFT)
    assert room.viewport().state.look.zoom == pytest.approx(0.7 / (told * 1.1))
    assert list(read_pitches(preferences.read("screens.pitch")).values()) == [
        pytest.approx(told * 1.1)
    ]
    again = _room(qtbot, preferences)
    assert again.viewport().state.screen_checked


def test_where_no_unit_is_right_there_is_no_true_size(qtbot: QtBot) -> None:
    study = study_of(series_of([projection_instance("PA")]))
    room = make_room(qtbot, study)
    room.open(study)
    room.key(Qt.Key.Key_X, modifier=SHIFT)
    assert room.notices[-1].startswith("The true size is not known.")
    assert room.viewport().state.look.zoom is None
