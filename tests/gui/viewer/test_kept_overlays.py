"""What is kept of overlays is never out of date: every change shows at the next paint."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QImage, QPainter
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import grabbed, make_room
from tests.kit.viewer import chest
from viewer.qt.area import Area
from viewer.qt.overlay_painter import paint_overlay
from viewer.qt.stamps import Stamps
from viewer.viewport.corners import Corner, Role, TextLine
from viewer.viewport.letters import EdgeLetters
from viewer.viewport.overlay import Overlay, PaneIdentity

_CORNERS = dict.fromkeys(
    Corner, (TextLine("Doe, Jane", Role.IDENTITY), TextLine("CT", Role.NORMAL))
)
PLAIN = Overlay(_CORNERS, EdgeLetters("R", "L", "A", "P"), None, ())


def _with(corner: Corner, *lines: TextLine) -> Overlay:
    return replace(PLAIN, corners={**_CORNERS, corner: lines})


CHANGED = {
    "mark": _with(Corner.TOP_RIGHT, TextLine("PRIOR", Role.WARNING), TextLine("CT", Role.NORMAL)),
    "louder": _with(Corner.TOP_LEFT, TextLine("Doe, Jane", Role.ALARM)),
    "gone": _with(Corner.BOTTOM_LEFT),
    "patient": _with(Corner.TOP_LEFT, TextLine("Roe, Jane", Role.IDENTITY)),
    "letters": replace(PLAIN, letters=EdgeLetters("L", "R", "A", "P")),
}


def _painted(
    overlay: Overlay, stamps: Stamps, *, width: int = 400, ratio: float = 1.0, size: int = 12
) -> NDArray[np.uint8]:
    image = QImage(int(width * ratio), int(300 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(0x303030)
    painter = QPainter(image)
    font = QFont()
    font.setPixelSize(size)
    painter.setFont(font)
    paint_overlay(painter, overlay, Area(QRectF(0, 0, width, 300), ratio, stamps))
    painter.end()
    held = np.frombuffer(image.constBits(), np.uint8)
    return held.reshape(image.height(), image.width(), 4).copy()


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_shows_at_the_next_paint(qtbot: QtBot, name: str) -> None:
    kept = Stamps()
    before = _painted(PLAIN, kept)
    now = _painted(CHANGED[name], kept)
    np.testing.assert_array_equal(now, _painted(CHANGED[name], Stamps()))
    assert (now != before).any()
    np.testing.assert_array_equal(_painted(PLAIN, kept), before)


def test_panes_of_other_sizes_screens_and_fonts_share_what_is_kept(qtbot: QtBot) -> None:
    kept = Stamps()
    for _ in range(2):
        for width, ratio, size in ((400, 1.0, 12), (500, 1.0, 12), (400, 2.0, 12), (400, 1.0, 15)):
            found = _painted(PLAIN, kept, width=width, ratio=ratio, size=size)
            fresh = _painted(PLAIN, Stamps(), width=width, ratio=ratio, size=size)
            np.testing.assert_array_equal(found, fresh)


def test_another_patient_shows_in_the_pane_at_the_next_paint(qtbot: QtBot) -> None:
    room = make_room(qtbot, chest(3))
    room.open(chest(3))
    pane = room.pane()
    before = grabbed(pane)
    room.area._composer.identity = PaneIdentity("Somebody, Else", "999", "19010101", "F")
    now = grabbed(pane)
    assert (now != before).any()
    pane.stamps = Stamps()
    np.testing.assert_array_equal(grabbed(pane), now)
