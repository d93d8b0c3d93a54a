"""3D in the reading area: opened, turned, cropped, cut, left again; refused with the reason."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room, move
from tests.kit.planes import noise, volume_study
from tests.kit.volume3d import Workshop
from viewer.model.presentation import Rescale
from viewer.model.study import Study
from viewer.qt.screens import screens_by_key
from viewer.qt.volume_board import VolumeBoard
from viewer.render import volume_picture
from viewer.viewport.camera import SIDES
from viewer.viewport.corners import Corner
from viewer.viewport.volume_view import CropBox, Cutting, VolumeState

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def workshop(monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Processes that draw nothing but remember what they were asked."""
    made = Workshop()
    monkeypatch.setattr(volume_picture, "VolumeProcess", made)
    return made


def _room(qtbot: QtBot, study: Study | None = None) -> Room:
    study = study or volume_study()
    room = make_room(qtbot, study, arrays=noise(study))
    room.open(study)
    return room


def _board(room: Room) -> VolumeBoard:
    (found,) = room.area.findChildren(VolumeBoard)
    return found


def _opened(qtbot: QtBot) -> tuple[Room, VolumeBoard]:
    room = _room(qtbot)
    room.key(Qt.Key.Key_V, modifier=SHIFT)
    return room, _board(room)


def _crop(board: VolumeBoard) -> CropBox | None:
    return board.viewport.state.crop


def _cutting(board: VolumeBoard) -> Cutting | None:
    return board.viewport.state.cutting


def _line(board: VolumeBoard) -> int:
    return len(board.viewport.state.line)


def _cuts(board: VolumeBoard) -> list[bool]:
    """Of each cut whether it took what lies inside."""
    return [cut.inside for cut in board.viewport.state.cuts]


def _rest(room: Room, board: VolumeBoard, qtbot: QtBot) -> None:
    """Let the view stand and be drawn whole."""

    def rests() -> bool:
        room.settle()
        return board.picture.at_rest

    qtbot.waitUntil(rests)


def _drag(board: VolumeBoard, *places: QPoint) -> None:
    pane, left = board.widget, Qt.MouseButton.LeftButton
    QTest.mousePress(pane, left, pos=places[0])
    for place in places[1:]:
        move(pane, place, left)
    QTest.mouseRelease(pane, left, pos=places[-1])


def _do(room: Room, *names: str) -> None:
    for name in names:
        room.area.actions_by_id()[name].trigger()
        room.settle()


def test_a_key_opens_it_and_escape_leaves_it(qtbot: QtBot, workshop: Workshop) -> None:
    room, board = _opened(qtbot)
    _rest(room, board, qtbot)
    assert room.area.actions_by_id()["volume.open"].isChecked()
    assert board.widget.accessibleName() == "3D view"
    assert "3D reconstruction, Bone" in board.widget.accessibleDescription()
    assert "not for measurement" in board.widget.accessibleDescription()
    QTest.keyClick(board.widget, Qt.Key.Key_Escape)
    room.settle()
    qtbot.waitUntil(lambda: not room.area.findChildren(VolumeBoard))
    assert room.pane().isVisible()
    assert [process.closed for process in workshop.made] == [1, 1]


def test_patient_letters_and_the_mark_stand_on_it(qtbot: QtBot, workshop: Workshop) -> None:
    room, board = _opened(qtbot)
    room.area.mark_displays(dict.fromkeys(screens_by_key(), "SELF-TEST FAILED"))
    made = board._compose(board.viewport.state)
    assert made is not None
    words = [line.text for corner in Corner for line in made.corners[corner]]
    assert "DOE^JANE" in words
    assert "NOT DIAGNOSTIC · SELF-TEST FAILED" in words
    assert "NOT FOR MEASUREMENT" in words
    assert "3D reconstruction · Bone" in words
    assert (made.letters.left, made.letters.right) == ("R", "L")
    assert (made.letters.top, made.letters.bottom) == ("H", "F")
    assert made.ruler is None
    assert made.volume is not None
    assert [side.letter for side in made.volume.cube] == ["A"]


def test_it_is_coarse_while_it_moves_and_whole_when_it_stands(
    qtbot: QtBot, workshop: Workshop
) -> None:
    room, board = _opened(qtbot)
    _rest(room, board, qtbot)
    whole = len(workshop.whole.drawn)
    _drag(board, QPoint(300, 300), QPoint(330, 300), QPoint(360, 310))
    room.settle()
    assert board.viewport.state.moving
    assert len(workshop.whole.drawn) == whole
    assert workshop.quick.drawn[-1][2] > 1
    shown = board.picture.shown
    assert shown is not None
    assert not board.picture.at_rest
    _rest(room, board, qtbot)
    assert len(workshop.whole.drawn) == whole + 1
    assert workshop.whole.drawn[-1][2] == 1


def test_arrow_keys_turn_it_and_images_stay_where_they_are(
    qtbot: QtBot, workshop: Workshop
) -> None:
    room, board = _opened(qtbot)
    at = room.viewport().state.index
    QTest.keyClick(board.widget, Qt.Key.Key_Left)
    QTest.keyClick(board.widget, Qt.Key.Key_Up, modifier=SHIFT)
    room.settle()
    turned = SIDES["A"].turned(-0.08726646, 0).turned(0, -0.52359878)
    assert (board.viewport.state.camera.right - turned.right).norm < 1e-6
    assert (board.viewport.state.camera.down - turned.down).norm < 1e-6
    assert room.viewport().state.index == at


@pytest.mark.parametrize("letter", sorted(SIDES))
def test_each_side_has_its_command(qtbot: QtBot, workshop: Workshop, letter: str) -> None:
    room, board = _opened(qtbot)
    _do(room, "volume.turn_left", f"volume.side_{letter.lower()}")
    assert board.viewport.state.camera == SIDES[letter]


def test_looks_follow_each_other_and_the_window_tool_moves_them(
    qtbot: QtBot, workshop: Workshop
) -> None:
    room, board = _opened(qtbot)
    _rest(room, board, qtbot)
    bone = workshop.whole.drawn[-1][1].look
    _do(room, "volume.preset")
    assert room.informed[-1] == "3D: Vessels"
    _rest(room, board, qtbot)
    assert workshop.whole.drawn[-1][1].look != bone
    for _ in range(4):
        _do(room, "volume.preset")
    _do(room, "tool.window")
    _drag(board, QPoint(300, 300), QPoint(300, 340))
    _rest(room, board, qtbot)
    moved = workshop.whole.drawn[-1][1].look
    assert moved.tints[0][0] > bone.tints[0][0]


def test_the_box_crops_by_its_handles_and_can_be_undone(qtbot: QtBot, workshop: Workshop) -> None:
    room, board = _opened(qtbot)
    _do(room, "volume.crop")
    assert room.area.actions_by_id()["volume.crop"].isChecked()
    made = board._compose(board.viewport.state)
    assert made is not None
    assert made.volume is not None
    assert len(made.volume.edges) == 12
    face = next(f for f in made.volume.faces if f.axis == 0 and f.high)
    at = board.widget.from_pane(face.at).toPoint()
    _drag(board, at, at - QPoint(20, 0), at - QPoint(40, 0))
    room.settle()
    crop, whole = _crop(board), board.viewport.whole
    assert crop is not None
    assert crop.high.i < whole.high.i
    assert crop.low == whole.low
    assert board.viewport.state.camera == SIDES["A"]
    _do(room, "annotation.undo")
    assert _crop(board) is None
    _do(room, "annotation.redo")
    assert _crop(board) == crop
    _rest(room, board, qtbot)
    assert workshop.whole.drawn[-1][1].box is not None
    _do(room, "volume.whole")
    assert _crop(board) is None


def test_a_drawn_line_cuts_and_a_click_cuts_nothing(qtbot: QtBot, workshop: Workshop) -> None:
    room, board = _opened(qtbot)
    _do(room, "volume.cut")
    assert _cutting(board) is Cutting.INSIDE
    _drag(board, QPoint(200, 200), QPoint(201, 201))
    assert _cuts(board) == []
    assert "Draw a line" in room.notices[-1]
    corners = [QPoint(300, 200), QPoint(420, 200), QPoint(420, 320), QPoint(300, 320)]
    _drag(board, *corners)
    room.settle()
    assert _cuts(board) == [True]
    assert "cut" in board.widget.accessibleDescription()
    _do(room, "volume.keep")
    assert _cutting(board) is Cutting.OUTSIDE
    _drag(board, *corners)
    assert _cuts(board) == [True, False]
    _rest(room, board, qtbot)
    assert len(workshop.whole.drawn[-1][0].cuts) == 2
    _do(room, "annotation.undo", "annotation.undo")
    assert _cuts(board) == []


def test_escape_ends_first_what_is_drawn_then_the_mode_then_3d(
    qtbot: QtBot, workshop: Workshop
) -> None:
    room, board = _opened(qtbot)
    _do(room, "volume.cut")
    QTest.mousePress(board.widget, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    move(board.widget, QPoint(260, 200), Qt.MouseButton.LeftButton)
    assert _line(board)
    _do(room, "view.reset")
    assert not _line(board)
    QTest.mouseRelease(board.widget, Qt.MouseButton.LeftButton, pos=QPoint(260, 200))
    assert _cutting(board) is not None
    _do(room, "view.reset")
    assert _cutting(board) is None
    _do(room, "view.reset")
    qtbot.waitUntil(lambda: not room.area.findChildren(VolumeBoard))
    assert room.informed[-1] == "3D is closed."


def test_what_makes_no_sense_in_3d_says_so(qtbot: QtBot, workshop: Workshop) -> None:
    room, board = _opened(qtbot)
    _do(room, "window.auto")
    assert room.notices[-1] == "This works on images and planes: leave 3D first."
    _do(room, "tool.length")
    _drag(board, QPoint(200, 200), QPoint(260, 200))
    assert room.notices[-1].startswith("Nothing is measured in 3D")
    assert room.area.annotations() == ()


def test_planes_and_3d_share_one_volume_and_take_turns(qtbot: QtBot, workshop: Workshop) -> None:
    room = _room(qtbot)
    _do(room, "mpr.open")
    source = room.area._mpr.volume.source
    _do(room, "volume.open")
    assert source is not None
    assert room.area._volume._volume.source is source
    assert not room.area._mpr.is_on
    _board(room)
    _do(room, "mpr.open")
    qtbot.waitUntil(lambda: not room.area.findChildren(VolumeBoard))
    assert room.area._mpr.is_on


def test_another_series_and_a_closed_case_leave_it(qtbot: QtBot, workshop: Workshop) -> None:
    room, _ = _opened(qtbot)
    _do(room, "layout.2")
    qtbot.waitUntil(lambda: not room.area.findChildren(VolumeBoard))
    _do(room, "volume.open")
    room.area.close_case()
    qtbot.waitUntil(lambda: not room.area.findChildren(VolumeBoard))
    assert all(process.killed == 1 for process in workshop.made)
    room.settle()
    assert all(process.closed == 1 for process in workshop.made)


def test_the_end_of_the_program_waits_for_no_executor(qtbot: QtBot, workshop: Workshop) -> None:
    room, _ = _opened(qtbot)
    room.area.shut_down()
    assert [process.killed for process in workshop.made] == [1, 1]
    assert [process.closed for process in workshop.made] == [1, 1]


def test_two_images_are_refused_with_the_reason(qtbot: QtBot, workshop: Workshop) -> None:
    room = _room(qtbot, volume_study(count=2))
    action = room.area.actions_by_id()["volume.open"]
    assert not action.isEnabled()
    assert "Fewer than 3 slices" in action.toolTip()
    QTest.keyClick(room.pane(), Qt.Key.Key_V, modifier=SHIFT)
    assert "Fewer than 3 slices" in room.notices[-1]
    assert workshop.made == []


def test_no_opengl_is_a_sentence_and_the_rest_goes_on(qtbot: QtBot, workshop: Workshop) -> None:
    workshop.failure = "This computer offers no OpenGL."
    room, board = _opened(qtbot)
    at = room.viewport().state.index
    error = board.picture.error
    assert error is not None
    assert error.sentence == "This computer offers no OpenGL."
    assert board.widget.error_title == "This volume cannot be shown in 3D."
    board.widget.grab()  # the sentence is painted
    QTest.keyClick(board.widget, Qt.Key.Key_Escape)
    room.settle()
    room.key(Qt.Key.Key_Down)
    assert room.viewport().state.index == at + 1


def test_the_whole_that_fails_leaves_the_coarse_picture(qtbot: QtBot, workshop: Workshop) -> None:
    room = _room(qtbot)
    room.area.actions_by_id()["volume.open"].trigger()
    workshop.whole.failure = "Drawing in 3D crashed."

    def told() -> bool:
        room.settle()
        return "3D stays coarse" in room.notices[-1]

    qtbot.waitUntil(told)
    board = _board(room)
    assert board.picture.error is None
    assert board.picture.pixels is not None
    shown = board.picture.shown
    assert isinstance(shown, VolumeState)
    made = board._compose(shown)
    assert made is not None
    assert "COARSE" in [line.text for line in made.corners[Corner.BOTTOM_LEFT]]


def test_what_is_not_in_hounsfield_units_has_the_brightest_values(
    qtbot: QtBot, workshop: Workshop
) -> None:
    study = volume_study(modality_lut=Rescale(1, 0, ""))
    room = _room(qtbot, study)
    _do(room, "volume.open")
    preset = _board(room).viewport.state.preset
    assert preset is not None
    assert preset.name == "MIP"


def test_its_picture_is_copied_with_all_its_marks(qtbot: QtBot, workshop: Workshop) -> None:
    room, board = _opened(qtbot)
    _rest(room, board, qtbot)
    sheet = room.area._pictures.sheet()
    assert sheet is not None
    words = [line.text for corner in Corner for line in sheet.overlay.corners[corner]]
    assert "NOT FOR MEASUREMENT" in words
    assert "DOE^JANE" in words
    pane = board.viewport.state.pane
    assert (sheet.picture.width(), sheet.picture.height()) == (pane.width, pane.height)
