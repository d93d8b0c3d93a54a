"""F8: every look of a header is offered, in the right order, nearest functional group first."""

import io
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_windowing
from pydicom.sequence import Sequence as Items

from tests.kit.dicom_files import enhanced, file, frame_groups, lut
from viewer.loading.headers import read_header
from viewer.model.presentation import Presentation, VoiFunction, VoiLut, Window
from viewer.model.study import Instance
from viewer.pixels.pipeline import PixelPipeline, default_voi, voi_choices


def header(**values: Any) -> Instance:
    return read_header(io.BytesIO(file(**values)), name="file").instance


def test_f08_a_linear_window_below_1_is_exact_and_says_so() -> None:
    instance = header(WindowCenter=0.5, WindowWidth=0.25)
    assert instance.windows == (Window(0.5, 0.25, "", VoiFunction.LINEAR_EXACT),)
    assert instance.repairs == ("A linear window of width 0.25 is applied as LINEAR_EXACT.",)
    ds = Dataset()
    ds.WindowCenter, ds.WindowWidth, ds.PhotometricInterpretation = 0.5, 0.25, "MONOCHROME2"
    ds.BitsStored, ds.PixelRepresentation = 16, 0
    with pytest.raises(ValueError, match="Width"):
        apply_windowing(np.zeros(1, "u2"), ds)


def test_f08_all_windows_are_offered_by_explanation_the_first_is_default() -> None:
    instance = header(
        WindowCenter=[40, -600], WindowWidth=[400, 1500],
        WindowCenterWidthExplanation=["SOFT", "LUNG"],
    )  # fmt: skip
    assert [c.explanation for c in voi_choices(instance)] == ["SOFT", "LUNG"]
    assert default_voi(instance) == Window(40, 400, "SOFT")


@pytest.mark.parametrize("wrong", ["40,55", "     "])
def test_f08_a_centre_that_is_no_number_costs_its_own_window_only(wrong: str) -> None:
    data = file(WindowCenter=["40.55", "60"], WindowWidth=["400", "80"])
    data = data.replace(b"40.55", wrong.encode())
    instance = read_header(io.BytesIO(data), name="file").instance
    assert [(w.centre, w.width) for w in instance.windows] == [(60.0, 80.0)]
    assert any("not a pair of numbers" in told for told in instance.repairs)


def test_f08_a_lut_beside_a_window_comes_first() -> None:
    instance = header(
        VOILUTSequence=Items([
            lut(0, range(0, 65536, 256), LUTExplanation="FILM"),
            lut(0, range(0, 65536, 512), LUTExplanation="HARD"),
        ]),
        WindowCenter=40, WindowWidth=400, WindowCenterWidthExplanation="SOFT",
    )  # fmt: skip
    assert [c.explanation for c in voi_choices(instance)] == ["FILM", "HARD", "SOFT"]
    assert isinstance(default_voi(instance), VoiLut)


def test_f08_every_frame_has_its_own_window() -> None:
    frames = [frame_groups(z, 1, 0, centre) for z, centre in ((0, 50), (1, 100), (2, 150))]
    pixels = np.full((3, 4, 5), 100)
    data = enhanced(frames, pixels, WindowCenter=999, WindowWidth=9)
    instance = read_header(io.BytesIO(data), name="file").instance
    levels = set()
    for n in range(3):
        facts = instance.at(n)
        look = Presentation(default_voi(facts))
        levels.add(
            int(PixelPipeline.of(facts).p_values(pixels[n].astype("u2"), look, bits=8)[0, 0])
        )
    assert levels == {255, 129, 0}


def test_f08_a_window_of_the_frame_beats_a_lut_of_the_object() -> None:
    data = enhanced(
        [frame_groups(0, 1, 0, 50)], np.zeros((1, 4, 5)),
        VOILUTSequence=Items([lut(0, [0, 65535])]),
    )  # fmt: skip
    instance = read_header(io.BytesIO(data), name="file").instance
    assert voi_choices(instance.at(0)) == (Window(50, 100),)
