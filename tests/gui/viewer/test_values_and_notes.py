"""Reading real-world and uptake values, and what is told of the data, through the real widgets."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QAction, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolBar, QToolButton, QToolTip
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, grabbed, make_room
from tests.kit.viewer import chest
from viewer.model.quantities import RealWorldMapping, Suv, SuvScale

ADC = RealWorldMapping(-9000, 9000, "mm2/s", slope=2, label="ADC")
UPTAKE = Suv((SuvScale("SUVbw", 0.5, "g/ml"),), ("The dose decays for 3600 s.",))


def _opened(qtbot: QtBot, **changes: Any) -> Room:
    study = chest(3, **changes)
    room = make_room(qtbot, study)
    room.open(study)
    return room


def _window_menu(room: Room) -> list[QAction]:
    bar = room.area.findChild(QToolBar, "viewer.tools")
    assert isinstance(bar, QToolBar)
    button = bar.widgetForAction(room.area.actions_by_id()["tool.window"])
    assert isinstance(button, QToolButton)
    menu = button.menu()
    menu.aboutToShow.emit()
    return menu.actions()


def test_values_can_be_read_in_each_way_the_header_offers(qtbot: QtBot) -> None:
    room = _opened(qtbot, real_world=(ADC,), suv=UPTAKE)
    offered = _window_menu(room)[-3:]
    assert [a.text() for a in offered] == ["ADC  mm2/s", "SUVbw  g/ml", "Modality value  HU"]
    assert [a.isChecked() for a in offered] == [True, False, False]
    pane = room.pane()
    pane.pointer = pane.to_pane(QPointF(room.at(4, 7)))
    before = grabbed(pane)
    window = room.viewport().state.look.voi
    offered[1].trigger()
    room.settle()
    assert room.viewport().state.readout == "SUVbw"
    assert room.viewport().state.look.voi == window, "the window stays"
    assert [a.isChecked() for a in _window_menu(room)[-3:]] == [False, True, False]
    assert not np.array_equal(before, grabbed(pane))


def test_an_image_with_one_kind_of_value_offers_no_choice(qtbot: QtBot) -> None:
    texts = [a.text() for a in _window_menu(_opened(qtbot))]
    assert not any("Modality value" in text for text in texts)


def test_presets_in_suv_are_offered_where_there_is_a_factor(qtbot: QtBot) -> None:
    room = _opened(qtbot, modality="PT", suv=UPTAKE)
    texts = [a.text() for a in _window_menu(room)]
    assert "PET body, SUV 0–6  W 12 L 6\t3" in texts


def _tool_tip(room: Room, at: QPoint) -> str:
    pane = room.pane()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, at, pane.mapToGlobal(at))
    QApplication.sendEvent(pane, event)
    return QToolTip.text()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_what_the_data_says_wrong_is_told_in_the_corner(qtbot: QtBot) -> None:
    room = _opened(qtbot, repairs=("First sentence.", "Second sentence."), suv=UPTAKE)
    pane = room.pane()
    corner, middle = QPoint(20, pane.height() - 20), pane.rect().center()
    told = "First sentence.\nSecond sentence.\nThe dose decays for 3600 s."
    assert _tool_tip(room, middle) == ""
    assert _tool_tip(room, corner) == told
    QToolTip.hideText()
    qtbot.waitUntil(lambda: QToolTip.text() == "")
    assert "DATA: (+1) First sentence." in pane.accessibleDescription()


def test_sound_data_is_not_talked_about(qtbot: QtBot) -> None:
    room = _opened(qtbot)
    assert _tool_tip(room, QPoint(20, room.pane().height() - 20)) == ""
    assert "DATA" not in room.pane().accessibleDescription()
