"""The table of measurements: grouped, in step with the images, by pointer and by key, as a file."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from highdicom.sr import MeasurementReport, srread
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.annotations import annotation
from tests.kit.executors import StepExecutor
from tests.kit.report_images import headers
from tests.kit.reporting import STUDY
from tests.kit.viewer import (
    ArrayPool,
    NoBytes,
    arrays_of,
    chest,
    ct_instance,
    frame_of,
    series_of,
    study_of,
)
from viewer.loading.frames import FrameCache
from viewer.loading.pool import DecodePool
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import PointLps
from viewer.model.refs import SopUid
from viewer.model.study import Instance
from viewer.qt.measurement_model import Column
from viewer.qt.measurement_panel import MeasurementPanel
from viewer.viewport.measurement_list import Group, Row

K = AnnotationKind


class _OneHeader(NoBytes):
    """Every instance has the same header."""

    def open(self, sop: SopUid) -> BinaryIO:
        return io.BytesIO(headers())


CURRENT = chest(3)
PRIOR_SLICES = [ct_instance("1.3.1", n, study="1.3") for n in range(2)]
PRIOR = study_of(series_of(PRIOR_SLICES, number=5), uid="1.3", date="20250102")
SLICES = CURRENT.series[0].instances


def length(name: str, on: Instance, end: float = 20.0, **more: str) -> Annotation:
    made = annotation(K.LENGTH, on, (10, 10), (end, 10), **more)
    return replace(made, id=AnnotationId(name))


THREE = (length("b", SLICES[2]), length("old", PRIOR_SLICES[1]), length("a", SLICES[0], 30.0))


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(qtbot, CURRENT, PRIOR)
    made.open(CURRENT, PRIOR)
    made.area.restore(THREE)
    act(made, "annotation.table")
    return made


def act(room: Room, name: str) -> None:
    room.area.actions_by_id()[name].trigger()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    room.settle()


def panel_of(room: Room) -> MeasurementPanel:
    (found,) = room.area.findChildren(MeasurementPanel)
    return found


def table(room: Room) -> list[tuple[str, list[list[str]]]]:
    """Each study's title with the texts of its rows."""
    model = panel_of(room).model
    groups = []
    for g in range(model.rowCount()):
        head = model.index(g, 0)
        rows = [
            [str(model.data(model.index(r, c, head))) for c in Column]
            for r in range(model.rowCount(head))
        ]
        groups.append((str(model.data(head)), rows))
    return groups


def choose(room: Room, name: str) -> None:
    panel = panel_of(room)
    panel.tree.setCurrentIndex(panel.model.index_of(AnnotationId(name)))


def press(room: Room, name: str) -> None:
    button = panel_of(room).findChild(QPushButton, f"measurements.{name}")
    assert isinstance(button, QPushButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    room.settle()


def key(room: Room, which: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, which)
    room.settle()


def written(room: Room, path: Path, *, identity: bool = False) -> list[dict[str, str]]:
    panel_of(room).identity.setChecked(identity)
    press(room, "export")
    (dialog,) = room.area.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.reject()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    room.settle()
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_grouped_by_study_in_the_order_of_the_images(room: Room) -> None:
    (now, mine), (before, theirs) = table(room)
    assert now == "Current study · 2026-11-24 · CT chest"
    assert before.startswith("Prior · 2025-01-02")
    assert [row[:3] for row in mine] == [
        ["Length", "14.0 mm", "Series 3, image 1"],
        ["Length", "7.0 mm", "Series 3, image 3"],
    ]
    assert theirs == [
        ["Length", "7.0 mm", "Series 5, image 2", "Dr. Ito, 2026-11-24 12:00", "", ""]
    ]


def test_open_and_close_by_key_and_the_keys_go_with_it(room: Room) -> None:
    panel = panel_of(room)
    assert panel.isVisible()
    assert panel.tree.hasFocus()
    assert room.area.actions_by_id()["annotation.table"].isChecked()
    key(room, Qt.Key.Key_F4)
    assert panel.isHidden()
    assert room.pane().hasFocus()
    assert not room.area.actions_by_id()["annotation.table"].isChecked()
    key(room, Qt.Key.Key_F4)
    assert panel.tree.hasFocus()
    key(room, Qt.Key.Key_Escape)
    assert panel.isVisible()
    assert room.pane().hasFocus()


def test_a_click_goes_to_the_image_and_chooses(room: Room) -> None:
    panel = panel_of(room)
    place = panel.tree.visualRect(panel.model.index_of(AnnotationId("b"))).center()
    QTest.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    room.settle()
    assert room.viewport().state.frame == frame_of(SLICES[2])
    act(room, "annotation.explain")
    assert "7.0 mm" in room.informed[-1]


def test_arrows_choose_and_enter_goes(room: Room) -> None:
    choose(room, "a")
    key(room, Qt.Key.Key_Down)
    row = panel_of(room).current()
    assert row is not None
    assert row.annotation.id == "b"
    assert room.viewport().state.frame != frame_of(SLICES[2])
    key(room, Qt.Key.Key_Return)
    assert room.viewport().state.frame == frame_of(SLICES[2])


def test_a_prior_is_shown_too(room: Room) -> None:
    choose(room, "old")
    press(room, "go")
    shown = [room.viewport(n).state.frame for n in (1, 2)]
    assert frame_of(PRIOR_SLICES[1]) in shown


def test_delete_by_key_is_undone(room: Room) -> None:
    choose(room, "b")
    key(room, Qt.Key.Key_Delete)
    assert [a.id for a in room.area.annotations()] == ["old", "a"]
    assert len(table(room)[0][1]) == 1
    act(room, "annotation.undo")
    assert len(table(room)[0][1]) == 2


def test_nothing_chosen_is_not_deleted(room: Room) -> None:
    choose(room, "b")
    press(room, "go")  # the only one of its image, which keys would act on there
    panel_of(room).tree.setFocus()
    panel_of(room).tree.setCurrentIndex(panel_of(room).model.index(0, 0))
    key(room, Qt.Key.Key_Delete)
    key(room, Qt.Key.Key_Backspace)
    assert len(room.area.annotations()) == 3
    assert not button(room, "delete").isEnabled()


def button(room: Room, name: str) -> QPushButton:
    found = panel_of(room).findChild(QPushButton, f"measurements.{name}")
    assert isinstance(found, QPushButton)
    return found


def test_renamed_in_place_kept_and_undone(room: Room) -> None:
    choose(room, "a")
    press(room, "rename")
    (line,) = panel_of(room).tree.findChildren(QLineEdit)
    QTest.keyClicks(line, "Target 1")
    QTest.keyClick(line, Qt.Key.Key_Return)
    QApplication.processEvents()  # the editor hands its text over behind the key
    assert table(room)[0][1][0][:2] == ["Target 1", "14.0 mm"]
    assert [a.text for a in room.saved[-1]] == ["", "", "Target 1"]
    act(room, "annotation.undo")
    assert table(room)[0][1][0][0] == "Length"


def test_while_a_name_is_typed_no_key_does_anything_else(room: Room) -> None:
    choose(room, "a")
    press(room, "rename")
    (line,) = panel_of(room).tree.findChildren(QLineEdit)
    QTest.keyClicks(line, "rl 1")
    for which in (Qt.Key.Key_Backspace, Qt.Key.Key_Home, Qt.Key.Key_Delete, Qt.Key.Key_Right):
        QTest.keyClick(line, which)
    assert line.text() == "l "
    QTest.keyClick(line, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert room.area.annotations() == THREE
    assert room.reported == []
    assert panel_of(room).isVisible()


def test_a_text_keeps_its_words(room: Room) -> None:
    words = replace(annotation(K.TEXT, SLICES[0], (5, 5), text="Nodule"), id=AnnotationId("t"))
    room.area.restore((words,))
    model = panel_of(room).model
    model.setData(model.index_of(words.id), "  ")
    assert room.area.annotations() == (words,)
    assert "delete it instead" in room.notices[-1]
    model.setData(model.index_of(words.id), " Nodule  12 ")
    assert room.area.annotations()[0].text == "Nodule 12"


def test_reported_and_copied(room: Room) -> None:
    choose(room, "a")
    press(room, "report")
    assert [m.label for m in room.reported] == ["14.0 mm"]
    key(room, Qt.Key.Key_R)
    assert len(room.reported) == 2
    press(room, "copy")
    assert QGuiApplication.clipboard().text() == "Length: 14.0 mm (Series 3, image 1)"


def test_what_is_drawn_appears_at_once(room: Room) -> None:
    act(room, "tool.length")
    room.drag(room.at(10, 20), room.at(30, 20))
    assert sum(len(rows) for _, rows in table(room)) == 4
    chosen = panel_of(room).current()
    assert chosen is not None
    assert chosen.annotation == room.area.annotations()[-1]


def test_a_moved_point_changes_its_row_and_no_other(room: Room) -> None:
    choose(room, "a")
    press(room, "go")
    resets: list[bool] = []
    panel_of(room).model.modelReset.connect(lambda: resets.append(True))
    act(room, "annotation.next_point")
    act(room, "annotation.nudge_left")
    assert [row[1] for row in table(room)[0][1]] == ["14.7 mm", "7.0 mm"]
    assert resets == []


def test_csv_has_value_unit_calibration_and_uncertainty_apart(room: Room, tmp_path: Path) -> None:
    lines = written(room, tmp_path / "all.csv")
    assert [line["image"] for line in lines] == [
        "Series 3, image 1", "Series 3, image 3", "Series 5, image 2",
    ]  # fmt: skip
    first = lines[0]
    assert float(first["value"]) == pytest.approx(14.0, rel=1e-12)
    assert (first["unit"], first["calibration"]) == ("mm", "PATIENT")
    assert 0 < float(first["uncertainty_k2"]) < 2
    assert "patient_name" not in first
    assert b"DOE" not in (tmp_path / "all.csv").read_bytes()
    assert room.informed[-1] == "Saved all.csv: 3 measurements."
    assert [p.name for p in tmp_path.iterdir()] == ["all.csv"]


def test_csv_names_the_patient_where_asked(room: Room, tmp_path: Path) -> None:
    first = written(room, tmp_path / "all.csv", identity=True)[0]
    assert (first["patient_name"], first["patient_id"]) == ("DOE^JANE", "4711")
    assert first["sop_uid"] == SLICES[0].ref.sop


def test_a_file_that_cannot_be_written_is_told(room: Room, tmp_path: Path) -> None:
    place = tmp_path / "no" / "all.csv"
    press(room, "export")
    (dialog,) = room.area.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(place))
    dialog.reject()
    room.settle()
    assert room.notices[-1] == "all.csv was not saved: No such file or directory."


def test_a_structured_report_is_made_where_the_name_asks_for_one(
    qtbot: QtBot, tmp_path: Path
) -> None:
    study = study_of(series_of([ct_instance(f"{STUDY}.3", 141, study=STUDY)]), uid=STUDY)

    def cache(executor: StepExecutor) -> FrameCache:
        pool = cast(DecodePool, ArrayPool(arrays_of(study)))
        return FrameCache(_OneHeader(), pool, executor, 1 << 28)

    room = make_room(qtbot, study, cache=cache)
    room.open(study)
    drawn = replace(length("a", study.series[0].instances[0]), finding="Liver")
    room.area.restore((drawn, length("b", SLICES[1])))  # whose image is not here
    act(room, "annotation.export")
    (dialog,) = room.area.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "all.dcm"))
    dialog.reject()
    room.settle()
    assert room.notices[-1].startswith("Saved all.dcm: 1 measurements. Left out")
    assert room.notices[-1].endswith("image is not here: 1.")
    content = srread(tmp_path / "all.dcm").content
    assert isinstance(content, MeasurementReport)
    (group,) = content.get_image_measurement_groups()
    assert group.tracking_identifier == "Liver: Length"
    assert group.get_measurements()[0].value == pytest.approx(7.0, rel=1e-6)


def test_a_report_without_a_readable_header_is_told(room: Room, tmp_path: Path) -> None:
    press(room, "export")
    (dialog,) = room.area.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "all.dcm"))
    dialog.reject()
    room.settle()
    assert room.notices[-1] == (
        "all.dcm was not saved: The header of the measured study cannot be read."
    )
    assert list(tmp_path.iterdir()) == []


def test_an_image_that_is_not_here_is_told(room: Room) -> None:
    room.area.restore((length("lost", ct_instance("1.8", 0, study="1.8")),))
    ((title, rows),) = table(room)
    assert title == "Images that are not here"
    assert rows[0][1] == "The image of this measurement is not here."
    choose(room, "lost")
    press(room, "go")
    assert "not here" in room.notices[-1]


def test_closing_the_case_empties_the_table(room: Room) -> None:
    room.area.close_case()
    assert table(room) == []
    assert not button(room, "export").isEnabled()


def test_everything_has_a_name_and_is_reached_by_key(room: Room) -> None:
    panel = panel_of(room)
    choose(room, "a")
    parts: list[QWidget] = [*panel.findChildren(QPushButton), panel.identity, panel.tree]
    assert len(parts) == 10
    seen = set()
    for _ in parts:
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.add(focused)
        key(room, Qt.Key.Key_Tab)
    assert seen == set(parts)
    assert all(p.accessibleName() or p is panel.identity for p in parts)
    said = panel.model.data(
        panel.model.index_of(AnnotationId("a")), Qt.ItemDataRole.AccessibleTextRole
    )
    assert said == "Length: 14.0 mm (Series 3, image 1)"


def test_of_500_measurements_only_those_on_the_screen_are_read(room: Room) -> None:
    many = tuple(length(f"m{n}", SLICES[n % 3], 11.0 + n / 20) for n in range(500))
    read: list[AnnotationId] = []

    def reading(one: Annotation) -> Reading:
        read.append(one.id)
        return Reading((), ("1.0 mm",), (), "")

    panel = MeasurementPanel(reading, lambda _a: "", lambda _a, _n: None)
    group = Group(CURRENT, "Current study", tuple(Row(one, "Series 3") for one in many))
    panel.resize(900, 300)
    panel.show_groups((group,), AnnotationId("m250"))
    panel.grab()
    panel.deleteLater()
    assert panel.model.count() == 500
    assert 0 < len(set(read)) < 40
    assert len(read) < 200
    room.area.restore(many)
    choose(room, "m250")
    act(room, "annotation.delete")
    assert panel_of(room).model.count() == 499


def test_a_kind_of_every_sort_has_its_line(room: Room) -> None:
    words = [
        replace(annotation(kind, SLICES[0], *[(8.0 + n, 9.0 + n * n) for n in range(count)],
                           points=tuple(PointLps(n, n * n, 1.0) for n in range(count))),
                id=AnnotationId(kind.value))
        for kind, count in ((k, r.points) for k, r in KINDS.items())
    ]  # fmt: skip
    room.area.restore(words)
    ((_, rows),) = table(room)
    assert len(rows) == len(KINDS)
