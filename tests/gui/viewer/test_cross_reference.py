"""Reference lines, the 3D cursor and the levels of corner texts through the real panes."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, grabbed, make_room
from tests.kit.viewer import ct_instance, series_of, study_of
from viewer.model.geometry import ImagePlane, PointLps, Spacing

THIN = series_of([ct_instance("1.2.1", n) for n in range(20)])
THICK = series_of([ct_instance("1.2.2", n, z=5.0 * n) for n in range(4)], number=4)
CORONAL = ImagePlane(
    PointLps(-100, -90, 40), PointLps(1, 0, 0), PointLps(0, 0, -1), Spacing(1, 0.7)
)
SECTION = series_of([ct_instance("1.2.3", planes=(CORONAL,))], number=5)
STUDY = study_of(THIN, THICK, SECTION)
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    """Thin, thick and coronal images of one patient in three panes."""
    made = make_room(qtbot, STUDY)
    made.open(STUDY)
    made.key(Qt.Key.Key_3, modifier=Qt.KeyboardModifier.AltModifier)
    for number, series in ((2, THICK), (3, SECTION)):
        made.pane(number).display_set_dropped.emit(str(series.uid))
    made.pane(1).activated.emit()
    QApplication.processEvents()
    made.settle()
    return made


def test_reference_lines_are_off_until_asked_for_and_move_with_the_active_image(room: Room) -> None:
    bare = grabbed(room.pane(3))
    room.key(Qt.Key.Key_L, modifier=SHIFT)
    first = grabbed(room.pane(3))
    assert room.area.actions_by_id()["view.reference_lines"].isChecked()
    changed = np.argwhere(first != bare)
    assert np.ptp(changed[:, 1]) > 100
    assert np.ptp(changed[:, 0]) < 5
    level = float(np.median(changed[:, 0]))
    assert level == pytest.approx(room.at(10, 30, 3).y(), abs=2)  # z 40 to z 10 at 1 mm
    room.key(Qt.Key.Key_Home)
    assert (grabbed(room.pane(3)) != first).any()
    room.key(Qt.Key.Key_L, modifier=SHIFT)
    np.testing.assert_array_equal(grabbed(room.pane(3)), bare)


def test_the_cursor_brings_every_pane_to_one_point_and_the_pressed_one_stays(room: Room) -> None:
    room.key(Qt.Key.Key_Home)
    for _ in range(7):
        room.key(Qt.Key.Key_Down)
    room.key(Qt.Key.Key_J)
    assert room.pane().cursor().shape() is Qt.CursorShape.CrossCursor
    bare = grabbed(room.pane(3))
    place = room.at(20, 14)
    QTest.mouseClick(room.pane(), Qt.MouseButton.LeftButton, pos=place)
    room.settle()
    assert room.viewport(1).state.index == 7  # scroll links do not pull it to the thick slice
    assert room.viewport(2).state.index == 1  # z 7 is nearest to z 5
    changed = np.argwhere(grabbed(room.pane(3)) != bare)
    middle = room.at(20, 33, 3)
    assert np.abs(changed[:, 0] - middle.y()).max() < 25
    assert np.abs(changed - (middle.y(), middle.x())).max(axis=1).min() < 8
    room.key(Qt.Key.Key_Escape)
    np.testing.assert_array_equal(grabbed(room.pane(3)), bare)
    assert room.viewport(1).state.index == 7


def test_an_image_without_a_place_says_so(qtbot: QtBot) -> None:
    flat = study_of(series_of([ct_instance("1.2.1", planes=(), pixel_spacing=None)]))
    room = make_room(qtbot, flat)
    room.open(flat)
    room.key(Qt.Key.Key_J)
    QTest.mouseClick(room.pane(), Qt.MouseButton.LeftButton, pos=room.at(20, 14))
    assert room.notices[0] == "This image has no known place in the patient."


def test_texts_get_fewer_in_three_levels(room: Room) -> None:
    ink = []
    for _ in range(4):
        ink.append(int((grabbed(room.pane())[:90, -160:] > 60).sum()))
        room.key(Qt.Key.Key_I, modifier=SHIFT)
    assert ink[0] > ink[1] > ink[2]
    assert ink[3] == ink[0]
    assert room.informed[1] == "Only the patient and warnings are shown."
