"""The PDF: what it says can be read back from it, and nothing in it was read as markup."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]  # the library brings no types
import pytest

from reporting.errors import ExportFailed
from reporting.export.pdf import render_pdf
from reporting.model.report import Person
from tests.kit.reporting import NOW, RESOURCES, context, draft, finding, signer_identity
from viewer.model.measurement import CalibrationKind


def pages(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    texts = [document[n].get_textpage().get_text_bounded() for n in range(len(document))]
    document.close()
    return [text.replace("\r\n", "\n").replace("\ufffe", "") for text in texts]


def test_says_all_that_a_report_must() -> None:
    pdf = render_pdf(
        draft(), context(), resources=RESOURCES, signed_at=NOW, signer=signer_identity()
    )
    (text,) = pages(pdf)
    for words in (
        "Night Reads",
        "Final report",
        "DOE, JANE",
        "4711 (Harbour Hospital)",
        "1972-03-04",
        "A-123",
        "CT chest, 2026-11-24 08:30:00",
        "CT chest, 2025-11-20",
        "Nodule growth?",
        "320 of 320",
        "An 8.0 mm nodule in the right upper lobe.",
        "Series 3, image 142",
        "true size in the patient",
        "Signed by",
        "2026-11-24 12:01:07 +09:00",
        "serial 4D2A",
        "Page 1 of 1",
    ):
        assert words in text, words


def test_draft_says_so_and_carries_no_signature() -> None:
    (text,) = pages(render_pdf(draft(), context(), resources=RESOURCES))
    assert "Draft, not signed" in text
    assert "Signed by" not in text


def test_every_page_has_patient_and_number() -> None:
    long = "Right upper lobe nodule.\n" * 150
    texts = pages(render_pdf(draft(long, long), context(), resources=RESOURCES))
    assert len(texts) > 2
    for number, text in enumerate(texts, 1):
        assert "DOE, JANE · 4711 · 1972-03-04 · A-123" in text
        assert f"Page {number} of {len(texts)}" in text
    assert "".join(texts).count("Right upper lobe nodule.") == 300


def test_text_is_never_markup() -> None:
    hostile = '#read("/etc/passwd") *b* _i_ $x^2$ = Head\n- item\n`raw` @ref <label> \\ // /* #'
    patient = Person("#pagebreak()", "", "*DOE*^#JANE", "1972-03-04", "F")
    made = draft(hostile, "Normal.", replace(finding(), label='#"8" mm'))
    (text,) = pages(render_pdf(made, context(patient=patient), resources=RESOURCES))
    for line in hostile.split("\n"):
        assert line in text
    assert "#pagebreak()" in text
    assert "*DOE*, #JANE" in text


def test_deceiving_characters_are_visible() -> None:
    (text,) = pages(render_pdf(draft("a\u202eb\x07c\u200bd", "x"), context(), resources=RESOURCES))
    assert "a[U+202E]b[U+0007]c[U+200B]d" in text


def test_letters_of_many_languages() -> None:
    words = "Łódź Ærø ß Ελλάδα Москва Český ½ ≤ ± µ →"
    (text,) = pages(render_pdf(draft(words, "x"), context(), resources=RESOURCES))
    assert words in text


def test_letters_that_no_font_has_are_written_out_or_shown() -> None:
    patient = Person("4711", "", "山田^太郎", "1972-03-04", "F")
    (text,) = pages(
        render_pdf(draft("\U0001f9ec Москва", "x"), context(patient=patient), resources=RESOURCES)
    )
    assert "山" in text or "[U+5C71]" in text
    assert "\U0001f9ec" in text or "[U+1F9EC]" in text
    assert "Москва" in text


def test_many_letters_that_no_font_has_are_all_told() -> None:
    strange = "".join(chr(0x4E00 + number) for number in range(500))
    text = "".join(pages(render_pdf(draft(strange, "x"), context(), resources=RESOURCES)))
    assert all(letter in text or f"[U+{ord(letter):04X}]" in text for letter in strange)


def test_measurement_table_says_the_calibration() -> None:
    made = draft("{{m:m1}}", "x", finding("m1", 8.0, calibration=CalibrationKind.DETECTOR))
    (text,) = pages(render_pdf(made, context(), resources=RESOURCES))
    assert "size at the detector" in text


def test_is_an_archive_pdf_without_active_parts() -> None:
    pdf = render_pdf(draft(), context(), resources=RESOURCES, signed_at=NOW)
    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfaid" in pdf
    assert b"/StructTreeRoot" in pdf
    assert b"/Lang" in pdf
    for active in (rb"/JavaScript", rb"/JS\b", rb"/OpenAction", rb"/EmbeddedFile", rb"/URI\b",
                   rb"/Launch", rb"/AA\b", rb"/SubmitForm"):  # fmt: skip
        assert re.search(active, pdf) is None


def test_same_draft_same_bytes() -> None:
    moment = datetime(2026, 11, 24, 3, 1, 7, 999_999, tzinfo=UTC)
    one = render_pdf(draft(), context(), resources=RESOURCES, signed_at=moment)
    assert render_pdf(draft(), context(), resources=RESOURCES, signed_at=moment) == one


def test_a_missing_or_broken_layout_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportFailed, match="missing"):
        render_pdf(draft(), context(), resources=tmp_path)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "report.typ").write_text("#unknown()")
    with pytest.raises(ExportFailed, match="typeset"):
        render_pdf(draft(), context(), resources=tmp_path)
