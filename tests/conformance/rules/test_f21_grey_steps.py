"""F21: modality, VOI and presentation steps of a state against the text in float64."""

import io
import itertools
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tests.kit import grey_reference
from tests.kit.dicom_files import lut, written
from tests.kit.presentation_states import area, item, modality_table, ramp_image, read, state
from viewer.loading.headers import read_header
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
from viewer.model.refs import FrameRef
from viewer.model.study import Instance
from viewer.pixels.pipeline import PixelPipeline
from viewer.viewport.softcopy import governs, look_of, voi_of

BITS = 12
RISING = [min(4095, 3 * n // 2) for n in range(4096)]
BENT = [int(4095 * (n / 4095) ** 2) for n in range(4096)]
FOLDED = [abs(2048 - n) for n in range(4096)]

MODALITY: dict[str, dict[str, Any]] = {
    "none": {},
    "rescale": {"RescaleSlope": 0.684, "RescaleIntercept": -100, "RescaleType": "US"},
    "table": {"ModalityLUTSequence": modality_table(0, RISING, 12)},
}
VOI: dict[str, dict[str, Any]] = {
    "none": {},
    "linear": {"WindowCenter": 1000, "WindowWidth": 1501},
    "sigmoid": {"WindowCenter": 900, "WindowWidth": 800, "VOILUTFunction": "SIGMOID"},
    "table": {"VOILUTSequence": [lut(0, BENT, 12)]},
}
LAST: dict[str, dict[str, Any]] = {
    "identity": {},
    "inverse": {"PresentationLUTShape": "INVERSE"},
    "table": {"PresentationLUTShape": None, "PresentationLUTSequence": [lut(0, FOLDED, 12)]},
}
COMBINATIONS = list(itertools.product(MODALITY, VOI, LAST))


def image(**values: Any) -> tuple[Instance, NDArray[Any]]:
    ds = ramp_image(BITS, **values)
    instance = read_header(io.BytesIO(written(ds)), name="image").instance
    return instance, np.frombuffer(ds.PixelData, "<u2").reshape(ds.Rows, ds.Columns)


def frame_of(instance: Instance, frame: int = 0) -> FrameRef:
    ref = instance.ref
    return FrameRef(ref.study, ref.series, ref.sop, frame)


def combined(modality: str, voi: str, last: str) -> Dataset:
    steps = {**MODALITY[modality], **LAST[last]}
    if VOI[voi]:
        steps["SoftcopyVOILUTSequence"] = [item(**VOI[voi])]
    whole = area((1, 1), (256, 64))
    return state(**steps, DisplayedAreaSelectionSequence=[whole])


def expected(modality: str, voi: str, last: str) -> Presentation:
    """The same three steps as values, written down apart from the reader."""
    step: Any = {
        "none": Rescale(1, 0, ""),
        "rescale": Rescale(0.684, -100, ""),
        "table": ModalityLut(0, tuple(RISING), ""),
    }[modality]
    low, high = {"none": (0, 4095), "rescale": (-100, 0.684 * 4095 - 100), "table": (0, 4095)}[
        modality
    ]
    look: Any = {
        "none": Window((low + high + 1) / 2, high - low + 1),
        "linear": Window(1000, 1501),
        "sigmoid": Window(900, 800, "", VoiFunction.SIGMOID),
        "table": VoiLut(0, tuple(BENT), 12),
    }[voi]
    lut_step: Any = {
        "identity": LutShape.IDENTITY,
        "inverse": LutShape.INVERSE,
        "table": PresentationLut(tuple(FOLDED), 12),
    }[last]
    return Presentation(look, modality=step, presentation_lut=lut_step)


@pytest.mark.parametrize(("modality", "voi", "last"), COMBINATIONS)
def test_f21_every_combination_on_a_ramp(modality: str, voi: str, last: str) -> None:
    instance, pixels = image(PhotometricInterpretation="MONOCHROME1", WindowCenter=7, WindowWidth=9)
    made = read(combined(modality, voi, last))
    ours = PixelPipeline.of(instance).p_values(
        pixels, look_of(made, frame_of(instance), instance), bits=16
    )
    assert instance.format is not None
    form, look = instance.format, expected(modality, voi, last)
    levels = {
        int(sv): grey_reference.level(int(sv), form, instance.modality_lut, look, 16)
        for sv in np.unique(pixels)
    }
    assert np.array_equal(ours, np.vectorize(levels.__getitem__)(pixels))


def test_f21_what_a_state_lacks_is_an_identity_whatever_the_image_says() -> None:
    instance, pixels = image(
        RescaleSlope=2, RescaleIntercept=-1000, WindowCenter=40, WindowWidth=400
    )
    look = look_of(read(combined("none", "none", "identity")), frame_of(instance), instance)
    levels = PixelPipeline.of(instance).p_values(pixels, look, bits=12)
    assert np.array_equal(levels, pixels)


def test_f21_the_first_mapped_value_is_signed_as_its_input_is() -> None:
    signed = {"PixelRepresentation": 1, "BitsStored": 16, "HighBit": 15}
    instance, _ = image(**signed)
    made = read(state(ModalityLUTSequence=modality_table(-3, [40000, 50000, 65535])))
    look = look_of(made, frame_of(instance), instance)
    levels = PixelPipeline.of(instance).p_values(
        np.array([-4, -3, -2, -1, 5], np.int16), look, bits=16
    )
    assert levels.tolist() == [40000, 40000, 50000, 65535, 65535]


def test_f21_several_looks_are_offered_and_tables_come_first() -> None:
    instance, _ = image()
    windows = item(
        WindowCenter=[40, 50],
        WindowWidth=[400, 500],
        WindowCenterWidthExplanation=["SOFT", "OTHER"],
        VOILUTSequence=[lut(0, BENT, 12, LUTExplanation="BENT")],
    )
    made = read(state(SoftcopyVOILUTSequence=[windows]))
    offered = voi_of(made, frame_of(instance), instance)
    assert [look.explanation for look in offered] == ["BENT", "SOFT", "OTHER"]
    assert look_of(made, frame_of(instance), instance).voi == offered[0]


def test_f21_a_grey_state_says_nothing_of_a_colour_image() -> None:
    instance, _ = image()
    made = read(state())
    assert governs(made, frame_of(instance), instance)
    coloured = read_header(
        io.BytesIO(
            written(
                ramp_image(
                    8,
                    SamplesPerPixel=3,
                    PhotometricInterpretation="RGB",
                    PlanarConfiguration=0,
                    PixelData=bytes(64 * 256 * 3),
                )
            )
        ),
        name="colour",
    ).instance
    assert not governs(made, frame_of(coloured), coloured)
