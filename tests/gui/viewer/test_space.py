"""What lies in space, through the real panes: drawn on planes, measured, seen and edited."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room, move
from tests.kit.planes import noise, volume_study
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PointLps
from viewer.model.volume_geometry import Index
from viewer.qt.measurement_model import Column
from viewer.qt.measurement_panel import MeasurementPanel
from viewer.qt.mpr_board import MprBoard
from viewer.qt.numbers_dialog import NumbersDialog
from viewer.qt.range_dialog import RangeDialog
from viewer.qt.viewport_widget import ViewportWidget
from viewer.qt.words_dialog import WordsDialog
from workstation.store.codec import decode, encode

K = AnnotationKind
STUDY = volume_study()
ARRAYS = noise(STUDY)
for _frame in ARRAYS.values():
    _frame[_frame > 1400] = 3
    _frame[8:28, 10:26] = 1500
    _frame[8:28:2, 10:26] += 1  # a block of two values


class Planes:
    """A room with the planes of its volume."""

    def __init__(self, qtbot: QtBot) -> None:
        self.room: Room = make_room(qtbot, STUDY, arrays=ARRAYS)
        self.room.open(STUDY)
        self.act("mpr.open")
        (self.board,) = self.room.area.findChildren(MprBoard)

    def act(self, name: str) -> None:
        self.room.area.actions_by_id()[name].trigger()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        self.room.settle()

    def pane(self, name: str) -> ViewportWidget:
        found = self.board.findChild(ViewportWidget, f"mpr.{name}")
        assert isinstance(found, ViewportWidget)
        return found

    def point(self, i: float, j: float, k: float) -> PointLps:
        return self.board.reformat.geometry.to_lps(Index(i, j, k))

    def at(self, pane: ViewportWidget, point: PointLps) -> QPoint:
        plane, transform = pane.viewport.plane, pane.viewport.transform()
        assert plane is not None
        assert transform is not None
        return pane.from_pane(transform.to_pane(plane.to_pixel(point))).toPoint()

    def drag(self, name: str, a: PointLps, b: PointLps) -> None:
        pane = self.pane(name)
        start, end = self.at(pane, a), self.at(pane, b)
        QTest.mousePress(pane, Qt.MouseButton.LeftButton, pos=start)
        move(pane, end, Qt.MouseButton.LeftButton)
        QTest.mouseRelease(pane, Qt.MouseButton.LeftButton, pos=end)
        self.room.settle()

    def click(self, name: str, point: PointLps) -> None:
        pane = self.pane(name)
        QTest.mouseClick(pane, Qt.MouseButton.LeftButton, pos=self.at(pane, point))
        self.room.settle()

    def labels(self, name: str) -> list[str]:
        overlay = self.pane(name).overlay_now()
        assert overlay is not None
        return [shape.label for shape in overlay.shapes]

    def last(self) -> Annotation:
        annotations: tuple[Annotation, ...] = self.room.area.annotations()
        return annotations[-1]


def test_a_sphere_says_the_same_in_every_pane_and_is_edited_by_key(qtbot: QtBot) -> None:
    planes = Planes(qtbot)
    room, c = planes.room, planes.point(17, 19, 5)
    planes.act("tool.sphere")
    planes.drag("axial", c, c.plus(PointLps(4.2, 0, 0)))
    (label,) = planes.labels("axial")
    assert label.startswith("0.3")
    assert "voxels" in label
    assert planes.labels("coronal") == planes.labels("sagittal") == planes.labels("source")
    assert room.measured[-1].label == ", ".join(label.split("\n"))
    assert room.measured[-1].measurement.plus_minus is not None
    before = planes.last()
    planes.act("annotation.nudge_right")
    moved = planes.last()
    assert moved.id == before.id
    assert moved.points[0].x == before.points[0].x + 0.7
    planes.act("annotation.copy")
    planes.act("annotation.paste")
    assert len(room.area.annotations()) == 2
    planes.act("annotation.undo")
    planes.act("annotation.next")
    planes.act("annotation.delete")
    assert room.area.annotations() == ()
    planes.act("annotation.undo")
    assert planes.last() == moved
    planes.act("mpr.open")  # back in the stack
    overlay = room.pane().overlay_now()
    assert overlay is not None
    assert overlay.shapes[0].label.replace("\n", ", ") == room.measured[-1].label


def test_a_volume_grows_beside_the_work_and_again_in_another_range(qtbot: QtBot) -> None:
    planes = Planes(qtbot)
    seed = planes.point(17, 19, 5)
    planes.act("tool.grown")
    planes.drag("sagittal", seed, seed.plus(PointLps(0, 20, 0)))
    made = planes.last()
    assert made.kind is K.GROWN
    assert made.span is not None
    low, high = made.span
    assert low <= 476 <= high
    assert "grown from" in planes.labels("axial")[0]
    planes.act("annotation.range")
    (dialog,) = [d for d in planes.room.area.findChildren(RangeDialog) if d.isVisible()]
    boxes = dialog.findChildren(QDoubleSpinBox)
    boxes[0].setValue(477)
    boxes[1].setValue(400)
    dialog.accept()
    assert dialog.isVisible()  # the lowest above the highest
    boxes[0].setValue(476)
    boxes[1].setValue(477)
    dialog.accept()
    planes.room.settle()
    assert f"{20 * 16 * 12} voxels" in planes.labels("axial")[0]
    volume = planes.room.measured[-1].measurement.value
    assert volume == pytest.approx(20 * 16 * 12 * 0.7 * 0.7 * 2 / 1000)
    planes.act("annotation.undo")
    assert planes.last().span == (low, high)


def test_a_line_waits_for_its_second_click_and_escape_gives_it_up(qtbot: QtBot) -> None:
    planes = Planes(qtbot)
    planes.act("tool.line-3d")
    planes.click("axial", planes.point(10, 12, 5))
    planes.act("view.reset")
    assert planes.room.area.annotations() == ()
    planes.click("axial", planes.point(10, 12, 5))
    planes.click("coronal", planes.point(20, 19, 8))
    made = planes.last()
    assert f"{(made.points[1] - made.points[0]).norm:.1f} mm" in planes.labels("axial")
    assert planes.room.measured[-1].image == "Series 3, image 6"


def test_vertebrae_are_counted_on_one_plane_and_seen_on_all(qtbot: QtBot) -> None:
    planes = Planes(qtbot)
    planes.act("tool.spine")
    planes.click("sagittal", planes.point(17, 19, 5))
    (dialog,) = [d for d in planes.room.area.findChildren(WordsDialog) if d.isVisible()]
    dialog.findChildren(QLineEdit)[0].setText("L3")
    dialog.accept()
    planes.room.settle()
    planes.click("sagittal", planes.point(17, 19, 9))
    planes.click("sagittal", planes.point(17, 19, 2))
    assert sorted(planes.labels("coronal")) == sorted(planes.labels("sagittal"))
    assert sorted(planes.labels("axial")) == ["L2", "L3", "L4"]
    planes.act("annotation.renumber")
    (dialog,) = [d for d in planes.room.area.findChildren(WordsDialog) if d.isVisible()]
    dialog.findChildren(QLineEdit)[0].setText("L5")
    dialog.accept()
    planes.room.settle()
    assert [a.text for a in planes.room.area.annotations()] == ["S1", "S2", "L5"]
    planes.act("annotation.undo")
    assert [a.text for a in planes.room.area.annotations()] == ["L3", "L4", "L2"]


def test_an_outline_follows_edges_in_the_stack(qtbot: QtBot) -> None:
    room = make_room(qtbot, STUDY, arrays=ARRAYS)
    room.open(STUDY)
    room.area.actions_by_id()["tool.livewire"].trigger()
    pane = room.pane()
    for place in ((10, 8), (25, 8), (25, 27), (10, 27)):
        QTest.mouseMove(pane, room.at(*place))
        QTest.mouseClick(pane, Qt.MouseButton.LeftButton, pos=room.at(*place))
        room.settle()
    QTest.keyClick(pane, Qt.Key.Key_Backspace)
    QTest.mouseClick(pane, Qt.MouseButton.LeftButton, pos=room.at(10, 27))
    room.settle()
    QTest.keyClick(pane, Qt.Key.Key_Return)
    room.settle()
    (made,) = room.area.annotations()
    assert made.kind is K.LIVEWIRE
    assert len(made.pixels) > 50
    off = [min(abs(p.column - c) for c in (9.5, 25.5)) for p in made.pixels]
    beside = [min(abs(p.row - r) for r in (7.5, 27.5)) for p in made.pixels]
    assert max(map(min, off, beside)) <= 1.5  # on one edge of the block or another


def test_what_was_measured_on_a_plane_has_its_values_once_the_volume_is_here(qtbot: QtBot) -> None:
    planes = Planes(qtbot)
    planes.act("tool.ellipse")
    planes.drag("coronal", planes.point(12, 19, 3), planes.point(22, 19, 8))
    (made,) = planes.room.area.annotations()
    assert made.plane is not None
    (label,) = planes.labels("coronal")
    assert label.endswith("px, interpolated")
    kept = decode(Annotation, encode(made))
    assert kept == made
    again = make_room(qtbot, STUDY, arrays=ARRAYS)
    again.open(STUDY)
    again.area.restore([kept])
    again.area.actions_by_id()["annotation.table"].trigger()
    again.settle()
    table = again.area.findChild(MeasurementPanel)
    assert isinstance(table, MeasurementPanel)

    def value() -> str:
        head = table.model.index(0, 0)
        return str(table.model.data(table.model.index(0, Column.VALUE, head)))

    assert "on MPR" in value()
    assert "mean" not in value()
    again.area.actions_by_id()["mpr.open"].trigger()
    again.settle()
    value()  # as the table is painted anew
    again.settle()
    assert value() == label.replace("\n", ", ")


def test_what_lies_between_two_images_is_shown_on_the_nearer_one(qtbot: QtBot) -> None:
    planes = Planes(qtbot)
    reformat = planes.board.reformat
    reformat.put(reformat.crosshair.moved(planes.point(17, 19, 5.2)))
    planes.act("tool.rectangle")
    planes.drag("axial", planes.point(12, 12, 5.2), planes.point(22, 22, 5.2))
    (made,) = planes.room.area.annotations()
    assert made.plane is not None
    (label,) = planes.labels("axial")
    assert label.endswith("px, interpolated")
    assert planes.labels("source") == [label]
    assert planes.labels("coronal") == [""]  # it only passes through


def test_nothing_is_measured_by_numbers_on_a_slab(qtbot: QtBot) -> None:
    planes = Planes(qtbot)
    planes.act("mpr.slab")
    planes.act("tool.length")
    planes.act("annotation.by_numbers")
    (dialog,) = planes.room.area.findChildren(NumbersDialog)
    for box in dialog.findChildren(QDoubleSpinBox):
        box.setValue(12.0 if "To" in box.accessibleName() else 9.0)
    dialog.accept()
    assert dialog.problem().startswith("A slab shows what lies behind each other")
    assert planes.room.area.annotations() == ()
