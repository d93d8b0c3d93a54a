"""A number taken from an annotation: value, unit and calibration stay apart until the label."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from viewer.model.annotation import AnnotationId
from viewer.model.refs import Code, FrameRef

MeasurementId = NewType("MeasurementId", str)


Ucum = NewType("Ucum", str)
"""A UCUM code of a real-world value that a header names, beside those of Unit."""


class Unit(StrEnum):
    """UCUM units that measurements are stated in; PIXEL and PIXEL_2 where no unit is right."""

    MILLIMETRE = "mm"
    MILLIMETRE_2 = "mm2"
    MILLILITRE = "ml"
    DEGREE = "deg"
    HOUNSFIELD = "[hnsf'U]"
    SUV_BW = "{SUVbw}g/ml"
    SUV_LBM = "{SUVlbm}g/ml"
    SUV_BSA = "{SUVbsa}cm2/ml"
    ONE = "1"
    CENTIMETRE_PER_SECOND = "cm/s"
    SECOND = "s"
    PIXEL = "{pixels}"
    PIXEL_2 = "{pixels}2"


_PIXELS = frozenset({Unit.PIXEL, Unit.PIXEL_2})
_CALIBRATED = frozenset({Unit.MILLIMETRE, Unit.MILLIMETRE_2, Unit.MILLILITRE})


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
    unit: Unit | Ucum
    calibration: CalibrationKind
    plus_minus: float | None = None
    """Expanded uncertainty (k = 2) in ``unit``; None where none is stated (F46)."""
    derivation: Code | None = None
    """What of a quantity it is: mean, maximum (PS3.16 TID 1419)."""
    aspect: float = 1.0
    """Height of a pixel over its width, by which its shape was taken: a circle is round by it."""

    def __post_init__(self) -> None:
        """Refuse a number that is none, and a unit without calibration."""
        if not math.isfinite(self.value):
            raise ValueError("a measurement must be a finite number")
        if self.plus_minus is not None and not 0 <= self.plus_minus < math.inf:
            raise ValueError("an uncertainty must be a finite number, not below 0")
        if not 0 < self.aspect < math.inf:
            raise ValueError("an aspect must be a finite number above 0")
        calibrated = self.calibration is not CalibrationKind.NONE
        if (self.unit in _PIXELS and calibrated) or (self.unit in _CALIBRATED and not calibrated):
            raise ValueError("pixels go with no calibration, millimetres with one")
