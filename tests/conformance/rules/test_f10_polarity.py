"""F10: polarity once, at the end; a presentation state's own last step in its place."""

import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.kit import grey_reference
from tests.kit.dcmtk import is_floor, levels_by_dcmtk
from tests.kit.dicom_files import file
from tests.kit.pictures import IDENTITY, stored
from viewer.loading.headers import read_header
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


@pytest.mark.parametrize(
    ("photometric", "shape", "told"),
    [
        ("MONOCHROME1", "INVERSE", False),
        ("MONOCHROME1", "IDENTITY", True),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME1", None, False),
        ("MONOCHROME2", None, False),
    ],
)
def test_f10_a_contradictory_shape_is_told_and_photometric_interpretation_wins(
    photometric: str, shape: str | None, told: bool
) -> None:
    stated: dict[str, Any] = {} if shape is None else {"PresentationLUTShape": shape}
    data = file(PhotometricInterpretation=photometric, **stated)
    found = read_header(io.BytesIO(data), name="file").instance
    contradictions = [r for r in found.repairs if "contradicts" in r]
    assert bool(contradictions) is told
    if told:
        assert contradictions[0].endswith(f"{photometric} is used.")
    levels = PixelPipeline.of(found).p_values(
        np.array([0, 4095], "u2"), Presentation(Window(2048, 4096)), bits=8
    )
    assert levels.tolist() == ([255, 0] if photometric == "MONOCHROME1" else [0, 255])


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_f10_dcmtk_inverts_where_we_do(tmp_path: Path, photometric: str) -> None:
    ramp = np.linspace(0, 4095, 2000).astype("<u2").reshape(40, 50)
    data = file(
        Rows=40, Columns=50, PixelData=ramp.tobytes(), PhotometricInterpretation=photometric,
        WindowCenter=2000, WindowWidth=1000,
    )  # fmt: skip
    theirs = levels_by_dcmtk(data, tmp_path, "+Wi", "1")
    p = np.clip((ramp - 1999.5) / 999 + 0.5, 0, 1) * 65535
    found = read_header(io.BytesIO(data), name="file").instance
    ours = PixelPipeline.of(found).p_values(ramp, Presentation(found.windows[0]), bits=16)
    exact = 65535 - p if photometric == "MONOCHROME1" else p
    assert is_floor(theirs, exact)
    assert np.abs(ours - exact).max() <= 0.5 + 1e-9
