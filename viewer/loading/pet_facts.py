"""What a PET header says that decides an uptake value (PS3.3 C.8.9, fidelity F51)."""

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.model.quantities import PetFacts

_GE, _PHILIPS = "GEMS_PETD_01", "Philips PET Private Group"


def pet_facts(fields: Fields) -> PetFacts | None:
    """Facts of a PET image, taken as they stand; None for every other modality."""
    if fields.text(tags.MODALITY) != "PT":
        return None
    injections = fields.items(tags.RADIOPHARMACEUTICALS)
    injection = fields.item(tags.RADIOPHARMACEUTICALS)
    ge = _private(fields, 0x0009, _GE)
    philips = _private(fields, 0x7053, _PHILIPS)
    return PetFacts(
        units=fields.text(tags.PET_UNITS),
        suv_type=fields.text(tags.SUV_TYPE),
        corrected=fields.texts(tags.CORRECTED_IMAGE),
        decay_correction=fields.text(tags.DECAY_CORRECTION),
        series_time=_moment(fields, tags.SERIES_DATE, tags.SERIES_TIME),
        acquisition_time=fields.text(tags.ACQUISITION_DATE_TIME)
        or _moment(fields, tags.ACQUISITION_DATE, tags.ACQUISITION_TIME),
        injections=len(injections),
        injection_time=injection.text(tags.INJECTION_DATE_TIME),
        injection_clock=injection.text(tags.INJECTION_TIME),
        dose=injection.number(tags.TOTAL_DOSE),
        half_life=injection.number(tags.HALF_LIFE),
        weight=fields.number(tags.WEIGHT),
        height=fields.number(tags.HEIGHT),
        sex=fields.text(tags.SEX),
        frame_reference=fields.number(tags.PET_FRAME_REFERENCE),
        frame_duration=fields.number(tags.FRAME_DURATION),
        ge_scan_time=fields.text(ge | 0x0D) if ge is not None else "",
        philips_suv=fields.number(philips | 0x00) if philips is not None else None,
        philips_activity=fields.number(philips | 0x09) if philips is not None else None,
        utc_offset=fields.text(tags.UTC_OFFSET),
    )


def _moment(fields: Fields, date: int, time: int) -> str:
    day, clock = fields.text(date), fields.text(time)
    return day + clock if day and clock else ""


def _private(fields: Fields, group: int, creator: str) -> int | None:
    """The tag at which the block of a private creator begins (PS3.5 7.8.1)."""
    for block in range(0x10, 0x100):
        tag = group << 16 | block
        if tag in fields and fields.text(tag) == creator:
            return group << 16 | block << 8
    return None
