"""Where raw values land on a pane, against the transform itself, point by point."""

import itertools

import numpy as np
import pytest

from viewer.model.presentation import Offset, Presentation
from viewer.render.sampler import sample, taps
from viewer.viewport.transform import PanePoint, PaneSize, PaneTransform

FRAME = np.random.default_rng(5).integers(-1000, 3000, (9, 13)).astype(np.int16)


def place(pane: PaneSize, aspect: float = 1.0, **look: object) -> PaneTransform:
    return PaneTransform.of(9, 13, aspect, pane, Presentation(**look))  # type: ignore[arg-type] # any field


@pytest.mark.parametrize(
    ("turns", "flip", "zoom", "aspect"),
    list(itertools.product(range(4), [False, True], [None, 1.0, 2.7], [1.0, 1.6])),
)
def test_every_device_pixel_is_bilinear_of_the_point_under_it(
    turns: int, flip: bool, zoom: float | None, aspect: float
) -> None:
    pane = PaneSize(37, 29)
    where = place(
        pane, aspect, quarter_turns=turns, flip_horizontal=flip, zoom=zoom, offset=Offset(1.3, -2.2)
    )
    got = sample(FRAME, where)
    seen = np.full((pane.height, pane.width), False)
    for y, x in np.ndindex(pane.height, pane.width):
        p = where.to_pixel(PanePoint(x + 0.5, y + 0.5))
        inside = -0.5 <= p.column < 12.5 and -0.5 <= p.row < 8.5
        in_block = (
            got.top <= y < got.top + got.values.shape[0]
            and got.left <= x < got.left + got.values.shape[1]
        )
        assert in_block == inside
        seen[y, x] = inside
        if inside:
            value = got.values[y - got.top, x - got.left]
            assert abs(float(value) - bilinear(p.column, p.row)) <= 0.5 + 1e-6
    assert seen.any()


def bilinear(column: float, row: float) -> float:
    column, row = min(max(column, 0.0), 12.0), min(max(row, 0.0), 8.0)
    c, r = min(int(column), 11), min(int(row), 7)
    f, g = column - c, row - r
    block = FRAME[r : r + 2, c : c + 2].astype(float)
    return float(np.array([1 - g, g]) @ block @ np.array([1 - f, f]))


@pytest.mark.parametrize(("turns", "flip"), list(itertools.product(range(4), [False, True])))
def test_one_to_one_is_bit_exact(turns: int, flip: bool) -> None:
    got = sample(
        FRAME, place(PaneSize(20, 20), zoom=1.0, quarter_turns=turns, flip_horizontal=flip)
    )
    expected = np.rot90(FRAME[:, ::-1] if flip else FRAME, -turns)
    assert np.array_equal(got.values, expected)


def test_one_to_one_with_a_fractional_pan_stays_on_the_device_grid() -> None:
    got = sample(FRAME, place(PaneSize(20, 20), zoom=1.0, offset=Offset(0.37, -0.21)))
    assert np.array_equal(got.values, FRAME)


def test_a_part_of_the_image_is_cut_where_the_pane_ends() -> None:
    got = sample(FRAME, place(PaneSize(5, 4), zoom=1.0))
    assert got.values.shape == (4, 5)
    assert (got.top, got.left) == (0, 0)


def test_panned_out_of_sight_leaves_nothing() -> None:
    assert sample(FRAME, place(PaneSize(8, 8), offset=Offset(500, 0))).values.size == 0


@pytest.mark.parametrize("offset", range(4))
def test_a_bright_pixel_survives_a_reduction_by_four(offset: int) -> None:
    frame = np.zeros((16, 16), dtype=np.uint16)
    frame[4 + offset, 8 + offset] = 1600
    where = PaneTransform.of(16, 16, 1.0, PaneSize(4, 4), Presentation())
    assert sample(frame, where).values.max() >= 100


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_the_finest_grating_leaves_no_alias_when_reduced(factor: int) -> None:
    frame = np.zeros((64, 64), dtype=np.uint16)
    frame[:, ::2] = 1000
    where = PaneTransform.of(64, 64, 1.0, PaneSize(64 // factor, 64 // factor), Presentation())
    values = sample(frame, where).values.astype(int)
    assert values.max() - values.min() <= 50


@pytest.mark.parametrize("step", [0.3, 1.0, 1.5, 7.7])
@pytest.mark.parametrize("size", [1, 2, 9])
def test_weights_of_a_place_add_up_to_one(step: float, size: int) -> None:
    axis = taps(np.linspace(-0.5, size - 0.5001, 31), size, step)
    assert np.allclose(axis.weights.sum(axis=1), 1)
    assert axis.first.min() >= 0
    assert axis.first.max() + axis.weights.shape[1] <= size


def test_reducing_keeps_the_mean_of_the_area() -> None:
    frame = np.arange(64, dtype=np.int16).reshape(8, 8)
    where = PaneTransform.of(8, 8, 1.0, PaneSize(2, 2), Presentation())
    got = sample(frame, where).values
    expected = frame.reshape(2, 4, 2, 4).mean(axis=(1, 3))
    assert np.array_equal(got, np.floor(expected + 0.5))


def test_colour_is_sampled_like_grey() -> None:
    colour = np.random.default_rng(6).integers(0, 256, (9, 13, 3), dtype=np.uint8)
    where = place(PaneSize(30, 30), quarter_turns=1)
    got = sample(colour, where)
    for channel in range(3):
        grey = sample(np.ascontiguousarray(colour[:, :, channel]), where)
        assert np.array_equal(got.values[:, :, channel], grey.values)
