"""Index to millimetres and back, for straight, tilted and uneven slices (F39, F42, F43)."""

import numpy as np
import pytest

from tests.kit.volumes import geometry, planes, turned
from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.volume_geometry import Index, VolumeGeometry


def _shapes() -> dict[str, VolumeGeometry]:
    return {
        "straight": geometry(planes([0, 2, 4, 6]), 5, 7),
        "oblique": geometry(planes([0, 2, 4, 6], directions=turned(30, 20)), 5, 7),
        "backwards": geometry(planes([0, -2, -4, -6], directions=turned(10, 70)), 5, 7),
        "tilted": geometry(planes([0, 5, 10], along=PointLps(0, 0.3, 0.95)), 5, 7),
        "uneven": geometry(planes([0, 1, 4, 4.5, 9]), 5, 7),
    }


@pytest.mark.parametrize("name", _shapes())
def test_a_round_trip_comes_home(name: str) -> None:
    shape = _shapes()[name]
    for at in [(0, 0, 0), (2.25, 3.75, 1.4), (-3, 9, -0.7), (6, 4, 2), (1, 1, 7.3)]:
        assert shape.to_index(shape.to_lps(Index(*at))) == pytest.approx(at, abs=1e-9)


@pytest.mark.parametrize("name", ["straight", "oblique", "backwards", "tilted"])
def test_the_affine_says_the_same(name: str) -> None:
    shape = _shapes()[name]
    assert shape.unevenness < 1e-9
    for at in [(0, 0, 0), (2.25, 3.75, 1.4), (6, 4, 2)]:
        told = (np.array(shape.affine) @ [*at, 1])[:3]
        assert told == pytest.approx(shape.to_lps(Index(*at)), abs=1e-9)


def test_uneven_slices_stay_where_they_are() -> None:
    shape = _shapes()["uneven"]
    assert list(shape.places) == [0, 1, 4, 4.5, 9]
    assert shape.step == 2.0
    assert shape.unevenness > 1
    assert [shape.to_lps(Index(0, 0, k)) for k in range(5)] == list(shape.positions)
    assert shape.to_lps(Index(0, 0, 1.5)).z - shape.positions[0].z == 2.5


def test_a_slice_that_is_not_held_makes_a_gap_on_both_sides() -> None:
    shape = geometry(planes([0, 1, 2, 3, 9]), 5, 7, [True, True, True, False])
    assert shape.lacking([True] * 5).joined == (True, True, True, False)
    assert shape.lacking([True, False, True, True, True]).joined == (False, False, True, False)


@pytest.mark.parametrize("places", [[0], [0, 1, 1], [0, 2, 1]])
def test_slices_that_do_not_follow_each_other_are_refused(places: list[float]) -> None:
    with pytest.raises(ValueError, match="slices"):
        geometry(planes(places), 5, 7)


def test_directions_that_are_not_quite_perpendicular_still_come_home() -> None:
    row, column = PointLps(1.0004, 0.0003, 0), PointLps(0.0002, 0.9997, 0)
    where = [ImagePlane(PointLps(3, 2, z), row, column, Spacing(0.7, 0.4)) for z in (0, 1)]
    shape = geometry(where, 512, 512)
    at = Index(511, 480, 0.5)
    assert shape.to_index(shape.to_lps(at)) == pytest.approx(at, abs=1e-9)
