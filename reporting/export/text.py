"""Text as it may be shown and exported: chips as words, characters that deceive made visible."""

import unicodedata

from reporting.model.chips import by_measurement, words
from reporting.model.report import ReportDraft, Section

_KEPT_CONTROLS = "\n\t"
_JOINERS = "\u200c\u200d"
_LETTERS_THAT_JOIN = frozenset({"Lo", "Mn", "Mc"})
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str, *, lines: bool = True) -> str:
    """The text with control, bidi and unassigned characters written out as ``[U+202E]``.

    Line ends become ``\\n``; with ``lines=False`` line ends and tabs are written out as well.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = _KEPT_CONTROLS if lines else ""
    shown: list[str] = []
    before = ""
    for character in text:
        hidden = character not in kept and _deceives(character, before)
        shown.append(escape(character) if hidden else character)
        before = character
    return "".join(shown)


def escape(character: str) -> str:
    """One character written out: ``[U+202E]``."""
    return f"[U+{ord(character):04X}]"


def _deceives(character: str, before: str) -> bool:
    if character in _JOINERS and before:
        return unicodedata.category(before) not in _LETTERS_THAT_JOIN
    return unicodedata.category(character) in _HIDDEN


def section_words(section: Section, draft: ReportDraft) -> str:
    """One section as it reads, safe to show: the words that every form of the report carries."""
    return visible(words(section.text, by_measurement(draft.findings))).strip()


def person_name(name: str) -> str:
    """A DICOM PN as shown: 'DOE, Jane Mary', component groups kept apart by ' = '."""
    groups = [_group(part) for part in name.split("=")]
    return visible(" = ".join(part for part in groups if part), lines=False)


def _group(group: str) -> str:
    parts = [part.strip() for part in group.split("^")]
    family, *given = parts
    rest = " ".join(part for part in given if part)
    return ", ".join(part for part in (family, rest) if part)
