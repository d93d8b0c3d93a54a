"""Pictures that leave the program keep their texts and marks, and no pixel is changed (F60)."""

from pathlib import Path

import numpy as np
import pypdfium2  # type: ignore[import-untyped]  # it brings no types
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit import grey_reference
from tests.kit.planes import noise, volume_study
from tests.kit.viewer import SOFT, chest
from viewer.calibration.display import DisplayProfile
from viewer.model.geometry import PixelPoint
from viewer.qt.picture_desk import PictureDesk
from viewer.qt.picture_sheet import Sheet
from viewer.viewport.corners import Corner

LOSSY = "JPEG 2000 24:1"


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    study = chest(5, lossy=LOSSY, windows=(SOFT,))
    made = make_room(qtbot, study)
    made.open(study)
    return made


def _desk(room: Room) -> PictureDesk:
    found = room.area.findChild(PictureDesk)
    assert isinstance(found, PictureDesk)
    return found


def _sheet(room: Room) -> Sheet:
    sheet = _desk(room).sheet()
    assert sheet is not None
    return sheet


def _texts(sheet: Sheet) -> list[str]:
    return [line.text for lines in sheet.overlay.corners.values() for line in lines]


def test_all_texts_stand_on_the_sheet_whatever_level_the_reader_has(room: Room) -> None:
    for _ in range(2):
        room.area.actions_by_id()["view.texts"].trigger()
    texts = _texts(_sheet(room))
    for words in ("DOE^JANE", "4711", "1972-03-04 F 54 y", f"LOSSY {LOSSY}"):
        assert words in texts
    assert any(text.startswith("2026-11-24") for text in texts)
    assert _sheet(room).overlay.ruler is not None
    assert _sheet(room).warning == "NOT FOR DIAGNOSIS"
    assert "Dr. Ito" in _sheet(room).made
    own = room.pane().overlay_now()  # the reader's own level is as before
    assert own is not None
    assert own.corners[Corner.TOP_RIGHT] == ()


def test_f60_the_pixels_of_the_file_are_those_of_the_pipeline(room: Room, tmp_path: Path) -> None:
    view = room.viewport()
    view.one_to_one()
    room.settle()
    file = tmp_path / "picture.png"
    _desk(room).write(_sheet(room), file)
    assert room.informed[-1] == "Saved picture.png."
    with Image.open(file) as held:
        assert "icc_profile" not in held.info
        assert "srgb" not in held.info
        saved = np.asarray(held.convert("RGB"))
    instance, frame, transform = view.instance, view.state.frame, view.transform()
    assert instance is not None
    assert frame is not None
    assert transform is not None
    stored = room.arrays[(frame.sop, 0)]
    form, look = instance.format, view.state.look
    assert form is not None
    expected = np.array(
        [
            [grey_reference.level(v, form, instance.modality_lut, look, 8) for v in row]
            for row in stored
        ]
    )
    corner = transform.to_pane(PixelPoint(-0.5, -0.5))
    x, y = round(corner.x), round(corner.y)
    inside = saved[y : y + 64, x : x + 48]
    assert (inside == expected[..., None]).all()
    assert len(np.unique(expected)) > 50


def test_a_pdf_holds_the_words_as_words(room: Room, tmp_path: Path) -> None:
    file = tmp_path / "picture.pdf"
    _desk(room).write(_sheet(room), file)
    pdf = pypdfium2.PdfDocument(file)
    try:
        assert len(pdf) == 1
        text = pdf[0].get_textpage().get_text_bounded()
    finally:
        pdf.close()
    for words in ("DOE^JANE", "4711", "NOT FOR DIAGNOSIS", "LOSSY"):
        assert words in text


def test_a_printer_gets_the_same_sheet(room: Room, tmp_path: Path) -> None:
    printer = QPrinter()
    printer.setOutputFileName(str(tmp_path / "out.pdf"))
    _desk(room).print_on(printer, _sheet(room))
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF")
    assert room.informed[-1] == "The picture was handed to the printer."


def test_what_cannot_be_written_is_told_and_leaves_nothing(room: Room, tmp_path: Path) -> None:
    _desk(room).write(_sheet(room), tmp_path / "no" / "such.png")
    assert room.notices[-1].startswith("such.png was not saved: ")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_pane_has_no_picture(qtbot: QtBot) -> None:
    room = make_room(qtbot)
    room.area.actions_by_id()["picture.save"].trigger()
    assert room.notices == ["There is no finished picture here to print or save."]


def test_by_key_a_file_is_asked_for_and_reading_goes_on(room: Room) -> None:
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    room.key(Qt.Key.Key_S, modifier=both)
    dialog = room.area.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    dialog.reject()
    room.key(Qt.Key.Key_C, modifier=both)
    assert not QGuiApplication.clipboard().image().isNull()


def test_planes_of_a_reconstruction_are_saved_too(qtbot: QtBot) -> None:
    study = volume_study()
    room = make_room(qtbot, study, arrays=noise(study))
    room.open(study)
    room.area.actions_by_id()["mpr.open"].trigger()
    room.settle()
    assert any(text.startswith("MPR ") for text in _texts(_sheet(room)))


def _taken(room: Room) -> Sheet:
    found: list[Sheet] = []
    _desk(room).take(found.append)
    room.settle()
    (sheet,) = found
    return sheet


def test_f60_what_leaves_has_p_values_never_the_levels_of_the_screen(room: Room) -> None:
    plain = np.asarray(room.pane().picture.pixels)
    assert np.array_equal(_pixels(_taken(room)), plain)
    table = tuple(255 - n // 2 if n > 200 else n // 2 for n in range(256))
    display = DisplayProfile("A", 8, 0.2, tuple(sorted(table)))
    room.viewport().know_screen(0.2, display=display)
    room.settle()
    assert not np.array_equal(np.asarray(room.pane().picture.pixels), plain)
    assert np.array_equal(_pixels(_taken(room)), plain)


def _pixels(sheet: Sheet) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    image = sheet.picture
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return lines[:, : image.width()].copy()
