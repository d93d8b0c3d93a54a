"""The content tree of a structured report as lines (PS3.3 C.17.3, C.18)."""

from collections.abc import Iterator

from viewer.loading.fields import Fields
from viewer.loading.object_facts import person_name
from viewer.model.document import DocumentLine, ImageLink
from viewer.model.refs import SopUid

_CONTENT, _TYPE, _RELATION = 0x0040A730, 0x0040A040, 0x0040A010
_CONCEPT, _CODE, _MEANING, _CODE_VALUE = 0x0040A043, 0x0040A168, 0x00080104, 0x00080100
_TEXT, _DATE_TIME, _DATE, _TIME, _PERSON, _UID = (
    0x0040A160, 0x0040A120, 0x0040A121, 0x0040A122, 0x0040A123, 0x0040A124,
)  # fmt: skip
_MEASURED, _NUMBER, _UNITS, _QUALIFIER = 0x0040A300, 0x0040A30A, 0x004008EA, 0x0040A301
_REFERENCED, _SOP, _FRAMES = 0x00081199, 0x00081155, 0x00081160
_GRAPHIC_TYPE, _POINTS = 0x00700023, 0x00700022
_BY_REFERENCE = 0x0040DB73
_IMPLIED = frozenset({"", "CONTAINS", "HAS PROPERTIES", "HAS OBS CONTEXT", "HAS ACQ CONTEXT"})
"""Relationships that indentation says already."""
_RELATIONS = {
    "HAS CONCEPT MOD": "of", "INFERRED FROM": "inferred from", "SELECTED FROM": "selected from",
}  # fmt: skip
_PLAIN = {"TEXT": _TEXT, "DATETIME": _DATE_TIME, "DATE": _DATE, "TIME": _TIME, "UIDREF": _UID}
_UCUM = {"1": "", "{ratio}": "", "[hnsf'U]": "HU", "Cel": "°C", "deg": "°"}
_LONGEST = 100_000
"""Lines that are shown of one document."""


def moment(text: str) -> str:
    """DICOM DA or DT as a date and a time to the minute; as it is where it is none."""
    digits, clock = text[:8], text[8:12]
    if not (len(digits) == 8 and digits.isdecimal()):
        return text
    date = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    return f"{date} {clock[:2]}:{clock[2:]}" if len(clock) == 4 and clock.isdecimal() else date


def content_lines(fields: Fields) -> tuple[DocumentLine, ...]:
    """The content items below the root, depth first; the header walk has bounded their depth."""
    lines: list[DocumentLine] = []
    for line in _lines(fields, 0):
        if len(lines) == _LONGEST:
            lines.append(DocumentLine(0, "The rest of this document is too long to be shown."))
            break
        lines.append(line)
    return tuple(lines)


def _lines(parent: Fields, level: int) -> Iterator[DocumentLine]:
    for item in parent.items(_CONTENT):
        yield _line(item, level)
        yield from _lines(item, level + 1)


def _line(item: Fields, level: int) -> DocumentLine:
    kind = item.uid(_TYPE)
    label = item.item(_CONCEPT).text(_MEANING)
    relation = item.uid(_RELATION)
    if relation not in _IMPLIED:
        word = _RELATIONS.get(relation, relation.lower())
        label = f"{word}: {label}" if label else word
    if kind == "CONTAINER":
        return DocumentLine(level, label or "Section", heading=True)
    if item.longs(_BY_REFERENCE):
        path = ".".join(map(str, item.longs(_BY_REFERENCE)))
        return DocumentLine(level, label, f"see item {path}")
    return DocumentLine(level, label, _value(item, kind), _links(item))


def _value(item: Fields, kind: str) -> str:
    if kind in _PLAIN:
        text = item.text(_PLAIN[kind])
        return moment(text) if kind in {"DATE", "DATETIME"} else text
    if kind == "PNAME":
        return person_name(item, _PERSON)
    if kind == "CODE":
        code = item.item(_CODE)
        return code.text(_MEANING) or code.text(_CODE_VALUE)
    if kind == "NUM":
        return _number(item)
    if kind in {"SCOORD", "SCOORD3D"}:
        points = len(item.floats(_POINTS)) // (3 if kind == "SCOORD3D" else 2)
        shape = item.uid(_GRAPHIC_TYPE).lower()
        return f"{shape}, {points} point{'' if points == 1 else 's'}"
    if kind in {"IMAGE", "COMPOSITE", "WAVEFORM"}:
        words = {"IMAGE": "image", "COMPOSITE": "object", "WAVEFORM": "waveform"}
        return words[kind]
    return kind.lower()


def _number(item: Fields) -> str:
    """The number as it was written, never rounded here, with its unit."""
    measured = item.item(_MEASURED)
    number = measured.text(_NUMBER)
    if not number:
        reason = item.item(_QUALIFIER).text(_MEANING)
        return reason or "no value"
    code = measured.item(_UNITS)
    unit = code.text(_CODE_VALUE) or code.text(_MEANING)
    return f"{number} {_UCUM.get(unit, unit)}".strip()


def _links(item: Fields) -> tuple[ImageLink, ...]:
    return tuple(
        link
        for reference in item.items(_REFERENCED)
        if reference.uid(_SOP)
        for link in _named(SopUid(reference.uid(_SOP)), _frames(reference))
    )


def _named(sop: SopUid, frames: tuple[int, ...]) -> tuple[ImageLink, ...]:
    if not frames:
        return (ImageLink(sop),)
    return tuple(ImageLink(sop, frame, frame_alone=True) for frame in frames)


def _frames(reference: Fields) -> tuple[int, ...]:
    """Frame numbers from 0; DICOM counts them from 1."""
    return tuple(int(number) - 1 for number in reference.numbers(_FRAMES) if number >= 1)
