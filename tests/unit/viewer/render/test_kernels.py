"""Each compiled loop gives exactly what its numpy reference gives."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from viewer.render import kernels
from viewer.render.kernels import NO_PADDING, Taps
from viewer.render.sampler import taps

RNG = np.random.default_rng(20260101)


def places(count: int, size: int, step: float) -> Taps:
    return taps(np.linspace(-0.49, size - 0.51, count), size, step)


CASES = {
    "enlarge": (places(41, 17, 0.4), places(53, 23, 0.4)),
    "reduce": (places(5, 17, 3.4), places(7, 23, 3.3)),
    "reduce a little": (places(11, 17, 1.5), places(15, 23, 1.5)),
    "mixed": (places(41, 17, 0.4), places(7, 23, 3.3)),
    "mirrored": (
        taps(np.linspace(16.4, -0.4, 41), 17, 0.4),
        taps(np.linspace(22.4, -0.4, 7), 23, 3.3),
    ),
}


def random_frame(kind: Any) -> NDArray[Any]:
    limits = np.iinfo(kind)
    return RNG.integers(limits.min, limits.max, (17, 23), dtype=kind, endpoint=True)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", [np.int16, np.uint16, np.int8, np.uint8])
@pytest.mark.parametrize("padding", [NO_PADDING, (0, 90)])
def test_resample_equals_its_reference(case: str, kind: Any, padding: tuple[int, int]) -> None:
    rows, columns = CASES[case]
    frame = random_frame(kind)
    if padding != NO_PADDING:
        frame[RNG.random(frame.shape) < 0.3] = 50
    shape = (rows.first.size, columns.first.size)
    got, expected = np.empty(shape, kind), np.empty(shape, kind)
    kernels.resample(frame, rows, columns, padding, got)
    kernels.resample_reference(frame, rows, columns, padding, expected)
    assert np.array_equal(got, expected)


@pytest.mark.parametrize("case", CASES)
def test_resample_rgb_equals_its_reference(case: str) -> None:
    rows, columns = CASES[case]
    frame = RNG.integers(0, 256, (17, 23, 3), dtype=np.uint8)
    got = np.empty((rows.first.size, columns.first.size, 3), np.uint8)
    expected = np.empty_like(got)
    kernels.resample_rgb(frame, rows, columns, got)
    kernels.resample_rgb_reference(frame, rows, columns, expected)
    assert np.array_equal(got, expected)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_look_up_equals_its_reference(depth: Any) -> None:
    index = RNG.integers(0, 65536, (6, 5), dtype=np.uint16)
    table = RNG.integers(0, np.iinfo(depth).max, 65536, dtype=depth)
    got, expected = np.zeros((10, 9), depth), np.zeros((10, 9), depth)
    kernels.look_up(index, table, got, 3, 2)
    kernels.look_up_reference(index, table, expected, 3, 2)
    assert np.array_equal(got, expected)


def test_float_frames_stay_float() -> None:
    frame = np.array([[0.0, 0.1]], dtype=np.float32)
    out = np.empty((1, 3), dtype=np.float32)
    kernels.resample(
        frame, taps(np.zeros(1), 1, 0.5), taps(np.array([0, 0.5, 1]), 2, 0.5), NO_PADDING, out
    )
    assert out[0, 1] == pytest.approx(0.05)


def test_padding_is_never_blended() -> None:
    frame = np.array([[-2000, 100, 200, -2000]], dtype=np.int16)
    at = np.array([-0.4, 0.4, 0.6, 1.5, 2.4, 2.6])
    out = np.empty((1, at.size), dtype=np.int16)
    one = taps(np.zeros(1), 1, 1.0)
    kernels.resample(frame, one, taps(at, 4, 0.5), (-2000, -2000), out)
    assert out.tolist() == [[-2000, -2000, 100, 150, 200, -2000]]


def test_a_reduced_mean_leaves_padding_out() -> None:
    frame = np.array([[-2000, 100, 200, 300]], dtype=np.int16)
    out = np.empty((1, 1), dtype=np.int16)
    one = taps(np.zeros(1), 1, 1.0)
    kernels.resample(frame, one, taps(np.array([1.5]), 4, 4.0), (-2000, -2000), out)
    assert out.tolist() == [[200]]


def test_nothing_that_leaves_the_image_reaches_a_compiled_loop() -> None:
    frame = np.zeros((4, 4), dtype=np.int16)
    good = taps(np.arange(4.0), 4, 0.5)
    bad = taps(np.arange(8.0), 8, 0.5)
    with pytest.raises(ValueError, match="leave the image"):
        kernels.resample(frame, good, bad, NO_PADDING, np.empty((4, 8), np.int16))
    with pytest.raises(ValueError, match="leave the image"):
        kernels.resample(frame, good, good, NO_PADDING, np.empty((5, 4), np.int16))
    index = np.zeros((4, 4), dtype=np.uint16)
    with pytest.raises(ValueError, match="on its canvas"):
        kernels.look_up(index, np.zeros(65536, np.uint8), np.zeros((4, 4), np.uint8), 1, 0)
    with pytest.raises(ValueError, match="65536"):
        kernels.look_up(index, np.zeros(256, np.uint8), np.zeros((4, 4), np.uint8), 0, 0)


def test_warm_up_leaves_nothing_to_compile_for_frames_of_the_cache() -> None:
    kernels.warm_up()
    loops: tuple[Any, ...] = (kernels._resample_plain, kernels._resample_padded, kernels._look_up)
    before = [len(loop.signatures) for loop in loops]
    frame = random_frame(np.int16)
    frame.flags.writeable = False
    rows, columns = CASES["enlarge"]
    out = np.empty((rows.first.size, columns.first.size), np.int16)
    for padding in (NO_PADDING, (int(frame[0, 0]), int(frame[0, 0]))):
        kernels.resample(frame, rows, columns, padding, out)
    canvas = np.zeros(out.shape, np.uint8)
    kernels.look_up(out.view(np.uint16), np.zeros(65536, np.uint8), canvas, 0, 0)
    assert [len(loop.signatures) for loop in loops] == before
