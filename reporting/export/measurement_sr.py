"""The measurements of a report as a DICOM structured report (TID 1500, Comprehensive 3D SR)."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from highdicom.sr import (
    CodedConcept,
    CoordinatesForMeasurement,
    CoordinatesForMeasurement3D,
    GraphicTypeValues,
    GraphicTypeValues3D,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    SourceImageForMeasurementGroup,
    SourceImageForRegion,
    TrackingIdentifier,
)
from pydicom import Dataset

from reporting.export import sr_words
from reporting.export.certainty import evaluations, properties
from reporting.export.identifiers import shown, tracking_uid
from reporting.export.objects import (
    Source,
    frame_numbers,
    image_reference,
    measured_images,
    source_of,
)
from reporting.export.sr_document import MeasurementDocument, told_in_one_sentence, verified
from reporting.model.finding import Finding
from reporting.model.report import ReportContext, ReportDraft
from viewer.model.annotation import Annotation, AnnotationId
from viewer.model.figure import Figure, Graphic, figures
from viewer.model.measurement import Measurement as Measured

_SERIES = (9902, "Measurements")
_HALF_A_PIXEL = 0.5
_OWN = "99LIGHTBOX"


def measurement_sr(
    draft: ReportDraft,
    context: ReportContext,
    *,
    signed_at: datetime,
    annotations: Mapping[AnnotationId, Annotation],
    language: str = "en",
) -> bytes | None:
    """Write the findings' measurements as a DICOM file, None without any; raises ExportFailed.

    ``annotations`` give the geometry; a measurement whose annotation is missing is written with
    its value and its source image alone.
    """
    if not draft.findings:
        return None
    with told_in_one_sentence("The measurements"):
        source = source_of(context)
        report = MeasurementReport(
            observation_context=ObservationContext(
                observer_person_context=sr_words.observer(context)
            ),
            procedure_reported=sr_words.procedure_reported(context),
            imaging_measurements=[
                _group(finding, annotations.get(finding.measurement.of), context, source)
                for finding in draft.findings
            ],
            language_of_content_item_and_descendants=sr_words.language_of(language),
        )
        images = measured_images(draft, context, source)
        return verified(
            MeasurementDocument,
            report[0],
            images,
            context,
            source,
            series=_SERIES,
            signed_at=signed_at,
        )


def _group(
    finding: Finding, drawn: Annotation | None, context: ReportContext, source: Source
) -> MeasurementsAndQualitativeEvaluations:
    measured = finding.measurement
    image = image_reference(measured.on, context, source)
    frames = frame_numbers(measured.on, image.SOPClassUID)
    shapes = figures(drawn, measured.aspect) if drawn else ()
    space = drawn.space if drawn else None
    numbers = [
        _number(one, _coordinates(shapes, space, at, image, frames))
        for at, one in enumerate((measured, *finding.others))
    ]
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            uid=tracking_uid(measured.id), identifier=finding.image or finding.label
        ),
        method=_method(drawn) if drawn else None,
        measurements=numbers,
        qualitative_evaluations=evaluations(measured, *finding.others),
        source_images=[
            SourceImageForMeasurementGroup(image.SOPClassUID, image.SOPInstanceUID, frames)
        ],
    )


def _method(drawn: Annotation) -> CodedConcept:
    """What it was drawn as, so that it can be drawn so again."""
    meaning = drawn.kind.value.replace("-", " ").capitalize()
    return CodedConcept(drawn.kind.value, _OWN, meaning)


def _number(
    one: Measured,
    drawn_on: list[CoordinatesForMeasurement | CoordinatesForMeasurement3D],
) -> Measurement:
    derived = None if one.derivation is None else sr_words.concept(one.derivation)
    return Measurement(
        name=sr_words.concept(one.name),
        value=shown(one.value),
        unit=sr_words.unit(one.unit),
        derivation=derived,
        properties=properties(one),
        referenced_coordinates=drawn_on or None,
    )


def _coordinates(
    drawn: tuple[Figure, ...], space: str | None, at: int, image: Dataset, frames: list[int] | None
) -> list[CoordinatesForMeasurement | CoordinatesForMeasurement3D]:
    """Give what a number is of: in its image and, where it has a place in space, in the patient.

    The image region is 'selected from' its image (SourceImageForRegion): 'inferred from' is not
    allowed there. SCOORD counts from the corner of the first pixel, we from its centre.
    """
    found: list[CoordinatesForMeasurement | CoordinatesForMeasurement3D] = []
    for figure in (each for each in drawn if each.number == at):
        corner = [(p.column + _HALF_A_PIXEL, p.row + _HALF_A_PIXEL) for p in figure.pixels]
        if corner and all(min(point) >= 0 for point in corner):
            region = SourceImageForRegion(image.SOPClassUID, image.SOPInstanceUID, frames)
            graphic = GraphicTypeValues(figure.graphic)
            found.append(CoordinatesForMeasurement(graphic, np.array(corner), region))
        alone = not figure.pixels or figure.graphic is not Graphic.MULTIPOINT
        if figure.points and space and alone:
            solid = GraphicTypeValues3D(figure.in_space)
            found.append(CoordinatesForMeasurement3D(solid, np.array(figure.points), space))
    return found
