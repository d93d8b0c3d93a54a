"""Volumes in 3D, drawn by the real process: bodies of known place and size, within a pixel."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.kit import volume_workers
from tests.kit.volume3d import (
    PhantomPane,
    aim_at,
    box_geometry,
    drawing,
    held,
    silhouette,
    sphere,
    unit,
)
from tests.kit.volumes import volume
from viewer.model.geometry import PointLps
from viewer.model.presentation import Rescale
from viewer.model.volume_geometry import Index, VolumeGeometry
from viewer.render.volume3d import Look
from viewer.render.volume_process import VolumeProcess
from viewer.viewport.camera import SIDES
from viewer.viewport.transform import PanePoint
from viewer.viewport.volume_view import Cutting

pytestmark = pytest.mark.timeout(60)
RADIUS = 14.0
RIGHT_OF = ((0, -60), (70, -60), (70, 60), (0, 60))
"""Corners of all that lies to the right of a place."""
DIRECTIONS = (
    (PointLps(0, 0, 1), PointLps(0, -1, 0)),
    (PointLps(0, 1, 0), PointLps(0, 0, 1)),
    (PointLps(-1, 0, 0), PointLps(0, 0, 1)),
    (unit(0.4, 0.8, -0.3), unit(0.8, -0.4, 0)),
)
WHERE = {
    "straight": box_geometry(),
    "turned": box_geometry(degrees=25, about_x=-15),
    "tilted": box_geometry(along=PointLps(0.1, 0.25, 1.0)),
    "downward": box_geometry(step=-1.5),
}


@pytest.fixture(scope="module")
def process() -> Iterator[VolumeProcess]:
    with drawing() as made:
        yield made


@pytest.fixture(scope="module")
def by_opengl() -> Iterator[VolumeProcess]:
    """What draws where there is a graphics processor."""
    with drawing(serve=volume_workers.by_opengl) as made:
        assert not made.software
        yield made


def _off(where: VolumeGeometry) -> PointLps:
    """A place aside of the middle, so that a mirrored or swapped direction shows."""
    i, j, k = where.columns * 0.6, where.rows * 0.42, where.slices * 0.55
    return where.to_lps(Index(i, j, k))


@pytest.mark.parametrize("name", sorted(WHERE))
@pytest.mark.parametrize("direction", range(len(DIRECTIONS)))
def test_a_ball_is_seen_where_it_lies_and_as_large_as_it_is(
    process: VolumeProcess, name: str, direction: int
) -> None:
    where = WHERE[name]
    into, up = DIRECTIONS[direction]
    centre = _off(where)
    right = into.cross(up)
    focus = centre.plus(right, -11.0).plus(up, 6.0)
    pixels = process.draw(held(sphere(where, centre, RADIUS)), aim_at(focus, into, up))
    x, y, wide, high = silhouette(pixels)
    assert abs(x - (100 + 11.0 / 0.5)) <= 1
    assert abs(y - (80 + 6.0 / 0.5)) <= 1
    assert abs(wide - 2 * RADIUS / 0.5) <= 2
    assert abs(high - 2 * RADIUS / 0.5) <= 2


@pytest.mark.parametrize("side", [*sorted(SIDES), "oblique"])
def test_a_pane_shows_a_ball_where_it_says_that_the_point_is(
    process: VolumeProcess, side: str
) -> None:
    pane = PhantomPane()
    pane.viewport.look_from(SIDES.get(side) or SIDES["A"].turned(0.7, -0.4))
    pane.viewport.zoom_at(PanePoint(60, 40), 1.3)
    pane.viewport.pan(9, -14)
    x, y, wide, high = silhouette(pane.draw(process))
    seen = pane.viewport.project(pane.centre)
    assert abs(x - seen.x) <= 1
    assert abs(y - seen.y) <= 1
    transform = pane.viewport.transform()
    assert transform is not None
    half_a_slice = transform.zoom  # slices are 2 mm apart: no edge is known better
    assert abs(wide - 2 * pane.radius * transform.zoom) <= half_a_slice
    assert abs(high - 2 * pane.radius * transform.zoom) <= half_a_slice


@pytest.mark.parametrize("side", ["A", "L", "H"])
def test_a_cut_takes_what_the_line_covers_along_the_view(process: VolumeProcess, side: str) -> None:
    pane = PhantomPane()
    pane.viewport.look_from(SIDES[side].turned(0.2, 0.1))
    before = pane.draw(process).max(axis=2) > 24
    at = pane.viewport.project(pane.centre)
    corners = [PanePoint(at.x + dx, at.y + dy) for dx, dy in RIGHT_OF]
    pane.viewport.put(cutting=Cutting.INSIDE)
    assert pane.viewport.cut(corners)
    after = pane.draw(process).max(axis=2) > 24
    edge = round(at.x)
    one_voxel = 3
    assert not after[:, edge + one_voxel :].any()
    left = slice(0, edge - one_voxel)
    assert (after[:, left] == before[:, left]).mean() > 0.999
    assert before[:, edge + one_voxel :].any()
    pane.viewport.look_from(SIDES["P"])  # gone for every view: a half ball is left
    pane.viewport.undo()
    assert (pane.draw(process).max(axis=2) > 24).any()


def test_what_is_kept_is_the_rest_of_what_is_cut(process: VolumeProcess) -> None:
    pane = PhantomPane()
    before = pane.draw(process).max(axis=2) > 24
    at = pane.viewport.project(pane.centre)
    corners = [PanePoint(at.x + dx, at.y + dy) for dx, dy in RIGHT_OF]
    pane.viewport.put(cutting=Cutting.OUTSIDE)
    assert pane.viewport.cut(corners)
    after = pane.draw(process).max(axis=2) > 24
    assert not after[:, : round(at.x) - 3].any()
    right = slice(round(at.x) + 3, None)
    assert (after[:, right] == before[:, right]).mean() > 0.999


def test_the_brightest_value_of_each_line_is_seen(process: VolumeProcess) -> None:
    where = WHERE["straight"]
    ramp = np.full((where.slices, where.rows, where.columns), -1000, np.int16)
    ramp[10:12, 10:40, 10:30] = 100  # before and behind it lies what is darker
    ramp[30:32, 10:40, 20:40] = 300
    given = held(volume(where, ramp, rescale=Rescale(1, 0, "HU")))
    grey = Look(((0.0, 1.0, 0.0, 0.0, 0.0), (400.0, 1.0, 1.0, 1.0, 1.0)), brightest=True)
    for into in (PointLps(0, 0, 1), PointLps(0, 0, -1)):
        up = PointLps(0, -1, 0)
        focus = where.to_lps(Index(25, 25, 20))
        pixels = process.draw(given, aim_at(focus, into, up, look=grey))
        assert abs(int(pixels[80, 100, 0]) - 255 * 300 / 400) <= 3
        aside = round((where.columns * 0 + 15 - 25) * 0.9 / 0.5 * into.cross(up).x)
        assert abs(int(pixels[80, 100 + aside, 0]) - 255 * 100 / 400) <= 3


def test_what_is_drawn_coarsely_lies_at_the_same_place(process: VolumeProcess) -> None:
    where = WHERE["turned"]
    given = held(sphere(where, _off(where), RADIUS))
    into, up = DIRECTIONS[3]
    fine = silhouette(process.draw(given, aim_at(_off(where), into, up)))
    coarse = silhouette(process.draw(given, aim_at(_off(where), into, up), coarseness=3))
    assert np.abs(np.subtract(fine, coarse)).max() <= 4


def test_a_box_leaves_exactly_what_lies_in_it(process: VolumeProcess) -> None:
    where = WHERE["straight"]
    given = held(sphere(where, _off(where), RADIUS))
    middle = given.slices.to_lps(0, 0, 0)
    at = _off(where) - middle
    box = (at.x - 5.0, at.x + 9.0, at.y - 4.0, at.y + 7.0, -1.0, 1000.0)
    aim = aim_at(_off(where), PointLps(0, 0, 1), PointLps(0, -1, 0), box=box)
    x, y, wide, high = silhouette(process.draw(given, aim))
    assert abs((x - wide / 2 - 100) * 0.5 - -5.0) <= 0.5
    assert abs((x + wide / 2 - 100) * 0.5 - 9.0) <= 0.5
    assert abs((y - high / 2 - 80) * 0.5 - -4.0) <= 0.5
    assert abs((y + high / 2 - 80) * 0.5 - 7.0) <= 0.5


@pytest.mark.parametrize("name", sorted(WHERE))
def test_a_graphics_processor_sees_a_ball_where_it_lies(
    by_opengl: VolumeProcess, name: str
) -> None:
    where = WHERE[name]
    into, up = DIRECTIONS[3]
    centre = _off(where)
    focus = centre.plus(into.cross(up), -11.0).plus(up, 6.0)
    pixels = by_opengl.draw(held(sphere(where, centre, RADIUS)), aim_at(focus, into, up))
    x, y, wide, high = silhouette(pixels)
    assert abs(x - (100 + 11.0 / 0.5)) <= 1
    assert abs(y - (80 + 6.0 / 0.5)) <= 1
    assert abs(wide - 2 * RADIUS / 0.5) <= 2
    assert abs(high - 2 * RADIUS / 0.5) <= 2


def test_a_graphics_processor_crops_and_cuts_alike(
    process: VolumeProcess, by_opengl: VolumeProcess
) -> None:
    pane = PhantomPane()
    whole = pane.viewport.whole
    pane.viewport.look_from(SIDES["A"].turned(0.4, 0.2))
    pane.viewport.crop(whole.moved(0, high=True, to=16.0, whole=whole))
    at = pane.viewport.project(pane.centre)
    pane.viewport.put(cutting=Cutting.INSIDE)
    assert pane.viewport.cut([PanePoint(at.x + dx, at.y + dy - 70) for dx, dy in RIGHT_OF])
    one, other = (pane.draw(by).max(axis=2) > 24 for by in (process, by_opengl))
    assert one.any()
    assert (one != other).mean() < 0.01
