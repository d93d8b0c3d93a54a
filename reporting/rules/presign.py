"""What is checked before signing: each answer names the rule, the place and the reason."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from reporting.model.chips import Chip, by_measurement, split_chips, words
from reporting.model.identity import ImageIdentity
from reporting.model.issue import Issue, Severity
from reporting.model.report import ReportContext, ReportDraft, Section, SectionId
from reporting.rules import text_rules
from reporting.rules.rule import Rule, RuleKind, load_rules
from reporting.templates import unresolved_fields
from viewer.model.measurement import Unit

__all__ = ["PresignRules", "check", "load_rules"]

PresignRules = tuple[Rule, ...]
_BLANK = "___"
_ACKNOWLEDGED = frozenset({RuleKind.INCOMPLETE, RuleKind.UNSEEN})
"""What is about the images, and so for the reader to know."""
_REPORTED = (SectionId.FINDINGS, SectionId.IMPRESSION)
_UNCALIBRATED = frozenset({Unit.PIXEL, Unit.PIXEL_2})


@dataclass(frozen=True, slots=True)
class _Case:
    draft: ReportDraft
    context: ReportContext
    images: ImageIdentity | None

    def read(self, wanted: SectionId) -> str:
        """A section as it reads."""
        section = self.draft.section(wanted)
        return "" if section is None else self.words_of(section)

    def words_of(self, section: Section) -> str:
        return words(section.text, by_measurement(self.draft.findings))


@dataclass(frozen=True, slots=True)
class _Found:
    where: str
    why: str


def check(
    draft: ReportDraft,
    context: ReportContext,
    rules: PresignRules,
    *,
    incomplete_acknowledged: bool = False,
    images: ImageIdentity | None = None,
) -> tuple[Issue, ...]:
    """Everything the rules find, blocks first.

    ``incomplete_acknowledged``: the reader knows that images are missing or were not seen and signs
    all the same; where a rule allows it, its block becomes a warning. ``images`` is whose images
    these are, as the files say it.
    """
    case = _Case(draft, context, images)
    issues = [
        _issue(rule, found, incomplete_acknowledged=incomplete_acknowledged)
        for rule in rules
        for found in _CHECKS[rule.kind](case, rule)
    ]
    return tuple(sorted(issues, key=lambda issue: issue.severity is not Severity.BLOCK))


def _issue(rule: Rule, found: _Found, *, incomplete_acknowledged: bool) -> Issue:
    allowed = rule.acknowledge and rule.kind in _ACKNOWLEDGED
    allowed = allowed and rule.severity is Severity.BLOCK
    if allowed and incomplete_acknowledged:
        return Issue(rule.id, Severity.WARN, found.where, found.why)
    return Issue(rule.id, rule.severity, found.where, found.why, acknowledgeable=allowed)


def _identity(case: _Case, rule: Rule) -> Iterator[_Found]:
    if case.draft.case != case.context.case:
        yield _Found("", "This draft belongs to another case.")
    if case.images is None:
        return
    patient, images = case.context.patient, case.images
    if _differ(patient.id.strip(), images.patient_id.strip()):
        yield _Found("", "The patient ID of the case is not the patient ID in the images.")
    if _differ(_name(patient.name), _name(images.patient_name)):
        yield _Found("", "The patient name of the case is not the name in the images.")
    if _differ(patient.birth_date, images.birth_date):
        yield _Found("", "The birth date of the case is not the birth date in the images.")
    if _differ(patient.sex.upper(), images.sex.upper()):
        yield _Found("", "The sex of the case is not the sex in the images.")
    if case.context.study.uid != images.study_uid:
        yield _Found("", "The images are of another study than the case.")
    if _differ(case.context.study.accession.strip(), images.accession.strip()):
        yield _Found("", "The accession of the case is not the accession in the images.")


def _differ(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def _name(name: str) -> str:
    """Family and first given name of the first component group, without case and accents."""
    group = next((part for part in name.split("=") if part.strip("^ ")), "")
    parts = unicodedata.normalize("NFKD", "^".join(group.split("^")[:2])).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in parts
                            if not unicodedata.combining(c)).split())  # fmt: skip


def _foreign_frames(case: _Case, rule: Rule) -> Iterator[_Found]:
    known = {case.context.study.uid, *(study.uid for study in case.context.comparisons)}
    for finding in case.draft.findings:
        if any(frame.study not in known for frame in (finding.measurement.on, *finding.frames)):
            yield _Found(
                "",
                f"The measurement {finding.label} was made on a study that is neither this one "
                "nor one of its comparisons.",
            )


def _incomplete(case: _Case, rule: Rule) -> Iterator[_Found]:
    held, expected = case.context.complete
    if held < expected:
        yield _Found("", f"The study is incomplete: {held} of {expected} images are here.")


def _empty(case: _Case, rule: Rule) -> Iterator[_Found]:
    for wanted in rule.sections:
        section = case.draft.section(wanted)
        title = wanted.value.capitalize() if section is None else section.title
        if not case.read(wanted).strip():
            yield _Found(wanted.value, f"{title} is empty.")


def _unresolved(case: _Case, rule: Rule) -> Iterator[_Found]:
    known = by_measurement(case.draft.findings)
    for section in case.draft.sections:
        for part in split_chips(section.text):
            if isinstance(part, Chip) and part.measurement not in known:
                yield _Found(section.id.value, f"{section.title} names an unknown measurement.")
        for field in unresolved_fields(section.text):
            yield _Found(section.id.value, f"{section.title} still holds the field {field}.")
        if _BLANK in section.text:
            yield _Found(section.id.value, f"{section.title} still holds a blank to fill in.")


def _side(case: _Case, rule: Rule) -> Iterator[_Found]:
    findings, impression = (
        text_rules.sides_of(case.read(wanted), rule.words, rule.abbreviations)
        for wanted in _REPORTED
    )
    for conflict in text_rules.side_conflicts(findings, impression):
        said = _side_words(conflict.sides)
        found = _side_words(findings[conflict.subject])
        yield _Found(
            SectionId.IMPRESSION.value,
            f"The impression says {said} for '{conflict.subject}', the findings say {found}.",
        )


def _side_words(sides: AbstractSet[str]) -> str:
    return " and ".join(sorted(sides))


def _study_side(case: _Case, rule: Rule) -> Iterator[_Found]:
    ordered = text_rules.sides_named(case.context.study.description)
    if len(ordered) != 1:
        return
    for wanted in _REPORTED:
        said = text_rules.sides_named(case.read(wanted))
        if said and not said & ordered:
            yield _Found(
                wanted.value,
                f"The study is of the {_side_words(ordered)} side, the text says "
                f"{_side_words(said)} only.",
            )


def _organ(case: _Case, rule: Rule) -> Iterator[_Found]:
    for section in case.draft.sections:
        if section.id not in _REPORTED:
            continue
        text = case.words_of(section)
        for word in rule.organs.get(case.context.patient.sex.upper(), ()):
            if text_rules.word_in(word, text):
                sex = case.context.patient.sex.upper()
                yield _Found(
                    section.id.value, f"'{word}' stands in the report of a patient of sex {sex}."
                )


def _unit(case: _Case, rule: Rule) -> Iterator[_Found]:
    known = by_measurement(case.draft.findings)
    millimetres = [
        one.value
        for finding in case.draft.findings
        for one in (finding.measurement, *finding.others)
        if one.unit is Unit.MILLIMETRE
    ]
    for section in case.draft.sections:
        parts = split_chips(section.text)
        for chip, after in pairwise(parts):
            if isinstance(chip, Chip) and isinstance(after, str) and chip.measurement in known:
                unit = text_rules.unit_next(after)
                if unit:
                    label = known[chip.measurement].label
                    yield _Found(section.id.value, f"'{unit}' stands after {label}.")
        typed = " ".join(part for part in parts if isinstance(part, str))
        for number in text_rules.ten_times(typed, millimetres):
            yield _Found(
                section.id.value, f"{number} is ten times or a tenth of a measured length."
            )


def _calibration(case: _Case, rule: Rule) -> Iterator[_Found]:
    for finding in case.draft.findings:
        if finding.measurement.unit in _UNCALIBRATED:
            yield _Found("", f"{finding.label} is not calibrated: its size in mm is not known.")


def _negation(case: _Case, rule: Rule) -> Iterator[_Found]:
    text = ".\n".join(case.read(wanted) for wanted in _REPORTED)
    for noun in text_rules.contradictions(text, rule.words, rule.qualifiers):
        yield _Found(
            SectionId.FINDINGS.value,
            f"One sentence says there is no {noun}, another describes one.",
        )


def _unseen(case: _Case, rule: Rule) -> Iterator[_Found]:
    seen, images = case.context.seen
    if seen < images:
        yield _Found("", f"{images - seen} of {images} images of the current study were not seen.")


_CHECKS: Mapping[RuleKind, Callable[[_Case, Rule], Iterator[_Found]]] = {
    RuleKind.IDENTITY: _identity,
    RuleKind.FOREIGN_FRAMES: _foreign_frames,
    RuleKind.INCOMPLETE: _incomplete,
    RuleKind.EMPTY: _empty,
    RuleKind.UNRESOLVED: _unresolved,
    RuleKind.SIDE: _side,
    RuleKind.STUDY_SIDE: _study_side,
    RuleKind.ORGAN: _organ,
    RuleKind.UNIT: _unit,
    RuleKind.CALIBRATION: _calibration,
    RuleKind.NEGATION: _negation,
    RuleKind.UNSEEN: _unseen,
}
