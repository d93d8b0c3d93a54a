"""F13: rounded half up, once, after all steps; no 256 levels on the way."""

import numpy as np
import pytest

from tests.kit.pictures import IDENTITY, stored, windowed
from viewer.calibration.display import DisplayProfile
from viewer.model.presentation import Rescale
from viewer.pixels import luts
from viewer.pixels.pipeline import PixelPipeline

RAMP = np.arange(65536, dtype=np.uint16)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("invert", [False, True])
def test_f13_a_full_ramp_is_monotone_and_off_by_half_a_step_at_most(
    bits: int, invert: bool
) -> None:
    pipeline = PixelPipeline(stored(signed=False), IDENTITY)
    levels = pipeline.table(windowed(32768, 65536, invert=invert), bits=bits).astype(np.int64)
    exact = RAMP / 65535 * ((1 << bits) - 1)
    exact = ((1 << bits) - 1) - exact if invert else exact
    assert (np.diff(levels) * (-1 if invert else 1) >= 0).all()
    assert np.abs(levels - exact).max() <= 0.5 + 1e-6
    assert len(np.unique(levels)) == 1 << bits


def test_f13_half_is_rounded_up() -> None:
    assert luts.quantise([0.5 / 255, 1.5 / 255, 2.5 / 255, 1.0], 8).tolist() == [1, 2, 3, 255]
    # 127.5 upright and 127.5 inverted: both go up
    for invert in (False, True):
        level = PixelPipeline(stored(), Rescale(0.5, 0, "")).p_values(
            np.array([79], "i2"), windowed(40, 2, invert=invert), bits=8
        )
        assert level.tolist() == [128]


def test_f13_a_screen_of_10_bits_gets_more_than_256_levels() -> None:
    response = tuple(n * 1023 // 4095 for n in range(4096))
    screen = DisplayProfile("s", bits=10, table=response)
    pipeline = PixelPipeline(stored(signed=False), IDENTITY, screen)
    levels = pipeline.table(windowed(32768, 65536), bits=10)
    assert len(np.unique(levels)) == 1024
    nearest = np.floor(RAMP / 65535 * 4095 + 0.5).astype(int)
    assert np.array_equal(levels, np.array(response)[nearest])


def test_f13_nothing_is_dithered() -> None:
    pipeline = PixelPipeline(stored(), IDENTITY)
    flat = np.full((64, 64), 17, dtype=np.int16)
    assert len(np.unique(pipeline.p_values(flat, windowed(40, 400), bits=8))) == 1
