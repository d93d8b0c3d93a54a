"""Drawing, holding and moving annotations, and the way back."""

from dataclasses import replace

import pytest

from tests.kit.viewer import NOW, SPACING, axial_plane, chest, shown
from viewer.measure.quantity import Metric
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import PixelPoint
from viewer.viewport.annotate import AnnotationEdit, AnnotationLedger, grip_at
from viewer.viewport.drawing import Drawing, Hand
from viewer.viewport.measuring import AnnotationTool, Graspable, Selection
from viewer.viewport.navigate import ScrollTool
from viewer.viewport.tools import Gesture, PointerEvent, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport


def _metric(_one: Annotation) -> Metric:
    return Metric(SPACING, SPACING)


HAND = Hand("Ito", lambda: NOW)


class Desk:
    """A viewport with the length tool, driven in image pixels."""

    def __init__(self) -> None:
        self.viewport: Viewport = shown(chest())
        self.ledger = AnnotationLedger()
        self.selection = Selection()
        self.tool = AnnotationTool(
            ToolId.LENGTH, AnnotationKind.LENGTH, self.ledger, self.selection, HAND
        )

    def at(self, column: float, row: float) -> PointerEvent:
        transform = self.viewport.transform()
        assert transform is not None
        return PointerEvent(transform.to_pane(PixelPoint(column, row)))

    def press(self, column: float, row: float) -> Gesture:
        gesture = self.tool.press(self.at(column, row), self.viewport)
        assert gesture is not None
        return gesture

    def draw(self, start: tuple[float, float], end: tuple[float, float]) -> Annotation:
        gesture = self.press(*start)
        gesture.move(self.at(*end))
        for edit in gesture.release(self.at(*end)):
            self.ledger.apply(edit)
        return self.ledger.all()[-1]


def _goes_on(gesture: Gesture) -> bool:
    return gesture.lasting


def _close(annotation: Annotation, *expected: tuple[float, float]) -> None:
    for found, wanted in zip(annotation.pixels, expected, strict=True):
        assert found == pytest.approx(wanted, abs=1e-9)


def test_drag_draws_a_length_with_its_place_in_the_patient() -> None:
    desk = Desk()
    made = desk.draw((10, 10), (30.5, 20.25))
    _close(made, (10, 10), (30.5, 20.25))
    assert made.on == desk.viewport.state.frame
    assert made.made_by.author == "Ito"
    assert made.space == "1.9"
    plane = axial_plane(0, SPACING)
    assert made.points[1] == pytest.approx(plane.to_lps(PixelPoint(30.5, 20.25)))
    assert desk.selection.chosen == made.id


def test_click_and_click_draws_too() -> None:
    desk = Desk()
    gesture = desk.press(10, 10)
    assert gesture.release(desk.at(10, 10)) == ()
    assert _goes_on(gesture)
    gesture.move(desk.at(20, 30))
    assert gesture.preview is not None
    _close(gesture.preview, (10, 10), (20, 30))
    (edit,) = gesture.release(desk.at(20, 30))
    assert not _goes_on(gesture)
    assert edit.before is None


def test_two_clicks_on_one_place_draw_nothing() -> None:
    desk = Desk()
    gesture = desk.press(10, 10)
    gesture.release(desk.at(10, 10))
    assert gesture.release(desk.at(10, 10)) == ()
    assert not _goes_on(gesture)


def test_nothing_is_drawn_outside_the_image_and_points_stay_inside() -> None:
    desk = Desk()
    outside = Drawing.place(desk.viewport, PanePoint(-500, 5), AnnotationKind.LENGTH, HAND)
    assert outside is None
    assert Drawing.place(Viewport(), PanePoint(0, 0), AnnotationKind.LENGTH, HAND) is None
    made = desk.draw((10, 10), (400, 30))
    _close(made, (10, 10), (47.5, 30))


def test_an_end_point_can_be_dragged() -> None:
    desk = Desk()
    made = desk.draw((10, 10), (30, 20))
    changed = desk.draw((30.2, 20.1), (35.2, 25.1))
    assert changed.id == made.id
    _close(changed, (10, 10), (35, 25))
    assert len(desk.ledger.all()) == 1


def test_the_whole_can_be_moved_but_not_out_of_the_image() -> None:
    desk = Desk()
    desk.draw((10, 10), (30, 20))
    _close(desk.draw((20, 15), (22, 25)), (12, 20), (32, 30))
    _close(desk.draw((22, 25), (47, 25)), (12, 20), (32, 30))


def test_a_click_selects_and_changes_nothing() -> None:
    desk = Desk()
    made = desk.draw((10, 10), (30, 20))
    desk.press(5, 60).cancel()
    gesture = desk.press(20, 15)
    assert desk.selection.chosen == made.id
    assert gesture.release(desk.at(20, 15)) == ()
    assert not _goes_on(gesture)


def test_other_tools_let_go_first_to_an_annotation() -> None:
    desk = Desk()
    made = desk.draw((10, 10), (30, 20))
    tool = Graspable(ScrollTool(), desk.ledger, desk.selection)
    assert tool.id is ToolId.SCROLL
    held = tool.press(desk.at(30, 20), desk.viewport)
    assert held is not None
    assert held.preview == made
    free = tool.press(desk.at(40, 60), desk.viewport)
    assert free is not None
    assert free.preview is None
    assert desk.selection.chosen is None
    assert tool.press(PointerEvent(PanePoint(1, 1)), Viewport()) is not None


def test_end_points_go_before_lines_and_new_before_old() -> None:
    desk = Desk()
    first = desk.draw((10, 10), (40, 10))
    second = desk.draw((25, 40), (25, 11))
    transform = desk.viewport.transform()
    assert transform is not None
    grip = grip_at(desk.at(25, 10.4).at, (first, second), transform, _metric)
    assert grip is not None
    assert (grip.annotation, grip.point) == (second, 1)
    grip = grip_at(desk.at(15, 10).at, (first, second), transform, _metric)
    assert grip is not None
    assert (grip.annotation, grip.point) == (first, None)
    assert grip_at(desk.at(5, 60).at, (first, second), transform, _metric) is None


def test_undo_and_redo() -> None:
    desk = Desk()
    told: list[AnnotationEdit] = []
    desk.ledger.changed.connect(told.append)
    made = desk.draw((10, 10), (30, 20))
    changed = desk.draw((30, 20), (35, 25))
    desk.ledger.apply(AnnotationEdit(changed, None))
    assert desk.ledger.all() == ()
    assert desk.ledger.undo()
    assert desk.ledger.all() == (changed,)
    assert desk.ledger.undo()
    assert desk.ledger.all() == (made,)
    assert desk.ledger.undo()
    assert desk.ledger.all() == ()
    assert not desk.ledger.undo()
    assert desk.ledger.redo()
    assert desk.ledger.redo()
    assert desk.ledger.all() == (changed,)
    assert desk.ledger.get(made.id) == changed
    other = desk.draw((5, 40), (15, 50))
    assert not desk.ledger.redo()
    assert desk.ledger.all() == (changed, other)
    assert len(told) == 9


def test_restored_annotations_cannot_be_undone_away() -> None:
    desk = Desk()
    made = desk.draw((10, 10), (30, 20))
    desk.ledger.restore([made])
    assert not desk.ledger.undo()
    assert desk.ledger.on(made.on) == (made,)


def test_what_is_moved_onto_an_image_lies_between_images_no_longer() -> None:
    desk = Desk()
    flat = desk.draw((40, 50), (60, 50))
    instance = desk.viewport.instance
    assert instance is not None
    plane = instance.planes[0]
    assert plane is not None
    points = tuple(plane.to_lps(p) for p in flat.pixels)
    between = replace(flat, id=AnnotationId("b"), plane=plane, points=points)
    onto = replace(between, plane=None)
    desk.ledger.apply(AnnotationEdit(None, between))
    assert (desk.ledger.spatial(), desk.ledger.on(flat.on)) == ((between,), (flat,))
    desk.ledger.apply(AnnotationEdit(between, onto))
    assert (desk.ledger.spatial(), desk.ledger.on(flat.on)) == ((), (flat, onto))
    desk.ledger.undo()
    assert (desk.ledger.spatial(), desk.ledger.on(flat.on)) == ((between,), (flat,))
    other = replace(onto, on=replace(onto.on, frame=1))
    desk.ledger.redo()
    desk.ledger.apply(AnnotationEdit(onto, other))
    assert desk.ledger.on(flat.on) == (flat,)
    assert desk.ledger.on(other.on) == (other,)
