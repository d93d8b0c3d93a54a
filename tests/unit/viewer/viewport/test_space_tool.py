"""Drawing and moving in space, on planes and slices: points in the patient, edits at the end."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.kit.planes import filled, noise, reformat_of, volume_study
from tests.kit.viewer import NOW, PANE, set_of
from viewer.errors import GeometryError
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PointLps
from viewer.model.refs import FrameOfReferenceUid, SeriesUid, SopUid
from viewer.model.sample_grid import Slab
from viewer.model.volume_geometry import Index
from viewer.viewport.annotate import AnnotationEdit, AnnotationLedger
from viewer.viewport.drawing import Hand
from viewer.viewport.measuring import Selection
from viewer.viewport.plane_shapes import stored
from viewer.viewport.planes import PlaneName
from viewer.viewport.reformat import PlaneViewport
from viewer.viewport.shapes import NO_READING
from viewer.viewport.space_editing import changed_on, copied_to, nudged_in_space, offered
from viewer.viewport.space_shapes import Chosen, crossing_marks, handles, space_shapes
from viewer.viewport.space_tool import Space, SpaceDraft, SpaceTool
from viewer.viewport.space_view import in_space, reshaped, shares_space, space_view
from viewer.viewport.tools import PointerEvent, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

K = AnnotationKind
AXIAL, CORONAL, SAGITTAL = PlaneName.AXIAL, PlaneName.CORONAL, PlaneName.SAGITTAL


class Bench:
    """Three planes and the stack of one volume, with the tools of space."""

    def __init__(self) -> None:
        study = volume_study()
        self.reformat = reformat_of(study, filled(study, noise(study)))
        self.stack = Viewport()
        instances = {one.ref.sop: one for one in study.series[0].instances}
        self.stack.show(set_of(study.series[0]), instances, index=5)
        self.stack.resize(PANE)
        self.said: list[str] = []
        self.space = Space(
            AnnotationLedger(), Selection(), SpaceDraft(), Hand("Dr. Ito", lambda: NOW),
            lambda _one: None, self.said.append,
        )  # fmt: skip

    def plane(self, name: PlaneName) -> PlaneViewport:
        return self.reformat.viewports[name]

    def point(self, i: float, j: float, k: float) -> PointLps:
        return self.reformat.geometry.to_lps(Index(i, j, k))

    def at(self, viewport: Viewport, point: PointLps) -> PanePoint:
        view = space_view(viewport)
        assert view is not None
        return view.to_pane(point)

    def drag(self, kind: AnnotationKind, viewport: Viewport, *way: PointLps) -> Annotation | None:
        """Press at the first place, go over all others, release at the last."""
        tool = SpaceTool(ToolId(kind.value), kind, self.space)
        gesture = tool.press(PointerEvent(self.at(viewport, way[0])), viewport)
        if gesture is None:
            return None
        for place in way[1:]:
            gesture.move(PointerEvent(self.at(viewport, place)))
        assert gesture.preview is None
        return self.apply(gesture.release(PointerEvent(self.at(viewport, way[-1]))))

    def apply(self, edits: Sequence[AnnotationEdit]) -> Annotation | None:
        self.space.ledger.apply(*edits)
        return edits[0].after if edits else None


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_line_is_begun_on_one_plane_and_ended_on_another(bench: Bench) -> None:
    a, b = bench.point(10, 12, 5), bench.point(20, 19, 9)
    assert bench.drag(K.LINE_3D, bench.plane(AXIAL), a) is None
    assert bench.space.draft.waits
    assert bench.said == ["Click the next point, here or on another slice or plane."]
    made = bench.drag(K.LINE_3D, bench.plane(CORONAL), b)
    assert made is not None
    assert made.points[0] == pytest.approx(a, abs=1e-9)
    assert made.points[1] == pytest.approx(b, abs=1e-9)
    assert made.on == bench.reformat.target.frames[5]
    assert bench.space.draft.shown is None


def test_a_click_upon_the_last_point_adds_none_and_escape_gives_up(bench: Bench) -> None:
    a = bench.point(10, 12, 5)
    bench.drag(K.ANGLE_3D, bench.stack, a)
    bench.drag(K.ANGLE_3D, bench.stack, a)
    shown = bench.space.draft.shown
    assert shown is not None
    assert len(shown.points) == 1
    assert bench.space.draft.cancel()
    assert not bench.space.draft.cancel()


@pytest.mark.parametrize("name", [AXIAL, CORONAL, SAGITTAL])
def test_a_sphere_is_dragged_from_its_centre(bench: Bench, name: PlaneName) -> None:
    plane = bench.plane(name).plane
    assert plane is not None
    c = bench.point(17, 19, 5)
    made = bench.drag(K.SPHERE, bench.plane(name), c, c.plus(plane.row, 2), c.plus(plane.row, 4))
    assert made is not None
    assert (made.points[1] - made.points[0]).norm == pytest.approx(4)
    for each in (AXIAL, CORONAL, SAGITTAL):
        view = space_view(bench.plane(each))
        assert view is not None
        (shape,) = space_shapes([made], view, _silent, lambda _one: None, Chosen(made.id))
        middle, radius = view.to_pane(c), 4 / plane.spacing.row * view.transform.zoom
        for p in shape.paths[0]:
            assert math.hypot(p.x - middle.x, p.y - middle.y) == pytest.approx(radius, rel=1e-6)
        assert len(shape.points) == 2


def test_a_press_without_a_drag_gives_the_usual_size(bench: Bench) -> None:
    c = bench.point(17, 19, 5)
    ball, box = (bench.drag(kind, bench.stack, c) for kind in (K.SPHERE, K.BOX))
    assert ball is not None
    assert (ball.points[1] - c).norm == pytest.approx(10)
    assert box is None or len(box.points) == 4  # the press may have held the ball


def test_points_and_wholes_are_moved_and_boxes_stay_boxes(bench: Bench) -> None:
    plane = bench.plane(AXIAL).plane
    assert plane is not None
    a = bench.point(10, 12, 5)
    b = a.plus(plane.row, 8).plus(plane.column, 6)
    box = bench.drag(K.BOX, bench.plane(AXIAL), a, b)
    assert box is not None
    c = box.points[0]
    assert [(p - c).norm for p in box.points[1:]] == pytest.approx([4, 3, 3.5])
    end = box.points[1]
    wider = bench.drag(K.BOX, bench.plane(AXIAL), end, end.plus(plane.row, 2).plus(plane.column, 1))
    assert wider is not None
    assert wider.id == box.id
    assert [(p - c).norm for p in wider.points[1:]] == pytest.approx([6, 3, 3.5])
    bench.reformat.go_to(bench.reformat.geometry.to_lps(bench.reformat.geometry.to_index(c)))
    c = wider.points[0]
    deep = bench.drag(K.BOX, bench.plane(CORONAL), c, c.plus(PointLps(0, 0, -3)))
    assert deep is not None
    assert deep.points[0].z == pytest.approx(c.z - 3)
    assert [(p - deep.points[0]).norm for p in deep.points[1:]] == pytest.approx([6, 3, 3.5])
    assert bench.space.ledger.undo()
    assert bench.space.ledger.get(box.id) == wider


def test_nothing_is_drawn_outside_on_a_slab_or_where_no_length_is_true(bench: Bench) -> None:
    assert bench.drag(K.SPHERE, bench.stack, bench.point(-9, 3, 5)) is None
    bench.reformat.set_slab(Slab(5.0))
    assert bench.drag(K.SPHERE, bench.plane(AXIAL), bench.point(9, 3, 5)) is None
    assert bench.said[-1].startswith("A slab shows what lies behind each other")
    assert bench.space.ledger.all() == ()


def test_keys_move_by_a_pixel_of_the_shown_plane(bench: Bench) -> None:
    c = bench.point(17, 19, 5)
    made = _sphere(bench, c, 4)
    moved = nudged_in_space(made, None, (1, 0), bench.plane(CORONAL))
    assert moved.points[0] - c == pytest.approx((0.7, 0, 0), abs=1e-9)
    assert moved.points[1] - moved.points[0] == pytest.approx(made.points[1] - c, abs=1e-9)
    up = nudged_in_space(made, None, (0, -1), bench.plane(CORONAL))
    assert up.points[0] - c == pytest.approx((0, 0, 0.7), abs=1e-9)
    edge = nudged_in_space(made, 1, (1, 0), bench.stack)
    assert edge.points[0] == c


def test_a_pane_offers_what_it_shows(bench: Bench) -> None:
    made = _sphere(bench, bench.point(17, 19, 5), 4)
    bench.space.ledger.apply(AnnotationEdit(None, made))
    nothing = bench.space.grown
    assert offered(bench.stack, bench.space.ledger, nothing) == (made,)
    bench.stack.go_to_index(11)
    assert offered(bench.stack, bench.space.ledger, nothing) == ()
    assert offered(Viewport(), bench.space.ledger, nothing) == ()
    hidden = replace(made, hidden=True)
    bench.space.ledger.apply(AnnotationEdit(made, hidden))
    assert offered(bench.plane(AXIAL), bench.space.ledger, nothing) == ()


def test_a_copy_stays_at_its_place_in_the_patient(bench: Bench) -> None:
    made = _sphere(bench, bench.point(17, 19, 5), 4)
    copy = copied_to(made, bench.plane(SAGITTAL), "Dr. Ono", lambda: NOW)
    assert copy.points == made.points
    assert (copy.id != made.id, copy.made_by.author) == (True, "Dr. Ono")
    alien = replace(made, space=None, on=replace(made.on, series=SeriesUid("9.9")))
    with pytest.raises(GeometryError, match="share no Frame of Reference"):
        copied_to(alien, bench.stack, "", lambda: NOW)


def test_a_copy_in_another_series_takes_its_values_there(bench: Bench) -> None:
    made = _sphere(bench, bench.point(17, 19, 5), 4)
    other = volume_study(series="1.2.77")
    stack = Viewport()
    instances = {one.ref.sop: one for one in other.series[0].instances}
    stack.show(set_of(other.series[0]), instances)
    stack.resize(PANE)
    copy = copied_to(made, stack, "Dr. Ono", lambda: NOW)
    assert copy.points == made.points
    assert copy.on.series == "1.2.77"
    assert copy.on == set_of(other.series[0]).frames[5]


def test_a_flat_shape_is_kept_on_its_plane_or_on_the_image_that_it_is(bench: Bench) -> None:
    coronal = bench.plane(CORONAL)
    a, b = bench.point(10, 19, 2.2), bench.point(20, 19, 7.3)
    made = stored(_flat(bench, coronal, a, b), None, coronal)
    assert made.plane == coronal.plane
    assert [made.plane.to_lps(p) for p in made.pixels] == [a, b] if made.plane else False
    assert changed_on(made, coronal, lambda one: one).points == made.points
    with pytest.raises(GeometryError, match="open MPR to change it"):
        changed_on(made, bench.stack, lambda one: one)
    with pytest.raises(GeometryError, match="on another plane"):
        changed_on(made, bench.plane(AXIAL), lambda one: one)
    with pytest.raises(GeometryError, match="lies across this plane"):
        copied_to(made, bench.plane(AXIAL), "", lambda: NOW)
    axial = bench.plane(AXIAL)
    c, d = bench.point(10, 12, 5), bench.point(20, 19, 5)
    own = stored(_flat(bench, axial, c, d), None, axial)
    assert (own.plane, own.on) == (None, bench.reformat.target.frames[5])
    assert own.pixels[0] == pytest.approx((10, 12))


def test_a_line_through_a_plane_is_marked_where_it_passes(bench: Bench) -> None:
    view = space_view(bench.plane(AXIAL))
    assert view is not None
    a, b = bench.point(10, 12, 3), bench.point(20, 12, 7)
    marks = crossing_marks([a, b], view)
    assert len(marks) == 2
    middle = view.to_pane(bench.point(15, 12, 5))
    assert sum(p.x for line in marks for p in line) / 4 == pytest.approx(middle.x)
    assert crossing_marks([a, bench.point(20, 12, 4)], view) == ()
    line = in_space(bench.stack, K.LINE_3D, (a, b), "", lambda: NOW)
    assert line is not None
    (shape,) = space_shapes([line], view, _silent, lambda _one: None, Chosen())
    assert len(shape.ties) == 1
    assert len(shape.paths) == 3  # the piece within half a voxel, and the mark
    assert handles(line, view) == ()


def test_what_shares_no_space_is_not_shown(bench: Bench) -> None:
    made = _sphere(bench, bench.point(17, 19, 5), 4)
    instance = bench.stack.instance
    assert instance is not None
    assert shares_space(made, instance)
    assert not shares_space(replace(made, space=FrameOfReferenceUid("1.2.9")), instance)
    assert shares_space(replace(made, space=None), instance)


def _sphere(bench: Bench, c: PointLps, radius: float) -> Annotation:
    points = (c, c.plus(PointLps(radius, 0, 0)))
    made = in_space(bench.stack, K.SPHERE, points, "Dr. Ito", lambda: NOW)
    assert made is not None
    return made


def _flat(bench: Bench, viewport: Viewport, a: PointLps, b: PointLps) -> Annotation:
    plane, frame = viewport.plane, viewport.state.frame
    made = _sphere(bench, a, 1)
    assert plane is not None
    assert frame is not None
    pixels = (plane.to_pixel(a), plane.to_pixel(b))
    return replace(made, kind=K.LENGTH, on=frame, pixels=pixels, points=(a, b))


def _silent(_one: Annotation) -> Any:
    return NO_READING


def test_in_a_pane_of_another_stack_of_its_series_it_stays_on_its_own_images() -> None:
    bench = Bench()
    target = bench.stack.state.target
    assert target is not None
    made = in_space(
        bench.stack, K.SPHERE, (bench.point(10, 10, 2), bench.point(14, 10, 2)), "Dr. Ito",
        lambda: NOW,
    )  # fmt: skip
    assert made is not None
    assert made.on == target.frames[2]
    instances = {f.sop: one for f in target.frames if (one := bench.stack.instance_of(f))}
    other = Viewport()  # as a diffusion series holds one stack for each weighting
    other.show(replace(target, frames=target.frames[6:]), instances, index=1)
    other.resize(PANE)
    moved = reshaped(made, tuple(p.plus(PointLps(1, 0, 0)) for p in made.points), other)
    assert moved.on == made.on
    assert moved.points != made.points


def test_a_flat_shape_moved_on_planes_of_other_images_stays_one_of_its_own(bench: Bench) -> None:
    coronal = bench.plane(CORONAL)
    a, b = bench.point(10, 19, 2.2), bench.point(20, 19, 7.3)
    made = stored(_flat(bench, coronal, a, b), None, coronal)
    pet = replace(made, on=replace(made.on, series=SeriesUid("1.2.77"), sop=SopUid("1.2.77.4")))
    shown = replace(made, points=tuple(p.plus(PointLps(1, 0, 0)) for p in made.points))
    moved = stored(shown, pet, coronal)
    assert (moved.on, moved.plane, moved.points) == (pet.on, coronal.plane, shown.points)
    axial = bench.plane(AXIAL)
    c, d = bench.point(10, 12, 5), bench.point(20, 19, 5)  # the plane of an image of this series
    assert stored(_flat(bench, axial, c, d), pet, axial).on == pet.on
