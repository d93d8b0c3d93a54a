"""The pointer on the crosshair, and where its lines are drawn."""

import math

import pytest

from tests.kit.planes import filled, noise, reformat_of, volume_study
from viewer.model.sample_grid import Slab
from viewer.viewport.cross_lines import CrossLine, cross_lines
from viewer.viewport.crosshair import CrosshairFirst, hold_of
from viewer.viewport.navigate import PanTool, ScrollTool
from viewer.viewport.planes import PlaneName
from viewer.viewport.reformat import PlaneViewport, Reformat
from viewer.viewport.tools import Button, PointerEvent
from viewer.viewport.transform import PanePoint

AXIAL, CORONAL, SAGITTAL = PlaneName.AXIAL, PlaneName.CORONAL, PlaneName.SAGITTAL


@pytest.fixture
def reformat() -> Reformat:
    study = volume_study()
    return reformat_of(study, filled(study, noise(study)))


def _lines(viewport: PlaneViewport, slab: Slab | None = None) -> dict[PlaneName, CrossLine]:
    plane, transform = viewport.plane, viewport.transform()
    assert plane is not None
    assert transform is not None
    found = cross_lines(
        viewport.reformat.crosshair,
        plane,
        transform,
        on=viewport.name,
        thickness=slab.thickness if slab else 0.0,
    )
    return {line.of: line for line in found}


def _centre(viewport: PlaneViewport) -> PanePoint:
    transform = viewport.transform()
    assert transform is not None
    return transform.to_pane(viewport.reformat.pixel(viewport.name))


def test_lines_run_through_the_centre_and_leave_it_free(reformat: Reformat) -> None:
    viewport = reformat.viewports[AXIAL]
    lines, centre = _lines(viewport), _centre(viewport)
    assert set(lines) == {CORONAL, SAGITTAL}
    for line, axis in ((lines[CORONAL], 1), (lines[SAGITTAL], 0)):
        for a, b in line.parts:
            assert a[axis] == pytest.approx(centre[axis])
            assert b[axis] == pytest.approx(centre[axis])
            nearest = min(math.dist(a, centre), math.dist(b, centre))
            assert nearest == pytest.approx(14.0)
        assert len(line.grips) == 2
        assert not line.faces
    assert (lines[CORONAL].word, lines[SAGITTAL].word) == ("COR", "SAG")


def test_slab_faces_stand_half_a_thickness_away(reformat: Reformat) -> None:
    viewport = reformat.viewports[AXIAL]
    line, centre = _lines(viewport, Slab(8.0))[CORONAL], _centre(viewport)
    transform = viewport.transform()
    assert transform is not None
    away = sorted(face[0].y - centre.y for face in line.faces)
    pixels = 4.0 / 0.7 * transform.zoom
    assert away == pytest.approx([-pixels, pixels])


def test_the_images_show_planes_that_cut_them_and_not_the_parallel_one(reformat: Reformat) -> None:
    viewport = reformat.viewports[AXIAL]
    plane, transform = viewport.plane, viewport.transform()
    assert plane is not None
    assert transform is not None
    words = [line.word for line in cross_lines(reformat.crosshair, plane, transform)]
    assert words == ["COR", "SAG"]
    reformat.turn(reformat.crosshair, SAGITTAL, 0.2)
    words = [line.word for line in cross_lines(reformat.crosshair, plane, transform)]
    assert words == ["AX", "COR", "SAG"]


def test_the_centre_is_dragged_and_the_drag_is_told(reformat: Reformat) -> None:
    viewport = reformat.viewports[AXIAL]
    start = _centre(viewport)
    gesture = hold_of(PointerEvent(PanePoint(start.x + 3, start.y)), viewport)
    assert gesture is not None
    transform = viewport.transform()
    assert transform is not None
    five = 5 * transform.zoom
    gesture.move(PointerEvent(PanePoint(start.x + 3 + five, start.y)))
    assert reformat.viewports[CORONAL].state.moving
    gesture.release(PointerEvent(PanePoint(start.x + 3 + five, start.y)))
    assert not reformat.viewports[CORONAL].state.moving
    assert reformat.geometry.to_index(reformat.crosshair.centre).i == pytest.approx(22)
    assert _centre(viewport).x == pytest.approx(start.x + five)


def test_a_grip_turns_and_cancelling_turns_back(reformat: Reformat) -> None:
    viewport = reformat.viewports[CORONAL]
    before, centre = reformat.crosshair, _centre(viewport)
    grip = _lines(viewport)[AXIAL].grips[1]
    gesture = hold_of(PointerEvent(grip), viewport)
    assert gesture is not None
    radius, angle = math.dist(grip, centre), math.radians(25)
    turned = math.atan2(grip.y - centre.y, grip.x - centre.x) + angle
    to = PanePoint(centre.x + radius * math.cos(turned), centre.y + radius * math.sin(turned))
    gesture.move(PointerEvent(to))
    assert reformat.crosshair.tilt(AXIAL)[1] == pytest.approx(25)
    line = _lines(viewport)[AXIAL]
    assert any(math.dist(grip, to) < 1e-6 for grip in line.grips)
    gesture.cancel()
    assert reformat.crosshair == before
    assert not viewport.state.moving


def test_a_line_is_dragged_along_its_normal(reformat: Reformat) -> None:
    viewport = reformat.viewports[AXIAL]
    line, transform = _lines(viewport)[CORONAL], viewport.transform()
    assert transform is not None
    end = line.parts[0][0]
    start = PanePoint(end.x + 8, end.y)
    gesture = hold_of(PointerEvent(start), viewport)
    assert gesture is not None
    gesture.release(PointerEvent(PanePoint(start.x + 60, start.y + 4 * transform.zoom)))
    index = reformat.geometry.to_index(reformat.crosshair.centre)
    assert [index.i, index.j] == pytest.approx([17, 23])


def test_a_click_on_a_line_goes_there_too(reformat: Reformat) -> None:
    viewport = reformat.viewports[AXIAL]
    place = _lines(viewport)[CORONAL].parts[1][0]
    gesture = hold_of(PointerEvent(PanePoint(place.x + 20, place.y)), viewport)
    assert gesture is not None
    gesture.release(PointerEvent(PanePoint(place.x + 20, place.y)))
    assert _centre(viewport).x == pytest.approx(place.x + 20, abs=7)


def test_a_click_goes_there_and_a_drag_is_the_tools(reformat: Reformat) -> None:
    viewport = reformat.viewports[CORONAL]
    tool = CrosshairFirst(PanTool(), lambda: reformat)
    transform = viewport.transform()
    assert transform is not None
    place = transform.to_pane(transform.to_pixel(PanePoint(100.0, 240.0)))
    gesture = tool.press(PointerEvent(place), viewport)
    assert gesture is not None
    gesture.release(PointerEvent(place))
    clicked = reformat.crosshair.centre
    point = viewport.point_at(place)
    assert point is not None
    voxel = [round(x) for x in reformat.geometry.to_index(point)]
    assert list(reformat.geometry.to_index(clicked)) == pytest.approx(voxel)
    gesture = tool.press(PointerEvent(PanePoint(50, 60)), viewport)
    assert gesture is not None
    gesture.move(PointerEvent(PanePoint(90, 60)))
    gesture.release(PointerEvent(PanePoint(90, 60)))
    assert reformat.crosshair.centre == clicked
    assert viewport.state.look.offset.x == pytest.approx(40)


def test_other_buttons_never_take_hold_of_the_crosshair(reformat: Reformat) -> None:
    viewport = reformat.viewports[AXIAL]
    before = reformat.crosshair
    tool = CrosshairFirst(ScrollTool(), lambda: reformat)
    gesture = tool.press(PointerEvent(_centre(viewport), Button.MIDDLE), viewport)
    assert gesture is not None
    gesture.release(PointerEvent(_centre(viewport), Button.MIDDLE))
    assert reformat.crosshair == before
