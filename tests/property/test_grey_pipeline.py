"""For every format, step and look the product gives the level that the text gives (F5–F13, F22)."""

from dataclasses import replace

import numpy as np
from hypothesis import example, given, settings

from tests.kit import grey_reference
from tests.kit.grey_formats import Case, integer_cases, wide_cases
from tests.kit.pictures import stored
from viewer.calibration.display import DisplayProfile
from viewer.model.presentation import Presentation, Rescale, VoiFunction, Window
from viewer.pixels.pipeline import PixelPipeline, as_index

RESPONSE = tuple(int(1023 * (n / 4095) ** 1.8) for n in range(4096))


def text_levels(case: Case) -> list[int]:
    return [
        grey_reference.level(sv, case.form, case.step, case.look, case.bits, case.fallback)
        for sv in case.frame.tolist()
    ]


@settings(max_examples=100, deadline=None)
@given(integer_cases())
def test_tables_equal_the_text(case: Case) -> None:
    pipeline = PixelPipeline(case.form, case.step)
    assert pipeline.takes(case.frame)
    text = text_levels(case)
    table = pipeline.table(case.look, bits=case.bits, fallback=case.fallback)
    assert table[as_index(case.frame)].tolist() == text
    p_values = pipeline.p_values(case.frame, case.look, bits=case.bits, fallback=case.fallback)
    assert p_values.tolist() == text
    assert table.dtype == p_values.dtype


NARROW = Case(
    stored(floating=True, bits_allocated=64, bits_stored=64, high_bit=63),
    np.array([-1.0, 0.0, 1.0]),
    Rescale(1.0, 0.0, ""),
    Presentation(Window(0.0, 1e-320, "", VoiFunction.LINEAR_EXACT)),
    (0.0, 5e-324),
    8,
)


@settings(max_examples=100, deadline=None)
@example(NARROW)
@example(replace(NARROW, look=Presentation()))
@given(wide_cases())
def test_computed_levels_equal_the_text(case: Case) -> None:
    pipeline = PixelPipeline(case.form, case.step)
    assert not pipeline.takes(case.frame)
    text = text_levels(case)
    for levels in (pipeline.driving_levels, pipeline.driving_levels_reference, pipeline.p_values):
        found = levels(case.frame, case.look, bits=case.bits, fallback=case.fallback)
        assert found.tolist() == text


@settings(max_examples=50, deadline=None)
@given(integer_cases())
def test_the_compiled_loop_drives_a_screen_as_its_reference_does(case: Case) -> None:
    screen = DisplayProfile("s", bits=10, table=RESPONSE)
    pipeline = PixelPipeline(case.form, case.step, screen)
    compiled, reference = (
        levels(case.frame, case.look, bits=10, fallback=case.fallback)
        for levels in (pipeline.driving_levels, pipeline.driving_levels_reference)
    )
    assert np.array_equal(compiled, reference)
    assert compiled.dtype == reference.dtype
