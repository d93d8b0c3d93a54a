"""Volumes in 3D, drawn by the real process: bodies of known place and size, within a pixel."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.kit.volume3d import aim_at, box_geometry, drawing, held, silhouette, sphere, unit
from viewer.model.geometry import PointLps
from viewer.model.volume_geometry import Index, VolumeGeometry
from viewer.render.volume_process import VolumeProcess

pytestmark = pytest.mark.timeout(60)
RADIUS = 14.0
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
