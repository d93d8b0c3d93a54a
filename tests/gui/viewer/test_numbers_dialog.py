"""A length by numbers through the dialog's own widgets: pixels, millimetres, bad input."""

import math

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.viewer import chest, projection_instance, series_of, study_of
from viewer.qt.numbers_dialog import NumbersDialog

CURRENT = chest(3)


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(qtbot, CURRENT)
    made.open(CURRENT)
    return made


def _ask(room: Room) -> NumbersDialog:
    room.area.actions_by_id()["annotation.by_numbers"].trigger()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    (dialog,) = room.area.findChildren(NumbersDialog)
    return dialog


def _type(dialog: NumbersDialog, **values: float) -> None:
    boxes = {box.accessibleName(): box for box in dialog.findChildren(QDoubleSpinBox)}
    for name, value in values.items():
        boxes[name.replace("_", " ")].setValue(value)


def test_places_in_the_patient(room: Room) -> None:
    dialog = _ask(room)
    unit = dialog.findChild(QComboBox)
    assert isinstance(unit, QComboBox)
    unit.setCurrentIndex(1)
    plane = room.viewport().plane
    assert plane is not None
    start = plane.position
    _type(dialog, From_L=start.x, From_P=start.y, From_H=start.z)
    _type(dialog, To_L=start.x + 6, To_P=start.y + 8, To_H=start.z)
    dialog.accept()
    (found,) = room.measured
    assert found.measurement.value == pytest.approx(10, abs=0.02)
    assert not dialog.isVisible()


def test_bad_numbers_leave_the_dialog_open_with_one_sentence(room: Room) -> None:
    dialog = _ask(room)
    _type(dialog, From_column=9, From_row=9, To_column=9, To_row=9)
    dialog.accept()
    assert dialog.problem() == "The two places are the same; a length needs two."
    assert dialog.isVisible()
    assert room.measured == []
    _type(dialog, To_column=12, To_row=13)
    dialog.accept()
    assert not dialog.isVisible()
    assert len(room.measured) == 1


def test_it_is_a_measurement_like_any_other(room: Room) -> None:
    dialog = _ask(room)
    _type(dialog, From_column=1, From_row=1, To_column=4, To_row=5)
    dialog.accept()
    (made,) = room.area.annotations()
    assert made.made_by.author == "Dr. Ito"
    assert len(made.points) == 2
    length = (made.points[1] - made.points[0]).norm
    assert math.isclose(length, room.measured[0].measurement.value, rel_tol=1e-9)
    room.area.actions_by_id()["annotation.to_report"].trigger()
    assert len(room.reported) == 1
    room.area.actions_by_id()["annotation.undo"].trigger()
    assert room.area.annotations() == ()


def test_only_one_at_a_time_and_none_after_the_case(room: Room) -> None:
    first = _ask(room)
    second = _ask(room)
    assert second is not first
    room.area.close_case()
    assert not second.isVisible()
    action = room.area.actions_by_id()["annotation.by_numbers"]
    assert not action.isEnabled()
    assert "There is no case open." in action.toolTip()


def test_an_image_without_a_plane_offers_no_millimetres(qtbot: QtBot) -> None:
    study = study_of(series_of([projection_instance("PA")], number=1))
    room = make_room(qtbot, study)
    room.open(study)
    unit = _ask(room).findChild(QComboBox)
    assert isinstance(unit, QComboBox)
    assert unit.count() == 1
