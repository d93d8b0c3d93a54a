"""Finished pixels as a QImage, without a change of any value."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPixmap

from viewer.qt import colours
from viewer.render.painted import Painted


def as_image(pixels: NDArray[Any]) -> QImage:
    """Copy (height, width) grey or (height, width, 3) RGB, uint8, into an image of its own."""
    height, width = pixels.shape[:2]
    kind = QImage.Format.Format_Grayscale8 if pixels.ndim == 2 else QImage.Format.Format_RGB888
    whole = np.ascontiguousarray(pixels, dtype=np.uint8)
    return QImage(whole.data, width, height, whole.strides[0], kind).copy()


def image_of(painted: Painted) -> QImage:
    """The words of a picture as an image, not copied: hold ``painted`` as long as the image."""
    words = painted.words
    height, width = words.shape
    return QImage(words.data, width, height, words.strides[0], QImage.Format.Format_RGB32)


def mark_lossy(pixmap: QPixmap, word: str) -> None:
    """Write a word along the lower edge of a thumbnail, on a dark ground (F55)."""
    size = pixmap.deviceIndependentSize()
    font = QFont()
    font.setPixelSize(11)
    font.setBold(True)
    band = QRectF(0, size.height() - 15, size.width(), 15)
    painter = QPainter(pixmap)
    painter.setFont(font)
    painter.fillRect(band, colours.HALO)
    painter.setPen(colours.WARNING)
    painter.drawText(band, int(Qt.AlignmentFlag.AlignCenter), word)
    painter.end()
