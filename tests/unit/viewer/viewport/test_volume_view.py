"""The state of a volume in 3D: where things are seen, what is cropped, cut and undone."""

import pytest

from tests.kit.planes import filled, noise, volume_study
from tests.kit.viewer import LUNG, set_of
from viewer.loading.even_slices import EvenSlices
from viewer.model.geometry import PointLps
from viewer.model.presentation import Window
from viewer.model.volume_geometry import Index
from viewer.pixels.volume_presets import Tint, VolumeKind, VolumePreset
from viewer.viewport.camera import SIDES
from viewer.viewport.tools import Button, PointerEvent, ToolId
from viewer.viewport.transform import PanePoint, PaneSize
from viewer.viewport.volume_box import cube_of, edges_of, faces_of
from viewer.viewport.volume_overlay import mode_text, volume_text
from viewer.viewport.volume_tools import volume_tools
from viewer.viewport.volume_view import CropBox, Cut, Cutting, VolumeViewport

BONE = VolumePreset(
    "bone", "Bone", VolumeKind.SHADED, (Tint(100, 0, 0, 0, 0), Tint(300, 1, 1, 1, 1)), "HU"
)
MIP = VolumePreset("mip", "MIP", VolumeKind.BRIGHTEST)
PANE = PaneSize(400, 300)
SQUARE = [PanePoint(150, 100), PanePoint(250, 100), PanePoint(250, 200), PanePoint(150, 200)]


@pytest.fixture
def viewport() -> VolumeViewport:
    study = volume_study()
    whole = filled(study, noise(study))
    target = set_of(study.series[0])
    instances = {one.ref.sop: one for one in study.series[0].instances}
    made = VolumeViewport(target, instances, EvenSlices.of(whole.geometry), LUNG, (BONE, MIP))
    made.resize(PANE)
    return made


def test_the_middle_of_the_volume_is_seen_in_the_middle(viewport: VolumeViewport) -> None:
    assert viewport.project(viewport.centre) == pytest.approx((200, 150))
    assert (viewport.focus(viewport.state) - viewport.centre).norm < 1e-9


@pytest.mark.parametrize("side", sorted(SIDES))
def test_what_lies_towards_a_letter_is_seen_towards_it(viewport: VolumeViewport, side: str) -> None:
    viewport.look_from(SIDES[side])
    camera = viewport.state.camera
    zoom = viewport.transform()
    assert zoom is not None
    right = viewport.project(viewport.centre.plus(camera.right, 5.0))
    down = viewport.project(viewport.centre.plus(camera.down, 5.0))
    assert right == pytest.approx((200 + 5 * zoom.zoom, 150))
    assert down == pytest.approx((200, 150 + 5 * zoom.zoom))
    away = viewport.project(viewport.centre.plus(camera.into, 5.0))
    assert away == pytest.approx((200, 150))


def test_panned_and_zoomed_the_focus_is_what_the_middle_of_the_pane_shows(
    viewport: VolumeViewport,
) -> None:
    viewport.zoom_at(PanePoint(100, 80), 2.5)
    viewport.pan(31, -17)
    assert viewport.project(viewport.focus(viewport.state)) == pytest.approx((200, 150))


def test_the_wheel_enlarges_and_does_not_leaf(viewport: VolumeViewport) -> None:
    before = viewport.transform()
    viewport.scroll(-2)
    after = viewport.transform()
    assert before is not None
    assert after is not None
    assert after.zoom > before.zoom
    assert viewport.state.index == 0


def test_a_preset_brings_its_range_and_the_brightest_the_window_of_the_images(
    viewport: VolumeViewport,
) -> None:
    assert viewport.state.look.voi == Window(200, 200, "Bone")
    assert viewport.next_preset() is MIP
    assert viewport.state.look.voi == LUNG
    assert viewport.next_preset() is BONE


def test_a_face_goes_no_farther_than_the_volume_and_the_face_opposite() -> None:
    whole = CropBox(Index(-0.5, -0.5, -0.5), Index(9.5, 9.5, 9.5))
    box = whole.moved(0, high=False, to=4.0, whole=whole)
    assert box.low.i == 4.0
    assert box.moved(0, high=True, to=-3.0, whole=whole).high.i == 5.0
    assert box.moved(0, high=False, to=40.0, whole=whole).low.i == 8.5
    assert box.moved(0, high=False, to=-40.0, whole=whole) == whole


def test_crop_and_cuts_are_undone_in_turn(viewport: VolumeViewport) -> None:
    whole = viewport.whole
    box = whole.moved(2, high=True, to=5.0, whole=whole)
    viewport.crop(box)
    viewport.put(cutting=Cutting.INSIDE)
    assert viewport.cut(SQUARE)
    assert viewport.undo()
    assert (viewport.state.crop, viewport.state.cuts) == (box, ())
    assert viewport.undo()
    assert viewport.state.crop is None
    assert not viewport.undo()
    assert viewport.redo()
    assert viewport.redo()
    assert len(viewport.state.cuts) == 1
    assert not viewport.redo()
    assert viewport.restore()
    assert not viewport.restore()
    assert viewport.undo()
    assert len(viewport.state.cuts) == 1


def test_the_whole_box_is_no_crop(viewport: VolumeViewport) -> None:
    viewport.crop(viewport.whole)
    assert viewport.state.crop is None
    assert not viewport.undo()


def test_a_cut_is_kept_in_millimetres_along_the_view(viewport: VolumeViewport) -> None:
    viewport.put(cutting=Cutting.OUTSIDE)
    viewport.look_from(SIDES["L"])
    assert viewport.cut(SQUARE)
    transform = viewport.transform()
    assert transform is not None
    half = 50 / transform.zoom
    (cut,) = viewport.state.cuts
    assert cut == Cut(SIDES["L"], cut.corners, inside=False)
    expected = [(-half, -half), (half, -half), (half, half), (-half, half)]
    for found, wanted in zip(cut.corners, expected, strict=True):
        assert found == pytest.approx(wanted)


def test_a_line_around_nothing_cuts_nothing(viewport: VolumeViewport) -> None:
    assert not viewport.cut(SQUARE)  # nobody asked for a cut
    viewport.put(cutting=Cutting.INSIDE)
    assert not viewport.cut(SQUARE[:2])
    assert not viewport.cut([PanePoint(10, 10), PanePoint(11, 10), PanePoint(10, 11)])


def test_marks_are_no_other_picture(viewport: VolumeViewport) -> None:
    before = viewport.state
    viewport.put(boxed=True, cutting=Cutting.INSIDE, line=(PanePoint(1, 1),))
    assert viewport.state.same_picture(before)
    viewport.look_from(SIDES["P"])
    assert not viewport.state.same_picture(before)


def test_the_box_has_twelve_edges_and_six_handles_of_which_three_are_near(
    viewport: VolumeViewport,
) -> None:
    viewport.look_from(SIDES["A"].turned(0.5, 0.3))
    assert len(edges_of(viewport, viewport.state)) == 12
    faces = faces_of(viewport, viewport.state)
    assert [face.near for face in faces] == [True] * 3 + [False] * 3


def test_the_cube_shows_what_is_turned_to_the_reader() -> None:
    assert [side.letter for side in cube_of(SIDES["H"])] == ["H"]
    seen = {side.letter: side for side in cube_of(SIDES["A"].turned(0.6, 0.4))}
    assert set(seen) == {"A", "R", "H"}
    assert seen["R"].middle[0] < 0  # the patient's right still lies on the reader's left
    assert seen["H"].middle[1] < 0


@pytest.mark.parametrize("high", [False, True])
def test_a_handle_moves_its_face_by_as_many_voxels_as_the_pointer_went(
    viewport: VolumeViewport, high: bool
) -> None:
    viewport.put(boxed=True)
    face = next(f for f in faces_of(viewport, viewport.state) if f.axis == 0 and f.high is high)
    gesture = volume_tools(print)[ToolId.SCROLL].press(PointerEvent(face.at), viewport)
    assert gesture is not None
    by = 6.0 if not high else -6.0
    to = PanePoint(face.at.x + by * face.step.x, face.at.y + by * face.step.y)
    gesture.move(PointerEvent(to))
    gesture.release(PointerEvent(to))
    crop = viewport.state.crop
    assert crop is not None
    ends = crop.high if high else crop.low
    whole = viewport.whole.high if high else viewport.whole.low
    assert ends.i == pytest.approx(whole.i + by)
    assert viewport.undo()
    assert viewport.state.crop is None


def test_a_face_that_points_at_the_reader_is_not_dragged(viewport: VolumeViewport) -> None:
    viewport.put(boxed=True)
    face = next(f for f in faces_of(viewport, viewport.state) if f.axis == 1 and f.near)
    gesture = volume_tools(print)[ToolId.SCROLL].press(PointerEvent(face.at), viewport)
    assert gesture is not None
    gesture.move(PointerEvent(PanePoint(face.at.x + 40, face.at.y)))
    assert viewport.state.crop is None
    assert viewport.state.camera != SIDES["A"]  # it turns instead
    gesture.cancel()
    assert viewport.state.camera == SIDES["A"]


def test_the_right_button_zooms_also_while_a_cut_is_asked_for(viewport: VolumeViewport) -> None:
    viewport.put(cutting=Cutting.INSIDE)
    tools = volume_tools(print)
    gesture = tools[ToolId.ZOOM].press(PointerEvent(SQUARE[0], Button.RIGHT), viewport)
    assert gesture is not None
    gesture.move(PointerEvent(PanePoint(150, 180), Button.RIGHT))
    assert viewport.state.line == ()
    assert viewport.state.look.zoom is not None


def test_its_words_say_what_is_missing_cut_and_coarse(viewport: VolumeViewport) -> None:
    viewport.put(here=5, coarse=True, cuts=(Cut(SIDES["A"], ((0, 0), (1, 0), (0, 1))),) * 2)
    whole = viewport.whole
    viewport.crop(whole.moved(0, high=True, to=3, whole=whole))
    assert volume_text(viewport.state) == "VOLUME 5 OF 12 IMAGES · CROPPED · CUT 2 TIMES · COARSE"
    viewport.put(coarse=False, thinned=True, here=12, cuts=())
    viewport.crop(None)
    assert volume_text(viewport.state) == "NOT EVERY VOXEL"
    viewport.put(cutting=Cutting.OUTSIDE)
    assert mode_text(viewport.state) == "Draw around what is to be kept"


def test_reset_looks_from_the_front_and_leaves_cuts(viewport: VolumeViewport) -> None:
    viewport.look_from(SIDES["H"])
    viewport.set_window(0, 50)
    viewport.zoom_at(PanePoint(10, 10), 3)
    cuts = (Cut(SIDES["A"], ((0, 0), (1, 0), (0, 1))),)
    viewport.put(cuts=cuts)
    viewport.reset()
    assert viewport.state.camera == SIDES["A"]
    assert viewport.state.look.zoom is None
    assert viewport.state.look.voi == BONE.window
    assert viewport.state.cuts == cuts
    assert isinstance(viewport.centre, PointLps)
