"""The compiled loop refuses what it cannot draw and is whole after warming up."""

import numpy as np
import pytest

from tests.kit.pictures import IDENTITY, stored, windowed
from viewer.pixels import computed
from viewer.pixels.pipeline import PixelPipeline


@pytest.mark.parametrize("bits", [0, 17])
def test_a_depth_that_no_screen_has(bits: int) -> None:
    with pytest.raises(ValueError, match="1 to 16 bits"):
        PixelPipeline(stored(), IDENTITY).table(windowed(0, 9), bits=bits)


def test_warming_up_leaves_nothing_to_compile() -> None:
    computed.warm_up()
    before = len(computed._levels.signatures)  # type: ignore[attr-defined] # numba's own
    pipeline = PixelPipeline(stored(), IDENTITY)
    for kind in ("i4", "u4", "f4", "f8"):
        pipeline.driving_levels(np.zeros((3, 4), kind), windowed(0, 9), bits=8)
    pipeline.table(windowed(0, 9), bits=16)
    assert len(computed._levels.signatures) == before  # type: ignore[attr-defined] # numba's own


def test_frames_of_any_size_and_layout() -> None:
    pipeline = PixelPipeline(stored(signed=False), IDENTITY)
    frame = np.arange(300 * 400, dtype=np.float32).reshape(300, 400)[::2, ::-3]
    look = windowed(60_000, 120_000)
    ours = pipeline.driving_levels(frame, look, bits=16)
    assert np.array_equal(ours, pipeline.driving_levels_reference(frame, look, bits=16))
    assert ours.shape == frame.shape
    assert pipeline.driving_levels(frame[:0], look, bits=8).shape == (0, 134)
