"""The picture of PET and CT in the manual: an invented patient; `make screenshots` keeps it."""

import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import make_room
from tests.kit.pet_ct_phantom import pet_ct_phantom
from viewer.model.geometry import PointLps
from viewer.qt.pet_ct_board import PetCtBoard
from workstation.demo.phantoms_scan import NODULES

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]


def test_pet_and_ct_on_one_board(qtbot: QtBot) -> None:
    study, arrays = pet_ct_phantom()
    room = make_room(qtbot, study, arrays=arrays)
    room.area.resize(1920, 1030)
    room.open(study)
    room.area.actions_by_id()["panel.series"].trigger()
    room.area.actions_by_id()["petct.open"].trigger()
    room.settle()
    (board,) = room.area.findChildren(PetCtBoard)
    board.turning.stop()
    lesion = PointLps(*NODULES[1].centre)
    assert board.reformat.go_to(lesion)
    board.turning.show(4)
    room.settle()
    qtbot.wait(100)  # the panel that was hidden leaves its place
    room.settle()
    picture = room.area.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), -1)
    pixels = lines[:, : picture.width() * 3].reshape(picture.height(), picture.width(), 3)
    coloured = np.ptp(pixels.astype(int), axis=2) > 40
    assert (picture.width(), picture.height()) == (1920, 1030)
    assert 0.005 < coloured.mean() < 0.5
    for widget in board.planes:  # what is hot glows where the crosshair stands
        shown, transform = widget.picture.pixels, widget.viewport.transform()
        plane = widget.viewport.plane
        assert shown is not None
        assert transform is not None
        assert plane is not None
        at = transform.to_pane(plane.to_pixel(lesion))
        assert np.ptp(shown[int(at.y), int(at.x)].astype(int)) > 15
    keep = os.environ.get("LIGHTBOX_SCREENSHOTS")
    if keep:
        Path(keep).mkdir(parents=True, exist_ok=True)
        assert picture.save(str(Path(keep) / "pet_ct.png"))
