"""Certificates that the demo makes for itself: for TLS and for signing reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from workstation.demo.files import replace_file

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True)
class Extension:
    """One X.509 extension and whether a reader must understand it."""

    value: x509.ExtensionType
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        """The certificate alone, PEM."""
        return self.certificate.public_bytes(Encoding.PEM)


def key_usage(*used: str) -> Extension:
    """Allow only the named uses of a key (RFC 5280 §4.2.1.3)."""
    return Extension(x509.KeyUsage(**{name: name in used for name in _USAGES}), critical=True)


def make_authority(name: x509.Name, key: Key, extra: Sequence[Extension] = ()) -> Issued:
    """Make a self-signed certificate authority, ten years valid, that may sign only end users."""
    extensions = [
        Extension(x509.BasicConstraints(ca=True, path_length=0), critical=True),
        key_usage("key_cert_sign", "crl_sign"),
        *extra,
    ]
    return Issued(_sign(name, key, name, key, days=3650, extensions=extensions), key)


def issue(
    authority: Issued, name: x509.Name, key: Key, *, days: int, extra: Sequence[Extension]
) -> Issued:
    """Issue an end user's certificate."""
    extensions = [
        Extension(x509.BasicConstraints(ca=False, path_length=None), critical=True),
        *extra,
    ]
    issuer = authority.certificate.subject
    made = _sign(name, key, issuer, authority.key, days=days, extensions=extensions)
    return Issued(made, key)


def save(issued: Issued, certificate: Path, key: Path) -> None:
    """Write certificate and private key as PEM; the key first, readable by its owner only."""
    secret = issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    replace_file(key, secret, private=True)
    replace_file(certificate, issued.pem)


def load(certificate: Path, key: Path) -> Issued | None:
    """Read what ``save`` wrote, None when a file is missing; ValueError, TypeError when bad."""
    if not (certificate.exists() and key.exists()):
        return None
    secret = load_pem_private_key(key.read_bytes(), None)
    if not isinstance(secret, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise TypeError(f"{key.name} holds an unexpected kind of key")
    return Issued(x509.load_pem_x509_certificate(certificate.read_bytes()), secret)


def _sign(
    subject: x509.Name,
    key: Key,
    issuer: x509.Name,
    issuer_key: Key,
    *,
    days: int,
    extensions: Sequence[Extension],
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    for extension in extensions:
        builder = builder.add_extension(extension.value, critical=extension.critical)
    return builder.sign(issuer_key, hashes.SHA256())
