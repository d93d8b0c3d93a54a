"""PDF pages are drawn in a process apart: what is drawn, what is refused, what fails (R29)."""

import struct
from collections.abc import Iterator

import numpy as np
import pytest

from tests.kit import documents
from tests.kit.documents import pdf
from viewer.errors import HeaderError, UndecodableFrame
from viewer.loading.pages import MOST_PIXELS, PdfProcess
from viewer.model.document import PageDocument
from viewer.model.refs import SopUid

ONE, TWO = SopUid("1.2.3"), SopUid("1.2.4")
STREAM = "q 1 0 0 rg 0 0 120 40 re f Q"
FORM = (
    "<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /F 4 /Rect [20 20 140 60] "
    "/AP << /N 7 0 R >> >>",
    f"<< /Type /XObject /Subtype /Form /BBox [0 0 120 40] /Length {len(STREAM)} >> "
    f"stream\n{STREAM}\nendstream",
)


@pytest.fixture(scope="module")
def process() -> Iterator[PdfProcess]:
    made = PdfProcess(seconds=30)
    yield made
    made.close()


@pytest.fixture
def faulty() -> Iterator[PdfProcess]:
    made = PdfProcess(seconds=1, serve=documents.serve)
    yield made
    made.close()


def book(data: bytes) -> PageDocument:
    return PageDocument("Letter", data)


@pytest.mark.timeout(60)
def test_pages_come_with_picture_and_words(process: PdfProcess) -> None:
    found = process.open(book(pdf("First", "Second")), ONE)
    assert (found.pages, found.sizes) == (2, ((300.0, 400.0),) * 2)
    first = process.draw(found, 0, 600)
    assert first.pixels.shape == (800, 600, 4)
    assert first.text == "First"
    ink = np.argwhere(first.pixels[..., 0] < 60)
    top, left = ink.min(axis=0)
    assert (top, left) == pytest.approx((2 * (400 - 200 - 13), 41), abs=4)
    assert process.draw(found, 1, 300).text.startswith("Second")


@pytest.mark.timeout(60)
def test_another_pdf_in_between_changes_nothing(process: PdfProcess) -> None:
    one = process.open(book(pdf("One")), ONE)
    two = process.open(book(pdf("Two")), TWO)
    assert [process.draw(p, 0, 60).text for p in (one, two, one)] == ["One", "Two", "One"]


@pytest.mark.timeout(60)
def test_a_page_never_has_more_pixels_than_the_limit(process: PdfProcess) -> None:
    found = process.open(book(pdf("Large")), ONE)
    drawn = process.draw(found, 0, 200_000)
    assert 0.99 * MOST_PIXELS < drawn.pixels.shape[0] * drawn.pixels.shape[1] < 1.01 * MOST_PIXELS


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.4\n%%EOF\n", "damaged"),
        (b"<html>", "damaged"),
        (pdf(), "damaged"),
    ],
)
def test_a_broken_pdf_gives_a_sentence(process: PdfProcess, data: bytes, sentence: str) -> None:
    with pytest.raises(HeaderError, match=sentence):
        process.open(book(data), ONE)


@pytest.mark.timeout(60)
def test_an_encrypted_pdf_gives_a_sentence(process: PdfProcess) -> None:
    key = b"(" + b"x" * 32 + b")"
    locked = f"/Filter /Standard /V 1 /R 2 /O {key.decode()} /U {key.decode()} /P -4"
    encrypt = f"/Encrypt << {locked} >>"
    data = pdf("Secret").replace(b"/Root 1 0 R", f"/Root 1 0 R {encrypt} /ID [(a) (a)]".encode())
    with pytest.raises(HeaderError, match="asks for a password"):
        process.open(book(data), ONE)


@pytest.mark.timeout(60)
def test_a_page_without_size_costs_that_page(process: PdfProcess) -> None:
    data = pdf("Good", "Bad")
    at = data.rindex(b"[0 0 300 400]")
    data = data[:at] + b"[0 0 90000 400]" + data[at + 13 :]
    found = process.open(book(data), ONE)
    assert process.draw(found, 0, 60).text == "Good"
    with pytest.raises(UndecodableFrame, match="Page 2 of the PDF has no usable size"):
        process.draw(found, 1, 60)


@pytest.mark.timeout(60)
def test_what_is_filled_into_a_form_is_seen_and_no_script_runs(process: PdfProcess) -> None:
    action = "/OpenAction << /S /JavaScript /JS (this.getField\\('a'\\).value = 'run';) >>"
    root = f"/AcroForm << /Fields [6 0 R] >> {action}"
    data = pdf("Form", extra=FORM, page_keys="/Annots [6 0 R]", root=root)
    found = process.open(book(data), ONE)
    drawn = process.draw(found, 0, 300)
    assert drawn.pixels[-40, 80, :3].tolist() == [255, 0, 0]
    assert "run" not in drawn.text


@pytest.mark.timeout(60)
def test_words_that_look_like_markup_stay_words(process: PdfProcess) -> None:
    found = process.open(book(pdf("plain <b>text</b>")), ONE)
    assert process.draw(found, 0, 60).text == "plain <b>text</b>"


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("fault", "sentence"), [(documents.CRASH, "crashed"), (documents.HANG, "1 s")]
)
def test_what_kills_the_process_is_tried_twice(
    faulty: PdfProcess, fault: bytes, sentence: str
) -> None:
    for _ in range(2):
        with pytest.raises(UndecodableFrame, match=sentence):
            faulty.open(book(fault), ONE)
    with pytest.raises(UndecodableFrame, match="not tried again"):
        faulty.open(book(fault), ONE)
    assert faulty.open(book(b"fine"), TWO).pages == 1


@pytest.mark.timeout(60)
def test_an_answer_that_claims_too_much_is_refused(faulty: PdfProcess) -> None:
    found = faulty.open(book(b"fine"), ONE)
    with pytest.raises(UndecodableFrame, match="larger than it was asked for"):
        faulty.draw(found, 0, 100)


def test_a_closed_process_says_so() -> None:
    made = PdfProcess()
    made.close()
    with pytest.raises(UndecodableFrame, match="closed"):
        made.open(book(struct.pack("<i", 1)), ONE)
