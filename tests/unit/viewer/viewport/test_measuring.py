"""Every kind drawn, held, nudged and copied by one machine."""

import math
from dataclasses import replace
from typing import Any

import pytest

from tests.kit.viewer import NOW, SPACING, chest, ct_instance, series_of, set_of, shown
from viewer.errors import GeometryError
from viewer.measure.kinds import KINDS, DrawnBy
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PixelPoint
from viewer.viewport.annotate import AnnotationLedger
from viewer.viewport.drawing import Hand
from viewer.viewport.editing import copied, nudged, with_point, without_point
from viewer.viewport.measuring import (
    AnnotationTool,
    DrawGesture,
    PathGesture,
    Selection,
    Snapping,
    path_of,
)
from viewer.viewport.spine import next_level
from viewer.viewport.tools import Gesture, PointerEvent, ToolId
from viewer.viewport.viewport import Viewport

K = AnnotationKind
HAND = Hand("Ito", lambda: NOW)


class Desk:
    """A viewport and one tool, driven in image pixels."""

    def __init__(self, kind: AnnotationKind, hand: Hand = HAND) -> None:
        self.viewport: Viewport = shown(chest())
        self.ledger = AnnotationLedger()
        self.selection = Selection()
        self.tool = AnnotationTool(ToolId(kind.value), kind, self.ledger, self.selection, hand)

    def at(self, column: float, row: float) -> PointerEvent:
        transform = self.viewport.transform()
        assert transform is not None
        return PointerEvent(transform.to_pane(PixelPoint(column, row)))

    def press(self, column: float, row: float) -> Gesture:
        gesture = self.tool.press(self.at(column, row), self.viewport)
        assert gesture is not None
        return gesture

    def click(self, *places: tuple[float, float]) -> Gesture:
        """Click each place; give the gesture as it stands then."""
        gesture = self.press(*places[0])
        for place in places:
            gesture.move(self.at(*place))
            for edit in gesture.release(self.at(*place)):
                self.ledger.apply(edit)
        return gesture

    def drag(self, *places: tuple[float, float]) -> Annotation:
        gesture = self.press(*places[0])
        for place in places[1:]:
            gesture.move(self.at(*place))
        for edit in gesture.release(self.at(*places[-1])):
            self.ledger.apply(edit)
        return self.ledger.all()[-1]


def close(annotation: Annotation | None, *expected: tuple[float, float]) -> None:
    assert annotation is not None
    assert len(annotation.pixels) == len(expected)
    for found, wanted in zip(annotation.pixels, expected, strict=True):
        assert found == pytest.approx(wanted, abs=1e-9)


def mm(a: PixelPoint, b: PixelPoint) -> tuple[float, float]:
    return (b.column - a.column) * SPACING.column, (b.row - a.row) * SPACING.row


def test_each_kind_has_its_tool() -> None:
    assert {tool.kind for tool in ToolId if tool.kind} == set(AnnotationKind)
    assert ToolId.PAN.kind is None


@pytest.mark.parametrize("kind", [k for k, r in KINDS.items() if r.drawn_by is DrawnBy.CLICKS])
def test_a_click_for_each_point(kind: AnnotationKind) -> None:
    desk = Desk(kind)
    places = [(5.0, 5.0), (30.0, 8.0), (12.0, 30.0), (33.0, 41.0)][: KINDS[kind].points]
    gesture = desk.click(*places)
    assert not gesture.lasting
    (made,) = desk.ledger.all()
    close(made, *places)
    assert made.kind is kind
    assert len(made.points) == len(places)


def test_until_all_points_are_placed_nothing_is_made() -> None:
    desk = Desk(K.ANGLE)
    gesture = desk.click((5, 5), (20, 20))
    assert gesture.lasting
    gesture.move(desk.at(30, 5))
    close(gesture.preview, (5, 5), (20, 20), (30, 5))
    gesture.cancel()
    assert desk.ledger.all() == ()


def test_a_first_drag_gives_two_points() -> None:
    desk = Desk(K.ANGLE)
    gesture = desk.press(5, 5)
    gesture.move(desk.at(20, 20))
    assert gesture.release(desk.at(20, 20)) == ()
    close(gesture.preview, (5, 5), (20, 20))


def test_a_path_ends_by_hand_and_points_can_be_taken_back() -> None:
    desk = Desk(K.POLYLINE)
    gesture = desk.click((5, 5), (20, 20), (40, 10), (40, 50))
    assert gesture.lasting
    path = path_of(gesture)
    assert path is not None
    assert path.back()
    (edit,) = path.end()
    close(edit.after, (5, 5), (20, 20), (40, 10))
    assert not gesture.lasting


def test_a_path_with_too_few_points_goes_on() -> None:
    gesture = Desk(K.POLYGON).click((5, 5), (20, 20))
    path = path_of(gesture)
    assert path is not None
    assert path.end() == ()
    assert gesture.lasting
    assert path.back()
    assert not path.back()
    assert path_of(object()) is None


def test_a_click_upon_the_first_point_closes_an_outline() -> None:
    desk = Desk(K.POLYGON)
    gesture = desk.click((5, 5), (30, 8), (20, 40), (5.2, 5.1))
    assert not gesture.lasting
    close(desk.ledger.all()[0], (5, 5), (30, 8), (20, 40))


def test_a_free_outline_takes_the_way_of_the_pointer() -> None:
    desk = Desk(K.FREEHAND)
    turns = [2 * math.pi * n / 40 for n in range(40)]
    made = desk.drag(*[(24 + 10 * math.cos(t), 30 + 10 * math.sin(t)) for t in turns])
    assert len(made.pixels) > 30
    assert desk.press(2, 2).release(desk.at(2, 2)) == ()


def test_the_short_axis_stands_at_a_right_angle_and_stays_so() -> None:
    desk = Desk(K.BIDIRECTIONAL)
    made = desk.drag((10, 10), (34, 22))
    for _ in range(2):
        a, b, c, d = made.pixels
        (ux, uy), (vx, vy) = mm(a, b), mm(c, d)
        assert ux * vx + uy * vy == pytest.approx(0, abs=1e-9)
        made = desk.drag((b.column, b.row), (30, 40))
    (vx, vy) = mm(made.pixels[2], made.pixels[3])
    assert math.hypot(vx, vy) == pytest.approx(0.5 * math.hypot(24, 12) * 0.7)
    end = made.pixels[3]
    slid = desk.drag((end.column, end.row), (end.column + 3, end.row + 4))
    (ux, uy), (vx, vy) = mm(*slid.pixels[:2]), mm(*slid.pixels[2:])
    assert ux * vx + uy * vy == pytest.approx(0, abs=1e-9)
    assert slid.pixels[:2] == made.pixels[:2]


def test_a_rectangle_stays_one_when_a_corner_moves() -> None:
    desk = Desk(K.RECTANGLE)
    made = desk.drag((10, 10), (30, 40))
    close(made, (10, 10), (30, 10), (30, 40), (10, 40))
    close(desk.drag((30, 10), (35, 5)), (10, 5), (35, 5), (35, 40), (10, 40))


def test_an_ellipse_turns_with_its_axis() -> None:
    desk = Desk(K.ELLIPSE)
    made = desk.drag((10, 20), (30, 30))
    close(made, (10, 25), (30, 25), (20, 20), (20, 30))
    turned = desk.drag((30, 25), (10, 45))
    close(turned, (10, 25), (10, 45), (15, 35), (5, 35))


def test_a_circle_moves_by_its_centre_and_grows_by_its_edge() -> None:
    desk = Desk(K.CIRCLE)
    close(desk.drag((20, 20), (26, 20)), (20, 20), (26, 20))
    close(desk.drag((20, 20), (25, 30)), (25, 30), (31, 30))
    close(desk.drag((31, 30), (25, 40)), (25, 30), (25, 40))
    made = desk.ledger.all()[0]
    assert desk.press(15, 30) is not None  # its outline
    assert desk.selection.chosen == made.id


def test_points_snap_to_centres_and_to_other_points() -> None:
    snapping = Snapping(lambda: [PixelPoint(20.25, 20.5)])
    desk = Desk(K.LENGTH, Hand("Ito", lambda: NOW, snapping))
    close(desk.drag((10.3, 10.2), (20.4, 20.4)), (10.3, 10.2), (20.4, 20.4))
    desk.ledger.undo()
    snapping.on = True
    close(desk.drag((10.3, 10.2), (20.4, 20.4)), (10, 10), (20.25, 20.5))


def test_nudging_goes_by_the_screen_also_when_it_is_flipped() -> None:
    desk = Desk(K.LENGTH)
    made = desk.drag((10, 10), (20, 20))
    close(nudged(made, None, (1, 0), desk.viewport), (11, 10), (21, 20))
    close(nudged(made, 1, (0, -1), desk.viewport), (10, 10), (20, 19))
    state = desk.viewport.state
    desk.viewport.look_like(replace(state.look, quarter_turns=1, flip_horizontal=True))
    close(nudged(made, None, (1, 0), desk.viewport), (10, 9), (20, 19))
    edge = desk.drag((0, 0), (10, 5))
    stays = [nudged(edge, None, way, desk.viewport) for way in ((-1, 0), (1, 0), (0, 1), (0, -1))]
    assert edge in stays
    assert nudged(made, None, (1, 0), Viewport()) == made


def test_points_are_added_and_taken_away() -> None:
    desk = Desk(K.POLYGON)
    desk.click((5, 5), (30, 5), (30, 40), (5, 5))
    (made,) = desk.ledger.all()
    more = with_point(made, desk.at(32, 20).at, desk.viewport)
    close(more, (5, 5), (30, 5), (32, 20), (30, 40))
    close(without_point(more, 0, desk.viewport), (30, 5), (32, 20), (30, 40))
    with pytest.raises(GeometryError, match="all its points"):
        without_point(made, 0, desk.viewport)
    with pytest.raises(GeometryError, match="Click a point"):
        without_point(more, None, desk.viewport)
    length = Desk(K.LENGTH).drag((10, 10), (20, 20))
    with pytest.raises(GeometryError, match="no point can be added"):
        with_point(length, desk.at(32, 20).at, desk.viewport)
    with pytest.raises(GeometryError, match="no image"):
        with_point(made, desk.at(32, 20).at, Viewport())


def _copy(made: Annotation, viewport: Viewport) -> Annotation:
    return copied(made, viewport, "Ito", lambda: NOW)


def _other(**changes: Any) -> Viewport:
    instances = [ct_instance("1.2.8", n, z=n * 2.0, **changes) for n in range(3)]
    viewport = Viewport()
    series = series_of(instances)
    viewport.show(set_of(series), {i.ref.sop: i for i in instances})
    return viewport


def test_a_copy_lies_at_the_same_place_of_another_series() -> None:
    desk = Desk(K.LENGTH)
    made = desk.drag((10, 10), (20, 20))
    desk.viewport.scroll(2)
    here = _copy(made, desk.viewport)
    assert here.pixels == made.pixels
    assert here.on == desk.viewport.state.frame
    assert here.id != made.id
    other = _other(spacing=type(SPACING)(0.35, 0.35), rows=128, columns=96)
    there = _copy(here, other)
    assert there.on.sop == "1.2.8.1"
    close(there, (20, 20), (40, 40))
    for a, b in zip(there.points, here.points, strict=True):
        assert a == pytest.approx(b)


def test_what_cannot_be_copied_says_why() -> None:
    desk = Desk(K.LENGTH)
    made = desk.drag((30, 50), (45, 60))
    with pytest.raises(GeometryError, match="no image"):
        _copy(made, Viewport())
    with pytest.raises(GeometryError, match="no Frame of Reference"):
        _copy(made, _other(space="1.77"))
    with pytest.raises(GeometryError, match="no Frame of Reference"):
        _copy(replace(made, space=None), _other(space=None))
    with pytest.raises(GeometryError, match="outside the image"):
        _copy(made, _other(rows=20, columns=20))
    far = _other()
    desk.viewport.scroll(1)
    between = _copy(made, desk.viewport)
    assert between.on.sop != made.on.sop
    with pytest.raises(GeometryError, match="no place"):
        _copy(between, _other(planes=()))
    assert _copy(between, far).on.sop in {"1.2.8.0", "1.2.8.1"}


def test_vertebrae_follow_each_other() -> None:
    assert next_level([]) == "C1"
    assert next_level(["C7", "disc"]) == "T1"
    assert next_level(["T12"]) == "L1"
    assert next_level(["S5"]) == ""


def test_a_whole_shape_moves_by_its_line() -> None:
    desk = Desk(K.RECTANGLE)
    desk.drag((10, 10), (30, 40))
    close(desk.drag((20, 10), (22, 13)), (12, 13), (32, 13), (32, 43), (12, 43))
    assert isinstance(desk.press(12, 13), DrawGesture)
    assert desk.selection.point == 0
    assert isinstance(Desk(K.PROBE).press(3, 3), PathGesture)
