"""Where pixels lie in the patient: millimetres in LPS, with typed ends (PS3.3 C.7.6.2.1.1)."""

import math
from dataclasses import dataclass
from typing import NamedTuple


class PointLps(NamedTuple):
    """A point in the patient, mm: x to the left, y to posterior, z to the head."""

    x: float
    y: float
    z: float

    def __sub__(self, other: "PointLps") -> "PointLps":
        """Give the vector from ``other`` to this point."""
        return PointLps(self.x - other.x, self.y - other.y, self.z - other.z)

    def plus(self, other: "PointLps", factor: float = 1.0) -> "PointLps":
        """Give this point moved by ``factor`` times the vector ``other``."""
        return PointLps(
            self.x + factor * other.x, self.y + factor * other.y, self.z + factor * other.z
        )

    def dot(self, other: "PointLps") -> float:
        """Scalar product."""
        return self.x * other.x + self.y * other.y + self.z * other.z

    def cross(self, other: "PointLps") -> "PointLps":
        """Vector product."""
        return PointLps(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )

    @property
    def norm(self) -> float:
        """Length, mm."""
        return math.sqrt(self.dot(self))


class PixelPoint(NamedTuple):
    """A point in one image: column then row, in pixels, 0.0 at the CENTRE of the first pixel."""

    column: float
    row: float


class Spacing(NamedTuple):
    """Distance of neighbouring pixel centres, mm: between rows, then between columns."""

    row: float
    column: float


@dataclass(frozen=True, slots=True)
class ImagePlane:
    """The plane of one frame (PS3.3 C.7.6.2.1.1).

    ``position`` is the centre of the first pixel; ``row`` is the direction in which the column
    index grows, ``column`` the direction in which the row index grows, both unit vectors.
    """

    position: PointLps
    row: PointLps
    column: PointLps
    spacing: Spacing

    def __post_init__(self) -> None:
        """Refuse planes that cannot be planes."""
        numbers = (*self.position, *self.row, *self.column, *self.spacing)
        if not all(math.isfinite(n) for n in numbers):
            raise ValueError("a plane needs finite numbers")
        if min(self.spacing) <= 0:
            raise ValueError("a plane needs positive spacing")
        if abs(self.row.norm - 1) > 1e-3 or abs(self.column.norm - 1) > 1e-3:
            raise ValueError("the direction cosines are not unit vectors")
        if abs(self.row.dot(self.column)) > 1e-3:
            raise ValueError("the direction cosines are not perpendicular")

    @property
    def normal(self) -> PointLps:
        """The unit normal: row direction × column direction."""
        n = self.row.cross(self.column)
        length = n.norm
        return PointLps(n.x / length, n.y / length, n.z / length)

    def to_lps(self, p: PixelPoint) -> PointLps:
        """Where a pixel point lies in the patient, mm."""
        return self.position.plus(self.row, p.column * self.spacing.column).plus(
            self.column, p.row * self.spacing.row
        )

    def to_pixel(self, p: PointLps) -> PixelPoint:
        """The pixel point under a patient point, after projection along the normal.

        The inverse of ``to_lps`` also where the directions are not quite perpendicular units.
        """
        d = p - self.position
        rr, cc, rc = self.row.dot(self.row), self.column.dot(self.column), self.row.dot(self.column)
        along, down = d.dot(self.row), d.dot(self.column)
        area = rr * cc - rc * rc
        return PixelPoint(
            (along * cc - down * rc) / area / self.spacing.column,
            (down * rr - along * rc) / area / self.spacing.row,
        )

    def distance(self, p: PointLps) -> float:
        """Signed distance of a point from the plane along the normal, mm."""
        return (p - self.position).dot(self.normal)
