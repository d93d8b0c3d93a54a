"""How one frame of reference lies in another, as a registration object says (PS3.3 C.20.2)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from viewer.model.geometry import ImagePlane, PointLps
from viewer.model.refs import FrameOfReferenceUid, InstanceRef, SopUid

_RIGID = 1e-3
"""How far from perpendicular units the directions of a matrix may be, as those of an image."""


@dataclass(frozen=True, slots=True)
class Rigid:
    """A turn and a shift in mm: nothing becomes longer, nothing is mirrored."""

    rows: tuple[PointLps, PointLps, PointLps]
    shift: PointLps

    @classmethod
    def of(cls, matrix: Sequence[float]) -> "Rigid":
        """From 16 numbers, row by row; ValueError for what is not rigid.

        Rounding is mended: the rows are made perpendicular units.
        """
        if len(matrix) != 16 or not all(math.isfinite(n) for n in matrix):
            raise ValueError("a transformation is 16 finite numbers")
        if any(abs(a - b) > 1e-9 for a, b in zip(matrix[12:], (0, 0, 0, 1), strict=True)):
            raise ValueError("the last row is not 0, 0, 0, 1")
        x, y, z = (PointLps(*matrix[n : n + 3]) for n in (0, 4, 8))
        off = (x.norm - 1, y.norm - 1, z.norm - 1, x.dot(y), y.dot(z), x.dot(z))
        if max(map(abs, off)) > _RIGID or x.cross(y).dot(z) < 0:
            raise ValueError("it turns and shifts not only")
        first = _unit(x)
        second = _unit(y.plus(first, -y.dot(first)))
        shift = PointLps(matrix[3], matrix[7], matrix[11])
        return cls((first, second, first.cross(second)), shift)

    def turn(self, vector: PointLps) -> PointLps:
        """A direction as it stands afterwards."""
        return PointLps(*(row.dot(vector) for row in self.rows))

    def apply(self, point: PointLps) -> PointLps:
        """Where a point lies afterwards, mm."""
        return self.turn(point).plus(self.shift)

    def moved(self, plane: ImagePlane) -> ImagePlane:
        """Where an image lies afterwards."""
        return replace(
            plane,
            position=self.apply(plane.position),
            row=self.turn(plane.row),
            column=self.turn(plane.column),
        )

    def then(self, other: "Rigid") -> "Rigid":
        """This first, the other after it."""
        columns = zip(*self.rows, strict=True)
        turned = [other.turn(PointLps(*column)) for column in columns]
        x, y, z = (PointLps(*row) for row in zip(*turned, strict=True))
        return Rigid((x, y, z), other.apply(self.shift))

    def inverse(self) -> "Rigid":
        """The way back."""
        x, y, z = (PointLps(*column) for column in zip(*self.rows, strict=True))
        back = Rigid((x, y, z), self.shift)
        return replace(back, shift=back.turn(PointLps(*(-n for n in self.shift))))


STILL = Rigid(
    (PointLps(1.0, 0.0, 0.0), PointLps(0.0, 1.0, 0.0), PointLps(0.0, 0.0, 1.0)),
    PointLps(0.0, 0.0, 0.0),
)
"""Everything stays where it is."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where one frame of reference lies in that of the registration."""

    space: FrameOfReferenceUid
    rigid: Rigid
    images: frozenset[SopUid] = frozenset()
    """The images that this is said of; empty where it is of all."""


@dataclass(frozen=True, slots=True)
class Registration:
    """One registration object, of rigid moves alone."""

    ref: InstanceRef
    label: str
    created: str
    """Date and time, as DICOM writes them."""
    space: FrameOfReferenceUid
    """The frame of reference to which all moves lead."""
    moves: tuple[Move, ...]


def _unit(vector: PointLps) -> PointLps:
    return PointLps(*(part / vector.norm for part in vector))
