"""A volume along a path: a straight one is the plane itself, a bent tube comes out straight."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.volume3d import places
from tests.kit.volumes import field, geometry, planes, turned, volume
from viewer.loading.volume import Volume
from viewer.model.geometry import PointLps
from viewer.model.presentation import Presentation, Window
from viewer.model.sample_grid import SampleGrid, Slab, SlabMode
from viewer.model.study import Photometric
from viewer.model.volume_geometry import Index, VolumeGeometry
from viewer.render.curved import CurvedRequest, sample_along
from viewer.render.plane_request import PlaneRequest
from viewer.render.reslice import Reslicer
from viewer.viewport.curved import CurvedPath, CurvedSheet
from viewer.viewport.transform import PaneSize

EVEN = [2.0 * k for k in range(12)]
UNEVEN = [0, 2.5, 4, 6, 9, 10, 13, 14, 17, 18, 20, 22.5]
TILT = PointLps(0.0, 0.2, 1.0)


def _where(spots: list[float], along: PointLps | None = None) -> VolumeGeometry:
    return geometry(planes(spots, directions=turned(20, 30), along=along), 30, 40)


def _noise(where: VolumeGeometry, **more: Any) -> Volume:
    voxels = np.random.default_rng(3).integers(-900, 900, (12, 30, 40)).astype(np.int16)
    return volume(where, voxels, **more)


def _path(where: VolumeGeometry, *spots: tuple[float, float, float]) -> CurvedPath:
    """Through places of a volume, given by index; down is the normal of its slices."""
    return CurvedPath.through([where.to_lps(Index(*spot)) for spot in spots], where.plane.normal)


@pytest.mark.parametrize(
    ("spots", "along"), [(EVEN, None), (UNEVEN, None), (EVEN, TILT), (UNEVEN, TILT)]
)
def test_a_straight_path_gives_the_plain_oblique_plane(
    spots: list[float], along: PointLps | None
) -> None:
    where = _where(spots, along)
    reslicer = Reslicer(_noise(where))
    path = _path(where, (3, 4, 5.5), (9, 8, 5.5), (31, 68 / 3, 5.5))
    s, v = np.arange(0.1, path.length, 0.23), np.arange(-9, 9, 0.31)
    found = np.empty((s.size, v.size), np.float32)
    sample_along(reslicer, path, s, v, found)
    way = path.points[-1] - path.points[0]
    right = PointLps(*(n / way.norm * 0.23 for n in way))
    down = PointLps(*(n * 0.31 for n in path.down))
    start = path.points[0].plus(right, 0.1 / 0.23).plus(path.down, -9)
    expected = np.empty((v.size, s.size), np.float32)
    reslicer.sample(SampleGrid(start, right, down, v.size, s.size), None, expected)
    both = np.isfinite(found.T) & np.isfinite(expected)
    assert both.mean() > 0.5
    assert (np.isfinite(found.T) == np.isfinite(expected)).mean() > 0.999
    # noise of 1800 a voxel: a millionth of a millimetre is 5e-3 of a unit
    np.testing.assert_allclose(found.T[both], expected[both], rtol=0, atol=0.05)


def test_along_a_bent_path_a_linear_field_is_exact() -> None:
    where, gradient = _where(UNEVEN, TILT), PointLps(3.0, -2.0, 5.0)
    reslicer = Reslicer(volume(where, field(where, gradient, 7).astype(np.float32)))
    path = _path(where, (8, 8, 5), (15, 12, 5), (22, 8, 5), (30, 20, 5))
    s, v = np.linspace(0, path.length, 90), np.linspace(-5, 5, 41)
    found = np.empty((90, 41), np.float32)
    sample_along(reslicer, path, s, v, found)
    points = path.places(s)[:, None] + v[None, :, None] * np.array(path.down)
    expected = points @ np.array(gradient) + 7
    inside = np.isfinite(found)
    assert inside.mean() > 0.8
    np.testing.assert_allclose(found[inside], expected[inside], rtol=0, atol=1e-3)


def test_the_compiled_way_equals_the_numpy_reference_with_gaps_and_padding() -> None:
    where = geometry(planes(UNEVEN, directions=turned(20, 30)), 30, 40, [k != 7 for k in range(11)])
    voxels = np.random.default_rng(3).integers(-900, 900, (12, 30, 40)).astype(np.int16)
    voxels[:, 12:16, 20:24] = -2000
    reslicer = Reslicer(volume(where, voxels, padding=(-2000, -2000)))
    path = _path(where, (-6, 4, 5), (18, 12, 5), (25, 20, 5), (60, 25, 5))
    s, v = np.linspace(-3, path.length + 3, 80), np.linspace(-16, 16, 61)
    fast, slow = np.empty((80, 61), np.float32), np.empty((80, 61), np.float32)
    sample_along(reslicer, path, s, v, fast)
    sample_along(reslicer, path, s, v, slow, reference=True)
    np.testing.assert_array_equal(np.isnan(fast), np.isnan(slow))
    assert 0.2 < np.isnan(fast).mean() < 0.9
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-3)
    assert np.isnan(fast[(s < 0) | (s > path.length)]).all()


@pytest.mark.parametrize("mode", SlabMode)
def test_a_slab_reaches_across_the_path_and_equals_the_reference(mode: SlabMode) -> None:
    where = _where(UNEVEN, TILT)
    reslicer = Reslicer(_noise(where))
    path, slab = _path(where, (4, 5, 5), (18, 12, 5), (30, 20, 5)), Slab(6.0, mode)
    s, v = np.linspace(0, path.length, 40), np.linspace(-4, 4, 21)
    fast, slow = np.empty((40, 21), np.float32), np.empty((40, 21), np.float32)
    sample_along(reslicer, path, s, v, fast, slab=slab)
    sample_along(reslicer, path, s, v, slow, slab=slab, reference=True)
    np.testing.assert_array_equal(np.isnan(fast), np.isnan(slow))
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-3)
    across = np.cross(np.array(path.down), path.directions(s))
    beside = np.linspace(-3, 3, 25)
    points = path.places(s)[:, None, :] + beside[None, :, None] * across[:, None, :]
    single = np.empty((1, 1), np.float32)
    at = s.size // 2
    values = []
    for point in points[at]:
        grid = SampleGrid(PointLps(*point.tolist()), PointLps(1, 0, 0), PointLps(0, 1, 0), 1, 1)
        reslicer.sample(grid, None, single)
        values.append(float(single[0, 0]))
    if mode is SlabMode.MAXIMUM:
        assert fast[at, 10] >= max(values) - 250  # its samples are a voxel apart, these closer
        assert fast[at, 10] <= max(values) + 250
    assert min(values) - 250 <= fast[at, 10] <= max(values) + 250


def _tube() -> tuple[VolumeGeometry, NDArray[np.int16], CurvedPath]:
    """A tube of 3 mm radius along a half circle of 22 mm radius in the middle slices."""
    where = geometry(planes([1.0 * k for k in range(24)]), 80, 110)
    middle = where.to_lps(Index(55, 30, 11.5))
    away = places(where) - np.array(middle)
    out = np.hypot(away[..., 0], away[..., 1]) - 22
    far = np.hypot(out, away[..., 2])
    voxels = np.round(1000 * np.clip(0.5 + (3 - far) / 1.5, 0, 1)).astype(np.int16)
    angles = [math.pi * (0.1 + 0.8 * n / 8) for n in range(9)]
    points = [middle.plus(PointLps(22 * math.cos(a), 22 * math.sin(a), 0)) for a in angles]
    return where, voxels, CurvedPath.through(points, PointLps(0, 0, -1))


def test_a_tube_along_an_arc_comes_out_straight() -> None:
    where, voxels, path = _tube()
    assert path.length == pytest.approx(22 * math.pi * 0.8, rel=1e-3)
    s, v = np.arange(0.25, path.length, 0.5), np.arange(-8, 8.01, 0.25)
    found = np.empty((s.size, v.size), np.float32)
    sample_along(Reslicer(volume(where, voxels)), path, s, v, found)
    centre = (found * v).sum(axis=1) / found.sum(axis=1)
    assert np.abs(centre).max() < 0.25  # half a voxel is 0.25 mm to 0.5 mm
    width = (found > 500).sum(axis=1) * 0.25
    assert np.abs(width - 6).max() <= 0.5
    assert found[:, v.size // 2].min() > 950  # the path never leaves the middle of the tube


def test_a_finished_picture_is_in_true_millimetres_and_black_beyond_the_path() -> None:
    where, voxels, path = _tube()
    held = volume(where, voxels)
    sheet = CurvedSheet.of(path, where, 0.5)
    look = Presentation(voi=Window(500, 1000))
    base = PlaneRequest(
        Reslicer(held), "s", Photometric.MONOCHROME2, sheet.cut, None, look, PaneSize(160, 90)
    )
    request = CurvedRequest(base, sheet)
    picture = np.asarray(request.compose(request.sample()))
    assert picture.shape == (90, 160)
    place = base.transform()
    lit = np.flatnonzero(picture.max(axis=0) > 200)
    pixel = sheet.pixel / place.zoom
    assert (lit[-1] - lit[0] + 1) * pixel == pytest.approx(path.length, abs=2.01 * pixel)
    assert (np.diff(lit) == 1).all()
    rows = [np.flatnonzero(picture[:, x] > 127) for x in lit[2:-2]]
    assert all(abs(r.size * pixel - 6) < 1.3 for r in rows)
    assert all(abs(a.mean() - b.mean()) <= 0.5 for a, b in pairwise(rows))
    assert request.same_place(CurvedRequest(base, sheet))
    other = CurvedSheet.of(_path(where, (3, 4, 5), (9, 8, 5)), where, 0.5)
    assert not request.same_place(CurvedRequest(base, other))
