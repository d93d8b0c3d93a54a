"""Draws a display list above the picture, in screen space."""

import math
from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

from viewer.qt import colours
from viewer.qt.area import Area
from viewer.qt.crosshair_painter import paint_crosshair, paint_plane
from viewer.qt.graphics_painter import paint_graphics
from viewer.qt.shape_painter import paint_shapes
from viewer.qt.stamps import Drawn, Laid, Stamp
from viewer.qt.volume_painter import paint_volume
from viewer.viewport.corners import Corner, Role, TextLine
from viewer.viewport.cross_reference import PointMark, ReferenceLine
from viewer.viewport.letters import EdgeLetters
from viewer.viewport.overlay import Gap, Overlay
from viewer.viewport.placing import Box
from viewer.viewport.ruler import Ruler
from viewer.viewport.transform import PanePoint

_MARGIN = 8.0
_RULER_AT = 14.0
_TICK = 6.0
_LETTER_ROOM = 26.0
_POINT_GAP = 5.0
_POINT_ARM = 18.0
_TOP = (Corner.TOP_LEFT, Corner.TOP_RIGHT)
_RIGHT = (Corner.TOP_RIGHT, Corner.BOTTOM_RIGHT)
_ROLES = {
    Role.NORMAL: colours.TEXT,
    Role.IDENTITY: colours.IDENTITY,
    Role.WARNING: colours.WARNING,
    Role.ALARM: colours.IDENTITY,
}


Placed = tuple[Stamp | Drawn, QPointF, tuple[QRectF, QColor] | None]
"""A word, where it begins on its baseline, and the ground it stands on."""
_GROUNDS = {Role.WARNING: colours.LABEL_BACKGROUND, Role.ALARM: colours.ALARM}
"""What must be read on any picture stands on a ground of its own."""


def paint_overlay(painter: QPainter, overlay: Overlay, area: Area) -> None:
    """Draw everything and leave the painter as it was."""
    painter.save()
    area.stamps.ready(painter, area.ratio)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing, True)
    paint_graphics(painter, overlay.graphics, area)
    paint_crosshair(painter, overlay.crosshair, area)
    if overlay.plane is not None:
        paint_plane(painter, overlay.plane, area)
    paint_volume(painter, overlay.volume, area)
    small = _too_small(area)
    for gap in overlay.gaps:
        _paint_gap(painter, gap, area)
    if overlay.line is not None:
        _paint_line(painter, overlay.line, area)
    if overlay.box is not None:
        _paint_box(painter, overlay.box, area)
    if overlay.point is not None:
        _paint_point(painter, overlay.point, area)
    if overlay.shapes:
        paint_shapes(painter, overlay.shapes, area, _corner_boxes(painter, overlay, area))
    for corner, lines in overlay.corners.items():
        _paint_corner(painter, corner, lines, area)
    if not small:
        _paint_letters(painter, overlay.letters, area, ruler=overlay.ruler is not None)
        if overlay.ruler is not None:
            _paint_ruler(painter, overlay.ruler, area)
    painter.restore()


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
    _text(painter, at, text, colours.WARNING, area)


def _too_small(area: Area) -> bool:
    return area.rect.width() < 240 or area.rect.height() < 200


def _text(painter: QPainter, at: QPointF, text: str, colour: QColor, area: Area) -> None:
    """A line of text with a dark rim, its baseline beginning at a place."""
    _word(painter, text, colour, area).put(painter, at.x(), at.y(), area.grid)


def _word(painter: QPainter, text: str, colour: QColor, area: Area) -> Stamp | Drawn:
    font = painter.font()
    key = (text, colour.rgba(), font.bold())
    found = area.stamps.find(key)
    if found is not None and area.stamps.on_screen:
        return found
    metrics = QFontMetricsF(font)
    advance = metrics.horizontalAdvance(text)
    if not area.stamps.on_screen:
        return Drawn(lambda on: _print(on, text, colour), font, advance)

    def draw(on: QPainter) -> None:
        on.setFont(font)
        on.setPen(colours.HALO)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1)):
            on.drawText(QPointF(dx, dy), text)
        on.setPen(colour)
        on.drawText(QPointF(0, 0), text)

    within = metrics.boundingRect(text) | QRectF(0, -metrics.ascent(), 1, 1)
    room = QRectF(within.adjusted(-3, -3, 3, 3).toAlignedRect())
    return area.stamps.keep(key, room, draw, advance)


def _print(painter: QPainter, text: str, colour: QColor) -> None:
    """On paper each word stands once, to be found and read aloud."""
    outline = QPainterPath()
    outline.addText(QPointF(0, 0), painter.font(), text)
    painter.strokePath(outline, QPen(colours.HALO, 2))
    painter.setPen(colour)
    painter.drawText(QPointF(0, 0), text)


def _corner_boxes(painter: QPainter, overlay: Overlay, area: Area) -> list[Box]:
    """Where the texts of the corners stand, so that labels keep off them."""
    metrics, rect = QFontMetricsF(painter.font()), area.rect
    most = rect.width() / 2 - _MARGIN - _LETTER_ROOM
    found = []
    for corner, lines in overlay.corners.items():
        if not lines:
            continue
        wide = min(max(metrics.horizontalAdvance(line.text) for line in lines), most)
        high = metrics.lineSpacing() * len(lines)
        left = rect.right() - _MARGIN - wide if corner in _RIGHT else rect.left() + _MARGIN
        top = rect.top() + _MARGIN if corner in _TOP else rect.bottom() - _MARGIN - high
        found.append(Box(left, top, left + wide, top + high))
    return found


def _paint_corner(painter: QPainter, corner: Corner, lines: Sequence[TextLine], area: Area) -> None:
    if not lines:
        return
    if area.stamps.on_screen:
        key = ("corner", corner, tuple(lines), area.room)
        for one in area.stamps.lay(key, lambda: _laid(_corner(painter, corner, lines, area), area)):
            one.put(painter)
        return
    for word, at, ground in _corner(painter, corner, lines, area):
        if ground is not None:
            painter.fillRect(*ground)
        word.put(painter, at.x(), at.y(), area.grid)


def _corner(
    painter: QPainter, corner: Corner, lines: Sequence[TextLine], area: Area
) -> Iterator[Placed]:
    """The words of a corner, where each begins on its baseline, and the ground it stands on."""
    metrics, rect = QFontMetricsF(painter.font()), area.rect
    spacing, ascent = metrics.lineSpacing(), metrics.ascent()
    left, right = rect.left() + _MARGIN, rect.right() - _MARGIN
    most, on_right = rect.width() / 2 - _MARGIN - _LETTER_ROOM, corner in _RIGHT
    y = rect.top() + _MARGIN
    if corner not in _TOP:
        y = rect.bottom() - _MARGIN - spacing * len(lines)
    for line in lines:
        colour = _ROLES[line.role]
        word = _word(painter, line.text, colour, area)
        if word.advance > most:
            text = metrics.elidedText(line.text, Qt.TextElideMode.ElideRight, most)
            word = _word(painter, text, colour, area)
        x = right - word.advance if on_right else left
        ground = _GROUNDS.get(line.role)
        room = QRectF(x - 4, y, word.advance + 8, spacing)
        yield word, QPointF(x, y + ascent), None if ground is None else (room, ground)
        y += spacing


def _laid(words: Iterable[Placed], area: Area) -> Iterator[Laid]:
    for word, at, ground in words:
        if isinstance(word, Stamp):
            yield Laid(word.picture, word.place(at.x(), at.y(), area.grid), ground)


def _paint_letters(painter: QPainter, letters: EdgeLetters, area: Area, *, ruler: bool) -> None:
    if area.stamps.on_screen:
        key = ("letters", letters, ruler, area.room)
        for one in area.stamps.lay(
            key, lambda: _laid(_letters(painter, letters, area, ruler=ruler), area)
        ):
            one.put(painter)
        return
    for word, at, _ in _letters(painter, letters, area, ruler=ruler):
        word.put(painter, at.x(), at.y(), area.grid)


def _letters(
    painter: QPainter, letters: EdgeLetters, area: Area, *, ruler: bool
) -> Iterator[Placed]:
    """The letters and where each begins on its baseline."""
    font = QFont(painter.font())
    font.setBold(True)
    if font.pixelSize() > 0:
        font.setPixelSize(font.pixelSize() + 3)
    metrics = QFontMetricsF(font)
    middle, rect = area.rect.center(), area.rect
    half = metrics.ascent() / 2
    left = rect.left() + (_RULER_AT + 3 * _TICK + 6 if ruler else _MARGIN)
    places = (
        (letters.left, left, middle.y() + half),
        (
            letters.right,
            rect.right() - _MARGIN - metrics.horizontalAdvance(letters.right),
            middle.y() + half,
        ),
        (
            letters.top,
            middle.x() - metrics.horizontalAdvance(letters.top) / 2,
            rect.top() + _MARGIN + metrics.ascent(),
        ),
        (
            letters.bottom,
            middle.x() - metrics.horizontalAdvance(letters.bottom) / 2,
            rect.bottom() - _MARGIN - metrics.descent(),
        ),
    )
    painter.save()
    painter.setFont(font)
    words = [(_word(painter, text, colours.IDENTITY, area), x, y) for text, x, y in places if text]
    painter.restore()
    for word, x, y in words:
        yield word, QPointF(x, y), None


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
    _text(painter, at, gap.words, colours.WARNING, area)


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
        _text(
            painter,
            QPointF(at.x() + _POINT_GAP, at.y() - _POINT_GAP),
            mark.words,
            colours.REFERENCE,
            area,
        )


def _paint_ruler(painter: QPainter, ruler: Ruler, area: Area) -> None:
    length = ruler.pixels / area.ratio
    x, top = area.rect.left() + _RULER_AT, area.rect.center().y() - length / 2
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
    metrics = QFontMetricsF(painter.font())
    at = QPointF(x - _RULER_AT + _MARGIN, top + length + metrics.ascent() + 4)
    _text(painter, at, ruler.label, colours.TEXT, area)
    if ruler.word:
        above = QPointF(x - _RULER_AT + _MARGIN, top - metrics.descent() - 4)
        _text(painter, above, ruler.word, colours.WARNING, area)


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
