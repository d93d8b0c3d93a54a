"""Words and scales that stand on every picture, drawn once and kept as small pictures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPaintEngine, QPainter, QPixmap

from viewer.qt.layers import Layers

_MOST = 400
"""Kept of panes that share them; texts change with every image, so the oldest go."""
_LOOKS = 4
"""Fonts and ratios of device pixels for which they are kept at once."""

Key = tuple[object, ...]
T = TypeVar("T")


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
        painter.drawPixmap(self.place(x, y, grid), self.picture)

    def place(self, x: float, y: float, grid: tuple[float, float, float]) -> QPointF:
        """Where its picture begins when it is put at a place."""
        left, top, ratio = grid
        x = round((x - self.x - left) * ratio) / ratio + left
        y = round((y - self.y - top) * ratio) / ratio + top
        return QPointF(x, y)


@dataclass(frozen=True, slots=True)
class Laid:
    """A stamp at its place, on a ground of its own or on none."""

    picture: QPixmap
    at: QPointF
    ground: tuple[QRectF, QColor] | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    stamps: dict[Key, Stamp] = field(default_factory=dict)
    laid: dict[Key, tuple[Laid, ...]] = field(default_factory=dict)
    once: dict[Key, Any] = field(default_factory=dict)


class Stamps:
    """What panes have drawn, for a font and a ratio of device pixels; they may share it."""

    def __init__(self) -> None:
        """Start empty."""
        self._for: tuple[str, float] = ("", 0.0)
        self._now = _Kept()
        self._all: dict[tuple[str, float], _Kept] = {self._for: self._now}
        self.layers = Layers()
        self.on_screen = True
        """Whether it is drawn on a screen now; on paper nothing is kept as a picture."""

    def ready(self, painter: QPainter, ratio: float) -> None:
        """Draw with this painter's font from now on; what was drawn in others long ago goes."""
        self.on_screen = painter.paintEngine().type() is QPaintEngine.Type.Raster
        now = (painter.font().key(), ratio)
        if now != self._for:
            self._for = now
            self._now = self._all.pop(now, _Kept())
            self._all[now] = self._now
            _drop_oldest(self._all, _LOOKS)

    @property
    def look(self) -> tuple[str, float]:
        """Font and ratio of device pixels in which it is drawn now."""
        return self._for

    def forget(self) -> None:
        """Keep nothing of what was drawn: words of one patient are of no use for the next."""
        self._now = _Kept()
        self._all = {self._for: self._now}
        self.layers = Layers()

    def find(self, key: Key) -> Stamp | None:
        """Give what was drawn before."""
        return self._now.stamps.get(key)

    def lay(self, key: Key, make: Callable[[], Iterable[Laid]]) -> tuple[Laid, ...]:
        """Give what stands where; ``key`` is all that this depends on besides font and ratio."""
        found = self._now.laid.get(key)
        if found is None:
            found = tuple(make())
            self._now.laid[key] = found
            _drop_oldest(self._now.laid, _MOST)
        return found

    def once(self, key: Key, make: Callable[[], T]) -> T:
        """Give what was worked out before; ``key`` is all that it depends on besides the font."""
        kept = self._now.once
        if key not in kept:
            kept[key] = make()
            _drop_oldest(kept, _MOST)
        found: T = kept[key]
        return found

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
        made = Stamp(picture, -room.x(), -room.y(), advance)
        self._now.stamps[key] = made
        _drop_oldest(self._now.stamps, _MOST)
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


def _drop_oldest(kept: dict[Any, Any], most: int) -> None:
    if len(kept) > most:
        kept.pop(next(iter(kept)))
