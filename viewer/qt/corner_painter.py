"""Draws the texts of the corners and the letters at the edges, none upon another."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from viewer.qt import colours
from viewer.qt.area import Area
from viewer.qt.crosshair_painter import TAG_AT
from viewer.qt.words import Placed, paint_placed, word
from viewer.viewport.corner_rows import Face, Row, side_of, sides_of
from viewer.viewport.corners import Corner, Role, TextLine
from viewer.viewport.letters import EdgeLetters
from viewer.viewport.overlay import Overlay
from viewer.viewport.placing import Box

T = TypeVar("T")
MARGIN = 8.0
_CORNERS = tuple(Corner)
_LETTER_ROOM = 14.0
"""To either side of a letter at the upper or the lower edge."""
_BESIDE_RULER = 38.0
_ROLES = {
    Role.NORMAL: colours.TEXT,
    Role.IDENTITY: colours.IDENTITY,
    Role.WARNING: colours.WARNING,
    Role.ALARM: colours.IDENTITY,
}
_GROUNDS = {Role.WARNING: colours.LABEL_BACKGROUND, Role.ALARM: colours.ALARM}
"""What must be read on any picture stands on a ground of its own."""


class _Side(tuple[Row, ...]):
    """The rows at one edge, which are kept: themselves a key, not each of their words."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


class _Layout(NamedTuple):
    """The rows at the upper and at the lower edge, each from the edge inwards."""

    top: tuple[Row, ...]
    bottom: tuple[Row, ...]
    free: tuple[int, int]
    """The first row of each in which the middle is free."""

    @property
    def sides(self) -> tuple[tuple[tuple[Row, ...], bool], ...]:
        """Both, with whether it is the upper one."""
        return ((self.top, True), (self.bottom, False))


class CornerPainter:
    """The texts and letters of one pane, as they are laid out now."""

    def __init__(self, painter: QPainter, overlay: Overlay, area: Area) -> None:
        """Lay them out in the painter's font."""
        self._painter, self._overlay, self._area = painter, overlay, area
        self._metrics = QFontMetricsF(painter.font())
        metrics = self._metrics
        self._face = Face(
            lambda text: self._once(("wide", text), lambda: metrics.horizontalAdvance(text)),
            lambda text, most: metrics.elidedText(text, Qt.TextElideMode.ElideRight, most),
        )
        self._rows = self._lay_out()
        self.middle = self._middle()
        """From where to where the height is free of texts."""

    def paint(self) -> None:
        """Draw the texts, then the letters where they are free."""
        area, painter = self._area, self._painter
        for rows, above in self._rows.sides:
            if rows:
                paint_placed(
                    painter, ("side", rows, above, area.room), self._words(rows, above=above), area
                )
        letters, ruler = self._overlay.letters, self._overlay.ruler is not None
        free = self._rows.free
        key = ("letters", letters, ruler, free, self.middle, area.room)
        paint_placed(painter, key, self._letters(letters, free, ruler=ruler), area)

    def tag_at(self, width: float) -> QPointF:
        """The middle of the upper edge of a tag: in the first row where there is room, or below."""
        rect, rows = self._area.rect, self._rows.top
        row = rows[0] if rows else Row(None, None)
        left = MARGIN + (self._wide(row.left) if row.left is not None else 0.0)
        right = rect.width() - MARGIN - (self._wide(row.right) if row.right is not None else 0.0)
        for share in TAG_AT:
            x = rect.width() * share
            if left <= x - width / 2 and x + width / 2 <= right:
                return QPointF(rect.left() + x, rect.top())
        below = rect.top() + MARGIN + self._metrics.lineSpacing() * len(rows)
        return QPointF(rect.left() + rect.width() * TAG_AT[0], below)

    def boxes(self) -> list[Box]:
        """Where texts stand, so that labels keep off them."""
        found = []
        rect, spacing = self._area.rect, self._metrics.lineSpacing()
        for rows, above in self._rows.sides:
            for left in (True, False):
                lines = [row.left if left else row.right for row in rows]
                wide = max((self._wide(line) for line in lines if line is not None), default=0.0)
                if not wide:
                    continue
                high = spacing * len(rows)
                x = rect.left() + MARGIN if left else rect.right() - MARGIN - wide
                y = rect.top() + MARGIN if above else rect.bottom() - MARGIN - high
                found.append(Box(x, y, x + wide, y + high))
        return found

    def _middle(self) -> tuple[float, float]:
        rect, spacing, rows = self._area.rect, self._metrics.lineSpacing(), self._rows
        above, below = len(rows.top) * spacing + MARGIN, len(rows.bottom) * spacing + MARGIN
        return rect.top() + above, rect.bottom() - below

    def _wide(self, line: TextLine) -> float:
        return word(self._painter, line.text, _ROLES[line.role], self._area).advance

    def _lay_out(self) -> _Layout:
        rect, corners, metrics = self._area.rect, self._overlay.corners, self._metrics
        given = tuple([tuple(corners.get(corner, ())) for corner in _CORNERS])
        rows = int((rect.height() - 2 * MARGIN) / metrics.lineSpacing())

        def make() -> _Layout:
            top, bottom = sides_of(given, rows, self._pair)
            return _Layout(top, bottom, (self._free(top), self._free(bottom)))

        return self._once(("layout", given, rows, rect.width()), make)

    def _pair(
        self, left: tuple[TextLine, ...], right: tuple[TextLine, ...], above: bool, /
    ) -> tuple[Row, ...]:
        """The rows of two corners; they are kept, since few texts change with an image."""
        width = self._area.rect.width() - 2 * MARGIN
        return self._once(
            ("rows", left, right, above, width),
            lambda: _Side(side_of(left, right, width, self._face, above=above)),
        )

    def _free(self, rows: tuple[Row, ...]) -> int:
        """The first row from the edge in which the middle is free for a letter."""
        half = self._area.rect.width() / 2 - MARGIN - _LETTER_ROOM
        measure = self._face.measure

        def find() -> int:
            crossed = (
                any(line is not None and measure(line.text) > half for line in (r.left, r.right))
                for r in rows
            )
            return next((n for n, yes in enumerate(crossed) if not yes), len(rows))

        return self._once(("free", rows, half), find)

    def _once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        stamps = self._area.stamps
        return stamps.once(key, make) if stamps.on_screen else make()

    def _words(self, rows: Sequence[Row], *, above: bool) -> Iterator[Placed]:
        """The words of an edge, where each begins on its baseline, and the ground it stands on."""
        metrics, rect = self._metrics, self._area.rect
        spacing, ascent = metrics.lineSpacing(), metrics.ascent()
        first, right = rect.left() + MARGIN, rect.right() - MARGIN
        top, bottom = rect.top() + MARGIN, rect.bottom() - MARGIN
        for n, row in enumerate(rows):
            y = top + n * spacing if above else bottom - (n + 1) * spacing
            for line, left in ((row.left, True), (row.right, False)):
                if line is None:
                    continue
                found = word(self._painter, line.text, _ROLES[line.role], self._area)
                x = first if left else right - found.advance
                ground = _GROUNDS.get(line.role)
                room = QRectF(x - 4, y, found.advance + 8, spacing)
                yield found, QPointF(x, y + ascent), None if ground is None else (room, ground)

    def _letters(
        self, letters: EdgeLetters, free: tuple[int, int], *, ruler: bool
    ) -> Iterator[Placed]:
        """The letters and where each begins on its baseline."""
        painter, spacing = self._painter, self._metrics.lineSpacing()
        font = QFont(painter.font())
        font.setBold(True)
        if font.pixelSize() > 0:
            font.setPixelSize(font.pixelSize() + 3)
        metrics, rect = QFontMetricsF(font), self._area.rect
        middle, half = rect.center(), metrics.ascent() / 2
        first, last = self.middle
        level = min(max(middle.y(), first + half), last - half) + half
        top, bottom = (rows * spacing for rows in free)
        wide = metrics.horizontalAdvance
        places = (
            (letters.left, rect.left() + (_BESIDE_RULER if ruler else MARGIN), level),
            (letters.right, rect.right() - MARGIN - wide(letters.right), level),
            (
                letters.top,
                middle.x() - wide(letters.top) / 2,
                rect.top() + MARGIN + metrics.ascent() + top,
            ),
            (
                letters.bottom,
                middle.x() - wide(letters.bottom) / 2,
                rect.bottom() - MARGIN - metrics.descent() - bottom,
            ),
        )
        painter.save()
        painter.setFont(font)
        words = [
            (word(painter, text, colours.IDENTITY, self._area), x, y)
            for text, x, y in places
            if text
        ]
        painter.restore()
        for each, x, y in words:
            yield each, QPointF(x, y), None
