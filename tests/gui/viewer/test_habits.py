"""Profiles chosen and keys changed in the program, kept, and told on one sheet."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QKeySequenceEdit,
    QPushButton,
    QTextBrowser,
    QToolBar,
    QTreeWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.viewer import chest, projection_instance, series_of, study_of
from viewer.qt.cheat_sheet import CheatSheet
from viewer.qt.habits_dialog import HabitsDialog
from viewer.viewport.preferences import Forgetful

STUDY = chest(20)
FILMS = study_of(series_of([projection_instance("PA"), projection_instance("LL", 1)]))


@pytest.fixture
def preferences() -> Forgetful:
    return Forgetful()


@pytest.fixture
def start(qtbot: QtBot, preferences: Forgetful) -> Callable[[], Room]:
    def make() -> Room:
        room = make_room(qtbot, STUDY, preferences=preferences)
        room.open(STUDY)
        return room

    return make


def _dialog(room: Room) -> HabitsDialog:
    room.area.actions_by_id()["keys.edit"].trigger()
    dialog = room.area.findChild(HabitsDialog)
    assert isinstance(dialog, HabitsDialog)
    return dialog


def _choose(dialog: HabitsDialog, profile: str) -> None:
    combo = next(c for c in dialog.findChildren(QComboBox) if c.accessibleName() == "Profile")
    combo.setCurrentIndex(combo.findText(profile))
    combo.activated.emit(combo.currentIndex())


def _select(dialog: HabitsDialog, title: str) -> None:
    tree = dialog.findChild(QTreeWidget)
    assert isinstance(tree, QTreeWidget)
    (item,) = tree.findItems(title, Qt.MatchFlag.MatchExactly, 0)
    tree.setCurrentItem(item)


def _press(dialog: HabitsDialog, words: str) -> None:
    next(b for b in dialog.findChildren(QPushButton) if b.text() == words).click()


def _may_accept(dialog: HabitsDialog) -> bool:
    box = dialog.findChild(QDialogButtonBox)
    assert isinstance(box, QDialogButtonBox)
    return box.button(QDialogButtonBox.StandardButton.Ok).isEnabled()


def test_a_chosen_profile_acts_at_once_and_at_the_next_start(start: Callable[[], Room]) -> None:
    room = start()
    dialog = _dialog(room)
    _choose(dialog, "Weasis-like")
    dialog.accept()
    room.area.activateWindow()
    room.key(Qt.Key.Key_H)  # the 3D cursor's key there
    assert room.area.actions_by_id()["tool.point"].isChecked()
    assert "(H)" in room.area.actions_by_id()["tool.point"].toolTip()
    room.key(Qt.Key.Key_J)
    assert room.area.actions_by_id()["tool.point"].isChecked()
    again = start()
    assert again.area.actions_by_id()["tool.window"].isChecked()  # its first tool
    again.key(Qt.Key.Key_H)
    assert again.area.actions_by_id()["tool.point"].isChecked()


def test_a_key_of_ones_own(start: Callable[[], Room]) -> None:
    room = start()
    dialog = _dialog(room)
    _select(dialog, "Invert")
    editor = dialog.findChild(QKeySequenceEdit)
    assert isinstance(editor, QKeySequenceEdit)
    QTest.keyClick(editor, Qt.Key.Key_Y)
    _press(dialog, "Add key")
    assert dialog.habits().keys == {"view.invert": ("I", "Y")}
    dialog.accept()
    room.area.activateWindow()
    room.key(Qt.Key.Key_Y)
    assert room.viewport().state.look.invert


def test_a_key_that_is_taken_is_told_and_not_accepted(start: Callable[[], Room]) -> None:
    dialog = _dialog(start())
    dialog.give_key("view.invert", "F")
    assert dialog.problems() == ("F belongs to “Fit to pane” and to “Invert”.",) or (
        dialog.problems() == ("F belongs to “Invert” and to “Fit to pane”.",)
    )
    assert not _may_accept(dialog)
    _select(dialog, "Fit to pane")
    _press(dialog, "Remove keys")
    assert _may_accept(dialog)
    _press(dialog, "As in the profile")
    assert not _may_accept(dialog)
    _select(dialog, "Invert")
    _press(dialog, "As in the profile")
    assert _may_accept(dialog)
    dialog.reject()


def test_keys_of_the_rest_of_the_program_are_taken_too(qtbot: QtBot) -> None:
    room = make_room(qtbot, STUDY)
    palette = QAction("Commands and keys", room.area)
    palette.setShortcut("Ctrl+K")
    dialog = _dialog(room)
    dialog.give_key("view.invert", "Ctrl+K")
    assert dialog.problems() == ("Ctrl+K belongs to “Invert” and to “Commands and keys”.",)


def test_the_mouse_can_be_changed(start: Callable[[], Room]) -> None:
    room = start()
    dialog = _dialog(room)
    for name, words in (("Right button, dragged", "Pan"), ("Left button", "Zoom")):
        combo = next(c for c in dialog.findChildren(QComboBox) if c.accessibleName() == name)
        combo.setCurrentIndex(combo.findText(words))
        combo.activated.emit(combo.currentIndex())
    dialog.accept()
    room.drag(QPoint(200, 200), QPoint(230, 240), Qt.MouseButton.RightButton)
    assert room.viewport().state.look.offset == (30, 40)
    assert start().area.actions_by_id()["tool.zoom"].isChecked()


def test_the_sheet_holds_every_command_with_its_live_keys(start: Callable[[], Room]) -> None:
    room = start()
    dialog = _dialog(room)
    _choose(dialog, "BIR")
    dialog.accept()
    room.area.activateWindow()
    room.key(Qt.Key.Key_F1)
    sheet = room.area.findChild(CheatSheet)
    assert isinstance(sheet, CheatSheet)
    assert sheet.windowTitle() == "Keys and mouse: BIR"
    browser = sheet.findChild(QTextBrowser)
    assert isinstance(browser, QTextBrowser)
    text = browser.toPlainText()
    for action in room.area.actions():
        assert action.text() in text
        for key in action.shortcuts():
            assert key.toString() in text
    assert "Zoom at the pointer" in text
    sheet.reject()


def test_few_films_begin_with_the_window(qtbot: QtBot) -> None:
    room = make_room(qtbot, FILMS)
    room.open(FILMS)
    assert room.area.actions_by_id()["tool.window"].isChecked()


def _bars(room: Room) -> tuple[QToolBar, QToolBar]:
    full = room.area.findChild(QToolBar, "viewer.tools")
    plain = room.area.findChild(QToolBar, "viewer.tools.plain")
    assert isinstance(full, QToolBar)
    assert isinstance(plain, QToolBar)
    return full, plain


def test_a_plain_screen_has_few_tools_all_keys_and_is_kept(start: Callable[[], Room]) -> None:
    room = start()
    full, plain = _bars(room)
    assert full.isVisible()
    assert not plain.isVisible()
    room.key(Qt.Key.Key_F10)
    assert plain.isVisible()
    assert not full.isVisible()
    assert 10 < len(plain.actions()) < len(full.actions()) / 2 + 10
    assert room.area.actions_by_id()["view.plain"].isChecked()
    room.key(Qt.Key.Key_G)
    assert room.area.actions_by_id()["tool.magnify"].isChecked()  # its key still works
    assert _bars(start())[1].isVisible()
    room.area.actions_by_id()["view.plain"].trigger()
    assert full.isVisible()
