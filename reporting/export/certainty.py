"""How sure a number is, as content items: range of uncertainty and calibration (PS3.16 TID 310)."""

from collections.abc import Iterator

from highdicom.sr import (
    CodeContentItem,
    CodedConcept,
    ContentItem,
    MeasurementProperties,
    NumContentItem,
    QualitativeEvaluation,
    RelationshipTypeValues,
)

from reporting.export import sr_words
from reporting.export.identifiers import shown
from viewer.model.measurement import Measurement

_OWN = "99LIGHTBOX"
_CALIBRATION = CodedConcept("122422", "DCM", "Calibration Method")
_UNCERTAINTY = CodedConcept("uncertainty", _OWN, "Uncertainty")
_EXPANDED = CodedConcept("expanded-k2", _OWN, "Expanded, coverage factor 2")
_RANGES = (
    CodedConcept("371886008", "SCT", "+, range of upper measurement uncertainty"),
    CodedConcept("371885007", "SCT", "-, range of lower measurement uncertainty"),
)


def ranges(one: Measurement) -> Iterator[NumContentItem]:
    """By how much a number may be off upward and downward, in its own unit; none unless stated."""
    if one.plus_minus is None:
        return
    for name in _RANGES:
        yield NumContentItem(
            name=name,
            value=shown(one.plus_minus),
            unit=sr_words.unit(one.unit),
            relationship_type=RelationshipTypeValues.HAS_PROPERTIES,
        )


def properties(one: Measurement) -> MeasurementProperties | None:
    """The same as the library takes it; it would itself write no unit."""
    made = MeasurementProperties()
    for item in ranges(one):
        made.append(item)
    return made if len(made) else None


def calibrated(one: Measurement) -> ContentItem:
    """Which spacing made a number, as its modifier."""
    kind = _calibration(one)
    return CodeContentItem(_CALIBRATION, kind, RelationshipTypeValues.HAS_CONCEPT_MOD)


def evaluations(first: Measurement, *others: Measurement) -> list[QualitativeEvaluation]:
    """The same of a group: its calibration, and what the ranges of its numbers mean."""
    told = [QualitativeEvaluation(_CALIBRATION, _calibration(first))]
    if any(one.plus_minus is not None for one in (first, *others)):
        told.append(QualitativeEvaluation(_UNCERTAINTY, _EXPANDED))
    return told


def _calibration(one: Measurement) -> CodedConcept:
    return CodedConcept(one.calibration.value, _OWN, one.calibration.value)
