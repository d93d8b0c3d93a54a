"""Whatever can be used has a name, and a name never hides words: page by page, dialog by dialog."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtGui import QAccessible, QAction, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QTableView,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from reporting.export.pdf import render_pdf
from reporting.qt.preview_dialog import PreviewDialog
from reporting.qt.sign_dialog import SignDialog
from tests.kit.platform import FakePlatform, a_case, a_signed_report, a_study
from tests.kit.reporting import RESOURCES, context, draft, signer_identity
from tests.kit.viewer import axial_plane
from tests.kit.workplace import Office, open_office
from viewer.qt.accessible import install_roles
from viewer.qt.cheat_sheet import CheatSheet
from viewer.qt.habits_dialog import HabitsDialog
from viewer.qt.numbers_dialog import NumbersDialog
from viewer.qt.ruler_dialog import RulerDialog
from viewer.qt.viewport_widget import ViewportWidget
from viewer.qt.words_dialog import WordsDialog
from viewer.viewport.habits import Habits, load_profiles
from viewer.viewport.keymap import load_keymap
from viewer.viewport.tools import Mouse
from viewer.viewport.true_size import ScreenPitch
from workstation.model.delivery import Receipt
from workstation.qt.palette import CommandPalette
from workstation.qt.receipt import ReceiptDialog
from workstation.session.levels import Level

W = TypeVar("W", bound=QWidget)
USED = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QTextEdit,
    ViewportWidget,
)


def _name(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):  # on Linux Qt names it by its choice, which may be empty
        return widget.accessibleName() if widget.accessibleDescription() else ""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def _is_part(widget: QWidget) -> bool:
    """Whether it is a part that Qt built into a widget that has the name."""
    inside = widget.parent()
    while inside is not None and not isinstance(inside, QComboBox | QAbstractSpinBox):
        inside = inside.parent()
    corner = widget.metaObject().className() == "QTableCornerButton"
    return inside is not None or corner or isinstance(widget, QHeaderView)


def nameless(root: QWidget) -> list[str]:
    """What can be used and has no name, as 'class in parent'."""
    return [
        f"{type(widget).__name__} {widget.objectName()!r} in {type(widget.parent()).__name__}"
        for widget in root.findChildren(QWidget)
        if isinstance(widget, USED) and not _is_part(widget) and not _name(widget).strip()
    ]


def unheard(root: QWidget) -> list[str]:
    """Words of labels that a screen reader never says, since a name stands in their place."""
    return [
        label.text()
        for label in root.findChildren(QLabel)
        if label.accessibleName() and label.text() not in label.accessibleDescription()
    ]


@pytest.fixture
def office(qtbot: QtBot, tmp_path: Path) -> Iterator[Office]:
    install_roles()
    cases = (
        a_case("first"),
        a_case("second", study=a_study("1.2", 2, "CT head")),
    )
    with open_office(tmp_path, FakePlatform(cases={c.id: c for c in cases})) as office:
        qtbot.waitUntil(lambda: bool(_all(office.window, QTableView, "Worklist")))
        yield office


@pytest.fixture
def reading(qtbot: QtBot, office: Office) -> Office:
    _one(office.window, QAbstractButton, "Open case").click()
    qtbot.waitUntil(office.window.is_reading)
    qtbot.waitUntil(lambda: bool(_all(office.window, QTextEdit, "Report findings")))
    return office


def _all(root: QWidget, kind: type[W], name: str) -> list[W]:
    return [w for w in root.findChildren(kind) if w.isVisible() and _name(w) == name]


def _one(root: QWidget, kind: type[W], name: str) -> W:
    (found,) = _all(root, kind, name)
    return found


def _role(widget: QWidget) -> QAccessible.Role:
    return QAccessible.queryAccessibleInterface(widget).role()


def test_every_page_names_what_can_be_used(reading: Office) -> None:
    assert len([w for w in reading.window.findChildren(QWidget) if isinstance(w, USED)]) > 40
    assert nameless(reading.window) == []


def test_no_name_hides_words(reading: Office) -> None:
    reading.window.tell(Level.WARNING, "Something to know.")
    assert unheard(reading.window) == []


@pytest.mark.parametrize(
    "dialog",
    [
        "habits",
        "length",
        "outline",
        "words",
        "known",
        "palette",
        "preview",
        "receipt",
        "ruler",
        "sheet",
        "sign",
    ],
)
def test_every_dialog_names_what_can_be_used(dialog: str, qtbot: QtBot) -> None:
    made = _dialog(dialog)
    qtbot.addWidget(made)
    made.show()
    assert made.windowTitle()
    assert nameless(made) == []
    assert unheard(made) == []


def _measuring_dialog(name: str) -> QDialog | None:
    if name == "length":
        return NumbersDialog("Length", 2, (64, 48), axial_plane(0.0), lambda _places: "")
    if name == "outline":
        return NumbersDialog("Polygon", None, (64, 48), axial_plane(0.0), lambda _places: "")
    if name in {"words", "known"}:
        return WordsDialog("Arrow", lambda _text, _known: None, asks_length=name == "known")
    return None


def _dialog(name: str) -> QDialog:
    measuring = _measuring_dialog(name)
    if measuring is not None:
        return measuring
    if name == "palette":
        return CommandPalette([QAction("Refresh")])
    if name == "preview":
        return PreviewDialog(render_pdf(draft(), context(), resources=RESOURCES))
    if name == "habits":
        commands = load_keymap(RESOURCES / "keymap.toml")
        profiles = load_profiles(RESOURCES / "profiles.toml", commands)
        return HabitsDialog(commands, profiles, Habits(profiles[0]), {}, lambda _habits: None)
    if name == "sheet":
        return CheatSheet({"view.fit": QAction("Fit")}, Mouse(), "BIR")
    if name == "ruler":
        return RulerDialog("Screen", ScreenPitch(0.25), lambda _pitch: None)
    if name == "sign":
        return SignDialog(context(), (), signer_identity(), None)
    receipt = Receipt("DiagnosticReport/1", "1", "2026-11-24T20:00:00Z", "ab" * 32, verified=True)
    return ReceiptDialog(a_case(), a_signed_report(), receipt)


def test_the_list_finds_a_widget_without_a_name(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    QPushButton("", page)
    QComboBox(page)
    QPushButton("Named", page)
    hidden = QLabel("words", page)
    hidden.setAccessibleName("Notice")
    assert [line.split()[0] for line in nameless(page)] == ["QPushButton", "QComboBox"]
    assert unheard(page) == ["words"]


def test_names_and_roles_of_the_interface(reading: Office) -> None:
    window = reading.window
    for name in ("Notice", "Outbox"):
        assert (
            _one(window, QLabel, name).accessibleDescription() == _one(window, QLabel, name).text()
        )
    for name in ("Report findings", "Report impression"):
        assert _role(_one(window, QTextEdit, name)) is QAccessible.Role.EditableText
    pane = _one(window, ViewportWidget, "Viewport 1")
    assert _role(pane) is QAccessible.Role.Graphic
    assert pane.accessibleDescription()
    assert _role(_one(window, QAbstractButton, "Sign and send")) is QAccessible.Role.Button
    reading.window.show_worklist()
    assert _role(_one(window, QTableView, "Worklist")) is QAccessible.Role.Table
    for name in ("Open case", "Claim"):
        assert _role(_one(window, QAbstractButton, name)) is QAccessible.Role.Button


def test_every_command_is_in_a_menu_and_no_key_has_two(reading: Office) -> None:
    window = reading.window
    images, report = reading.workplace.reading.actions_by_room()
    listed = [a for action in window.menus().actions() for a in _under(action)]
    assert {a.text() for a in (*images, *report, *window.actions())} <= {a.text() for a in listed}
    assert all(a.text() or a.isSeparator() for a in listed)
    keys = [key.toString() for action in listed for key in action.shortcuts()]
    keys += [s.key().toString() for s in window.findChildren(QShortcut)]
    assert sorted(key for key in set(keys) if keys.count(key) > 1) == []


def _under(action: QAction) -> list[QAction]:
    """All entries of a menu, also those of the menus in it."""
    menu = action.menu()
    if not isinstance(menu, QMenu):
        return [action]
    return [entry for inner in menu.actions() for entry in _under(inner)]


def test_a_row_marked_without_the_keyboard_is_the_case_that_opens(office: Office) -> None:
    table = _one(office.window, QTableView, "Worklist")
    assert table.currentIndex().row() == 0
    mark = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    table.selectionModel().select(table.model().index(1, 0), mark)  # what AT-SPI does
    selected = office.workplace.worklist.selected()
    assert selected is not None
    assert selected.id == "second"
    study = _all(office.window, QLabel, "Study")[-1]
    assert "CT head" in study.accessibleDescription()
    assert table.currentIndex().row() == 1
