"""The one mapping between image pixels and device pixels of a pane: drawing, tools and overlay."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from viewer.model.geometry import PixelPoint
from viewer.model.presentation import Area, ImageEdge, Offset, Presentation


class PanePoint(NamedTuple):
    """A place in a pane, in DEVICE pixels from its upper left corner; pixel centres lie at .5."""

    x: float
    y: float


class PaneSize(NamedTuple):
    """Width and height of a pane in device pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PaneTransform:
    """Affine map from image to pane.

    ``rows`` and ``columns`` are the image's; ``aspect`` is the height of a pixel over its width
    (row spacing / column spacing, F38). Image edges lie half a pixel beyond the centres of the
    outer pixels, so a zoom of 1 maps an image pixel onto exactly one device pixel.
    """

    rows: int
    columns: int
    aspect: float
    pane: PaneSize
    zoom: float
    """Device pixels per image column."""
    offset_x: float
    offset_y: float
    quarter_turns: int
    flip_horizontal: bool

    @classmethod
    def of(
        cls, rows: int, columns: int, aspect: float, pane: PaneSize, look: Presentation
    ) -> "PaneTransform":
        """Resolve a presentation: without a zoom its area, or the whole image, fits the pane."""
        area = look.area or Area(0.0, 0.0, float(columns), float(rows))
        aspect = look.aspect or aspect
        zoom = look.zoom
        if zoom is None:
            height, width = area.bottom - area.top, area.right - area.left
            zoom = fit_zoom(height, width, aspect, pane, look.quarter_turns)
        turns, x, y = look.quarter_turns % 4, look.offset.x, look.offset.y
        made = cls(rows, columns, aspect, pane, zoom, x, y, turns, look.flip_horizontal)
        if look.area is not None:
            a, b, c, d = made.matrix()
            u, v = (area.left + area.right - columns) / 2, (area.top + area.bottom - rows) / 2
            made = replace(made, offset_x=x - a * u - b * v, offset_y=y - c * u - d * v)
        return made if look.edge is None else made.against(look.edge, look.offset)

    def against(self, edge: ImageEdge, offset: Offset) -> "PaneTransform":
        """Lay an edge of the image on the edge of the pane that it faces, moved by ``offset``."""
        a, b, c, d = self.matrix()
        along_columns = edge in {ImageEdge.LEFT, ImageEdge.RIGHT}
        x, y = (a, c) if along_columns else (b, d)
        outward = 1 if edge in {ImageEdge.RIGHT, ImageEdge.BOTTOM} else -1
        width, height = self._extent()
        if abs(x) > abs(y):
            room = (self.pane.width - width) / 2 * math.copysign(1, x * outward)
            return replace(self, offset_x=offset.x + room)
        room = (self.pane.height - height) / 2 * math.copysign(1, y * outward)
        return replace(self, offset_y=offset.y + room)

    def matrix(self) -> tuple[float, float, float, float]:
        """Device pixels per image column and row: (dx/dcol, dx/drow, dy/dcol, dy/drow)."""
        a, b, c, d = self.zoom, 0.0, 0.0, self.zoom * self.aspect
        if self.flip_horizontal:
            a = -a
        for _ in range(self.quarter_turns):  # one turn clockwise: (x, y) -> (-y, x)
            a, b, c, d = -c, -d, a, b
        return a, b, c, d

    def to_pane(self, p: PixelPoint) -> PanePoint:
        """Where an image point lies in the pane."""
        a, b, c, d = self.matrix()
        u = p.column - (self.columns - 1) / 2
        v = p.row - (self.rows - 1) / 2
        x = self._centre_x() + a * u + b * v
        y = self._centre_y() + c * u + d * v
        return PanePoint(x, y)

    def all_to_pane(self, points: Iterable[PixelPoint]) -> tuple[PanePoint, ...]:
        """Where many image points lie in the pane, as ``to_pane`` says of each."""
        a, b, c, d = self.matrix()
        across, down = (self.columns - 1) / 2, (self.rows - 1) / 2
        x, y = self._centre_x(), self._centre_y()
        found = []
        for column, row in points:
            u, v = column - across, row - down
            found.append(PanePoint(x + a * u + b * v, y + c * u + d * v))
        return tuple(found)

    def to_pixel(self, p: PanePoint) -> PixelPoint:
        """Give the image point under a place of the pane."""
        a, b, c, d = self.matrix()
        det = a * d - b * c
        x = p.x - self._centre_x()
        y = p.y - self._centre_y()
        u = (d * x - b * y) / det
        v = (-c * x + a * y) / det
        return PixelPoint(u + (self.columns - 1) / 2, v + (self.rows - 1) / 2)

    def _centre_x(self) -> float:
        return self._snapped(self.pane.width / 2 + self.offset_x, self._extent()[0])

    def _centre_y(self) -> float:
        return self._snapped(self.pane.height / 2 + self.offset_y, self._extent()[1])

    def _extent(self) -> tuple[float, float]:
        width, height = self.columns * self.zoom, self.rows * self.zoom * self.aspect
        return (height, width) if self.quarter_turns % 2 else (width, height)

    def _snapped(self, centre: float, extent: float) -> float:
        """At 1:1 put pixel edges on device pixel edges (F53)."""
        if self.zoom != 1.0 or self.aspect != 1.0:
            return centre
        return math.floor(centre - extent / 2 + 0.5) + extent / 2


def fit_zoom(
    rows: float, columns: float, aspect: float, pane: PaneSize, quarter_turns: int
) -> float:
    """Give the largest zoom at which so many rows and columns are visible; at least 1/64."""
    width, height = columns, rows * aspect
    if quarter_turns % 2:
        width, height = height, width
    return max(min(pane.width / width, pane.height / height), 1 / 64)
