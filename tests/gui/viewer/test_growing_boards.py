"""Images that come while planes or 3D are open: told at once, taken up when the series stands."""

from dataclasses import replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.gui.viewer.test_pet_ct_board import _arrays
from tests.kit import fusion as kit
from tests.kit.planes import STEP, noise, slices, volume_study
from tests.kit.space import MADE
from tests.kit.viewer import IDENTITY, axial_plane, series_of, sets_of, study_of
from tests.kit.volume3d import Workshop
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import PixelPoint, PointLps, Spacing
from viewer.model.refs import FrameRef
from viewer.model.study import Study
from viewer.qt.mpr_board import MprBoard
from viewer.qt.pet_ct_board import PetCtBoard
from viewer.qt.viewport_widget import ViewportWidget
from viewer.qt.volume_board import VolumeBoard
from viewer.render import volume_picture
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.corners import Corner
from viewer.viewport.planes import PlaneName
from viewer.viewport.volume_view import CropBox

LACKS = "LACKS 7 NEW IMAGES"


def _stand(room: Room) -> None:
    """Nothing more has come for a while."""
    for shown in (room.area._mpr.volume, room.area._volume._volume):
        shown._quiet.timeout.emit()
    room.settle()


def _room(qtbot: QtBot, whole: Study, command: str, now: Study, arrays: Any = None) -> Room:
    room = make_room(qtbot, whole, arrays=arrays or noise(whole))
    room.open(now)
    room.area.actions_by_id()[command].trigger()
    room.settle()
    return room


def _grow(room: Room, study: Study) -> None:
    room.area.grow(study, (), sets_of(study), IDENTITY)
    room.settle()


def _texts(widget: ViewportWidget) -> list[str]:
    overlay = widget.overlay_now()
    assert overlay is not None
    return [line.text for lines in overlay.corners.values() for line in lines]


def _text(widget: ViewportWidget) -> str:
    overlay = widget.overlay_now()
    assert overlay is not None
    return " · ".join(line.text for line in overlay.corners[Corner.BOTTOM_LEFT])


def test_planes_say_what_they_lack_and_take_it_up_at_the_same_place(qtbot: QtBot) -> None:
    whole = volume_study()
    room = _room(qtbot, whole, "mpr.open", volume_study(5))
    (board,) = room.area.findChildren(MprBoard)
    reformat, coronal = board.reformat, board.widgets[2]
    reformat.turn(reformat.crosshair, PlaneName.AXIAL, 0.3)
    centre, axes = reformat.crosshair.centre, reformat.crosshair.axes
    room.settle()
    _grow(room, whole)
    assert LACKS in _text(coronal)
    assert "lacks 7 new images" in coronal.accessibleDescription()
    assert reformat.geometry.slices == 5
    assert len(board.source.state.target.frames) == 12  # type: ignore[union-attr]
    beside = board.findChild(ViewportWidget, "mpr.source")
    assert isinstance(beside, ViewportWidget)
    assert "KEY IMAGES" not in " ".join(_texts(beside))

    _stand(room)
    assert reformat.geometry.slices == 12
    assert LACKS not in _text(coronal)
    assert "VOLUME" not in _text(coronal)
    assert (reformat.crosshair.centre, reformat.crosshair.axes) == (centre, axes)
    assert len(board.source.state.target.frames) == 12  # type: ignore[union-attr]
    assert reformat.go_to(PointLps(centre.x, centre.y, -STEP * 11))
    room.settle()
    assert all(widget.picture.at_rest for widget in board.widgets)


def test_images_that_make_no_volume_stay_out_and_the_planes_go_on_saying_so(
    qtbot: QtBot,
) -> None:
    part = slices(5)
    crooked = replace(part[4], planes=(axial_plane(-STEP * 2.5, Spacing(0.7, 0.7)),))
    odd = study_of(series_of([*part[:4], crooked, *slices(6, rows=20)[5:]]))
    room = _room(qtbot, odd, "mpr.open", volume_study(4))
    (board,) = room.area.findChildren(MprBoard)
    _grow(room, odd)
    _stand(room)
    (told,) = (words for words in room.notices if "not in its volume" in words)
    assert told == ("2 new images of this series are not in its volume. The images differ in size.")
    room.settle()
    assert "LACKS 2 NEW IMAGES" in _text(board.widgets[0])
    assert board.reformat.geometry.slices == 4


def test_3d_takes_them_up_and_what_was_cropped_stays_in_the_patient(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volume_picture, "VolumeProcess", Workshop())
    whole = volume_study()
    room = _room(qtbot, whole, "volume.open", volume_study(5))
    (board,) = room.area.findChildren(VolumeBoard)
    viewport = board.viewport
    box = viewport.whole
    viewport.crop(CropBox(box.low, box.high._replace(i=20.5)))
    right = viewport.slices.to_lps(20.5, 0, 0).x
    _grow(room, whole)
    assert LACKS in _text(board.widget)

    _stand(room)

    def taken() -> bool:
        room.settle()
        return viewport.slices.shape[0] == 12 and board.picture.shown is not None

    qtbot.waitUntil(taken)
    crop = viewport.state.crop
    assert crop is not None
    assert crop.high.k == viewport.whole.high.k == 11.5
    assert viewport.slices.to_lps(crop.high.i, 0, 0).x == pytest.approx(right)
    assert "LACKS" not in _text(board.widget)


def test_the_board_of_pet_and_ct_takes_up_both(qtbot: QtBot) -> None:
    whole = kit.pet_ct_study()
    part = kit.pet_ct_study(kit.scans(6), kit.uptake(5))
    room = _room(qtbot, whole, "petct.open", part, _arrays(whole))
    (board,) = room.area.findChildren(PetCtBoard)
    centre = board.reformat.crosshair.centre
    _grow(room, whole)

    _stand(room)

    def taken() -> bool:
        room.settle()
        return board.reformat.geometry.slices == 12 and board.turning.is_playing

    qtbot.waitUntil(taken)
    board.turning.stop()
    room.settle()
    assert len(board.uptake.entry.target.frames) == 8
    assert {one.geometry.slices for one in (board._pet, board._fused)} == {8, 12}
    assert {one.crosshair.centre for one in board._every} == {centre}
    for widget in board.widgets:
        assert widget.picture.at_rest, widget.accessibleName()
        assert "LACKS" not in _text(widget)
        assert "VOLUME" not in _text(widget)


def test_values_of_a_solid_are_taken_anew_from_all_images_though_no_pane_shows_it(
    qtbot: QtBot,
) -> None:
    whole = volume_study()
    made = _sphere(whole)
    room = make_room(qtbot, whole, arrays=noise(whole))
    room.open(volume_study(5))
    room.area._measuring.add(made)
    _grow(room, whole)  # while its values are still being taken
    full = _voxels(room)
    room = make_room(qtbot, whole, arrays=noise(whole))
    room.open(volume_study(5))
    room.area._measuring.add(made)
    room.settle()
    assert 0 < _voxels(room) < full
    _grow(room, whole)
    assert _voxels(room) == full  # it is told anew, for the report too
    flat = replace(made, points=made.points[:1] * 2)
    room.area._measuring.take(AnnotationEdit(made, flat))
    room.settle()
    assert room.numberless == [made.id]  # so that the report does not keep its numbers


def _sphere(study: Study) -> Annotation:
    on, middle = study.series[0].instances[3], study.series[0].instances[5].planes[0]
    assert middle is not None
    points = (middle.to_lps(PixelPoint(15, 15)), middle.to_lps(PixelPoint(22, 15)))
    frame = FrameRef(on.ref.study, on.ref.series, on.ref.sop)
    return Annotation(
        AnnotationId("a"), AnnotationKind.SPHERE, frame, (PixelPoint(0, 0),) * 2, points,
        on.frame_of_reference, MADE,
    )  # fmt: skip


def _voxels(room: Room) -> float:
    return next(one.value for one in room.measured[-1].others if one.id.endswith("/voxels"))
