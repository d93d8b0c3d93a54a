"""Fusion in the reading area: laid over, mixed, read, in planes, in the PET/CT layout, refused."""

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit import fusion as kit
from tests.kit.registrations import registration, rigid
from tests.kit.viewer import IDENTITY, set_of, sets_of, study_of
from viewer.model.fusion import Fusion
from viewer.model.quantities import Suv
from viewer.model.refs import FrameOfReferenceUid
from viewer.model.registration import Move
from viewer.model.study import Study
from viewer.qt.mpr_board import MprBoard
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.live import LivePicture
from viewer.viewport.corners import Corner

SHIFT, ALT, CTRL = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def _room(qtbot: QtBot, study: Study | None = None, **more: Any) -> Room:
    study = study or kit.pet_ct_study()
    room = make_room(qtbot, study, arrays=kit.values(study), **more)
    room.open(study)
    room.key(Qt.Key.Key_1, modifier=ALT)  # one pane alone: the CT
    assert room.viewport().state.target == set_of(study.series[0])
    return room


def _fuse(room: Room) -> None:
    room.key(Qt.Key.Key_F, modifier=SHIFT)


def _fusion(room: Room, number: int = 1) -> Fusion:
    found = room.viewport(number).state.fusion
    assert found is not None
    return found


def _text(widget: ViewportWidget) -> list[str]:
    shown = widget.picture.shown
    assert shown is not None
    overlay = widget._compose(shown)
    assert overlay is not None
    return [line.text for line in overlay.corners[Corner.BOTTOM_LEFT]]


def _wheel(widget: ViewportWidget, notches: int, keys: Qt.KeyboardModifier) -> None:
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(widget.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_one_key_lays_the_pet_over_the_ct_and_takes_it_away(qtbot: QtBot) -> None:
    room = _room(qtbot)
    room.key(Qt.Key.Key_Down)
    grey = room.pane().picture.pixels
    assert grey is not None
    _fuse(room)
    pane = room.pane()
    assert pane.picture.at_rest
    pixels = pane.picture.pixels
    assert pixels is not None
    assert pixels.ndim == 3
    assert (pixels[..., 0] != pixels[..., 1]).mean() > 0.1
    assert "FUSION PT 0–6 SUVbw, 40 % · Hot iron" in _text(pane)
    assert "fused with Series 5 PET body: PT 0–6 SUVbw, 40 %" in pane.accessibleDescription()
    assert room.area.actions_by_id()["fusion.open"].isChecked()
    _fuse(room)
    assert room.viewport().state.fusion is None
    assert not room.area.actions_by_id()["fusion.open"].isChecked()
    np.testing.assert_array_equal(room.pane().picture.pixels, grey)


def test_wheel_and_keys_mix_down_to_the_exact_grey(qtbot: QtBot) -> None:
    room = _room(qtbot)
    grey = room.pane().picture.pixels
    assert grey is not None
    index = room.viewport().state.index
    _fuse(room)
    _wheel(room.pane(), 2, CTRL | SHIFT)
    room.settle()
    assert _fusion(room).percent == 50
    assert room.viewport().state.index == index
    room.key(Qt.Key.Key_Down, modifier=CTRL)
    assert _fusion(room).percent == 45
    _wheel(room.pane(), -20, CTRL | SHIFT)
    room.settle()
    assert _fusion(room).percent == 0
    np.testing.assert_array_equal(room.pane().picture.pixels, grey)
    assert "FUSION PT 0–6 SUVbw, 0 % · Hot iron" in _text(room.pane())


def test_window_and_colours_go_on_by_key(qtbot: QtBot) -> None:
    room = _room(qtbot)
    _fuse(room)
    before = room.viewport().state.look
    room.key(Qt.Key.Key_W, modifier=ALT)
    assert "FUSION PT 0–10 SUVbw, 40 % · Hot iron" in _text(room.pane())
    room.key(Qt.Key.Key_P, modifier=ALT)
    assert "FUSION PT 0–10 SUVbw, 40 % · Hot metal blue" in _text(room.pane())
    room.key(Qt.Key.Key_W, modifier=ALT)  # from the lowest to the highest value
    low, high = _fusion(room).limits
    assert (low, high) == pytest.approx(tuple(kit.FACTOR * end for end in _fusion(room).extremes))
    assert high > 10
    assert room.viewport().state.look == before  # the CT keeps its own window


def test_the_pointer_reads_both_values(qtbot: QtBot) -> None:
    room = _room(qtbot)
    room.key(Qt.Key.Key_Down)
    room.key(Qt.Key.Key_Down)
    _fuse(room)
    inside = room.at(15, 20)
    QTest.mouseMove(room.pane(), inside)
    room.pane().pointer = room.pane().to_pane(QPointF(inside))
    text = _text(room.pane())[0]
    assert "HU · column 16, row 21 · PT SUVbw " in text
    assert text.endswith("g/ml")
    room.pane().pointer = room.pane().to_pane(QPointF(room.at(1, 1)))
    assert _text(room.pane())[0].endswith("· PT no value")


def test_another_series_in_the_pane_ends_it(qtbot: QtBot) -> None:
    room = _room(qtbot)
    _fuse(room)
    room.key(Qt.Key.Key_PageDown)
    assert room.viewport().state.fusion is None


def test_planes_are_fused_too_and_the_pane_stays_so(qtbot: QtBot) -> None:
    room = _room(qtbot)
    _fuse(room)
    room.key(Qt.Key.Key_M, modifier=SHIFT)
    (board,) = room.area.findChildren(MprBoard)
    planes = board.widgets[:3]
    for widget in planes:
        assert widget.picture.at_rest
        pixels = widget.picture.pixels
        assert pixels is not None
        assert pixels.ndim == 3
        assert "FUSION PT 0–6 SUVbw, 40 % · Hot iron" in _text(widget)
        assert "fused with Series 5 PET body" in widget.accessibleDescription()
    assert isinstance(board.widgets[3].picture, LivePicture)
    assert board.widgets[3].viewport.state.fusion is None  # the images themselves stay grey
    middle = planes[0].viewport.point_at  # type: ignore[attr-defined]  # a plane's viewport
    at = QPoint(planes[0].width() // 2, planes[0].height() // 2)
    planes[0].pointer = planes[0].to_pane(QPointF(at))
    assert middle(planes[0].pointer) is not None
    assert " HU · PT SUVbw " in _text(planes[0])[0]
    _wheel(planes[1], -1, CTRL | SHIFT)
    room.settle()
    assert {w.viewport.state.fusion.percent for w in planes if w.viewport.state.fusion} == {35}
    QTest.keyClick(planes[0], Qt.Key.Key_F, SHIFT)
    room.settle()
    assert all(w.viewport.state.fusion is None for w in planes)
    assert all(w.picture.pixels is not None and w.picture.pixels.ndim == 2 for w in planes)
    QTest.keyClick(planes[0], Qt.Key.Key_F, SHIFT)
    room.settle()
    assert all(w.viewport.state.fusion is not None for w in planes)
    QTest.keyClick(planes[0], Qt.Key.Key_M, SHIFT)
    room.settle()
    assert _fusion(room).percent == 35


def test_the_pet_ct_layout_stands_at_one_place_and_one_scale(qtbot: QtBot) -> None:
    room = _room(qtbot)
    room.key(Qt.Key.Key_P, modifier=ALT | SHIFT)
    shown = [room.viewport(n).state.target for n in (1, 2, 3)]
    assert len({room.pane(n).width() // 10 for n in (1, 2, 3)}) == 1
    ct, pt = (set_of(series) for series in kit.pet_ct_study().series)
    assert [target and target.id for target in shown] == [ct.id, pt.id, ct.id]
    assert room.viewport(1).state.fusion is None
    assert _fusion(room, 3).target == pt.id
    assert room.viewport(2).state.look.voi == _fusion(room, 3).window
    assert room.viewport(2).state.look.invert

    def place(number: int) -> float:
        plane = room.viewport(number).plane
        assert plane is not None
        return plane.position.z

    for _ in range(2):
        room.key(Qt.Key.Key_Down, 3)
        assert place(1) == place(3)
        assert abs(place(2) - place(3)) <= 3.3 / 2
    scale = []
    for number, spacing in ((1, 0.7), (2, 2.3), (3, 0.7)):
        transform = room.viewport(number).transform()
        assert transform is not None
        scale.append(transform.zoom / spacing)
    assert scale[0] == pytest.approx(scale[2])
    assert scale[1] == pytest.approx(scale[2])


def test_one_point_is_marked_in_ct_pet_and_fused(qtbot: QtBot) -> None:
    room = _room(qtbot)
    room.key(Qt.Key.Key_P, modifier=ALT | SHIFT)
    room.key(Qt.Key.Key_J, 1)
    QTest.mouseClick(room.pane(1), Qt.MouseButton.LeftButton, pos=room.at(18, 20, 1))
    room.settle()
    marks = []
    for number in (1, 2, 3):
        widget = room.pane(number)
        assert widget.picture.shown is not None
        overlay = widget._compose(widget.picture.shown)
        assert overlay is not None
        assert overlay.point is not None
        transform, plane = widget.viewport.transform(), widget.viewport.plane
        assert transform is not None
        assert plane is not None
        marks.append(plane.to_lps(transform.to_pixel(overlay.point.at)))
    assert abs(marks[0].x - marks[1].x) < 0.2
    assert abs(marks[0].y - marks[1].y) < 0.2
    assert (marks[0] - marks[2]).norm < 0.2


def test_a_fused_picture_is_no_image_that_was_seen(qtbot: QtBot) -> None:
    room = _room(qtbot)
    seen: list[Any] = []
    _fuse(room)
    room.key(Qt.Key.Key_Down)
    room.area.seen.connect(seen.append)
    room.pane()._on_rest_timeout()
    assert seen == []
    _fuse(room)
    room.pane()._on_rest_timeout()
    assert seen == [room.viewport().state.frame]


@pytest.mark.parametrize(
    ("study", "reason"),
    [
        (
            kit.pet_ct_study(pt=kit.uptake(frame_of_reference=FrameOfReferenceUid("1.9.8"))),
            "No fusion. Series 5 PET body lies in another frame of reference, "
            "and nothing is aligned by guess.",
        ),
        (
            kit.pet_ct_study(pt=kit.uptake(2)),
            "No fusion. Series 5 PET body is no volume. Fewer than 3 slices make no volume.",
        ),
        (study_of(kit.scans()), "No fusion. There is no other series of images in this case."),
    ],
)
def test_what_cannot_be_fused_is_refused_with_a_sentence(
    qtbot: QtBot, study: Study, reason: str
) -> None:
    room = _room(qtbot, study)
    _fuse(room)
    assert room.notices[-1] == reason
    assert room.viewport().state.fusion is None
    assert not room.area.actions_by_id()["fusion.open"].isChecked()
    assert not room.area.actions_by_id()["fusion.more"].isEnabled()
    room.key(Qt.Key.Key_P, modifier=ALT | SHIFT)
    assert room.notices[-1].startswith("No PET/CT layout. ")


def test_pet_without_suv_is_fused_in_its_own_unit_and_says_why(qtbot: QtBot) -> None:
    without = kit.uptake(suv=Suv(refusals=("There is no SUV: Patient's Weight is missing.",)))
    room = _room(qtbot, kit.pet_ct_study(pt=without))
    _fuse(room)
    texts = _text(room.pane())
    assert "There is no SUV: Patient's Weight is missing." in texts
    (words,) = [text for text in texts if text.startswith("FUSION")]
    assert "Bq/ml" in words
    assert "SUV" not in words
    assert "There is no SUV" in room.pane().accessibleDescription()


def test_a_case_that_grows_fills_the_volume_anew_and_learns_its_uptake(qtbot: QtBot) -> None:
    whole = kit.pet_ct_study()
    waiting = Suv(refusals=("There is no SUV before every image of the study is here.",))
    part = kit.uptake(5, suv=waiting)
    room = make_room(qtbot, whole, arrays=kit.values(whole))
    study = kit.pet_ct_study(pt=part)
    room.open(study)
    room.key(Qt.Key.Key_1, modifier=ALT)
    _fuse(room)
    room.key(Qt.Key.Key_Up, modifier=CTRL)
    assert (_fusion(room).here, _fusion(room).slices) == (5, 5)
    assert _fusion(room).refusal
    room.area.grow(whole, (), sets_of(whole), IDENTITY)
    room.settle()
    assert (_fusion(room).here, _fusion(room).slices, _fusion(room).percent) == (8, 8, 45)
    assert "FUSION PT 0–6 SUVbw, 45 % · Hot iron" in _text(room.pane())
    assert _fusion(room).refusal == ""


def test_the_menu_offers_what_fits_and_greys_what_does_not(qtbot: QtBot) -> None:
    room = _room(qtbot)
    menu = QMenu(room.area)
    desk = room.area._review.fusion
    desk.fill(menu)
    (choice,) = menu.actions()
    assert choice.text() == "Series 5 PET body"
    assert choice.isEnabled()
    assert not choice.isChecked()
    choice.trigger()
    room.settle()
    desk.fill(menu)
    texts = [action.text() for action in menu.actions()]
    assert {"PT 0–6 SUVbw", "PT 0–10 SUVbw", "Rainbow", "PET 20 step"} <= set(texts)
    (rainbow,) = [action for action in menu.actions() if action.text() == "Rainbow"]
    rainbow.trigger()
    assert _fusion(room).colours.id == "RAINBOW"
    apart = kit.uptake(frame_of_reference=FrameOfReferenceUid("1.9.8"))
    room.open(kit.pet_ct_study(pt=apart))
    assert room.viewport().state.fusion is None
    desk.fill(menu)
    assert [action.isEnabled() for action in menu.actions()] == [False]
    assert "another frame of reference" in menu.actions()[0].toolTip()


def test_a_closed_case_lets_the_volume_go(qtbot: QtBot) -> None:
    room = _room(qtbot)
    _fuse(room)
    desk = room.area._review.fusion
    assert desk._layer is not None
    held = weakref.ref(desk._layer.reslicer.volume.voxels.base)
    room.area.close_case()
    room.settle()
    assert room.viewport().state.fusion is None
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert held() is None


def test_a_registration_lays_the_pet_where_it_belongs_and_the_picture_says_so(
    qtbot: QtBot,
) -> None:
    plain = _room(qtbot)
    plain.key(Qt.Key.Key_Down)
    _fuse(plain)
    wanted = plain.pane().picture.pixels
    assert wanted is not None
    there, away = FrameOfReferenceUid("1.9.8"), rigid(7, (11, -4, 6))
    pt = kit.uptake()
    moved = tuple(
        replace(
            one,
            planes=tuple(away.inverse().moved(p) for p in one.planes if p is not None),
            frame_of_reference=there,
        )
        for one in pt.instances
    )
    study = kit.pet_ct_study(pt=replace(pt, instances=moved))
    home = study.series[0].instances[0].frame_of_reference
    assert home is not None
    said = registration(Move(there, away), space=home)
    room = _room(qtbot, study)
    room.key(Qt.Key.Key_Down)
    _fuse(room)
    assert room.notices[-1].startswith("No fusion. Series 5 PET body lies in another frame")
    room.area.grow(replace(study, registrations=(said,)), (), sets_of(study), IDENTITY)
    room.settle()
    _fuse(room)
    found = room.pane().picture.pixels
    assert found is not None
    off = np.abs(found.astype(int) - wanted.astype(int))
    assert np.mean(off.max(axis=2) > 2) < 0.005  # rounding at the edge of what is there
    assert "ALIGNED BY REGISTRATION PET to CT, 2026-01-03" in _text(room.pane())
    assert "aligned by registration PET to CT" in room.pane().accessibleDescription()
    room.area.grow(study, (), sets_of(study), IDENTITY)  # nobody says so any more
    room.settle()
    assert room.viewport().state.fusion is None


def test_what_was_set_is_told_and_is_no_warning(qtbot: QtBot) -> None:
    room = _room(qtbot, kit.pet_ct_study())
    _fuse(room)
    assert room.informed[-1].startswith("PT 0–")
    assert not [words for words in room.notices if words.startswith("PT 0–")]
