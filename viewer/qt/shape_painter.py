"""Draws annotations: every line with a dark halo, so that it is seen on black and on white."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from viewer.qt import colours
from viewer.qt.area import Area
from viewer.qt.layers import Piece, piece
from viewer.viewport.placing import Box, Room, around, meets
from viewer.viewport.shapes import Shape
from viewer.viewport.transform import PanePoint

_HANDLE, _RING = 4.5, 1.4
_CLEAR, _SMALLEST = 0.3, 2.0
"""Rings take this share of the way to the next point; there is none smaller than that."""
_HELD = 6.0
_HEAD = 12.0
_SPREAD = math.radians(22)
_MARGIN = 8.0
FEW = 24
"""Shapes of one image beyond which they are kept as one picture."""
_ROUGH = 24.0
_ROUND = 6.0
"""How far a handle or a line takes room around itself: a level line has a box of no height."""
_EDGE = 16.0
"""How far lines, handles and heads of arrows reach beyond the points of a shape."""
_TOP = 20.0


@dataclass(frozen=True, slots=True)
class _Laid:
    """A shape in logical pixels of the pane's widget."""

    shape: Shape
    paths: tuple[tuple[PanePoint, ...], ...]
    points: tuple[PanePoint, ...]
    box: Box

    @classmethod
    def out(cls, shape: Shape, area: Area) -> "_Laid":
        """Lay a shape out in a pane."""
        left, top, ratio = area.rect.x(), area.rect.y(), area.ratio

        def logical(path: Sequence[PanePoint]) -> tuple[PanePoint, ...]:
            return tuple(PanePoint(left + p.x / ratio, top + p.y / ratio) for p in path)

        paths, points = tuple(map(logical, shape.paths)), logical(shape.points)
        return cls(shape, paths, points, around([p for path in (*paths, points) for p in path]))

    def shows_in(self, pane: Box) -> bool:
        """Whether anything of it is there."""
        return any(meets(path, pane) for path in self.paths) or any(
            meets([p], pane) for p in self.points
        )


def paint_shapes(
    painter: QPainter, shapes: Sequence[Shape], area: Area, taken: Sequence[Box] = ()
) -> None:
    """Draw all lines, then all labels, which keep off each other and off what is ``taken``.

    A shape of which nothing is in the pane is not drawn and has no label there. What is neither
    chosen nor being drawn is kept as pictures once it is drawn a second time: each shape its own,
    or many as one at once.
    """
    still = [one for one in shapes if not (one.selected or one.drawing)]
    few = len(shapes) <= FEW
    if not area.stamps.on_screen or (few and len(still) < len(shapes)):
        _paint(painter, _laid(shapes, area), area, taken)
        return
    live = [one for one in shapes if one.selected or one.drawing]
    at_rest = [_grown(one.box) for one in _laid(live, area) if not one.shape.drawing]
    kept_off = (*map(_rough, taken), *at_rest)
    layers, key = area.stamps.layers, (area.stamps.look, area.room, kept_off)
    layer = layers.find(still, key)
    if layer is None and few and layers.is_new(still, key):
        _paint(painter, _laid(still, area), area, kept_off)
        return
    if layer is None:
        pieces, boxes = (_each if few else _as_one)(painter, _laid(still, area), area, kept_off)
        layer = layers.keep(still, key, pieces, boxes)
    layer.put(painter)
    if live:
        _paint(painter, _laid(live, area), area, layer.boxes)


def _grown(box: Box) -> Box:
    by = _ROUND
    return Box(box.left - by, box.top - by, box.right + by, box.bottom + by)


def _rough(box: Box) -> Box:
    """A box that is no smaller, and stays the same where a word in it gets a little longer."""
    return Box(
        math.floor(box.left / _ROUGH) * _ROUGH,
        box.top,
        math.ceil(box.right / _ROUGH) * _ROUGH,
        box.bottom,
    )


def _laid(shapes: Sequence[Shape], area: Area) -> list[_Laid]:
    rect = area.rect
    whole = Box(rect.left(), rect.top(), rect.right(), rect.bottom())
    return [one for one in (_Laid.out(shape, area) for shape in shapes) if one.shows_in(whole)]


def _paint(painter: QPainter, laid: Sequence[_Laid], area: Area, taken: Sequence[Box]) -> list[Box]:
    """Draw all lines, then all labels; give what of the pane is taken then."""
    for one in laid:
        _paint_lines(painter, one, area)
    boxes, labels = _placed(painter, laid, area, taken)
    for one, box in labels:
        _paint_label(painter, one, box)
    return boxes


def _as_one(
    painter: QPainter, laid: Sequence[_Laid], area: Area, taken: Sequence[Box]
) -> tuple[list[Piece], list[Box]]:
    """One picture of the whole pane."""
    boxes: list[Box] = []
    whole = piece(
        area.rect, area.grid, painter, lambda on: boxes.extend(_paint(on, laid, area, taken))
    )
    return [whole], boxes


def _each(
    painter: QPainter, laid: Sequence[_Laid], area: Area, taken: Sequence[Box]
) -> tuple[list[Piece], list[Box]]:
    """A picture of each shape, then of each label."""

    def lines_of(one: _Laid) -> Piece:
        edge = _EDGE
        room = QRectF(QPointF(*one.box[:2]), QPointF(*one.box[2:])).adjusted(
            -edge, -edge, edge, edge
        )
        shown = room.intersected(area.rect)
        return piece(shown, area.grid, painter, lambda on: _paint_lines(on, one, area))

    def words_of(one: _Laid, box: Box) -> Piece:
        room = QRectF(QPointF(*box[:2]), QPointF(*box[2:]))
        return piece(room, area.grid, painter, lambda on: _paint_label(on, one, box))

    boxes, labels = _placed(painter, laid, area, taken)
    return [*map(lines_of, laid), *(words_of(*label) for label in labels)], boxes


def _placed(
    painter: QPainter, laid: Sequence[_Laid], area: Area, taken: Sequence[Box]
) -> tuple[list[Box], list[tuple[_Laid, Box]]]:
    """What is taken of the pane with all labels in it, and where each label stands."""
    rect = area.rect.adjusted(_MARGIN, _TOP, -_MARGIN, -_TOP)
    boxes = [*taken, *(_grown(one.box) for one in laid)]
    room = Room(Box(rect.left(), rect.top(), rect.right(), rect.bottom()), boxes)
    metrics = QFontMetricsF(painter.font())
    labels = []
    for one in sorted(laid, key=lambda each: not each.shape.selected):
        if one.shape.label:
            lines = one.shape.label.split("\n")
            width = max(metrics.horizontalAdvance(line) for line in lines) + 8
            height = metrics.lineSpacing() * len(lines) + 4
            labels.append((one, room.place(one.box, width, height)))
    return [*boxes, *(box for _, box in labels)], labels


def _colour(shape: Shape) -> QColor:
    if shape.selected or shape.drawing:
        return colours.ACCENT
    return colours.FOREIGN if shape.foreign else colours.DRAWN


def _paint_lines(painter: QPainter, one: _Laid, area: Area) -> None:
    shape, colour = one.shape, _colour(one.shape)
    points = [QPointF(*p) for p in one.points]
    paths = [QPolygonF([QPointF(*p) for p in path]) for path in one.paths]
    if shape.arrow and len(points) > 1:
        paths.append(_head(points[0], points[1]))
    ties = [QPolygonF([area.point(p) for p in tie]) for tie in shape.ties]
    bold = 2.2 if shape.selected else 1.6
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for width, lines in ((2.4, ties), (bold + 2.4, paths)):
        painter.setPen(QPen(colours.HALO, width))
        for line in lines:
            painter.drawPolyline(line)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    radius = _radius(points)
    _paint_handles(painter, points, radius, QPen(colours.HALO, 2 * _RING))
    style = Qt.PenStyle.DashLine if shape.foreign else Qt.PenStyle.SolidLine
    drawn = QPen(colour, bold, style)
    for pen, lines in ((QPen(colour, 1, Qt.PenStyle.DotLine), ties), (drawn, paths)):
        painter.setPen(pen)
        for line in lines:
            painter.drawPolyline(line)
    _paint_handles(painter, points, radius, QPen(colour, _RING, style))
    if shape.held is not None and shape.held < len(points):
        at = points[shape.held]
        painter.drawRect(QRectF(at.x() - _HELD, at.y() - _HELD, 2 * _HELD, 2 * _HELD))


def _radius(points: Sequence[QPointF]) -> float:
    """Of the rings: smaller where points are so near that a ring would cover another's end.

    0 where no ring leaves the ends of a line free; the points of a line just begun are one.
    """
    gaps = [math.hypot(a.x() - b.x(), a.y() - b.y()) for a, b in pairwise(points)]
    radius = min((gap for gap in gaps if gap >= 1), default=math.inf) * _CLEAR
    return 0.0 if radius < _SMALLEST else min(radius, _HANDLE)


def _paint_handles(painter: QPainter, points: Sequence[QPointF], radius: float, pen: QPen) -> None:
    """Rings, since the edge that is measured lies under them."""
    painter.setPen(pen)
    for p in points if radius else ():
        painter.drawEllipse(p, radius, radius)


def _head(tip: QPointF, tail: QPointF) -> QPolygonF:
    """The two strokes of an arrow's head."""
    way = math.atan2(tail.y() - tip.y(), tail.x() - tip.x())
    ends = [
        QPointF(tip.x() + _HEAD * math.cos(way + by), tip.y() + _HEAD * math.sin(way + by))
        for by in (-_SPREAD, _SPREAD)
    ]
    return QPolygonF([ends[0], tip, ends[1]])


def _paint_label(painter: QPainter, one: _Laid, box: Box) -> None:
    metrics = QFontMetricsF(painter.font())
    room = QRectF(QPointF(box.left, box.top), QPointF(box.right, box.bottom))
    painter.fillRect(room, colours.LABEL_BACKGROUND)
    colour = _colour(one.shape)
    plain = colours.IDENTITY if colour is colours.ACCENT else colour
    y = box.top + 2 + metrics.ascent()
    for line in one.shape.label.split("\n"):
        painter.setPen(colours.WARNING if line.startswith(("⚠", "  ")) else plain)
        painter.drawText(QPointF(box.left + 4, y), line)
        y += metrics.lineSpacing()
