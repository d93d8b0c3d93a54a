"""The geometry under the phantoms agrees with plain formulas."""

import numpy as np
import pytest

from workstation.demo.phantoms_kernels import FAR, draw_tubes, expand
from workstation.demo.phantoms_shapes import (
    blurred,
    ellipsoid,
    flat_tube,
    joined,
    mirrored,
    moved,
    rotation,
    segments,
    smooth_noise,
    spline,
    tube,
)
from workstation.demo.phantoms_vessels import beside, grow

SIDE, PITCH = 48, 0.5
AXIS = PITCH * (np.arange(SIDE) - SIDE / 2)


def _distances(tubes: np.ndarray, z: float) -> np.ndarray:
    out = np.full((SIDE, SIDE, 1), FAR, np.float32)
    draw_tubes(tubes, z, AXIS[0], AXIS[0], PITCH, PITCH, 40.0, out, 0)
    return out[..., 0]


@pytest.mark.parametrize("z", [0.0, 1.7, -3.0])
def test_a_tube_without_length_is_a_sphere(z: float) -> None:
    centre = np.array([[1.0, -2.0, 0.5]])
    r = np.sqrt((AXIS[None] - 1) ** 2 + (AXIS[:, None] + 2) ** 2 + (z - 0.5) ** 2)
    assert np.allclose(_distances(segments(centre, centre, 4.0, 4.0), z), r - 4, atol=1e-4)


def test_a_long_tube_across_the_plane_is_a_circle() -> None:
    drawn = _distances(segments(np.array([[0, 0, -50.0]]), np.array([[0, 0, 50.0]]), 3.0, 3.0), 7.0)
    assert np.allclose(drawn, np.hypot(AXIS[None], AXIS[:, None]) - 3, atol=1e-4)


def test_a_flat_tube_is_thin_along_its_axis_and_wide_across() -> None:
    drawn = _distances(
        flat_tube([(0, 0, -50, 2), (0, 0, 50, 2)], wide=3.0, thin_axis=(1.0, 0.0, 0.0)), 0.0
    )
    inside = drawn < 0
    middle = SIDE // 2
    assert inside[middle].sum() * PITCH == pytest.approx(4, abs=PITCH)
    assert inside[:, middle].sum() * PITCH == pytest.approx(12, abs=PITCH)


def test_what_lies_beyond_the_margin_stays_far() -> None:
    out = np.full((SIDE, SIDE, 1), FAR, np.float32)
    ball = segments(np.zeros((1, 3)), np.zeros((1, 3)), 2.0, 2.0)
    draw_tubes(ball, 6.0, AXIS[0], AXIS[0], PITCH, PITCH, 3.0, out, 0)
    assert (out == FAR).all()


def test_a_spline_goes_through_its_points() -> None:
    points = [(0, 0, 0, 1), (3, 1, 4, 2), (5, 9, 2, 3)]
    line = spline(points, 5)
    assert len(line) == 11
    assert np.allclose(line[[0, 5, 10]], points)


def test_moving_turns_ends_and_axes_and_keeps_radii() -> None:
    turn = rotation((10, -20, 30))
    before = tube([(1, 2, 3, 1.5), (4, 5, 6, 2.5)])
    after = moved(before, turn, np.array([7.0, 8.0, 9.0]))
    assert np.allclose(after[:, 3:6], before[:, 3:6] @ turn.T + [7, 8, 9], atol=1e-5)
    assert np.array_equal(after[:, 6:9], before[:, 6:9])
    assert np.allclose(turn @ turn.T, np.eye(3))
    assert np.linalg.det(turn) == pytest.approx(1)


def test_a_mirror_image_has_the_other_side() -> None:
    both = mirrored(tube([(5, 0, 0, 1), (9, 0, 0, 1)]))
    assert both[:, 0].sum() == pytest.approx(0, abs=1e-5)
    assert (both[:6, 0] > 0).all()


def test_an_ellipsoid_is_exact_on_its_surface() -> None:
    for axis, radius in enumerate((4.0, 6.0, 9.0)):
        x, y, z = (np.full(1, radius * (a == axis), np.float32) for a in range(3))
        assert ellipsoid(x, y, z, (0, 0, 0), (4, 6, 9)) == pytest.approx(0, abs=1e-5)


def test_joining_never_takes_away() -> None:
    a, b = np.array([[1, -2, 5], [2, 4, 5]], np.float32)
    assert (joined(a, b, 3.0) <= np.minimum(a, b)).all()


def test_blurring_keeps_a_constant_and_the_mean_of_a_spike() -> None:
    assert np.allclose(blurred(np.full((9, 8, 7), 3.0, np.float32), 2), 3)
    spike = np.zeros(41, np.float32)
    spike[20] = 1
    assert blurred(spike, 2, 2).sum() == pytest.approx(1)
    assert blurred(spike, 2, 1)[18:23] == pytest.approx(0.2)


def test_noise_has_mean_0_and_deviation_1_and_repeats() -> None:
    first, again = (smooth_noise(np.random.default_rng(3), (20, 21, 22), 1) for _ in range(2))
    assert np.array_equal(first, again)
    assert first.mean() == pytest.approx(0, abs=1e-4)
    assert first.std() == pytest.approx(1, abs=1e-4)


def test_a_linear_field_is_interpolated_exactly() -> None:
    z, y, x = np.meshgrid(*(2.0 * np.arange(n) - 10 for n in (12, 13, 14)), indexing="ij")
    fields = np.stack([x + 2 * y - z, 3 * z], axis=-1).astype(np.float32)
    out = np.empty((9, 11, 2), np.float32)
    expand(fields, np.array([-10.0, -10.0, -10.0]), 2.0, np.array([-4, -5, 1.5, 0.4, 0.6]), out)
    xs, ys = -4 + 0.4 * np.arange(11), -5 + 0.6 * np.arange(9)[:, None]
    assert np.allclose(out[..., 0], xs + 2 * ys - 1.5, atol=1e-4)
    assert np.allclose(out[..., 1], 4.5, atol=1e-4)


def test_a_tree_reaches_every_leaf_and_thickens_towards_its_root() -> None:
    leaves = np.random.default_rng(1).uniform(-50, 50, (200, 3))
    tree = grow(((0.0, 0.0, 0.0),), leaves, 0.4)
    assert {tuple(p) for p in tree.last} == {tuple(p) for p in leaves}
    by_end = {tuple(p): r for p, r in zip(tree.last, tree.radius, strict=True)}
    for start, radius in zip(tree.first, tree.radius, strict=True):
        if tuple(start) in by_end:
            assert by_end[tuple(start)] > radius
    total = sum(r**2.7 for f, r in zip(tree.first, tree.radius, strict=True) if not f.any())
    assert total == pytest.approx(200 * 0.4**2.7)


def test_a_bronchus_runs_beside_its_artery_without_touching_it() -> None:
    leaves = np.random.default_rng(2).uniform(10, 60, (150, 3))
    tree = grow(((10.0, 10.0, 10.0),), leaves, 0.5)
    walls, lumens = beside(tree, 1.0)
    thick = tree.radius >= 1.0
    apart = np.linalg.norm(walls[:, :3] - tree.first[thick], axis=1)
    assert np.allclose(apart, tree.radius[thick] + walls[:, 6], rtol=1e-3)
    assert (lumens[:, 6] < walls[:, 6]).all()
