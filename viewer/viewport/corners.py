"""Which texts stand in which corner of a pane: a table read from resources, checked at start."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

_FIELD = re.compile(r"\{([a-z]+\.[A-Za-z_0-9]+)\}")
_FIELDS = frozenset(
    {
        "patient.name", "patient.id", "patient.birth_date", "patient.sex", "patient.age",
        "study.description", "study.date", "study.time", "study.accession", "study.institution",
        "series.title", "image.thickness", "image.position", "image.laterality", "image.view",
        "view.image", "view.window", "view.zoom", "view.pointer", "view.cine",
        "mark.identity", "mark.origin", "mark.side", "mark.current", "mark.prior",
        "mark.lossy", "mark.derived", "mark.data",
        "mark.turned", "mark.covers", "mark.link", "mark.warning", "mark.state",
        "mark.size", "view.size", "mark.colours", "mark.mask", "mark.display",
        "mark.fusion", "mark.fusion_note",
        "mark.reformat", "mark.volume", "mark.rejected", "mark.key", "mark.part", "mark.hidden",
    }
)  # fmt: skip
IDENTITY_FIELDS = ("patient.name", "patient.id", "patient.birth_date", "patient.sex")


class Corner(StrEnum):
    """The corners of a pane."""

    TOP_LEFT = "top_left"
    TOP_RIGHT = "top_right"
    BOTTOM_LEFT = "bottom_left"
    BOTTOM_RIGHT = "bottom_right"


class Role(StrEnum):
    """How loud a text is."""

    NORMAL = "normal"
    IDENTITY = "identity"
    WARNING = "warning"
    ALARM = "alarm"
    """Cannot be overlooked: on a ground of its own."""


class TextLevel(StrEnum):
    """How many corner texts are wanted; identity and warnings stand at every level (F56)."""

    LEAST = "least"
    FEW = "few"
    ALL = "all"

    @property
    def fewer(self) -> "TextLevel":
        """The next level down; after the least all again."""
        order = (TextLevel.ALL, TextLevel.FEW, TextLevel.LEAST)
        return order[(order.index(self) + 1) % len(order)]


_WANTED = {
    TextLevel.LEAST: frozenset({TextLevel.LEAST}),
    TextLevel.FEW: frozenset({TextLevel.LEAST, TextLevel.FEW}),
    TextLevel.ALL: frozenset(TextLevel),
}


@dataclass(frozen=True, slots=True)
class TextLine:
    """One finished line."""

    text: str
    role: Role
    level: TextLevel = TextLevel.ALL
    """The least level at which it still stands; the plainest goes first where there is no room."""

    def __hash__(self) -> int:
        """Of the text alone: lines are looked up on every picture, and enums hash slowly."""
        return hash(self.text)


_line = lru_cache(maxsize=512)(TextLine)
"""Most lines are those of the picture before: one object is found again faster than an equal one.
"""


@dataclass(frozen=True, slots=True)
class LineRule:
    """One line of the table; without modalities it is for all."""

    corner: Corner
    text: str
    role: Role = Role.NORMAL
    modalities: tuple[str, ...] = ()
    level: TextLevel = TextLevel.ALL
    """The least level at which it still stands."""
    parts: tuple[str, ...] = field(init=False, repr=False, compare=False, default=())
    """Words and names of fields in turns, words first and last."""

    def __post_init__(self) -> None:
        """Take the text apart once: it is filled in with every picture."""
        object.__setattr__(self, "parts", tuple(_FIELD.split(self.text)))

    def fill(self, fields: Mapping[str, str], modality: str) -> TextLine | None:
        """Give the line with its fields filled in; None when no field has a value."""
        if self.modalities and modality not in self.modalities:
            return None
        parts = self.parts
        if len(parts) == 3:  # most lines are one field
            value = fields.get(parts[1])
            if not value:
                return None
            return _line(" ".join(f"{parts[0]}{value}{parts[2]}".split()), self.role)
        values = [fields.get(name, "") for name in parts[1::2]]
        if not any(values):
            return None
        filled = list(parts)
        filled[1::2] = values
        return _line(" ".join("".join(filled).split()), self.role, self.level)


class CornerTable(tuple[LineRule, ...]):
    """A table of rules that is itself a key: what is filled in by it is kept."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What a table says of one corner, for images of a modality at a level of texts."""

    corner: Corner
    modality: str
    rules: tuple[LineRule, ...]
    names: tuple[str, ...]
    """The fields that these rules name."""


def load_corners(path: Path) -> tuple[LineRule, ...]:
    """Read the table; ValueError names the line that is wrong.

    A table that leaves out the patient's identity is refused.
    """
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    rules = tuple(_rule(line) for line in table.get("line", ()))
    shown = {name for rule in rules if not rule.modalities for name in _FIELD.findall(rule.text)}
    missing = [name for name in IDENTITY_FIELDS if name not in shown]
    if missing:
        raise ValueError(f"{path.name}: the corners must always show {', '.join(missing)}")
    return rules


def fill_corners(
    rules: Sequence[LineRule],
    fields: Mapping[str, str],
    modality: str,
    level: TextLevel = TextLevel.ALL,
) -> dict[Corner, tuple[TextLine, ...]]:
    """The finished lines of a level by corner, in the table's order."""
    table = rules if isinstance(rules, CornerTable) else CornerTable(rules)
    value = fields.get
    return {
        part.corner: _filled(part, tuple([value(name, "") for name in part.names]))
        for part in _parts_of(table, modality, level)
    }


@lru_cache(maxsize=32)
def _parts_of(table: CornerTable, modality: str, level: TextLevel) -> tuple[_Part, ...]:
    wanted = _WANTED[level]
    parts = []
    for corner in Corner:
        rules = tuple(
            rule
            for rule in table
            if rule.corner is corner
            and rule.level in wanted
            and (not rule.modalities or modality in rule.modalities)
        )
        names = dict.fromkeys(name for rule in rules for name in rule.parts[1::2])
        parts.append(_Part(corner, modality, rules, tuple(names)))
    return tuple(parts)


@lru_cache(maxsize=256)
def _filled(part: _Part, values: tuple[str, ...]) -> tuple[TextLine, ...]:
    """The lines of a corner: with another image or window those of one or two corners change."""
    fields = dict(zip(part.names, values, strict=True))
    lines = (rule.fill(fields, part.modality) for rule in part.rules)
    return tuple(line for line in lines if line is not None)


def _rule(line: Mapping[str, object]) -> LineRule:
    text = line.get("text")
    if not isinstance(text, str) or not _FIELD.search(text):
        raise ValueError(f"corners: a line needs a text with a field: {dict(line)}")
    for name in _FIELD.findall(text):
        if name not in _FIELDS and not name.startswith("header."):
            raise ValueError(f"corners: unknown field {{{name}}}")
    modalities = line.get("modality", [])
    if not (isinstance(modalities, list) and all(isinstance(m, str) for m in modalities)):
        raise ValueError(f"corners: modality must be a list of words: {text}")
    try:
        corner, role = Corner(str(line.get("corner"))), Role(str(line.get("role", "normal")))
    except ValueError as error:
        raise ValueError(f"corners: {error} in {text}") from error
    return LineRule(corner, text, role, tuple(modalities), _level(line, role))


def _level(line: Mapping[str, object], role: Role) -> TextLevel:
    """A warning or an identity stands at every level, whatever a table says."""
    if role is not Role.NORMAL:
        if "level" in line:
            raise ValueError(f"corners: a line of role {role} has no level: {line['text']}")
        return TextLevel.LEAST
    try:
        return TextLevel(str(line.get("level", TextLevel.ALL)))
    except ValueError as error:
        raise ValueError(f"corners: {error} in {line['text']}") from error
