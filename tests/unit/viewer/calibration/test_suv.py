"""Times and numbers of a PET header that cannot be used, and series of other modalities."""

from dataclasses import replace

import pytest

from tests.kit.pictures import instance
from viewer.calibration.suv import suv, with_suv
from viewer.model.quantities import PetFacts

FACTS = PetFacts(
    units="BQML",
    corrected=("ATTN", "DECY"),
    decay_correction="START",
    series_time="20260101100000",
    acquisition_time="20260101100000",
    injections=1,
    injection_time="20260101090000",
    dose=370e6,
    half_life=6586.2,
    weight=70,
)
HOUR = 70_000 / (370e6 * 2 ** (-3600 / 6586.2))


def test_fractions_of_seconds_and_no_seconds_at_all() -> None:
    for time in ("20260101090000.000", "202601010900"):
        found = suv(replace(FACTS, injection_time=time)).scales[0]
        assert found.factor == pytest.approx(HOUR, rel=1e-12)
    later = suv(replace(FACTS, injection_time="20260101090000.5")).scales[0]
    assert later.factor == pytest.approx(HOUR * 2 ** (-0.5 / 6586.2), rel=1e-12)


@pytest.mark.parametrize(
    "time", ["", "20260101", "20261301100000", "20260101996000", "1000", "20260101100000x"]
)
def test_a_time_that_is_none_is_missing(time: str) -> None:
    found = suv(replace(FACTS, acquisition_time=time))
    assert found.scales == ()
    assert "acquisition are missing" in found.refusals[0]


@pytest.mark.parametrize(("offset", "known"), [("+0100", True), ("-0530", True), ("+9900", False)])
def test_offsets_count_where_the_object_has_one(offset: str, known: bool) -> None:
    # 03:30 UTC is 04:30 at +01:00 and 22:00 the day before at -05:30
    zoned = replace(FACTS, utc_offset=offset, injection_time="20260101090000" + offset)
    assert suv(zoned).scales[0].factor == pytest.approx(HOUR, rel=1e-12)
    elsewhere = suv(replace(zoned, injection_time="20260101090000+0000"))
    same = elsewhere.scales and elsewhere.scales[0].factor == pytest.approx(HOUR, rel=1e-9)
    assert bool(same) is not known


def test_a_clock_of_the_injection_is_of_the_day_of_the_scan() -> None:
    found = suv(replace(FACTS, injection_time="", injection_clock="090000", utc_offset="-1100"))
    assert found.scales[0].factor == pytest.approx(HOUR, rel=1e-12)


@pytest.mark.parametrize(
    ("reference", "duration"), [(-1.0, 9e4), (9e4, -1.0), (9e4, None), (None, 9e4)]
)
def test_frame_times_that_cannot_be_used(reference: float | None, duration: float | None) -> None:
    late = replace(
        FACTS,
        series_time="20260101120000",
        frame_reference=reference,
        frame_duration=duration,
    )
    assert suv(late).scales == ()


@pytest.mark.parametrize("dose", [float("inf"), float("nan"), -1.0, 0.0])
def test_a_dose_that_is_none(dose: float) -> None:
    assert "Dose is missing" in suv(replace(FACTS, dose=dose)).refusals[0]


def test_other_modalities_stay_as_they_are() -> None:
    ct = instance()
    assert with_suv((ct,)) == (ct,)
    pet = instance(pet=FACTS, sop="1.9")
    mixed = with_suv((ct, pet))
    assert mixed[0] is ct
    assert mixed[1].suv is not None
    assert with_suv(()) == ()


def test_a_series_that_still_arrives_has_no_uptake_values_yet() -> None:
    ct, pet = instance(), instance(pet=FACTS, sop="1.9")
    mixed = with_suv((ct, pet), complete=False)
    assert mixed[0] is ct
    assert mixed[1].suv is not None
    assert mixed[1].suv.scales == ()
    assert "before every image" in mixed[1].suv.refusals[0]
