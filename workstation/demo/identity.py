"""The demo reader's signing identity, so that signing can be tried without a card or a CA."""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from workstation.demo.certificates import (
    Extension,
    Issued,
    issue,
    key_usage,
    load,
    make_authority,
    save,
)
from workstation.demo.files import replace_file

PASSPHRASE = "demo"  # noqa: S105 - public on purpose: the identity signs invented reports only
_DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_KDF_ROUNDS = 100_000


@dataclass(frozen=True, slots=True)
class IdentityFiles:
    """PKCS#12 with key and chain, the reader's certificate and the signing authority, PEM."""

    pkcs12: Path
    certificate: Path
    authority: Path


def ensure_identity(folder: Path) -> IdentityFiles:
    """Give the identity in ``folder``; an identity that exists is never made anew."""
    files = IdentityFiles(folder / "reader.p12", folder / "reader.pem", folder / "ca.pem")
    if files.pkcs12.exists() and files.certificate.exists() and files.authority.exists():
        return files
    authority = load(files.authority, folder / "ca-key.pem")
    if authority is None:
        authority = make_authority(_name("Nightreads Demo Signing Authority"), _key())
        save(authority, files.authority, folder / "ca-key.pem")
    reader = _reader(authority)
    replace_file(files.certificate, reader.pem)
    replace_file(files.pkcs12, _bundle(reader, authority), private=True)
    return files


def _reader(authority: Issued) -> Issued:
    extra = [
        key_usage("digital_signature", "content_commitment"),
        # pdfsig (NSS) accepts a document signature only from a key allowed for e-mail as well.
        Extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, _DOCUMENT_SIGNING])),
    ]
    name = _name("Dr Keiko Ito", serial="DEMO-0001")
    return issue(authority, name, _key(), days=1825, extra=extra)


def _bundle(reader: Issued, authority: Issued) -> bytes:
    sealed = (
        PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_KDF_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(PASSPHRASE.encode())
    )
    return pkcs12.serialize_key_and_certificates(
        b"Dr Keiko Ito (demo)", reader.key, reader.certificate, [authority.certificate], sealed
    )


def _name(common: str, *, serial: str = "") -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Nightreads Demo"),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
    ]
    if serial:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial))
    return x509.Name(parts)


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)
