"""The key table and every profile can be loaded: with one key given twice nothing starts."""

from pathlib import Path

from viewer.viewport.habits import load_profiles
from viewer.viewport.keymap import load_keymap

RESOURCES = Path(__file__).parents[2] / "resources"


def test_no_key_belongs_to_two_commands_in_any_profile() -> None:
    commands = load_keymap(RESOURCES / "keymap.toml")
    assert load_profiles(RESOURCES / "profiles.toml", commands)
