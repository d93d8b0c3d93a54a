"""Words above a picture, with a dark rim so that they are read on black and on white."""

from collections.abc import Iterable, Iterator

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen

from viewer.qt import colours
from viewer.qt.area import Area
from viewer.qt.stamps import Drawn, Laid, Stamp

Placed = tuple[Stamp | Drawn, QPointF, tuple[QRectF, QColor] | None]
"""A word, where it begins on its baseline, and the ground it stands on."""


def paint_word(painter: QPainter, at: QPointF, text: str, colour: QColor, area: Area) -> None:
    """Draw a line of text, its baseline beginning at a place."""
    word(painter, text, colour, area).put(painter, at.x(), at.y(), area.grid)


def word(painter: QPainter, text: str, colour: QColor, area: Area) -> Stamp | Drawn:
    """A line of text in the painter's font: a kept picture on a screen, outlines on paper."""
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


def paint_placed(
    painter: QPainter, key: tuple[object, ...], words: Iterable[Placed], area: Area
) -> None:
    """Draw words at their places; ``key`` is all that they depend on, so that they are kept."""
    if area.stamps.on_screen:
        draw = painter.drawPixmap
        for one in area.stamps.lay(key, lambda: _laid(words, area)):
            if one.ground is not None:
                painter.fillRect(*one.ground)
            draw(one.at, one.picture)
        return
    for each, at, ground in words:
        if ground is not None:
            painter.fillRect(*ground)
        each.put(painter, at.x(), at.y(), area.grid)


def _laid(words: Iterable[Placed], area: Area) -> Iterator[Laid]:
    for each, at, ground in words:
        if isinstance(each, Stamp):
            yield Laid(each.picture, each.place(at.x(), at.y(), area.grid), ground)


def _print(painter: QPainter, text: str, colour: QColor) -> None:
    """On paper each word stands once, to be found and read aloud."""
    outline = QPainterPath()
    outline.addText(QPointF(0, 0), painter.font(), text)
    painter.strokePath(outline, QPen(colours.HALO, 2))
    painter.setPen(colour)
    painter.drawText(QPointF(0, 0), text)
