"""Layouts, tiling and links through the real panes."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.viewer import chest, frame_of
from viewer.model.presentation import Window
from viewer.qt.grid import GridShape, shape_for
from viewer.qt.viewport_widget import ViewportWidget

CURRENT = chest(20)
PRIOR = chest(20, uid="1.3", series="1.3.1", space="1.8", date="20251120")
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(qtbot, CURRENT, PRIOR)
    made.open(CURRENT, PRIOR)
    return made


def _visible(room: Room) -> list[int]:
    panes = room.area.findChildren(ViewportWidget)
    return sorted(int(p.objectName().split(".")[1]) for p in panes if p.isVisible())


@pytest.mark.parametrize(
    ("count", "shape"),
    [(1, (1, 1)), (2, (1, 2)), (3, (1, 3)), (4, (2, 2)), (5, (1, 5)), (7, (2, 4)), (12, (3, 4))],
)
def test_the_shape_for_a_number_of_panes(count: int, shape: tuple[int, int]) -> None:
    assert shape_for(count) == GridShape(*shape)


def test_there_is_no_layout_of_nothing_or_of_too_many() -> None:
    for count in (0, 25):
        with pytest.raises(ValueError, match="does not exist"):
            shape_for(count)


@pytest.mark.parametrize(("key", "count"), [("1", 1), ("3", 3), ("6", 6), ("9", 9), ("0", 12)])
def test_layouts_by_key_up_to_three_by_four(room: Room, key: str, count: int) -> None:
    room.key(Qt.Key[f"Key_{key}"], modifier=ALT)
    assert _visible(room) == list(range(1, count + 1))


def test_panes_made_for_a_layout_work_as_the_first_ones(room: Room) -> None:
    room.key(Qt.Key.Key_0, modifier=ALT)
    last = room.pane(12)
    last.display_set_dropped.emit(str(CURRENT.series[0].uid))
    room.settle()
    QTest.mouseDClick(last, Qt.MouseButton.LeftButton)
    assert _visible(room) == [12]
    last.setFocus()
    room.key(Qt.Key.Key_Down, number=12)
    assert room.viewport(12).state.index == 1
    room.key(Qt.Key.Key_L, number=12)
    room.drag(room.at(8, 10, 12), room.at(38, 10, 12), number=12)
    assert len(room.measured) == 1
    QTest.mouseDClick(last, Qt.MouseButton.LeftButton)
    assert len(_visible(room)) == 12
    assert last.accessibleName() == "Viewport 12"


def test_the_menu_holds_every_layout_and_checks_the_one_in_use(room: Room) -> None:
    menu = _layout_menu(room)
    menu.aboutToShow.emit()
    choices = [a for a in menu.actions() if not a.isSeparator()]
    assert len(choices) == 24
    assert [a.text() for a in choices if a.isChecked()] == ["1 × 2 panes"]
    next(a for a in choices if a.text() == "4 × 6 panes").trigger()
    assert len(_visible(room)) == 24


def _layout_menu(room: Room) -> QMenu:
    bar = room.area.findChild(QToolBar, "viewer.tools")
    assert isinstance(bar, QToolBar)
    button = bar.widgetForAction(room.area.actions_by_id()["layout.4"])
    assert isinstance(button, QToolButton)
    return button.menu()


def test_a_stack_is_tiled_and_put_back(room: Room) -> None:
    room.key(Qt.Key.Key_4, modifier=ALT)
    room.key(Qt.Key.Key_T, modifier=ALT)
    assert [room.viewport(n).state.index for n in (1, 2, 3, 4)] == [10, 11, 12, 13]
    assert room.area.actions_by_id()["layout.tile"].isChecked()
    room.key(Qt.Key.Key_Down)
    room.key(Qt.Key.Key_4)
    assert [room.viewport(n).state.index for n in (1, 2, 3, 4)] == [11, 12, 13, 14]
    for n in (1, 2, 3, 4):
        voi = room.viewport(n).state.look.voi
        assert isinstance(voi, Window)
        assert voi.explanation == "Lung"
    room.key(Qt.Key.Key_C)
    assert room.notices == ["A tiled stack cannot be played."]
    room.key(Qt.Key.Key_T, modifier=ALT)
    assert room.viewport(1).state.frame == frame_of(CURRENT.series[0].instances[11])
    assert room.viewport(2).state.frame == frame_of(PRIOR.series[0].instances[10])
    assert room.viewport(3).state.target is None


def test_a_single_pane_is_tiled_over_twelve(room: Room) -> None:
    room.key(Qt.Key.Key_1, modifier=ALT)
    room.key(Qt.Key.Key_Home)
    room.key(Qt.Key.Key_T, modifier=ALT)
    assert [room.viewport(n).state.index for n in range(1, 13)] == list(range(12))
    room.key(Qt.Key.Key_T, modifier=ALT)
    assert _visible(room) == [1]


def test_another_series_ends_the_tiling(room: Room) -> None:
    room.key(Qt.Key.Key_T, modifier=ALT)
    room.pane(2).display_set_dropped.emit(str(PRIOR.series[0].uid))
    assert not room.area.actions_by_id()["layout.tile"].isChecked()
    room.key(Qt.Key.Key_Down)  # the pane that was dropped into is the active one
    assert (room.viewport(1).state.index, room.viewport(2).state.index) == (10, 1)


def test_one_image_alone_is_not_tiled(qtbot: QtBot) -> None:
    single = chest(1)
    room = make_room(qtbot, single)
    room.open(single)
    room.key(Qt.Key.Key_T, modifier=ALT)
    assert room.notices == ["One image alone cannot be tiled."]
    assert not room.area.actions_by_id()["layout.tile"].isChecked()


def test_windows_and_zoom_are_linked_by_key(room: Room) -> None:
    room.key(Qt.Key.Key_4)
    before = room.viewport(2).state.look.voi
    assert room.viewport(1).state.look.voi != before
    room.key(Qt.Key.Key_U, modifier=ALT)
    assert room.viewport(2).state.look.voi == room.viewport(1).state.look.voi
    room.key(Qt.Key.Key_U, modifier=SHIFT)
    room.key(Qt.Key.Key_X)
    assert room.viewport(2).state.look.zoom == 1.0
    for wanted in ("view.link_place", "view.link_window"):
        assert room.area.actions_by_id()[wanted].isChecked()
    room.key(Qt.Key.Key_U, modifier=SHIFT)
    room.key(Qt.Key.Key_F)
    assert room.viewport(2).state.look.zoom == 1.0
    assert len(room.informed) == 3
