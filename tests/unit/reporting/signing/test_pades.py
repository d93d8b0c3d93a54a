"""The signature inside the PDF."""

import pytest

from reporting.errors import ExportFailed
from tests.kit.identities import reader
from tests.kit.signed_forms import NOW, blank_pdf, signed


def test_signs_without_touching_what_was_there() -> None:
    assert signed().pdf.startswith(blank_pdf())


def test_says_who_where_why_and_when() -> None:
    added = signed().pdf[len(blank_pdf()) :]
    for told in (
        b"/ETSI.CAdES.detached",
        b"/Name (Dr Keiko Ito)",
        b"/Location (Night Reads)",
        b"/Reason (Final radiology report)",
        b"20261124120107",
    ):
        assert told in added


def test_what_is_no_pdf_cannot_be_signed() -> None:
    with pytest.raises(ExportFailed, match="PDF could not be signed"):
        reader().signer().sign_pdf(b"no PDF", reason="", location="", signed_at=NOW)
