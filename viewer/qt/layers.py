"""Shapes as they were drawn, kept as pictures for as long as none of them changes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from viewer.viewport.placing import Box
from viewer.viewport.shapes import Shape

Key = tuple[object, ...]
_BYTES = 32_000_000
"""Kept of all panes that share them."""
_SEEN = 1024
"""Sets of shapes of which it is known that they were drawn before."""
_LARGEST = 4_000_000
"""Bytes beyond which a layer of few shapes is not kept: drawing those anew takes less."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A picture on nothing, and where in the pane its corner lies."""

    picture: QPixmap
    at: QPointF

    @property
    def bytes(self) -> int:
        """What it takes of memory."""
        return self.picture.width() * self.picture.height() * 4


@dataclass(frozen=True, slots=True)
class Layer:
    """Shapes and their labels as pictures, and what of the pane they take."""

    pieces: tuple[Piece, ...]
    boxes: tuple[Box, ...]
    shapes: tuple[Shape, ...]
    """What it shows."""
    bytes: int

    def put(self, painter: QPainter) -> None:
        """Draw it."""
        for piece in self.pieces:
            painter.drawPixmap(piece.at, piece.picture)


class Layers:
    """The layers that were drawn last, of all images that panes have shown."""

    def __init__(self) -> None:
        """Start empty."""
        self._kept: dict[Key, Layer] = {}
        self._seen: dict[Key, tuple[Shape, ...]] = {}
        self._bytes = 0

    def find(self, shapes: Sequence[Shape], key: Key) -> Layer | None:
        """Give the layer of these shapes; ``key`` is all else that it depends on."""
        whole = _key(shapes, key)
        found = self._kept.get(whole)
        if found is None or not _same(shapes, found.shapes):
            return None
        self._kept[whole] = self._kept.pop(whole)
        return found

    def is_new(self, shapes: Sequence[Shape], key: Key) -> bool:
        """Whether these were not asked for before: what changes all the time is not kept."""
        whole = _key(shapes, key)
        before = self._seen.pop(whole, None)
        self._seen[whole] = tuple(shapes)
        if len(self._seen) > _SEEN:
            del self._seen[next(iter(self._seen))]
        return before is None or not _same(shapes, before)

    def keep(
        self, shapes: Sequence[Shape], key: Key, pieces: Sequence[Piece], boxes: Sequence[Box]
    ) -> Layer:
        """Keep a layer; those that were used longest ago go."""
        size = sum(piece.bytes for piece in pieces)
        made = Layer(tuple(pieces), tuple(boxes), tuple(shapes), size)
        if len(pieces) > 1 and size > _LARGEST:
            return made
        whole = _key(shapes, key)
        old = self._kept.pop(whole, None)
        self._kept[whole] = made
        self._bytes += size - (old.bytes if old is not None else 0)
        while self._bytes > _BYTES and len(self._kept) > 1:
            self._bytes -= self._kept.pop(next(iter(self._kept))).bytes
        return made


def piece(
    room: QRectF,
    grid: tuple[float, float, float],
    like: QPainter,
    draw: Callable[[QPainter], None],
) -> Piece:
    """What ``draw`` draws in the pane's coordinates, cut out on whole device pixels of it."""
    left, top, ratio = grid
    x, y = (math.floor((v - o) * ratio) for v, o in ((room.left(), left), (room.top(), top)))
    end_x, end_y = (
        math.ceil((v - o) * ratio) for v, o in ((room.right(), left), (room.bottom(), top))
    )
    picture = QPixmap(QSize(max(end_x - x, 1), max(end_y - y, 1)))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    at = QPointF(left + x / ratio, top + y / ratio)
    painter = QPainter(picture)
    painter.setFont(like.font())
    painter.setRenderHints(like.renderHints())
    painter.translate(-at)
    draw(painter)
    painter.end()
    return Piece(picture, at)


def _key(shapes: Sequence[Shape], key: Key) -> Key:
    return (tuple(one.id for one in shapes), key)


def _same(shapes: Sequence[Shape], others: Sequence[Shape]) -> bool:
    return all(a is b or a == b for a, b in zip(shapes, others, strict=True))
