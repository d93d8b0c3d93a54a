"""The value under the pointer, in the unit of the frame's own modality step."""

from dataclasses import replace

import numpy as np
import pytest

from tests.kit.viewer import ct_instance, grey_format, pixel
from viewer.model.presentation import Rescale
from viewer.model.quantities import RealWorldMapping, Suv, SuvScale
from viewer.model.study import Photometric
from viewer.model.ultrasound import AxisUnit, RegionAxis, UltrasoundRegion
from viewer.viewport.probe import region_text, value_text


@pytest.mark.parametrize(
    ("column", "row", "text"),
    [
        (0, 0, "−1024 HU · column 1, row 1"),
        (2.4, 1.4, "−1018 HU · column 3, row 2"),
        (-0.5, -0.5, "−1024 HU · column 1, row 1"),
        (-0.6, 0, ""),
        (3.5, 0, ""),
        (0, 2.6, ""),
    ],
)
def test_grey(column: float, row: float, text: str) -> None:
    pixels = np.arange(12, dtype=np.int16).reshape(3, 4)
    instance = ct_instance(rows=3, columns=4)
    assert value_text(pixels, instance, pixel(column, row)) == text


def test_fractions_padding_and_no_unit() -> None:
    stored = replace(grey_format(1, 2), padding=(-2000, -1000))
    instance = ct_instance(format=stored, modality_lut=Rescale(0.684, 200, ""))
    pixels = np.array([[2031, -1500]], np.int16)
    assert value_text(pixels, instance, pixel(0, 0)) == "1589.2 · column 1, row 1"
    assert value_text(pixels, instance, pixel(1, 0)) == "no pixel · column 2, row 1"


def test_what_is_not_a_number_is_never_printed() -> None:
    stored = replace(grey_format(1, 1), floating=True, bits_allocated=32)
    pixels = np.array([[np.inf]], np.float32)
    assert value_text(pixels, ct_instance(format=stored), pixel(0, 0)) == (
        "no value · column 1, row 1"
    )


def test_colour() -> None:
    stored = replace(grey_format(1, 1), samples=3, photometric=Photometric.RGB)
    pixels = np.array([[[12, 34, 56]]], np.uint8)
    assert value_text(pixels, ct_instance(format=stored), pixel(0, 0)) == (
        "R 12 G 34 B 56 · column 1, row 1"
    )
    assert value_text(pixels, ct_instance(format=None), pixel(0, 0)) == ""


def test_real_world_and_uptake_values_are_read_by_name() -> None:
    mapping = RealWorldMapping(0, 10, "ml/100ml/s", slope=2, explanation="Blood flow")
    suv = Suv((SuvScale("SUVbw", 0.5, "g/ml"),))
    instance = ct_instance(
        format=grey_format(1, 2), real_world=(mapping,), suv=suv, modality_lut=Rescale(1, -1, "HU")
    )
    pixels = np.array([[7, 11]], np.int16)
    texts = [
        value_text(pixels, instance, pixel(column, 0), name).split(" · ")[0]
        for name in ("", "SUVbw", "Modality value")
        for column in (0, 1)
    ]
    assert texts == [
        "Blood flow 14 ml/100ml/s",
        "Blood flow not mapped",
        "SUVbw 3 g/ml",
        "SUVbw 5 g/ml",
        "6 HU",
        "10 HU",
    ]


def test_in_an_ultrasound_region_depth_time_and_velocity_are_told() -> None:
    cm = RegionAxis(AxisUnit.CENTIMETRE, 0.02, 0)
    seconds = RegionAxis(AxisUnit.SECOND, 0.01, 0)
    speed = RegionAxis(AxisUnit.CENTIMETRE_PER_SECOND, -2.0, 40)
    tissue = UltrasoundRegion(0, 0, 47, 19, RegionAxis(AxisUnit.NONE, 0.0), cm)
    spectrum = UltrasoundRegion(0, 20, 47, 63, seconds, speed)
    instance = ct_instance(modality="US", regions=(tissue, spectrum))
    assert region_text(instance, 0, pixel(4, 10)) == "depth 0.2 cm"
    assert region_text(instance, 0, pixel(12, 50)) == "velocity −20 cm/s · time 0.12 s"
    assert region_text(instance, 0, pixel(90, 90)) == ""
