"""Templates: reading, ranking, merging."""

from dataclasses import replace
from pathlib import Path

import pytest

from reporting.errors import TemplateError
from reporting.model.report import SectionId
from reporting.templates import (
    load_templates,
    merge,
    pick_template,
    rank_templates,
    read_template,
    unresolved_fields,
)
from tests.kit.reporting import RESOURCES, context

TEMPLATES = load_templates(RESOURCES / "templates")
GOOD = """
id = "x"
title = "X"
modalities = ["ct"]
body_parts = ["chest"]
[[section]]
id = "findings"
title = "Findings"
text = "{question}"
[[section]]
id = "impression"
title = "Impression"
"""


@pytest.mark.parametrize(
    ("modality", "body_part", "description", "wanted"),
    [
        ("CT", "CHEST", "", "ct-chest"),
        ("CT", "LUNG", "", "ct-chest"),
        ("ct", "head", "", "ct-head"),
        ("CT", "", "CT HEAD W/O CONTRAST", "ct-head"),
        ("CT", "UNKNOWN", "CT Abdomen", "ct-abdomen"),
        ("CR", "CHEST", "", "cr-chest"),
        ("DX", "KNEE", "", "radiograph"),
        ("MR", "BRAIN", "", "mr-brain"),
        ("MR", "KNEE", "", "generic"),
        ("CT", "", "", "generic"),
        ("", "", "", "generic"),
        ("US", "CHEST", "", "generic"),
        ("MG", "BREAST", "", "mammography"),
    ],
)
def test_picks_by_modality_and_body_part(
    modality: str, body_part: str, description: str, wanted: str
) -> None:
    assert pick_template(TEMPLATES, modality, body_part, description).id == wanted


def test_ranking_holds_every_template_with_reasons() -> None:
    ranked = rank_templates(TEMPLATES, "CT", "CHEST")
    assert {entry.template.id for entry in ranked} == {t.id for t in TEMPLATES}
    assert ranked[0].reasons == ("made for CT", "made for chest")
    mammography = next(e for e in ranked if e.template.id == "mammography")
    assert mammography.reasons == ("made for MG, not CT", "made for breast")
    assert all(entry.reasons for entry in ranked)


def test_nothing_to_pick_from() -> None:
    with pytest.raises(TemplateError, match="no report template"):
        pick_template((), "CT", "CHEST")


def test_every_shipped_template_leaves_the_impression_to_the_reader() -> None:
    for template in TEMPLATES:
        impression = next(s for s in template.sections if s.id is SectionId.IMPRESSION)
        assert not impression.text or "___" in impression.text


def test_merge_fills_fields() -> None:
    template = pick_template(TEMPLATES, "CT", "CHEST")
    sections = {section.id: section.text for section in merge(template, context())}
    assert sections[SectionId.TECHNIQUE].startswith("CT chest. Axial")
    assert sections[SectionId.COMPARISON] == "CT chest 2025-11-20."
    alone = {s.id: s.text for s in merge(template, context(comparisons=()))}
    assert alone[SectionId.COMPARISON] == "None available."


def test_merge_leaves_a_field_without_value_for_the_checks() -> None:
    order = replace(context().order, question=" ")
    sections = merge(read_template(GOOD, name="x"), context(order=order))
    assert sections[0].text == "{question}"
    assert unresolved_fields(sections[0].text) == ("{question}",)
    assert unresolved_fields("{unknown} {{m:m1}} {history|none}") == ("{history|none}",)


def test_merged_values_are_words_only() -> None:
    order = replace(context().order, question="{{m:m1}} {history} \u202eevil")
    text = merge(read_template(GOOD, name="x"), context(order=order))[0].text
    assert text == "((m:m1)) (history) [U+202E]evil"
    assert unresolved_fields(text) == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("id = ", "di = "), "unknown key 'di'"),
        (('id = "x"', ""), "'id' must be words"),
        (('id = "x"', 'id = "X y"'), "lower-case words"),
        (('title = "X"', "title = 3"), "'title' must be words"),
        (('["ct"]', '"ct"'), "'modalities' must be a list"),
        (('["chest"]', "[1]"), "'body_parts' must be a list"),
        (('id = "findings"', 'id = "conclusion"'), "'conclusion' is not a section"),
        (('id = "findings"', 'id = "impression"'), "a section stands twice"),
        (('id = "findings"', 'id = "technique"'), "'findings' is missing"),
        (('"{question}"', '"{patient.shoe}"'), "unknown merge field {patient.shoe}"),
        (('"{question}"', "7"), "the text of 'findings'"),
        (("[[section]]", "[section"), "not a TOML file"),
    ],
)
def test_a_bad_template_names_its_fault(change: tuple[str, str], why: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read_template(GOOD.replace(*change), name="mine.toml")
    assert why in str(caught.value)
    assert str(caught.value).startswith("mine.toml: ")


def test_sections_must_be_tables() -> None:
    with pytest.raises(TemplateError, match=r"\[\[section\]\]"):
        read_template('id = "x"\ntitle = "X"\nsection = "findings"\n', name="x.toml")


def test_folder_faults(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="no report template in the folder"):
        load_templates(tmp_path)
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text(GOOD)
    with pytest.raises(TemplateError, match=r"b\.toml: another template already has the id x"):
        load_templates(tmp_path)
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(TemplateError, match="cannot be read as text"):
        load_templates(tmp_path)
    (tmp_path / "b.toml").write_text("#" * 300_000)
    with pytest.raises(TemplateError, match="larger than a template may be"):
        load_templates(tmp_path)
