"""Commands that can do nothing now are greyed, and say why."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.gui.viewer.room import make_room
from tests.kit import fusion as kit
from tests.kit.viewer import chest


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
        (False, "There is no case open.")
    }
    room.open(study)
    for action in actions.values():
        assert action.isEnabled()
        assert "no case" not in action.toolTip()
    room.area.close_case()
    assert not any(a.isEnabled() for a in actions.values())
