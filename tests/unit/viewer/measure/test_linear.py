"""Lengths against formulas, in pixels and in the patient."""

import math

import pytest

from viewer.measure.labels import text
from viewer.measure.linear import SQUARE_PIXELS, pixel_length
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps, Spacing
from viewer.model.measurement import Unit


def _rotated(yaw: float, pitch: float) -> tuple[PointLps, PointLps]:
    cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    return PointLps(cy, sy, 0), PointLps(-sy * cp, cy * cp, sp)


@pytest.mark.parametrize("yaw", [0.0, 0.3, 1.1, 2.9])
@pytest.mark.parametrize("pitch", [0.0, 0.4, 1.5])
@pytest.mark.parametrize("spacing", [Spacing(0.5, 0.8), Spacing(0.07, 0.07), Spacing(3.0, 0.2)])
def test_pixels_and_patient_agree(yaw: float, pitch: float, spacing: Spacing) -> None:
    plane = ImagePlane(PointLps(-12.5, 80.25, -930.75), *_rotated(yaw, pitch), spacing)
    a, b = PixelPoint(10.25, 200.5), PixelPoint(311.0, 47.125)
    by_pixels = pixel_length(a, b, spacing)
    by_points = (plane.to_lps(b) - plane.to_lps(a)).norm
    assert by_points == pytest.approx(by_pixels, rel=1e-9)


def test_both_axes_count_with_their_own_spacing() -> None:
    assert pixel_length(PixelPoint(0, 0), PixelPoint(3, 0), Spacing(5, 2)) == 6
    assert pixel_length(PixelPoint(0, 0), PixelPoint(0, 3), Spacing(5, 2)) == 15
    assert pixel_length(PixelPoint(1, 1), PixelPoint(4, 5), SQUARE_PIXELS) == 5


@pytest.mark.parametrize(
    ("value", "spacing", "shown"),
    [
        (12.44, Spacing(0.7, 0.7), "12.4 mm"),
        (12.46, Spacing(0.1, 0.1), "12.5 mm"),
        (12.446, Spacing(0.09, 0.2), "12.45 mm"),
        (0.0, Spacing(1, 1), "0.0 mm"),
        (231.44, None, "231.4 px"),
    ],
)
def test_display_rounding(value: float, spacing: Spacing | None, shown: str) -> None:
    unit = Unit.PIXEL if spacing is None else Unit.MILLIMETRE
    assert text(value, unit, spacing) == shown
