"""Checks the signatures inside a PDF: do they hold, and do they cover the whole file.

Whatever was appended after signing, a further signature included, makes the file say more than
what this signer signed, and is not judged harmless here.
"""

import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from reporting.errors import NothingToVerify
from reporting.signing.certificate import der_size, describe, read_certificate
from reporting.signing.chain import judge
from reporting.signing.verdict import Trust, Verdict

# What pyHanko tolerates it logs with tracebacks; without a handler they would reach the screen.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())

_HASHES = frozenset({"sha256", "sha384", "sha512"})
_COVERS = {
    SignatureCoverageLevel.ENTIRE_FILE: "the whole PDF",
    SignatureCoverageLevel.ENTIRE_REVISION: "an earlier state of the PDF",
}
_HOSTILE = (
    PdfError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    NotImplementedError,
    RecursionError,
)
"""All that parsing a PDF or a CMS made by an enemy was seen or can be expected to raise."""


def verify_pdf(data: bytes, name: str, roots: Sequence[x509.Certificate]) -> tuple[Verdict, ...]:
    """Check every signature; raises NothingToVerify when there is none."""
    try:
        signatures = PdfFileReader(io.BytesIO(data)).embedded_regular_signatures
    except _HOSTILE:
        if b"/ByteRange" in data:
            return (_broken("the file is damaged, its signature cannot be read"),)
        raise NothingToVerify(f"{name} cannot be read as PDF.") from None
    if not signatures and b"/ByteRange" in data:
        return (_broken("the signature is damaged or of a kind that is not read"),)
    if not signatures:
        raise NothingToVerify(f"{name} carries no signature.")
    return tuple(_judged(signature, roots) for signature in signatures)


@dataclass(frozen=True, slots=True)
class _Found:
    """What one signature says and whether it holds; its signer not yet judged."""

    certificate: x509.Certificate
    others: tuple[bytes, ...]
    signed_at: datetime | None
    form: str
    covers: str
    problem: str


def _judged(signature: EmbeddedPdfSignature, roots: Sequence[x509.Certificate]) -> Verdict:
    try:
        found = _read(signature)
    except _HOSTILE:
        return _broken("the signature is damaged and cannot be read")
    trust, why = judge(found.certificate, found.others, roots, at=found.signed_at)
    return Verdict(
        form=found.form,
        signer=describe(found.certificate),
        signed_at=found.signed_at,
        intact=not found.problem,
        trust=trust,
        covers=found.covers,
        reason=f"{found.problem or 'the document is as it was signed'}; {why}",
    )


def _read(signature: EmbeddedPdfSignature) -> _Found:
    signature.compute_integrity_info(skip_diff=True)  # type: ignore[no-untyped-call]  # pyHanko's
    coverage = signature.evaluate_signature_coverage()
    stated = signature.self_reported_timestamp
    pades = signature.sig_object.get("/SubFilter") == "/ETSI.CAdES.detached"
    return _Found(
        certificate=read_certificate(signature.signer_cert.dump()),
        others=tuple(other.dump() for other in signature.other_embedded_certs),
        signed_at=stated if stated is not None and stated.tzinfo else None,
        form="PDF (PAdES)" if pades else "PDF",
        covers=_COVERS.get(coverage, "part of the PDF"),
        problem=_integrity(signature, coverage),
    )


def _integrity(signature: EmbeddedPdfSignature, coverage: SignatureCoverageLevel) -> str:
    """Say what is wrong, '' when the signature holds for all of the file."""
    if signature.md_algorithm not in _HASHES:
        return "the signature rests on a hash that is no longer safe"
    same, genuine = validate_sig_integrity(
        signature.signer_info, signature.signer_cert, "data", signature.compute_digest()
    )
    if not same:
        return "the document was changed after it was signed"
    if not genuine:
        return "the signature was not made with the key of this certificate"
    rest = signature.pkcs7_content[der_size(signature.pkcs7_content) :]
    if coverage is not SignatureCoverageLevel.ENTIRE_FILE or rest.strip(b"\0"):
        return "the file holds more than what was signed"
    return ""


def _broken(reason: str) -> Verdict:
    return Verdict("PDF", None, None, intact=False, trust=Trust.UNCHECKED, covers="", reason=reason)
