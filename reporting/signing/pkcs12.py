"""A signing identity in a PKCS#12 file."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from reporting.errors import PassphraseRejected, SignerUnavailable
from reporting.model.signed import SignerIdentity
from reporting.signing import dicom_signature, pades
from reporting.signing.certificate import der_size, describe, identity_of, time_problem, use_problem

__all__ = ["Pkcs12Signer", "identity_of"]

_LARGEST_FILE = 1 << 20
_VERSION_3 = b"\x02\x01\x03"
_INDEFINITE = b"\x80"
_SALT = 32


class Pkcs12Signer:
    """Signs with the key of a PKCS#12 file; the key never leaves this object (see Signer)."""

    def __init__(
        self, key: RSAPrivateKey, certificate: x509.Certificate, issuers: tuple[bytes, ...] = ()
    ) -> None:
        """Keep an opened identity; ``issuers`` are DER certificates, nearest first."""
        self._key = key
        self._certificate = certificate
        self._chain = (certificate.public_bytes(Encoding.DER), *issuers)

    @classmethod
    def open(cls, path: Path, passphrase: str, *, now: datetime | None = None) -> "Pkcs12Signer":
        """Open the file; raises PassphraseRejected, SignerUnavailable."""
        key, certificate, issuers = _unlock(path.name, _read(path), passphrase)
        problem = use_problem(certificate) or time_problem(certificate, now or datetime.now(UTC))
        if problem:
            raise SignerUnavailable(f"The signing certificate in {path.name} {problem}.")
        return cls(key, certificate, issuers)

    @property
    def identity(self) -> SignerIdentity:
        """Whose key it is."""
        return describe(self._certificate)

    @property
    def certificate_chain(self) -> tuple[bytes, ...]:
        """The signer's certificate, then its issuers as the file holds them, DER."""
        return self._chain

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PSS with SHA-256 and a salt of 32 bytes over ``data``."""
        scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=_SALT)
        return self._key.sign(data, scheme, hashes.SHA256())

    def sign_pdf(self, pdf: bytes, *, reason: str, location: str, signed_at: datetime) -> bytes:
        """Give the PDF with a PAdES-B signature over the whole file."""
        self._check_time(signed_at)
        return pades.sign_pdf(
            pdf,
            self._key,
            self._chain,
            name=self.identity.common_name,
            reason=reason,
            location=location,
            signed_at=signed_at,
        )

    def sign_sr(self, sr: bytes, *, signed_at: datetime) -> bytes:
        """Give the DICOM file with a digital signature over the whole data set."""
        self._check_time(signed_at)
        return dicom_signature.sign_dicom(
            sr,
            self._chain[0],
            lambda data: self._key.sign(data, padding.PKCS1v15(), hashes.SHA256()),
            signed_at=signed_at,
        )

    def _check_time(self, moment: datetime) -> None:
        problem = time_problem(self._certificate, moment)
        if problem:
            raise SignerUnavailable(f"The signing certificate {problem}.")


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise SignerUnavailable(
            f"The signing identity {path.name} cannot be read: {error.strerror}."
        ) from None
    if len(data) > _LARGEST_FILE:
        raise SignerUnavailable(f"{path.name} is too large to be a signing identity.")
    return data


def _unlock(
    name: str, data: bytes, passphrase: str
) -> tuple[RSAPrivateKey, x509.Certificate, tuple[bytes, ...]]:
    whole = data[1:2] == _INDEFINITE or der_size(data) == len(data)
    if not whole or _VERSION_3 not in data[:16]:
        raise SignerUnavailable(f"{name} is not a PKCS#12 file.")
    try:
        held = pkcs12.load_pkcs12(data, passphrase.encode("utf-8"))
    except ValueError:
        raise PassphraseRejected("The passphrase does not open the signing identity.") from None
    if held.cert is None or held.key is None:
        raise SignerUnavailable(f"{name} does not hold both a key and its certificate.")
    if not isinstance(held.key, RSAPrivateKey):
        raise SignerUnavailable(f"The signing key in {name} is not an RSA key.")
    issuers = tuple(c.certificate.public_bytes(Encoding.DER) for c in held.additional_certs)
    return held.key, held.cert.certificate, issuers
