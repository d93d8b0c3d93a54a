"""What geometry gives before it has a unit: a named number and what kind of number it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from viewer.model.geometry import PixelPoint, Spacing
from viewer.model.refs import Code

SQUARE_PIXELS = Spacing(1.0, 1.0)

Points = Sequence[PixelPoint]


class Dimension(StrEnum):
    """Which unit a quantity takes."""

    LENGTH = "length"
    AREA = "area"
    ANGLE = "angle"
    RATIO = "ratio"
    VOLUME = "volume"


class Metric(NamedTuple):
    """How pixels become distances.

    ``unit`` is in mm, or (1, 1) where lengths are in pixels; ``shape`` has the true proportion of
    a pixel (F38), so that angles and circles are true also where no unit is.
    """

    unit: Spacing
    shape: Spacing

    @property
    def aspect(self) -> float:
        """Height of a pixel over its width; 1 where no number tells them apart."""
        found = self.shape.row / self.shape.column
        return found if 0 < found < math.inf else 1.0


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of a shape; ``key`` tells it from the others of the same shape."""

    key: str
    name: Code
    value: float
    dimension: Dimension
