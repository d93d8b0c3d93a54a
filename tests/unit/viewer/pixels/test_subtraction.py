"""Differences of modality values, whole and between pixels, and where there are none."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.viewer import ct_instance, frame_of, ramp
from viewer.model.presentation import MaskLook, ModalityLut, Presentation, Rescale, Window
from viewer.model.study import Instance
from viewer.pixels.pipeline import PixelPipeline
from viewer.pixels.subtraction import NOTHING, in_steps, steps_of, subtracted
from viewer.render.compositor import RenderRequest
from viewer.viewport.transform import PaneSize

INSTANCE = ct_instance(modality="XA", modality_lut=Rescale(2, -100, ""))
PIPELINE = PixelPipeline.of(INSTANCE)
FRAME, MASK = ramp(offset=700), ramp()


def _noise(seed: int) -> NDArray[np.int16]:
    return np.random.default_rng(seed).integers(0, 4000, (20, 30)).astype(np.int16)


def test_modality_values_are_subtracted() -> None:
    np.testing.assert_array_equal(subtracted(FRAME, MASK, (0, 0), PIPELINE), 1400)


@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, 0), (0, -2), (-4, 5), (40, 1)])
def test_the_mask_is_moved_by_whole_pixels(right: int, down: int) -> None:
    frame, mask = _noise(1), _noise(2)
    found = subtracted(frame, mask, (right, down), PIPELINE)
    for row in range(20):
        for column in range(30):
            at = (row - down, column - right)
            if 0 <= at[0] < 20 and 0 <= at[1] < 30:
                assert found[row, column] == 2.0 * (int(frame[row, column]) - int(mask[at]))
            else:
                assert np.isnan(found[row, column])


def test_between_pixels_in_a_straight_line() -> None:
    frame, mask = np.zeros((4, 6), np.int16), np.arange(24).reshape(4, 6).astype(np.int16)
    found = subtracted(frame, mask, (0.25, 0.0), PixelPipeline.of(ct_instance()))
    np.testing.assert_allclose(found[:, 1:], -1024 - (mask[:, 1:] - 0.25 - 1024))
    assert np.isnan(found[:, 0]).all()
    found = subtracted(frame, mask, (0.0, -0.5), PixelPipeline.of(ct_instance()))
    np.testing.assert_allclose(found[:-1], -(mask[:-1] + 3.0))


def test_padding_of_either_has_no_difference() -> None:
    assert INSTANCE.format is not None
    padded = replace(INSTANCE, format=replace(INSTANCE.format, padding=(7, 7)))
    frame, mask = np.full((2, 3), 50, np.int16), np.full((2, 3), 20, np.int16)
    frame[0, 0], mask[1, 2] = 7, 7
    found = subtracted(frame, mask, (0, 0), PixelPipeline.of(padded))
    assert np.isnan(found[0, 0])
    assert np.isnan(found[1, 2])
    assert np.count_nonzero(np.isnan(found)) == 2


def test_masks_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="as large"):
        subtracted(FRAME, MASK[1:], (0, 0), PIPELINE)


def _drawn(
    instance: Instance, frame: NDArray[Any], mask: NDArray[Any], **more: Any
) -> NDArray[Any]:
    look = Presentation(Window(0.5, 400), zoom=1.0, mask=MaskLook(frame_of(instance, 0), **more))
    request = RenderRequest(frame, instance, look, PaneSize(48, 64), mask=mask)
    return request.compose(request.sample())


def test_no_difference_is_mid_grey_and_more_is_brighter() -> None:
    assert set(np.unique(_drawn(INSTANCE, MASK, MASK))) == {128}
    brighter = MASK.copy()
    brighter[30, 20] += 50
    picture = _drawn(INSTANCE, brighter, MASK)
    assert picture[30, 20] == round(255 * (0.5 + 100 / 399))
    assert np.count_nonzero(picture != 128) == 1


def test_what_the_moved_mask_leaves_bare_is_black() -> None:
    picture = _drawn(INSTANCE, MASK, MASK, right=2.0)
    assert not picture[:, :2].any()
    assert picture[:40, 2:].all()  # below, the ramp begins anew


@pytest.mark.parametrize("bits", [8, 12])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.25, -1.5)])
def test_whole_steps_give_the_levels_of_floats(bits: int, shift: tuple[float, float]) -> None:
    assert INSTANCE.format is not None
    stored = replace(INSTANCE.format, bits_stored=bits, high_bit=bits - 1, signed=False)
    instance = replace(INSTANCE, format=stored, modality_lut=Rescale(1, 0, ""))
    rng = np.random.default_rng(bits)
    frame, mask = (rng.integers(0, 1 << bits, (64, 48)).astype(np.uint16) for _ in range(2))
    pipeline = PixelPipeline.of(instance)
    steps = steps_of(stored, instance.modality_lut)
    assert steps == {8: 128, 12: 8}[bits]
    difference = subtracted(frame, mask, shift, pipeline)
    whole = in_steps(difference, steps)
    real = ~np.isnan(difference)
    assert np.abs(whole[real] / steps - difference[real]).max() <= 0.5 / steps
    assert (whole[~real] == NOTHING).all()
    picture = _drawn(instance, frame, mask, right=shift[0], down=shift[1])
    window = Presentation(Window(0.5, 400))
    plain = PixelPipeline(replace(stored, padding=None), Rescale(1, 0, ""))
    expected = plain.driving_levels_reference(difference, window, bits=8).astype(int)
    assert np.abs(picture.astype(int) - expected).max() <= 1


def test_differences_of_16_bits_stay_floats() -> None:
    assert INSTANCE.format is not None
    assert steps_of(INSTANCE.format, INSTANCE.modality_lut) == 0
    few = replace(INSTANCE.format, bits_stored=8, high_bit=7)
    assert steps_of(few, ModalityLut(0, (0, 9, 4), "")) == 0
    assert steps_of(replace(few, floating=True), Rescale(1, 0, "")) == 0


def test_another_mask_or_shift_is_another_place() -> None:
    look = Presentation(Window(0.5, 400), mask=MaskLook(frame_of(INSTANCE, 0)))
    one = RenderRequest(FRAME, INSTANCE, look, PaneSize(48, 64), mask=MASK)
    windowed = replace(one, look=look.with_voi(Window(0, 10)))
    assert one.same_place(windowed)
    moved = replace(look, mask=MaskLook(frame_of(INSTANCE, 0), right=0.25))
    assert not one.same_place(replace(one, look=moved))
    assert not one.same_place(replace(one, mask=FRAME))
