"""Lengths in float64, from pixels with a spacing or from points in the patient."""

import math

from viewer.model.geometry import PixelPoint, PointLps, Spacing

SQUARE_PIXELS = Spacing(1.0, 1.0)


def pixel_length(a: PixelPoint, b: PixelPoint, spacing: Spacing) -> float:
    """Distance of two pixel points in the unit of ``spacing`` (mm); both axes count (F38)."""
    return math.hypot((b.column - a.column) * spacing.column, (b.row - a.row) * spacing.row)


def patient_length(a: PointLps, b: PointLps) -> float:
    """Distance of two points in the patient, mm."""
    return (b - a).norm


def length_text(value: float, spacing: Spacing | None) -> str:
    """Round a length for display: 0.1 mm, 0.01 mm where a pixel is finer than 0.1 mm (F46)."""
    if spacing is None:
        return f"{value:.1f} px"
    digits = 2 if min(spacing) < 0.1 else 1
    return f"{value:.{digits}f} mm"
