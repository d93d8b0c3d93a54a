"""Measurements of other programs on the images: seen, told apart, hidden, copied, never changed."""

import io
from typing import BinaryIO

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.executors import StepExecutor
from tests.kit.stored_reports import COMPREHENSIVE_3D, LENGTH, group, number, scoord, stored_report
from tests.kit.viewer import IDENTITY, NoBytes, chest, ct_instance, frame_of, series_of, study_of
from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.pages import PdfProcess
from viewer.model.refs import SopUid
from viewer.qt import colours
from viewer.qt.measurement_panel import MeasurementPanel

CHEST = chest(3)
SLICES = CHEST.series[0].instances
SOP = "1.2.60.0"
REPORT = series_of(
    [ct_instance("1.2.60", 0, sop_class=COMPREHENSIVE_3D, modality="SR", format=None, planes=())],
    number=60,
)
CASE = study_of(*CHEST.series, REPORT)


class _Reports(NoBytes):
    """Holds one structured report."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def open(self, sop: SopUid) -> BinaryIO:
        return io.BytesIO(self._data if sop == SOP else b"")


def shown(qtbot: QtBot, *, patient: str = "") -> Room:
    line = scoord("POLYLINE", [10.5, 20.5, 30.5, 20.5], SLICES[0].ref.sop)
    lost = scoord("POINT", [1, 1], "1.77")
    wrong = number(LENGTH, "99.0", "mm", line)
    data = stored_report(group(wrong), group(lost), patient=patient or IDENTITY.id)

    def shelf(executor: StepExecutor) -> DocumentShelf:
        return DocumentShelf(_Reports(data), executor, PdfProcess())

    room = make_room(qtbot, CASE, documents=shelf)
    room.open(CASE)
    room.settle()
    room.area.go_to(frame_of(SLICES[0]))
    room.settle()
    return room


def act(room: Room, name: str) -> None:
    room.area.actions_by_id()[name].trigger()
    room.settle()


def violet(room: Room) -> int:
    """Pixels of the colour that foreign shapes have."""
    picture = room.pane().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    held = np.frombuffer(picture.constBits(), np.uint8).reshape(-1, 4)
    seen = held[:, 2::-1].astype(int)
    colour = colours.FOREIGN
    wanted = (colour.red(), colour.green(), colour.blue())
    return int(np.count_nonzero(np.abs(seen - wanted).max(axis=1) < 40))


def test_they_are_seen_told_apart_hidden_copied_and_never_changed(qtbot: QtBot) -> None:
    room = shown(qtbot)
    (said,) = [words for words in room.informed if "structured report" in words]
    assert "): 1 shown. One measurement is not shown: their images are not here." in said
    assert violet(room) > 5
    act(room, "annotation.table")
    panel = room.area.findChild(MeasurementPanel)
    assert isinstance(panel, MeasurementPanel)
    index = panel.model.index(0, 1, panel.model.index(0, 0))
    assert "99.0 mm" in index.data()
    assert "⚠ Length is stored as 99.0 mm, its points give 14.0 mm." in index.data()
    panel.tree.setCurrentIndex(index)
    act(room, "annotation.delete")
    act(room, "annotation.to_report")
    assert [w for w in room.notices if "another source" in w] == [
        "It comes from another source and stays as it is.",
        "It comes from another source: copy it to a measurement of yours first.",
    ]
    panel.tree.clearSelection()
    act(room, "annotation.table")
    QTest.mouseClick(room.pane(), Qt.MouseButton.LeftButton, pos=room.at(0, 0))
    QTest.mouseClick(room.pane(), Qt.MouseButton.LeftButton, pos=room.at(20, 20))
    act(room, "annotation.adopt")
    (own,) = room.area.annotations()
    assert own.made_by.author == "Dr. Ito"
    assert (own.pixels[1].column, len(own.points)) == (30, 2)
    assert room.measured[-1].label == "One, 14.0 mm"
    act(room, "annotation.imported")
    assert violet(room) == 0
    assert not room.area.actions_by_id()["annotation.imported"].isChecked()


def test_another_patients_are_never_shown(qtbot: QtBot) -> None:
    room = shown(qtbot, patient="SOMEONE-ELSE")
    assert violet(room) == 0
    (said,) = [words for words in room.notices if "structured report" in words]
    assert "another patient" in said
    assert "SOMEONE" not in said
