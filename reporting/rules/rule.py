"""Pre-sign rules as data: read from resources/rules, checked before they are used."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from reporting.errors import TemplateError
from reporting.model.issue import Severity
from reporting.model.report import SectionId

_LARGEST = 256 * 1024
_KEYS = frozenset(
    {"id", "kind", "severity", "acknowledge", "sections", "words", "qualifiers", "abbreviations",
     "organs"}
)  # fmt: skip


class RuleKind(StrEnum):
    """The checks that the program knows."""

    IDENTITY = "identity"
    FOREIGN_FRAMES = "foreign-frames"
    INCOMPLETE = "incomplete"
    EMPTY = "empty"
    UNRESOLVED = "unresolved"
    SIDE = "side"
    STUDY_SIDE = "study-side"
    ORGAN = "organ"
    UNIT = "unit"
    CALIBRATION = "calibration"
    NEGATION = "negation"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it checks, how severe it is, and the words it looks for."""

    id: str
    kind: RuleKind
    severity: Severity
    acknowledge: bool = False
    """Whether the reader may sign over a block by acknowledging it."""
    sections: tuple[SectionId, ...] = ()
    words: tuple[str, ...] = ()
    qualifiers: tuple[str, ...] = ()
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    organs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words that do not fit a patient of the sex that is the key."""


def load_rules(folder: Path) -> tuple[Rule, ...]:
    """All rules of a folder's ``*.toml`` files; TemplateError names the file and the fault."""
    rules: list[Rule] = []
    for file in sorted(folder.glob("*.toml")):
        try:
            if file.stat().st_size > _LARGEST:
                raise TemplateError(f"{file.name}: larger than a file of rules may be")
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TemplateError(f"{file.name}: cannot be read as text") from error
        rules += read_rules(text, name=file.name)
    if not rules:
        raise TemplateError(f"there is no pre-sign rule in the folder {folder.name}")
    ids = [rule.id for rule in rules]
    if twice := next((i for i in ids if ids.count(i) > 1), None):
        raise TemplateError(f"the pre-sign rule {twice!r} stands twice")
    return tuple(rules)


def read_rules(text: str, *, name: str) -> tuple[Rule, ...]:
    """The rules in one TOML text."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TemplateError(f"{name}: not a TOML file ({error})") from error
    tables = data.get("rule")
    if not isinstance(tables, list) or not all(isinstance(entry, dict) for entry in tables):
        raise TemplateError(f"{name}: there must be [[rule]] tables")
    return tuple(_rule(entry, name) for entry in tables)


def _rule(data: Mapping[str, object], name: str) -> Rule:
    if unknown := sorted(set(data) - _KEYS):
        raise TemplateError(f"{name}: unknown key {unknown[0]!r} in a rule")
    identifier = data.get("id")
    if not isinstance(identifier, str) or not identifier:
        raise TemplateError(f"{name}: a rule has no id")
    try:
        return Rule(
            id=identifier,
            kind=RuleKind(str(data.get("kind"))),
            severity=Severity(str(data.get("severity"))),
            acknowledge=data.get("acknowledge", False) is True,
            sections=tuple(SectionId(word) for word in _words(data.get("sections", []))),
            words=_words(data.get("words", [])),
            qualifiers=_words(data.get("qualifiers", [])),
            abbreviations={k: str(v) for k, v in _table(data, "abbreviations").items()},
            organs={k: _words(v) for k, v in _table(data, "organs").items()},
        )
    except ValueError as error:
        raise TemplateError(f"{name}: rule {identifier!r}: {error}") from error


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError("a list of words is needed")  # noqa: TRY004 - one door for the caller
    if not all(isinstance(word, str) and word for word in value):
        raise ValueError("a list holds something that is not a word")
    return tuple(value)


def _table(data: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise ValueError(f"{key!r} must be a table")  # noqa: TRY004 - one door for the caller
    return value
