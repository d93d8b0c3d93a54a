"""Every edit of a draft is a new revision; text that was read never changes unseen."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import uuid4

from reporting.model.chips import Chip, by_measurement, chips_in, split_chips
from reporting.model.finding import Finding
from reporting.model.report import ReportContext, ReportDraft, ReportId, Section, SectionId
from reporting.templates import Template, merge
from viewer.model.measurement import MeasurementId

_UNDO_STEPS = 200


@dataclass(frozen=True, slots=True)
class SetSection:
    """A section reads ``text`` now."""

    section: SectionId
    text: str


@dataclass(frozen=True, slots=True)
class InsertChip:
    """A finding's chip stands in the section at character ``at`` of its stored text."""

    section: SectionId
    at: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class RemoveFinding:
    """The measurement is gone; where its chips stood, their last words stay as plain text."""

    measurement: MeasurementId


@dataclass(frozen=True, slots=True)
class Remeasure:
    """The same measurement has a new value; every chip of it reads the new label."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class UseTemplate:
    """Another template; what the reader has written stays.

    A section that is empty or still reads as ``old`` made it takes the new template's words.
    """

    new: Template
    old: Template | None
    context: ReportContext


DraftEdit = SetSection | InsertChip | RemoveFinding | Remeasure | UseTemplate


def new_draft(
    context: ReportContext, template: Template, now: datetime, author: str
) -> ReportDraft:
    """The first revision of a report on this case; its id is made here, once."""
    return ReportDraft(
        id=ReportId(str(uuid4())),
        case=context.case,
        revision=1,
        template=template.id,
        sections=merge(template, context),
        findings=(),
        edited_at=now,
        author=author,
    )


@dataclass(frozen=True, slots=True)
class _Text:
    template: str
    sections: tuple[Section, ...]


class DraftEditor:
    """Makes the next revision of one draft; ``findings`` always are those that the chips name."""

    def __init__(self, draft: ReportDraft, *, now: Callable[[], datetime], author: str) -> None:
        """Start from a draft, new or read from the store."""
        self._draft = draft
        self._now = now
        self._author = author
        self._known = by_measurement(draft.findings)
        self._done: list[_Text] = []
        self._undone: list[_Text] = []

    @property
    def draft(self) -> ReportDraft:
        """The newest revision."""
        return self._draft

    def know(self, finding: Finding) -> None:
        """A chip of this finding may now stand in the text."""
        self._known[finding.measurement.id] = finding

    def finding(self, measurement: MeasurementId) -> Finding | None:
        """The newest finding of a measurement that this draft knows."""
        return self._known.get(measurement)

    def apply(self, edit: DraftEdit) -> ReportDraft:
        """The next revision; an edit that changes nothing makes none.

        ValueError when the edit names a section that the draft does not have.
        """
        match edit:
            case SetSection():
                return self._write(self._with(edit.section, edit.text))
            case InsertChip():
                return self._insert(edit)
            case RemoveFinding():
                return self._remove(edit.measurement)
            case Remeasure():
                return self._remeasure(edit.finding)
            case UseTemplate():
                return self._write(_retemplated(self._draft, edit))
            case _:
                assert_never(edit)

    def undo(self) -> ReportDraft:
        """The text as it was before the last edit, as a new revision; numbers stay as measured."""
        return self._step(self._done, self._undone)

    def redo(self) -> ReportDraft:
        """The edit that was taken back, as a new revision."""
        return self._step(self._undone, self._done)

    def _step(self, source: list[_Text], target: list[_Text]) -> ReportDraft:
        if not source:
            return self._draft
        target.append(_Text(self._draft.template, self._draft.sections))
        return self._revise(source.pop())

    def _write(self, text: _Text) -> ReportDraft:
        before = _Text(self._draft.template, self._draft.sections)
        if text == before:
            return self._draft
        self._done = [*self._done[-_UNDO_STEPS:], before]
        self._undone = []
        return self._revise(text)

    def _revise(self, text: _Text) -> ReportDraft:
        named = chips_in(section.text for section in text.sections)
        self._draft = replace(
            self._draft,
            revision=self._draft.revision + 1,
            template=text.template,
            sections=text.sections,
            findings=tuple(self._known[name] for name in named if name in self._known),
            edited_at=self._now(),
            author=self._author,
        )
        return self._draft

    def _with(self, wanted: SectionId, text: str) -> _Text:
        if self._draft.section(wanted) is None:
            raise ValueError(f"the draft has no section {wanted.value!r}")
        return _Text(
            self._draft.template,
            tuple(
                replace(section, text=text) if section.id is wanted else section
                for section in self._draft.sections
            ),
        )

    def _insert(self, edit: InsertChip) -> ReportDraft:
        section = self._draft.section(edit.section)
        text = "" if section is None else section.text
        if not 0 <= edit.at <= len(text):
            raise ValueError("a chip must stand inside its section's text")
        token = Chip(edit.finding.measurement.id).token
        new = self._with(edit.section, text[: edit.at] + token + text[edit.at :])
        self.know(edit.finding)
        return self._write(new)

    def _remeasure(self, finding: Finding) -> ReportDraft:
        before = self._known.get(finding.measurement.id)
        self.know(finding)
        named = chips_in(section.text for section in self._draft.sections)
        if before == finding or finding.measurement.id not in named:
            return self._draft
        return self._revise(_Text(self._draft.template, self._draft.sections))

    def _remove(self, measurement: MeasurementId) -> ReportDraft:
        finding = self._known.pop(measurement, None)
        if finding is None:
            return self._draft
        self._done = [_spoken(text, finding) for text in self._done]
        self._undone = [_spoken(text, finding) for text in self._undone]
        before = _Text(self._draft.template, self._draft.sections)
        after = _spoken(before, finding)
        return self._draft if after == before else self._revise(after)


def _spoken(text: _Text, finding: Finding) -> _Text:
    return replace(
        text,
        sections=tuple(
            replace(section, text=_plain(section.text, finding)) for section in text.sections
        ),
    )


def _plain(text: str, finding: Finding) -> str:
    token = Chip(finding.measurement.id).token
    return "".join(
        part if isinstance(part, str) else finding.label if part.token == token else part.token
        for part in split_chips(text)
    )


def _retemplated(draft: ReportDraft, edit: UseTemplate) -> _Text:
    pristine = merge(edit.old, edit.context) if edit.old is not None else ()
    untouched = {section.id: section.text for section in pristine}
    written = {
        section.id: section
        for section in draft.sections
        if section.text.strip() and section.text != untouched.get(section.id)
    }
    fresh = merge(edit.new, edit.context)
    kept = tuple(
        replace(section, text=written[section.id].text) if section.id in written else section
        for section in fresh
    )
    there = {section.id for section in fresh}
    left = tuple(section for name, section in written.items() if name not in there)
    return _Text(edit.new.id, kept + left)
