"""CIELab colours of DICOM objects as screen colours (PS3.3 C.10.7.1.1)."""

from viewer.model.shutter import Lab

_WHITE = (0.9642, 1.0, 0.8249)
"""D50, the white of DICOM's CIELab."""
_TO_LINEAR = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)
"""XYZ under D50 to linear sRGB, adapted to D65 by Bradford."""


def to_srgb(lab: Lab) -> tuple[int, int, int]:
    """The nearest sRGB colour of 8 bits a channel; colours outside sRGB are clipped."""
    fy = (lab.lightness + 16) / 116
    parts = (fy + lab.a / 500, fy, fy - lab.b / 200)
    xyz = [white * _cubed(part) for white, part in zip(_WHITE, parts, strict=True)]
    linear = [sum(m * v for m, v in zip(row, xyz, strict=True)) for row in _TO_LINEAR]
    red, green, blue = (_encoded(value) for value in linear)
    return red, green, blue


def _cubed(part: float) -> float:
    return part**3 if part > 6 / 29 else 3 * (6 / 29) ** 2 * (part - 4 / 29)


def _encoded(linear: float) -> int:
    value = min(max(linear, 0.0), 1.0)
    shown = 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return int(shown * 255 + 0.5)
