"""A curved picture in MPR: its path drawn, taken back, given up, shown and left again."""

import gc
import weakref
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox, QFileDialog
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, grabbed, make_room, move
from tests.kit.executors import StepExecutor
from tests.kit.planes import noise, volume_study
from tests.kit.viewer import ArrayPool, OneHeader
from viewer.loading.frames import FrameCache
from viewer.loading.pool import DecodePool
from viewer.model.sample_grid import Slab, SlabMode
from viewer.qt.mpr_board import MprBoard
from viewer.qt.numbers_dialog import NumbersDialog
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.curved import CurvedPicture
from viewer.viewport.corners import Corner
from viewer.viewport.curved import CurvedSheet, CurvedViewport
from viewer.viewport.letters import EdgeLetters
from viewer.viewport.planes import PlaneName
from viewer.viewport.shapes import Shape

SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT_SHIFT = Qt.KeyboardModifier.AltModifier | SHIFT
LEFT = Qt.MouseButton.LeftButton


def _opened(qtbot: QtBot) -> tuple[Room, MprBoard]:
    study = volume_study()
    room = make_room(qtbot, study, arrays=noise(study))
    room.open(study)
    room.key(Qt.Key.Key_M, modifier=SHIFT)
    (board,) = room.area.findChildren(MprBoard)
    return room, board


def _pane(board: MprBoard, name: str) -> ViewportWidget:
    found = board.findChild(ViewportWidget, name)
    assert isinstance(found, ViewportWidget)
    return found


def _axial(board: MprBoard) -> ViewportWidget:
    return _pane(board, "mpr.axial")


def _held(widget: ViewportWidget) -> bool:
    return widget.gesture is not None


def _draws(board: MprBoard) -> bool:
    return board.draws_path


def _command(room: Room) -> None:
    room.area.actions_by_id()["mpr.curved"].trigger()
    room.settle()


def _places(widget: ViewportWidget, *shares: tuple[float, float]) -> list[QPoint]:
    middle, edge = widget.rect().center(), min(widget.width(), widget.height())
    return [middle + QPoint(int(x * edge), int(y * edge)) for x, y in shares]


def _click(room: Room, widget: ViewportWidget, *shares: tuple[float, float]) -> None:
    for place in _places(widget, *shares):
        QTest.mouseMove(widget, place)
        QTest.mouseClick(widget, LEFT, pos=place)
    room.settle()


PATH = ((-0.3, 0.1), (-0.1, -0.2), (0.15, 0.1), (0.3, -0.15))


def _drawn(qtbot: QtBot) -> tuple[Room, MprBoard, ViewportWidget]:
    room, board = _opened(qtbot)
    _command(room)
    _click(room, _axial(board), *PATH)
    QTest.keyClick(_axial(board), Qt.Key.Key_Return)
    room.settle()
    return room, board, board.widgets[3]


def test_a_path_is_drawn_and_shown_in_place_of_the_images(qtbot: QtBot) -> None:
    room, board, pane = _drawn(qtbot)
    viewport = pane.viewport
    assert isinstance(viewport, CurvedViewport)
    assert isinstance(pane.picture, CurvedPicture)
    assert pane.isVisible()
    assert pane.picture.at_rest
    assert grabbed(pane).max() > 100
    assert pane.accessibleName() == "MPR curved picture along a path"
    assert not _pane(board, "mpr.source").isVisible()
    sheet = viewport.state.sheet
    assert sheet is not None
    assert len(sheet.path.points) == 4
    axial = board.reformat.viewports[PlaneName.AXIAL]
    assert axial.plane is not None
    for point in sheet.path.points:
        assert axial.plane.distance(point) == pytest.approx(0, abs=1e-9)
    overlay = pane.overlay_now()
    assert overlay is not None
    texts = [line.text for line in overlay.corners[Corner.BOTTOM_LEFT]]
    assert any(t.startswith("CURVED along the path · H above") for t in texts)
    assert overlay.letters == EdgeLetters()
    assert (overlay.crosshair, overlay.shapes) == ((), ())
    assert overlay.ruler is not None
    assert "CURVED" in pane.accessibleDescription()
    assert not board.shapes.on(board.reformat.viewports[PlaneName.AXIAL])
    assert not _draws(board)
    on_plane = _axial(board).overlay_now()
    assert on_plane is not None
    (shape,) = on_plane.shapes
    assert len(shape.points) == 4
    assert len(shape.paths[0]) > 100
    room.key(Qt.Key.Key_M, modifier=SHIFT)


def test_no_area_is_measured_and_nothing_seen_or_pointed_at_there(qtbot: QtBot) -> None:
    room, board, pane = _drawn(qtbot)
    seen: list[object] = []
    board.seen.connect(seen.append)
    centre = board.reformat.crosshair.centre
    room.notices.clear()
    room.area.actions_by_id()["tool.ellipse"].trigger()
    QTest.mouseClick(pane, LEFT, pos=pane.rect().center())
    room.settle()
    assert any("only lengths are measured" in one for one in room.notices)
    assert board.plane is None
    assert pane not in board.planes
    pane.picture.changed.emit()
    qtbot.wait(200)
    assert not seen
    for widget in board.widgets:
        widget.pointer = pane.to_pane(QPointF(pane.rect().center())) if widget is pane else None
    assert not board.go_to_pointer()
    assert board.reformat.crosshair.centre == centre


def test_the_window_is_one_with_the_planes(qtbot: QtBot) -> None:
    room, board, pane = _drawn(qtbot)
    board.reformat.viewports[PlaneName.CORONAL].set_window(400, 800)
    room.settle()
    assert pane.viewport.window() == board.reformat.viewports[PlaneName.AXIAL].window()
    pane.viewport.set_window(300, 200)
    room.settle()
    look = board.reformat.viewports[PlaneName.SAGITTAL].state.look
    assert look.voi == pane.viewport.state.look.voi
    assert pane.picture.at_rest


def test_a_double_click_ends_and_backspace_takes_the_last_point_back(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    _command(room)
    axial = _axial(board)
    _click(room, axial, *PATH[:3])
    QTest.keyClick(axial, Qt.Key.Key_Backspace)
    _click(room, axial, PATH[3])
    QTest.mouseDClick(axial, LEFT, pos=_places(axial, PATH[3])[0])
    room.settle()
    viewport = board.widgets[3].viewport
    assert isinstance(viewport, CurvedViewport)
    assert viewport.state.sheet is not None
    assert len(viewport.state.sheet.path.points) == 3


def test_escape_gives_the_path_up(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    _command(room)
    axial, source = _axial(board), board.widgets[3]
    _click(room, axial, *PATH[:2])
    assert _held(axial)
    room.area.actions_by_id()["view.reset"].trigger()
    room.settle()
    assert not _held(axial)
    assert not _draws(board)
    assert board.widgets[3] is source
    centre = board.reformat.crosshair.centre
    _click(room, axial, (0.2, 0.2))
    assert board.reformat.crosshair.centre != centre  # a click goes there again


def test_a_path_does_not_outlive_the_plane_it_is_drawn_on(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    _command(room)
    _click(room, _axial(board), *PATH[:2])
    board.reformat.step(PlaneName.AXIAL, 1)
    room.settle()
    assert not _draws(board)
    assert not _held(_axial(board))
    assert any("the path was given up" in one for one in room.notices)


def test_the_same_key_leads_back_to_the_images(qtbot: QtBot) -> None:
    room, board, pane = _drawn(qtbot)
    gone = weakref.ref(pane.picture)
    source = _pane(board, "mpr.source")
    _command(room)
    assert board.widgets[3] is source
    assert source.isVisible()
    assert source.picture.at_rest
    overlay = _axial(board).overlay_now()
    assert overlay is not None
    assert not overlay.shapes
    del pane
    qtbot.wait(20)
    gc.collect()
    assert gone() is None


def test_slabs_and_images_refuse_a_path(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    room.key(Qt.Key.Key_S, modifier=SHIFT)
    _command(room)
    assert not _draws(board)
    assert any("take the slab away" in one for one in room.notices)
    board.reformat.set_slab(None)
    _command(room)
    source = board.widgets[3]
    _click(room, source, (0.1, 0.1))
    assert any("not on the images" in one for one in room.notices)
    assert _draws(board)


def test_a_curved_picture_stands_alone_and_goes_with_the_board(qtbot: QtBot) -> None:
    room, board, pane = _drawn(qtbot)
    board.activate(3)
    board.toggle_maximised()
    room.settle()
    assert pane.isVisible()
    assert not _axial(board).isVisible()
    assert pane.picture.at_rest
    look = pane.viewport.state.look
    pane.viewport.look_like(replace(look, zoom=3.0))
    room.area.actions_by_id()["view.reset"].trigger()
    room.settle()
    assert pane.viewport.state.look.zoom is None
    room.key(Qt.Key.Key_M, modifier=SHIFT)
    assert not room.area.findChildren(MprBoard)


def test_a_path_on_two_planes_is_that_of_the_one_on_which_it_ends(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    _command(room)
    axial, coronal = _axial(board), _pane(board, "mpr.coronal")
    _click(room, axial, *PATH[:2])
    _click(room, coronal, *PATH[:3])
    QTest.keyClick(coronal, Qt.Key.Key_Enter)
    room.settle()
    viewport = board.widgets[3].viewport
    assert isinstance(viewport, CurvedViewport)
    assert viewport.name is PlaneName.CORONAL
    assert not _held(axial)
    _click(room, axial, PATH[3])
    assert board.shapes.ledger.all() == (board.curves.drawn,)


def _sheet(board: MprBoard) -> CurvedSheet:
    viewport = board.widgets[3].viewport
    assert isinstance(viewport, CurvedViewport)
    assert viewport.state.sheet is not None
    return viewport.state.sheet


def _drag(room: Room, widget: ViewportWidget, start: QPoint, to: QPoint) -> None:
    QTest.mousePress(widget, LEFT, pos=start)
    for place in (start + (to - start) / 2, to):
        move(widget, place, LEFT)
    QTest.mouseRelease(widget, LEFT, pos=to)
    room.settle()


def _press(room: Room, command: str) -> None:
    room.area.actions_by_id()[command].trigger()
    room.settle()


def test_a_path_is_changed_by_hand_and_by_key_and_each_step_taken_back(qtbot: QtBot) -> None:
    room, board, pane = _drawn(qtbot)
    axial = _axial(board)
    first = _sheet(board).path
    places = _places(axial, *PATH)
    _drag(room, axial, places[1], places[1] + QPoint(0, -20))
    moved = _sheet(board).path
    assert len(moved.points) == 4
    assert moved.points[::2] == first.points[::2]
    assert moved.length > first.length
    assert pane.picture.at_rest
    drawn = axial.overlay_now()
    assert drawn is not None
    middle = drawn.shapes[0].paths[0][100]
    on_line = axial.from_pane(middle).toPoint()
    _click(room, axial, (0.0, 0.0))  # a click, even on the line, changes nothing
    _drag(room, axial, on_line, on_line + QPoint(15, 15))
    assert len(_sheet(board).path.points) == 5
    for _ in range(2):
        _press(room, "annotation.undo")
    assert _sheet(board).path == first
    _press(room, "annotation.redo")
    assert _sheet(board).path == moved
    QTest.mouseClick(axial, LEFT, pos=places[3])
    _press(room, "annotation.nudge_up")
    nudged = _sheet(board).path
    assert nudged.points[:3] == moved.points[:3]
    assert (nudged.points[3] - moved.points[3]).norm == pytest.approx(_sheet(board).pixel)
    _press(room, "annotation.remove_point")
    assert _sheet(board).path.points == moved.points[:3]
    _press(room, "annotation.delete")
    assert any("Choose a point of the path" in one for one in room.notices)
    move(axial, on_line, Qt.MouseButton.NoButton)
    _press(room, "annotation.add_point")
    assert len(_sheet(board).path.points) == 4
    _command(room)
    assert not _shows_curved(board)
    _press(room, "annotation.undo")
    assert _shows_curved(board), "the path that was taken away is back"


def _shows_curved(board: MprBoard) -> bool:
    return isinstance(board.widgets[3].viewport, CurvedViewport)


def test_a_curved_picture_is_thick_on_its_own_and_measured_along_its_surface(
    qtbot: QtBot,
) -> None:
    room, board, pane = _drawn(qtbot)
    thin = grabbed(pane)
    board.activate(3)
    _press(room, "mpr.slab")
    assert board.slab == Slab(10.0, SlabMode.MAXIMUM)
    assert board.reformat.slab is None
    thick = pane.overlay_now()
    assert thick is not None
    assert any("MIP 10.0 mm" in one.text for one in thick.corners[Corner.BOTTOM_LEFT])
    assert pane.picture.at_rest
    assert (grabbed(pane) != thin).any()
    _press(room, "tool.length")
    a, b = (pane.rect().center() + QPoint(x, 0) for x in (-60, 60))
    _drag(room, pane, a, b)
    assert any("A slab shows" in one for one in room.notices)
    pane.thickened.emit(-120 * 20)
    room.settle()
    assert grabbed(pane).max() > 100
    _drag(room, pane, a, b)
    (shape,) = _lengths(pane)
    place, pixel = pane.viewport.transform(), _sheet(board).pixel
    assert place is not None
    length = 120 / place.zoom * pixel
    assert shape.label.split("\n")[0] == f"{length:.1f} mm along the curve"
    assert shape.label.split("\n")[1].endswith("straight")
    assert float(shape.label.split("\n")[1].split()[0]) < length
    _press(room, "annotation.undo")
    assert not _lengths(pane)
    assert _shows_curved(board)


def _lengths(pane: ViewportWidget) -> tuple[Shape, ...]:
    overlay = pane.overlay_now()
    assert overlay is not None
    return overlay.shapes


def test_a_curved_picture_is_exported_and_says_that_it_has_no_place(
    qtbot: QtBot, tmp_path: Path
) -> None:
    study = volume_study()

    def cache(executor: StepExecutor) -> FrameCache:
        pool = cast(DecodePool, ArrayPool(noise(study)))
        return FrameCache(OneHeader(), pool, executor, 1 << 28)

    room = make_room(qtbot, study, arrays=noise(study), cache=cache)
    room.open(study)
    room.key(Qt.Key.Key_M, modifier=SHIFT)
    (board,) = room.area.findChildren(MprBoard)
    _command(room)
    _click(room, _axial(board), *PATH)
    QTest.keyClick(_axial(board), Qt.Key.Key_Return)
    room.settle()
    board.activate(3)
    _press(room, "mpr.export")
    (dialog,) = room.area.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path))
    dialog.reject()
    room.settle()
    assert any("without a place" in one for one in room.informed)
    (made,) = tmp_path.iterdir()
    assert len(list(made.iterdir())) == 1


def test_nothing_is_measured_by_numbers_on_a_curved_picture(qtbot: QtBot) -> None:
    room, board, pane = _drawn(qtbot)
    board.activate(board.widgets.index(pane))
    assert board.curved is not None
    room.area.actions_by_id()["tool.length"].trigger()
    room.area.actions_by_id()["annotation.by_numbers"].trigger()
    (dialog,) = room.area.findChildren(NumbersDialog)
    for box in dialog.findChildren(QDoubleSpinBox):
        box.setValue(12.0 if "To" in box.accessibleName() else 9.0)
    dialog.accept()
    assert dialog.problem().startswith("This picture lies on no plane of the patient")
    assert room.area.annotations() == ()
