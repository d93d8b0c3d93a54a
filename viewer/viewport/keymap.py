"""Every tool and command of the reading area as one record; key, menu and tooltip follow."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any


class CommandKind(StrEnum):
    """A tool goes onto the left button; a command acts at once."""

    TOOL = "tool"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Command:
    """One record of the table; ``keys`` are portable key names, the first is shown."""

    id: str
    title: str
    keys: tuple[str, ...]
    kind: CommandKind = CommandKind.COMMAND
    help: str = ""
    icon: str = ""
    bar: bool = False
    plain: bool = False
    """Whether it stays in the bar of a plain screen."""
    repeat: bool = False

    @property
    def tooltip(self) -> str:
        """Title, key and help in one line."""
        key = f" ({self.keys[0]})" if self.keys else ""
        return f"{self.title}{key}" + (f": {self.help}" if self.help else "")


def load_keymap(path: Path) -> tuple[Command, ...]:
    """Read the table; ValueError names the entry that is wrong or the key given twice."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    commands = tuple(_command(entry) for entry in table.get("command", ()))
    _refuse_conflicts(commands)
    return commands


def _command(entry: Mapping[str, Any]) -> Command:
    unknown = set(entry) - set(Command.__dataclass_fields__)
    if unknown:
        raise ValueError(f"keymap: unknown entry {sorted(unknown)[0]} in {dict(entry)}")
    try:
        return Command(
            **{
                **entry,
                "id": str(entry["id"]),
                "title": str(entry["title"]),
                "keys": tuple(str(key) for key in entry["keys"]),
                "kind": CommandKind(entry.get("kind", "command")),
            }
        )
    except (KeyError, ValueError) as error:
        raise ValueError(f"keymap: {error} in {dict(entry)}") from error


def with_keys(
    commands: Sequence[Command], keys: Mapping[str, tuple[str, ...]]
) -> tuple[Command, ...]:
    """The same commands, those that are named with other keys."""
    return tuple(replace(c, keys=keys[c.id]) if c.id in keys else c for c in commands)


def conflicts(commands: Sequence[Command]) -> tuple[tuple[str, Command, Command], ...]:
    """Keys that belong to two commands, each with both."""
    owners: dict[str, Command] = {}
    found = []
    for command in commands:
        for key in command.keys:
            owner = owners.setdefault(key.casefold(), command)
            if owner is not command:
                found.append((key, owner, command))
    return tuple(found)


def _refuse_conflicts(commands: Sequence[Command]) -> None:
    ids: set[str] = set()
    for command in commands:
        if command.id in ids:
            raise ValueError(f"keymap: {command.id} stands twice")
        ids.add(command.id)
    for key, one, other in conflicts(commands):
        raise ValueError(f"keymap: {key} belongs to {one.id} and to {other.id}")
