"""What a signing certificate says, and why it may not sign a report."""

import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.keys import load_certs_from_pemder_data

from reporting.errors import SignerUnavailable
from reporting.model.signed import SignerIdentity

_SMALLEST_RSA = 2048
_SIGNING_PURPOSES = frozenset(
    {
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
        x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # document signing, RFC 9336
        x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),  # document signing, Microsoft
        x509.ObjectIdentifier("1.2.840.113583.1.1.5"),  # authentic documents, Adobe
    }
)

_UNSOUND = (
    ValueError,
    TypeError,
    KeyError,
    UserWarning,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
)
_Kind = TypeVar("_Kind", bound=x509.ExtensionType)


def identity_of(certificate_pem: Path) -> SignerIdentity:
    """Read whose certificate a PEM file holds; raises SignerUnavailable."""
    try:
        data = certificate_pem.read_bytes()
    except OSError as error:
        raise SignerUnavailable(
            f"The certificate {certificate_pem.name} cannot be read: {error.strerror}."
        ) from None
    try:
        return describe(x509.load_pem_x509_certificate(data))
    except ValueError:
        raise SignerUnavailable(f"{certificate_pem.name} is not a certificate.") from None


def read_certificate(der: bytes) -> x509.Certificate:
    """Read a certificate from outside; raises ValueError unless all that is used of it is sound.

    The libraries parse late: without this, damage would show wherever a field is first asked for.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            certificate = x509.load_der_x509_certificate(der)
            describe(certificate)
            certificate.public_key()
            for converted in load_certs_from_pemder_data(der):
                converted.native  # noqa: B018 - parses all of it
    except _UNSOUND as error:
        raise ValueError("not a sound certificate") from error
    return certificate


def describe(certificate: x509.Certificate) -> SignerIdentity:
    """Give what is shown of a certificate; the serial number in hexadecimal."""
    return SignerIdentity(
        common_name=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        serial=f"{certificate.serial_number:X}",
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def der_size(data: bytes) -> int:
    """How many bytes the DER value at the start takes, 0 when there is none of definite length."""
    if len(data) < 2 or data[0] != 0x30:
        return 0
    first = data[1]
    if first < 0x80:
        return 2 + first
    return 2 + (first & 0x7F) + int.from_bytes(data[2 : 2 + (first & 0x7F)], "big")


def time_problem(certificate: x509.Certificate, at: datetime) -> str:
    """Say why the certificate could not sign at that moment, '' when it could."""
    if at < certificate.not_valid_before_utc:
        return f"is not valid before {_date(certificate.not_valid_before_utc)}"
    if at > certificate.not_valid_after_utc:
        return f"expired on {_date(certificate.not_valid_after_utc)}"
    return ""


def use_problem(certificate: x509.Certificate) -> str:
    """Say why the certificate is not one that may sign reports, '' when it is."""
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        return "does not hold an RSA key"
    if key.key_size < _SMALLEST_RSA:
        return f"holds a key of {key.key_size} bits, which is too short"
    return purpose_problem(certificate)


def purpose_problem(certificate: x509.Certificate) -> str:
    """Say which extension keeps the certificate from signing documents, '' when none does."""
    try:
        extensions = certificate.extensions
    except ValueError:
        return "has extensions that cannot be read"
    return _authority(extensions) or _usage(extensions) or _purpose(extensions)


def _authority(extensions: x509.Extensions) -> str:
    found = _find(extensions, x509.BasicConstraints)
    return "belongs to a certificate authority" if found is not None and found.ca else ""


def _usage(extensions: x509.Extensions) -> str:
    found = _find(extensions, x509.KeyUsage)
    if found is None or found.digital_signature or found.content_commitment:
        return ""
    return "is not meant for signatures"


def _purpose(extensions: x509.Extensions) -> str:
    found = _find(extensions, x509.ExtendedKeyUsage)
    if found is None or _SIGNING_PURPOSES.intersection(found):
        return ""
    return "is not meant for signing documents"


def _find(extensions: x509.Extensions, kind: type[_Kind]) -> _Kind | None:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _name(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
