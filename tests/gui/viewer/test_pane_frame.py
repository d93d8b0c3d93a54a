"""The frame of the active pane is the outline that Qt draws, whatever way it is painted."""

import pytest
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter, QPen

from viewer.qt import colours
from viewer.qt.pane_frame import paint_frame

_EMPTY = 0xFF102030


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("size", [(120, 120), (333, 121)])
@pytest.mark.usefixtures("qapp")
def test_filled_sides_are_the_outline_pixel_for_pixel(width: int, size: tuple[int, int]) -> None:
    ours, theirs = (QImage(*size, QImage.Format.Format_RGB32) for _ in range(2))
    for image in (ours, theirs):
        image.fill(_EMPTY)
    painter = QPainter(ours)
    paint_frame(painter, QRect(0, 0, *size), width)
    painter.end()
    painter = QPainter(theirs)
    painter.setPen(QPen(colours.ACCENT, width))
    half = width / 2
    painter.drawRect(QRectF(half, half, size[0] - width, size[1] - width))
    painter.end()
    assert ours == theirs
    assert ours.pixel(size[0] // 2, 0) == colours.ACCENT.rgb()
