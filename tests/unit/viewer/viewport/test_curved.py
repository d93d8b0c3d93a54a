"""A drawn path: through its points, of the true length, its picture in true millimetres."""

import math

import numpy as np
import pytest

from tests.kit.volumes import geometry, planes
from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.sample_grid import Slab
from viewer.viewport.curved import CurvedPath, CurvedSheet, downwards

UP = PointLps(0, 0, -1)


def test_a_path_goes_through_its_points_once_each() -> None:
    points = [PointLps(0, 0, 0), PointLps(0, 0, 0), PointLps(10, 0, 0), PointLps(11, 9, 0)]
    path = CurvedPath.through([*points, points[-1]], UP)
    assert path.points == (points[0], *points[2:])
    ends = path.places(np.array([0.0, path.length]))
    np.testing.assert_allclose(ends, [points[0], points[-1]], atol=1e-9)
    fine = path.places(np.linspace(0, path.length, 4001))
    for point in path.points:
        assert np.linalg.norm(fine - np.array(point), axis=1).min() < 0.01


def test_unevenly_spaced_points_on_a_line_give_the_line() -> None:
    points = [PointLps(3 * t, 4 * t, 1.0) for t in (0.0, 0.1, 7.0, 7.5, 40.0)]
    path = CurvedPath.through(points, UP)
    assert path.length == pytest.approx(200.0, abs=1e-9)
    along = np.linspace(0, 200, 777)
    expected = np.stack([0.6 * along, 0.8 * along, np.ones(777)], axis=1)
    np.testing.assert_allclose(path.places(along), expected, atol=0.01)
    np.testing.assert_allclose(path.directions(along), [[0.6, 0.8, 0]] * 777, atol=1e-9)


def test_the_length_of_an_arc_and_of_a_helix_is_the_analytic_one() -> None:
    turn = [math.pi * n / 12 for n in range(13)]
    arc = CurvedPath.through([PointLps(40 * math.cos(a), 40 * math.sin(a), 0) for a in turn], UP)
    assert arc.length == pytest.approx(40 * math.pi, rel=1e-3)
    places = arc.places(np.linspace(0, arc.length, 500))
    assert np.abs(np.hypot(places[:, 0], places[:, 1]) - 40).max() < 0.1
    wound = [math.pi * n / 12 for n in range(49)]
    helix = CurvedPath.through(
        [PointLps(20 * math.cos(a), 20 * math.sin(a), 5 * a) for a in wound], UP
    )
    assert helix.length == pytest.approx(4 * math.pi * math.hypot(20, 5), rel=1e-3)


def test_equal_steps_along_a_path_are_equally_long() -> None:
    path = CurvedPath.through(
        [PointLps(0, 0, 0), PointLps(5, 8, 0), PointLps(40, 10, 0), PointLps(44, -20, 0)], UP
    )
    places = path.places(np.linspace(0, path.length, 2001))
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert steps == pytest.approx(path.length / 2000, rel=1e-3)


def test_one_place_is_no_path() -> None:
    with pytest.raises(ValueError, match="two points"):
        CurvedPath.through([PointLps(1, 2, 3)] * 3, UP)


def test_a_picture_is_as_long_as_its_path_and_holds_all_of_the_volume() -> None:
    where = geometry(planes([2.0 * k for k in range(10)]), 20, 30)
    plane = where.positions[3]
    path = CurvedPath.through([plane, plane.plus(PointLps(1, 0, 0), 12.3)], UP)
    sheet = CurvedSheet.of(path, where, 0.5)
    assert sheet.columns == 25
    assert sheet.along(np.array([0.0, 24.0])).tolist() == [0.25, 12.25]
    low, high = sheet.offsets(np.array([-0.5, sheet.rows - 0.5]))
    assert low <= -12 <= low + 1
    assert high - 1 <= 6 <= high
    assert "12.3 mm" in sheet.words()
    assert "H above" in sheet.words()


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("normal", "down"),
    [
        (PointLps(0, 0, 1), PointLps(0, 0, -1)),
        (PointLps(0, 1, 0), PointLps(0, 1, 0)),
        (PointLps(1, 0, 0), PointLps(1, 0, 0)),
        (PointLps(0.6, 0, 0.8), PointLps(-0.6, 0, -0.8)),
    ],
)
def test_head_front_or_right_is_above(normal: PointLps, down: PointLps, sign: int) -> None:
    assert downwards(PointLps(*(sign * n for n in normal))) == down


def test_a_slab_wider_than_the_bend_says_so() -> None:
    turn = [math.pi * n / 16 for n in range(9)]
    arc = CurvedPath.through([PointLps(8 * math.cos(a), 8 * math.sin(a), 0) for a in turn], UP)
    assert arc.tightest == pytest.approx(8, rel=0.05)
    where = geometry(planes([2.0 * k for k in range(10)]), 20, 30)
    sheet = CurvedSheet.of(arc, where, 0.5)
    assert sheet.words(Slab(15.0)).endswith("MIP 15.0 mm")
    assert sheet.words(Slab(20.0)).endswith("MIP 20.0 mm WIDER THAN THE BEND")
    line = CurvedPath.through([PointLps(0, 0, 0), PointLps(9, 0, 0)], UP)
    assert math.isinf(line.tightest)


def test_a_length_on_the_picture_is_that_on_the_surface() -> None:
    turn = [math.pi * n / 24 for n in range(25)]
    arc = CurvedPath.through([PointLps(40 * math.cos(a), 40 * math.sin(a), 0) for a in turn], UP)
    where = geometry(planes([2.0 * k for k in range(10)]), 20, 30)
    sheet = CurvedSheet.of(arc, where, 0.25)
    columns = [arc.length * share / 0.25 - 0.5 for share in (0.25, 0.75)]
    first, last = (PixelPoint(c, 10) for c in columns)
    (s, v), (t, w) = sheet.millimetres(first), sheet.millimetres(last)
    assert (t - s, w - v) == pytest.approx((20 * math.pi, 0), rel=1e-3)
    assert (sheet.to_lps(last) - sheet.to_lps(first)).norm == pytest.approx(
        80 * math.sin(math.pi / 4), rel=1e-3
    )
    assert np.diff(arc.ends) == pytest.approx(40 * math.pi / 24, rel=2e-3)
