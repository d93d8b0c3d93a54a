"""Draws a display list above the picture, in screen space."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QFontMetricsF,
    QPainter,
    QPen,
    QPolygonF,
)

from viewer.qt import colours
from viewer.qt.area import Area
from viewer.qt.corner_painter import MARGIN, CornerPainter
from viewer.qt.crosshair_painter import paint_crosshair, paint_plane
from viewer.qt.graphics_painter import paint_graphics
from viewer.qt.shape_painter import paint_shapes
from viewer.qt.volume_painter import paint_volume
from viewer.qt.words import paint_word
from viewer.viewport.corner_rows import Face, broken
from viewer.viewport.corners import Role, TextLine
from viewer.viewport.cross_reference import PointMark, ReferenceLine
from viewer.viewport.overlay import Gap, Overlay
from viewer.viewport.placing import Box
from viewer.viewport.ruler import Ruler
from viewer.viewport.transform import PanePoint

_RULER_AT = 14.0
_TICK = 6.0
_POINT_GAP = 5.0
_POINT_ARM = 18.0


def paint_overlay(painter: QPainter, overlay: Overlay, area: Area) -> None:
    """Draw everything and leave the painter as it was."""
    painter.save()
    area.stamps.ready(painter, area.ratio)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing, True)
    paint_graphics(painter, overlay.graphics, area)
    paint_crosshair(painter, overlay.crosshair, area)
    corners = CornerPainter(painter, overlay, area)
    if overlay.plane is not None:
        paint_plane(painter, overlay.plane, area, corners.tag_at)
    paint_volume(painter, overlay.volume, area)
    for gap in overlay.gaps:
        _paint_gap(painter, gap, area)
    if overlay.line is not None:
        _paint_line(painter, overlay.line, area)
    if overlay.box is not None:
        _paint_box(painter, overlay.box, area)
    if overlay.point is not None:
        _paint_point(painter, overlay.point, area)
    if overlay.shapes:
        paint_shapes(painter, overlay.shapes, area, [*corners.boxes(), *_ruler_box(overlay, area)])
    corners.paint()
    if overlay.ruler is not None:
        _paint_ruler(painter, overlay.ruler, area, corners.middle)
    painter.restore()


def _ruler_box(overlay: Overlay, area: Area) -> list[Box]:
    """About where the ruler stands, so that labels keep off it."""
    if overlay.ruler is None:
        return []
    half, rect = overlay.ruler.pixels / area.ratio / 2, area.rect
    middle, right = rect.center().y(), rect.left() + _RULER_AT + 2 * _TICK + 4
    return [Box(rect.left(), middle - half, right, middle + half)]


def paint_message(painter: QPainter, lines: Sequence[str], area: Area) -> None:
    """Draw a state text in the middle, with a dark box so that it is read on any picture."""
    text = "\n".join(lines)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    room = area.rect.adjusted(24, 24, -24, -24)
    box = painter.boundingRect(room, int(flags), text).adjusted(-10, -6, 10, 6)
    painter.fillRect(box, colours.HALO)
    painter.setPen(colours.MESSAGE)
    painter.drawText(room, int(flags), text)


def paint_note(painter: QPainter, text: str, area: Area) -> None:
    """Draw a short note at the lower edge while the picture above still is the earlier one."""
    metrics = QFontMetricsF(painter.font())
    area.stamps.ready(painter, area.ratio)
    width = metrics.horizontalAdvance(text)
    at = QPointF(area.rect.center().x() - width / 2, area.rect.bottom() - metrics.height() * 2)
    paint_word(painter, at, text, colours.WARNING, area)


def _paint_gap(painter: QPainter, gap: Gap, area: Area) -> None:
    """Hatch rows without data and say so upon them (F4)."""
    corners = QPolygonF([area.point(p) for p in gap.corners])
    painter.setPen(QPen(colours.WARNING, 1))
    for brush in (QBrush(colours.GAP), QBrush(colours.WARNING, Qt.BrushStyle.BDiagPattern)):
        painter.setBrush(brush)
        painter.drawPolygon(corners)
    metrics = QFontMetricsF(painter.font())
    middle = corners.boundingRect().intersected(area.rect).center()
    at = QPointF(middle.x() - metrics.horizontalAdvance(gap.words) / 2, middle.y())
    paint_word(painter, at, gap.words, colours.WARNING, area)


def _paint_line(painter: QPainter, line: ReferenceLine, area: Area) -> None:
    """Where the active image lies: dashed, so that it is not taken for a drawing."""
    for pen in (QPen(colours.HALO, 3), QPen(colours.REFERENCE, 1, Qt.PenStyle.DashLine)):
        painter.setPen(pen)
        painter.drawLine(area.point(line.start), area.point(line.end))


def _paint_box(painter: QPainter, box: tuple[PanePoint, PanePoint], area: Area) -> None:
    rect = QRectF(area.point(box[0]), area.point(box[1])).normalized()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(colours.HALO, 3), QPen(colours.ACCENT, 1)):
        painter.setPen(pen)
        painter.drawRect(rect)


def _paint_point(painter: QPainter, mark: PointMark, area: Area) -> None:
    """A cross whose middle is open, so that nothing hides what it points at."""
    at = area.point(mark.at)
    arms = [
        (
            QPointF(at.x() + dx * _POINT_GAP, at.y() + dy * _POINT_GAP),
            QPointF(at.x() + dx * _POINT_ARM, at.y() + dy * _POINT_ARM),
        )
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1))
    ]
    style = Qt.PenStyle.DotLine if mark.words else Qt.PenStyle.SolidLine
    for pen in (QPen(colours.HALO, 3), QPen(colours.REFERENCE, 1.4, style)):
        painter.setPen(pen)
        for a, b in arms:
            painter.drawLine(a, b)
    if mark.words:
        paint_word(
            painter,
            QPointF(at.x() + _POINT_GAP, at.y() - _POINT_GAP),
            mark.words,
            colours.REFERENCE,
            area,
        )


def _paint_ruler(painter: QPainter, ruler: Ruler, area: Area, middle: tuple[float, float]) -> None:
    """Whole between the texts, or not at all: a cut scale would be a wrong one."""
    length, metrics = ruler.pixels / area.ratio, QFontMetricsF(painter.font())
    x, top = area.rect.left() + _RULER_AT, area.rect.center().y() - length / 2
    words = _broken_word(ruler.word, area, metrics)
    above, below = len(words) * metrics.lineSpacing() + 4, metrics.lineSpacing() + 4
    top = min(max(top, middle[0] + above), middle[1] - below - length)
    if top < middle[0] + above - 1:
        return
    key = ("ruler", length, ruler.parts)
    stamp = area.stamps.find(key)
    if not area.stamps.on_screen:
        _draw_ruler(painter, QPointF(x, top), length, ruler.parts)
    else:
        if stamp is None:
            room = QRectF(-4, -4, 2 * _TICK + 8, math.ceil(length) + 8)
            stamp = area.stamps.keep(
                key, room, lambda on: _draw_ruler(on, QPointF(0, 0), length, ruler.parts)
            )
        stamp.put(painter, x, top, area.grid)
    at = QPointF(x - _RULER_AT + MARGIN, top + length + metrics.ascent() + 4)
    paint_word(painter, at, ruler.label, colours.TEXT, area)
    for n, line in enumerate(reversed(words)):
        y = top - metrics.descent() - 4 - n * metrics.lineSpacing()
        paint_word(painter, QPointF(x - _RULER_AT + MARGIN, y), line, colours.WARNING, area)


def _broken_word(word: str, area: Area, metrics: QFontMetricsF) -> list[str]:
    """What must stand beside the scale, in lines that the pane has room for."""
    if not word:
        return []
    face = Face(metrics.horizontalAdvance, lambda text, _: text)
    line = TextLine(word, Role.WARNING)
    return [one.text for one in broken([line], area.rect.width() - 2 * MARGIN, face)]


def _draw_ruler(painter: QPainter, at: QPointF, length: float, parts: int) -> None:
    x, top = at.x(), at.y()
    lines = [QLineF(x, top, x, top + length)]
    for n in range(parts + 1):
        long = n in {0, parts} or (parts == 10 and n == 5)
        y = top + length * n / parts
        lines.append(QLineF(x, y, x + _TICK * (2 if long else 1), y))
    for pen in (QPen(colours.HALO, 3), QPen(colours.TEXT, 1)):
        painter.setPen(pen)
        painter.drawLines(lines)
