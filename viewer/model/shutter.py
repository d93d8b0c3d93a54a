"""Display shutters, wherever they were read from (PS3.3 C.7.6.11, C.7.6.15).

Rows and columns count from 1: the centre of the first pixel is (1, 1).
"""

from dataclasses import dataclass
from typing import NamedTuple

from viewer.model.overlay_plane import OverlayBitmap

WHITE_P = 0xFFFF


class Rectangle(NamedTuple):
    """The outermost columns and rows that stay visible."""

    left: int
    right: int
    upper: int
    lower: int


class Circle(NamedTuple):
    """Visible up to ``radius`` (in pixel widths) from its centre."""

    row: int
    column: int
    radius: int


class Vertex(NamedTuple):
    """A corner of a polygon, inside and edges of which stay visible."""

    row: int
    column: int


class Lab(NamedTuple):
    """A colour in CIELab (D50): lightness 0 to 100, a and b around 0."""

    lightness: float
    a: float
    b: float


@dataclass(frozen=True, slots=True)
class Shutter:
    """Parts of an image that are hidden; with several shapes only what all of them show stays."""

    rectangle: Rectangle | None = None
    circle: Circle | None = None
    polygon: tuple[Vertex, ...] = ()
    bitmap: OverlayBitmap | None = None
    """Where its bits are 1 the image is hidden."""
    bitmap_group: int | None = None
    """The overlay of the same object that is the bitmap, as long as its bits are not read."""
    p_value: int = 0
    """What hidden pixels show: 0 black to 65535 white, whatever the window and polarity."""
    colour: Lab | None = None
    """What they show on a colour picture; None takes the grey of ``p_value``."""

    def __post_init__(self) -> None:
        """Refuse a shutter that hides nothing by any rule, or by none that can be applied."""
        shapes = (self.rectangle, self.circle, self.polygon or None, self.bitmap)
        if all(shape is None for shape in shapes) and self.bitmap_group is None:
            raise ValueError("a shutter needs a shape")
        if self.polygon and len(self.polygon) < 3:
            raise ValueError("a polygon has at least three corners")
        if not 0 <= self.p_value <= WHITE_P:
            raise ValueError("a P-value lies between 0 and 65535")
