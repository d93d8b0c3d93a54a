"""Whatever text comes in: chips lose nothing, edits keep their promises, every form can be made."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporting.drafts import DraftEdit, DraftEditor, Remeasure, RemoveFinding, SetSection
from reporting.export.html import render_html
from reporting.export.pdf import render_pdf
from reporting.model.chips import Chip, by_measurement, chips_in, split_chips, words
from reporting.model.report import Person, ReportDraft, SectionId
from reporting.model.visible import visible
from reporting.rules.presign import check, load_rules
from tests.kit.reporting import NOW, RESOURCES, context, draft, finding
from viewer.model.measurement import MeasurementId

RULES = load_rules(RESOURCES / "rules")
ANY = st.text(max_size=60)
IDS = st.sampled_from(["m1", "m2", "m3"])
CHIPPED = st.lists(
    st.one_of(ANY, IDS.map(lambda name: Chip(MeasurementId(name)).token)), max_size=6
).map("".join)
EDITS: st.SearchStrategy[DraftEdit] = st.one_of(
    st.builds(SetSection, st.sampled_from([SectionId.FINDINGS, SectionId.IMPRESSION]), CHIPPED),
    st.builds(lambda name, value: Remeasure(finding(name, value)), IDS, st.floats(0.1, 500)),
    IDS.map(lambda name: RemoveFinding(MeasurementId(name))),
)


@given(CHIPPED)
def test_splitting_loses_nothing(text: str) -> None:
    parts = split_chips(text)
    assert "".join(part if isinstance(part, str) else part.token for part in parts) == text


@given(ANY)
def test_visible_leaves_nothing_hidden_and_is_done_once(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    assert not set(shown) & set(
        "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200b\u0000\u001b\ufeff"
    )


def reads(made: ReportDraft) -> list[str]:
    return [words(s.text, by_measurement(made.findings)) for s in made.sections]


@given(st.lists(st.one_of(EDITS, st.sampled_from(["undo", "redo"])), max_size=12))
def test_drafts_only_grow_and_removal_never_changes_what_is_read(
    edits: list[DraftEdit | str],
) -> None:
    pen = DraftEditor(draft(), now=lambda: NOW, author="x")
    for name in ("m1", "m2"):
        pen.know(finding(name))
    for edit in edits:
        before = pen.draft
        match edit:
            case "undo":
                after = pen.undo()
            case "redo":
                after = pen.redo()
            case str():
                continue
            case _:
                after = pen.apply(edit)
        assert after.revision - before.revision in (0, 1)
        assert (after.revision == before.revision) is (after is before)
        named = chips_in(section.text for section in after.sections)
        assert {f.measurement.id for f in after.findings} <= set(named)
        if isinstance(edit, RemoveFinding) and edit.measurement in by_measurement(before.findings):
            assert reads(after) == reads(before)
            assert edit.measurement not in by_measurement(pen.undo().findings)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHIPPED, ANY, ANY)
def test_every_form_can_be_made_of_any_text(text: str, name: str, identifier: str) -> None:
    made = draft(text, text)
    about = context(patient=Person(identifier, "", name, "", ""))
    check(made, about, RULES)
    render_html(made, about)
    assert render_pdf(made, about, resources=RESOURCES).startswith(b"%PDF")
