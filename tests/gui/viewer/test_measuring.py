"""Measuring through the real panes: every tool by its action, by pointer, key and dialog."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QDoubleSpinBox, QLineEdit
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.viewer import chest, projection_instance, series_of, study_of
from viewer.measure.kinds import KINDS
from viewer.model.annotation import AnnotationKind
from viewer.model.measurement import CalibrationKind
from viewer.qt.numbers_dialog import NumbersDialog
from viewer.qt.words_dialog import WordsDialog
from viewer.viewport.tools import ToolId

K = AnnotationKind
CURRENT = chest(3)
XRAY = study_of(series_of([projection_instance("PA")]))


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    made = make_room(qtbot, CURRENT)
    made.open(CURRENT)
    return made


def act(room: Room, name: str) -> None:
    room.area.actions_by_id()[name].trigger()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    room.settle()


def click(room: Room, *places: tuple[float, float]) -> None:
    for place in places:
        QTest.mouseClick(room.pane(), Qt.MouseButton.LeftButton, pos=room.at(*place))
    room.settle()


def drag(room: Room, start: tuple[float, float], end: tuple[float, float]) -> None:
    room.drag(room.at(*start), room.at(*end))


def asked(room: Room) -> WordsDialog:
    (dialog,) = [d for d in room.area.findChildren(WordsDialog) if d.isVisible()]
    return dialog


def say(room: Room, text: str = "", known: float = 0.0) -> None:
    dialog = asked(room)
    for line in dialog.findChildren(QLineEdit):
        if line.accessibleName() == "Text":
            line.setText(text)
    for box in dialog.findChildren(QDoubleSpinBox):
        box.setValue(known)
    dialog.accept()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    room.settle()


def test_every_kind_has_its_command(room: Room) -> None:
    actions = room.area.actions_by_id()
    for kind, record in KINDS.items():
        action = actions[f"tool.{kind.value}"]
        assert action.isCheckable()
        assert action.text() == record.title
        action.trigger()
        assert action.isChecked()


def test_an_ellipse_is_drawn_moved_and_reported(room: Room) -> None:
    act(room, "tool.ellipse")
    drag(room, (10, 10), (30, 26))
    (found,) = room.measured
    assert "mm²" in found.label
    assert "mean" in found.label
    assert len(found.others) > 5
    act(room, "annotation.to_report")
    assert room.reported[0].measurement.id == found.measurement.id
    before = room.area.annotations()[0]
    for side in ("left", "right", "up", "down", "right"):
        act(room, f"annotation.nudge_{side}")
    after = room.area.annotations()[0]
    assert after.pixels[0].column == pytest.approx(before.pixels[0].column + 1)
    for _ in range(5):
        act(room, "annotation.undo")
    assert room.area.annotations() == (before,)
    act(room, "annotation.explain")
    assert "k = 2" in room.informed[-1]
    assert "Pixel Spacing is true" in room.informed[-1]


def test_a_polygon_by_clicks_ends_by_enter_and_takes_points(room: Room) -> None:
    act(room, "tool.polygon")
    click(room, (5, 5), (30, 8), (40, 50), (8, 40))
    QTest.keyClick(room.pane(), Qt.Key.Key_Backspace)
    QTest.keyClick(room.pane(), Qt.Key.Key_Return)
    (made,) = room.area.annotations()
    assert len(made.pixels) == 3
    QTest.mouseMove(room.pane(), room.at(36, 30))
    act(room, "annotation.add_point")
    assert len(room.area.annotations()[0].pixels) == 4
    act(room, "annotation.next_point")
    act(room, "annotation.remove_point")
    assert len(room.area.annotations()[0].pixels) == 3
    act(room, "annotation.remove_point")
    assert "needs all its points" in room.notices[-1]


def test_backspace_on_the_first_point_gives_up(room: Room) -> None:
    act(room, "tool.polyline")
    click(room, (5, 5))
    assert room.pane().gesture is not None
    QTest.keyClick(room.pane(), Qt.Key.Key_Backspace)
    assert room.pane().gesture is None
    click(room, (5, 5))
    QTest.keyClick(room.pane(), Qt.Key.Key_Return)
    assert room.pane().gesture is not None  # one point is no line yet
    click(room, (20, 20))
    QTest.mouseDClick(room.pane(), Qt.MouseButton.LeftButton, pos=room.at(20, 20))
    assert room.pane().gesture is None
    assert len(room.area.annotations()) == 1


def test_arrow_text_and_vertebrae(room: Room) -> None:
    act(room, "tool.arrow")
    drag(room, (10, 10), (20, 20))
    assert room.area.annotations() == ()
    say(room, "cyst")
    assert room.area.annotations()[0].text == "cyst"
    act(room, "tool.text")
    click(room, (30, 10))
    asked(room).reject()
    room.settle()
    assert len(room.area.annotations()) == 1
    click(room, (30, 10))
    say(room, "")
    assert len(room.area.annotations()) == 1
    act(room, "tool.spine")
    click(room, (40, 20))
    say(room, "C1")
    click(room, (40, 30))
    assert [a.text for a in room.area.annotations()] == ["cyst", "C1", "C2"]
    act(room, "annotation.words")
    say(room, "T4")
    click(room, (40, 40))
    assert [a.text for a in room.area.annotations()][-2:] == ["T4", "T5"]
    act(room, "annotation.to_report")
    assert "no number" in room.notices[-1]
    act(room, "annotation.explain")
    assert room.informed[-1] == "Spine label: T5."


def test_a_calibration_is_shown_used_and_never_cleared_silently(qtbot: QtBot) -> None:
    room = make_room(qtbot, XRAY)
    room.open(XRAY)
    act(room, "tool.length")
    drag(room, (10, 10), (30, 10))
    assert room.measured[-1].label.endswith("px")
    act(room, "tool.calibration")
    drag(room, (10, 30), (30, 30))
    dialog = asked(room)
    dialog.accept()
    assert dialog.isVisible()  # a length of nothing is none
    say(room, known=50)
    assert "Calibrated by Dr. Ito" in room.notices[-1]
    length = next(m for m in reversed(room.measured) if m.measurement.name.meaning == "Length")
    assert length.label == "50.0 mm calibrated by hand"
    assert length.measurement.calibration is CalibrationKind.USER
    act(room, "annotation.delete")
    assert "not calibrated by hand any more" in room.notices[-1]
    assert room.measured[-1].label.endswith("px")
    act(room, "annotation.undo")
    assert room.measured[-1].label == "50.0 mm calibrated by hand"


def test_ct_is_not_calibrated_by_hand(room: Room) -> None:
    act(room, "tool.calibration")
    drag(room, (10, 30), (30, 30))
    assert "The header of a CT image" in room.notices[-1]
    assert room.area.annotations() == ()


def test_measurements_are_chosen_and_copied_by_key(room: Room) -> None:
    act(room, "annotation.next")
    assert "no measurement on this image" in room.informed[-1]
    act(room, "annotation.paste")
    assert "Copy a measurement first" in room.notices[-1]
    act(room, "annotation.copy")
    assert "Click a measurement first" in room.notices[-1]
    act(room, "tool.length")
    drag(room, (10, 10), (30, 10))
    drag(room, (10, 30), (30, 34))
    act(room, "annotation.next")
    act(room, "annotation.copy")
    act(room, "frame.next")
    act(room, "annotation.nudge_left")
    assert "on another image" in room.notices[-1]
    act(room, "annotation.paste")
    first, _, copy = room.area.annotations()
    assert copy.pixels == first.pixels
    assert copy.on != first.on
    act(room, "annotation.snap")
    assert "snap" in room.informed[-1]
    act(room, "annotation.snap")
    assert "stay where they are put" in room.informed[-1]
    act(room, "annotation.next_point")
    act(room, "annotation.nudge_right")
    moved = room.area.annotations()[2]
    assert moved.pixels[0].column == pytest.approx(copy.pixels[0].column + 1)
    assert moved.pixels[1] == copy.pixels[1]


@pytest.mark.parametrize(
    ("tool", "typed", "kind"),
    [
        ("polygon", "2,2; 10,2; 10,10", K.POLYGON),
        ("circle", None, K.CIRCLE),
        ("cobb", None, K.COBB),
        ("probe", None, K.PROBE),
    ],
)
def test_every_kind_can_be_placed_by_numbers(
    room: Room, tool: str, typed: str | None, kind: AnnotationKind
) -> None:
    act(room, f"tool.{tool}")
    act(room, "annotation.by_numbers")
    (dialog,) = room.area.findChildren(NumbersDialog)
    assert KINDS[kind].title in dialog.windowTitle()
    if typed is not None:
        lines = [one for one in dialog.findChildren(QLineEdit) if "column" in one.accessibleName()]
        lines[0].setText("2,2; x")
        dialog.accept()
        assert "no point of 2 numbers" in dialog.problem()
        lines[0].setText("2,2; 9,9")
        dialog.accept()
        assert "at least 3 points" in dialog.problem()
        lines[0].setText(typed)
    dialog.accept()
    (made,) = room.area.annotations()
    assert made.kind is kind
    if typed is not None:
        assert made.pixels[1] == (9, 1)


def test_a_region_without_its_pixels_is_not_measured_by_halves(room: Room) -> None:
    act(room, "tool.rectangle")
    drag(room, (10, 10), (30, 26))
    ident = room.area.annotations()[0].id
    assert room.finding(ident) is not None
    assert {tool.kind for tool in ToolId if tool.kind} == set(K)
    assert np.isfinite([m.value for m in room.measured[-1].others]).all()
    assert not any(d.isVisible() for d in room.area.findChildren(QDialog))


def test_what_is_chosen_on_another_image_is_not_deleted_unseen(room: Room) -> None:
    act(room, "tool.length")
    drag(room, (10, 10), (20, 10))
    act(room, "frame.next")
    act(room, "annotation.delete")
    assert len(room.area.annotations()) == 1
    assert "on another image" in room.notices[-1]
    act(room, "frame.previous")
    act(room, "annotation.delete")
    assert room.area.annotations() == ()


def test_a_copy_keeps_its_words_and_a_held_point_snaps_with_any_tool(room: Room) -> None:
    act(room, "tool.text")
    click(room, (10.3, 12.2))
    say(room, "cyst")
    act(room, "annotation.copy")
    act(room, "frame.next")
    act(room, "annotation.paste")
    assert [one.text for one in room.area.annotations()] == ["cyst", "cyst"]
    assert not [d for d in room.area.findChildren(WordsDialog) if d.isVisible()]
    act(room, "annotation.snap")
    act(room, "tool.scroll")
    at = room.area.annotations()[1].pixels[0]
    drag(room, (at.column, at.row), (at.column + 4.4, at.row + 3.3))
    moved = room.area.annotations()[1].pixels[0]
    assert (moved.column % 1, moved.row % 1) == (0, 0)
    assert moved != at


def test_a_calibration_line_is_explained_too(qtbot: QtBot) -> None:
    room = make_room(qtbot, XRAY)
    room.open(XRAY)
    act(room, "tool.calibration")
    drag(room, (10, 10), (30, 10))
    say(room, known=40.0)
    act(room, "annotation.explain")
    assert room.informed[-1].startswith("Calibration line: Calibration: 40 mm = ")
    act(room, "tool.length")
    drag(room, (10, 30), (30, 30))
    act(room, "annotation.explain")
    assert "calibration by hand" in room.informed[-1]
    assert "placing the points" in room.informed[-1]
