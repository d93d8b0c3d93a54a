"""Key images through the real widgets: marked by key, named, listed, shown alone, kept."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMenu, QToolBar, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.viewer import IDENTITY, chest, sets_of
from viewer.model.key_mark import KeyMark, KeyTitle
from viewer.model.refs import FrameRef
from viewer.qt.words_dialog import WordsDialog

CASE = chest(5)


def menu_of(room: Room) -> QMenu:
    """The menu of the button, as it is when it is opened."""
    bar = room.area.findChild(QToolBar, "viewer.tools")
    assert isinstance(bar, QToolBar)
    button = bar.widgetForAction(room.area.actions_by_id()["key.mark"])
    assert isinstance(button, QToolButton)
    menu = button.menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    return menu


def frames_of(room: Room) -> tuple[FrameRef, ...]:
    target = room.viewport().state.target
    assert target is not None
    return target.frames


def test_marks_are_set_named_listed_and_shown_alone(qtbot: QtBot) -> None:
    room = make_room(qtbot, CASE)
    heard: list[tuple[KeyMark, ...]] = []
    room.area.key_marks_changed.connect(heard.append)
    room.open(CASE)
    order = frames_of(room)
    for index in (1, 3):
        room.viewport().go_to_index(index)
        room.key(Qt.Key.Key_K)
    assert [mark.on for mark in heard[-1]] == [order[1], order[3]]
    assert "KEY IMAGE · Of Interest" in room.pane().accessibleDescription()
    mark = room.area.actions_by_id()["key.mark"]
    assert mark.isChecked()

    menu = menu_of(room)
    titles = menu.actions()[0].menu()
    assert isinstance(titles, QMenu)
    next(a for a in titles.actions() if a.text() == "For Surgery").trigger()
    assert heard[-1][1].title is KeyTitle.SURGERY
    assert "KEY IMAGE · For Surgery" in room.pane().accessibleDescription()
    menu = menu_of(room)
    listed = [a for a in menu.actions() if "image" in a.text() and "·" in a.text()]
    assert [a.text().split(" · ")[1] for a in listed] == ["Of Interest", "For Surgery"]
    assert [a.isChecked() for a in listed] == [False, True]
    listed[0].trigger()
    assert room.viewport().state.frame == order[1]

    room.key(Qt.Key.Key_Y, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert frames_of(room) == (order[1], order[3])
    assert "ONLY KEY IMAGES · 2 of 5" in room.pane().accessibleDescription()
    room.area.go_to(order[4])  # a finding on another image of the series is still reached
    assert room.viewport().state.frame == order[4]
    assert room.viewport().state.count == 5

    room.viewport().go_to_index(3)
    room.key(Qt.Key.Key_K)
    assert [m.on for m in heard[-1]] == [order[1]]
    assert "KEY IMAGE" not in room.pane().accessibleDescription()


def test_marks_of_an_earlier_opening_come_back_and_stay_when_images_arrive(qtbot: QtBot) -> None:
    room = make_room(qtbot, CASE)
    heard: list[object] = []
    room.open(CASE)
    room.key(Qt.Key.Key_K)
    (mark,) = room.area.key_marks()
    room.open(CASE)  # the case is closed and opened again
    assert room.area.key_marks() == ()
    room.area.key_marks_changed.connect(heard.append)
    room.area.restore((), marks=(mark,))
    assert "KEY IMAGE" in room.pane().accessibleDescription()
    room.area.grow(CASE, (), sets_of(CASE), IDENTITY)
    assert "KEY IMAGE" in room.pane().accessibleDescription()
    assert heard == []


def test_a_note_that_is_being_written_does_not_go_to_the_next_case(qtbot: QtBot) -> None:
    room = make_room(qtbot, CASE)
    heard: list[tuple[KeyMark, ...]] = []
    room.area.key_marks_changed.connect(heard.append)
    room.open(CASE)
    next(a for a in menu_of(room).actions() if a.text().startswith("Note")).trigger()
    (dialog,) = room.area.findChildren(WordsDialog)
    (line,) = dialog.findChildren(QLineEdit)
    line.setText("nodule of the one before")
    room.area.close_case()
    room.open(CASE)
    for still in room.area.findChildren(WordsDialog):
        if still.isVisible():
            still.accept()
    assert heard == []
    assert not room.area.key_marks()
