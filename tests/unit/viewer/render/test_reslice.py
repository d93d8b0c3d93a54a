"""Reconstructed planes: the compiled loops equal their reference, and nothing is invented."""

import numpy as np
import pytest

from tests.kit.volumes import field, geometry, planes, turned, volume
from viewer.loading.volume import Volume
from viewer.model.geometry import PointLps, Spacing
from viewer.model.presentation import Rescale
from viewer.model.sample_grid import SampleGrid, Slab, SlabMode
from viewer.render.reslice import Reslicer

PADDING = (-2000, -1999)
GRID = SampleGrid(
    PointLps(-9, 3, 10), PointLps(0.3, 0.12, 0.21), PointLps(-0.1, 0.24, 0.28), 48, 40
)
SLABS = [None, *(Slab(5.0, mode) for mode in SlabMode)]
_SEED = np.random.default_rng(5)


def _noise(*, even: bool = True, gap: bool = False, padded: bool = False) -> Volume:
    places = [2.0 * k for k in range(9)] if even else [0, 1, 2.5, 5, 6, 8.5, 9, 11, 14.0]
    where = geometry(
        planes(places, directions=turned(20, 30)),
        15,
        20,
        [k != 4 for k in range(8)] if gap else None,
    )
    voxels = _SEED.integers(-1000, 2000, (9, 15, 20)).astype(np.int16)
    if padded:
        voxels[_SEED.random(voxels.shape) < 0.2] = PADDING[0]
    held = [k != 7 for k in range(9)] if gap else None
    return volume(
        where,
        voxels,
        rescale=Rescale(0.5, -3, "HU"),
        padding=PADDING if padded else None,
        held=held,
    )


@pytest.mark.parametrize("slab", SLABS)
@pytest.mark.parametrize(
    "kind", [{}, {"even": False}, {"gap": True}, {"padded": True, "even": False, "gap": True}]
)
def test_the_compiled_loops_equal_their_reference(kind: dict[str, bool], slab: Slab | None) -> None:
    reslicer = Reslicer(_noise(**kind))
    assert reslicer.is_even is not bool(kind)
    fast, slow = np.empty((48, 40), np.float32), np.empty((48, 40), np.float32)
    reslicer.sample(GRID, slab, fast)
    reslicer.sample(GRID, slab, slow, reference=True)
    np.testing.assert_array_equal(np.isnan(fast), np.isnan(slow))
    assert 0.1 < np.isnan(fast).mean() < 0.95
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-3)


def test_bands_of_rows_make_the_whole_picture() -> None:
    reslicer = Reslicer(_noise())
    whole, parts = np.empty((48, 40), np.float32), np.empty((48, 40), np.float32)
    reslicer.sample(GRID, None, whole)
    for first, end in ((0, 17), (17, 48)):
        reslicer.sample(GRID.band(first, end), None, parts[first:end])
    np.testing.assert_allclose(parts, whole, rtol=0, atol=1e-3)


def test_an_integer_picture_is_rounded_and_has_its_background() -> None:
    reslicer = Reslicer(_noise())
    exact, whole = np.empty((48, 40)), np.empty((48, 40), np.int16)
    reslicer.sample(GRID, None, exact, reference=True)
    reslicer.sample(GRID, None, whole, background=-32768)
    np.testing.assert_array_equal(
        whole, np.where(np.isnan(exact), -32768, np.floor(exact + 0.5)).astype(np.int16)
    )


def _columns_of(z: float, columns: int = 20, rows: int = 15) -> SampleGrid:
    """The pixels of an unturned volume at a distance from its first slice."""
    return SampleGrid(
        PointLps(-7.5, 4.0, 11.0 + z), PointLps(0.5, 0, 0), PointLps(0, 0.8, 0), rows, columns
    )


def test_a_slice_in_its_own_plane_is_itself() -> None:
    where = geometry(planes([0, 1, 3, 4]), 15, 20)
    voxels = _SEED.integers(-500, 500, (4, 15, 20)).astype(np.int16)
    reslicer = Reslicer(volume(where, voxels, rescale=Rescale(2, 1, "HU")))
    for k, z in enumerate(where.places):
        np.testing.assert_array_equal(reslicer.values(_columns_of(z)), voxels[k] * 2.0 + 1)


def test_outside_is_nothing_and_never_the_edge() -> None:
    where = geometry(planes([0, 1, 2]), 15, 20)
    reslicer = Reslicer(volume(where, np.full((3, 15, 20), 700, np.int16)))
    assert np.isnan(reslicer.values(_columns_of(2.01))).all()
    assert np.isnan(reslicer.values(_columns_of(-0.01))).all()
    wide = SampleGrid(PointLps(-7.52, 3.98, 12), PointLps(0.02, 0, 0), PointLps(0, 0.02, 0), 3, 3)
    shown = reslicer.values(wide)
    assert np.isnan(shown[0]).all()
    assert np.isnan(shown[:, 0]).all()
    assert (shown[1:, 1:] == 700).all()


@pytest.mark.parametrize("mode", list(SlabMode))
def test_a_slab_along_the_slices_is_made_of_whole_voxels(mode: SlabMode) -> None:
    where = geometry(planes([0, 2, 4, 6, 8]), 15, 20)
    voxels = _SEED.integers(-500, 500, (5, 15, 20)).astype(np.int16)
    shown = Reslicer(volume(where, voxels)).values(_columns_of(4), Slab(4.0, mode))
    inside = voxels[1:4].astype(np.float64)
    expected = {
        SlabMode.MAXIMUM: inside.max(axis=0),
        SlabMode.MINIMUM: inside.min(axis=0),
        SlabMode.MEAN: (inside[0] + 2 * inside[1] + inside[2]) / 4,
    }[mode]
    np.testing.assert_allclose(shown, expected, atol=1e-3)


def test_the_largest_value_is_found_where_the_rescale_turns_values_round() -> None:
    where = geometry(planes([0, 2, 4]), 15, 20)
    voxels = _SEED.integers(0, 500, (3, 15, 20)).astype(np.int16)
    reslicer = Reslicer(volume(where, voxels, rescale=Rescale(-1, 0, "")))
    shown = reslicer.values(_columns_of(2), Slab(4.0))
    np.testing.assert_array_equal(shown, -voxels.min(axis=0))


def test_a_slab_at_the_border_uses_what_is_there() -> None:
    where = geometry(planes([0, 2, 4]), 15, 20)
    shape = where
    voxels = np.round(field(shape, PointLps(0, 0, 10))).astype(np.int16)
    shown = Reslicer(volume(where, voxels)).values(_columns_of(0), Slab(4.0, SlabMode.MAXIMUM))
    np.testing.assert_array_equal(shown, voxels[1])


def test_one_row_of_voxels_is_a_volume_too() -> None:
    where = geometry(planes([0, 1, 2], spacing=Spacing(1, 1)), 1, 4)
    voxels = np.arange(12, dtype=np.int16).reshape(3, 1, 4)
    reslicer = Reslicer(volume(where, voxels))
    grid = SampleGrid(PointLps(-7.5, 4, 11.5), PointLps(1, 0, 0), PointLps(0, 0, 1), 2, 4)
    np.testing.assert_array_equal(reslicer.values(grid), [[2, 3, 4, 5], [6, 7, 8, 9]])


@pytest.mark.parametrize(
    ("out", "background"),
    [(np.empty((2, 2), np.float32), 0.0), (np.empty((48, 40), np.int16), np.nan),
     (np.empty((48, 40), np.int32), -1.0)],
)  # fmt: skip
def test_pictures_that_cannot_be_are_refused(out: np.ndarray, background: float) -> None:
    with pytest.raises(ValueError, match="picture"):
        Reslicer(_noise()).sample(GRID, None, out, background=background)


def test_grids_and_slabs_refuse_nonsense() -> None:
    flat = PointLps(1, 0, 0)
    with pytest.raises(ValueError, match="plane"):
        SampleGrid(PointLps(0, 0, 0), flat, flat, 2, 2)
    with pytest.raises(ValueError, match="finite"):
        SampleGrid(PointLps(0, float("nan"), 0), flat, PointLps(0, 1, 0), 2, 2)
    with pytest.raises(ValueError, match="thickness"):
        Slab(0.0)
    assert Slab(3.0).offsets(1.0) == (-1.5, -0.5, 0.5, 1.5)
