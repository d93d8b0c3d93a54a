"""Further facts of one object: who, when, which side and view, spacing at the detector, losses."""

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.loading.functional_groups import spacing_of
from viewer.model.study import Patient, ProjectionGeometry

_COMPUTED_RADIOGRAPHY = "1.2.840.10008.5.1.4.1.1.1"
_PROJECTIONS = ("1.2.840.10008.5.1.4.1.1.1.", "1.2.840.10008.5.1.4.1.1.12.")
"""DX, MG and IO; XA and XRF with their enhanced forms."""

_VIEWS = {
    "399162004": "CC", "R-10242": "CC",
    "399368009": "MLO", "R-10226": "MLO",
    "399260004": "ML", "R-10224": "ML",
    "399352003": "LM", "R-10228": "LM",
}  # fmt: skip
"""CID 4014 by SNOMED CT and SNOMED-RT code."""


def shows_planes(sop_class: str) -> bool:
    """Whether a position in this kind of object means a place in the patient (not a projection)."""
    return sop_class != _COMPUTED_RADIOGRAPHY and not sop_class.startswith(_PROJECTIONS)


def person_name(fields: Fields, tag: int) -> str:
    """The first representation that is not empty, as in the header, without trailing carets."""
    groups = (group.strip().rstrip("^ ") for group in fields.text(tag).split("="))
    return next((group for group in groups if group), "")


def patient(fields: Fields) -> Patient:
    """Whom an object says it is about."""
    return Patient(
        id=fields.text(tags.PATIENT_ID),
        name=person_name(fields, tags.PATIENT_NAME),
        birth_date=fields.text(tags.BIRTH_DATE),
        sex=fields.text(tags.SEX),
    )


def acquired(fields: Fields) -> str:
    """Acquisition, else content date and time, in DT form."""
    whole = fields.text(tags.ACQUISITION_DATE_TIME)
    if whole:
        return whole
    for date, time in (
        (tags.ACQUISITION_DATE, tags.ACQUISITION_TIME),
        (tags.CONTENT_DATE, tags.CONTENT_TIME),
    ):
        if fields.text(date):
            return fields.text(date) + fields.text(time)
    return ""


def body_part(fields: Fields) -> str:
    """Body Part Examined, else the meaning of the anatomic region code."""
    stated = fields.text(tags.BODY_PART)
    return stated or fields.item(tags.ANATOMIC_REGION).text(tags.CODE_MEANING).upper()


def view(fields: Fields) -> str:
    """View Position, else the view code: its short form where known, else its meaning."""
    stated = fields.text(tags.VIEW_POSITION)
    code = fields.item(tags.VIEW_CODE)
    return stated or _VIEWS.get(code.text(tags.CODE_VALUE), code.text(tags.CODE_MEANING))


def stated_sides(fields: Fields) -> tuple[tuple[str, str], ...]:
    """What Image Laterality and Laterality say, each for itself."""
    named = (("Image Laterality", tags.IMAGE_LATERALITY), ("Laterality", tags.LATERALITY))
    return tuple((name, text) for name, tag in named if (text := fields.text(tag)))


def aspect(fields: Fields) -> tuple[int, int] | None:
    """Pixel Aspect Ratio: vertical, horizontal."""
    numbers = fields.numbers(tags.PIXEL_ASPECT)
    if len(numbers) != 2 or min(numbers) < 1:
        return None
    return int(numbers[0]), int(numbers[1])


def projection(fields: Fields) -> ProjectionGeometry | None:
    """Spacing at the detector and distances, None when the header gives none (F35)."""
    geometry = ProjectionGeometry(
        imager_spacing=spacing_of(fields.numbers(tags.IMAGER_SPACING)),
        magnification=_positive(fields, tags.MAGNIFICATION),
        source_to_detector=_positive(fields, tags.SOURCE_TO_DETECTOR),
        source_to_patient=_positive(fields, tags.SOURCE_TO_PATIENT),
        calibration_type=fields.text(tags.CALIBRATION_TYPE),
        nominal_scanned_spacing=spacing_of(fields.numbers(tags.SCANNED_SPACING)),
    )
    return None if geometry == ProjectionGeometry() else geometry


def _positive(fields: Fields, tag: int) -> float | None:
    number = fields.number(tag)
    return number if number is not None and number > 0 else None
