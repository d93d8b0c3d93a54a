"""A number taken from an annotation: value, unit and calibration stay apart until the label."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from viewer.model.annotation import AnnotationId
from viewer.model.refs import Code, FrameRef

MeasurementId = NewType("MeasurementId", str)


class Unit(StrEnum):
    """UCUM units that measurements are stated in; PIXEL where no unit is right."""

    MILLIMETRE = "mm"
    PIXEL = "{pixels}"


class CalibrationKind(StrEnum):
    """Which spacing made the number (F35)."""

    PATIENT = "PATIENT"
    """Cross-sectional image: the spacing is true in the patient."""
    DETECTOR = "DETECTOR"
    MAGNIFIED = "MAGNIFIED"
    FIDUCIAL = "FIDUCIAL"
    US_REGION = "US_REGION"
    USER = "USER"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value with its unit and calibration kind; unrounded."""

    id: MeasurementId
    of: AnnotationId
    on: FrameRef
    name: Code
    value: float
    unit: Unit
    calibration: CalibrationKind
    plus_minus: float | None = None

    def __post_init__(self) -> None:
        """Refuse a number that is none, and a unit without calibration."""
        if not math.isfinite(self.value):
            raise ValueError("a measurement must be a finite number")
        if (self.unit is Unit.PIXEL) != (self.calibration is CalibrationKind.NONE):
            raise ValueError("pixels go with no calibration, millimetres with one")
