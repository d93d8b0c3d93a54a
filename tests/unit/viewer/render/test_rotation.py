"""A volume from all sides: compiled against numpy, whole voxels from front and side, the place."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.volumes import START, geometry, planes, turned, volume
from viewer.errors import GeometryError
from viewer.loading.volume import Volume
from viewer.model.geometry import PointLps, Spacing
from viewer.model.presentation import Presentation, Rescale, Window
from viewer.model.study import Photometric
from viewer.model.volume_geometry import Index
from viewer.render import rotation_kernels
from viewer.render.rotation import Rotation
from viewer.render.rotation_picture import RotationRequest
from viewer.render.rotation_rays import project_reference
from viewer.viewport.transform import PaneSize

EVEN = [3.0 * n for n in range(6)]
UNEVEN = [0.0, 3.0, 5.5, 8.5, 16.0, 19.0]
SQUARE = Spacing(2.0, 2.0)


def _voxels(kind: Any = np.int16, seed: int = 3, shape: tuple[int, int, int] = (6, 14, 11)) -> Any:
    return np.random.default_rng(seed).integers(1, 900, shape).astype(kind)


def _made(voxels: NDArray[Any], where: Any, **more: Any) -> Volume:
    made = volume(geometry(where, *voxels.shape[1:]), voxels, **more)
    return Volume(**{**_fields(made), "extremes": _ends(voxels)})


def _fields(made: Volume) -> dict[str, Any]:
    return {name: getattr(made, name) for name in made.__dataclass_fields__}


def _ends(voxels: NDArray[Any]) -> tuple[float, float]:
    return float(np.nanmin(voxels)), float(np.nanmax(voxels))


def _reference(rotation: Rotation, number: int) -> NDArray[np.float32]:
    out = np.empty((rotation.volume.geometry.slices, 2 * rotation.half + 1), np.float32)
    padding = rotation.volume.padding or (1.0, 0.0)
    project_reference(rotation.volume.voxels, rotation.rays(number), padding, out)
    return out


@pytest.mark.parametrize("kind", [np.int16, np.uint16, np.float32])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"padding": (1, 300)},
        {"held": (True, True, False, True, True, True)},
        {"rescale": Rescale(-2.0, 5.0, "")},
    ],
)
def test_the_loop_equals_numpy(kind: Any, more: dict[str, Any]) -> None:
    voxels = _voxels(kind)
    if kind is np.float32 and "padding" in more:
        voxels[:, 4:6, 3] = np.nan
    rotation = Rotation(_made(voxels, planes(UNEVEN), **more), 16)
    for number in (0, 1, 4, 7, 10, 15):
        np.testing.assert_allclose(
            rotation.make(number), _reference(rotation, number), rtol=1e-6, atol=1e-4
        )


@pytest.mark.parametrize("where", [turned(12.0), turned(90.0), turned(180.0), turned(5.0, 170.0)])
def test_the_loop_equals_numpy_however_the_slices_lie(where: Any) -> None:
    tilt = PointLps(0.1, 0.2, where[0].cross(where[1]).z)
    stack = planes(EVEN, directions=where, along=tilt)
    rotation = Rotation(_made(_voxels(), stack), 12)
    for number in (0, 5, 9):
        np.testing.assert_allclose(
            rotation.make(number), _reference(rotation, number), rtol=1e-6, atol=1e-4
        )


def test_front_and_side_show_the_largest_voxels_themselves() -> None:
    voxels = _voxels()
    rotation = Rotation(_made(voxels, planes(EVEN, spacing=SQUARE)), 8)
    half, (rows, columns) = rotation.half, voxels.shape[1:]
    i, j = (columns - 1) // 2, (rows - 1) // 2
    front, back = rotation.make(0), rotation.make(4)
    np.testing.assert_array_equal(front[:, half - i : half - i + columns], voxels.max(axis=1))
    np.testing.assert_array_equal(back[:, ::-1], front)
    side = rotation.make(2)  # the patient's left faces the reader, the back is on the right
    np.testing.assert_array_equal(side[:, half - j : half - j + rows], voxels.max(axis=2))
    assert rotation.directions(2)[0] == pytest.approx((0, 1, 0), abs=1e-12)
    assert rotation.directions(2)[1] == pytest.approx((-1, 0, 0), abs=1e-12)


def test_nothing_that_is_more_than_the_least_is_left_out() -> None:
    voxels = np.zeros((6, 14, 11), np.int16)
    voxels[2, 0, 0] = voxels[3, 13, 10] = 500
    corners = Rotation(_made(voxels, planes(EVEN, spacing=SQUARE)), 12)
    voxels = np.zeros((6, 14, 11), np.int16)
    voxels[2, 6, 6] = 500
    middle = Rotation(_made(voxels, planes(EVEN, spacing=SQUARE)), 12)
    assert corners.half * 2.0 > math.hypot(7 * 2, 5 * 2)
    assert middle.half == 2
    assert all(middle.make(number).max() > 120 for number in range(12))
    assert np.nanmax(corners.make(0)) == 500


@pytest.mark.parametrize("number", range(12))
def test_a_click_finds_where_the_strongest_lies(number: int) -> None:
    voxels = np.zeros((6, 14, 11), np.float32)
    voxels[4, 3, 8], voxels[4, 9, 2], voxels[1, 6, 5] = 100.0, 90.0, 20.0
    where = geometry(planes(EVEN, spacing=SQUARE, directions=turned(8.0)), 14, 11)
    made = _made(voxels, planes(EVEN, spacing=SQUARE, directions=turned(8.0)))
    rotation = Rotation(Volume(**{**_fields(made), "rescale": Rescale(0.5, 1.0, "")}), 12)
    truth = where.to_lps(Index(8, 3, 4))
    column, _place = rotation.place(truth, number)
    found = rotation.strongest(truth, number)
    assert found is not None
    point, value = found
    right, _through = rotation.directions(number)
    assert abs((point - truth).dot(right)) <= 1.0 + 1e-9  # half a pixel of the view
    assert (point - truth).norm < 2.0
    view = rotation.make(number)
    shown = view[4, math.floor(column + 0.5)]
    assert value == pytest.approx(0.5 * shown + 1.0, rel=1e-6)
    assert rotation.strongest(truth.plus(right, 500), number) is None


CORONAL = (PointLps(1, 0, 0), PointLps(0, 0, -1))
SAGITTAL = (PointLps(0, 1, 0), PointLps(0, 0, -1))
LYING = (PointLps(0, 0, 1), PointLps(0, 1, 0))


@pytest.mark.parametrize("directions", [CORONAL, SAGITTAL, LYING])
def test_any_acquisition_turns_like_the_same_voxels_in_axial_slices(directions: Any) -> None:
    shape = (7, 9, 11)
    stack = planes([2.0 * n for n in range(shape[0])], directions=directions, spacing=SQUARE)
    acquired = _made(_voxels(shape=shape), stack)
    where = acquired.geometry
    corners = [where.to_lps(Index(*at)) for at in ((0, 0, 0), (10, 8, 6))]
    low = PointLps(*(min(c) for c in zip(*corners, strict=True)))
    size = [round(abs(a - b) / 2) + 1 for a, b in zip(*corners, strict=True)]
    axial = np.empty((size[2], size[1], size[0]), np.int16)
    for k, j, i in np.ndindex(axial.shape):
        at = where.to_index(PointLps(low.x + 2 * i, low.y + 2 * j, low.z + 2 * k))
        axial[k, j, i] = acquired.voxels[round(at.k), round(at.j), round(at.i)]
    stack = planes([2.0 * n for n in range(size[2])], spacing=SQUARE, start=low)
    plain, turned = Rotation(_made(axial, stack), 8), Rotation(acquired, 8)
    assert turned.here == 7
    middle = where.to_lps(Index(5, 4, 3))
    for number in (0, 2, 4, 6):
        one, other = plain.make(number), turned.make(number)
        assert plain.directions(number)[0] == pytest.approx(turned.directions(number)[0], abs=1e-9)
        a, b = (r.cut(number).plane.to_pixel(middle) for r in (plain, turned))
        first, last = (r.place(middle, number) for r in (plain, turned))
        same = plain.volume.geometry.normal.z * turned.volume.geometry.normal.z > 0
        both = one if same else one[::-1]
        shift = round(first[0] - last[0])
        columns = range(max(shift, 0), min(one.shape[1], other.shape[1] + shift))
        seen = np.array([both[:, c] for c in columns])
        also = np.array([other[:, c - shift] for c in columns])
        np.testing.assert_array_equal(np.isnan(seen), np.isnan(also))
        np.testing.assert_allclose(seen, also, equal_nan=True)
        assert a.row - plain.cut(number).rows / 2 == pytest.approx(
            b.row - turned.cut(number).rows / 2, abs=1e-6
        )


def test_what_has_no_axis_from_foot_to_head_says_so() -> None:
    up = 1 / math.sqrt(3)  # all three axes lie 55 degrees from the head
    row = PointLps(math.sqrt(2 / 3), 0.0, up)
    column = PointLps(-up / math.sqrt(2), math.sqrt(0.5), up)
    with pytest.raises(GeometryError, match="so obliquely"):
        Rotation(_made(_voxels(), planes(EVEN, directions=(row, column))))
    uneven = planes(UNEVEN, directions=CORONAL)
    with pytest.raises(GeometryError, match="unevenly"):
        Rotation(_made(_voxels(), uneven))
    held = (True, True, False, True, True, True)
    with pytest.raises(GeometryError, match=r"gaps|missing"):
        Rotation(_made(_voxels(), planes(EVEN, directions=CORONAL), held=held))


def test_views_are_made_one_after_the_other() -> None:
    rotation = Rotation(_made(_voxels(), planes(EVEN)), 3)
    for count in range(3):
        assert (rotation.made, rotation.next) == (count, count)
        rotation.make(count)
    assert rotation.next is None
    assert rotation.view(1) is not None


def _drawn(rotation: Rotation, number: int, **look: Any) -> NDArray[np.uint8]:
    request = RotationRequest(
        rotation,
        number,
        ("a",),
        Photometric.MONOCHROME2,
        Presentation(voi=Window(450, 900, ""), **look),
        PaneSize(120, 100),
    )
    return np.asarray(request.compose(request.sample()), np.uint8)


def test_a_picture_is_the_view_enlarged_with_nothing_invented() -> None:
    held = (True, True, False, True, True, True)
    rotation = Rotation(_made(_voxels(np.float32), planes(UNEVEN), held=held), 8)
    request = RotationRequest(
        rotation,
        1,
        ("a",),
        Photometric.MONOCHROME2,
        Presentation(voi=Window(450, 900, ""), zoom=6.0),
        PaneSize(120, 160),
    )
    values = request.sample().values
    cut, place, view = rotation.cut(1), request.transform(), rotation.make(1)
    grid = cut.grid(place)
    away = 0.0
    for row, column in np.random.default_rng(2).integers(0, (160, 120), (400, 2)):
        at, high = rotation.place(grid.at(row, column), 1)
        expected = _expected(rotation, view, at, high)
        found = values[row, column]
        assert np.isnan(expected) == np.isnan(found), (row, column, expected, found)
        if not np.isnan(expected):
            away = max(away, abs(float(found) - expected))
    assert np.isfinite(values).any()
    assert away < 1e-3


def _expected(rotation: Rotation, view: NDArray[np.float32], at: float, high: float) -> float:
    where = rotation.volume.geometry
    if not (0 <= at <= view.shape[1] - 1 and where.places[0] <= high <= where.places[-1]):
        return math.nan
    k = min(int(np.searchsorted(where.places, high, side="right")) - 1, where.slices - 2)
    if not where.joined[k]:
        return math.nan
    f = (high - where.places[k]) / (where.places[k + 1] - where.places[k])
    u = min(int(at), view.shape[1] - 2)
    g = at - u
    low, up = ((1 - g) * view[n, u] + g * view[n, u + 1] for n in (k, k + 1))
    return float((1 - f) * low + f * up)


def test_what_is_nothing_is_black_also_inverted() -> None:
    rotation = Rotation(_made(_voxels(np.float32), planes(EVEN, start=START)), 8)
    plain, inverted = _drawn(rotation, 0), _drawn(rotation, 0, invert=True)
    assert plain[0, 0] == inverted[0, 0] == 0
    there = inverted > 0
    assert there.any()
    np.testing.assert_array_equal(inverted[50, 60], 255 - plain[50, 60])


@pytest.mark.timeout(60)  # where nothing was compiled yet
def test_warm_up_leaves_nothing_to_compile() -> None:
    rotation_kernels.warm_up()
    loops: tuple[Any, ...] = (rotation_kernels._project, rotation_kernels._project_plain)
    before = [len(loop.signatures) for loop in loops]
    for kind in (np.int16, np.uint16, np.float32):
        voxels = _voxels(kind)
        voxels.flags.writeable = False
        Rotation(_made(voxels, planes(EVEN)), 8).make(3)
        Rotation(_made(voxels, planes(EVEN), padding=(1, 4)), 8).make(3)
    assert [len(loop.signatures) for loop in loops] == before


def test_a_large_volume_has_fewer_views() -> None:
    small = _voxels()
    assert Rotation(_made(small, planes(EVEN))).views == 60
    large = np.ones((8, 2600, 30), np.int16)
    large[0, 0, 0] = 2
    large[:, 0], large[:, -1] = 3, 3
    where = planes([1.0 * n for n in range(8)], spacing=Spacing(1.0, 1.0))
    assert Rotation(_made(large, where)).views == 36
