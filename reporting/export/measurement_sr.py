"""The measurements of a report as a DICOM structured report (TID 1500, Comprehensive 3D SR)."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
from highdicom.sr import (
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
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.measurement import Measurement as Measured

_SERIES = (9902, "Measurements")
_HALF_A_PIXEL = 0.5


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
    drawn_on = _coordinates(drawn, image, frames) if drawn else None
    numbers = [_number(measured, drawn_on), *(_number(one, None) for one in finding.others)]
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(
            uid=tracking_uid(measured.id), identifier=finding.image or finding.label
        ),
        measurements=numbers,
        source_images=[
            SourceImageForMeasurementGroup(image.SOPClassUID, image.SOPInstanceUID, frames)
        ],
    )


def _number(
    one: Measured,
    drawn_on: list[CoordinatesForMeasurement | CoordinatesForMeasurement3D] | None,
) -> Measurement:
    derived = None if one.derivation is None else sr_words.concept(one.derivation)
    return Measurement(
        name=sr_words.concept(one.name),
        value=shown(one.value),
        unit=sr_words.unit(one.unit),
        derivation=derived,
        referenced_coordinates=drawn_on,
    )


def _coordinates(
    drawn: Annotation, image: Dataset, frames: list[int] | None
) -> list[CoordinatesForMeasurement | CoordinatesForMeasurement3D]:
    """Give the drawn shape in its image and, where that has a place in space, in the patient.

    The image region is 'selected from' its image (SourceImageForRegion): 'inferred from' is not
    allowed there. SCOORD counts from the corner of the first pixel, we from its centre.
    """
    if drawn.points and len(drawn.points) != len(drawn.pixels):
        raise ValueError("an annotation has as many places in the patient as in its image")
    graphic, solid, order = _figure(drawn)
    corner = [
        (drawn.pixels[n].column + _HALF_A_PIXEL, drawn.pixels[n].row + _HALF_A_PIXEL) for n in order
    ]
    found: list[CoordinatesForMeasurement | CoordinatesForMeasurement3D] = []
    if all(min(point) >= 0 for point in corner):
        region = SourceImageForRegion(image.SOPClassUID, image.SOPInstanceUID, frames)
        found.append(CoordinatesForMeasurement(graphic, np.array(corner), region))
    if solid is not None and drawn.points and drawn.space:
        places = np.array([drawn.points[n] for n in order])
        found.append(CoordinatesForMeasurement3D(solid, places, drawn.space))
    return found


def _figure(
    drawn: Annotation,
) -> tuple[GraphicTypeValues, GraphicTypeValues3D | None, list[int]]:
    """Which graphic its first number is of, in the image and in space, and by which points.

    Outlines end where they begin, an ellipse begins with its longer axis (PS3.3 C.18.6.1.2), and a
    long axis has a line of its own. A circle in space has no graphic type (C.18.9.1.2).
    """
    every = list(range(len(drawn.pixels)))
    flat, solid = GraphicTypeValues, GraphicTypeValues3D
    if len(every) == 1:
        return flat.POINT, solid.POINT, every
    match drawn.kind:
        case AnnotationKind.RECTANGLE | AnnotationKind.POLYGON | AnnotationKind.FREEHAND:
            return flat.POLYLINE, solid.POLYGON, [*every, 0]
        case AnnotationKind.ELLIPSE:
            return flat.ELLIPSE, solid.ELLIPSE, [*_longer(drawn), *_shorter(drawn)]
        case AnnotationKind.BIDIRECTIONAL:
            return flat.POLYLINE, solid.POLYLINE, _longer(drawn)
        case AnnotationKind.CIRCLE:
            return flat.CIRCLE, None, every
    return flat.POLYLINE, solid.POLYLINE, every


def _longer(drawn: Annotation) -> list[int]:
    """The ends of the longer of two axes: in the patient where it lies there."""
    places = np.array(drawn.points or drawn.pixels, np.float64)
    first, second = (np.linalg.norm(places[n + 1] - places[n]) for n in (0, 2))
    return [0, 1] if first >= second else [2, 3]


def _shorter(drawn: Annotation) -> list[int]:
    return [n for n in range(4) if n not in _longer(drawn)]
