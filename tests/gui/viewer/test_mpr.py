"""MPR in the reading area: opened, pointed at, turned, thickened, measured on, left again."""

import gc
import math
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, grabbed, make_room
from tests.kit.planes import STEP, noise, slices, volume_study
from tests.kit.viewer import IDENTITY, axial_plane, ct_instance, series_of, sets_of, study_of
from viewer.model.geometry import PointLps
from viewer.model.sample_grid import Slab, SlabMode
from viewer.model.study import Photometric, Study
from viewer.qt.mpr_board import MprBoard
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.plane_picture import PlanePicture
from viewer.viewport.corners import Corner
from viewer.viewport.planes import PlaneName
from viewer.viewport.transform import PanePoint

AXIAL, CORONAL, SAGITTAL = PlaneName.AXIAL, PlaneName.CORONAL, PlaneName.SAGITTAL
SHIFT = Qt.KeyboardModifier.ShiftModifier


def _room(qtbot: QtBot, study: Study | None = None, **more: Any) -> Room:
    study = study or volume_study()
    room = make_room(qtbot, study, arrays=noise(study), **more)
    room.open(study)
    return room


def _board(room: Room) -> MprBoard:
    (found,) = room.area.findChildren(MprBoard)
    return found


def _slab(board: MprBoard) -> Slab | None:
    return board.reformat.slab


def _opened(qtbot: QtBot, **more: Any) -> tuple[Room, MprBoard]:
    room = _room(qtbot, **more)
    room.key(Qt.Key.Key_M, modifier=SHIFT)
    return room, _board(room)


def _widget(board: MprBoard, name: PlaneName) -> ViewportWidget:
    found = board.findChild(ViewportWidget, f"mpr.{name.value}")
    assert isinstance(found, ViewportWidget)
    return found


def _wheel(widget: ViewportWidget, notches: int, *keys: Qt.KeyboardModifier) -> None:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(widget.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys[0] if keys else Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def _text(widget: ViewportWidget, corner: Corner = Corner.BOTTOM_LEFT) -> list[str]:
    shown = widget.picture.shown
    assert shown is not None
    overlay = widget._compose(shown)
    assert overlay is not None
    return [line.text for line in overlay.corners[corner]]


def test_three_planes_and_their_images(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    assert [w.accessibleName() for w in board.widgets] == [
        "MPR axial",
        "MPR sagittal",
        "MPR coronal",
        "MPR source images",
    ]
    assert all(w.isVisible() and w.picture.at_rest for w in board.widgets)
    assert not room.pane().isVisible()
    assert room.area.actions_by_id()["mpr.open"].isChecked()
    axial = _widget(board, AXIAL)
    assert "MPR axial · trilinear · single plane" in _text(axial)
    assert _text(axial, Corner.TOP_LEFT)[:2] == [IDENTITY.name, IDENTITY.id]
    assert "MPR axial, trilinear, single plane" in axial.accessibleDescription()
    assert grabbed(axial).max() > 100


def test_the_window_of_the_pane_and_its_image_come_along(qtbot: QtBot) -> None:
    room = _room(qtbot)
    room.key(Qt.Key.Key_2)
    room.key(Qt.Key.Key_End)
    before = room.viewport().state
    room.key(Qt.Key.Key_M, modifier=SHIFT)
    board = _board(room)
    state = board.reformat.viewports[AXIAL].state
    assert state.look.voi == before.look.voi
    assert state.nearest == before.frame
    assert board.source.state.frame == before.frame


def test_a_click_in_one_plane_moves_the_others(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    coronal = _widget(board, CORONAL)
    QTest.mouseClick(coronal, Qt.MouseButton.LeftButton, pos=QPoint(140, 90))
    room.settle()
    point = board.reformat.viewports[CORONAL].point_at(coronal.to_pane(QPointF(140, 90)))
    assert point is not None
    centre = board.reformat.crosshair.centre
    assert abs(centre.x - point.x) <= 0.35 + 1e-6
    assert abs(centre.z - point.z) <= STEP / 2 + 1e-6
    assert board.source.state.frame == board.reformat.nearest()
    assert all(w.picture.at_rest for w in board.widgets)


def test_the_images_move_the_planes_too(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    source = board.widgets[3]
    z = board.reformat.crosshair.centre.z
    _wheel(source, -2)
    room.settle()
    assert board.reformat.crosshair.centre.z == pytest.approx(z - 2 * STEP)
    place = source.from_pane(PanePoint(source.width() / 3, source.height() / 2)).toPoint()
    QTest.mouseClick(source, Qt.MouseButton.LeftButton, pos=place)
    room.settle()
    plane = board.source.plane
    assert plane is not None
    assert plane.distance(board.reformat.crosshair.centre) == pytest.approx(0, abs=1e-6)


def test_wheel_keys_and_commands_act_on_the_active_plane(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    sagittal = _widget(board, SAGITTAL)
    sagittal.setFocus()
    index = sagittal.viewport.state.index
    _wheel(sagittal, -3)
    QTest.keyClick(sagittal, Qt.Key.Key_Down)
    room.settle()
    assert sagittal.viewport.state.index == index + 4
    QTest.keyClick(sagittal, Qt.Key.Key_2)
    QTest.keyClick(sagittal, Qt.Key.Key_I)
    room.settle()
    looks = [v.state.look for v in board.reformat.viewports.values()]
    assert all(look.invert and look.voi == looks[0].voi for look in looks)
    QTest.keyClick(sagittal, Qt.Key.Key_Tab)
    assert board.viewport is _widget(board, CORONAL).viewport
    QTest.keyClick(_widget(board, CORONAL), Qt.Key.Key_F11)
    assert [w.isVisible() for w in board.widgets] == [False, False, True, False]
    QTest.keyClick(_widget(board, CORONAL), Qt.Key.Key_F11)
    assert all(w.isVisible() for w in board.widgets)


def test_turned_by_key_and_straightened_by_escape(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    axial = _widget(board, AXIAL)
    for _ in range(4):
        QTest.keyClick(axial, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    room.settle()
    assert board.reformat.crosshair.tilt(CORONAL)[1] == pytest.approx(20)
    assert "MPR coronal, oblique 20° · trilinear · single plane" in _text(_widget(board, CORONAL))
    centre = board.reformat.crosshair.centre
    QTest.keyClick(axial, Qt.Key.Key_Escape)
    room.settle()
    assert board.reformat.straight
    assert board.reformat.crosshair.centre == pytest.approx(centre)


def test_slabs_by_key_and_by_wheel(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    axial = _widget(board, AXIAL)
    QTest.keyClick(axial, Qt.Key.Key_S, SHIFT)
    room.settle()
    assert _slab(board) == Slab(10.0, SlabMode.MAXIMUM)
    _wheel(axial, -1, Qt.KeyboardModifier.AltModifier)
    room.settle()
    assert _slab(board) == Slab(8.0, SlabMode.MAXIMUM)
    assert "MPR axial · trilinear · MIP 8.0 mm" in _text(axial)
    assert room.informed[-1] == "Slab: MIP 8.0 mm"
    assert axial.viewport.state.index == board.reformat.viewports[AXIAL].state.index
    for _ in range(9):
        _wheel(axial, -1, Qt.KeyboardModifier.AltModifier)
    assert _slab(board) is None
    assert room.informed[-1] == "Slab: single plane"


def test_leaving_shows_the_panes_as_they_were(qtbot: QtBot) -> None:
    room = _room(qtbot)
    room.key(Qt.Key.Key_2, modifier=Qt.KeyboardModifier.AltModifier)
    room.key(Qt.Key.Key_I)
    before = [(s.target, s.index, s.look) for s in (room.viewport(n).state for n in (1, 2))]
    room.key(Qt.Key.Key_M, modifier=SHIFT)
    board = _board(room)
    QTest.keyClick(board.widgets[0], Qt.Key.Key_M, SHIFT)
    room.settle()
    after = [room.viewport(n).state for n in (1, 2)]
    assert [(s.target, s.index, s.look) for s in after] == before
    assert room.pane().isVisible()
    assert not room.area.actions_by_id()["mpr.open"].isChecked()
    assert not room.area.actions_by_id()["mpr.slab"].isEnabled()


@pytest.mark.parametrize("key", [Qt.Key.Key_1, Qt.Key.Key_4])
def test_a_layout_leaves_planes_first(qtbot: QtBot, key: Qt.Key) -> None:
    room, board = _opened(qtbot)
    QTest.keyClick(board.widgets[0], key, Qt.KeyboardModifier.AltModifier)
    room.settle()
    assert room.pane().isVisible()
    assert not room.area.actions_by_id()["mpr.open"].isChecked()


def test_what_is_of_single_images_is_refused_on_planes(qtbot: QtBot) -> None:
    room, _ = _opened(qtbot)
    room.area.actions_by_id()["view.state"].trigger()
    assert "leave MPR first" in room.notices[-1]


def test_it_can_be_left_while_the_volume_fills_and_is_told_how_far_it_is(qtbot: QtBot) -> None:
    study = volume_study(60)
    room = make_room(qtbot, study, arrays=noise(study))
    room.area.open_case(study, (), sets_of(study), IDENTITY)
    for _ in range(8):
        room.executor.step()
    room.area.actions_by_id()["mpr.open"].trigger()
    board = _board(room)
    assert all(w.isVisible() for w in board.widgets)
    axial = _widget(board, AXIAL)
    while axial.picture.shown is None:
        room.executor.step()
    assert "VOLUME 0 OF 60 IMAGES · HALF RESOLUTION" in _text(axial)
    room.area.actions_by_id()["mpr.open"].trigger()
    assert room.pane().isVisible()
    room.settle()
    room.area.actions_by_id()["mpr.open"].trigger()
    room.settle()
    assert not any("OF 60 IMAGES" in line for line in _text(_widget(_board(room), AXIAL)))


def test_images_that_are_lost_are_told_and_drawn_as_a_gap(qtbot: QtBot) -> None:
    study = volume_study()
    arrays = noise(study)
    del arrays[(study.series[0].instances[4].ref.sop, 0)]
    room = make_room(qtbot, study, arrays=arrays)
    room.open(study)
    room.key(Qt.Key.Key_M, modifier=SHIFT)
    assert "An image of this series cannot be shown" in room.notices[-1]
    axial = _widget(_board(room), AXIAL)
    assert any("VOLUME 11 OF 12 IMAGES" in line for line in _text(axial))
    axial.viewport.go_to_index(4)
    room.settle()
    pixels = axial.picture.pixels
    assert pixels is not None
    assert pixels.max() == 0


def test_a_length_is_true_in_the_patient_and_told_apart(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    coronal = _widget(board, CORONAL)
    QTest.keyClick(coronal, Qt.Key.Key_L)
    first, last = QPoint(120, 100), QPoint(190, 140)
    QTest.mousePress(coronal, Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseRelease(coronal, Qt.MouseButton.LeftButton, pos=first)
    QTest.mousePress(coronal, Qt.MouseButton.LeftButton, pos=last)
    QTest.mouseRelease(coronal, Qt.MouseButton.LeftButton, pos=last)
    room.settle()
    (length,) = board.shapes.kept.all()
    overlay = coronal._compose(coronal.viewport.state)
    assert overlay is not None
    value = (length.points[1] - length.points[0]).norm
    assert overlay.shapes[0].label == f"{value:.1f} mm on MPR"
    assert length.plane == coronal.viewport.plane  # it is of no image
    assert room.saved[-1] == (length,)
    coronal.viewport.scroll(3)
    overlay = coronal._compose(coronal.viewport.state)
    assert overlay is not None
    assert overlay.shapes == ()
    QTest.keyClick(coronal, Qt.Key.Key_Delete)
    assert board.shapes.kept.all() == (length,)  # nothing unseen is deleted
    coronal.viewport.scroll(-3)
    QTest.keyClick(coronal, Qt.Key.Key_Delete)
    assert board.shapes.kept.all() == ()
    QTest.keyClick(coronal, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert board.shapes.kept.all() == (length,)
    board.shapes.selection.choose(length.id)
    room.area.actions_by_id()["annotation.visible"].trigger()
    assert board.shapes.kept.all()[0].hidden
    overlay = coronal._compose(coronal.viewport.state)
    assert overlay is not None
    assert overlay.shapes == ()


@pytest.mark.parametrize("tool", ["rectangle", "ellipse", "circle"])
def test_an_area_on_a_plane_is_that_of_its_points_in_the_patient(qtbot: QtBot, tool: str) -> None:
    room, board = _opened(qtbot)
    coronal = _widget(board, CORONAL)
    room.area.actions_by_id()[f"tool.{tool}"].trigger()
    first, last = QPoint(120, 100), QPoint(190, 140)
    QTest.mousePress(coronal, Qt.MouseButton.LeftButton, pos=first)
    QTest.mouseRelease(coronal, Qt.MouseButton.LeftButton, pos=first)
    QTest.mousePress(coronal, Qt.MouseButton.LeftButton, pos=last)
    QTest.mouseRelease(coronal, Qt.MouseButton.LeftButton, pos=last)
    room.settle()
    (made,) = board.shapes.kept.all()
    a, b, *rest = made.points
    expected = {
        "rectangle": lambda: (b - a).norm * (rest[0] - b).norm,
        "ellipse": lambda: math.pi / 4 * (b - a).norm * (rest[1] - rest[0]).norm,
        "circle": lambda: math.pi * (b - a).norm ** 2,
    }[tool]()
    overlay = coronal._compose(coronal.viewport.state)
    assert overlay is not None
    assert overlay.shapes[0].label.startswith(f"{expected:.1f} mm²")
    lines = overlay.shapes[0].label.split("\n")
    assert lines[0].endswith("on MPR")
    assert lines[2].endswith("px, interpolated")
    told = " ".join(line.strip() for line in lines[3:])  # what lies beyond the volume is told
    assert ("left out: places without a value." in told) == (tool == "circle")


def test_a_value_between_voxels_is_said_to_be_interpolated(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    coronal = _widget(board, CORONAL)
    room.area.actions_by_id()["tool.probe"].trigger()
    QTest.mouseClick(coronal, Qt.MouseButton.LeftButton, pos=QPoint(120, 100))
    room.settle()
    overlay = coronal._compose(coronal.viewport.state)
    assert overlay is not None
    assert "HU on MPR, interpolated" in overlay.shapes[0].label


def test_a_shape_on_an_acquired_slice_is_one_of_that_image(qtbot: QtBot) -> None:
    """The same numbers as in the stack, since it is the same annotation of the same pixels."""
    room, board = _opened(qtbot)
    axial = _widget(board, AXIAL)
    room.area.actions_by_id()["tool.ellipse"].trigger()
    room.settle()
    QTest.mousePress(axial, Qt.MouseButton.LeftButton, pos=QPoint(120, 100))
    QTest.mouseMove(axial, QPoint(200, 150))
    QTest.mouseRelease(axial, Qt.MouseButton.LeftButton, pos=QPoint(200, 150))
    room.settle()
    (made,) = board.shapes.kept.all()
    assert (made.plane, made.on) == (None, axial.viewport.state.frame)
    on_plane = axial._compose(axial.viewport.state)
    source = board.widgets[-1]._compose(board.widgets[-1].viewport.state)
    assert on_plane is not None
    assert source is not None
    assert on_plane.shapes[0].label == source.shapes[0].label
    assert "interpolated" not in on_plane.shapes[0].label
    assert "mean" in on_plane.shapes[0].label


def test_no_length_on_a_slab(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    coronal = _widget(board, CORONAL)
    QTest.keyClick(coronal, Qt.Key.Key_S, SHIFT)
    QTest.keyClick(coronal, Qt.Key.Key_L)
    QTest.mousePress(coronal, Qt.MouseButton.LeftButton, pos=QPoint(120, 100))
    assert room.notices[-1].startswith("A slab shows what lies behind each other as one")
    assert board.shapes.kept.all() == ()


def test_planes_are_not_images_that_were_seen(qtbot: QtBot) -> None:
    seen: list[object] = []
    room = _room(qtbot)
    room.area.seen.connect(seen.append)
    room.key(Qt.Key.Key_M, modifier=SHIFT)
    board = _board(room)
    QTest.qWait(200)
    assert set(seen) <= {room.viewport().state.frame, board.source.state.frame}


def _two_orientations() -> Study:
    turned = replace(axial_plane(-30.0), row=PointLps(0, 1, 0), column=PointLps(0, 0, -1))
    return study_of(
        series_of([*slices(4), ct_instance(n=9, planes=(turned,), rows=40, columns=36)])
    )


def _ultrasound() -> Study:
    frames = [
        ct_instance(n=n, modality="US", planes=(), pixel_spacing=None, frame_of_reference=None)
        for n in range(5)
    ]
    return study_of(series_of(frames))


def _colour() -> Study:
    made = slices(4)
    rgb = [
        replace(one, format=replace(one.format, samples=3, photometric=Photometric.RGB))
        for one in made
        if one.format is not None
    ]
    return study_of(series_of(rgb))


@pytest.mark.parametrize(
    ("study", "reason"),
    [
        (volume_study(1), "Fewer than 3 slices make no volume."),
        (volume_study(2), "Fewer than 3 slices make no volume."),
        (_two_orientations(), "The planes are turned against each other"),
        (_ultrasound(), "The images do not say where they lie in the patient."),
        (_colour(), "Colour images are not reconstructed in other planes."),
        (study_of(series_of([*slices(3), *slices(1, rows=8)])), "The images differ in size."),
    ],
)
def test_refused_with_the_reason_where_it_would_lie(
    qtbot: QtBot, study: Study, reason: str
) -> None:
    room = make_room(qtbot, study)
    room.open(study)
    action = room.area.actions_by_id()["mpr.open"]
    assert not action.isEnabled()
    assert reason in action.toolTip()
    room.key(Qt.Key.Key_M, modifier=SHIFT)
    assert reason in room.notices[-1]
    assert room.area.findChild(MprBoard) is None
    assert room.pane().isVisible()


def test_a_step_that_is_not_even_is_no_reason_to_refuse(qtbot: QtBot) -> None:
    planes = [(axial_plane(z),) for z in (0.0, -2.0, -4.0, -9.0, -11.0)]
    study = study_of(
        series_of([replace(s, planes=p) for s, p in zip(slices(5), planes, strict=True)])
    )
    _, board = _opened(qtbot, study=study)
    axial = _widget(board, AXIAL)
    places = []
    axial.viewport.go_to_index(0)
    for _ in range(5):
        places.append(board.reformat.crosshair.centre.z)
        axial.viewport.scroll(1)
    assert places == pytest.approx([0, -2, -4, -9, -11])


def test_frames_of_the_volume_are_in_memory_once(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    picture = _widget(board, AXIAL).picture
    assert isinstance(picture, PlanePicture)
    reslicer = picture._reslicer
    assert reslicer is not None
    for k, ref in enumerate(board.reformat.target.frames):
        frame = room.area._cache.get(ref)
        assert frame is not None
        assert np.shares_memory(frame, reslicer.volume.voxels[k])


def test_the_case_can_be_closed_with_planes_open(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    picture = _widget(board, AXIAL).picture
    assert isinstance(picture, PlanePicture)
    assert picture._reslicer is not None
    voxels = weakref.ref(picture._reslicer.volume.voxels.base)
    room.area.close_case()
    room.settle()
    gc.collect()
    assert voxels() is None  # nothing holds the volume any longer
    assert not room.area.actions_by_id()["mpr.open"].isChecked()
    assert room.pane().isVisible()
