"""The compiled loop refuses what it cannot draw and is whole after warming up."""

import numpy as np
import pytest

from tests.kit.pictures import IDENTITY, stored, windowed
from viewer.calibration.display import DisplayProfile
from viewer.model.presentation import (
    ModalityLut,
    Presentation,
    PresentationLut,
    Rescale,
    VoiFunction,
    VoiLut,
    Window,
)
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


HUGE = 1.7e308
VOIS = [
    *(Window(c, HUGE, "", function) for c in (-HUGE, HUGE) for function in VoiFunction),
    VoiLut(0, (1, 2), 8),
    None,
]


@pytest.mark.parametrize("voi", VOIS)
@pytest.mark.parametrize(
    "step", [Rescale(HUGE, HUGE, ""), Rescale(-1e300, 0, ""), ModalityLut(0, (9,), "")]
)
@pytest.mark.parametrize("fallback", [(-np.inf, np.inf), (-HUGE, HUGE), (0.0, 1e-320)])
def test_numbers_at_the_end_of_float64_stay_inside_every_table(
    voi: Window | VoiLut | None, step: Rescale | ModalityLut, fallback: tuple[float, float]
) -> None:
    frame = np.array([-1e300, -1, 0, 0.5, 1, 1e300, np.inf, -np.inf, np.nan])
    form = stored(floating=True, bits_allocated=64, bits_stored=64, high_bit=63)
    screen = DisplayProfile("s", bits=8, table=tuple(range(256)))
    look = Presentation(voi, presentation_lut=PresentationLut((0, 9, 255), 8))
    pipeline = PixelPipeline(form, step, screen)
    ours = pipeline.driving_levels(frame, look, bits=8, fallback=fallback)
    text = pipeline.driving_levels_reference(frame, look, bits=8, fallback=fallback)
    assert np.array_equal(ours, text)
    assert set(ours.tolist()) <= {0, 9, 255}
