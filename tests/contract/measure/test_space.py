"""Lines, angles and solids in space: the formula, each voxel, within what is stated (F46-F50)."""

import math
from collections import deque
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.contract.measure.test_phantoms import ORIENTATIONS
from tests.kit.space import SpaceSeries
from tests.kit.viewer import grey_format
from viewer.errors import GeometryError
from viewer.measure.found import Found, what_of
from viewer.measure.growing import begun, finished, grown_on, outlines, proposed
from viewer.measure.kinds import KINDS
from viewer.measure.registry import Ground, Reading, read
from viewer.measure.slices import solid_statistics
from viewer.measure.solids import Solid, block, ellipsoid, sphere
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PixelPoint, PointLps, Spacing
from viewer.model.measurement import Unit

K = AnnotationKind
SPACINGS = {"isotropic": (Spacing(0.7, 0.7), 0.7), "uneven sides": (Spacing(0.8, 0.6), 1.5)}


def _ramp(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1000 + 3 * points[..., 0] - 2 * points[..., 1] + points[..., 2]


def _series(orientation: str = "oblique", spacing: str = "uneven sides", **kw: Any) -> SpaceSeries:
    row, column = ORIENTATIONS[orientation]
    square, step = SPACINGS[spacing]
    return SpaceSeries(
        kw.pop("field", _ramp), row=row, column=column, spacing=square, step=step, **kw
    )


def _turned(*lengths: float) -> tuple[PointLps, ...]:
    """Three vectors of these lengths at right angles, along no axis."""
    a = PointLps(2 / 3, 2 / 3, 1 / 3)
    b = PointLps(-2 / 3, 1 / 3, 2 / 3)
    zero = PointLps(0, 0, 0)
    return tuple(zero.plus(u, n) for u, n in zip((a, b, a.cross(b)), lengths, strict=True))


def _read(series: SpaceSeries, made: Annotation) -> Reading:
    """With the values of all voxels, as the window has them once they are taken."""
    record = KINDS[made.kind]
    found = {}
    if record.space is not None and record.space.solid is not None:
        solid = record.space.solid(made.points)
        taken, notes = solid_statistics(solid, series.slices(solid), "", series.places)
        found = {made.id: Found(what_of(made, ""), taken, None, notes)}
    ground = Ground(series.instance_of(made), step=series.places.step, found=found)
    return read(made, ground, uncertain=True)


def _by_key(found: Reading) -> dict[str, Any]:
    return {one.id.partition("/")[2]: one for one in found.measurements}


def _brute(series: SpaceSeries, inside: Any) -> NDArray[np.float64]:
    values = [
        px[inside(points)].astype(np.float64) - 1024
        for px, points in zip(series.pixels, series.points, strict=True)
    ]
    return np.concatenate(values)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("spacing", SPACINGS)
def test_solids_have_their_volume_and_their_own_voxels(orientation: str, spacing: str) -> None:
    series = _series(orientation, spacing)
    c, axes = series.middle, _turned(9.0, 7.0, 5.0)
    ends = tuple(c.plus(axis) for axis in axes)
    into = np.linalg.inv(np.array(axes).T)

    def mapped(points: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = (points - np.array(c)) @ into.T
        return found

    cases = (
        (K.SPHERE, (c, c.plus(axes[1])), 4 / 3 * math.pi * 343,
         lambda p: ((p - np.array(c)) ** 2).sum(-1) <= 49.0),
        (K.BOX, (c, *ends), 8 * 9 * 7 * 5.0, lambda p: np.abs(mapped(p)).max(-1) <= 1.0),
        (K.ELLIPSOID, (c, *ends), 4 / 3 * math.pi * 9 * 7 * 5.0,
         lambda p: (mapped(p) ** 2).sum(-1) <= 1.0),
    )  # fmt: skip
    for kind, points, volume, inside in cases:
        found = _by_key(_read(series, series.annotation(kind, *points)))
        assert found[""].value == pytest.approx(volume / 1000, rel=1e-6)
        assert found[""].unit is Unit.MILLILITRE
        assert 0 < found[""].plus_minus < found[""].value
        values = _brute(series, inside)
        assert found["voxels"].value == values.size > 100
        assert found["mean"].value == pytest.approx(values.mean(), rel=1e-9)
        assert found["deviation"].value == pytest.approx(values.std(ddof=1), rel=1e-9)
        assert found["minimum"].value == values.min()
        assert found["maximum"].value == values.max()
        assert found["median"].value == pytest.approx(np.median(values), rel=1e-9)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_lines_and_angles_between_slices(orientation: str) -> None:
    series = _series(orientation)
    c, (a, b, _) = series.middle, _turned(6.0, 8.0, 1.0)
    line = _by_key(_read(series, series.annotation(K.LINE_3D, c.plus(a), c.plus(b))))[""]
    assert line.value == pytest.approx(10.0, rel=1e-6)
    assert line.unit is Unit.MILLIMETRE
    assert 0.4 < line.plus_minus < 1.5
    right = _by_key(_read(series, series.annotation(K.ANGLE_3D, c.plus(a), c, c.plus(b))))[""]
    assert right.value == pytest.approx(90.0, rel=1e-6)
    flat = _read(series, series.annotation(K.ANGLE_3D, c, c, c.plus(b)))
    assert flat.measurements == ()
    assert flat.notes == ("An arm of the angle has no length.",)


def test_a_face_upon_voxels_takes_them_in() -> None:
    series = _series("axial", "isotropic")
    corner, n = series.points[10][20, 20], 0.7
    c = PointLps(*map(float, corner))
    ends = (c.plus(PointLps(1, 0, 0), 2 * n), c.plus(PointLps(0, 1, 0), 2 * n),
            c.plus(PointLps(0, 0, 1), 2 * n))  # fmt: skip
    box = _by_key(_read(series, series.annotation(K.BOX, c, *ends)))
    assert box["voxels"].value == 125
    ball = _by_key(_read(series, series.annotation(K.SPHERE, c, ends[0])))
    assert ball["voxels"].value == 33  # 1 + 6·2 + 12 + 8: all with i² + j² + k² ≤ 4


def test_the_same_numbers_whichever_slice_it_was_drawn_on() -> None:
    series = _series()
    c = series.middle
    made = series.annotation(K.SPHERE, c, c.plus(PointLps(0, 0, 6)))
    other = series.annotation(K.SPHERE, c, c.plus(PointLps(6, 0, 0)))
    one, two = _by_key(_read(series, made)), _by_key(_read(series, other))
    assert {k: m.value for k, m in one.items()} == pytest.approx(
        {k: m.value for k, m in two.items()}, rel=1e-12
    )


def _ball(centre: PointLps, radius: float, high: int = 1100, low: int = 900) -> Any:
    def field(points: NDArray[np.float64]) -> NDArray[np.float64]:
        far = ((points - np.array(centre)) ** 2).sum(-1)
        return np.where(far <= radius**2, float(high), float(low))

    return field


def _grown(series: SpaceSeries, seed: PointLps, radius: float, span: Any = None) -> Any:
    limit = sphere((seed, seed.plus(PointLps(radius, 0, 0))))
    slices = series.slices(limit)
    span = span or proposed(seed, slices, "")
    growth = begun(seed, limit, span, slices, "")
    while not growth.done:
        growth = grown_on(growth, 2)
    return (*finished(growth, ""), growth, span)


@pytest.mark.parametrize("orientation", ["axial", "oblique"])
@pytest.mark.parametrize("spacing", SPACINGS)
def test_a_grown_ball_has_its_volume_within_what_is_stated(orientation: str, spacing: str) -> None:
    seed = _series(orientation, spacing).middle
    radius = 8.0
    series = _series(orientation, spacing, field=_ball(seed, radius))
    grown, taken, notes, _, span = _grown(series, seed.plus(PointLps(1, 1, 1)), 17.0)
    true = 4 / 3 * math.pi * radius**3
    made = series.annotation(K.GROWN, seed, seed.plus(PointLps(17, 0, 0)), span=span)
    ground = Ground(
        series.instance_of(made),
        step=series.places.step,
        found={made.id: Found(what_of(made, ""), taken, grown, notes)},
    )
    found = read(made, ground, uncertain=True)
    volume = _by_key(found)[""]
    assert abs(volume.value - true / 1000) <= volume.plus_minus
    assert volume.value == pytest.approx(true / 1000, rel=0.01)
    assert notes == ()
    values = _brute(series, lambda p: ((p - np.array(seed)) ** 2).sum(-1) <= radius**2)
    assert _by_key(found)["voxels"].value == values.size
    assert _by_key(found)["mean"].value == 1100 - 1024
    assert found.lines[-1] == "grown from 76 to 76 HU"


def test_what_grows_is_the_connected_component() -> None:
    """A winding way through noise, against a walk from voxel to voxel."""
    random = np.random.default_rng(5)
    noise = random.random((24, 40, 44)) < 0.42
    at = iter(range(24))

    def field(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(noise[next(at)], 1100.0, 500.0)

    series = SpaceSeries(field, count=24, rows=40, columns=44)
    k, j, i = next(zip(*np.nonzero(noise[12:13]), strict=True))
    seed = PointLps(*map(float, series.points[12 + k][j, i]))
    grown, taken, notes, growth, _ = _grown(series, seed, 400.0, (70.0, 80.0))
    queue, seen = deque([(12, int(j), int(i))]), {(12, int(j), int(i))}
    while queue:
        here = queue.popleft()
        for axis in range(3):
            for by in (-1, 1):
                there = tuple(n + by * (axis == m) for m, n in enumerate(here))
                fits = all(0 <= n < size for n, size in zip(there, noise.shape, strict=True))
                if fits and noise[there] and there not in seen:
                    seen.add(there)  # type: ignore[arg-type]  # three of them
                    queue.append(there)  # type: ignore[arg-type]  # three of them
    assert growth.taken.shape == noise.shape
    assert set(zip(*(n.tolist() for n in np.nonzero(growth.taken)), strict=True)) == seen
    assert taken.pixels == len(seen)
    assert notes == ("It reaches its limit or the edge of the images: it may go on beyond.",)
    assert grown.volume == pytest.approx(len(seen) * 0.8 * 0.6 * 1.5)


def test_uneven_slices_have_voxels_of_their_own_depth() -> None:
    places = [0, 1, 2, 4, 7, 8, 9.0]
    seed = SpaceSeries(_ramp, places=places).middle
    series = SpaceSeries(_ball(seed, 1000.0), places=places)
    assert list(series.places.depths) == [1, 1, 1.5, 2.5, 2, 1, 1]
    grown, *_ = _grown(series, seed, 400.0, (0.0, 100.0))
    assert grown.volume == pytest.approx(60 * 70 * 0.48 * 10)


def test_growing_that_cannot_be_says_why() -> None:
    series = _series(field=_ball(_series().middle, 8.0))
    seed = series.middle
    limit = sphere((seed, seed.plus(PointLps(10, 0, 0))))
    with pytest.raises(GeometryError, match="seed's own value is not within"):
        begun(seed, limit, (900.0, 901.0), series.slices(limit), "")
    with pytest.raises(GeometryError, match="can be read"):
        begun(seed, limit, (0.0, 90.0), (), "")
    far = seed.plus(PointLps(900, 0, 0))
    with pytest.raises(GeometryError, match="outside the image"):
        proposed(far, series.slices(), "")
    form = replace(grey_format(60, 70), padding=(-2000, -2000))
    padded = _series(field=_ball(seed, 3.0, -2000), format=form)
    with pytest.raises(GeometryError, match="padding"):
        proposed(seed, padded.slices(), "")


def test_a_solid_beyond_the_images_says_so_and_an_empty_one_too() -> None:
    series = _series()
    c = series.middle
    large = _read(series, series.annotation(K.SPHERE, c, c.plus(PointLps(60, 0, 0))))
    assert "Part of the shape lies outside the images; only voxels inside count." in large.notes
    small = _read(
        series,
        series.annotation(K.SPHERE, c.plus(PointLps(0.1, 0, 0)), c.plus(PointLps(0.11, 0, 0))),
    )
    assert small.notes == ("No voxel's centre lies in the shape.",)
    for kind, points in ((K.SPHERE, (c, c)), (K.BOX, (c, c, c, c)), (K.ELLIPSOID, (c, c, c, c))):
        made = series.annotation(kind, *points)
        told = read(made, Ground(series.instance_of(made)))
        assert told.measurements == ()
        assert len(told.notes) == 1


@pytest.mark.parametrize("shape", [sphere, block, ellipsoid])
def test_what_is_drawn_of_a_cut_lies_on_the_surface(shape: Any) -> None:
    series = _series()
    c = series.middle
    points = (c, *(c.plus(axis) for axis in _turned(6.0, 6.0, 6.0)))
    solid: Solid = shape(points[:2] if shape is sphere else points)
    low, high = solid.bounds
    cut = 0
    for plane in series.planes:
        region = solid.cut(plane)
        if region is None:
            continue
        cut += 1
        left, top, right, bottom = region.box
        for p in (PixelPoint(left, top), PixelPoint(right, bottom)):
            assert (plane.to_lps(p) - c).norm < 6 * math.sqrt(3) * 1.6
    assert 6 <= cut <= (high - low).norm / 1.5 + 2


def test_outlines_run_along_the_edges_of_pixels() -> None:
    mask = np.zeros((5, 6), np.bool_)
    mask[1:4, 1:5] = True
    mask[2, 2] = False
    outer, inner = sorted(outlines(mask, 10, 20), key=len, reverse=True)
    assert {(p.column, p.row) for p in outer} == {
        (20.5, 10.5), (24.5, 10.5), (24.5, 13.5), (20.5, 13.5)
    }  # fmt: skip
    assert {(p.column, p.row) for p in inner} == {
        (21.5, 11.5), (22.5, 11.5), (22.5, 12.5), (21.5, 12.5)
    }  # fmt: skip
    assert outer[0] == outer[-1]
    assert outlines(np.zeros((3, 3), np.bool_)) == ()
