"""Paints which part of a series was seen, as a bar that is filled where frames were."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from viewer.hanging.seen import Run
from viewer.qt import colours

HEIGHT = 4


def paint_seen(painter: QPainter, rect: QRect, runs: Sequence[Run], count: int) -> None:
    """Fill the bar along the lower edge of ``rect``; ``count`` frames make its whole width.

    A gap of one frame stays visible: what is filled never covers a pixel that unseen frames share.
    """
    bar = QRectF(rect.left(), rect.bottom() - HEIGHT + 1, rect.width(), HEIGHT)
    painter.fillRect(bar, colours.PANE_BORDER)
    for first, end in runs:
        left, right = bar.width() * first / count, bar.width() * end / count
        if end < count:
            right = min(right, bar.width() - 1)
        width = max(int(right) - int(left), 1)
        painter.fillRect(QRectF(bar.left() + int(left), bar.top(), width, HEIGHT), colours.ACCENT)
