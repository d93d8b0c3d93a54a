"""The rings of a short line leave its ends free: they are what is measured."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from viewer.model.annotation import AnnotationId
from viewer.qt.area import Area
from viewer.qt.shape_painter import paint_shapes
from viewer.qt.stamps import Stamps
from viewer.viewport.shapes import Shape
from viewer.viewport.transform import PanePoint

GREY = 0x70


def _drawn(length: int) -> NDArray[np.uint8]:
    """(rows, columns): where a line from (30, 30) to the right has changed a grey picture."""
    image = QImage(120, 60, QImage.Format.Format_RGB32)
    image.fill(0xFF707070)
    painter = QPainter(image)
    ends = (PanePoint(30, 30), PanePoint(30 + length, 30))
    line = Shape(AnnotationId("a"), ends, "", selected=True, drawing=False, paths=(ends,))
    paint_shapes(painter, [line], Area(QRectF(0, 0, 120, 60), 1.0, Stamps()))
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(60, 120, 4)
    return np.asarray((pixels[..., :3] != GREY).any(axis=2))


def test_rings_shrink_with_the_line_and_never_meet(qtbot: QtBot) -> None:
    def height(length: int) -> int:
        return int(_drawn(length).any(axis=1).sum())

    assert height(60) > height(12) > height(8) > height(4)
    for length in (8, 12, 16):
        middle = _drawn(length)[:, 30 + length // 2]
        assert middle.sum() <= 6, "between the rings there is the line alone"
