"""Profiles are sound tables; a reader's own changes are kept and never give a key twice."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from viewer.viewport.habits import Habits, Profile, load_profiles, read_habits, write_habits
from viewer.viewport.keymap import Command, CommandKind, conflicts, load_keymap, with_keys
from viewer.viewport.tools import Mouse, ToolId, WheelAct

RESOURCES = Path(__file__).parents[4] / "resources"
COMMANDS = load_keymap(RESOURCES / "keymap.toml")
PROFILES = {p.id: p for p in load_profiles(RESOURCES / "profiles.toml", COMMANDS)}


def _keys(profile: str) -> dict[str, tuple[str, ...]]:
    return {c.id: c.keys for c in Habits(PROFILES[profile]).keymap(COMMANDS)}


def test_the_shipped_profiles() -> None:
    assert list(PROFILES) == ["lightbox", "bir", "ohif", "weasis", "horos"]
    assert PROFILES["lightbox"] == Profile("lightbox", "Lightbox", "The keys of this manual")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda p: p.id)
def test_in_every_profile_each_command_has_a_key_and_no_key_has_two(profile: Profile) -> None:
    keymap = Habits(profile).keymap(COMMANDS)
    assert [c.id for c in keymap if not c.keys] == []
    assert conflicts(keymap) == ()
    tools = [c for c in keymap if c.kind is CommandKind.TOOL and c.bar]
    assert all(any(len(key) == 1 for key in c.keys) for c in tools)  # can be held down


def test_bir_has_the_keys_of_the_profile() -> None:
    """features.md 3.1, item 16: what exists here has its letter."""
    keys = _keys("bir")
    expected = {
        "tool.scroll": "S", "tool.window": "W", "tool.zoom": "Z", "tool.pan": "T",
        "tool.length": "D", "tool.point": "J", "view.reference_lines": "O", "view.texts": "I",
        "cine.play": "C", "view.link": "L", "annotation.to_report": "R", "keys.sheet": "F1",
        "view.reset": "Esc", "frame.next": "Down", "series.next": "PgDown",
        "series.previous": "PgUp", "tool.cobb": "A", "picture.print": "P", "view.plain": "F10",
    }  # fmt: skip
    assert {name: key for name, key in expected.items() if key not in keys[name]} == {}
    assert PROFILES["bir"].mouse.left is ToolId.SCROLL


@pytest.mark.parametrize(
    ("profile", "command", "key"),
    [
        ("ohif", "view.flip", "H"),
        ("ohif", "view.reset", "Space"),
        ("ohif", "view.turn", "R"),
        ("weasis", "tool.point", "H"),
        ("weasis", "view.texts", "Space"),
        ("weasis", "series.next", "Right"),
        ("horos", "view.flip", "H"),
        ("horos", "tool.pan", "M"),
        ("horos", "cine.play", "Space"),
    ],
)
def test_habits_of_others(profile: str, command: str, key: str) -> None:
    assert key in _keys(profile)[command]


def test_the_wheel_of_a_mouse() -> None:
    usual, weasis = Mouse(), PROFILES["weasis"].mouse
    assert usual.wheel_act(ctrl=False, shift=False) is WheelAct.SCROLL
    assert usual.wheel_act(ctrl=True, shift=False) is WheelAct.ZOOM
    assert usual.wheel_act(ctrl=False, shift=True) is WheelAct.TEN
    assert weasis.wheel_act(ctrl=True, shift=False) is WheelAct.TEN


def test_own_keys_lie_over_those_of_the_profile() -> None:
    habits = Habits(PROFILES["ohif"], {"view.flip": ("Ctrl+H",)})
    keymap = {c.id: c.keys for c in habits.keymap(COMMANDS)}
    assert keymap["view.flip"] == ("Ctrl+H",)
    assert keymap["view.turn"] == ("R",)


def test_habits_are_read_as_they_were_written() -> None:
    profiles = tuple(PROFILES.values())
    mouse = replace(Mouse(), left=ToolId.PAN, wheel=WheelAct.ZOOM)
    for habits in (
        Habits(PROFILES["weasis"]),
        Habits(PROFILES["bir"], {"view.fit": ("Ctrl+F", "F")}, mouse),
        Habits(PROFILES["horos"], {"view.fit": ()}, Mouse()),
    ):
        assert read_habits(write_habits(habits), profiles, COMMANDS) == habits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        '{"profile": "nobody"}',
        '{"keys": {"no.command": ["X"]}}',
        '{"keys": {"view.fit": "X"}}',
        '{"keys": []}',
        '{"mouse": {"left": "hammer"}}',
        '{"mouse": {"tail": "pan"}}',
        '{"mouse": {"wheel": ["zoom"]}}',
    ],
)
def test_what_cannot_be_read_is_the_first_profile(text: str) -> None:
    assert read_habits(text, tuple(PROFILES.values()), COMMANDS) == Habits(PROFILES["lightbox"])


def test_own_keys_that_conflict_with_new_commands_are_left_out() -> None:
    kept = json.dumps({"profile": "bir", "keys": {"view.fit": ["S"]}})
    assert read_habits(kept, tuple(PROFILES.values()), COMMANDS) == Habits(PROFILES["bir"])


def test_conflicts_are_found_whatever_the_case() -> None:
    one, other = Command("a", "A", ("Ctrl+X",)), Command("b", "B", ("F", "ctrl+x"))
    assert conflicts((one, other)) == (("ctrl+x", one, other),)
    assert conflicts(with_keys((one, other), {"b": ("F",)})) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "ids of their own"),
        ('[[profile]]\nid="a"\nname="A"\n[[profile]]\nid="a"\nname="B"', "ids of their own"),
        ('[[profile]]\nid="a"', "'name' in a"),
        ('[[profile]]\nid="a"\nname="A"\n[profile.keys]\n"no.one"=["X"]', "unknown command no.one"),
        ('[[profile]]\nid="a"\nname="A"\n[profile.keys]\n"view.fit"=["S"]', "S belongs to"),
        ('[[profile]]\nid="a"\nname="A"\n[profile.mouse]\nleft="axe"', "axe"),
    ],
)
def test_wrong_profiles_are_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "profiles.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        load_profiles(path, COMMANDS)
