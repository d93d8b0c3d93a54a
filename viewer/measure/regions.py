"""Closed shapes in image index space: which pixels belong to them, and their analytic size."""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from viewer.errors import GeometryError
from viewer.measure import codes
from viewer.measure.crossings import polygon_area
from viewer.measure.linear import path_length, pixel_length, squared_pulls
from viewer.measure.quantity import Dimension, Metric, Points, Quantity
from viewer.model.geometry import PixelPoint

Spans = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
_FEW_SPANS = 8
"""Spans a row up to which each is filled by itself."""
ON = 1e-9
"""Pixels within which a centre counts as lying on the outline."""


class Members(NamedTuple):
    """Pixels of a shape: a mask whose first pixel is (``top``, ``left``) of the image."""

    top: int
    left: int
    mask: NDArray[np.bool_]


class Region(Protocol):
    """A closed shape."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, in pixels."""
        ...

    def spans(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
        """Rows of the given ones, first column and last column (floats rounded inwards)."""
        ...


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Centre and two conjugate half axes, in pixels: all places c + s·u + t·v with s² + t² ≤ 1."""

    centre: PixelPoint
    u: tuple[float, float]
    v: tuple[float, float]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, in pixels."""
        wide, high = math.hypot(self.u[0], self.v[0]), math.hypot(self.u[1], self.v[1])
        c = self.centre
        return c.column - wide, c.row - high, c.column + wide, c.row + high

    @property
    def area(self) -> float:
        """Square pixels: pi times the product of the half axes (F48)."""
        return math.pi * abs(self.u[0] * self.v[1] - self.u[1] * self.v[0])

    def spans(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
        """Cut each row with the ellipse."""
        high = self.u[1] ** 2 + self.v[1] ** 2
        lean = self.u[0] * self.u[1] + self.v[0] * self.v[1]
        down = rows - self.centre.row
        rest = np.maximum(high + 2 * ON * math.sqrt(high) - down**2, 0.0)
        half = self.area / math.pi * np.sqrt(rest) / high
        middle = self.centre.column + lean / high * down
        touched = np.abs(down) <= math.sqrt(high) + ON
        return _rounded(rows[touched], (middle - half)[touched], (middle + half)[touched])


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed line from point to point; even-odd where it crosses itself."""

    points: tuple[PixelPoint, ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom, in pixels."""
        columns, rows = [p.column for p in self.points], [p.row for p in self.points]
        return min(columns), min(rows), max(columns), max(rows)

    def spans(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
        """Cut each row with the polygon, closed: what lies just above and below a row counts."""
        both = np.array(self.points, dtype=np.float64)
        level = np.rint(both[:, 1])
        both[:, 1] = np.where(np.abs(both[:, 1] - level) <= ON, level, both[:, 1])
        edges = _Edges(both, np.roll(both, -1, axis=0))
        parts = [edges.cut(rows, below=True), edges.cut(rows, below=False), edges.flat(rows)]
        on = np.concatenate([part[0] for part in parts])
        return _rounded(on, *(np.concatenate([p[i] for p in parts]) for i in (1, 2)))


class _Edges:
    """The edges of a polygon."""

    def __init__(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> None:
        self._a, self._b = a, b

    def cut(self, rows: NDArray[np.int64], *, below: bool) -> tuple[NDArray[np.float64], ...]:
        """Intervals of the inside just below (or above) each row."""
        x, y = self._a.T
        x2, y2 = self._b.T
        low, high = np.minimum(y, y2), np.maximum(y, y2)
        side: Literal["left", "right"] = "left" if below else "right"
        first, end = np.searchsorted(rows, low, side), np.searchsorted(rows, high, side)
        count = end - first
        edge = np.repeat(np.arange(x.size), count)
        at = np.arange(edge.size) - np.repeat(np.cumsum(count) - count, count) + first[edge]
        row = rows[at]
        part = (row - y[edge]) / (y2[edge] - y[edge])
        column = x[edge] + part * (x2[edge] - x[edge])
        order = np.lexsort((column, row))
        row, column = row[order], column[order]
        return row[::2].astype(np.float64), column[::2], column[1::2]

    def flat(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
        """Edges and corners that lie on a row."""
        level = (self._a[:, 1] == self._b[:, 1]) & np.isin(self._a[:, 1], rows)
        a, b = self._a[level], self._b[level]
        return a[:, 1], np.minimum(a[:, 0], b[:, 0]), np.maximum(a[:, 0], b[:, 0])


def members(region: Region, rows: int, columns: int) -> Members:
    """The pixels whose centre lies inside the shape or on its outline (F47), within an image."""
    left, top, right, bottom = region.box
    first, last = max(math.ceil(top - ON), 0), min(math.floor(bottom + ON), rows - 1)
    west, east = max(math.ceil(left - ON), 0), min(math.floor(right + ON), columns - 1)
    if first > last or west > east:
        return Members(0, 0, np.zeros((0, 0), np.bool_))
    row, start, end = region.spans(np.arange(first, last + 1))
    start, end = np.maximum(start, west) - west, np.minimum(end, east) - west
    kept = start <= end
    spans = row[kept] - first, start[kept], end[kept] + 1
    return Members(first, west, _filled_spans(spans, last - first + 1, east - west + 1))


def _filled_spans(spans: Spans, rows: int, columns: int) -> NDArray[np.bool_]:
    """A mask of rows, and first and end columns; spans of a row may overlap."""
    row, start, end = spans
    if row.size <= _FEW_SPANS * rows:
        mask = np.zeros((rows, columns), np.bool_)
        for at, left, right in zip(row.tolist(), start.tolist(), end.tolist(), strict=True):
            mask[at, left:right] = True
        return mask
    steps = np.zeros((rows, columns + 1), np.int16)
    flat, line = steps.reshape(-1), row * (columns + 1)
    np.add.at(flat, line + start, np.int16(1))  # flat and of one type numpy is far faster
    np.add.at(flat, line + end, np.int16(-1))
    np.cumsum(steps, axis=1, dtype=np.int16, out=steps)
    return steps[:, :-1] > 0


def whole_inside(region: Region, rows: int, columns: int) -> bool:
    """Whether the shape lies within the edges of an image."""
    left, top, right, bottom = region.box
    half = 0.5 + ON
    return left >= -half and top >= -half and right <= columns - 1 + half and (
        bottom <= rows - 1 + half
    )  # fmt: skip


# -- what each kind is, and what it gives --------------------------------------------------------


def polygon(points: Points, _metric: Metric) -> Polygon:
    """The shape of a rectangle, a polygon, a free outline."""
    return Polygon(tuple(points))


def axes_ellipse(points: Points, _metric: Metric) -> Ellipse:
    """The ellipse through the ends of its two axes."""
    a, b, c, d = points
    middle = PixelPoint(
        (a.column + b.column + c.column + d.column) / 4, (a.row + b.row + c.row + d.row) / 4
    )
    return _filled(Ellipse(middle, _half(a, b), _half(c, d)))


def circle(points: Points, metric: Metric) -> Ellipse:
    """The circle round the first point through the second, round in the patient."""
    return _round(points[0], pixel_length(points[0], points[1], metric.shape), metric)


def circle_3(points: Points, metric: Metric) -> Ellipse:
    """The circle through three points; GeometryError where they lie on one line."""
    shape = metric.shape
    (ax, ay), (bx, by), (cx, cy) = ((p.column * shape.column, p.row * shape.row) for p in points)
    bx, by, cx, cy = bx - ax, by - ay, cx - ax, cy - ay
    d = 2 * (bx * cy - by * cx)
    if abs(d) <= ON * max(bx * bx + by * by, cx * cx + cy * cy):
        raise GeometryError("The three places lie on one line; no circle goes through them.")
    b, c = bx * bx + by * by, cx * cx + cy * cy
    x, y = (cy * b - by * c) / d, (bx * c - cx * b) / d
    middle = PixelPoint((ax + x) / shape.column, (ay + y) / shape.row)
    return _round(middle, math.hypot(x, y), metric)


def rectangle_size(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """Area, then the two sides."""
    sides = (pixel_length(points[0], points[1], metric.unit),
             pixel_length(points[1], points[2], metric.unit))  # fmt: skip
    return (
        *polygon_size(points, metric),
        Quantity("width", codes.WIDTH, sides[0], Dimension.LENGTH),
        Quantity("height", codes.HEIGHT, sides[1], Dimension.LENGTH),
    )


def polygon_size(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """Area by Gauss's formula, even-odd where the outline crosses itself, and perimeter."""
    area, _ = polygon_area(points)
    around = path_length((*points, points[0]), metric.unit)
    return (
        _area(area, metric),
        Quantity("perimeter", codes.PERIMETER, around, Dimension.LENGTH),
    )


def polygon_slopes(points: Points, metric: Metric) -> dict[str, float]:
    """How area and perimeter answer to the points: squared slopes by every coordinate, summed.

    Of an outline that crosses itself the most that the area can answer.
    """
    places = np.asarray(points, np.float64)
    on, back = np.roll(places, -1, axis=0) - places, places - np.roll(places, 1, axis=0)
    by = np.abs(on) + np.abs(back) if polygon_area(points)[1] else on + back
    unit = metric.unit.row * metric.unit.column
    around = squared_pulls((*points, points[0]), metric.unit, closed=True)
    return {"": float(np.sum((by / 2 * unit) ** 2)), "perimeter": around}


def ellipse_size(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """Area and the two axes, the longer one first."""
    axes = [path_length(points[:2], metric.unit), path_length(points[2:], metric.unit)]
    return (
        _area(axes_ellipse(points, metric).area, metric),
        Quantity("long", codes.LONG_AXIS, max(axes), Dimension.LENGTH),
        Quantity("short", codes.SHORT_AXIS, min(axes), Dimension.LENGTH),
    )


def circle_size(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """Area and diameter of a circle by centre and edge."""
    return _circle_size(circle(points, metric), metric)


def circle_3_size(points: Points, metric: Metric) -> tuple[Quantity, ...]:
    """Area and diameter of a circle through three points."""
    return _circle_size(circle_3(points, metric), metric)


def _circle_size(found: Ellipse, metric: Metric) -> tuple[Quantity, ...]:
    across = 2 * math.sqrt(found.area / math.pi * metric.unit.row * metric.unit.column)
    return (
        _area(found.area, metric),
        Quantity("diameter", codes.DIAMETER, across, Dimension.LENGTH),
    )


def _area(pixels: float, metric: Metric) -> Quantity:
    value = pixels * metric.unit.row * metric.unit.column
    return Quantity("", codes.AREA, value, Dimension.AREA)


def _round(middle: PixelPoint, radius: float, metric: Metric) -> Ellipse:
    shape = metric.shape
    return _filled(Ellipse(middle, (radius / shape.column, 0.0), (0.0, radius / shape.row)))


def _filled(found: Ellipse) -> Ellipse:
    if found.area == 0:
        raise GeometryError("The shape has no area.")
    return found


def _half(a: PixelPoint, b: PixelPoint) -> tuple[float, float]:
    return (b.column - a.column) / 2, (b.row - a.row) / 2


def _rounded(
    rows: NDArray[np.float64] | NDArray[np.int64],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
) -> tuple[NDArray[np.int64], ...]:
    return (
        rows.astype(np.int64),
        np.ceil(start - ON).astype(np.int64),
        np.floor(end + ON).astype(np.int64),
    )
