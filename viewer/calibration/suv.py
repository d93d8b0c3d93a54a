"""Uptake values of PET by the vendor-neutral rule of QIBA (2018-06-26), or why not (F51)."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from viewer.model.quantities import PetFacts, Suv, SuvScale
from viewer.model.study import Instance

_DT = re.compile(r"(\d{8}\d{2}\d{2})(\d{2}(?:\.\d{1,6})?)?([+-]\d{4})?")
_HALF_LIVES = 10
_KG, _METRES = (0.2, 650.0), (0.2, 2.6)
_LEAST_DOSE = 10_000.0
"""Bq; less was not injected into anybody, it is a dose in MBq."""

_STATED = {
    "": ("SUVbw", "g/ml"),  # C.8.9.1.1.3: without SUV Type it is BW
    "BW": ("SUVbw", "g/ml"),
    "LBM": ("SUVlbm", "g/ml"),
    "LBMJAMES128": ("SUVlbm (James)", "g/ml"),
    "LBMJANMA": ("SUVlbm (Janmahasatian)", "g/ml"),
    "IBW": ("SUVibw", "g/ml"),
    "BSA": ("SUVbsa", "cm2/ml"),
}


class NoUptakeValue(ValueError):
    """The sentence says what is missing for an uptake value."""


_WAITING = Suv(refusals=("There is no SUV before every image of the study is here.",))


def with_suv(instances: Sequence[Instance], *, complete: bool = True) -> tuple[Instance, ...]:
    """Give the instances of one series with their uptake values; all but PET stay as they are.

    Decay is counted from the first acquisition of the series, so that a series which still arrives
    has no uptake values yet: they would change under the reader.
    """
    facts = [i.pet for i in instances if i.pet is not None]
    if not facts:
        return tuple(instances)
    if not complete:
        return tuple(replace(i, suv=_WAITING) if i.pet is not None else i for i in instances)
    earliest = _earliest(facts)
    known: dict[PetFacts, Suv] = {}
    for one in facts:
        if one not in known:
            known[one] = suv(one, earliest)
    return tuple(replace(i, suv=known[i.pet]) if i.pet is not None else i for i in instances)


def suv(facts: PetFacts, earliest: datetime | None = None) -> Suv:
    """Uptake values of one image; ``earliest`` is the first acquisition of its series, in UTC."""
    try:
        return _suv(facts, earliest)
    except NoUptakeValue as missing:
        return Suv(refusals=(f"There is no SUV: {missing}",))


def _suv(facts: PetFacts, earliest: datetime | None) -> Suv:
    if not {"ATTN", "DECY"} <= set(facts.corrected):
        raise NoUptakeValue("Corrected Image does not name attenuation and decay.")
    if facts.units in {"GML", "CM2ML"}:
        return _as_stated(facts)
    if facts.units == "CNTS" and facts.philips_suv:
        return _kinds(facts, facts.philips_suv, ("The factor is the maker's own (7053,1000).",))
    per_unit, basis = 1.0, []
    if facts.units == "CNTS" and facts.philips_activity:
        per_unit = facts.philips_activity
        basis.append("Counts become Bq/ml by the maker's factor (7053,1009).")
    elif facts.units != "BQML":
        raise NoUptakeValue(f"values in {facts.units or 'an unnamed unit'} have no known activity.")
    weight = _within(facts.weight, "Patient's Weight", "kg", _KG)
    dose, why = _dose_at_scan(facts, earliest)
    return _kinds(facts, weight * 1000 / dose * per_unit, (*basis, *why))


def _as_stated(facts: PetFacts) -> Suv:
    kind = "BSA" if facts.units == "CM2ML" else facts.suv_type
    if kind not in _STATED:
        raise NoUptakeValue(f"SUV Type {kind[:16]!r} is unknown.")
    name, unit = _STATED[kind]
    return Suv((SuvScale(name, 1.0, unit),), ("The pixels are uptake values already.",))


def _kinds(facts: PetFacts, body: float, basis: tuple[str, ...]) -> Suv:
    """SUVbw, and by height and sex the others: SUVlbm (Janmahasatian), SUVbsa (DuBois)."""
    scales, refusals = [SuvScale("SUVbw", body, "g/ml")], []
    try:
        weight = _within(facts.weight, "Patient's Weight", "kg", _KG)
        height = _within(facts.height, "Patient's Size", "m", _METRES)
    except NoUptakeValue as missing:
        return Suv(tuple(scales), basis, (f"There is no SUVlbm and no SUVbsa: {missing}",))
    try:
        lean = lean_body_mass(weight, height, facts.sex)
        scales.append(SuvScale("SUVlbm (Janmahasatian)", body * lean / weight, "g/ml"))
    except NoUptakeValue as missing:
        refusals.append(f"There is no SUVlbm: {missing}")
    area = body_surface(weight, height)
    scales.append(SuvScale("SUVbsa", body * area * 10_000 / (weight * 1000), "cm2/ml"))
    return Suv(tuple(scales), basis, tuple(refusals))


def lean_body_mass(weight: float, height: float, sex: str) -> float:
    """Lean body mass in kg (Janmahasatian 2005) from kg, m, and M or F; else NoUptakeValue."""
    index = weight / height**2
    if sex == "M":
        return 9270 * weight / (6680 + 216 * index)
    if sex == "F":
        return 9270 * weight / (8780 + 244 * index)
    raise NoUptakeValue("the header does not say the patient's sex as M or F.")


def body_surface(weight: float, height: float) -> float:
    """Body surface in m² (DuBois 1916) from kg and m."""
    return float(0.007184 * weight**0.425 * (height * 100) ** 0.725)


def _dose_at_scan(facts: PetFacts, earliest: datetime | None) -> tuple[float, tuple[str, ...]]:
    """Bq that the pixels are to be compared with, and the sentences that say how it was found."""
    if facts.injections != 1:
        raise NoUptakeValue(f"the header describes {facts.injections} injections, not one.")
    dose = _positive(facts.dose, "Radionuclide Total Dose")
    if dose < _LEAST_DOSE:
        raise NoUptakeValue(f"a total dose of {dose:g} Bq was not given; is it in another unit?")
    if facts.decay_correction == "ADMIN":
        return dose, ("Pixels are corrected to the injection, so the dose does not decay.",)
    if facts.decay_correction != "START":
        stated = facts.decay_correction[:16] or "nothing"
        raise NoUptakeValue(f"Decay Correction says {stated}, not START or ADMIN.")
    half_life = _positive(facts.half_life, "Radionuclide Half Life")
    scan, why = _scan_start(facts, earliest)
    elapsed = (scan - _injection(facts, scan)).total_seconds()
    if elapsed < 0:
        raise NoUptakeValue("the injection is later than the scan.")
    if elapsed > _HALF_LIVES * half_life:
        raise NoUptakeValue(f"the scan is more than {_HALF_LIVES} half-lives after the injection.")
    decayed = dose * 2 ** (-elapsed / half_life)
    return decayed, (f"The dose decays for {elapsed:.0f} s until {why}.",)


def _scan_start(facts: PetFacts, earliest: datetime | None) -> tuple[datetime, str]:
    """The time to which pixels were decay corrected."""
    acquired = _moment(facts.acquisition_time, facts)
    if acquired is None:
        raise NoUptakeValue("the date and time of the acquisition are missing.")
    series = _moment(facts.series_time, facts)
    first = acquired if earliest is None else min(acquired, earliest)
    if series is not None and series <= first:
        return series, "the date and time of the series"
    private = _moment(facts.ge_scan_time, facts)
    if private is not None:
        return private, "the maker's own scan time (0009,100D)"
    if not (facts.half_life and facts.frame_reference and facts.frame_duration):
        raise NoUptakeValue("the series is dated after its first acquisition.")
    # QIBA: the mean count rate of a frame comes a little before its middle
    decay = math.log(2) / facts.half_life
    during = decay * facts.frame_duration / 1000
    if not (during > 0 and facts.frame_reference > 0):
        raise NoUptakeValue("Frame Reference Time or Actual Frame Duration is not positive.")
    mean = math.log(during / -math.expm1(-during)) / decay
    start = acquired + timedelta(seconds=mean - facts.frame_reference / 1000)
    return start, "the scan start that Frame Reference Time gives"


def _injection(facts: PetFacts, scan: datetime) -> datetime:
    whole = _moment(facts.injection_time, facts)
    if whole is not None:
        return whole
    zone = _zone(facts.utc_offset) or UTC
    day = scan.astimezone(zone).strftime("%Y%m%d")
    clock = _moment(day + facts.injection_clock, facts) if facts.injection_clock else None
    if clock is None:
        raise NoUptakeValue("the time of the injection is missing.")
    return clock


def _earliest(facts: Iterable[PetFacts]) -> datetime | None:
    times = (_moment(one.acquisition_time, one) for one in facts)
    return min((time for time in times if time is not None), default=None)


def _moment(text: str, facts: PetFacts) -> datetime | None:
    """A DICOM DT with date, hour and minute in UTC; times without offset share the object's."""
    parts = _DT.fullmatch(text)
    if parts is None:
        return None
    own = _zone(facts.utc_offset)
    # without an offset of the object, local times are compared with local times
    zone = (_zone(parts[3] or "") if own is not None else None) or own or UTC
    try:
        moment = datetime.strptime(parts[1], "%Y%m%d%H%M").replace(tzinfo=zone)
        return moment + timedelta(seconds=float(parts[2] or 0))
    except (ValueError, OverflowError):
        return None


def _zone(offset: str) -> timezone | None:
    if not re.fullmatch(r"[+-]\d{4}", offset):
        return None
    minutes = int(offset[1:3]) * 60 + int(offset[3:])
    if minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _positive(value: float | None, what: str) -> float:
    if value is None or not 0 < value < math.inf:
        raise NoUptakeValue(f"{what} is missing.")
    return value


def _within(value: float | None, what: str, unit: str, limits: tuple[float, float]) -> float:
    number = _positive(value, what)
    if not limits[0] <= number <= limits[1]:
        raise NoUptakeValue(f"{what} is {number:g} {unit}, which cannot be.")
    return number
