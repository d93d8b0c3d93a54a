"""The magnifier over the real panes: the frame itself is drawn larger, not the screen's pixels."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, grabbed, make_room
from tests.kit.drawn import render_view
from tests.kit.viewer import chest
from viewer.viewport.magnify import magnified
from viewer.viewport.transform import PaneSize

STUDY = chest(3)


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(qtbot, STUDY)
    made.open(STUDY)
    made.key(Qt.Key.Key_G)
    return made


def _square(room: Room) -> QWidget:
    found = room.pane().findChild(QWidget, "magnifier")
    assert isinstance(found, QWidget)
    return found


def test_it_shows_the_frame_larger_and_goes_with_the_button(room: Room) -> None:
    place = room.at(24, 30)
    QTest.mousePress(room.pane(), Qt.MouseButton.LeftButton, pos=place)
    room.settle()
    square = _square(room)
    assert square.isVisible()
    viewport = room.viewport()
    transform, instance = viewport.transform(), viewport.instance
    assert transform is not None
    assert instance is not None
    at = room.pane().to_pane(place.toPointF())
    look = magnified(transform, viewport.state.look, at, square.width())
    frame = room.arrays[(instance.ref.sop, 0)]
    expected = render_view(frame, instance, look, PaneSize(square.width(), square.height()))
    found = grabbed(square)
    inner = slice(2, -40)  # below stands how much larger it is
    np.testing.assert_array_equal(found[inner, inner], expected[inner, inner])
    QTest.mouseRelease(room.pane(), Qt.MouseButton.LeftButton, pos=place)
    assert not square.isVisible()
    assert viewport.state.index == 1


def test_escape_takes_it_away_and_a_late_picture_does_not_bring_it_back(room: Room) -> None:
    QTest.mousePress(room.pane(), Qt.MouseButton.LeftButton, pos=room.at(24, 30))
    square = _square(room)
    QTest.keyClick(room.pane(), Qt.Key.Key_Escape)
    room.settle()
    assert not square.isVisible()
