"""Window from a region and colour maps through the real panes; zoom by key at the pointer."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.viewer import chest
from viewer.model.presentation import Window

STUDY = chest(3)
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(qtbot, STUDY)
    made.open(STUDY)
    return made


def test_a_box_windows_what_is_in_it(room: Room) -> None:
    room.key(Qt.Key.Key_B)
    assert room.pane().cursor().shape() is Qt.CursorShape.CrossCursor
    start, end = room.at(10, 20), room.at(20, 30)
    a, b = room.under(start), room.under(end)
    frame = next(iter(room.arrays.values()))
    inside = room.arrays[(STUDY.series[0].instances[room.viewport().state.index].ref.sop, 0)]
    assert inside.shape == frame.shape
    room.drag(start, end)
    rows = slice(int(np.ceil(a.row)), int(np.floor(b.row)) + 1)
    columns = slice(int(np.ceil(a.column)), int(np.floor(b.column)) + 1)
    part = inside[rows, columns].astype(float) - 1024
    voi = room.viewport().state.look.voi
    assert isinstance(voi, Window)
    assert voi.width == part.max() - part.min() + 1
    assert voi.centre == (part.max() + part.min() + 1) / 2


def test_colours_by_key_are_named_and_end_with_grey(room: Room) -> None:
    pane = room.pane()
    names = []
    for _ in range(6):
        room.key(Qt.Key.Key_P, modifier=SHIFT)
        chosen = room.viewport().state.look.colour_map
        names.append(chosen.name if chosen else "")
        pixels = pane.picture.pixels
        assert pixels is not None
        assert (pixels.ndim == 3) == (chosen is not None)
        assert ("PSEUDO-COLOUR" in pane.accessibleDescription()) == (chosen is not None)
    assert names == ["Hot iron", "Hot metal blue", "PET", "PET 20 step", "Rainbow", ""]


def test_reset_returns_to_grey(room: Room) -> None:
    room.key(Qt.Key.Key_P, modifier=SHIFT)
    room.key(Qt.Key.Key_Down)
    assert room.viewport().state.look.colour_map is not None
    room.key(Qt.Key.Key_Escape)
    assert room.viewport().state.look.colour_map is None


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_colours_by_menu(room: Room) -> None:
    room.pane().menu_requested.emit(room.pane().mapToGlobal(room.pane().rect().center()))
    menus = [m for m in room.area.findChildren(QMenu) if m.title() == "Colours"]
    (menu,) = menus
    assert [a.text() for a in menu.actions() if a.isChecked()] == ["Grey"]
    menu.actions()[1].trigger()
    chosen = room.viewport().state.look.colour_map
    assert chosen is not None
    assert chosen.name == "Hot iron"
    parent = menu.parent()
    assert isinstance(parent, QMenu)
    parent.close()


def test_zoom_by_key_is_at_the_pointer_where_there_is_one(room: Room) -> None:
    pane = room.pane()
    place = room.at(10, 10)
    pane.pointer = pane.to_pane(QPointF(place))
    before = room.under(place)
    room.key(Qt.Key.Key_Plus)
    after = room.under(place)
    assert after == pytest.approx(before, abs=1e-6)
    assert room.viewport().state.look.zoom is not None
