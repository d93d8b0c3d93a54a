"""The frame around the pane that keys and panels act on."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from viewer.qt import colours


def paint_frame(painter: QPainter, room: QRect, width: int) -> None:
    """Draw it ``width`` logical pixels wide inside a widget that begins at the origin."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if painter.device().devicePixelRatio() == 1:
        for side in _sides(room.width(), room.height(), width):
            painter.fillRect(side, colours.ACCENT)  # a tenth of what the outline below takes
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours.ACCENT, width))
    half = width / 2
    painter.drawRect(QRectF(room).adjusted(half, half, -half, -half))


def _sides(wide: int, high: int, width: int) -> tuple[QRect, ...]:
    """What the outline covers on whole pixels, less the corners that its pen cuts off."""
    cut = width - 1
    return (
        QRect(cut, 0, wide - cut, width),
        QRect(cut, high - width, wide - cut, width),
        QRect(0, cut, cut, high - 2 * cut),
        QRect(cut, width, 1, high - 2 * width),
        QRect(wide - width, width, width, high - 2 * width),
    )
