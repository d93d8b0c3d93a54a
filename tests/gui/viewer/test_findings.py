"""Findings in the table of measurements: named, folded, ordered, compared, switched, by key."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.gui.viewer.test_measurement_panel import (
    CURRENT,
    PRIOR,
    SLICES,
    act,
    button,
    choose,
    key,
    length,
    panel_of,
    press,
    written,
)
from tests.gui.viewer.test_measurement_panel import PRIOR_SLICES as OLD
from viewer.model.annotation import AnnotationId
from viewer.qt.finding_dialog import FindingDialog
from viewer.qt.measurement_model import Column

HELD = (
    length("a", SLICES[0], 24.0),
    length("b", SLICES[1], 30.0),
    length("c", SLICES[2], 17.0),
    replace(length("old", OLD[0], 20.0), finding="Liver"),
)


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(qtbot, CURRENT, PRIOR)
    made.open(CURRENT, PRIOR)
    made.area.restore(HELD)
    act(made, "annotation.table")
    return made


def lines(room: Room) -> list[str]:
    """Every line of the table from the top, led by how deep it stands."""
    model = panel_of(room).model
    found: list[str] = []

    def read(above: QModelIndex, depth: int) -> None:
        for row in range(model.rowCount(above)):
            index = model.index(row, 0, above)
            found.append("-" * depth + str(model.data(index)))
            read(index, depth + 1)

    read(QModelIndex(), 0)
    return found


def select(room: Room, *names: str) -> None:
    tree, model = panel_of(room).tree, panel_of(room).model
    choose(room, names[0])
    for name in names[1:]:
        tree.selectionModel().select(
            model.index_of(AnnotationId(name)),
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )


def say(room: Room, name: str) -> None:
    (dialog,) = [d for d in room.area.findChildren(FindingDialog) if d.isVisible()]
    (box,) = dialog.findChildren(QComboBox)
    box.setEditText(name)
    dialog.accept()
    room.settle()


def go_to_finding(room: Room, name: str) -> None:
    panel = panel_of(room)
    study = panel.model.study_of(panel.model.index(0, 0))
    panel.tree.setCurrentIndex(panel.model.index_of_finding(study, name))
    panel.tree.setFocus()


def cell(room: Room, name: str, column: Column) -> str:
    model = panel_of(room).model
    return str(model.data(model.index_of(AnnotationId(name)).siblingAtColumn(column)))


def test_several_are_named_as_one_finding_and_compared_with_the_prior(
    room: Room, tmp_path: Path
) -> None:
    select(room, "a")
    press(room, "finding")
    say(room, " Liver ")
    assert lines(room)[:5] == [
        "Current study · 2026-11-24 · CT chest", "-Length", "-Length", "-Liver", "--Length",
    ]  # fmt: skip
    assert cell(room, "a", Column.BEFORE) == "+2.8 mm (+40.0 %) from 7.0 mm on 2025-01-02"
    select(room, "b", "c")
    act(room, "annotation.finding")
    say(room, "Node")
    assert [one.finding for one in room.area.annotations()] == ["Liver", "Node", "Node", "Liver"]
    assert lines(room)[1:6] == ["-Liver", "--Length", "-Node (2)", "--Length", "--Length"]
    act(room, "annotation.undo")
    assert [one.finding for one in room.area.annotations()] == ["Liver", "", "", "Liver"]
    assert [line["finding"] for line in written(room, tmp_path / "all.csv")] == [
        "", "", "Liver", "Liver",
    ]  # fmt: skip


def test_a_finding_is_renamed_moved_and_folded_by_key(room: Room) -> None:
    room.area.restore([replace(one, finding=name) for one, name in
                       zip(HELD, ("Liver", "Node", "Bone", "Liver"), strict=True)])  # fmt: skip
    act(room, "view.fit")
    go_to_finding(room, "Bone")
    key_alt(room, Qt.Key.Key_Up)
    heads = [line for line in lines(room) if line.startswith("-") and line[1] != "-"]
    assert heads == ["-Liver", "-Bone", "-Node", "-Liver"]
    key_alt(room, Qt.Key.Key_Up)
    assert panel_of(room).model.data(panel_of(room).tree.currentIndex()) == "Bone"
    key(room, Qt.Key.Key_Left)
    folded = panel_of(room).tree.currentIndex()
    assert not panel_of(room).tree.isExpanded(folded)
    act(room, "annotation.undo")
    study = panel_of(room).model.study_of(panel_of(room).model.index(0, 0))
    assert not panel_of(room).tree.isExpanded(panel_of(room).model.index_of_finding(study, "Bone"))
    go_to_finding(room, "Liver")
    press(room, "rename")
    (line,) = panel_of(room).tree.findChildren(QLineEdit)
    line.setText("Segment 7")
    QTest.keyClick(line, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert [one.finding for one in room.area.annotations()] == [
        "Segment 7", "Node", "Bone", "Segment 7",
    ]  # fmt: skip


def key_alt(room: Room, which: Qt.Key) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, which, Qt.KeyboardModifier.AltModifier)
    room.settle()


def test_groups_are_reported_hidden_and_deleted_whole(room: Room) -> None:
    room.area.restore([replace(one, finding="Node") for one in HELD[:3]] + [HELD[3]])
    act(room, "view.fit")
    go_to_finding(room, "Node")
    key(room, Qt.Key.Key_R)
    assert [one.label for one in room.reported] == ["9.8 mm", "14.0 mm", "4.9 mm"]
    assert room.notices[-1] == "Measurements put into the report: 3."
    key(room, Qt.Key.Key_Space)
    assert [one.hidden for one in room.area.annotations()] == [True, True, True, False]
    room.area.go_to(HELD[0].on)
    room.settle()
    overlay = room.pane().overlay_now()
    assert overlay is not None
    assert overlay.shapes == ()
    assert any("MEASUREMENTS HIDDEN · 1" in line.text
               for corner in overlay.corners.values() for line in corner)  # fmt: skip
    said = panel_of(room).model.data(
        panel_of(room).model.index_of(AnnotationId("a")), Qt.ItemDataRole.AccessibleTextRole
    )
    assert said == "Node: Length: 9.8 mm (Series 3, image 1), not shown on the image"
    go_to_finding(room, "Node")
    key(room, Qt.Key.Key_Delete)
    assert [one.id for one in room.area.annotations()] == ["old"]
    assert room.notices[-1] == "Measurements deleted: 3. Undo brings all of them back."
    act(room, "annotation.undo")
    assert len(room.area.annotations()) == 4


def test_targets_add_up_in_the_head_of_their_study(room: Room) -> None:
    select(room, "a", "b")
    act(room, "annotation.target")
    assert lines(room)[0].endswith("· sum of 2 targets 23.8 mm")
    panel, model = panel_of(room), panel_of(room).model
    for name in ("old", "b"):
        index = model.index_of(AnnotationId(name)).siblingAtColumn(Column.TARGET)
        on = model.data(index, Qt.ItemDataRole.CheckStateRole)
        other = Qt.CheckState.Unchecked if on == Qt.CheckState.Checked else Qt.CheckState.Checked
        assert model.setData(index, other, Qt.ItemDataRole.CheckStateRole)
    assert lines(room)[0].endswith("· sum of 1 target 9.8 mm (+40.0 %)")
    assert panel.model.count() == 4


def test_a_press_on_the_box_hides_and_goes_nowhere_and_a_study_is_not_deleted_by_its_head(
    room: Room,
) -> None:
    tree, model = panel_of(room).tree, panel_of(room).model
    room.area.go_to(HELD[0].on)
    room.settle()
    before = room.viewport().state.frame
    index = model.index_of(AnnotationId("c"))
    rect = tree.visualRect(index)
    place = QPoint(rect.left() + 10, rect.center().y())
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    room.settle()
    assert [one.hidden for one in room.area.annotations()] == [False, False, True, False]
    assert room.viewport().state.frame == before
    tree.setCurrentIndex(model.index(0, 0))
    tree.setFocus()
    assert not button(room, "delete").isEnabled()
    press(room, "report")
    assert len(room.reported) == 3
    key(room, Qt.Key.Key_Delete)
    assert len(room.area.annotations()) == 4
