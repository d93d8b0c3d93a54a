"""Draws annotations: every line with a dark halo, so that it is seen on black and on white."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from viewer.qt import colours
from viewer.qt.area import Area
from viewer.viewport.placing import Box, around, place
from viewer.viewport.shapes import Shape
from viewer.viewport.transform import PanePoint

_HANDLE = 3.5
_HELD = 6.0
_HEAD = 12.0
_SPREAD = math.radians(22)
_MARGIN = 8.0
_TOP = 20.0


def paint_shapes(
    painter: QPainter, shapes: Sequence[Shape], area: Area, taken: Sequence[Box] = ()
) -> None:
    """Draw all lines, then all labels, which keep off each other and off what is ``taken``.

    A shape of which nothing is in the pane has no label there.
    """
    for shape in shapes:
        _paint_lines(painter, shape, area)
    rect = area.rect
    pane = Box(
        rect.left() + _MARGIN, rect.top() + _TOP, rect.right() - _MARGIN, rect.bottom() - _TOP
    )
    boxes = {shape.id: _box(shape, area) for shape in shapes}
    kept = list(taken)
    for shape in sorted(shapes, key=lambda one: not one.selected):
        if shape.label and _meets(boxes[shape.id], pane):
            others = [box for name, box in boxes.items() if name != shape.id]
            own = boxes[shape.id]
            kept.append(_paint_label(painter, shape, own, pane, [*kept, *others]))


def _meets(box: Box, pane: Box) -> bool:
    """Whether a box, be it a single point, reaches into the pane."""
    across = box.left <= pane.right and box.right >= pane.left
    return across and box.top <= pane.bottom and box.bottom >= pane.top


def _box(shape: Shape, area: Area) -> Box:
    """The smallest box round everything that is drawn of a shape."""
    drawn = [area.point(p) for path in (*shape.paths, shape.points) for p in path]
    return around([PanePoint(p.x(), p.y()) for p in drawn])


def _colour(shape: Shape) -> QColor:
    return colours.ACCENT if shape.selected or shape.drawing else colours.DRAWN


def _paint_lines(painter: QPainter, shape: Shape, area: Area) -> None:
    colour = _colour(shape)
    paths = [QPolygonF([area.point(p) for p in path]) for path in shape.paths]
    if shape.arrow and len(shape.points) > 1:
        paths.append(_head(area.point(shape.points[0]), area.point(shape.points[1])))
    points = [area.point(p) for p in shape.points]
    for pen in (QPen(colours.HALO, 2.4), QPen(colour, 1, Qt.PenStyle.DotLine)):
        painter.setPen(pen)
        for tie in shape.ties:
            painter.drawPolyline(QPolygonF([area.point(p) for p in tie]))
    bold = 2.2 if shape.selected else 1.6
    for pen in (QPen(colours.HALO, bold + 2.4), QPen(colour, bold)):
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for path in paths:
            painter.drawPolyline(path)
        if shape.selected and pen.color() == colour:
            painter.setBrush(colour)
        for p in points:
            painter.drawEllipse(p, _HANDLE, _HANDLE)
        if shape.held is not None and shape.held < len(points):
            at = points[shape.held]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(at.x() - _HELD, at.y() - _HELD, 2 * _HELD, 2 * _HELD))


def _head(tip: QPointF, tail: QPointF) -> QPolygonF:
    """The two strokes of an arrow's head."""
    way = math.atan2(tail.y() - tip.y(), tail.x() - tip.x())
    ends = [
        QPointF(tip.x() + _HEAD * math.cos(way + by), tip.y() + _HEAD * math.sin(way + by))
        for by in (-_SPREAD, _SPREAD)
    ]
    return QPolygonF([ends[0], tip, ends[1]])


def _paint_label(painter: QPainter, shape: Shape, own: Box, pane: Box, taken: Sequence[Box]) -> Box:
    lines = shape.label.split("\n")
    metrics = QFontMetricsF(painter.font())
    width = max(metrics.horizontalAdvance(line) for line in lines) + 8
    height = metrics.lineSpacing() * len(lines) + 4
    box = place(own, width, height, pane, taken)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.LABEL_BACKGROUND)
    painter.drawRoundedRect(QRectF(box.left, box.top, width, height), 3, 3)
    colour = _colour(shape)
    plain = colours.IDENTITY if colour is colours.ACCENT else colour
    y = box.top + 2 + metrics.ascent()
    for line in lines:
        painter.setPen(colours.WARNING if line.startswith("⚠") else plain)
        painter.drawText(QPointF(box.left + 4, y), line)
        y += metrics.lineSpacing()
    return box
