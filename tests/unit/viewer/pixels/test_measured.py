"""Values to measure with: what a mapping reaches, what it does not, and which comes first."""

import numpy as np
import pytest

from tests.kit.pictures import instance, stored
from viewer.model.presentation import Rescale
from viewer.model.quantities import ReadoutKind, RealWorldMapping, Suv, SuvScale
from viewer.pixels.measured import measured_values, readout_named, readouts

LINE = RealWorldMapping(-10, 100, "mm2/s", slope=0.5, intercept=3, quantity="Diffusion")
TABLE = RealWorldMapping(5, 7, "[hnsf'U]", entries=(0.25, -1.5, 9.0), label="LUT")
HU = Rescale(2, -1, "HU")
FRAME = np.array([[-11, -10, 5, 7, 8, 101]], dtype=np.int16)


def test_a_line_maps_its_range_alone() -> None:
    measured = measured_values(FRAME, instance(real_world=(LINE,), modality_lut=HU))
    expected = [[np.nan, -2, 5.5, 6.5, 7, np.nan]]
    np.testing.assert_array_equal(measured.values, expected)
    assert (measured.unit, measured.kind) == ("mm2/s", ReadoutKind.REAL_WORLD)


def test_a_table_of_doubles_maps_its_range_alone() -> None:
    both = instance(real_world=(LINE, TABLE), modality_lut=HU)
    measured = measured_values(FRAME, both, readout_named(both, "LUT"))
    np.testing.assert_array_equal(measured.values, [[np.nan, np.nan, 0.25, 9, np.nan, np.nan]])
    assert measured.unit == "HU"


def test_a_table_shorter_than_its_range_maps_what_it_holds() -> None:
    short = RealWorldMapping(5, 9, "1", entries=(1.0, 2.0, 3.0))
    measured = measured_values(FRAME, instance(real_world=(short,)))
    np.testing.assert_array_equal(measured.values, [[np.nan, np.nan, 1, 3, np.nan, np.nan]])


def test_float_pixels_are_mapped_as_they_are() -> None:
    form = stored(floating=True, bits_allocated=32, bits_stored=32)
    frame = np.array([[-10.5, 0.25, np.nan]], dtype=np.float32)
    measured = measured_values(frame, instance(form, real_world=(LINE,)))
    np.testing.assert_array_equal(measured.values, [[np.nan, 3.125, np.nan]])


def test_modality_values_are_the_last_choice_and_padding_has_no_value() -> None:
    padded = instance(stored(padding=(5, 7)), real_world=(LINE,), modality_lut=HU)
    measured = measured_values(FRAME, padded, readouts(padded)[-1])
    np.testing.assert_array_equal(measured.values, [[-23, -21, np.nan, np.nan, 15, 201]])
    assert (measured.unit, measured.kind) == ("HU", ReadoutKind.MODALITY)


def test_uptake_values_scale_modality_values() -> None:
    suv = Suv((SuvScale("SUVbw", 0.5, "g/ml"), SuvScale("SUVbsa", 4, "cm2/ml")))
    pet = instance(suv=suv, modality_lut=Rescale(2, 0, "Bq/ml"))
    assert [(r.name, r.unit) for r in readouts(pet)] == [
        ("SUVbw", "g/ml"),
        ("SUVbsa", "cm2/ml"),
        ("Modality value", "Bq/ml"),
    ]
    measured = measured_values(FRAME, pet)
    np.testing.assert_array_equal(measured.values, FRAME.astype(float))
    assert measured.kind is ReadoutKind.SUV


def test_an_unknown_name_is_the_default() -> None:
    assert readout_named(instance(real_world=(LINE,)), "gone").mapping is LINE
    assert readout_named(instance(), "gone").kind is ReadoutKind.MODALITY


@pytest.mark.parametrize(
    ("mapping", "name"),
    [
        (LINE, "Diffusion"),
        (TABLE, "LUT"),
        (RealWorldMapping(0, 1, "", explanation="in words", label="L"), "in words"),
        (RealWorldMapping(0, 1, ""), "Real-world value"),
    ],
)
def test_how_a_mapping_is_called(mapping: RealWorldMapping, name: str) -> None:
    assert mapping.name == name
