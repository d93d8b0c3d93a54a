"""A table that is computed only where its window is not flat equals one computed everywhere."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from viewer.model.presentation import LutShape, PresentationLut, Rescale, VoiFunction, Window
from viewer.pixels.computed import GreySteps, grey_levels, grey_steps
from viewer.pixels.grey_table import grey_table

_NUMBER = st.floats(allow_nan=False, allow_infinity=False)
_COMMON = st.floats(-5000, 5000)
_SLOPES = st.one_of(st.sampled_from([1.0, -1.0, 0.5, 1e-3, 300.0]), _COMMON, _NUMBER).filter(bool)


@st.composite
def windows(draw: st.DrawFn) -> Window | tuple[float, float]:
    centre = draw(st.one_of(_COMMON, _NUMBER))
    function = draw(st.sampled_from([*VoiFunction, None]))
    if function is None:
        return tuple(sorted((centre, draw(st.one_of(_COMMON, _NUMBER)))))  # type: ignore[return-value] # two of them
    least = 1.0 if function is VoiFunction.LINEAR else 1e-300
    width = draw(st.one_of(st.floats(least, 5000), st.floats(least, 1e308)))
    return Window(centre, width, "", function)


@st.composite
def cases(draw: st.DrawFn) -> tuple[GreySteps, int, bool]:
    bits = draw(st.sampled_from([8, 10, 16]))
    ends = st.one_of(st.integers(-40000, 70000), _NUMBER)
    padding = draw(st.none() | st.tuples(ends, ends))
    last = draw(st.sampled_from([*LutShape, PresentationLut((9, 5, 200, 3), 8)]))
    steps = grey_steps(
        Rescale(draw(_SLOPES), draw(st.one_of(_COMMON, _NUMBER)), ""), draw(windows()), last,
        invert=draw(st.booleans()), padding=padding, bits=bits,
        response=draw(st.sampled_from([None, (7, 3, 250, 40)])),
    )  # fmt: skip
    return steps, bits, draw(st.booleans())


def usual(slope: float, width: float, padding: tuple[float, float] | None) -> GreySteps:
    return grey_steps(
        Rescale(slope, -1024.0, "HU"), Window(40.0, width, ""), LutShape.IDENTITY,
        invert=False, padding=padding, bits=8, response=None,
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@example((usual(1.0, 400.0, None), 8, True))
@example((usual(-1.0, 400.0, (-2000, -1990)), 8, True))
@example((usual(1.0, 1.0, (1064.0, 1064.0)), 8, False))
@example((usual(1e-13, 400.0, None), 8, False))
@given(cases())
def test_table_equals_every_value_computed(case: tuple[GreySteps, int, bool]) -> None:
    steps, bits, signed = case
    every = np.arange(65536, dtype=np.uint16)
    whole = grey_levels(every.view(np.int16) if signed else every, steps, bits)
    table = grey_table(steps, bits, signed=signed)
    assert table.dtype == whole.dtype
    assert np.array_equal(table, whole)
