"""Further facts of one object: who, when, which side and view, spacing at the detector, losses."""

import statistics

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.loading.functional_groups import spacing_of
from viewer.model.study import ProjectionGeometry

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

_METHODS = {
    "ISO_10918_1": "JPEG",
    "ISO_14495_1": "JPEG-LS",
    "ISO_15444_1": "JPEG 2000",
    "ISO_15444_15": "HTJ2K",
    "ISO_13818_2": "MPEG-2",
    "ISO_14496_10": "MPEG-4",
    "ISO_23008_2": "HEVC",
    "ISO_18181_1": "JPEG XL",
}
_ALWAYS_LOSSY = {
    "1.2.840.10008.1.2.4.50": "JPEG",
    "1.2.840.10008.1.2.4.51": "JPEG",
    "1.2.840.10008.1.2.4.81": "JPEG-LS",
}
_PERHAPS_LOSSY = {
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.93": "JPEG 2000",
    "1.2.840.10008.1.2.4.203": "HTJ2K",
}
_VIDEO = "1.2.840.10008.1.2.4.10"


def shows_planes(sop_class: str) -> bool:
    """Whether a position in this kind of object means a place in the patient (not a projection)."""
    return sop_class != _COMPUTED_RADIOGRAPHY and not sop_class.startswith(_PROJECTIONS)


def person_name(fields: Fields, tag: int) -> str:
    """The first representation that is not empty, as in the header, without trailing carets."""
    groups = (group.strip().rstrip("^ ") for group in fields.text(tag).split("="))
    return next((group for group in groups if group), "")


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


def frame_time(fields: Fields) -> float | None:
    """Milliseconds from frame to frame: Frame Time, its vector's median, else a rate."""
    time = _positive(fields, tags.FRAME_TIME)
    if time is not None:
        return time
    vector = [t for t in fields.numbers(tags.FRAME_TIME_VECTOR) if t > 0]
    if vector:
        return statistics.median(vector)
    rate = _positive(fields, tags.CINE_RATE) or _positive(fields, tags.DISPLAY_FRAME_RATE)
    return 1000 / rate if rate else None


def lossy(fields: Fields, transfer_syntax: str) -> str:
    """Method and ratio of every lossy step that the header or the transfer syntax tells (F55)."""
    stated = fields.text(tags.LOSSY)
    by_syntax = _ALWAYS_LOSSY.get(transfer_syntax, "")
    if stated != "00" and not by_syntax:
        by_syntax = _PERHAPS_LOSSY.get(transfer_syntax, "")
    if transfer_syntax.startswith(_VIDEO):
        by_syntax = "video"
    if stated != "01" and not by_syntax:
        return ""
    methods = [_METHODS.get(m, m) for m in fields.texts(tags.LOSSY_METHOD) if m]
    ratios = [f" {r:.3g}:1" if r > 0 else "" for r in fields.numbers(tags.LOSSY_RATIO)]
    methods = methods or [by_syntax or "unknown method"]
    ratios += [""] * (len(methods) - len(ratios))
    return ", ".join(method + ratio for method, ratio in zip(methods, ratios, strict=False))
