"""The picture of PET and CT in the manual, of the demo's patient; `make screenshots` keeps it."""

import os
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.kit.real_area import real_area
from tests.kit.seeded import NOW
from viewer.model.geometry import PointLps
from viewer.qt.pet_ct_board import PetCtBoard
from workstation.demo.phantoms import drawn_cases
from workstation.demo.phantoms_pet import TUMOUR

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]


def test_pet_and_ct_of_the_demo_on_one_board(qtbot: QtBot, tmp_path: Path) -> None:
    case = next(case for case in drawn_cases(NOW) if case.key == "pet-ct")
    case.make_images(tmp_path, lambda *_: None)
    room = real_area([tmp_path], size=(1920, 1030))
    qtbot.addWidget(room.area, before_close_func=lambda _w: room.area.shut_down())
    room.open()
    room.do("panel.series", "petct.open")
    (board,) = room.area.findChildren(PetCtBoard)
    tumour = PointLps(*TUMOUR.centre)
    assert board.reformat.go_to(tumour)
    board.turning.show(5)
    room.settle()
    for widget, scan in zip(board.planes, board.widgets[:3], strict=True):
        transform, plane, shown = widget.viewport.transform(), widget.viewport.plane, widget.picture
        assert transform is not None
        assert plane is not None
        assert shown.pixels is not None
        assert scan.picture.pixels is not None
        assert shown.shown is not None
        at = transform.to_pane(plane.to_pixel(tumour))
        here = int(at.y), int(at.x)
        assert shown.pixels[here].min() > int(scan.picture.pixels[here]) + 15  # it glows
        widget.pointer = at
        overlay = widget._compose(shown.shown)
        assert overlay is not None
        words = " ".join(line.text for lines in overlay.corners.values() for line in lines)
        assert " HU · PT SUVbw 1" in words
        widget.pointer = None
    keep = os.environ.get("LIGHTBOX_SCREENSHOTS")
    if keep:
        Path(keep).mkdir(parents=True, exist_ok=True)
        room.picture(Path(keep) / "pet_ct.png")
