"""PET and CT in planes beside each other: one place for all, one window each, the turning PET."""

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room, move
from tests.kit import fusion as kit
from tests.kit.viewer import study_of
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.refs import FrameOfReferenceUid
from viewer.model.study import Study
from viewer.qt.numbers_dialog import NumbersDialog
from viewer.qt.pet_ct_board import PetCtBoard
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.rotation_picture import RotationPicture
from viewer.viewport.corners import Corner
from viewer.viewport.reformat import PlaneState
from viewer.viewport.space_view import why_not_here
from viewer.viewport.transform import PanePoint
from viewer.viewport.turning import TurningViewport
from viewer.viewport.viewport import Viewport

ALT_SHIFT = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier


def _arrays(study: Study) -> kit.Arrays:
    """Noise, and in the PET one hot place."""
    arrays = kit.values(study)
    hot = study.series[1].instances[4].ref.sop
    for one in study.series[1].instances:
        arrays[(one.ref.sop, 0)] = (arrays[(one.ref.sop, 0)] // 40).astype(np.int16)
    arrays[(hot, 0)][3, 6] = 3000
    return arrays


def _opened(qtbot: QtBot, study: Study | None = None) -> tuple[Room, PetCtBoard]:
    study = study or kit.pet_ct_study()
    room = make_room(qtbot, study, arrays=_arrays(study))
    room.open(study)
    room.key(Qt.Key.Key_F, modifier=ALT_SHIFT)
    (board,) = room.area.findChildren(PetCtBoard)
    return room, board


def _plane(board: PetCtBoard, name: str) -> ViewportWidget:
    found = board.findChild(ViewportWidget, f"petct.{name}")
    assert isinstance(found, ViewportWidget)
    return found


def _state(widget: ViewportWidget) -> PlaneState:
    state = widget.viewport.state
    assert isinstance(state, PlaneState)
    return state


def _turning(board: PetCtBoard) -> TurningViewport:
    viewport = _plane(board, "turning").viewport
    assert isinstance(viewport, TurningViewport)
    return viewport


def _plays(board: PetCtBoard) -> bool:
    return board.turning.is_playing


def _text(widget: ViewportWidget) -> list[str]:
    shown = widget.picture.shown
    assert shown is not None
    overlay = widget._compose(shown)
    assert overlay is not None
    return [line.text for line in overlay.corners[Corner.BOTTOM_LEFT]]


def test_nine_planes_and_the_turning_pet(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    assert [w.accessibleName() for w in board.widgets] == [
        *(f"{row} {name}" for row in ("CT", "PET", "PET/CT") for name in kit.PLANE_WORDS),
        "PET from all sides",
    ]
    for widget in board.widgets:
        assert widget.isVisible()
        assert widget.picture.pixels is not None, widget.accessibleName()
        assert widget.picture.pixels.ndim == (3 if "PET/CT" in widget.accessibleName() else 2)
    assert room.area.actions_by_id()["petct.open"].isChecked()
    assert "FUSION PT 0–6 SUVbw, 40 % · Hot iron" in _text(_plane(board, "PET/CT.coronal"))
    assert any("MPR coronal" in text for text in _text(_plane(board, "PET.coronal")))
    pet, turning = _state(_plane(board, "PET.axial")), _turning(board).state
    assert pet.look.invert
    assert turning.look.invert
    assert pet.look.voi == turning.look.voi == _state(board.planes[0]).fusion.window  # type: ignore[union-attr]
    assert (turning.steps, turning.words.split(" · ")[0][:11]) == (60, "MIP turned ")
    QTest.keyClick(board.widgets[0], Qt.Key.Key_F, ALT_SHIFT)
    room.settle()
    assert room.pane().isVisible()
    assert not room.area.actions_by_id()["petct.open"].isChecked()


def test_all_planes_stand_at_one_place_and_one_scale(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    for row, steps in (("CT", 2), ("PET", -1), ("PET/CT", 1)):
        for name in kit.PLANE_WORDS:
            _plane(board, f"{row}.{name}").viewport.scroll(steps)
            room.settle()
            crosses = {_state(w).crosshair for w in board.widgets[:9]}
            assert len(crosses) == 1
    viewport = _plane(board, "PET.coronal").viewport
    viewport.zoom_at(_middle(viewport), 1.7)
    zooms = {_state(_plane(board, f"{row}.coronal")).look.zoom for row in ("CT", "PET", "PET/CT")}
    assert len(zooms) == 1
    assert _state(_plane(board, "CT.axial")).look.zoom != zooms.pop()


def _middle(viewport: Viewport) -> PanePoint:
    pane = viewport.state.pane
    return PanePoint(pane.width / 2, pane.height / 2)


def test_ct_and_pet_keep_a_window_each(qtbot: QtBot) -> None:
    _room, board = _opened(qtbot)
    other = kit.SUV_10
    _plane(board, "PET.sagittal").viewport.set_voi(other)
    assert _turning(board).state.look.voi == other
    assert _state(_plane(board, "PET.axial")).look.voi == other
    assert _state(_plane(board, "CT.axial")).look.voi != other
    _plane(board, "PET/CT.axial").viewport.invert()
    assert _state(_plane(board, "CT.coronal")).look.invert
    assert _turning(board).state.look.invert  # as it was
    _turning(board).set_voi(None)
    assert _state(_plane(board, "PET.coronal")).look.voi is None


def test_another_window_of_the_colours_is_that_of_the_pet_too(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    room.area.actions_by_id()["fusion.window"].trigger()
    room.settle()
    fusion = board.planes[0].viewport.state.fusion
    assert fusion is not None
    assert fusion.window == kit.SUV_10 or fusion.limits == pytest.approx((0, 10))
    for viewport in (_plane(board, "PET.coronal").viewport, _turning(board)):
        assert viewport.state.look.voi == fusion.window
        assert viewport.state.look.invert
    assert _state(_plane(board, "CT.axial")).look.voi != fusion.window
    _plane(board, "PET.axial").viewport.set_voi(kit.SUV_10)
    assert board.planes[0].viewport.state.fusion == fusion


def test_a_click_on_the_turning_pet_goes_to_what_is_hot(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    widget, viewport = _plane(board, "turning"), _turning(board)
    plane = kit.pet_ct_study().series[1].instances[4].planes[0]
    assert plane is not None
    hot = plane.to_lps(PixelPoint(6, 3))
    for view in (0, 9, 33):
        viewport.go_to_index(view)
        room.settle()
        board.reformat.go_to(board.reformat.home.centre)
        transform, cut = viewport.transform(), viewport.plane
        assert transform is not None
        assert cut is not None
        at = widget.from_pane(transform.to_pane(cut.to_pixel(hot))).toPoint()
        widget.pointer = widget.to_pane(QPointF(at))
        assert _text(widget)[0].startswith("SUVbw ")
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at)
        room.settle()
        assert viewport.state.index == view
        assert (board.reformat.crosshair.centre - hot).norm < 2.5
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert room.notices[-1] == "There is nothing in this place of the volume."
    room.area.actions_by_id()["tool.length"].trigger()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert room.notices[-1].startswith("Nothing is measured on a projection")


def test_it_turns_by_the_clock_until_it_is_touched(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    now = [0.0]
    board.turning._clock = lambda: now[0]
    assert _plays(board)  # every view is here
    board.turning.stop()
    _turning(board).show_view(58)
    room.area.actions_by_id()["cine.play"].trigger()
    for passed, view in ((0.05, 58), (0.15, 59), (0.25, 0), (1.25, 10)):
        now[0] = passed
        board.turning._on_timer_timeout()
        assert _turning(board).state.index == view
    room.area.actions_by_id()["cine.faster"].trigger()
    now[0] = 2.2
    board.turning._on_timer_timeout()
    assert _turning(board).state.index == 22  # 12.5 a second
    _turning(board).scroll(3)
    assert not _plays(board)
    assert _turning(board).state.index == 25
    room.settle()
    picture = _plane(board, "turning").picture
    assert isinstance(picture, RotationPicture)
    assert picture.at_rest


def test_a_drag_turns_and_the_crosshair_goes_along(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    widget, viewport = _plane(board, "turning"), _turning(board)
    viewport.go_to_index(0)
    room.area.actions_by_id()["tool.scroll"].trigger()
    start = widget.rect().center()
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    move(widget, start - QPoint(40, 0), Qt.MouseButton.LeftButton)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=start - QPoint(40, 0))
    room.settle()
    assert viewport.state.index == 5
    shown = widget.picture.shown
    assert shown is not None
    overlay = widget._compose(shown)
    assert overlay is not None
    assert [line.word for line in overlay.crosshair] == ["AX", ""]
    assert all(line.grips == () for line in overlay.crosshair)
    transform, plane = viewport.transform(), viewport.plane
    assert transform is not None
    assert plane is not None
    centre = transform.to_pane(plane.to_pixel(board.reformat.crosshair.centre))
    (level, side) = overlay.crosshair
    assert {round(p.y, 3) for part in level.parts for p in part} == {round(centre.y, 3)}
    assert {round(p.x, 3) for part in side.parts for p in part} == {round(centre.x, 3)}


def test_one_pane_alone_and_back(qtbot: QtBot) -> None:
    _room, board = _opened(qtbot)
    board.toggle_maximised(9)
    assert [w.isVisible() for w in board.widgets] == [False] * 9 + [True]
    board.toggle_maximised()
    assert all(w.isVisible() for w in board.widgets)
    board.toggle_maximised(4)
    assert [n for n, w in enumerate(board.widgets) if w.isVisible()] == [4]


@pytest.mark.parametrize(
    ("study", "reason"),
    [
        (study_of(kit.scans()), "This study does not hold a CT and a PET."),
        (
            kit.pet_ct_study(pt=kit.uptake(frame_of_reference=FrameOfReferenceUid("1.9.8"))),
            "Series 5 PET body lies in another frame of reference, "
            "and nothing is aligned by guess.",
        ),
        (
            kit.pet_ct_study(pt=kit.uptake(2)),
            "Series 5 PET body is no volume. Fewer than 3 slices make no volume.",
        ),
    ],
)
def test_what_does_not_belong_together_is_refused(qtbot: QtBot, study: Study, reason: str) -> None:
    room = make_room(qtbot, study, arrays=kit.values(study))
    room.open(study)
    room.key(Qt.Key.Key_F, modifier=ALT_SHIFT)
    assert room.notices[-1] == f"No PET/CT board. {reason}"
    assert room.area.findChildren(PetCtBoard) == []
    assert not room.area.actions_by_id()["petct.open"].isChecked()


def test_a_board_that_is_left_lets_everything_go(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    views = board.turning._rotation
    assert views is not None
    held = weakref.ref(views)
    del views
    room.area.close_case()
    room.settle()
    assert not _plays(board)
    del board
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert held() is None


def _sagittal(plane_of: Callable[[int], float]) -> Study:
    """A PET of sagittal slices at these places, with its CT."""
    pt = kit.uptake()
    upright = (PointLps(0, 1, 0), PointLps(0, 0, -1))
    turned = tuple(
        replace(
            one,
            planes=(ImagePlane(PointLps(plane_of(n), -96, -2), *upright, kit.PET_SPACING),),
        )
        for n, one in enumerate(pt.instances)
    )
    return kit.pet_ct_study(pt=replace(pt, instances=turned))


def test_a_pet_of_sagittal_slices_turns_like_any_other(qtbot: QtBot) -> None:
    _room, board = _opened(qtbot, _sagittal(lambda n: -90 + 3.3 * n))
    picture = _plane(board, "turning").picture
    assert picture.error is None
    assert picture.pixels is not None


def test_one_of_uneven_sagittal_slices_has_planes_but_no_turning_view(qtbot: QtBot) -> None:
    room, board = _opened(qtbot, _sagittal(lambda n: -90 + 3.3 * n + (n % 2)))
    picture = _plane(board, "turning").picture
    assert picture.pixels is None
    assert picture.error is not None
    assert picture.error.sentence.startswith("Its slices are not axial, and lie unevenly")
    assert all(w.picture.pixels is not None for w in board.widgets[:9])
    room.area.actions_by_id()["cine.play"].trigger()
    assert room.notices[-1] == picture.error.sentence


def test_nothing_is_measured_by_numbers_on_the_turning_pet(qtbot: QtBot) -> None:
    room, board = _opened(qtbot)
    viewport = _turning(board)
    assert viewport.plane is not None
    board.activate(board.widgets.index(_plane(board, "turning")))
    room.area.actions_by_id()["tool.length"].trigger()
    room.area.actions_by_id()["annotation.by_numbers"].trigger()
    (dialog,) = room.area.findChildren(NumbersDialog)
    for box in dialog.findChildren(QDoubleSpinBox):
        box.setValue(4.0 if "To" in box.accessibleName() else 2.0)
    dialog.accept()
    assert dialog.problem().startswith("This picture shows what lies behind each other as one")
    assert room.area.annotations() == ()
    assert "measure on a plane" in (why_not_here(viewport) or "")
