"""Numbers as a reader sees them: rounded for display only, value, unit and calibration together."""

import math
from collections.abc import Sequence

from viewer.calibration.spacing import Scale
from viewer.model.geometry import Spacing
from viewer.model.measurement import CalibrationKind, Measurement, Ucum, Unit

_SIGNS: dict[str, str] = {
    Unit.MILLIMETRE_2: "mm²",
    Unit.DEGREE: "°",
    Unit.HOUNSFIELD: "HU",
    Unit.SUV_BW: "g/ml",
    Unit.SUV_LBM: "g/ml",
    Unit.SUV_BSA: "cm²/ml",
    Unit.ONE: "",
    Unit.PIXEL: "px",
    Unit.PIXEL_2: "px²",
}
_FINE = 0.1
"""mm; pixels below it are worth a second decimal (F46)."""


def sign(unit: Unit | Ucum) -> str:
    """A unit as it stands in a label; empty for a bare number."""
    return _SIGNS.get(unit, unit.strip("{}").replace("mm2", "mm²"))


def text(value: float, unit: Unit | Ucum, spacing: Spacing | None = None) -> str:
    """A number with its unit; ``spacing`` decides the decimals of mm."""
    shown = number(value, unit, spacing)
    mark = sign(unit)
    return f"{shown}{mark}" if unit is Unit.DEGREE else f"{shown} {mark}".strip()


def number(value: float, unit: Unit | Ucum, spacing: Spacing | None = None) -> str:
    """A number without its unit."""
    match unit:
        case Unit.MILLIMETRE | Unit.MILLIMETRE_2:
            fine = spacing is not None and min(spacing) < _FINE
            shown = f"{value:.{2 if fine else 1}f}"
        case Unit.DEGREE | Unit.HOUNSFIELD | Unit.PIXEL | Unit.PIXEL_2:
            shown = f"{value:.1f}"
        case Unit.MILLILITRE:
            shown = _three_digits(value)
        case Unit.SUV_BW | Unit.SUV_LBM | Unit.SUV_BSA:
            shown = f"{value:.2f}"
        case _:
            shown = f"{value:.4g}"
    if not float(shown):
        shown = shown.removeprefix("-")  # what rounds to zero has no sign
    return shown.replace("-", "−")


def _three_digits(value: float) -> str:
    """At least three significant digits, never a power of ten (F50)."""
    digits = 2 - math.floor(math.log10(value)) if value > 0 else 1
    return f"{value:.{min(max(digits, 0), 6)}f}"


def uncertainty_text(value: float, unit: Unit | Ucum) -> str:
    """How far a number may be off, with its unit; never rounded to nothing."""
    if value and not float(number(value, unit)):
        mark = sign(unit)
        return f"{value:.1g}{mark}" if unit is Unit.DEGREE else f"{value:.1g} {mark}".strip()
    if unit is Unit.ONE:
        return f"{value:.2g}"
    return text(value, unit)


def with_word(line: str, measured: Sequence[Measurement], scale: Scale) -> str:
    """Add the calibration word that must stand beside lengths and areas (F35)."""
    calibrated = {one.calibration for one in measured} - {
        CalibrationKind.PATIENT, CalibrationKind.NONE
    }  # fmt: skip
    return f"{line} {scale.word}" if calibrated and scale.word else line
