"""Every measurement kind as one record: how many points, what is computed, how it is called."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from viewer.calibration.regions import scale_at
from viewer.calibration.spacing import Scale
from viewer.errors import GeometryError
from viewer.measure.linear import SQUARE_PIXELS, length_text, pixel_length
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.measurement import CalibrationKind, Measurement, MeasurementId, Unit
from viewer.model.refs import Code, FrameRef
from viewer.model.study import Instance


@dataclass(frozen=True, slots=True)
class MeasurementKind:
    """One kind: ``compute`` takes exactly ``points`` pixel points and gives mm (or pixels)."""

    kind: AnnotationKind
    points: int
    name: Code
    compute: Callable[[Sequence[PixelPoint], Spacing], float]


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement with the words that stand beside it and where it was made.

    ``label`` is '8.0 mm' with the calibration word where one is due; ``image`` says in words
    where it is: 'Series 3, image 142'; ``reason`` says why this unit.
    """

    measurement: Measurement
    label: str
    image: str
    frames: tuple[FrameRef, ...]
    reason: str


def _length(points: Sequence[PixelPoint], spacing: Spacing) -> float:
    return pixel_length(points[0], points[1], spacing)


KINDS: Mapping[AnnotationKind, MeasurementKind] = MappingProxyType(
    {
        AnnotationKind.LENGTH: MeasurementKind(
            AnnotationKind.LENGTH, 2, Code("410668003", "SCT", "Length"), _length
        )
    }
)


def measure(annotation: Annotation, instance: Instance) -> Measurement:
    """Compute the unrounded number of an annotation; its id is the annotation's for good.

    Raises GeometryError when annotation and instance do not fit together.
    """
    record = KINDS[annotation.kind]
    if annotation.on.instance != instance.ref:
        raise GeometryError(
            "The measurement belongs to another image.", where=str(instance.ref.sop)
        )
    if len(annotation.pixels) != record.points:
        raise GeometryError(
            f"A {annotation.kind} needs {record.points} points, not {len(annotation.pixels)}.",
            where=str(instance.ref.sop),
        )
    scale = scale_at(instance, annotation.on.frame, annotation.pixels)
    return Measurement(
        id=MeasurementId(annotation.id),
        of=annotation.id,
        on=annotation.on,
        name=record.name,
        value=record.compute(annotation.pixels, scale.spacing or SQUARE_PIXELS),
        unit=Unit.PIXEL if scale.spacing is None else Unit.MILLIMETRE,
        calibration=scale.calibration,
    )


def label(measurement: Measurement, scale: Scale) -> str:
    """Join value, unit and calibration word; nothing stands beside what is true in the patient.

    Where the axes have units of their own, what lies along each takes the place of the length.
    """
    if scale.axes:
        return scale.axes
    text = length_text(measurement.value, scale.spacing)
    if measurement.calibration in {CalibrationKind.PATIENT, CalibrationKind.NONE}:
        return text
    return f"{text} {scale.word}"


def measured(annotation: Annotation, instance: Instance, image: str) -> Measured:
    """Measure and put into words; ``image`` names the frame for a reader."""
    scale = scale_at(instance, annotation.on.frame, annotation.pixels)
    result = measure(annotation, instance)
    return Measured(result, label(result, scale), image, (annotation.on,), scale.reason)
