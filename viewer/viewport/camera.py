"""From where a volume is looked at: a direction and what is up, in the patient. No Qt, no VTK."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from viewer.model.geometry import PointLps


@dataclass(frozen=True, slots=True)
class Camera:
    """Directions of a picture's rows and columns in the patient: perpendicular unit vectors."""

    right: PointLps
    down: PointLps

    @property
    def into(self) -> PointLps:
        """The way that is looked, away from the reader."""
        return self.right.cross(self.down)

    def turned(self, across: float, down: float) -> "Camera":
        """Turn what is seen, as a ball is turned by a hand on its near side; radians."""
        angle = math.hypot(across, down)
        if angle == 0:
            return self
        x, y = across / angle, down / angle
        axis = _mix(((self.right, -y), (self.down, x)))
        return self._about(axis, angle)

    def rolled(self, angle: float) -> "Camera":
        """Turn the picture clockwise; radians."""
        return self._about(self.into, -angle)

    def _about(self, axis: PointLps, angle: float) -> "Camera":
        return _straight(_turned(self.right, axis, angle), _turned(self.down, axis, angle))


_L, _R = PointLps(1, 0, 0), PointLps(-1, 0, 0)
_P, _A = PointLps(0, 1, 0), PointLps(0, -1, 0)
_F = PointLps(0, 0, -1)

SIDES: Mapping[str, Camera] = MappingProxyType(
    {
        "A": Camera(_L, _F),
        "P": Camera(_R, _F),
        "L": Camera(_P, _F),
        "R": Camera(_A, _F),
        "H": Camera(_R, _P),
        "F": Camera(_L, _P),
    }
)
"""The six sides of a patient from which a volume is looked at, by the letter of the side."""


def _turned(vector: PointLps, axis: PointLps, angle: float) -> PointLps:
    """Rodrigues' rotation of a vector about a unit axis."""
    cos, sin = math.cos(angle), math.sin(angle)
    along = axis.dot(vector) * (1 - cos)
    return _mix(((vector, cos), (axis.cross(vector), sin), (axis, along)))


def _straight(right: PointLps, down: PointLps) -> Camera:
    """Perpendicular units again, so that no number of turns bends the view."""
    right = _unit(right)
    down = _unit(down.plus(right, -right.dot(down)))
    return Camera(right, down)


def _unit(vector: PointLps) -> PointLps:
    return _mix(((vector, 1 / vector.norm),))


def _mix(parts: tuple[tuple[PointLps, float], ...]) -> PointLps:
    total = PointLps(0.0, 0.0, 0.0)
    for vector, factor in parts:
        total = total.plus(vector, factor)
    return total
