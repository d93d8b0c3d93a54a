"""What was seen: told once drawn at rest, shown in the panel, and the way to what was not."""

from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.viewer import chest, frame_of
from viewer.hanging.seen import seen_runs
from viewer.qt import colours
from viewer.qt.series_panel import SeriesPanel

CURRENT = chest(6)
FRAMES = [frame_of(i) for i in CURRENT.series[0].instances]


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(qtbot, CURRENT)
    made.open(CURRENT)
    return made


def _was_seen(panel: SeriesPanel, frame: object) -> bool:
    return frame in panel.seen


def _panel(room: Room) -> SeriesPanel:
    found = room.area.findChild(QTreeWidget, "series.panel")
    assert isinstance(found, SeriesPanel)
    return found


def _head(room: Room) -> QTreeWidgetItem:
    head = _panel(room).topLevelItem(0)
    assert head is not None
    return head


def _item(room: Room) -> QTreeWidgetItem:
    item = _head(room).child(0)
    assert item is not None
    return item


def test_what_was_seen_earlier_is_counted(room: Room, qtbot: QtBot) -> None:
    room.area.restore((), set(FRAMES[:2]))
    shown = room.viewport().state.frame
    qtbot.waitUntil(lambda: shown in _panel(room).seen)
    seen = _panel(room).seen
    assert seen == {*FRAMES[:2], shown}
    assert f"{len(seen)} seen" in _item(room).text(0)
    assert f"{len(seen)} of 6 images seen" in _head(room).text(0)
    room.area.restore((), set(FRAMES))
    assert "all seen" in _item(room).text(0)
    assert "6 of 6 images seen" in _head(room).text(0)
    room.area.close_case()
    assert _panel(room).seen == set()


def test_the_bar_is_filled_where_images_were_seen(room: Room) -> None:
    room.area.restore((), {FRAMES[0], FRAMES[5]})
    panel = _panel(room)
    rect = panel.visualItemRect(_item(room))
    picture = panel.viewport().grab().toImage()
    row = [
        picture.pixelColor(x, rect.bottom() - 2) for x in range(rect.left() + 4, rect.right() - 4)
    ]
    part = len(row) / 6
    places = [row[int(part * (n + 0.5))] == colours.ACCENT for n in range(6)]
    expected = [frame in panel.seen for frame in FRAMES]
    assert places == expected
    assert any(expected)
    assert not all(expected)
    assert seen_runs(FRAMES, panel.seen)


def test_the_key_leads_to_what_was_not_seen(room: Room, qtbot: QtBot) -> None:
    panel = _panel(room)
    visited: list[Any] = []
    while len(panel.seen) < 6:
        frame = room.viewport().state.frame
        qtbot.waitUntil(partial(_was_seen, panel, frame))
        visited.append(frame)
        assert len(visited) <= 6
        room.key(Qt.Key.Key_N)
    assert sorted(visited) == sorted(FRAMES)
    assert room.informed[-1] == "There is no other image of this case that was not seen."
