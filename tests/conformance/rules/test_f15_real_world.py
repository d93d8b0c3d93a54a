"""F15: real-world values for readout, with their unit, never beyond what is mapped."""

import io
import warnings
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from tests.kit.dicom_files import dataset, file, written
from viewer.loading.headers import read_header
from viewer.model.geometry import PixelPoint
from viewer.model.quantities import ReadoutKind, RealWorldMapping
from viewer.model.study import Instance
from viewer.pixels.measured import measured_values, readout_named, readouts
from viewer.pixels.pipeline import default_voi, voi_choices
from viewer.viewport.probe import value_text


def code(value: str, scheme: str, meaning: str) -> Items:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return Items([item])


def mapping(first: int = 0, last: int = 100, *, unit: str = "mm2/s", **values: Any) -> Dataset:
    item = Dataset()
    item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = first, last
    item.RealWorldValueSlope, item.RealWorldValueIntercept = 0.5, -3.0
    item.LUTLabel, item.LUTExplanation = "ADC", ""
    item.MeasurementUnitsCodeSequence = code(unit, "UCUM", "unit")
    for keyword, value in values.items():
        if value is None:
            delattr(item, keyword)
        else:
            setattr(item, keyword, value)
    return item


def header(*items: Dataset, **values: Any) -> Instance:
    data = file(RealWorldValueMappingSequence=Items(items), **values)
    return read_header(io.BytesIO(data), name="file").instance


FRAME = np.array([[9, 10, 50, 100, 101]], dtype=np.uint16)


def test_f15_at_below_and_above_the_limits() -> None:
    instance = header(mapping(10, 100), RescaleSlope=1, RescaleIntercept=-1024)
    measured = measured_values(FRAME, instance)
    np.testing.assert_array_equal(measured.values, [[np.nan, 2, 22, 47, np.nan]])
    assert (measured.unit, measured.kind) == ("mm2/s", ReadoutKind.REAL_WORLD)
    texts = [value_text(FRAME, instance, PixelPoint(column, 0)) for column in range(5)]
    assert texts[0] == "ADC not mapped · column 1, row 1"
    assert texts[1] == "ADC 2 mm2/s · column 2, row 1"
    assert texts[4] == "ADC not mapped · column 5, row 1"


def test_f15_limits_are_signed_where_the_pixels_are() -> None:
    ds = dataset(PixelRepresentation=1)
    item = mapping(0, 5)
    item.add_new(0x00409216, "SS", -5)
    item.add_new(0x00409211, "SS", 5)
    ds.RealWorldValueMappingSequence = Items([item])
    instance = read_header(io.BytesIO(written(ds)), name="file").instance
    measured = measured_values(np.array([[-6, -5, 5, 6]], "i2"), instance)
    np.testing.assert_array_equal(measured.values, [[np.nan, -5.5, -0.5, np.nan]])


def test_f15_a_table_of_doubles() -> None:
    table = mapping(
        10, 12, RealWorldValueSlope=None, RealWorldValueIntercept=None,
        RealWorldValueLUTData=[1e-9, -2.5, 1e9],
    )  # fmt: skip
    instance = header(table)
    measured = measured_values(np.array([[9, 10, 11, 12, 13]], "u2"), instance)
    np.testing.assert_array_equal(measured.values, [[np.nan, 1e-9, -2.5, 1e9, np.nan]])


def test_f15_float_pixels_are_limited_by_doubles() -> None:
    ds = dataset(BitsAllocated=32, PixelData=None)
    for keyword in ("BitsStored", "HighBit", "PixelRepresentation"):
        delattr(ds, keyword)
    ds.FloatPixelData = np.zeros(20, "<f4").tobytes()
    item = mapping(RealWorldValueFirstValueMapped=None, RealWorldValueLastValueMapped=None)
    item.DoubleFloatRealWorldValueFirstValueMapped = -0.25
    item.DoubleFloatRealWorldValueLastValueMapped = 0.75
    ds.RealWorldValueMappingSequence = Items([item])
    instance = read_header(io.BytesIO(written(ds)), name="file").instance
    frame = np.array([[-0.5, -0.25, 0.75, 1]], dtype=np.float32)
    measured = measured_values(frame, instance)
    np.testing.assert_array_equal(measured.values, [[np.nan, -3.125, -2.625, np.nan]])


def test_f15_several_can_be_chosen_and_modality_values_stay() -> None:
    instance = header(
        mapping(LUTLabel="ADC"),
        mapping(unit="[hnsf'U]", LUTExplanation="Virtual non contrast"),
        RescaleSlope=1, RescaleIntercept=0, RescaleType="HU",
    )  # fmt: skip
    assert [(r.name, r.unit) for r in readouts(instance)] == [
        ("ADC", "mm2/s"),
        ("Virtual non contrast", "HU"),
        ("Modality value", "HU"),
    ]
    chosen = readout_named(instance, "Virtual non contrast")
    assert measured_values(FRAME, instance, chosen).unit == "HU"


def test_f15_two_of_one_name_are_told_apart() -> None:
    names = [r.name for r in readouts(header(mapping(), mapping()))]
    assert names == ["ADC 1", "ADC 2", "Modality value"]


def test_f15_the_quantity_is_named_by_its_code() -> None:
    content = Dataset()
    content.ValueType = "CODE"
    content.ConceptNameCodeSequence = code("246205007", "SCT", "Quantity")
    content.ConceptCodeSequence = code("113041", "DCM", "Apparent Diffusion Coefficient")
    other = Dataset()
    other.ConceptNameCodeSequence = code("370129005", "SCT", "Measurement Method")
    item = mapping(QuantityDefinitionSequence=Items([other, content]))
    assert header(item).real_world[0].name == "Apparent Diffusion Coefficient"


def test_f15_the_window_does_not_change() -> None:
    plain = {"WindowCenter": 40, "WindowWidth": 400, "RescaleSlope": 1, "RescaleIntercept": -1024}
    mapped, bare = header(mapping(), **plain), header(**plain)
    assert voi_choices(mapped) == voi_choices(bare)
    assert default_voi(mapped) == default_voi(bare)
    assert mapped.modality_lut == bare.modality_lut


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"RealWorldValueFirstValueMapped": None}, "from where to where"),
        ({"RealWorldValueFirstValueMapped": 101}, "from where to where"),
        ({"RealWorldValueSlope": None}, "neither slope and intercept nor a table"),
        ({"RealWorldValueLUTData": [1.0, 2.0]}, "fewer entries"),
    ],
)
def test_f15_a_mapping_that_says_too_little_is_told(changes: dict[str, Any], reason: str) -> None:
    instance = header(mapping(**changes))
    assert reason in instance.repairs[0]
    assert len(instance.real_world) == ("fewer" in reason)


def test_f15_a_real_perfusion_map_equals_highdicom(shared_dicom: Path) -> None:
    path = shared_dicom / "enhanced" / "eCT_Supplemental.dcm"
    with path.open("rb") as data:
        instance = read_header(data, name="file").instance
    expected = RealWorldMapping(
        0, 4095, "ml/100ml/s", 1.0, -1024.0,
        label="RCBF", explanation="Regional Cerebral Blood Flow",
    )  # fmt: skip
    assert instance.real_world == (expected,)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = highdicom.imread(path)
        raw = image.get_stored_frame(1)
        inside = np.clip(raw, 0, 4095)
        theirs = image.get_frame(1, apply_real_world_transform=False)
    ours = measured_values(raw, instance).values
    assert np.array_equal(ours[raw <= 4095], (inside - 1024.0)[raw <= 4095])
    assert np.isnan(ours[raw > 4095]).all()
    assert theirs.shape == ours.shape
