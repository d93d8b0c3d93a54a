"""The words that every readable form carries, and the HTML page of them."""

import re
from html.parser import HTMLParser

import pytest

from reporting.export.html import render_html
from reporting.export.readable import readable, stamp
from reporting.export.text import person_name, section_words
from reporting.model.report import Person
from tests.kit.reporting import NOW, context, draft, finding, signer_identity
from viewer.model.measurement import CalibrationKind

HOSTILE = '<img src="file:///etc/passwd"><script>alert(1)</script>\u202e & "quoted"'


class Page(HTMLParser):
    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(page.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("DOE^JANE", "DOE, JANE"),
        ("Doe^Jane^M^Dr.^PhD", "Doe, Jane M Dr. PhD"),
        ("DOE", "DOE"),
        ("^JANE", "JANE"),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou = 山田, 太郎 = やまだ, たろう"),
        ("A\x1b$B^\u202eB", "A[U+001B]$B, [U+202E]B"),
        ("", ""),
    ],
)
def test_person_name(name: str, shown: str) -> None:
    assert person_name(name) == shown


def test_stamp_shows_the_offset() -> None:
    assert stamp(NOW) == "2026-11-24 12:01:07 +09:00"


def test_section_reads_its_chips() -> None:
    made = draft()
    assert section_words(made.sections[1], made) == "An 8.0 mm nodule in the right upper lobe."


def test_draft_and_final_say_what_they_are() -> None:
    assert readable(draft(), context()).state == "Draft, not signed"
    assert readable(draft(), context()).signature == ()
    final = readable(draft(), context(), signed_at=NOW, signer=signer_identity())
    assert final.state == "Final report"
    signed = {field.label: field.value for field in final.signature}
    assert signed["Signed by"] == "Dr. Keiko Ito, MD-17, Night Reads"
    assert "serial 4D2A" in signed["Certificate"]


def test_two_identifiers_and_accession_run_on_every_page() -> None:
    assert readable(draft(), context()).running == "DOE, JANE · 4711 · 1972-03-04 · A-123"


def test_what_is_not_known_is_said() -> None:
    bare = context(patient=Person("1", "", "X", "", ""), comparisons=(), complete=(3, 9))
    made = readable(draft(), bare)
    patient = {field.label: field.value for field in made.patient}
    study = {field.label: field.value for field in made.study}
    assert patient == {
        "Patient": "X",
        "Patient ID": "1",
        "Birth date": "not known",
        "Sex": "not known",
    }
    assert study["Compared with"] == "none"
    assert study["Images received"] == "3 of 9 (incomplete study)"


@pytest.mark.parametrize("kind", list(CalibrationKind))
def test_every_calibration_has_words(kind: CalibrationKind) -> None:
    made = draft("{{m:m1}}", "x", finding("m1", 8.0, calibration=kind))
    (row,) = readable(made, context()).measurements
    assert row.calibration
    assert ("not calibrated" in row.calibration) is (kind is CalibrationKind.NONE)


def test_html_holds_all_words_and_no_reference() -> None:
    page = render_html(draft(), context(), signed_at=NOW, signer=signer_identity())
    read = Page(page)
    for words in ("DOE, JANE", "4711", "A-123", "An 8.0 mm nodule", "Series 3, image 142", "4D2A"):
        assert words in read.words
    assert not read.tags & {"script", "img", "link", "iframe", "style", "a", "object"}
    assert read.attributes <= {"lang", "charset", "scope"}
    assert "{{m:" not in read.words


def test_html_escapes_all_text_from_outside() -> None:
    hostile = context(
        patient=Person(HOSTILE, HOSTILE, HOSTILE, "1972-03-04", "F"),
    )
    page = render_html(draft(HOSTILE, HOSTILE), hostile)
    read = Page(page)
    assert not read.tags & {"script", "img"}
    assert "[U+202E]" in read.words
    assert "\u202e" not in page.decode()
    assert '<img src="file:///etc/passwd">' in read.words
    assert re.search(rb"<(script|img)", page) is None
