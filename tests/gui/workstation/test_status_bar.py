"""What only informs goes after a while; a warning stays until the next notice."""

import pytest
from pytestqt.qtbot import QtBot

from workstation.qt.named_label import NamedLabel
from workstation.qt.status_bar import StatusBar
from workstation.session.levels import Level


def _bar(qtbot: QtBot) -> StatusBar:
    bar = StatusBar()
    qtbot.addWidget(bar)
    bar.fading.setInterval(1)
    return bar


def test_what_only_informs_goes_and_stays_in_the_tool_tip(qtbot: QtBot) -> None:
    bar = _bar(qtbot)
    shown: list[str] = []
    bar.notice_changed.connect(lambda text, _level: shown.append(text))
    bar.tell(Level.INFO, "PT 0–6 SUVbw, 40 %")
    assert bar.notice_text == "PT 0–6 SUVbw, 40 %"
    qtbot.waitUntil(lambda: bar.notice_text == "")
    assert shown == ["PT 0–6 SUVbw, 40 %", ""]
    bar.tell(Level.WARNING, "No fusion.")
    label = bar.findChild(NamedLabel, "notice")
    assert isinstance(label, NamedLabel)
    assert "PT 0–6 SUVbw" in label.toolTip()


@pytest.mark.parametrize("level", [Level.WARNING, Level.ERROR])
def test_a_warning_stays_also_after_what_informed(qtbot: QtBot, level: Level) -> None:
    bar = _bar(qtbot)
    bar.tell(Level.INFO, "Case 1 was given back.")
    bar.tell(level, "NOT SAVED: the disk is full.")
    assert not bar.fading.isActive()
    qtbot.wait(20)
    assert bar.notice_text == "NOT SAVED: the disk is full."


def test_nothing_runs_on_once_all_is_forgotten(qtbot: QtBot) -> None:
    bar = _bar(qtbot)
    bar.tell(Level.INFO, "Case 1 was given back.")
    bar.forget()
    assert not bar.fading.isActive()
