"""Words are drawn once and put down again and again, pixel for pixel the same."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import grabbed, make_room
from tests.kit.viewer import chest
from viewer.model.presentation import Window
from viewer.qt.stamps import Stamps


def test_drawn_once_and_put_down_on_whole_pixels(qtbot: QtBot) -> None:
    stamps, drawn = Stamps(), list[int]()
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    stamps.ready(painter.font(), 1.0)

    def draw(on: QPainter) -> None:
        drawn.append(1)
        on.fillRect(QRectF(0, 0, 2, 2), 0xFFFFFF)

    for at in (QPointF(3.4, 5.6), QPointF(12.2, 5.6)):
        stamps.get(("spot",), lambda: QRectF(-1, -1, 4, 4), draw).put(
            painter, at, QPointF(0, 0), 1.0
        )
    painter.end()
    lit = [(x, y) for y in range(20) for x in range(20) if image.pixel(x, y) != 0xFF000000]
    assert len(drawn) == 1
    assert lit == [(x, y) for y in (6, 7) for x in (3, 4, 12, 13)]


def test_another_font_or_ratio_is_drawn_anew(qtbot: QtBot) -> None:
    stamps, drawn = Stamps(), list[int]()
    font = QFont()
    for ratio in (1.0, 1.0, 2.0):
        stamps.ready(font, ratio)
        stamps.get(("spot",), lambda: QRectF(0, 0, 4, 4), lambda _: drawn.append(1))
    assert len(drawn) == 2


def test_a_pane_is_painted_only_when_its_picture_is_here(qtbot: QtBot) -> None:
    """What is on the screen stays, words and pixels together, until the next picture is drawn."""
    room = make_room(qtbot, chest(3))
    room.open(chest(3))
    pane = room.pane()
    before = grabbed(pane)
    room.viewport().set_voi(Window(-200, 300))
    assert pane.picture.waiting == "picture"
    np.testing.assert_array_equal(grabbed(pane), before)
    room.settle()
    assert (grabbed(pane) != before).any()
