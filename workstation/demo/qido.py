"""QIDO-RS: searching studies, series and instances (PS3.18 §10.6)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import translate
from re import IGNORECASE, compile
from typing import Any

from workstation.demo.image_folder import (
    INSTANCE_TAGS,
    SERIES_TAGS,
    STUDY_TAGS,
    Stored,
    attribute,
    tag_of,
)
from workstation.demo.problems import Problem

Attributes = dict[str, Any]

_MOST = 5000
_DATE_TAGS = {"00080020", "00080021"}
_NAME_TAGS = {"00100010", "00080090"}
_CONTROLS = {"limit", "offset", "includefield", "fuzzymatching"}
_MODALITIES = "00080061"


class Level(Enum):
    """What one answer stands for, and its own attributes."""

    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query: what must match, and which part of the answer is wanted."""

    filters: tuple[tuple[str, str], ...]
    limit: int
    offset: int


def parse_query(pairs: Iterable[tuple[str, str]]) -> Query:
    """Read query parameters; unknown keywords raise Problem 400, includefield is tolerated."""
    filters, numbers = [], {"limit": _MOST, "offset": 0}
    for name, value in pairs:
        if name in numbers:
            if not (value.isascii() and value.isdigit() and len(value) < 9):
                raise Problem(400, "value", f"{name} is not a number.")
            numbers[name] = int(value)
        elif name not in _CONTROLS:
            tag = tag_of(name)
            if tag is None:
                raise Problem(400, "not-supported", f"'{name[:64]}' is not a DICOM attribute.")
            filters.append((tag, value))
    return Query(tuple(filters), min(numbers["limit"], _MOST), numbers["offset"])


def search(instances: Sequence[Stored], level: Level, query: Query, base: str) -> list[Attributes]:
    """Group ``instances`` to ``level``, filter, and give one page; ``base``: DICOMweb address."""
    groups: dict[str, list[Stored]] = {}
    for instance in instances:
        groups.setdefault(getattr(instance, _KEYS[level]), []).append(instance)
    counts = _study_counts(instances) if level is not Level.STUDY else {}
    answers = (_BUILDERS[level](group, base) for group in groups.values())
    found = [a for a in answers if all(_matches(a, t, v) for t, v in query.filters)]
    for answer in found:
        answer.update(counts.get(answer["0020000D"]["Value"][0], {}))
    return found[query.offset : query.offset + query.limit]


def _study(group: Sequence[Stored], base: str) -> Attributes:
    first = group[0]
    address = f"{base}/studies/{first.study}"
    made = _chosen(first, STUDY_TAGS) | {"00081190": attribute("00081190", address)}
    return made | _counts(group)


def _series(group: Sequence[Stored], base: str) -> Attributes:
    first = group[0]
    address = f"{base}/studies/{first.study}/series/{first.series}"
    made = _chosen(first, (*STUDY_TAGS, *SERIES_TAGS))
    made["00081190"] = attribute("00081190", address)
    made["00201209"] = attribute("00201209", len(group))
    return made


def _instance(group: Sequence[Stored], base: str) -> Attributes:
    only = group[0]
    address = f"{base}/studies/{only.study}/series/{only.series}/instances/{only.sop}"
    made = _chosen(only, (*STUDY_TAGS, *SERIES_TAGS, *INSTANCE_TAGS))
    made["00081190"] = attribute("00081190", address)
    made["00083002"] = attribute("00083002", only.syntax)
    return made


_KEYS = {Level.STUDY: "study", Level.SERIES: "series", Level.INSTANCE: "sop"}
_BUILDERS: Mapping[Level, Callable[[Sequence[Stored], str], Attributes]] = {
    Level.STUDY: _study,
    Level.SERIES: _series,
    Level.INSTANCE: _instance,
}


def _counts(group: Sequence[Stored]) -> Attributes:
    modalities = sorted({i.first("00080060") for i in group} - {""})
    return {
        _MODALITIES: attribute(_MODALITIES, *modalities),
        "00201206": attribute("00201206", len({i.series for i in group})),
        "00201208": attribute("00201208", len(group)),
    }


def _study_counts(instances: Sequence[Stored]) -> dict[str, Attributes]:
    groups: dict[str, list[Stored]] = {}
    for instance in instances:
        groups.setdefault(instance.study, []).append(instance)
    return {study: _counts(group) for study, group in groups.items()}


def _chosen(instance: Stored, tags: Sequence[str]) -> Attributes:
    found = {tag: instance.attributes[tag] for tag in tags if tag in instance.attributes}
    found["00080005"] = attribute("00080005", "ISO_IR 192")  # DICOM JSON is UTF-8
    return dict(sorted(found.items()))


def _matches(answer: Attributes, tag: str, wanted: str) -> bool:
    if not wanted:
        return True  # universal matching: an empty key asks for the attribute only
    values = [_text(v) for v in answer.get(tag, {}).get("Value", [""])]
    if tag in _DATE_TAGS and "-" in wanted:
        low, _, high = wanted.partition("-")
        return any((not low or low <= v) and (not high or v <= high) and v for v in values)
    # Only names are compared without regard to case (PS3.4 §C.2.2.2.1).
    flags = IGNORECASE if tag in _NAME_TAGS else 0
    patterns = [compile(_pattern(w), flags) for w in wanted.split(",")]
    return any(p.match(v) for p in patterns for v in values)


def _pattern(wanted: str) -> str:
    # Only * and ? are wild in DICOM; a bracket is itself.
    return translate(wanted.replace("[", "[[]"))


def _text(value: object) -> str:
    return str(value.get("Alphabetic", "") if isinstance(value, dict) else value)
