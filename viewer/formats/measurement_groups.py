"""One annotation as a measurement group: numbers, what they are inferred from, how sure they are.

PS3.16 TID 1501 (with numbers) and TID 1410 (words alone), TID 300, 310, 320.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from highdicom.sr import (
    CodedConcept,
    CoordinatesForMeasurement,
    CoordinatesForMeasurement3D,
    GraphicTypeValues,
    GraphicTypeValues3D,
    ImageRegion,
    ImageRegion3D,
    MeasurementProperties,
    MeasurementsAndQualitativeEvaluations,
    NumContentItem,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    QualitativeEvaluation,
    RelationshipTypeValues,
    SourceImageForMeasurementGroup,
    SourceImageForRegion,
    TextContentItem,
    TrackingIdentifier,
)
from highdicom.sr import (
    Measurement as Number,
)

from viewer.calibration.spacing import pixel_aspect
from viewer.errors import HeaderError
from viewer.formats import cornerstone_dialect as cornerstone
from viewer.formats.sr_text import line
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.figure import Figure, Graphic, figures
from viewer.model.measurement import Measurement, Ucum, Unit
from viewer.model.study import Instance

Group = MeasurementsAndQualitativeEvaluations | PlanarROIMeasurementsAndQualitativeEvaluations
_Places = list[CoordinatesForMeasurement | CoordinatesForMeasurement3D]

_TRACKING = uuid.UUID("5f0c4bb5-6a0e-5f43-9d55-0c0a6f9a3c61")
"""As in the reports that are signed: the same measurement has the same tracking UID in both."""
_OWN = "99LIGHTBOX"
_CALIBRATION = CodedConcept("122422", "DCM", "Calibration Method")
_UNCERTAINTY = CodedConcept("uncertainty", _OWN, "Uncertainty")
_EXPANDED = CodedConcept("expanded-k2", _OWN, "Expanded, coverage factor 2")
_COMMENT = CodedConcept("121106", "DCM", "Comment")
_UPPER = CodedConcept("371886008", "SCT", "+, range of upper measurement uncertainty")
_LOWER = CodedConcept("371885007", "SCT", "-, range of lower measurement uncertainty")
_WORDS = frozenset({AnnotationKind.ARROW, AnnotationKind.TEXT, AnnotationKind.SPINE})
"""Kinds that say something without a number."""
_UNITS: Mapping[str, str] = {
    Unit.MILLIMETRE: "millimeter",
    Unit.MILLIMETRE_2: "square millimeter",
    Unit.MILLILITRE: "milliliter",
    Unit.DEGREE: "degree",
    Unit.HOUNSFIELD: "Hounsfield unit",
    Unit.SUV_BW: "Standardized Uptake Value body weight",
    Unit.SUV_LBM: "Standardized Uptake Value lean body mass",
    Unit.SUV_BSA: "Standardized Uptake Value body surface area",
    Unit.ONE: "no units",
    Unit.PIXEL: "pixels",
    Unit.PIXEL_2: "square pixels",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One annotation with its name and its numbers."""

    annotation: Annotation
    name: str
    numbers: tuple[Measurement, ...]

    @property
    def says_something(self) -> bool:
        """Whether it has a number, or is of a kind that speaks without one."""
        return bool(self.numbers) or self.annotation.kind in _WORDS


def group(one: Recorded, image: Instance, *, for_cornerstone: bool = False) -> Group:
    """The group of one annotation on ``image``; ``for_cornerstone``: as OHIF takes it."""
    held = one.annotation
    drawn = figures(held, pixel_aspect(image, held.on.frame))
    flat = for_cornerstone and not held.in_space
    tool = cornerstone.tool_of(held.kind) if flat else ""
    if tool:
        numbers = cornerstone.numbers(held.kind, one.numbers)
        one, drawn = replace(one, numbers=numbers), cornerstone.figures(held, drawn)
    uid = f"2.25.{uuid.uuid5(_TRACKING, held.id).int}"
    tracking = TrackingIdentifier(uid=uid, identifier=tool or line(one.name) or held.kind)
    write = _with_numbers if one.numbers else _words_alone
    made = write(one, drawn, image, tracking)
    said = held.text if tool or not one.numbers else ""
    if said:
        comment = TextContentItem(_COMMENT, _text(said), RelationshipTypeValues.CONTAINS)
        made[0].ContentSequence.append(comment)
    return made


def _with_numbers(
    one: Recorded, drawn: tuple[Figure, ...], image: Instance, tracking: TrackingIdentifier
) -> Group:
    frames = _frames(one.annotation, image)
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking,
        finding_type=_finding(one.annotation),
        method=_method(one.annotation.kind),
        measurements=[
            _number(number, _coordinates(one.annotation, drawn, at, image))
            for at, number in enumerate(one.numbers)
        ],
        qualitative_evaluations=_evaluations(one.numbers),
        source_images=[SourceImageForMeasurementGroup(image.sop_class, image.ref.sop, frames)],
    )


def _words_alone(
    one: Recorded, drawn: tuple[Figure, ...], image: Instance, tracking: TrackingIdentifier
) -> Group:
    """A region with words; raises HeaderError for points that nothing can hold."""
    (figure,) = drawn
    held = one.annotation
    region: ImageRegion | ImageRegion3D
    if _fits(figure):
        source = SourceImageForRegion(image.sop_class, image.ref.sop, _frames(held, image))
        region = ImageRegion(GraphicTypeValues(figure.graphic), _corner(figure), source)
    elif figure.points and held.space:
        kind = GraphicTypeValues3D(figure.in_space)
        region = ImageRegion3D(kind, np.array(figure.points), held.space)
    else:
        where = image.ref.sop
        raise HeaderError("An arrow or text lies outside its image.", where=where)
    return PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=tracking,
        finding_type=_finding(held),
        method=_method(held.kind),
        referenced_region=region,
    )


def _finding(held: Annotation) -> CodedConcept | None:
    """The reader's own words for what it belongs to: there is no code for them."""
    words = line(held.finding)
    return CodedConcept("finding", _OWN, words) if words else None


def _method(kind: AnnotationKind) -> CodedConcept:
    """Our kind, so that it comes back as what it was."""
    return CodedConcept(kind.value, _OWN, kind.value.replace("-", " ").capitalize())


def _evaluations(numbers: Sequence[Measurement]) -> list[QualitativeEvaluation]:
    calibration = numbers[0].calibration.value
    told = [QualitativeEvaluation(_CALIBRATION, CodedConcept(calibration, _OWN, calibration))]
    if any(one.plus_minus is not None for one in numbers):
        told.append(QualitativeEvaluation(_UNCERTAINTY, _EXPANDED))
    return told


def _number(one: Measurement, places: _Places) -> Number:
    of = one.derivation
    derived = None if of is None else CodedConcept(of.value, of.scheme, line(of.meaning))
    return Number(
        name=CodedConcept(one.name.value, one.name.scheme, line(one.name.meaning)),
        value=float(one.value),
        unit=_unit(one.unit),
        derivation=derived,
        properties=_properties(one),
        referenced_coordinates=places or None,
    )


def _properties(one: Measurement) -> MeasurementProperties | None:
    """How far it may be off, in its own unit (TID 310; highdicom would write no unit)."""
    if one.plus_minus is None:
        return None
    made = MeasurementProperties()
    for name in (_UPPER, _LOWER):
        made.append(
            NumContentItem(
                name=name,
                value=float(one.plus_minus),
                unit=_unit(one.unit),
                relationship_type=RelationshipTypeValues.HAS_PROPERTIES,
            )
        )
    return made


def _coordinates(held: Annotation, drawn: tuple[Figure, ...], at: int, image: Instance) -> _Places:
    """What a number is inferred from: in the image, and in the patient where it has a place there.

    SCOORD counts from the corner of the first pixel, we from its centre (PS3.3 C.18.6).
    """
    found: _Places = []
    for figure in (each for each in drawn if each.number == at):
        if _fits(figure):
            source = SourceImageForRegion(image.sop_class, image.ref.sop, _frames(held, image))
            kind = GraphicTypeValues(figure.graphic)
            found.append(CoordinatesForMeasurement(kind, _corner(figure), source))
        alone = not figure.pixels or figure.graphic is not Graphic.MULTIPOINT
        if figure.points and held.space and alone:
            places = np.array(figure.points)
            kind_3d = GraphicTypeValues3D(figure.in_space)
            found.append(CoordinatesForMeasurement3D(kind_3d, places, held.space))
    return found


def _fits(figure: Figure) -> bool:
    """Whether it lies right of and below the corner from which SCOORD counts."""
    return bool(figure.pixels) and all(min(p) >= -0.5 for p in figure.pixels)


def _corner(figure: Figure) -> np.ndarray:
    return np.array([(p.column + 0.5, p.row + 0.5) for p in figure.pixels])


def _frames(held: Annotation, image: Instance) -> list[int] | None:
    return [held.on.frame + 1] if image.frames > 1 else None


def _unit(of: Unit | Ucum) -> CodedConcept:
    return CodedConcept(str(of), "UCUM", line(_UNITS.get(of, of)))


def _text(words: str) -> str:
    """As UT takes it: no control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:1024]
