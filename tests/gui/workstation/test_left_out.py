"""What is not shown is counted in the line at the bottom and listed with file and reason."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from tests.kit.demo_cases import SERIES, STUDY, ct_slice
from tests.kit.platform import FakePlatform, a_case, a_study
from tests.kit.workplace import Office, open_office
from viewer.qt.series_panel import SeriesPanel
from viewer.qt.viewport_widget import ViewportWidget
from workstation.model.left_out import FolderNotes, LeftOut
from workstation.platform.client import InstanceBlob
from workstation.session.levels import Level
from workstation.session.reading import ReadingSession

NOTES = FolderNotes(
    (LeftOut("sub/notes.txt", "It is not a DICOM file."),), {f"{SERIES}.2": "sub/second.dcm"}
)


def _blob(index: int, data: bytes | None = None) -> tuple[str, InstanceBlob]:
    return SERIES, InstanceBlob(f"{SERIES}.{index}", ct_slice(index) if data is None else data)


def _platform(*blobs: tuple[str, InstanceBlob]) -> FakePlatform:
    case = a_case("a", study=a_study(STUDY, instances=len(blobs)))
    case = replace(case, patient=replace(case.patient, id="P-1"))
    return FakePlatform(cases={case.id: case}, instances={STUDY: list(blobs)})


@pytest.fixture
def office(qtbot: QtBot, tmp_path: Path) -> Iterator[Office]:
    platform = _platform(_blob(1), _blob(2, b"DICM, but only just"))
    with open_office(tmp_path, platform, folder=NOTES) as made:
        qtbot.waitUntil(lambda: bool(made.workplace.desk.cases), timeout=5000)
        yield made


def _open(office: Office) -> None:
    office.workplace.worklist.open_asked.emit(office.workplace.desk.cases[0])


def _button(office: Office) -> QPushButton:
    buttons = office.window.findChildren(QPushButton)
    return next(b for b in buttons if b.accessibleName() == "Not shown")


def _dialog(office: Office) -> QDialog:
    dialogs = office.window.findChildren(QDialog)
    return next(d for d in dialogs if d.accessibleName() == "Not shown")


def _rows(office: Office) -> list[tuple[str, str, str]]:
    tree = _dialog(office).findChild(QTreeWidget)
    assert isinstance(tree, QTreeWidget)
    items = [tree.topLevelItem(n) for n in range(tree.topLevelItemCount())]
    return [(i.text(0), i.text(1), i.text(2)) for i in items if i]


def test_files_that_the_folder_did_not_give_are_told_at_the_start(office: Office) -> None:
    assert "sub/notes.txt: It is not a DICOM file." in office.window.status.notice_text
    assert _button(office).isVisible()
    assert _button(office).text() == "1 not shown"
    QTest.mouseClick(_button(office), Qt.MouseButton.LeftButton)
    assert _rows(office) == [("Folder", "sub/notes.txt", "It is not a DICOM file.")]


def test_an_object_that_is_refused_is_listed_by_its_file_and_beside_the_images(
    office: Office, qtbot: QtBot
) -> None:
    _open(office)
    qtbot.waitUntil(lambda: _button(office).text() == "2 not shown", timeout=5000)
    panel = office.window.findChild(SeriesPanel)
    assert isinstance(panel, SeriesPanel)
    qtbot.waitUntil(lambda: _unread(panel) != "", timeout=5000)
    assert _unread(panel) == "1 object\nCannot be read"
    panel.unread_asked.emit()
    where, what, why = _rows(office)[1]
    assert (where, what) == ("C-a", "sub/second.dcm")
    assert why.startswith("It was not taken: ")
    assert why.endswith(".")
    office.workplace.reading.back_asked.emit()
    labels = office.workplace.worklist.findChildren(QLabel)
    told = f"Image {SERIES}.2: It was not taken: "
    qtbot.waitUntil(lambda: any(told in label.text() for label in labels), timeout=5000)


def test_the_list_stays_open_beside_the_images_and_follows(office: Office, qtbot: QtBot) -> None:
    QTest.mouseClick(_button(office), Qt.MouseButton.LeftButton)
    QTest.mouseClick(_button(office), Qt.MouseButton.LeftButton)
    _open(office)
    qtbot.waitUntil(lambda: len(_rows(office)) == 2, timeout=5000)
    assert not _dialog(office).isModal()
    _dialog(office).close()


def _session(office: Office, qtbot: QtBot) -> ReadingSession:
    _open(office)
    qtbot.waitUntil(lambda: office.workplace.reading.session() is not None, timeout=5000)
    session = office.workplace.reading.session()
    assert session is not None
    return session


def test_a_notice_about_one_case_does_not_stand_over_the_next(office: Office, qtbot: QtBot) -> None:
    status = office.window.status
    _session(office, qtbot).notice.emit(Level.ERROR, "The images do not belong to this patient.")
    office.workplace.reading.back_asked.emit()
    assert "do not belong" not in status.notice_text
    _session(office, qtbot).notice.emit(Level.ERROR, "NOT SAVED: the disk is full.")
    office.workplace.reading.back_asked.emit()
    assert status.notice_text == "NOT SAVED: the disk is full."


def test_a_case_of_which_nothing_can_be_shown_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    with open_office(tmp_path, _platform(_blob(1, b"no"), _blob(2, b"no"))) as office:
        qtbot.waitUntil(lambda: bool(office.workplace.desk.cases), timeout=5000)
        assert not _button(office).isVisible()
        _open(office)
        pane = office.workplace.reading.findChildren(ViewportWidget)[0]
        qtbot.waitUntil(lambda: "can be shown" in pane.empty_words, timeout=5000)
        assert pane.empty_words.splitlines()[-1] == "1 more are not shown."


def _unread(panel: SeriesPanel) -> str:
    study = panel.topLevelItem(0)
    if study is None or study.childCount() == 0:
        return ""
    last = study.child(study.childCount() - 1)
    return last.text(0) if last is not None and "Cannot" in last.text(0) else ""
