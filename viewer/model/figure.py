"""Which graphics of a structured report an annotation is: one answer for every exporter.

PS3.3 C.18.6.1.2 (SCOORD) and C.18.9.1.2 (SCOORD3D).
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.space_figure import space_figure

_SQUARE = 1e-9
"""By how much an aspect may differ from 1 where a circle is still one in pixels."""
_CLOSED = frozenset(
    {
        AnnotationKind.RECTANGLE,
        AnnotationKind.POLYGON,
        AnnotationKind.FREEHAND,
        AnnotationKind.LIVEWIRE,
    }
)
_PAIRS = frozenset({AnnotationKind.LINES_ANGLE, AnnotationKind.COBB, AnnotationKind.HEART})


class Graphic(StrEnum):
    """Graphic types of both SCOORD and SCOORD3D that are written here."""

    POINT = "POINT"
    MULTIPOINT = "MULTIPOINT"
    POLYLINE = "POLYLINE"
    POLYGON = "POLYGON"
    """In space alone; a POLYLINE that ends where it begins in an image."""
    CIRCLE = "CIRCLE"
    """In an image alone."""
    ELLIPSE = "ELLIPSE"
    ELLIPSOID = "ELLIPSOID"
    """In space alone."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One graphic: its points in the image and, where it has a type there, in the patient.

    What lies in space alone has no ``pixels``.

    ``number`` says which number of the annotation is inferred from it, counted from 0.
    """

    graphic: Graphic
    pixels: tuple[PixelPoint, ...]
    points: tuple[PointLps, ...] = ()
    number: int = 0

    @property
    def in_space(self) -> Graphic:
        """Its type among those of SCOORD3D."""
        closed = len(self.pixels) > 3 and self.pixels[0] == self.pixels[-1]
        return Graphic.POLYGON if self.graphic is Graphic.POLYLINE and closed else self.graphic


def figures(drawn: Annotation, aspect: float = 1.0) -> tuple[Figure, ...]:
    """The graphics of an annotation; together they hold each of its points.

    ``aspect`` is the height of a pixel by its width. What has no graphic type of its own is led by
    one that looks like it: a circle on pixels that are not square is an ellipse, one through three
    points a circle; a MULTIPOINT holds the points then.
    """
    placed = space_figure(drawn)
    if placed is not None:
        return (Figure(Graphic(placed.graphic.value), (), placed.points),)
    if drawn.points and len(drawn.points) != len(drawn.pixels):
        raise ValueError("an annotation has as many places in the patient as in its image")
    every = tuple(range(len(drawn.pixels)))
    if len(every) == 1:
        return (_of(drawn, Graphic.POINT, every),)
    if drawn.kind in _CLOSED:
        return (_of(drawn, Graphic.POLYLINE, (*every, 0)),)
    if drawn.kind in _PAIRS:
        return tuple(_of(drawn, Graphic.POLYLINE, pair) for pair in (every[:2], every[2:]))
    match drawn.kind:
        case AnnotationKind.BIDIRECTIONAL:
            long, short = _axes(drawn, aspect)
            return (
                _of(drawn, Graphic.POLYLINE, long),
                _of(drawn, Graphic.POLYLINE, short, number=1),
            )
        case AnnotationKind.ELLIPSE:
            long, short = _axes(drawn, aspect)
            return (_of(drawn, Graphic.ELLIPSE, (*long, *short)),)
        case AnnotationKind.PARALLEL:
            line = _of(drawn, Graphic.POLYLINE, every[:2])
            return line, _of(drawn, Graphic.POINT, every[2:])
        case AnnotationKind.CIRCLE | AnnotationKind.CIRCLE_3:
            return _circle(drawn, aspect)
    return (_of(drawn, Graphic.POLYLINE, every),)


def centre_and_edge(drawn: Annotation, aspect: float) -> tuple[PixelPoint, PixelPoint] | None:
    """The circle of an annotation that is one; None where three points lie on a line."""
    if drawn.kind is AnnotationKind.CIRCLE:
        return drawn.pixels[0], drawn.pixels[1]
    a, b, c = drawn.pixels
    sides = [_length(b, c, aspect), _length(c, a, aspect), _length(a, b, aspect)]
    squares = [side * side for side in sides]
    weights = [
        squares[n] * (squares[n - 1] + squares[n - 2] - squares[n]) for n in range(3)
    ]  # barycentric, of the circumcentre
    whole = sum(weights)
    if whole <= 1e-12 * max(squares) ** 2:
        return None
    column = sum(w * p.column for w, p in zip(weights, (a, b, c), strict=True)) / whole
    row = sum(w * p.row for w, p in zip(weights, (a, b, c), strict=True)) / whole
    return PixelPoint(column, row), a


def _of(drawn: Annotation, graphic: Graphic, order: tuple[int, ...], *, number: int = 0) -> Figure:
    places = tuple(drawn.points[n] for n in order) if drawn.points else ()
    return Figure(graphic, tuple(drawn.pixels[n] for n in order), places, number)


def _circle(drawn: Annotation, aspect: float) -> tuple[Figure, ...]:
    handles = Figure(Graphic.MULTIPOINT, drawn.pixels, drawn.points)
    found = centre_and_edge(drawn, aspect)
    if found is None:
        return (handles,)
    if abs(aspect - 1) <= _SQUARE:
        round_one = Figure(Graphic.CIRCLE, found)
        return (round_one,) if drawn.kind is AnnotationKind.CIRCLE else (round_one, handles)
    centre, across = found[0], _length(*found, aspect)
    down = across / aspect
    wide = (PixelPoint(centre.column - across, centre.row),
            PixelPoint(centre.column + across, centre.row))  # fmt: skip
    high = (PixelPoint(centre.column, centre.row - down),
            PixelPoint(centre.column, centre.row + down))  # fmt: skip
    pixels = (*wide, *high) if across >= down else (*high, *wide)
    return Figure(Graphic.ELLIPSE, pixels), handles


def _axes(drawn: Annotation, aspect: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The ends of the longer of two axes, then of the other: in the patient where it lies there."""
    if drawn.points:
        first, second = ((drawn.points[n + 1] - drawn.points[n]).norm for n in (0, 2))
    else:
        first, second = (_length(drawn.pixels[n], drawn.pixels[n + 1], aspect) for n in (0, 2))
    return ((0, 1), (2, 3)) if first >= second else ((2, 3), (0, 1))


def _length(a: PixelPoint, b: PixelPoint, aspect: float) -> float:
    """In widths of a pixel."""
    return math.hypot(b.column - a.column, (b.row - a.row) * aspect)
