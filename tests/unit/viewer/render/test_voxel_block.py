"""The voxels of 3D: thinned out by means, and without what was cut off."""

import numpy as np
import pytest

from viewer.render.voxel_block import Prism, VoxelBlock, factors_for

SPACING = (0.5, 0.5, 2.0)
AIR = -1000.0


def _block(most: int = 10**9, shape: tuple[int, int, int] = (4, 6, 8)) -> VoxelBlock:
    return VoxelBlock(shape, "<i2", SPACING, AIR, most=most)


@pytest.mark.parametrize(
    ("most", "factors"),
    [(10**9, (1, 1, 1)), (60 * 512 * 256, (1, 2, 1)), (60 * 256 * 256, (1, 2, 2)),
     (60 * 128 * 128, (1, 4, 4))],
)  # fmt: skip
def test_the_finest_directions_are_thinned_out_first(
    most: int, factors: tuple[int, int, int]
) -> None:
    assert factors_for((60, 512, 512), SPACING, most) == factors


def test_factors_end_where_nothing_is_left_to_thin_out() -> None:
    assert max(factors_for((2, 2, 2), SPACING, 1)) <= 2


def test_a_whole_block_holds_every_voxel_and_nothing_before_it_comes() -> None:
    block = _block()
    assert (block.voxels == AIR).all()
    slices = np.arange(2 * 6 * 8, dtype=np.int16).reshape(2, 6, 8)
    block.put(1, slices)
    assert np.array_equal(block.voxels[1:3], slices)
    assert (block.voxels[3] == AIR).all()


def test_a_thinned_block_holds_means_at_the_middle_of_their_voxels() -> None:
    block = _block(most=40, shape=(3, 5, 8))
    fz, fy, fx = block.factors
    assert (fy, fx) == (2, 2)
    given = np.random.default_rng(1).integers(-1000, 3000, (3, 5, 8)).astype(np.int16)
    block.put(0, given)
    for z, y, x in np.ndindex(block.voxels.shape):
        one = given[z * fz : z * fz + fz, y * fy : y * fy + fy, x * fx : x * fx + fx]
        assert block.voxels[z, y, x] == np.floor(one.mean() + 0.5)
    assert block.spacing == (0.5 * fx, 0.5 * fy, 2.0 * fz)
    assert block.origin == (0.25, 0.25, (fz - 1) / 2 * 2.0)


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("most", [10**9, 200])
def test_a_cut_takes_exactly_the_voxels_whose_centres_it_covers(most: int, inside: bool) -> None:
    block = VoxelBlock((6, 20, 24), "<i2", (0.5, 0.5, 1.0), AIR, most=most)
    block.put(0, np.full((6, 20, 24), 500, np.int16))
    corners = ((2.13, 1.62), (9.63, 3.1), (6.1, 8.37))
    # seen along a slanted way: across grows with x, down with y, both with z
    prism = Prism((1.0, 0.0, 0.3, 0.07), (0.0, 1.0, -0.2, 0.11), corners, inside)
    block.erase(prism)
    (sx, sy, sz), (ox, oy, oz) = block.spacing, block.origin
    reach = max(block.spacing)  # voxels nearer to an edge than the raster's pitch may go either way
    checked = 0
    for z, y, x in np.ndindex(block.voxels.shape):
        mm = (x * sx + ox, y * sy + oy, z * sz + oz)
        at = (mm[0] + 0.3 * mm[2] + 0.07, mm[1] - 0.2 * mm[2] + 0.11)
        sides = [_side(at, a, b) for a, b in zip(corners, (*corners[1:], corners[0]), strict=True)]
        if min(abs(side) for side in sides) < 0.3 * reach:
            continue
        covered = all(side > 0 for side in sides) or all(side < 0 for side in sides)
        assert (block.voxels[z, y, x] == AIR) == (covered is inside)
        checked += 1
    assert checked > block.voxels.size / 2


def _side(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    """Signed distance of a point from a line, mm."""
    way = np.subtract(b, a)
    off = np.subtract(p, a)
    return float((way[0] * off[1] - way[1] * off[0]) / np.hypot(*way))
