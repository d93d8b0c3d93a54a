"""Words are drawn once and put down again and again, pixel for pixel the same."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import grabbed, make_room
from tests.kit.viewer import chest
from viewer.model.presentation import Window
from viewer.qt.stamps import Stamps

GRID = (0.0, 0.0, 1.0)


def _painter(image: QImage) -> QPainter:
    image.fill(0)
    return QPainter(image)


def test_put_down_on_whole_pixels(qtbot: QtBot) -> None:
    stamps, image = Stamps(), QImage(20, 20, QImage.Format.Format_RGB32)
    painter = _painter(image)
    stamps.ready(painter, 1.0)
    stamp = stamps.keep(
        ("spot",), QRectF(-1, -1, 4, 4), lambda on: on.fillRect(QRectF(0, 0, 2, 2), 0xFFFFFF)
    )
    assert stamps.find(("spot",)) is stamp
    for x in (3.4, 12.2):
        stamp.put(painter, x, 5.6, GRID)
    painter.end()
    lit = [(x, y) for y in range(20) for x in range(20) if image.pixel(x, y) != 0xFF000000]
    assert lit == [(x, y) for y in (6, 7) for x in (3, 4, 12, 13)]


def test_another_font_or_ratio_is_drawn_anew(qtbot: QtBot) -> None:
    stamps, image = Stamps(), QImage(20, 20, QImage.Format.Format_RGB32)
    painter = _painter(image)
    stamps.ready(painter, 1.0)
    stamps.keep(("spot",), QRectF(0, 0, 4, 4), lambda _: None)
    stamps.ready(painter, 1.0)
    assert stamps.find(("spot",)) is not None
    stamps.ready(painter, 2.0)
    assert stamps.find(("spot",)) is None
    painter.end()


def test_the_oldest_go(qtbot: QtBot) -> None:
    stamps, image = Stamps(), QImage(20, 20, QImage.Format.Format_RGB32)
    painter = _painter(image)
    stamps.ready(painter, 1.0)
    for n in range(401):
        stamps.keep((n,), QRectF(0, 0, 1, 1), lambda _: None)
    painter.end()
    assert stamps.find((0,)) is None
    assert stamps.find((400,)) is not None


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
