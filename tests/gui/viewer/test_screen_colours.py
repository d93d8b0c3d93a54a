"""The profile of a screen: chosen by a dialog, kept, used by every pane, told there (F18)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import Room, make_room
from tests.kit.icc import profile_of, table_of
from tests.kit.pictures import COLOUR_STORED
from tests.kit.viewer import ct_instance, series_of, study_of
from viewer.model.colour import ColourProfile
from viewer.qt.picture_desk import PictureDesk
from viewer.qt.screen_colours_dialog import ScreenColoursDialog
from viewer.viewport.preferences import Forgetful
from viewer.viewport.screen_files import read_files

if TYPE_CHECKING:
    from viewer.qt.picture_sheet import Sheet

SCREEN = profile_of((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), gamma=2.6)
ADOBE = profile_of((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), gamma=563 / 256)
SENT = (40, 200, 90)
FORM = replace(COLOUR_STORED, rows=64, columns=48)
COLOUR = ct_instance(modality="XC", format=FORM, windows=(), planes=(None,))
STUDY = study_of(series_of([COLOUR]))
ARRAYS = {(COLOUR.ref.sop, 0): np.full((64, 48, 3), SENT, np.uint8)}


@pytest.fixture
def icc(tmp_path: Path) -> Path:
    file = tmp_path / "room 3.icc"
    file.write_bytes(SCREEN)
    return file


def _room(qtbot: QtBot, preferences: Forgetful | None = None, study: Any = STUDY) -> Room:
    room = make_room(qtbot, study, arrays=ARRAYS, preferences=preferences)
    room.open(study)
    return room


def _middle(room: Room) -> tuple[int, ...]:
    pane = room.pane()
    assert pane.picture.at_rest
    pixels = pane.picture.pixels
    assert pixels is not None
    return tuple(pixels[pixels.shape[0] // 2, pixels.shape[1] // 2].tolist())


def _words(room: Room) -> list[str]:
    pane = room.pane()
    overlay = pane._compose(pane.viewport.state)
    assert overlay is not None
    return [line.text for lines in overlay.corners.values() for line in lines]


def _choose(room: Room, file: Path | str) -> None:
    room.area.actions_by_id()["view.screen_profile"].trigger()
    dialog = room.area.findChild(ScreenColoursDialog)
    assert isinstance(dialog, ScreenColoursDialog)
    dialog.take(str(file))
    room.settle()
    room.area.activateWindow()


def _meant(profile: bytes = b"") -> tuple[int, ...]:
    one = np.array([[SENT]], np.uint8)
    return tuple(table_of(profile, SCREEN).applied(one)[0, 0].tolist())


def test_colours_are_converted_to_the_screen_and_the_corner_says_so(
    qtbot: QtBot, icc: Path
) -> None:
    room = _room(qtbot)
    assert _middle(room) == SENT
    assert "Colour: sRGB" in _words(room)
    _choose(room, icc)
    assert _middle(room) == _meant() != SENT
    assert "Colour: sRGB · FOR THIS SCREEN (room 3.icc)" in _words(room)
    assert room.informed[-1] == "Colours are converted to this screen: room 3.icc."


def test_as_sent_is_labelled_and_leaves_the_screen_out(qtbot: QtBot, icc: Path) -> None:
    room = _room(qtbot)
    room.key(Qt.Key.Key_C, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert room.notices[-1] == "This image has no colour profile."
    _choose(room, icc)
    room.key(Qt.Key.Key_C, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert _middle(room) == SENT
    assert "COLOURS AS SENT" in _words(room)
    for _ in range(2):  # also where the fewest texts are wanted
        room.area.actions_by_id()["view.texts"].trigger()
        room.settle()
        assert "COLOURS AS SENT" in _words(room)


def test_the_profile_of_the_image_and_that_of_the_screen_are_both_honoured(
    qtbot: QtBot, icc: Path
) -> None:
    image = replace(COLOUR, colour_profile=ColourProfile(ADOBE))
    room = _room(qtbot, study=study_of(series_of([image])))
    _choose(room, icc)
    assert _middle(room) == _meant(ADOBE) != _meant()
    assert "Colour by the image's profile · FOR THIS SCREEN (room 3.icc)" in _words(room)


def test_f60_a_saved_picture_has_the_colours_of_the_image_not_of_the_screen(
    qtbot: QtBot, icc: Path
) -> None:
    room = _room(qtbot)
    _choose(room, icc)
    assert _middle(room) == _meant()
    desk = room.area.findChild(PictureDesk)
    assert isinstance(desk, PictureDesk)
    sheets: list[Sheet] = []
    desk.take(sheets.append)
    room.settle()
    (sheet,) = sheets
    colour = sheet.picture.pixelColor(sheet.picture.rect().center())
    assert (colour.red(), colour.green(), colour.blue()) == SENT
    texts = [line.text for lines in sheet.overlay.corners.values() for line in lines]
    assert "Colour: sRGB" in texts


def test_the_table_is_made_off_the_gui_thread(qtbot: QtBot, icc: Path) -> None:
    """Nothing is converted before the executor's turn; until then the picture of before stands."""
    room = _room(qtbot)
    room.area.actions_by_id()["view.screen_profile"].trigger()
    dialog = room.area.findChild(ScreenColoursDialog)
    assert isinstance(dialog, ScreenColoursDialog)
    dialog.take(str(icc))
    kinds: list[bool] = []
    while len(room.executor):
        room.executor.step()
        kinds.append(room.pane().picture.at_rest)
    assert kinds[0] is False, "the file is read first, then the table is made"
    assert len(kinds) >= 3
    assert kinds[-1] is True
    assert _middle(room) == _meant()


def test_the_choice_is_kept_and_can_be_taken_away(qtbot: QtBot, icc: Path) -> None:
    preferences = Forgetful()
    _choose(_room(qtbot, preferences), icc)
    assert list(read_files(preferences.read("screens.colours")).values()) == [str(icc)]
    again = _room(qtbot, preferences)
    assert _middle(again) == _meant()
    again.area.actions_by_id()["view.screen_profile"].trigger()
    dialog = again.area.findChild(ScreenColoursDialog)
    assert isinstance(dialog, ScreenColoursDialog)
    (none,) = (b for b in dialog.findChildren(QPushButton) if b is dialog.none)
    none.click()
    again.settle()
    assert _middle(again) == SENT
    assert preferences.read("screens.colours") == "{}"


def _gone(file: Path) -> None:
    file.unlink()


def _hostile(file: Path) -> None:
    file.write_bytes(b"\xff" * 5000)


def _scanner(file: Path) -> None:
    file.write_bytes(SCREEN[:12] + b"scnr" + SCREEN[16:])


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_gone, "The colour profile room 3.icc is not there."),
        (_hostile, "it does not have the mark of an ICC profile."),
        (_scanner, "it is not the profile of a screen."),
    ],
)
def test_a_file_that_is_none_costs_a_sentence_and_changes_nothing(
    qtbot: QtBot, icc: Path, spoil: Callable[[Path], None], why: str
) -> None:
    preferences = Forgetful()
    room = _room(qtbot, preferences)
    spoil(icc)
    _choose(room, icc)
    assert room.notices[-1].endswith(why)
    assert _middle(room) == SENT
    assert preferences.read("screens.colours") == ""


def test_what_the_colour_library_refuses_is_told_at_once_and_not_used(
    qtbot: QtBot, icc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.kit.viewer import ArrayPool
    from viewer.errors import UndecodableFrame

    def refuse(_pool: ArrayPool, _source: bytes, _target: bytes) -> None:
        raise UndecodableFrame("the colour library refuses it (cannot build transform).")

    monkeypatch.setattr(ArrayPool, "colour_table", refuse)
    room = _room(qtbot)
    _choose(room, icc)
    assert room.notices[-1].startswith("The profile of this screen is not used: the colour library")
    assert _middle(room) == SENT
    assert "Colour: sRGB" in _words(room)


def test_texts_that_are_no_files_of_screens_are_left_out() -> None:
    assert read_files("") == read_files("[1]") == read_files("{") == {}
    assert read_files('{"A": "x.icc", "B": 3, "C": "", "D": "a\\u0000b"}') == {"A": "x.icc"}
