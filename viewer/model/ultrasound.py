"""Calibrated regions of an ultrasound image: what a step along each axis of each region means."""

from dataclasses import dataclass
from enum import IntEnum

from viewer.model.geometry import PixelPoint


class AxisUnit(IntEnum):
    """Physical Units of one axis of a region (PS3.3 C.8.5.5.1.15)."""

    NONE = 0
    PERCENT = 1
    DECIBEL = 2
    CENTIMETRE = 3
    SECOND = 4
    HERTZ = 5
    DECIBEL_PER_SECOND = 6
    CENTIMETRE_PER_SECOND = 7
    SQUARE_CENTIMETRE = 8
    SQUARE_CENTIMETRE_PER_SECOND = 9
    CUBIC_CENTIMETRE = 10
    CUBIC_CENTIMETRE_PER_SECOND = 11
    DEGREE = 12

    @property
    def symbol(self) -> str:
        """How the unit is written; empty without one."""
        return _SYMBOLS[self]


_SYMBOLS = ("", "%", "dB", "cm", "s", "Hz", "dB/s", "cm/s", "cm²", "cm²/s", "cm³", "cm³/s", "°")


@dataclass(frozen=True, slots=True)
class RegionAxis:
    """One axis of a region: ``delta`` units a pixel, negative where values fall.

    ``zero`` is the column or row in the image of the reference pixel, None where the header names
    none; ``at_zero`` is the value there.
    """

    unit: AxisUnit
    delta: float
    zero: int | None = None
    at_zero: float = 0.0

    def value(self, place: float) -> float | None:
        """The value at a column or row, counted from the reference pixel; None without one."""
        return None if self.zero is None else self.at_zero + (place - self.zero) * self.delta


@dataclass(frozen=True, slots=True)
class UltrasoundRegion:
    """One item of Sequence of Ultrasound Regions (PS3.3 C.8.5.5); edges are pixels that belong."""

    left: int
    top: int
    right: int
    bottom: int
    x: RegionAxis
    y: RegionAxis
    low_priority: bool = False
    """Bit 0 of Region Flags: another region over the same pixels goes first."""
    spatial_format: int = 0
    data_type: int = 0

    @property
    def size(self) -> int:
        """How many pixels it covers."""
        return (self.right - self.left + 1) * (self.bottom - self.top + 1)

    def holds(self, point: PixelPoint) -> bool:
        """Whether the pixel under a point belongs to the region."""
        return (
            self.left - 0.5 <= point.column <= self.right + 0.5
            and self.top - 0.5 <= point.row <= self.bottom + 0.5
        )
