"""Draws the graphics of a presentation state above the picture."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from viewer.model.presentation_state import Justification
from viewer.qt import colours
from viewer.qt.area import Area
from viewer.viewport.graphics import Caption, Colour, Graphic, Stroke

_DOT = 3.0
_BESIDE = 8.0
"""From an anchor to the text that has no box."""


def paint_graphics(painter: QPainter, graphics: Sequence[Graphic], area: Area) -> None:
    """Draw in the order given; whatever lies outside the pane is cut off by it."""
    if not graphics:
        return
    painter.save()
    painter.setClipRect(area.rect)
    for graphic in graphics:
        if isinstance(graphic, Stroke):
            _paint_stroke(painter, graphic, area)
        else:
            _paint_caption(painter, graphic, area)
    painter.restore()


def _colour(colour: Colour | None) -> QColor:
    return colours.DRAWN if colour is None else QColor(*colour)


def _paint_stroke(painter: QPainter, stroke: Stroke, area: Area) -> None:
    points = [area.point(p) for p in stroke.points]
    colour = _colour(stroke.colour)
    if stroke.filled:
        inside = QColor(colour)
        inside.setAlpha(90)  # what lies below a filled shape stays readable
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(inside)
        painter.drawPolygon(QPolygonF(points))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(colours.HALO, 3), QPen(colour, 1.4)):
        painter.setPen(pen)
        if len(points) == 1:
            painter.drawEllipse(points[0], _DOT, _DOT)
        elif stroke.closed:
            painter.drawPolygon(QPolygonF(points))
        else:
            painter.drawPolyline(QPolygonF(points))


def _paint_caption(painter: QPainter, caption: Caption, area: Area) -> None:
    metrics = QFontMetricsF(painter.font())
    at, room, colour = area.point(caption.at), caption.width / area.ratio, _colour(caption.colour)
    if not room:
        at = QPointF(at.x() + _BESIDE, at.y() - metrics.height() / 2)
    if caption.leader is not None:
        line = [area.point(p) for p in caption.leader]
        for pen in (QPen(colours.HALO, 3), QPen(colour, 1.0)):
            painter.setPen(pen)
            painter.drawLine(line[0], line[1])
    y = at.y() + metrics.ascent()
    for text in caption.text.split("\n"):
        spare = room - metrics.horizontalAdvance(text)
        x = at.x() + _shift(caption.justification, spare)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.setPen(colours.HALO)
            painter.drawText(QPointF(x + dx, y + dy), text)
        painter.setPen(colour)
        painter.drawText(QPointF(x, y), text)
        y += metrics.lineSpacing()


def _shift(justification: Justification, spare: float) -> float:
    """How far a line begins from the left edge of its box; a longer line begins at the edge."""
    if spare <= 0 or justification is Justification.LEFT:
        return 0.0
    return spare if justification is Justification.RIGHT else spare / 2
