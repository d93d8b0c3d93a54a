"""Whatever is done to a crosshair, its planes stay at right angles, true and through its centre."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.volumes import geometry, planes, turned
from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.presentation import Presentation
from viewer.viewport.planes import PLANES, Crosshair, PlaneName, stepped, voxel_at
from viewer.viewport.transform import PaneSize, PaneTransform

ANGLES = st.floats(-math.pi, math.pi)
DEGREES = st.floats(-180, 180)
COORDINATES = st.floats(-60, 60)
POINTS = st.builds(PointLps, COORDINATES, COORDINATES, COORDINATES)
MOVES = st.lists(st.one_of(POINTS, st.tuples(st.sampled_from(PLANES), ANGLES)), max_size=8)


def _crosshair(about_z: float, about_x: float) -> Crosshair:
    where = planes([2.5 * k for k in range(7)], directions=turned(about_z, about_x))
    return Crosshair.through(geometry(where, 12, 9))


def _after(start: Crosshair, moves: list[PointLps | tuple[PlaneName, float]]) -> Crosshair:
    for move in moves:
        start = start.moved(move) if isinstance(move, PointLps) else start.turned(*move)
    return start


@given(DEGREES, DEGREES, MOVES)
def test_planes_stay_at_right_angles_and_through_the_centre(
    about_z: float, about_x: float, moves: list[PointLps | tuple[PlaneName, float]]
) -> None:
    found = _after(_crosshair(about_z, about_x), moves)
    normals = [cut.normal for cut in found.cuts]
    for n, (name, cut) in enumerate(zip(PLANES, found.cuts, strict=True)):
        assert (cut.normal - found.axes.normal(name)).norm == pytest.approx(0, abs=1e-12)
        assert (cut.right.norm, cut.down.norm) == pytest.approx((1, 1), abs=1e-12)
        assert cut.right.dot(cut.down) == pytest.approx(0, abs=1e-12)
        assert normals[n].dot(normals[n - 1]) == pytest.approx(0, abs=1e-12)
        assert (found.centre - cut.middle).dot(cut.normal) == pytest.approx(0, abs=1e-9)
    axes = found.axes
    assert axes.left.cross(axes.back).dot(axes.head) == pytest.approx(1, abs=1e-12)


@given(DEGREES, DEGREES, POINTS, st.sampled_from(PLANES), ANGLES)
def test_turning_there_and_back_changes_nothing(
    about_z: float, about_x: float, centre: PointLps, name: PlaneName, angle: float
) -> None:
    start = _crosshair(about_z, about_x).moved(centre)
    there = start.turned(name, angle)
    assert there.cut(name) == start.cut(name)
    back = there.turned(name, -angle)
    for one, other in zip(start.cuts, back.cuts, strict=True):
        for a, b in ((one.middle, other.middle), (one.right, other.right), (one.down, other.down)):
            assert (a - b).norm == pytest.approx(0, abs=1e-9)


@given(DEGREES, DEGREES, POINTS, POINTS, st.sampled_from(PLANES), ANGLES)
def test_the_centre_stays_where_it_is_drawn_when_planes_turn(
    about_z: float, about_x: float, first: PointLps, then: PointLps, name: PlaneName, angle: float
) -> None:
    before = _crosshair(about_z, about_x).moved(first).moved(then)
    after = before.turned(name, angle)
    for plane in PLANES:
        was = before.cut(plane).plane.to_pixel(before.centre)
        now = after.cut(plane).plane.to_pixel(after.centre)
        assert now == pytest.approx(was, abs=1e-7)


@given(DEGREES, MOVES, st.floats(-20, 20), st.floats(-20, 20), st.floats(0.2, 8))
def test_a_place_of_the_pane_is_a_point_of_the_plane_and_back(
    about_z: float,
    moves: list[PointLps | tuple[PlaneName, float]],
    column: float,
    row: float,
    zoom: float,
) -> None:
    found = _after(_crosshair(about_z, 20.0), moves)
    for cut in found.cuts:
        look = Presentation(zoom=zoom)
        place = PaneTransform.of(cut.rows, cut.columns, 1.0, PaneSize(41, 30), look)
        pixel = PixelPoint(column, row)
        point = cut.plane.to_lps(pixel)
        assert (point - found.centre).dot(cut.normal) == pytest.approx(0, abs=1e-8)
        assert cut.plane.to_pixel(point) == pytest.approx(pixel, abs=1e-8)
        grid, at = cut.grid(place), place.to_pane(pixel)
        assert (grid.at(at.y - 0.5, at.x - 0.5) - point).norm == pytest.approx(0, abs=1e-8)


@given(st.integers(-12, 12), st.sampled_from(PLANES), DEGREES)
def test_steps_stay_inside_and_the_way_back_leads_back(
    steps: int, name: PlaneName, about_z: float
) -> None:
    where = geometry(planes([2.5 * k for k in range(7)], directions=turned(about_z)), 12, 9)
    crosshair = Crosshair.through(where)
    normal = crosshair.axes.normal(name)
    there = stepped(where, crosshair.centre, normal, steps)
    index = where.to_index(there)
    for at, count in zip(index, (9, 12, 7), strict=True):
        assert -1e-6 <= at <= count - 1 + 1e-6
    if abs(steps) <= 3:
        back = stepped(where, there, normal, -steps)
        assert (back - crosshair.centre).norm == pytest.approx(0, abs=1e-9)
    assert (voxel_at(where, there) - there).norm == pytest.approx(0, abs=1e-6)
