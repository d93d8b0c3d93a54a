"""Images from disk: a window of their own, marked, without a report, gone with the reader."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from reporting.qt.report_pane import ReportPane
from tests.kit.dicom_files import dataset, written
from tests.kit.platform import FakePlatform, a_case, a_study
from tests.kit.workplace import Office, open_office
from viewer.qt.viewport_widget import ViewportWidget
from viewer.viewport.corners import Corner
from workstation.qt.disk_images import DiskDialog
from workstation.qt.disk_window import ORIGIN, DiskWindow


@pytest.fixture
def office(qtbot: QtBot, tmp_path: Path) -> Iterator[Office]:
    cases = (a_case("a", study=a_study("1.1")),)
    with open_office(tmp_path / "store", FakePlatform(cases={c.id: c for c in cases})) as made:
        desk = made.workplace.desk
        qtbot.waitUntil(lambda: len(desk.cases) == 1 and desk.online, timeout=5000)
        yield made


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    """Two studies of one patient, one of another, and a text."""
    folder = tmp_path / "medium"
    folder.mkdir()
    people = (("1.5", "DOE^JANE", "4711", "20250101"), ("1.6", "DOE^JANE", "4711", "20240101"),
              ("1.7", "ROE^RIC", "4712", "20230101"))  # fmt: skip
    for n, (study, name, number, date) in enumerate(people):
        ds = dataset(
            n + 1, series=str(n + 1), StudyInstanceUID=study, StudyDate=date,
            PatientName=name, PatientID=number,
        )  # fmt: skip
        (folder / f"{n}").write_bytes(written(ds))
    (folder / "autorun.inf").write_text("[autorun]")
    return folder


def _asked(office: Office) -> DiskDialog:
    action = next(a for a in office.window.actions() if a.objectName() == "open_disk")
    assert action.shortcut().toString() == "Ctrl+O"
    action.trigger()
    return office.window.findChildren(DiskDialog)[-1]


def _opened(office: Office, qtbot: QtBot, path: Path) -> DiskWindow:
    dialog = _asked(office)
    (edit,) = dialog.findChildren(QLineEdit)
    QTest.keyClicks(edit, str(path))
    (buttons,) = dialog.findChildren(QDialogButtonBox)
    start = next(b for b in buttons.buttons() if b.text().replace("&", "") == "Open")
    QTest.mouseClick(start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: office.workplace.disk.shown is not None, timeout=8000)
    shown = office.workplace.disk.shown
    assert shown is not None
    return shown


def _pane(window: DiskWindow) -> ViewportWidget:
    found = window.findChild(ViewportWidget, "viewport.1")
    assert isinstance(found, ViewportWidget)
    return found


def test_a_folder_is_shown_marked_beside_the_worklist_and_without_a_report(
    office: Office, qtbot: QtBot, medium: Path
) -> None:
    window = _opened(office, qtbot, medium)
    pane = _pane(window)
    qtbot.waitUntil(lambda: pane.picture.at_rest, timeout=8000)
    overlay = pane.overlay_now()
    assert overlay is not None
    texts = [line.text for line in overlay.corners[Corner.TOP_LEFT]]
    assert texts[:2] == ["DOE^JANE", "4711"]
    assert ORIGIN in texts
    assert not window.findChildren(ReportPane)
    assert any("no report" in label.text() for label in window.findChildren(QLabel))
    choice = next(b for b in window.findChildren(QComboBox) if b.accessibleName() == "Study")
    assert [choice.itemText(n).split("  ·  ")[1] for n in range(3)] == ["ID 4711"] * 2 + ["ID 4712"]
    window.area.to_report.emit(None)
    assert any("there is no report" in label.text() for label in window.findChildren(QLabel))
    assert office.workplace.reading.session() is None
    choice.activated.emit(2)
    frame = _pane(window).viewport.state.frame
    assert frame is not None
    assert frame.study == "1.7"


def test_it_goes_when_nobody_is_signed_in(office: Office, qtbot: QtBot, medium: Path) -> None:
    _opened(office, qtbot, medium)
    office.window.show_sign_in()
    assert office.workplace.disk.shown is None


def test_what_holds_no_image_is_told_in_the_dialog(
    office: Office, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = _asked(office)
    dialog.name([str(tmp_path / "nowhere")])
    (buttons,) = dialog.findChildren(QDialogButtonBox)
    start = next(b for b in buttons.buttons() if b.text().replace("&", "") == "Open")
    QTest.mouseClick(start, Qt.MouseButton.LeftButton)

    def said(words: str) -> bool:
        return any(words in label.text() for label in dialog.findChildren(QLabel))

    assert said("nowhere is not there")
    dialog.name(["x" * 5000])
    QTest.mouseClick(start, Qt.MouseButton.LeftButton)
    assert said("xxx is not there")
    text = tmp_path / "text.txt"
    text.write_text("no image")
    dialog.name([str(text)])
    QTest.mouseClick(start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: said("There is no DICOM image there"), timeout=8000)
    assert office.workplace.disk.shown is None
    dialog.reject()
