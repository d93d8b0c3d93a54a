"""Who is away is told once; input, at whatever window, puts it off."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from workstation.qt.idle import IdleWatch


def test_r33_idle_slept_and_too_long(qtbot: QtBot) -> None:
    now = [0.0]
    watch = IdleWatch(600, longest=3000, clock=lambda: now[0])
    told: list[float] = []
    watch.left.connect(lambda: told.append(now[0]))
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    watch.begin()

    def wait(seconds: int) -> None:
        for _ in range(seconds // 5):
            now[0] += 5
            watch.look()

    wait(595)
    QTest.keyClick(field.windowHandle(), Qt.Key.Key_A)
    assert field.text() == "a"  # what is heard goes on
    wait(595)
    assert told == []
    wait(5)
    assert told == [1195.0]
    watch.begin()
    now[0] += 120  # the computer slept
    watch.look()
    assert told[1:] == [1315.0]
    watch.begin()
    for _ in range(6):
        wait(500)
        QTest.keyClick(field.windowHandle(), Qt.Key.Key_A)
    assert told[2:] == [4315.0]
    watch.stop()
