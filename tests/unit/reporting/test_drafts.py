"""Drafts: each edit a revision, chips follow their measurement, read text never changes unseen."""

from datetime import datetime, timedelta

import pytest

from reporting.drafts import (
    DraftEditor,
    InsertChip,
    Remeasure,
    RemoveFinding,
    SetSection,
    UseTemplate,
    new_draft,
)
from reporting.model.chips import by_measurement, words
from reporting.model.report import ReportDraft, SectionId
from reporting.templates import load_templates, pick_template
from tests.kit.reporting import NOW, RESOURCES, context, draft, finding
from viewer.model.measurement import MeasurementId

TEMPLATES = load_templates(RESOURCES / "templates")
CHEST = pick_template(TEMPLATES, "CT", "CHEST")
GENERIC = pick_template(TEMPLATES, "", "")


class Clock:
    """A second passes with every look."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


def editor(start: ReportDraft | None = None) -> DraftEditor:
    return DraftEditor(start or draft(), now=Clock(), author="Dr. Keiko Ito")


def text(made: ReportDraft, section: SectionId = SectionId.FINDINGS) -> str:
    found = made.section(section)
    assert found is not None
    return found.text


def read(made: ReportDraft, section: SectionId = SectionId.FINDINGS) -> str:
    return words(text(made, section), by_measurement(made.findings))


def test_new_draft_has_its_own_id_and_the_templates_words() -> None:
    one = new_draft(context(), CHEST, NOW, "x")
    other = new_draft(context(), CHEST, NOW, "x")
    assert one.id != other.id
    assert (one.revision, one.case, one.template) == (1, "case-1", "ct-chest")
    assert "No effusion" in text(one)
    assert one.findings == ()


def test_every_edit_is_a_new_revision_and_the_old_one_stays() -> None:
    pen = editor()
    before = pen.draft
    after = pen.apply(SetSection(SectionId.IMPRESSION, "Stable."))
    assert (before.revision, after.revision) == (1, 2)
    assert text(before, SectionId.IMPRESSION) == "Right upper lobe nodule."
    assert text(after, SectionId.IMPRESSION) == "Stable."
    assert after.id == before.id
    assert after.edited_at > before.edited_at


def test_an_edit_that_changes_nothing_is_no_revision() -> None:
    pen = editor()
    assert pen.apply(SetSection(SectionId.IMPRESSION, "Right upper lobe nodule.")).revision == 1
    assert pen.undo().revision == 1


def test_a_section_the_draft_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="comparison"):
        editor().apply(SetSection(SectionId.COMPARISON, "x"))


def test_insert_chip() -> None:
    made = editor().apply(InsertChip(SectionId.IMPRESSION, 0, finding("m2", 12.4)))
    assert text(made, SectionId.IMPRESSION) == "{{m:m2}}Right upper lobe nodule."
    assert [f.measurement.id for f in made.findings] == ["m1", "m2"]


@pytest.mark.parametrize("at", [-1, 1000])
def test_insert_chip_outside_the_text(at: int) -> None:
    pen = editor()
    with pytest.raises(ValueError, match="inside"):
        pen.apply(InsertChip(SectionId.IMPRESSION, at, finding("m2")))
    assert pen.finding(MeasurementId("m2")) is None


def test_findings_are_those_the_chips_name() -> None:
    pen = editor()
    assert pen.apply(SetSection(SectionId.FINDINGS, "Normal.")).findings == ()
    again = pen.apply(SetSection(SectionId.FINDINGS, "An {{m:m1}} nodule."))
    assert again.findings == (finding("m1"),)
    unknown = pen.apply(SetSection(SectionId.FINDINGS, "{{m:other}}"))
    assert unknown.findings == ()


def test_remeasure_changes_the_label_everywhere() -> None:
    pen = editor(draft("A {{m:m1}} nodule.", "Nodule of {{m:m1}}."))
    made = pen.apply(Remeasure(finding("m1", 9.5)))
    assert made.revision == 2
    assert read(made) == "A 9.5 mm nodule."
    assert read(made, SectionId.IMPRESSION) == "Nodule of 9.5 mm."
    assert pen.apply(Remeasure(finding("m1", 9.5))).revision == 2


def test_remeasure_of_what_is_not_in_the_text_waits() -> None:
    pen = editor(draft("Normal.", "Normal."))
    pen.know(finding("m1", 8.0))
    assert pen.apply(Remeasure(finding("m1", 9.5))).revision == 1
    made = pen.apply(SetSection(SectionId.FINDINGS, "{{m:m1}}"))
    assert read(made) == "9.5 mm"


def test_removing_a_measurement_leaves_the_words_that_were_read() -> None:
    pen = editor(draft("A {{m:m1}} nodule, {{m:m2}} cyst.", "x", finding("m1"), finding("m2", 3)))
    before = read(pen.draft)
    made = pen.apply(RemoveFinding(MeasurementId("m1")))
    assert text(made) == "A 8.0 mm nodule, {{m:m2}} cyst."
    assert read(made) == before
    assert [f.measurement.id for f in made.findings] == ["m2"]
    assert pen.apply(RemoveFinding(MeasurementId("m1"))).revision == made.revision


def test_removing_what_is_not_in_the_text_makes_no_revision() -> None:
    pen = editor(draft("Normal.", "Normal."))
    pen.know(finding("m2"))
    assert pen.apply(RemoveFinding(MeasurementId("m2"))).revision == 1


def test_undo_never_brings_a_removed_measurement_back() -> None:
    pen = editor()
    pen.apply(SetSection(SectionId.FINDINGS, "Normal."))
    pen.apply(RemoveFinding(MeasurementId("m1")))
    made = pen.undo()
    assert text(made) == "An 8.0 mm nodule in the right upper lobe."
    assert made.findings == ()


def test_undo_and_redo_are_revisions_of_their_own() -> None:
    pen = editor()
    pen.apply(SetSection(SectionId.IMPRESSION, "One."))
    pen.apply(SetSection(SectionId.IMPRESSION, "Two."))
    assert (text(pen.undo(), SectionId.IMPRESSION), pen.draft.revision) == ("One.", 4)
    assert (text(pen.redo(), SectionId.IMPRESSION), pen.draft.revision) == ("Two.", 5)
    pen.undo()
    pen.undo()
    assert pen.undo().revision == 7
    pen.apply(SetSection(SectionId.IMPRESSION, "Three."))
    assert pen.redo().revision == 8


def test_undo_keeps_numbers_as_measured() -> None:
    pen = editor()
    pen.apply(SetSection(SectionId.IMPRESSION, "Growing."))
    pen.apply(Remeasure(finding("m1", 9.5)))
    assert read(pen.undo()) == "An 9.5 mm nodule in the right upper lobe."


def test_another_template_keeps_what_was_written() -> None:
    pen = editor(new_draft(context(), CHEST, NOW, "x"))
    pen.apply(SetSection(SectionId.IMPRESSION, "My words."))
    made = pen.apply(UseTemplate(GENERIC, CHEST, context()))
    assert made.template == "generic"
    assert text(made) == ""
    assert text(made, SectionId.IMPRESSION) == "My words."
    assert text(made, SectionId.TECHNIQUE) == "CT chest of 2026-11-24."
    assert pen.undo().template == "ct-chest"


def test_another_template_drops_no_section_with_words() -> None:
    bare = type(GENERIC)(
        "bare", "Bare", (), (), tuple(s for s in GENERIC.sections if s.id in ("findings",))
    )
    pen = editor(new_draft(context(), CHEST, NOW, "x"))
    pen.apply(SetSection(SectionId.COMPARISON, "With the old one."))
    made = pen.apply(UseTemplate(bare, CHEST, context()))
    assert [s.id for s in made.sections] == [SectionId.FINDINGS, SectionId.COMPARISON]
    assert text(made, SectionId.COMPARISON) == "With the old one."


def test_without_the_old_template_all_words_count_as_written() -> None:
    pen = editor(new_draft(context(), CHEST, NOW, "x"))
    made = pen.apply(UseTemplate(GENERIC, None, context()))
    assert "No effusion" in text(made)
