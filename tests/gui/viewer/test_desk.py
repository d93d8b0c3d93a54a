"""Desks in a group: one list hands on commands, cases and sentences."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from viewer.hanging.images import CaseImages
from viewer.qt.desk import Desk, DeskGroup


class Bell(Desk):
    """Does one command and keeps what it is told."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command
        self.told: list[object] = []

    def acts(self) -> dict[str, Callable[[], None]]:
        return {self.command: lambda: self.notice.emit(self.command)}

    def know(self, images: CaseImages | None, /) -> None:
        self.told.append(images)

    def stop(self) -> None:
        self.told.append("stop")

    def close_desk(self) -> None:
        self.told.append("close")


def test_a_group_hands_on_every_desk(qtbot: QtBot) -> None:
    group, one, two = DeskGroup(), Bell("bell.one"), Bell("bell.two")
    group.take(one, two, Desk())
    said: list[str] = []
    group.notice.connect(said.append)
    for act in group.acts().values():
        act()
    assert said == ["bell.one", "bell.two"]
    with qtbot.waitSignal(group.changed):
        two.changed.emit()


def test_a_group_tells_every_desk(qtbot: QtBot) -> None:
    group, one, two = DeskGroup(), Bell("bell.one"), Bell("bell.two")
    group.take(one, two)
    group.know(None)
    group.stop()
    group.close_desk()
    assert one.told == two.told == [None, "stop", "close"]


def test_two_desks_for_one_command_are_found_at_once(qtbot: QtBot) -> None:
    group = DeskGroup()
    group.take(Bell("bell.one"), Bell("bell.one"))
    with pytest.raises(ValueError, match=r"bell\.one"):
        group.acts()
