"""What of an uncertainty comes from where, in numbers and in words (F46)."""

import math
from typing import NamedTuple

from viewer.measure.labels import text, uncertainty_text
from viewer.measure.uncertainty import COVERAGE
from viewer.model.measurement import CalibrationKind, Measurement, Unit

_POWER = {Unit.MILLIMETRE: 1, Unit.MILLIMETRE_2: 2, Unit.MILLILITRE: 3}
_FROM = {
    CalibrationKind.PATIENT: "pixel spacing",
    CalibrationKind.DETECTOR: "spacing at the detector",
    CalibrationKind.MAGNIFIED: "magnification",
    CalibrationKind.FIDUCIAL: "object of known size",
    CalibrationKind.US_REGION: "scale of the ultrasound region",
    CalibrationKind.USER: "calibration by hand",
    CalibrationKind.NONE: "",
}


class Parts(NamedTuple):
    """± (k = 2) from placing the points and from the scale; their squares add up."""

    placing: float
    scale: float


def parts(one: Measurement, relative: float) -> Parts | None:
    """Part an uncertainty; ``relative`` is the standard deviation of the spacing over itself."""
    if one.plus_minus is None:
        return None
    power = _POWER.get(Unit(one.unit), 0) if one.unit in set(Unit) else 0
    scale = min(COVERAGE * power * relative * abs(one.value), one.plus_minus)
    return Parts(math.sqrt(max(one.plus_minus**2 - scale**2, 0.0)), scale)


def doubt_words(one: Measurement, relative: float, placing: str = "placing the points") -> str:
    """'14.0 mm ± 0.6 mm, k = 2: placing the points 0.6 mm, pixel spacing 0.1 mm.'; else empty."""
    found = parts(one, relative)
    if found is None or one.plus_minus is None:
        return ""
    sure = f"{text(one.value, one.unit)} ± {uncertainty_text(one.plus_minus, one.unit)}, k = 2"
    said = f"{sure}: {placing} {uncertainty_text(found.placing, one.unit)}"
    if found.scale:
        said += f", {_FROM[one.calibration]} {uncertainty_text(found.scale, one.unit)}"
    return f"{said}."
