"""Random but valid grey formats, steps and looks for property tests of the pipeline."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.kit.pictures import stored
from viewer.model.presentation import (
    LutShape,
    ModalityLut,
    Presentation,
    PresentationLut,
    Rescale,
    VoiFunction,
    VoiLut,
    Window,
)
from viewer.model.study import Photometric, StoredFormat


@dataclass(frozen=True, slots=True)
class Case:
    """One image of every kind of value that its format can hold, and how it is to look."""

    form: StoredFormat
    frame: NDArray[Any]
    step: Rescale | ModalityLut
    look: Presentation
    fallback: tuple[float, float]
    bits: int


SLOPES = st.sampled_from([1.0, 0.684, 0.0005, -1.0, 2.0]) | st.floats(1e-4, 100)
INTERCEPTS = st.sampled_from([0.0, -1024.0, 0.5]) | st.floats(-5000, 5000)
RESCALES = st.builds(Rescale, SLOPES, INTERCEPTS, st.just(""))


def _entries(bits: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(0, (1 << bits) - 1), min_size=1, max_size=40).map(tuple)


MODALITY_LUTS = st.builds(ModalityLut, st.integers(-40, 300), _entries(16), st.just(""))
CENTRES = st.sampled_from([40.0, 128.0, 39.5, -600.0]) | st.floats(-3000, 3000)
LINEAR = st.builds(
    Window, CENTRES, st.sampled_from([1.0, 2.0, 400.0]) | st.floats(1, 5000), st.just("")
)
OTHER = st.builds(
    Window,
    CENTRES,
    st.floats(0.01, 5000),
    st.just(""),
    st.sampled_from([VoiFunction.LINEAR_EXACT, VoiFunction.SIGMOID]),
)
VOI_LUTS = st.integers(8, 16).flatmap(
    lambda bits: st.builds(VoiLut, st.integers(-300, 300), _entries(bits), st.just(bits))
)
LAST = (
    st.none()
    | st.sampled_from(list(LutShape))
    | st.integers(8, 16).flatmap(
        lambda bits: st.builds(PresentationLut, _entries(bits), st.just(bits))
    )
)
LOOKS = st.builds(
    Presentation,
    voi=st.none() | LINEAR | OTHER | VOI_LUTS,
    invert=st.booleans(),
    modality=st.none() | RESCALES | MODALITY_LUTS,
    presentation_lut=LAST,
)


@st.composite
def integer_cases(draw: st.DrawFn) -> Case:
    """Integers of 1 to 16 stored bits, signed or not; all extremes are among the values."""
    bits, signed = draw(st.integers(1, 16)), draw(st.booleans())
    plain = stored(
        bits_stored=bits,
        high_bit=bits - 1,
        signed=signed,
        photometric=draw(st.sampled_from([Photometric.MONOCHROME1, Photometric.MONOCHROME2])),
    )
    low, high = plain.stored_range
    values = st.integers(low, high)
    frame = draw(st.lists(values, min_size=1, max_size=60))
    padding = draw(st.none() | st.tuples(values, values).map(lambda p: (min(p), max(p))))
    return Case(
        stored(
            bits_stored=bits, high_bit=bits - 1, signed=signed,
            photometric=plain.photometric, padding=padding,
        ),
        np.array([low, high, *frame], dtype=np.int16 if signed else np.uint16),
        draw(RESCALES | MODALITY_LUTS),
        draw(LOOKS),
        draw(st.tuples(st.floats(-2000, 0), st.floats(0, 2000))),
        draw(st.integers(8, 16)),
    )  # fmt: skip


@st.composite
def wide_cases(draw: st.DrawFn) -> Case:
    """32-bit integers, float and double pixels; never-a-number and infinity among the floats."""
    kind = draw(st.sampled_from(["i4", "u4", "f4", "f8"]))
    floating, size = kind[0] == "f", int(kind[1]) * 8
    numbers: st.SearchStrategy[Any] = st.integers(0 if kind == "u4" else -(2**31), 2**31 - 1)
    if floating:
        finite = st.floats(-1e6, 1e6, width=32) if size == 32 else st.floats(-1e6, 1e6)
        numbers = finite | st.just(float("nan")) | st.just(float("inf"))
    near = st.integers(0 if kind == "u4" else -3000, 3000)
    frame = draw(st.lists(numbers | near, min_size=1, max_size=60))
    padding = draw(st.none() | st.tuples(near, near).map(lambda p: (min(p), max(p))))
    form = stored(
        bits_allocated=size, bits_stored=size, high_bit=size - 1,
        signed=kind == "i4", floating=floating, padding=padding,
        photometric=draw(st.sampled_from([Photometric.MONOCHROME1, Photometric.MONOCHROME2])),
    )  # fmt: skip
    look = draw(LOOKS)
    if isinstance(look.modality, ModalityLut):
        look = Presentation(look.voi, look.invert, presentation_lut=look.presentation_lut)
    return Case(
        form,
        np.array(frame, dtype=kind),
        draw(RESCALES),
        look,
        draw(st.tuples(st.floats(-2000, 0), st.floats(0, 2000))),
        draw(st.integers(8, 16)),
    )
