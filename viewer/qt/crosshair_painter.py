"""Draws where planes cut a picture: a colour and a word for each, the place itself left free."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from viewer.qt import colours
from viewer.qt.area import Area
from viewer.viewport.cross_lines import WORDS, CrossLine
from viewer.viewport.planes import PlaneName

PLANE_COLOURS = {
    PlaneName.AXIAL: colours.PLANE_AXIAL,
    PlaneName.CORONAL: colours.PLANE_CORONAL,
    PlaneName.SAGITTAL: colours.PLANE_SAGITTAL,
}
_GRIP = 4.5
_AWAY = 6.0
_BAR = 2.0
TAG_AT = (0.4, 0.6)
"""Where the word of a pane's own plane may stand at its upper edge, in parts of the width."""


def paint_crosshair(painter: QPainter, lines: Sequence[CrossLine], area: Area) -> None:
    """Draw the lines with their grips, slab faces and words."""
    for line in lines:
        colour = PLANE_COLOURS[line.of]
        _paint_faces(painter, line, colour, area)
        parts = [QLineF(area.point(a), area.point(b)) for a, b in line.parts]
        for pen in (QPen(colours.HALO, 3), QPen(colour, 1.2)):
            painter.setPen(pen)
            painter.drawLines(parts)
        painter.setBrush(colours.LABEL_BACKGROUND)
        painter.setPen(QPen(colour, 1.6))
        for grip in line.grips:
            painter.drawEllipse(area.point(grip), _GRIP, _GRIP)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if line.word:
            _paint_word(painter, line, colour, area)


def paint_plane(
    painter: QPainter, plane: PlaneName, area: Area, place: Callable[[float], QPointF]
) -> None:
    """Mark a pane as the plane whose line has this colour and word in the other panes.

    ``place`` gives the middle of the upper edge of a tag so wide, clear of the texts.
    """
    colour, rect = PLANE_COLOURS[plane], area.rect
    painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), _BAR), colour)
    metrics = QFontMetricsF(painter.font())
    width = metrics.horizontalAdvance(WORDS[plane])
    at = place(width + 12)
    left, top = at.x() - width / 2, at.y()
    box = QRectF(left - 6, top, width + 12, metrics.height() + _BAR)
    painter.fillRect(box, colour)
    painter.setPen(colours.IMAGE_BACKGROUND)
    painter.drawText(QPointF(left, top + metrics.ascent() + _BAR / 2), WORDS[plane])


def _paint_faces(painter: QPainter, line: CrossLine, colour: QColor, area: Area) -> None:
    pen = QPen(colour, 1)
    pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    for a, b in line.faces:
        painter.drawLine(area.point(a), area.point(b))


def _paint_word(painter: QPainter, line: CrossLine, colour: QColor, area: Area) -> None:
    """Beside the line, inside the pane."""
    metrics = QFontMetricsF(painter.font())
    width, at = metrics.horizontalAdvance(line.word), area.point(line.word_at)
    room = area.rect.adjusted(_AWAY, _AWAY, -_AWAY, -_AWAY)
    x = min(max(at.x() + _AWAY, room.left()), room.right() - width)
    y = min(max(at.y() - _AWAY, room.top() + metrics.ascent()), room.bottom())
    box = QRectF(x - 3, y - metrics.ascent() - 1, width + 6, metrics.height() + 2)
    painter.fillRect(box, colours.LABEL_BACKGROUND)
    painter.setPen(colour)
    painter.drawText(QPointF(x, y), line.word)
