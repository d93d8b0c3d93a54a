"""Each pre-sign rule finds what it is for, and nothing in a report that is right."""

from dataclasses import replace

import pytest

from reporting.model.identity import ImageIdentity
from reporting.model.issue import Issue, Severity
from reporting.model.report import Person, ReportContext, ReportDraft
from reporting.rules.presign import check, load_rules
from tests.kit.reporting import PRIOR, RESOURCES, STUDY, context, draft, finding, frame
from viewer.model.measurement import CalibrationKind

RULES = load_rules(RESOURCES / "rules")
IMAGES = ImageIdentity("4711", "Doe^Jane^M", "1972-03-04", "F", STUDY, "A-123")


def found(
    made: ReportDraft,
    about: ReportContext | None = None,
    *,
    images: ImageIdentity | None = IMAGES,
    incomplete_acknowledged: bool = False,
) -> dict[str, Issue]:
    issues = check(
        made,
        about or context(),
        RULES,
        images=images,
        incomplete_acknowledged=incomplete_acknowledged,
    )
    assert all(issue.why.endswith(".") for issue in issues)
    return {issue.rule: issue for issue in issues}


def test_a_report_that_is_right_has_no_issue() -> None:
    assert found(draft()) == {}
    assert found(draft(), images=None) == {}


@pytest.mark.parametrize(
    ("findings", "impression", "where"),
    [("", "Normal.", "findings"), ("Normal.", " \n", "impression")],
)
def test_empty_section(findings: str, impression: str, where: str) -> None:
    issue = found(draft(findings, impression))["empty-section"]
    assert (issue.severity, issue.where) == (Severity.BLOCK, where)


def test_missing_section_is_empty() -> None:
    made = draft()
    made = replace(made, sections=made.sections[:2])
    assert found(made)["empty-section"].why == "Impression is empty."


@pytest.mark.parametrize(
    ("images", "why"),
    [
        (replace(IMAGES, patient_id="4712"), "patient ID"),
        (replace(IMAGES, patient_name="DOE^JOHN"), "patient name"),
        (replace(IMAGES, birth_date="1972-04-03"), "birth date"),
        (replace(IMAGES, sex="M"), "sex"),
        (replace(IMAGES, study_uid=PRIOR), "another study"),
        (replace(IMAGES, accession="A-124"), "accession"),
    ],
)
def test_identity_mismatch_blocks(images: ImageIdentity, why: str) -> None:
    issue = found(draft(), images=images)["patient-mismatch"]
    assert issue.severity is Severity.BLOCK
    assert why in issue.why
    assert not issue.acknowledgeable


def test_a_draft_of_another_case_blocks() -> None:
    assert "another case" in found(replace(draft(), case="case-2"))["patient-mismatch"].why


@pytest.mark.parametrize("name", ["doe^jane", "DOE^JANE=山田^太郎", "Döe^Jané", "=山田^太郎", ""])
def test_names_that_are_the_same_person(name: str) -> None:
    images = replace(IMAGES, patient_name="" if name.startswith("=") else name)
    assert found(draft(), images=images) == {}


def test_unknown_values_are_no_mismatch() -> None:
    images = ImageIdentity("", "", "", "", STUDY, "")
    assert found(draft(), images=images) == {}


def test_measurement_on_a_foreign_study_blocks() -> None:
    strange = finding("m1", on=frame(1, "2.25.9"))
    text = ("An {{m:m1}} nodule.", "Nodule.")
    assert found(draft(*text, strange))["foreign-images"].severity is Severity.BLOCK
    assert found(draft(*text, finding("m1", on=frame(1, PRIOR)))) == {}


def test_incomplete_study_blocks_until_acknowledged() -> None:
    about = context(complete=(120, 320))
    issue = found(draft(), about)["incomplete-study"]
    assert (issue.severity, issue.acknowledgeable) == (Severity.BLOCK, True)
    assert "120 of 320" in issue.why
    again = found(draft(), about, incomplete_acknowledged=True)["incomplete-study"]
    assert (again.severity, again.acknowledgeable) == (Severity.WARN, False)


def test_unseen_images_are_a_warning() -> None:
    assert "unseen-images" not in found(draft(), context(seen=(320, 320)))
    assert "unseen-images" not in found(draft())
    issue = found(draft(), context(seen=(300, 320)))["unseen-images"]
    assert issue.severity is Severity.WARN
    assert issue.why == "20 of 320 images of the current study were not seen."
    assert not issue.acknowledgeable


def test_a_site_can_ask_for_the_readers_word_about_unseen_images() -> None:
    strict = tuple(
        replace(rule, severity=Severity.BLOCK) if rule.id == "unseen-images" else rule
        for rule in RULES
    )
    (issue,) = check(draft(), context(seen=(1, 2)), strict)
    assert (issue.severity, issue.acknowledgeable) == (Severity.BLOCK, True)
    (again,) = check(draft(), context(seen=(1, 2)), strict, incomplete_acknowledged=True)
    assert again.severity is Severity.WARN


def test_acknowledging_opens_no_other_block() -> None:
    issue = found(draft("", ""), incomplete_acknowledged=True)["empty-section"]
    assert issue.severity is Severity.BLOCK
    strict = tuple(replace(rule, acknowledge=False) for rule in RULES)
    (only,) = check(draft(), context(complete=(1, 2)), strict, incomplete_acknowledged=True)
    assert only.severity is Severity.BLOCK


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A {{m:gone}} nodule.", "unknown measurement"),
        ("{question}", "{question}"),
        ("Seen in {comparison.dates}.", "{comparison.dates}"),
        ("Category ___.", "blank"),
    ],
)
def test_unresolved(text: str, why: str) -> None:
    issue = found(draft(text, "x"))["unresolved-field"]
    assert (issue.severity, issue.where) == (Severity.BLOCK, "findings")
    assert why in issue.why


def test_braces_that_are_no_field() -> None:
    assert found(draft("A {set} of {{braces}} _ __.", "x")) == {}


def test_side_conflict() -> None:
    issue = found(draft(impression_text="LUL nodule."))["side-conflict"]
    assert (issue.severity, issue.where) == (Severity.WARN, "impression")
    assert "left" in issue.why
    assert "right" in issue.why
    assert found(draft(impression_text="Nodule of the right upper lobe.")) == {}
    assert found(draft(impression_text="Cyst of the left kidney.")) == {}


def test_side_of_the_study() -> None:
    about = context(study=replace(context().study, description="XR knee left"))
    made = draft("Right knee: no fracture.", "No fracture.")
    assert found(made, about)["side-of-study"].severity is Severity.WARN
    assert found(draft("Left knee: no fracture.", "No fracture."), about) == {}
    assert found(made, context(study=replace(context().study, description="XR knees"))) == {}


@pytest.mark.parametrize(
    ("sex", "text", "wrong"),
    [
        ("F", "Prostate unremarkable.", True),
        ("M", "Uterus unremarkable.", True),
        ("M", "Both ovaries are normal.", True),
        ("M", "Prostate unremarkable.", False),
        ("F", "Uterus unremarkable.", False),
        ("O", "Uterus and prostate unremarkable.", False),
        ("", "Uterus unremarkable.", False),
        ("M", "Cervical spine normal.", False),
    ],
)
def test_organ_and_sex(sex: str, text: str, wrong: bool) -> None:
    patient = Person("4711", "", "DOE^JANE", "1972-03-04", sex)
    issues = found(draft(text, "Normal."), context(patient=patient), images=None)
    assert ("organ-and-sex" in issues) is wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("A {{m:m1}} cm nodule.", True),
        ("A {{m:m1}} mm nodule.", True),
        ("A {{m:m1}} nodule.", False),
        ("A {{m:m1}} nodule, 8.0 cm before.", True),
        ("A {{m:m1}} nodule, 6.5 mm before.", False),
    ],
)
def test_unit(text: str, wrong: bool) -> None:
    issues = found(draft(text, "x"))
    assert ("unit" in issues) is wrong


def test_uncalibrated_measurement_warns() -> None:
    bare = finding("m1", 120.0, calibration=CalibrationKind.NONE)
    issue = found(draft("A {{m:m1}} nodule, 12 mm.", "x", bare))["no-calibration"]
    assert issue.severity is Severity.WARN
    assert "120.0 px" in issue.why


def test_denied_and_described() -> None:
    made = draft("No nodule or mass. An {{m:m1}} nodule in the lung.", "Follow up.")
    assert "no nodule" in found(made)["denied-and-described"].why
    assert found(draft("No new nodule. An {{m:m1}} nodule.", "Stable nodule.")) == {}


def test_blocks_come_first() -> None:
    issues = check(draft("No nodule. Nodule.", ""), context(), RULES)
    assert [issue.severity for issue in issues] == [Severity.BLOCK, Severity.WARN]


def test_a_long_report_is_checked_like_a_short_one() -> None:
    line = "No effusion on the left and a right upper lobe nodule, 8 mm.\n"
    short, long = (check(draft(line * n, "x"), context(), RULES) for n in (2, 300))
    assert {issue.rule for issue in short} == {issue.rule for issue in long}
