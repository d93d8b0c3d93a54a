"""Text as it may be shown and exported: chips as words, characters that deceive made visible."""

from reporting.model.chips import by_measurement, words
from reporting.model.report import ReportDraft, Section
from reporting.model.visible import escape, visible

__all__ = ["escape", "person_name", "section_words", "visible"]


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
