"""F51: uptake values by the vendor-neutral rule of QIBA, and a reason wherever there is none."""

import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from tests.kit.dicom_files import written
from tests.kit.pet import HALF_LIFE, injection, pet
from viewer.calibration.suv import lean_body_mass
from viewer.loading.headers import assemble, read_header
from viewer.model.quantities import ReadoutKind, Suv
from viewer.model.study import Instance
from viewer.pixels.measured import measured_values

HOUR = 370e6 * 2 ** (-3600 / HALF_LIFE)
"""Activity an hour after the injection."""


def read(*slices: Dataset) -> tuple[Instance, ...]:
    reads = [read_header(io.BytesIO(written(ds)), name="pet") for ds in slices]
    return assemble(reads)[0].series[0].instances


def suv_of(**values: Any) -> Suv:
    found = read(pet(**values))[0].suv
    assert found is not None
    return found


def factor(**values: Any) -> float:
    return suv_of(**values).scales[0].factor


def test_f51_a_phantom_of_even_activity_is_exactly_one() -> None:
    slope = HOUR / 70_000 / 1000  # Bq/ml of the dose spread over the body, at stored value 1000
    instance = read(pet(RescaleSlope=f"{slope:.10g}"))[0]
    frame = np.full((4, 5), 1000, dtype=np.uint16)
    measured = measured_values(frame, instance)
    np.testing.assert_allclose(measured.values, 1, rtol=1e-9)
    assert (measured.unit, measured.kind) == ("g/ml", ReadoutKind.SUV)


def test_f51_every_slice_has_its_own_slope() -> None:
    slices = read(pet(1, RescaleSlope=2), pet(2, RescaleSlope=3))
    frame = np.full((4, 5), 100, dtype=np.uint16)
    low, high = (measured_values(frame, one).values[0, 0] for one in slices)
    assert high / low == pytest.approx(1.5, rel=1e-12)


def test_f51_start_decays_to_the_series_and_admin_does_not() -> None:
    assert factor() == pytest.approx(70_000 / HOUR, rel=1e-12)
    assert factor(DecayCorrection="ADMIN") == pytest.approx(70_000 / 370e6, rel=1e-12)
    # decayed twice, ADMIN would read 46.1 % too much
    assert factor() / factor(DecayCorrection="ADMIN") == pytest.approx(1.461, abs=5e-4)


def test_f51_a_series_counts_from_its_date_not_from_its_last_bed() -> None:
    beds = read(pet(1), pet(2, AcquisitionTime="102000"))
    factors = [one.suv.scales[0].factor for one in beds if one.suv]
    assert factors == pytest.approx([70_000 / HOUR] * 2, rel=1e-12)


LATER: dict[str, Any] = {"SeriesTime": "113000", "AcquisitionTime": "100500"}


def test_f51_a_series_dated_later_takes_the_makers_scan_time() -> None:
    ds = pet(**LATER)
    ds.private_block(0x0009, "GEMS_PETD_01", create=True).add_new(0x0D, "DT", "20260101100000")
    found = read(ds)[0].suv
    assert found is not None
    assert found.scales[0].factor == pytest.approx(70_000 / HOUR, rel=1e-12)
    assert "scan time" in found.basis[0]


def test_f51_a_series_dated_later_is_computed_back_from_its_frames() -> None:
    # a bed of 3 min begun 5 min after the scan: its mean count rate lies just before 6.5 min
    decay = math.log(2) / HALF_LIFE * 180
    mean = 180 * math.log(decay / (1 - math.exp(-decay))) / decay
    frame = {"FrameReferenceTime": (300 + mean) * 1000, "ActualFrameDuration": 180_000}
    assert 89 < mean < 90
    assert factor(**LATER, **frame) == pytest.approx(70_000 / HOUR, rel=1e-7)


def test_f51_a_series_dated_after_any_of_its_beds_is_dated_later() -> None:
    beds = read(
        pet(1, SeriesTime="101500", AcquisitionTime="100000"),
        pet(2, SeriesTime="101500", AcquisitionTime="102000"),
    )
    assert all(one.suv is not None and not one.suv.scales for one in beds)


def test_f51_philips_factors() -> None:
    def philips(element: int, value: float) -> Dataset:
        ds = pet(Units="CNTS")
        block = ds.private_block(0x7053, "Philips PET Private Group", create=True)
        block.add_new(element, "DS", str(value))
        return ds

    found = read(philips(0x00, 0.00047))[0].suv
    assert found is not None
    assert found.scales[0].factor == 0.00047
    found = read(philips(0x09, 2.5))[0].suv
    assert found is not None
    assert found.scales[0].factor == pytest.approx(2.5 * 70_000 / HOUR, rel=1e-12)


@pytest.mark.parametrize(
    ("kind", "name", "unit"),
    [
        (None, "SUVbw", "g/ml"),
        ("BW", "SUVbw", "g/ml"),
        ("LBMJAMES128", "SUVlbm (James)", "g/ml"),
        ("LBMJANMA", "SUVlbm (Janmahasatian)", "g/ml"),
        ("BSA", "SUVbsa", "cm2/ml"),
    ],
)
def test_f51_values_sent_as_suv_stay_as_they_are(kind: str | None, name: str, unit: str) -> None:
    (scale,) = suv_of(Units="GML", SUVType=kind).scales
    assert (scale.name, scale.factor, scale.unit) == (name, 1.0, unit)


def test_f51_lean_mass_is_janmahasatian_and_surface_dubois() -> None:
    body, lean, surface = suv_of().scales
    index = 70 / 1.75**2
    assert lean.name == "SUVlbm (Janmahasatian)"
    assert lean.factor / body.factor == pytest.approx(9270 / (6680 + 216 * index), rel=1e-12)
    area = 0.007184 * 70**0.425 * 175**0.725
    assert surface.factor / body.factor == pytest.approx(area * 1e4 / 70e3, rel=1e-12)
    # at 160 kg and 1.60 m the formula of James falls to 23 kg, this one does not
    james = 1.07 * 160 - 148 * (160 / 160) ** 2
    assert james == pytest.approx(23.2)
    assert lean_body_mass(160, 1.60, "F") == pytest.approx(61.72, abs=0.01)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"CorrectedImage": ["DECY"]}, "attenuation and decay"),
        ({"CorrectedImage": ["ATTN"]}, "attenuation and decay"),
        ({"CorrectedImage": None}, "attenuation and decay"),
        ({"DecayCorrection": "NONE"}, "says NONE"),
        ({"DecayCorrection": None}, "says nothing"),
        ({"Units": "CNTS"}, "CNTS"),
        ({"Units": None}, "an unnamed unit"),
        ({"Units": "GML", "SUVType": "XYZ"}, "'XYZ'"),
        ({"PatientWeight": None}, "Weight is missing"),
        ({"PatientWeight": 0}, "Weight is missing"),
        ({"PatientWeight": 70_000}, "70000 kg"),
        ({"AcquisitionTime": None}, "acquisition are missing"),
        ({"AcquisitionDate": None}, "acquisition are missing"),
        ({"SeriesTime": None}, "dated after"),
        ({"SeriesTime": "120000"}, "dated after"),
        ({"AcquisitionTime": "10"}, "acquisition are missing"),
        ({"injected": {"RadionuclideTotalDose": None}}, "Dose is missing"),
        ({"injected": {"RadionuclideTotalDose": 370}}, "another unit"),
        ({"injected": {"RadionuclideHalfLife": None}}, "Half Life is missing"),
        (
            {
                "injected": {
                    "RadiopharmaceuticalStartTime": None,
                    "RadiopharmaceuticalStartDateTime": None,
                }
            },
            "time of the injection is missing",
        ),
        ({"injected": {"RadiopharmaceuticalStartDateTime": "20260101100001"}}, "later than"),
        ({"injected": {"RadiopharmaceuticalStartDateTime": "20251231090000"}}, "10 half-lives"),
        ({"RadiopharmaceuticalInformationSequence": Items()}, "0 injections"),
        (
            {"RadiopharmaceuticalInformationSequence": Items([injection(), injection()])},
            "2 injections",
        ),
    ],
)
def test_f51_what_is_missing_is_said_and_nothing_is_guessed(
    changes: dict[str, Any], reason: str
) -> None:
    found = suv_of(**changes)
    assert found.scales == ()
    assert reason in found.refusals[0]
    assert found.refusals[0].startswith("There is no SUV: ")


def test_f51_midnight_between_injection_and_scan() -> None:
    scan = {
        "SeriesDate": "20260102", "SeriesTime": "003000",
        "AcquisitionDate": "20260102", "AcquisitionTime": "003000",
    }  # fmt: skip
    whole = {"RadiopharmaceuticalStartDateTime": "20260101233000"}
    assert factor(**scan, injected=whole) == pytest.approx(70_000 / HOUR, rel=1e-12)
    clock = {"RadiopharmaceuticalStartDateTime": None, "RadiopharmaceuticalStartTime": "233000"}
    assert suv_of(**scan, injected=clock).scales == (), "a clock without a date is of the same day"


def test_f51_a_time_zone_of_the_injection_is_heard_where_the_scan_has_one() -> None:
    zoned = {"RadiopharmaceuticalStartDateTime": "20260101080000+0000"}
    found = factor(injected=zoned, TimezoneOffsetFromUTC="+0100")
    assert found == pytest.approx(70_000 / HOUR, rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "names", "reason"),
    [
        ({"PatientSize": None}, ["SUVbw"], "Size is missing"),
        ({"PatientSize": 175}, ["SUVbw"], "175 m"),
        ({"PatientSex": "O"}, ["SUVbw", "SUVbsa"], "sex"),
    ],
)
def test_f51_a_kind_that_lacks_something_is_left_out(
    changes: dict[str, Any], names: list[str], reason: str
) -> None:
    found = suv_of(**changes)
    assert [scale.name for scale in found.scales] == names
    assert reason in found.refusals[0]


def test_f51_a_real_series_against_the_factors_of_another_program(shared_dicom: Path) -> None:
    folder = shared_dicom / "petct-acrin-nsclc-042"
    # Slicer's calculator wrote its factors as real-world mappings. They are right as factors of
    # Bq/ml and wrong as mappings of stored values, which have a slope for each slice: not used.
    rwv = dcmread(folder / "rwv" / "00001_0.318262.dcm")
    theirs = {
        item.LUTLabel: item.RealWorldValueSlope
        for images in rwv.ReferencedImageRealWorldValueMappingSequence
        for item in images.RealWorldValueMappingSequence
        if "LUTLabel" in item
    }
    reads = []
    for file in sorted((folder / "pt-ac").iterdir()):
        with file.open("rb") as data:
            reads.append(read_header(data, name=file.name))
    instances = assemble(reads)[0].series[0].instances
    assert len({one.suv for one in instances}) == 1
    assert len({one.modality_lut for one in instances}) > 100
    found = instances[0].suv
    assert found is not None
    body, lean, _ = found.scales
    assert body.factor == pytest.approx(theirs["{SUVbw}g/ml"], rel=1e-5)
    # theirs is James
    assert theirs["{SUVlbm}g/ml"] / theirs["{SUVbw}g/ml"] == pytest.approx(
        (1.1 * 91 - 128 * (91 / 188) ** 2) / 91, rel=1e-4
    )
    assert lean.factor / body.factor == pytest.approx(68.91 / 91, rel=1e-3)


def test_f51_other_real_scans(shared_dicom: Path) -> None:
    def one(name: str) -> Suv | None:
        with (shared_dicom / "nm-pt" / name).open("rb") as data:
            return assemble([read_header(data, name=name)])[0].series[0].instances[0].suv

    whole = one("GH184.dcm")
    assert whole is not None
    # 90 kg, 474.6 MBq injected 09:32:00, scan 11:00:36, half-life 6588 s, sex O
    dose = 474592928 * 2 ** (-5316 / 6588)
    assert [s.name for s in whole.scales] == ["SUVbw", "SUVbsa"]
    assert whole.scales[0].factor == pytest.approx(90_000 / dose, rel=1e-12)
    uncorrected = one("GH610.dcm")
    assert uncorrected is not None
    assert uncorrected.scales == ()
    assert "attenuation" in uncorrected.refusals[0]
    assert one("NM1_JPLY") is None
