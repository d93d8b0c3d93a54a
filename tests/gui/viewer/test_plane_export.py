"""The active plane is exported as a series from its dialog, or a sentence says why not."""

from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QDoubleSpinBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.executors import StepExecutor
from tests.kit.planes import noise, volume_study
from tests.kit.real_volumes import folder
from tests.kit.viewer import ArrayPool, NoBytes, OneHeader
from viewer.loading.frames import FrameCache
from viewer.loading.pool import DecodePool
from viewer.qt.plane_export_dialog import PlaneExportDialog


def _opened(qtbot: QtBot, source: NoBytes | None = None, **more: Any) -> Room:
    study = volume_study(**more)

    def cache(executor: StepExecutor) -> FrameCache:
        pool = cast(DecodePool, ArrayPool(noise(study)))
        return FrameCache(source or OneHeader(), pool, executor, 1 << 28)

    room = make_room(qtbot, study, arrays=noise(study), cache=cache)
    room.open(study)
    room.key(Qt.Key.Key_M, modifier=Qt.KeyboardModifier.ShiftModifier)
    return room


def _asked(room: Room) -> PlaneExportDialog:
    room.area.actions_by_id()["mpr.export"].trigger()
    (dialog,) = room.area.findChildren(PlaneExportDialog)
    return dialog


def _button(dialog: PlaneExportDialog, words: str) -> QPushButton:
    (box,) = dialog.findChildren(QDialogButtonBox)
    return next(b for b in box.findChildren(QPushButton) if words in b.text())


def _box(dialog: PlaneExportDialog, name: str) -> QDoubleSpinBox:
    return next(b for b in dialog.findChildren(QDoubleSpinBox) if name in b.accessibleName())


def _words(dialog: PlaneExportDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel))


def _to(dialog: PlaneExportDialog, where: Path) -> None:
    edit = next(e for e in dialog.findChildren(QLineEdit) if e.accessibleName() == "Folder")
    edit.setText(str(where))


def test_a_series_of_the_active_plane(qtbot: QtBot, tmp_path: Path) -> None:
    room = _opened(qtbot)
    dialog = _asked(room)
    assert "MPR axial" in _words(dialog)
    assert "12 images of 36 × 40" in _words(dialog)
    assert not _button(dialog, "Export").isEnabled(), "there is no folder yet"
    _to(dialog, tmp_path)
    _box(dialog, "From plane to plane").setValue(4.0)
    _box(dialog, "Last plane").setValue(2.0)
    QTest.mouseClick(_button(dialog, "Export"), Qt.MouseButton.LeftButton)
    room.settle()
    assert room.informed[-1].startswith("The planes were written into MPR single planes")
    (made,) = tmp_path.iterdir()
    read = folder(made)
    assert len(read.sets[0].frames) == len(list(made.iterdir())) < 12
    assert not dialog.isVisible()


def test_cancelled_while_it_is_written(qtbot: QtBot, tmp_path: Path) -> None:
    room = _opened(qtbot)
    dialog = _asked(room)
    _to(dialog, tmp_path)
    QTest.mouseClick(_button(dialog, "Export"), Qt.MouseButton.LeftButton)
    for _ in range(4):
        room.executor.step()
    QTest.mouseClick(_button(dialog, "Cancel"), Qt.MouseButton.LeftButton)
    room.settle()
    assert list(tmp_path.iterdir()) == []
    assert "cancelled" in room.notices[-1]
    assert dialog.isVisible()
    assert _button(dialog, "Export").isEnabled(), "another try is possible"


def test_closing_the_case_gives_the_export_up(qtbot: QtBot, tmp_path: Path) -> None:
    room = _opened(qtbot)
    dialog = _asked(room)
    _to(dialog, tmp_path)
    QTest.mouseClick(_button(dialog, "Export"), Qt.MouseButton.LeftButton)
    for _ in range(4):
        room.executor.step()
    room.area.close_case()
    room.settle()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_told_in_the_dialog(qtbot: QtBot, tmp_path: Path) -> None:
    room = _opened(qtbot, NoBytes())
    dialog = _asked(room)
    _to(dialog, tmp_path)
    QTest.mouseClick(_button(dialog, "Export"), Qt.MouseButton.LeftButton)
    room.settle()
    assert "Nothing was written." in _words(dialog)
    assert list(tmp_path.iterdir()) == []


def test_pet_is_refused(qtbot: QtBot) -> None:
    room = _opened(qtbot, sop_class="1.2.840.10008.5.1.4.1.1.128", modality="PT")
    room.area.actions_by_id()["mpr.export"].trigger()
    assert "PET" in room.notices[-1]


def test_no_range_without_planes(qtbot: QtBot) -> None:
    room = _opened(qtbot)
    dialog = _asked(room)
    _box(dialog, "First plane").setValue(8.0)
    _box(dialog, "Last plane").setValue(1.0)
    assert "No plane lies there." in _words(dialog)
    assert not _button(dialog, "Export").isEnabled()
