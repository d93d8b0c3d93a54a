"""Who can sign: the seam between a report and a key, wherever the key lives."""

from datetime import datetime
from typing import Protocol

from reporting.model.signed import SignerIdentity


class Signer(Protocol):
    """An opened signing identity. Every method may raise SignerUnavailable."""

    @property
    def identity(self) -> SignerIdentity:
        """Whose key it is."""
        ...

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        """The signer's certificate, then its issuers as far as known, DER."""
        ...

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PSS with SHA-256 and a salt of 32 bytes over ``data`` (RFC 7518 §3.5, PS256)."""
        ...

    def sign_pdf(self, pdf: bytes, *, reason: str, location: str, signed_at: datetime) -> bytes:
        """Give the PDF with a PAdES-B signature over the whole file."""
        ...

    def sign_sr(self, sr: bytes, *, signed_at: datetime) -> bytes:
        """Give the DICOM file with a digital signature over the whole data set (PS3.15 annex C)."""
        ...
