"""A whole window over a platform in memory: the right case, and nothing without a reader."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget, QMenu
from pytestqt.qtbot import QtBot

from tests.kit.platform import FakePlatform, a_case, a_study
from tests.kit.workplace import Office, open_office
from viewer.qt.viewport_widget import ViewportWidget
from viewer.viewport.keymap import load_keymap
from workstation.model.delivery import EntryState
from workstation.paths import resources
from workstation.platform.client import InstanceBlob
from workstation.qt.palette import CommandPalette
from workstation.store.outbox import Unsent


@pytest.fixture
def office(qtbot: QtBot, tmp_path: Path) -> Iterator[Office]:
    cases = (a_case("a", study=a_study("1.1")), a_case("b", study=a_study("1.2")))
    with open_office(tmp_path, FakePlatform(cases={c.id: c for c in cases})) as made:
        desk = made.workplace.desk
        qtbot.waitUntil(lambda: len(desk.cases) == 2 and desk.online, timeout=5000)
        yield made


def _open(office: Office, ident: str) -> None:
    case = next(c for c in office.workplace.desk.cases if c.id == ident)
    office.workplace.worklist.open_asked.emit(case)


def _reading(office: Office) -> str:
    session = office.workplace.reading.session()
    return session.case.id if session is not None else ""


def test_r35_the_case_asked_for_last_is_the_one_that_opens(office: Office, qtbot: QtBot) -> None:
    _open(office, "a")
    _open(office, "b")
    qtbot.waitUntil(lambda: _reading(office) == "b", timeout=5000)
    qtbot.wait(200)
    assert _reading(office) == "b"


def test_going_back_before_a_case_opened_stays_back(office: Office, qtbot: QtBot) -> None:
    _open(office, "a")
    office.workplace.reading.back_asked.emit()
    qtbot.wait(300)
    assert _reading(office) == ""
    assert not office.window.is_reading()


def test_a_report_refused_for_one_case_says_nothing_on_another(
    office: Office, qtbot: QtBot
) -> None:
    _open(office, "b")
    qtbot.waitUntil(lambda: _reading(office) == "b", timeout=5000)
    _refuse(office, "a")
    bar = office.workplace.reading.delivery()
    assert bar.words() == ""
    assert not bar.isVisible()
    _refuse(office, "b")
    assert bar.words() == "NOT ACCEPTED. The licence has expired."
    assert bar.isVisible()


def _refuse(office: Office, ident: str) -> None:
    why = "The licence has expired."
    unsent = Unsent("key", a_case(ident), "report", EntryState.REFUSED, why, may_have_arrived=False)
    office.workplace.sending.unsent = {ident: unsent}
    office.workplace.sending.standing_changed.emit()


def test_images_that_come_to_the_platform_later_are_fetched_into_the_open_case(
    qtbot: QtBot, tmp_path: Path
) -> None:
    early = a_case("a", study=a_study("1.1", instances=0))
    platform = FakePlatform(cases={early.id: early})
    with open_office(tmp_path, platform) as office:
        qtbot.waitUntil(lambda: office.workplace.desk.online, timeout=5000)
        _open(office, "a")
        qtbot.waitUntil(lambda: _reading(office) == "a", timeout=5000)
        assert (
            "as they arrive" in office.workplace.reading.findChildren(ViewportWidget)[0].empty_words
        )
        assert platform.sent == []
        platform.instances["1.1"] = [("1.1.1", InstanceBlob("1.1.1.1", b"image"))]
        platform.cases[early.id] = replace(
            platform.cases[early.id], study=a_study("1.1", instances=1)
        )
        office.workplace.desk.refresh()
        qtbot.waitUntil(lambda: platform.sent == ["1.1.1.1"], timeout=5000)


def test_the_images_get_seven_tenths_of_the_window(office: Office, qtbot: QtBot) -> None:
    window = office.window
    window.resize(1920, 1080)
    _open(office, "a")
    qtbot.waitUntil(lambda: _reading(office) == "a", timeout=5000)
    panes = [v for v in window.findChildren(ViewportWidget) if v.isVisible()]
    images = sum(pane.width() * pane.height() for pane in panes)
    assert images >= 0.7 * window.width() * window.height()
    office.workplace.reading.back_asked.emit()
    assert (window.width(), window.height()) == (1920, 1080)
    assert window.minimumSizeHint().width() <= 1366


def test_without_a_reader_no_key_leads_to_the_patients(office: Office, qtbot: QtBot) -> None:
    office.window.show_sign_in()
    QTest.keyClick(office.window, Qt.Key.Key_F2)
    qtbot.wait(50)
    assert not office.workplace.worklist.isVisible()
    assert office.window.sign_in.isVisible()


def test_every_command_stands_in_a_menu_and_in_the_palette(office: Office) -> None:
    """Also one that is added tomorrow: the first menu of the images takes what has no other."""
    known = {c.id for c in load_keymap(resources() / "keymap.toml")}
    menus = [a.objectName() for m in office.window.findChildren(QMenu) for a in m.actions()]
    assert known - set(menus) == set()
    office.window.show_palette()
    (palette,) = office.window.findChildren(CommandPalette)
    (listed,) = palette.findChildren(QListWidget)
    offered = [listed.item(row).text() for row in range(listed.count())]
    titles = {c.title for c in load_keymap(resources() / "keymap.toml")}
    assert titles - set(offered) == set()
    palette.reject()


def test_every_menu_fits_a_small_screen(office: Office) -> None:
    """Nothing of a menu lies in a second column, above 768 pixels."""
    menus = {m.title(): m for m in office.window.findChildren(QMenu) if m.title()}
    assert {"Tools", "Layout", "Subtraction", "Fusion"} <= set(menus)
    tops = [action.text() for action in office.window.menus().actions()]
    assert not {"Tools", "Layout", "Subtraction", "Fusion"} & set(tops)
    assert {title: m.sizeHint().height() for title, m in menus.items() if _too_tall(m)} == {}


def _too_tall(menu: QMenu) -> bool:
    return menu.sizeHint().height() > 768
