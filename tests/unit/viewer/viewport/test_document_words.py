"""What stands over and in a document: whose it is, what to beware of, where its links lead."""

from dataclasses import replace

import pytest

from tests.kit.viewer import IDENTITY, chest, frame_of, sets_of
from viewer.hanging.images import CaseImages
from viewer.model.document import DocumentLine, TextDocument
from viewer.model.image_link import ImageLink
from viewer.model.refs import SopUid
from viewer.model.study import Patient
from viewer.viewport.document_words import Paragraph, Run, head, paragraphs
from viewer.viewport.overlay import loud
from viewer.viewport.patient_mark import patient_mark

CHEST = chest(4)
OLD = chest(3, uid="1.3", series="1.3.1", date="20251120")
CASE = CaseImages.of(CHEST, (OLD,), sets_of(CHEST, OLD))
HERE = ImageLink(CHEST.series[0].instances[1].ref.sop)
GONE = ImageLink(SopUid("9.9.9"))
ABSENT = Run("not in this case", absent=True)


def lines(*given: DocumentLine) -> list[Paragraph]:
    return list(paragraphs(TextDocument("Report", (), given), CASE))


def test_a_heading_stands_alone_without_words_after_it() -> None:
    assert lines(DocumentLine(1, "Findings", heading=True)) == [
        Paragraph(1, "Findings", heading=True)
    ]


def test_a_link_stands_for_the_word_image() -> None:
    frame = frame_of(CHEST.series[0].instances[1])
    (found,) = lines(DocumentLine(0, "Source", "image", (HERE,)))
    assert found.runs == (Run("Series 3, image 2", link=frame),)


def test_a_line_may_name_what_is_here_and_what_is_not() -> None:
    (found,) = lines(DocumentLine(0, "Source", "image", (HERE, GONE)))
    assert [run.text for run in found.runs] == [
        "image, ", "Series 3, image 2", ", ", "not in this case",
    ]  # fmt: skip


def test_many_absent_images_take_one_line_and_nothing_else_is_joined() -> None:
    absent = DocumentLine(2, "Source", "image", (GONE,))
    found = lines(absent, absent, absent, DocumentLine(2, "Source", "text"), absent)
    assert found == [
        Paragraph(2, "Source", (Run("3 × image, "), ABSENT)),
        Paragraph(2, "Source", (Run("text"),)),
        Paragraph(2, "Source", (Run("image, "), ABSENT)),
    ]


def test_a_frame_beyond_the_last_leads_nowhere() -> None:
    beyond = replace(HERE, frame=7, frame_alone=True)
    (found,) = lines(DocumentLine(0, "", "image", (beyond,)))
    assert found.runs[-1] == ABSENT


def test_a_document_without_lines_says_so() -> None:
    assert lines()[0].runs == (Run("The document has no content that can be read."),)


def test_the_head_marks_prior_patient_and_cautions() -> None:
    other = Patient("666", "ROE^RICHARD", "19500101", "M")
    report = TextDocument("Old report", (), (), patient=other, cautions=("NOT VERIFIED",))
    entry = next(e for e in CASE.in_order() if e.prior)
    found = head(IDENTITY, entry, report, compared=True, kind="Structured report")
    assert (found.mark, found.prior, found.title) == ("PRIOR 2025-11-20", True, "Old report")
    assert found.alarm == "DOCUMENT SAYS PATIENT ID 666"
    assert found.cautions == ("NOT VERIFIED",)
    assert found.patient == ("DOE^JANE", "4711", "1972-03-04 F")
    elsewhere = replace(IDENTITY, origin="NOT FROM THE WORKLIST")
    found = head(elsewhere, entry, report, compared=True, kind="Structured report")
    assert found.alarm.endswith("NOT FROM THE WORKLIST")


@pytest.mark.parametrize(
    ("patient", "mark"),
    [
        (Patient("4711", "DOE^JANE", "19720304", "F"), ""),
        (Patient("", "", "", ""), ""),
        (Patient("4712", "DOE^JANE", "19720304", "F"), "IMAGE SAYS PATIENT ID 4712"),
        (Patient("4711", "DOE^JANE", "19720403", "F"), "IMAGE SAYS BORN 19720403"),
        (Patient("", "", "19720403", "F"), "IMAGE SAYS BORN 19720403"),
    ],
)
def test_what_names_another_patient_is_marked(patient: Patient, mark: str) -> None:
    assert patient_mark(IDENTITY, patient, "IMAGE") == mark


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("", ""),
        ("Rejected for Quality Reasons: Motion", "REJECTED for Quality Reasons: Motion"),
        ("Incorrect Modality Worklist Entry", "REJECTED · Incorrect Modality Worklist Entry"),
        ("Rejected", "REJECTED"),
    ],
)
def test_rejected_is_said_once(why: str, said: str) -> None:
    assert loud("REJECTED", why) == said
