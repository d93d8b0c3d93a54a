"""Commands that can do nothing now are greyed, and say why."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import make_room
from tests.kit import fusion as kit
from tests.kit.planes import noise, volume_study
from tests.kit.viewer import chest
from tests.kit.volume3d import Workshop
from viewer.qt.volume_board import VolumeBoard
from viewer.render import volume_picture
from viewer.viewport.volume_view import CropBox


def test_a_preset_key_without_a_preset_is_greyed_and_says_why(qtbot: QtBot) -> None:
    study = kit.pet_ct_study()
    room = make_room(qtbot, study, arrays=kit.values(study))
    actions = room.area.actions_by_id()
    assert not actions["window.preset_9"].isEnabled()
    assert actions["window.preset_9"].toolTip() == "There is no image here."
    room.open(study)
    assert room.viewport().instance is not None
    seen = set()
    for key in (None, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
        if key is not None:
            room.key(key)
        for digit in range(3, 10):
            action = actions[f"window.preset_{digit}"]
            vacant = action.text() == f"Window: no preset on key {digit}"
            seen.add((room.viewport().instance.modality, vacant))  # type: ignore[union-attr] # asserted above
            assert action.isEnabled() != vacant
            reason = f"Key {digit} has no window for this image."
            assert (action.toolTip() == reason) == vacant
            assert vacant or action.text() in action.toolTip()
    assert {("CT", False), ("PT", False), ("PT", True)} <= seen
    room.key(Qt.Key.Key_PageDown)
    assert not actions["window.preset_9"].isEnabled()
    room.key(Qt.Key.Key_9)
    assert room.notices[-1] == "Key 9 has no window for this image."


def test_what_is_done_with_measurements_is_greyed_while_no_case_is_open(qtbot: QtBot) -> None:
    study = chest()
    room = make_room(qtbot, study)
    actions = {n: a for n, a in room.area.actions_by_id().items() if n.startswith("annotation.")}
    assert len(actions) > 5
    assert {(a.isEnabled(), a.toolTip()) for a in actions.values()} == {
        (False, "There is no case open."),
        (False, "Undo (Ctrl+Z): There is no case open."),
        (False, "Redo (Ctrl+Shift+Z): There is no case open."),
    }
    room.open(study)
    for name, action in actions.items():
        assert action.isEnabled() == (name not in {"annotation.undo", "annotation.redo"})
        assert "no case" not in action.toolTip()
    room.area.close_case()
    assert not any(a.isEnabled() for a in actions.values())


def test_undo_and_redo_are_greyed_where_there_is_nothing_to_take_back(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volume_picture, "VolumeProcess", Workshop())
    study = volume_study()
    room = make_room(qtbot, study, arrays=noise(study))
    room.open(study)
    actions = room.area.actions_by_id()
    undo, redo = actions["annotation.undo"], actions["annotation.redo"]
    own = undo.toolTip()

    def enabled() -> tuple[bool, bool]:
        room.settle()
        return undo.isEnabled(), redo.isEnabled()

    assert enabled() == (False, False)
    assert own == "Undo (Ctrl+Z): There is nothing to undo."
    room.key(Qt.Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    assert (room.informed[-1], room.notices) == (own, [])
    actions["tool.length"].trigger()
    room.drag(room.at(10, 10), room.at(25, 25))
    assert enabled() == (True, False)
    assert "nothing" not in undo.toolTip()
    undo.trigger()
    assert enabled() == (False, True)
    redo.trigger()
    assert enabled() == (True, False)
    actions["volume.open"].trigger()
    assert enabled() == (False, False)
    (board,) = room.area.findChildren(VolumeBoard)
    box = board.viewport.whole
    board.viewport.crop(CropBox(box.low, box.high._replace(i=20.5)))
    assert enabled() == (True, False)
    undo.trigger()
    assert enabled() == (False, True)
    actions["volume.open"].trigger()
    assert enabled() == (True, False)  # of the images again
