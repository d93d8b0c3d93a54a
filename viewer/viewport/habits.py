"""Profiles of keys and mouse, and a reader's own changes to one of them."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from viewer.viewport.keymap import Command, conflicts, with_keys
from viewer.viewport.tools import Mouse, ToolId, WheelAct

_AUTO = "auto"
Keys = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Profile:
    """Keys and mouse that somebody is used to; ``keys`` hold what differs from the key table."""

    id: str
    name: str
    help: str = ""
    keys: Keys = field(default_factory=dict)
    mouse: Mouse = field(default_factory=Mouse)


@dataclass(frozen=True, slots=True)
class Habits:
    """A profile with the reader's own keys and mouse; without a mouse it is the profile's."""

    profile: Profile
    keys: Keys = field(default_factory=dict)
    own_mouse: Mouse | None = None

    @property
    def mouse(self) -> Mouse:
        """The mouse in use."""
        return self.own_mouse or self.profile.mouse

    def keymap(self, commands: Sequence[Command]) -> tuple[Command, ...]:
        """The key table with the keys in use."""
        return with_keys(commands, {**self.profile.keys, **self.keys})


def load_profiles(path: Path, commands: Sequence[Command]) -> tuple[Profile, ...]:
    """Read the table; ValueError names the profile that is wrong. The first one is the usual."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    profiles = tuple(_profile(entry, commands) for entry in table.get("profile", ()))
    if not profiles or len({p.id for p in profiles}) != len(profiles):
        raise ValueError(f"{path.name}: profiles need ids of their own")
    return profiles


def read_habits(text: str, profiles: Sequence[Profile], commands: Sequence[Command]) -> Habits:
    """Habits that were kept; what does not fit the commands of today is left out whole."""
    try:
        kept: Any = json.loads(text) if text else {}
        profile = next(p for p in profiles if p.id == kept.get("profile", profiles[0].id))
        keys = _keys(kept.get("keys", {}), commands)
        mouse = _mouse(kept["mouse"]) if kept.get("mouse") else None
    except (ValueError, TypeError, AttributeError, StopIteration):
        return Habits(profiles[0])
    habits = Habits(profile, keys, mouse)
    return Habits(profile, {}, mouse) if conflicts(habits.keymap(commands)) else habits


def write_habits(habits: Habits) -> str:
    """Habits as a text that ``read_habits`` reads."""
    mouse = habits.own_mouse
    return json.dumps(
        {
            "profile": habits.profile.id,
            "keys": {name: list(keys) for name, keys in habits.keys.items()},
            "mouse": None if mouse is None else _written(mouse),
        },
        sort_keys=True,
    )


def _profile(entry: Mapping[str, Any], commands: Sequence[Command]) -> Profile:
    try:
        made = Profile(
            str(entry["id"]),
            str(entry["name"]),
            str(entry.get("help", "")),
            _keys(entry.get("keys", {}), commands),
            _mouse(entry.get("mouse", {})),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"profiles: {error} in {entry.get('id', 'a profile')}") from error
    found = conflicts(with_keys(commands, made.keys))
    if found:
        key, one, other = found[0]
        raise ValueError(f"profiles: {key} belongs to {one.id} and to {other.id} in {made.id}")
    return made


def _keys(table: Mapping[str, Any], commands: Sequence[Command]) -> Keys:
    known = {command.id for command in commands}
    unknown = sorted(set(table) - known)
    if unknown:
        raise ValueError(f"unknown command {unknown[0]}")
    if not all(isinstance(keys, list) for keys in table.values()):
        raise ValueError("keys must be a list")
    return {name: tuple(str(key) for key in keys) for name, keys in table.items()}


def _mouse(table: Mapping[str, Any]) -> Mouse:
    unknown = sorted(set(table) - {f.name for f in fields(Mouse)})
    if unknown:
        raise ValueError(f"unknown part of a mouse: {unknown[0]}")
    return Mouse(**{name: _carried(name, value) for name, value in table.items()})


def _carried(part: str, value: str) -> Any:
    """What a part of the mouse carries: a tool on buttons, an act on the wheel."""
    if part == "left" and value == _AUTO:
        return None
    return ToolId(value) if part in {"left", "middle", "right"} else WheelAct(value)


def _written(mouse: Mouse) -> dict[str, str]:
    values = {f.name: getattr(mouse, f.name) for f in fields(Mouse)}
    return {name: _AUTO if value is None else str(value) for name, value in values.items()}
