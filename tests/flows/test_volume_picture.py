"""The picture of 3D in the manual, of the demo's patient; `make screenshots` keeps it."""

import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.kit.real_area import RealArea, real_area
from tests.kit.seeded import NOW
from viewer.qt.volume_board import VolumeBoard
from viewer.render.volume_process import NoVolumeRendering
from viewer.viewport.camera import SIDES
from workstation.demo.phantoms import drawn_cases

KEEP = os.environ.get("LIGHTBOX_SCREENSHOTS", "")
pytestmark = [
    pytest.mark.flow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not KEEP, reason="draws 300 slices for a picture: make screenshots"),
]


def _stand(room: RealArea, board: VolumeBoard) -> None:
    """Let the view stand and be drawn whole."""
    for _ in range(3):
        room.settle()
        QTest.qWait(250)
    room.settle()
    if isinstance(board.picture.error, NoVolumeRendering):
        pytest.skip(board.picture.error.sentence)


def test_the_chest_of_the_demo_in_3d(qtbot: QtBot, tmp_path: Path) -> None:
    case = next(case for case in drawn_cases(NOW) if case.key == "chest-ct")
    case.make_images(tmp_path, lambda *_: None)
    room = real_area([tmp_path], size=(1920, 1030))
    qtbot.addWidget(room.area, before_close_func=lambda _w: room.area.shut_down())
    room.open()
    room.do("panel.series", "volume.open")
    (board,) = room.area.findChildren(VolumeBoard)
    board.viewport.look_from(SIDES["A"].turned(-0.55, 0.2))
    _stand(room, board)
    assert board.picture.at_rest
    assert board.picture.pixels is not None
    lit = board.picture.pixels.max(axis=2) > 60
    assert 0.05 < np.mean(lit) < 0.6
    Path(KEEP).mkdir(parents=True, exist_ok=True)
    room.picture(Path(KEEP) / "volume.png")
