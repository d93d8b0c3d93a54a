"""Draws annotations: every line with a dark halo, so that it is seen on black and on white."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from viewer.qt import colours
from viewer.qt.area import Area
from viewer.viewport.placing import Box, around, meets, place
from viewer.viewport.shapes import Shape
from viewer.viewport.transform import PanePoint

_HANDLE, _RING = 4.5, 1.4
_HELD = 6.0
_HEAD = 12.0
_SPREAD = math.radians(22)
_MARGIN = 8.0
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

    A shape of which nothing is in the pane is not drawn and has no label there.
    """
    rect = area.rect
    whole = Box(rect.left(), rect.top(), rect.right(), rect.bottom())
    laid = [one for one in (_Laid.out(shape, area) for shape in shapes) if one.shows_in(whole)]
    for one in laid:
        _paint_lines(painter, one, area)
    pane = Box(whole.left + _MARGIN, whole.top + _TOP, whole.right - _MARGIN, whole.bottom - _TOP)
    kept = list(taken)
    for one in sorted(laid, key=lambda each: not each.shape.selected):
        if one.shape.label:
            others = [other.box for other in laid if other is not one]
            kept.append(_paint_label(painter, one, pane, [*kept, *others]))


def _colour(shape: Shape) -> QColor:
    return colours.ACCENT if shape.selected or shape.drawing else colours.DRAWN


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
    _paint_handles(painter, points, QPen(colours.HALO, 2 * _RING))
    for pen, lines in ((QPen(colour, 1, Qt.PenStyle.DotLine), ties), (QPen(colour, bold), paths)):
        painter.setPen(pen)
        for line in lines:
            painter.drawPolyline(line)
    _paint_handles(painter, points, QPen(colour, _RING))
    if shape.held is not None and shape.held < len(points):
        at = points[shape.held]
        painter.drawRect(QRectF(at.x() - _HELD, at.y() - _HELD, 2 * _HELD, 2 * _HELD))


def _paint_handles(painter: QPainter, points: Sequence[QPointF], pen: QPen) -> None:
    """Rings, since the edge that is measured lies under them."""
    painter.setPen(pen)
    for p in points:
        painter.drawEllipse(p, _HANDLE, _HANDLE)


def _head(tip: QPointF, tail: QPointF) -> QPolygonF:
    """The two strokes of an arrow's head."""
    way = math.atan2(tail.y() - tip.y(), tail.x() - tip.x())
    ends = [
        QPointF(tip.x() + _HEAD * math.cos(way + by), tip.y() + _HEAD * math.sin(way + by))
        for by in (-_SPREAD, _SPREAD)
    ]
    return QPolygonF([ends[0], tip, ends[1]])


def _paint_label(painter: QPainter, one: _Laid, pane: Box, taken: Sequence[Box]) -> Box:
    lines = one.shape.label.split("\n")
    metrics = QFontMetricsF(painter.font())
    width = max(metrics.horizontalAdvance(line) for line in lines) + 8
    height = metrics.lineSpacing() * len(lines) + 4
    box = place(one.box, width, height, pane, taken)
    painter.fillRect(QRectF(box.left, box.top, width, height), colours.LABEL_BACKGROUND)
    colour = _colour(one.shape)
    plain = colours.IDENTITY if colour is colours.ACCENT else colour
    y = box.top + 2 + metrics.ascent()
    for line in lines:
        painter.setPen(colours.WARNING if line.startswith(("⚠", "  ")) else plain)
        painter.drawText(QPointF(box.left + 4, y), line)
        y += metrics.lineSpacing()
    return box
