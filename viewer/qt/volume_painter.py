"""Draws what stands above a volume in 3D: the cube of letters, the crop box, the line of a cut."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from viewer.qt import colours
from viewer.qt.area import Area
from viewer.viewport.volume_box import BoxFace, CubeSide, VolumeMarks

_CUBE = 44.0
"""Width of the cube, logical pixels."""
_FROM_RIGHT, _FROM_BOTTOM = 60.0, 150.0
"""Where its middle lies: above the texts of the corner."""
_HANDLE = 6.0
_FAR = 0.45
"""How strongly a handle is drawn whose face is turned away."""


def paint_volume(painter: QPainter, marks: VolumeMarks | None, area: Area) -> None:
    """Draw the marks, where there are any, and leave the painter as it was."""
    if marks is None:
        return
    painter.save()
    for a, b in marks.edges:
        for pen in (QPen(colours.HALO, 3), QPen(colours.REFERENCE, 1)):
            painter.setPen(pen)
            painter.drawLine(area.point(a), area.point(b))
    _paint_handles(painter, marks.faces, area)
    if len(marks.line) > 1:
        closed = QPolygonF([area.point(p) for p in marks.line])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(colours.HALO, 3), QPen(colours.DRAWN, 1.4)):
            painter.setPen(pen)
            painter.drawPolyline(closed)
        painter.setPen(QPen(colours.DRAWN, 1, Qt.PenStyle.DashLine))
        painter.drawLine(closed.last(), closed.first())
    _paint_cube(painter, marks.cube, area)
    painter.restore()


def _paint_handles(painter: QPainter, faces: Sequence[BoxFace], area: Area) -> None:
    for face in reversed(faces):  # the near ones lie above the far ones
        colour = QColor(colours.REFERENCE)
        colour.setAlphaF(1.0 if face.near else _FAR)
        at = area.point(face.at)
        painter.setPen(QPen(colours.HALO, 1.5))
        painter.setBrush(colour)
        painter.drawRect(QRectF(at.x() - _HANDLE, at.y() - _HANDLE, 2 * _HANDLE, 2 * _HANDLE))


def _paint_cube(painter: QPainter, cube: Sequence[CubeSide], area: Area) -> None:
    rect = area.rect
    if rect.width() < 240 or rect.height() < 240:
        return
    middle = QPointF(rect.right() - _FROM_RIGHT, rect.bottom() - _FROM_BOTTOM)
    font = QFont(painter.font())
    font.setBold(True)
    font.setPixelSize(15)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    for side in cube:
        shade = round(45 + 95 * side.facing)
        painter.setPen(QPen(colours.TEXT, 1))
        painter.setBrush(QColor(shade, shade, shade, 225))
        painter.drawPolygon(QPolygonF([_at(middle, corner) for corner in side.corners]))
    for side in cube:
        if side.facing < 0.3:  # too narrow for its letter
            continue
        at = _at(middle, side.middle)
        painter.setPen(colours.IDENTITY)
        half = metrics.horizontalAdvance(side.letter) / 2
        painter.drawText(QPointF(at.x() - half, at.y() + metrics.capHeight() / 2), side.letter)


def _at(middle: QPointF, place: tuple[float, float]) -> QPointF:
    return QPointF(middle.x() + place[0] * _CUBE, middle.y() + place[1] * _CUBE)
