"""Signing identities made for tests: an authority, a reader, and readers with one thing wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from reporting.signing.pkcs12 import Pkcs12Signer

PASSPHRASE = "correct horse"
SIGNED_AT = datetime(2026, 11, 24, 20, 5, 10, tzinfo=UTC)
_START = datetime(2026, 1, 1, tzinfo=UTC)
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
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key per name in a test run: making one costs more than all else here."""
    assert name
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def usage(*used: str) -> x509.KeyUsage:
    """Key usage with the named bits set."""
    return x509.KeyUsage(**{name: name in used for name in _USAGES})


EMAIL = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])


@dataclass(frozen=True)
class Recipe:
    """What a certificate says; the defaults are those of a good reader's certificate."""

    common_name: str = "Dr Keiko Ito"
    key: PrivateKey | None = None
    not_before: datetime = _START
    not_after: datetime = _START + timedelta(days=3650)
    extensions: Sequence[x509.ExtensionType] = field(
        default_factory=lambda: (
            x509.BasicConstraints(ca=False, path_length=None),
            usage("digital_signature", "content_commitment"),
            EMAIL,
        )
    )


@dataclass(frozen=True)
class Identity:
    """A certificate with its key and the authority's certificate."""

    certificate: x509.Certificate
    key: PrivateKey
    authority: x509.Certificate

    @property
    def der(self) -> bytes:
        """The certificate, DER."""
        return self.certificate.public_bytes(Encoding.DER)

    def pkcs12(self, passphrase: str = PASSPHRASE) -> bytes:
        """The identity as a PKCS#12 file; cheap key derivation, since it guards nothing."""
        sealed = (
            PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(1000)
            .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
            .hmac_hash(hashes.SHA256())
            .build(passphrase.encode())
            if passphrase
            else NoEncryption()
        )
        return pkcs12.serialize_key_and_certificates(
            b"reader", self.key, self.certificate, [self.authority], sealed
        )

    def write(self, folder: Path, name: str = "reader.p12") -> Path:
        """Put the PKCS#12 file into a folder."""
        path = folder / name
        path.write_bytes(self.pkcs12())
        return path

    def trust(self, folder: Path) -> Path:
        """Put the authority's certificate into a folder, PEM."""
        path = folder / "ca.pem"
        path.write_bytes(self.authority.public_bytes(Encoding.PEM))
        return path

    def signer(self) -> Pkcs12Signer:
        """The opened identity."""
        assert isinstance(self.key, rsa.RSAPrivateKey)
        return Pkcs12Signer(
            self.key, self.certificate, (self.authority.public_bytes(Encoding.DER),)
        )


AUTHORITY = "Test Signing Authority"


def authority(name: str = AUTHORITY) -> Identity:
    """A self-signed authority, one per name in a test run."""
    return _authority(name)


@cache
def _authority(name: str) -> Identity:
    key = rsa_key(name)
    recipe = Recipe(
        common_name=name,
        key=key,
        extensions=(
            x509.BasicConstraints(ca=True, path_length=0),
            usage("key_cert_sign", "crl_sign"),
        ),
    )
    certificate = _certify(recipe, key, name, key)
    return Identity(certificate, key, certificate)


def identity(recipe: Recipe | None = None, *, issued_by: str = AUTHORITY) -> Identity:
    """A reader's identity as the recipe says."""
    wanted = recipe or Recipe()
    issuer = authority(issued_by)
    key = wanted.key or rsa_key("reader")
    certificate = _certify(wanted, key, issued_by, issuer.key)
    return Identity(certificate, key, issuer.certificate)


@cache
def reader() -> Identity:
    """The good reader, one in a test run."""
    return identity()


def name_of(common_name: str) -> x509.Name:
    """A name as the test certificates carry it."""
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Nightreads Test")]
    if common_name:
        parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    return x509.Name(parts)


def _certify(
    recipe: Recipe, key: PrivateKey, issuer: str, issuer_key: PrivateKey
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(recipe.common_name))
        .issuer_name(name_of(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(recipe.not_before)
        .not_valid_after(recipe.not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    for extension in recipe.extensions:
        critical = isinstance(extension, (x509.BasicConstraints, x509.KeyUsage))
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, hashes.SHA256())
