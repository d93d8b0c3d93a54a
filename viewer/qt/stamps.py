"""Words and scales that stand on every picture, drawn once and kept as small pictures."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QPaintEngine, QPainter, QPixmap

_MOST = 200
"""Kept of one pane; its texts change with every image, so the oldest go."""

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A picture on nothing, and where its point of reference lies in it."""

    picture: QPixmap
    x: float
    y: float
    advance: float
    """How far the next word would be, for words."""

    def put(self, painter: QPainter, x: float, y: float, grid: tuple[float, float, float]) -> None:
        """Draw it at a place, on whole device pixels: ``grid`` is where they begin, and how many
        there are to a logical one.
        """
        left, top, ratio = grid
        x = round((x - self.x - left) * ratio) / ratio + left
        y = round((y - self.y - top) * ratio) / ratio + top
        painter.drawPixmap(QPointF(x, y), self.picture)


class Stamps:
    """What one pane has drawn, for one font and one ratio of device pixels."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: dict[Key, Stamp] = {}
        self._for: tuple[str, float] = ("", 0.0)
        self.on_screen = True
        """Whether it is drawn on a screen now; on paper nothing is kept as a picture."""

    def ready(self, painter: QPainter, ratio: float) -> None:
        """Draw with this painter's font from now on; what was drawn in another one goes."""
        self.on_screen = painter.paintEngine().type() is QPaintEngine.Type.Raster
        now = (painter.font().key(), ratio)
        if now != self._for:
            self._for = now
            self._kept.clear()

    def find(self, key: Key) -> Stamp | None:
        """Give what was drawn before."""
        return self._kept.get(key)

    def keep(
        self, key: Key, room: QRectF, draw: Callable[[QPainter], None], advance: float = 0.0
    ) -> Stamp:
        """Keep what ``draw`` draws in ``room``, around its point of reference, the origin."""
        ratio = self._for[1]
        size = QSizeF(room.size() * ratio).toSize().expandedTo(QSizeF(1, 1).toSize())
        picture = QPixmap(size)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing, True)
        painter.translate(-room.topLeft())
        draw(painter)
        painter.end()
        if len(self._kept) >= _MOST:
            self._kept.pop(next(iter(self._kept)))
        made = Stamp(picture, -room.x(), -room.y(), advance)
        self._kept[key] = made
        return made


@dataclass(frozen=True, slots=True)
class Drawn:
    """In place of a stamp where nothing is kept: drawn anew."""

    draw: Callable[[QPainter], None]
    font: QFont
    advance: float

    def put(self, painter: QPainter, x: float, y: float, _grid: tuple[float, float, float]) -> None:
        """Draw it at a place."""
        painter.save()
        painter.setFont(self.font)
        painter.translate(x, y)
        self.draw(painter)
        painter.restore()
