"""Words and scales that stand on every picture, drawn once and kept as small pictures."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap

_MOST = 200
"""Kept of one pane; its texts change with every image, so the oldest go."""

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A picture on nothing, and where its point of reference lies in it."""

    picture: QPixmap
    point: QPointF

    def put(self, painter: QPainter, at: QPointF, grid: QPointF, ratio: float) -> None:
        """Draw it at a place, on whole device pixels counted from ``grid``."""
        x = at.x() - self.point.x() - grid.x()
        y = at.y() - self.point.y() - grid.y()
        whole = QPointF(round(x * ratio) / ratio + grid.x(), round(y * ratio) / ratio + grid.y())
        painter.drawPixmap(whole, self.picture)


class Stamps:
    """What one pane has drawn, for one font and one ratio of device pixels."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: dict[Key, Stamp] = {}
        self._for: tuple[str, float] = ("", 0.0)

    def ready(self, font: QFont, ratio: float) -> None:
        """Use this font and ratio from now on; what was drawn for others goes."""
        now = (font.key(), ratio)
        if now != self._for:
            self._for = now
            self._kept.clear()

    def get(self, key: Key, room: Callable[[], QRectF], draw: Callable[[QPainter], None]) -> Stamp:
        """Give what ``draw`` drew around its point of reference, the origin.

        ``room`` says how much room it needs around that point. Both are asked only once.
        """
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = found = self._made(room(), draw)
        return found

    def _made(self, room: QRectF, draw: Callable[[QPainter], None]) -> Stamp:
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
        return Stamp(picture, -room.topLeft())
