"""The nearest of many planes, found as quickly as a plain search and as exactly."""

import numpy as np

from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.viewport.frame_places import FramePlaces

Z = PointLps(0, 0, 1)


def _plane(*position: float) -> ImagePlane:
    return ImagePlane(PointLps(*position), PointLps(1, 0, 0), PointLps(0, 1, 0), Spacing(1.0, 1.0))


def test_no_plane_is_nearest_to_nothing() -> None:
    assert FramePlaces([None, None]).nearest(PointLps(0, 0, 0), Z) is None


def test_frames_without_a_plane_keep_their_number() -> None:
    places = FramePlaces([None, _plane(0, 0, 5), None, _plane(0, 0, 1)])
    assert places.nearest(PointLps(0, 0, 0), Z) == 3
    assert places.nearest(PointLps(0, 0, 9), Z) == 1


def test_the_first_of_equally_near_ones_counts() -> None:
    places = FramePlaces([_plane(0, 0, 2), _plane(0, 0, 0), _plane(0, 0, 2), _plane(0, 0, 0)])
    assert places.nearest(PointLps(0, 0, 1), Z) == 0
    assert places.nearest(PointLps(0, 0, 0.1), Z) == 1


def test_agrees_with_a_plain_search_along_any_direction() -> None:
    rng = np.random.default_rng(7)
    positions = rng.integers(-20, 20, (90, 3)) / 2
    places = FramePlaces([_plane(*p) for p in positions])
    for _ in range(60):
        along = rng.normal(size=3)
        along /= np.linalg.norm(along)
        point = rng.uniform(-12, 12, 3)
        for way in (along, np.array(Z)):
            away = np.abs((positions - point) @ way)
            wanted = int(np.flatnonzero(away <= away.min() + 1e-9)[0])
            assert places.nearest(PointLps(*point), PointLps(*way)) == wanted
