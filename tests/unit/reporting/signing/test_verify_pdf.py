"""PDF signatures that hold, and every way in which one does not."""

import re

import pytest
from pyhanko.sign.fields import SigSeedSubFilter

from reporting.errors import NothingToVerify
from reporting.signing.verdict import Trust, Verdict
from reporting.signing.verify_pdf import verify_pdf
from tests.kit.identities import authority, reader
from tests.kit.other_pdfs import signed_by_others, with_other_words
from tests.kit.signed_forms import NOW, blank_pdf, signed

ROOTS = (authority().certificate,)


def only(data: bytes) -> Verdict:
    (verdict,) = verify_pdf(data, "report.pdf", ROOTS)
    return verdict


def test_our_own_signature_holds() -> None:
    verdict = only(signed().pdf)
    assert verdict.valid
    assert (verdict.intact, verdict.trust) == (True, Trust.TRUSTED)
    assert verdict.form == "PDF (PAdES)"
    assert verdict.covers == "the whole PDF"
    assert verdict.signed_at == NOW
    assert verdict.signer == reader().signer().identity


def test_one_changed_letter_is_seen() -> None:
    verdict = only(signed().pdf.replace(b"(Report)", b"(Retort)"))
    assert not verdict.valid
    assert "changed after it was signed" in verdict.reason


def test_bytes_after_the_end_are_seen() -> None:
    verdict = only(signed().pdf + b"% and more\n")
    assert not verdict.valid
    assert "holds more than what was signed" in verdict.reason


def test_an_update_that_shows_other_words_is_seen() -> None:
    verdict = only(with_other_words(signed().pdf, b"Nothing found"))
    assert not verdict.valid
    assert verdict.covers == "an earlier state of the PDF"
    assert "holds more than what was signed" in verdict.reason


def test_of_two_signatures_the_later_covers_all() -> None:
    first, second = verify_pdf(
        signed_by_others(signed().pdf, reader(), subfilter=SigSeedSubFilter.PADES), "r.pdf", ROOTS
    )
    assert not first.valid
    assert second.valid


def test_a_signature_of_another_program_is_read() -> None:
    verdict = only(signed_by_others(blank_pdf(), reader()))
    assert verdict.form == "PDF"
    assert verdict.valid


def test_a_hash_that_is_broken_does_not_count() -> None:
    verdict = only(signed_by_others(blank_pdf(), reader(), md_algorithm="sha1"))
    assert not verdict.valid
    assert "no longer safe" in verdict.reason


def contents_of(pdf: bytes) -> tuple[int, int]:
    found = re.search(rb"/Contents <([0-9a-fA-F]+)>", pdf)
    assert found is not None
    return found.span(1)


def with_contents(pdf: bytes, change: tuple[bytes, bytes]) -> bytes:
    start, end = contents_of(pdf)
    hexes = pdf[start:end]
    old, new = (part.hex().encode() for part in change)
    place = hexes.lower().rindex(old)
    hexes = hexes[:place] + new + hexes[place + len(old) :]
    return pdf[:start] + hexes + pdf[end:]


def test_a_forged_signature_value_is_seen() -> None:
    start, end = contents_of(signed().pdf)
    raw = bytes.fromhex(signed().pdf[start:end].decode()).rstrip(b"\0")
    verdict = only(with_contents(signed().pdf, (raw[-8:], bytes(8))))
    assert not verdict.valid
    assert "not made with the key of this certificate" in verdict.reason


@pytest.mark.parametrize("damage", [b"\x30", b"\x00"])
def test_a_damaged_signature_is_not_a_missing_one(damage: bytes) -> None:
    start, end = contents_of(signed().pdf)
    pdf = signed().pdf[:start] + damage.hex().encode() * ((end - start) // 2) + signed().pdf[end:]
    verdict = only(pdf)
    assert not verdict.valid
    assert verdict.signer is None


def test_a_time_that_is_none_makes_it_unreadable() -> None:
    verdict = only(signed().pdf.replace(b"20261124120107", b"20269924120107"))
    assert not verdict.valid
    assert verdict.reason == "the signature is damaged and cannot be read"


def test_a_damaged_file_with_a_signature_is_not_valid() -> None:
    for cut in (len(signed().pdf) - 300, len(signed().pdf) // 2 * 2 - 100):
        assert not only(signed().pdf[:cut]).valid


def test_a_signature_of_an_unknown_kind_is_not_a_missing_one() -> None:
    verdict = only(signed().pdf.replace(b"ETSI.CAdES.detached", b"ETSI.CAdES.detachee"))
    assert not verdict.valid
    assert "of a kind that is not read" in verdict.reason


def test_nothing_hides_behind_the_signature() -> None:
    _, end = contents_of(signed().pdf)
    pdf = signed().pdf[: end - 8] + b"DEADBEEF" + signed().pdf[end:]
    assert not only(pdf).valid


def test_nothing_to_verify() -> None:
    with pytest.raises(NothingToVerify, match=r"report\.pdf carries no signature"):
        verify_pdf(blank_pdf(), "report.pdf", ())
    with pytest.raises(NothingToVerify, match="cannot be read as PDF"):
        verify_pdf(b"%PDF-1.7 and no more", "report.pdf", ())


def test_a_time_without_offset_is_no_time() -> None:
    stated = rb"20261124120107\05309\04700\047)"
    local = only(signed().pdf.replace(stated, b"20261124120107)".ljust(len(stated))))
    assert local.signer is not None
    assert local.signed_at is None
    assert not local.intact
