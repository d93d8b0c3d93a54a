"""F10: polarity once, at the end; a presentation state's own last step in its place."""

import itertools

import numpy as np
import pytest

from tests.kit import grey_reference
from tests.kit.pictures import IDENTITY, stored
from viewer.model.presentation import (
    LutShape,
    ModalityLut,
    Presentation,
    PresentationLut,
    Rescale,
    Window,
)
from viewer.model.study import Photometric
from viewer.pixels.pipeline import PixelPipeline

RAMP = np.arange(-200, 300, dtype=np.int16)
TABLE = PresentationLut(tuple(range(0, 1024, 4)), 10)
LAST = [None, LutShape.IDENTITY, LutShape.INVERSE, TABLE, PresentationLut((0, 255, 9, 1), 8)]
GREY = [Photometric.MONOCHROME1, Photometric.MONOCHROME2]


@pytest.mark.parametrize(
    ("photometric", "last", "invert"), list(itertools.product(GREY, LAST, [False, True]))
)
def test_f10_every_polarity_on_a_ramp(
    photometric: Photometric, last: LutShape | PresentationLut | None, invert: bool
) -> None:
    form = stored(photometric=photometric)
    look = Presentation(Window(40, 400), invert=invert, presentation_lut=last)
    for bits in (8, 16):
        ours = PixelPipeline(form, IDENTITY).p_values(RAMP, look, bits=bits)
        text = [grey_reference.level(int(sv), form, IDENTITY, look, bits) for sv in RAMP]
        assert ours.tolist() == text


@pytest.mark.parametrize("photometric", GREY)
def test_f10_a_presentation_state_ignores_photometric_interpretation(
    photometric: Photometric,
) -> None:
    look = Presentation(Window(40, 400), presentation_lut=LutShape.IDENTITY)
    form = stored(photometric=photometric)
    levels = PixelPipeline(form, IDENTITY).p_values(np.array([-160, 240], "i2"), look, bits=8)
    assert levels.tolist() == [0, 255]


def test_f10_an_image_alone_is_inverse_where_it_is_monochrome1() -> None:
    levels = [
        PixelPipeline(stored(photometric=photometric), IDENTITY).p_values(
            np.array([-160, -159, 40, 240], "i2"), Presentation(Window(40, 400)), bits=8
        )
        for photometric in GREY
    ]
    # 40 gives 127.8195 upright and 127.1805 inverted: rounded once, after polarity
    assert levels[0].tolist() == [255, 254, 127, 0]
    assert levels[1].tolist() == [0, 1, 128, 255]


def test_f10_a_presentation_lut_works_in_p_space() -> None:
    # the VOI output is spread over all entries: black is the first, white the last
    look = Presentation(Window(40, 400), presentation_lut=PresentationLut((1023, 512, 0), 10))
    levels = PixelPipeline(stored(), IDENTITY).p_values(
        np.array([-160, -61, -60, 39, 139, 240], "i2"), look, bits=10
    )
    assert levels.tolist() == [1023, 1023, 512, 512, 512, 0]


def test_f10_a_presentation_state_brings_its_own_modality_step() -> None:
    ramp = np.array([0, 1, 2], "i2")
    for step in (Rescale(10, 0, ""), ModalityLut(0, (0, 10, 20), "")):
        look = Presentation(Window(10.5, 21), modality=step)
        levels = PixelPipeline(stored(), IDENTITY).p_values(ramp, look, bits=8)
        assert levels.tolist() == [0, 128, 255]


@pytest.mark.parametrize(("entries", "bits"), [((), 8), ((1, 2), 0), ((1, 2), 17)])
def test_f10_a_table_that_gives_nothing_is_refused(entries: tuple[int, ...], bits: int) -> None:
    with pytest.raises(ValueError, match="presentation LUT"):
        PresentationLut(entries, bits)
