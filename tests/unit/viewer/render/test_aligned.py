"""Planes along the voxels are drawn axis by axis and equal the reference, wherever they cut."""

from itertools import permutations

import numpy as np
import pytest

from tests.kit.volumes import geometry, planes, turned, volume
from viewer.loading.volume import Volume
from viewer.model.geometry import PointLps
from viewer.model.presentation import Rescale
from viewer.model.sample_grid import SampleGrid, Slab, SlabMode
from viewer.model.volume_geometry import Index
from viewer.render import aligned_kernels
from viewer.render.reslice import Reslicer
from viewer.render.sample_lines import Axis, Output, Steps

SHAPE = (9, 15, 20)
UNEVEN = [0, 1, 2.5, 5, 6, 8.5, 9, 11, 14.0]


def _noise(kind: str) -> Volume:
    places = UNEVEN if kind == "uneven" else [2.0 * k for k in range(9)]
    gaps = [k != 4 for k in range(8)] if kind == "gap" else None
    where = geometry(planes(places, directions=turned(20, 30)), 15, 20, gaps)
    values = np.random.default_rng(5).integers(-1000, 2000, SHAPE)
    voxels = values.astype(np.float32 if kind == "float" else np.int16)
    slope = -2.0 if kind == "falling" else 0.5
    held = [k != 7 for k in range(9)] if kind == "gap" else None
    return volume(where, voxels, rescale=Rescale(slope, -3, "HU"), held=held)


def _grid(of: Volume, across: int, down: int, signs: tuple[int, int]) -> SampleGrid:
    """A picture along two axes of the volume, larger than it, its pixels smaller than voxels."""
    where = of.geometry
    axes = [where.plane.row, where.plane.column, where.normal]
    middle = where.to_lps(Index(9.3, 7.2, 3.4))
    right = PointLps(*(0.41 * signs[0] * x for x in axes[across]))
    below = PointLps(*(0.37 * signs[1] * x for x in axes[down]))
    return SampleGrid(middle.plus(right, -30).plus(below, -24), right, below, 48, 60)


@pytest.mark.parametrize("slab", [None, *(Slab(4.7, mode) for mode in SlabMode)])
@pytest.mark.parametrize(("across", "down"), list(permutations(range(3), 2)))
@pytest.mark.parametrize("kind", ["plain", "uneven", "gap", "float", "falling"])
def test_every_plane_along_the_voxels_equals_the_reference(
    kind: str, across: int, down: int, slab: Slab | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = _noise(kind)
    reslicer = Reslicer(of)
    grid = _grid(of, across, down, (1, -1) if across < down else (-1, 1))
    slow = np.empty((48, 60), np.float32)
    reslicer.sample(grid, slab, slow, reference=True)
    monkeypatch.setattr(
        "viewer.render.reslice_kernels.even", None
    )  # the other loops have no part in it
    monkeypatch.setattr("viewer.render.reslice_kernels.uneven", None)
    fast = np.empty((48, 60), np.float32)
    draw = reslicer.drawing(grid, slab, whole=False)
    for first, end in ((0, 17), (17, 48)):
        draw(first, fast[first:end])
    np.testing.assert_array_equal(np.isnan(fast), np.isnan(slow))
    assert 0.1 < np.isnan(fast).mean() < 0.95
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-3)


def test_a_plane_beside_the_volume_shows_nothing() -> None:
    of = _noise("plain")
    grid = _grid(of, 0, 1, (1, 1))
    far = SampleGrid(grid.origin.plus(of.geometry.normal, 500.0), grid.right, grid.down, 48, 60)
    assert np.isnan(Reslicer(of).values(far)).all()


def test_places_outside_the_volume_are_refused() -> None:
    one = Axis(np.zeros(1, np.int64), np.zeros(1), np.ones(1, np.bool_))
    beyond = one._replace(low=np.full(1, 3))
    flat, out = np.zeros(27, np.int16), np.zeros((1, 1), np.int16)
    output = Output(0, 0.0, whole=True)
    with pytest.raises(ValueError, match="leave the volume"):
        aligned_kernels.aligned(flat, Steps(1, 3, 9), (one, one, beyond), np.ones(1), output, out)
    with pytest.raises(ValueError, match="side by side"):
        aligned_kernels.aligned(flat, Steps(2, 3, 9), (one, one, one), np.ones(1), output, out)
