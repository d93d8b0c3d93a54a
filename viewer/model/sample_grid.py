"""Where a reconstructed picture takes its samples: a plane of points, or a slab around it."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from viewer.model.geometry import PointLps


@dataclass(frozen=True, slots=True)
class SampleGrid:
    """Points of a plane in the patient: one for each pixel of the picture to be made."""

    origin: PointLps
    """Centre of the first pixel, mm."""
    right: PointLps
    """From one pixel to the next one of its row, mm."""
    down: PointLps
    """From one pixel to the one below it, mm."""
    rows: int
    columns: int

    def __post_init__(self) -> None:
        """Refuse what is no plane."""
        numbers = (*self.origin, *self.right, *self.down)
        if not all(math.isfinite(n) for n in numbers):
            raise ValueError("a sample grid needs finite numbers")
        if self.rows < 1 or self.columns < 1 or self.right.cross(self.down).norm == 0:
            raise ValueError("a sample grid is a plane of at least one pixel")

    @property
    def normal(self) -> PointLps:
        """The unit normal: right × down."""
        n = self.right.cross(self.down)
        return PointLps(n.x / n.norm, n.y / n.norm, n.z / n.norm)

    def at(self, row: float, column: float) -> PointLps:
        """Where a pixel lies, mm."""
        return self.origin.plus(self.right, column).plus(self.down, row)

    def band(self, first: int, end: int) -> "SampleGrid":
        """Rows ``first`` up to ``end``: what one thread draws."""
        return replace(self, origin=self.at(first, 0), rows=end - first)


class SlabMode(StrEnum):
    """What becomes of the samples along the normal."""

    MAXIMUM = "maximum"
    MEAN = "mean"
    MINIMUM = "minimum"


@dataclass(frozen=True, slots=True)
class Slab:
    """A slab of ``thickness`` mm, half of it on either side of the plane."""

    thickness: float
    mode: SlabMode = SlabMode.MAXIMUM

    def __post_init__(self) -> None:
        """Refuse a slab without thickness."""
        if not (math.isfinite(self.thickness) and self.thickness > 0):
            raise ValueError("a slab has a positive thickness")

    def offsets(self, step: float) -> tuple[float, ...]:
        """Distances from the plane at which samples are taken, mm, at most ``step`` apart.

        The first and the last lie on the two faces of the slab.
        """
        count = max(math.ceil(self.thickness / step - 1e-9), 1)
        return tuple(self.thickness * (2 * i - count) / (2 * count) for i in range(count + 1))
