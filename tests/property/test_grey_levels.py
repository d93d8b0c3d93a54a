"""What holds for every window, slope and depth: order is kept and rounding is the only error."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.kit.pictures import stored, windowed
from viewer.model.presentation import Rescale
from viewer.pixels.pipeline import PixelPipeline
from viewer.render.sampler import taps

FUNCTIONS = st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"])
CENTRES = st.floats(-5000, 70000)
WIDTHS = st.floats(1, 100000)
SLOPES = st.floats(0.0005, 50)
RAMP = np.arange(65536, dtype=np.uint16).view(np.int16)[np.r_[32768:65536, 0:32768]]


@settings(max_examples=60, deadline=None)
@given(FUNCTIONS, CENTRES, WIDTHS, SLOPES, st.integers(8, 16), st.booleans())
def test_the_table_is_monotone_and_within_half_a_step(
    function: str, centre: float, width: float, slope: float, bits: int, invert: bool
) -> None:
    pipeline = PixelPipeline(stored(), Rescale(slope, -1024, ""))
    look = windowed(centre, width, function, invert=invert)
    levels = pipeline.table(look, bits=bits)[RAMP.view(np.uint16)].astype(np.int64)
    steps = np.diff(levels)
    assert (steps <= 0).all() if invert else (steps >= 0).all()
    exact = exact_p(function, RAMP.astype(np.float64) * slope - 1024, centre, width)
    exact = 1 - exact if invert else exact
    assert np.abs(levels - exact * (2**bits - 1)).max() <= 0.5 + 1e-6


def exact_p(
    function: str, x: NDArray[np.float64], centre: float, width: float
) -> NDArray[np.float64]:
    """The functions without their limits: clipping gives the same but for the threshold."""
    if function == "SIGMOID":
        return np.asarray(0.5 * (1 + np.tanh(2 * (x - centre) / width)))
    if function == "LINEAR_EXACT":
        return np.asarray(np.clip((x - centre) / width + 0.5, 0, 1))
    if width == 1:
        return np.asarray((x > centre - 0.5).astype(float))
    return np.asarray(np.clip((x - (centre - 0.5)) / (width - 1) + 0.5, 0, 1))


@settings(deadline=None)
@given(st.floats(0.01, 20), st.integers(1, 40), st.floats(-0.5, 0.5))
def test_places_are_made_of_pixels_of_the_image_alone(step: float, size: int, shift: float) -> None:
    at = np.arange(-0.5 + step / 2, size - 0.5, step) + shift * min(step, 1) / 2
    at = at[(at >= -0.5) & (at < size - 0.5)]
    axis = taps(at, size, step)
    assert (axis.weights >= 0).all()
    assert np.allclose(axis.weights.sum(axis=1), 1)
    assert axis.first.min(initial=0) >= 0
    assert axis.first.max(initial=0) + axis.weights.shape[1] <= size
