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
    only: str = field(init=False, repr=False, compare=False, default="")
    """The field without which there is no line; empty where there are several."""

    def __post_init__(self) -> None:
        """Take the text apart once: it is filled in with every picture."""
        object.__setattr__(self, "parts", tuple(_FIELD.split(self.text)))
        if len(self.parts) == 3:  # most lines are one field
            object.__setattr__(self, "only", self.parts[1])

    def fill(self, fields: Mapping[str, str], modality: str) -> TextLine | None:
        """Give the line with its fields filled in; None when no field has a value."""
        if self.modalities and modality not in self.modalities:
            return None
        parts = self.parts
        if self.only:
            value = fields.get(self.only)
            if not value:
                return None
            return _line(" ".join(f"{parts[0]}{value}{parts[2]}".split()), self.role)
        values = [fields.get(name, "") for name in parts[1::2]]
        if not any(values):
            return None
        filled = list(parts)
        filled[1::2] = values
        return _line(" ".join("".join(filled).split()), self.role, self.level)


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
    filled: dict[Corner, list[TextLine]] = {corner: [] for corner in Corner}
    wanted = _WANTED[level]
    for rule in rules:
        if rule.only and not fields.get(rule.only):
            continue  # most of them, on every picture
        line = rule.fill(fields, modality) if rule.level in wanted else None
        if line is not None:
            filled[rule.corner].append(line)
    return {corner: tuple(lines) for corner, lines in filled.items()}


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
