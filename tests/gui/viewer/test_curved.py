"""A curved picture in MPR: its path drawn, taken back, given up, shown and left again."""

import gc
import weakref
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, grabbed, make_room
from tests.kit.planes import noise, volume_study
from viewer.qt.mpr_board import MprBoard
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.curved import CurvedPicture
from viewer.viewport.corners import Corner
from viewer.viewport.curved import CurvedViewport
from viewer.viewport.letters import EdgeLetters
from viewer.viewport.planes import PlaneName

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
    assert any(t.startswith("CURVED along the path: no measurements · H above") for t in texts)
    assert overlay.letters == EdgeLetters()
    assert (overlay.ruler, overlay.crosshair, overlay.shapes) == (None, (), ())
    assert "no measurements" in pane.accessibleDescription()
    assert not board.shapes.ledger.all()
    assert not _draws(board)
    on_plane = _axial(board).overlay_now()
    assert on_plane is not None
    (shape,) = on_plane.shapes
    assert len(shape.points) == 4
    assert len(shape.paths[0]) > 100
    room.key(Qt.Key.Key_M, modifier=SHIFT)


def test_nothing_is_measured_seen_or_pointed_at_there(qtbot: QtBot) -> None:
    room, board, pane = _drawn(qtbot)
    seen: list[object] = []
    board.seen.connect(seen.append)
    centre = board.reformat.crosshair.centre
    room.notices.clear()
    room.area.actions_by_id()["tool.length"].trigger()
    QTest.mouseClick(pane, LEFT, pos=pane.rect().center())
    room.settle()
    assert any("Nothing is measured" in one for one in room.notices)
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
    assert not board.shapes.ledger.all()
