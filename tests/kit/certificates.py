"""Certificate authorities and server certificates made on the spot, good and bad."""

import base64
import hashlib
import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

_SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Authority:
    """A CA whose certificate lies in ``path``."""

    path: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def server(
        self, *, host: str = "127.0.0.1", days: tuple[int, int] = (-1, 30)
    ) -> ssl.SSLContext:
        """A server's TLS context with a certificate for ``host``, valid from ... to ... days."""
        return serving(self.issue(host=host, days=days))

    def issue(self, *, host: str = "127.0.0.1", days: tuple[int, int] = (-1, 30)) -> Path:
        """Write a certificate for ``host`` with its key into one PEM file."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        names: list[x509.GeneralName] = (
            [x509.IPAddress(ipaddress.ip_address(host))]
            if host[0].isdigit()
            else [x509.DNSName(host)]
        )
        made = (
            x509.CertificateBuilder()
            .subject_name(_name(host))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0]))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(_issued_by(self.key), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        pem = self.path.with_name(f"server-{made.serial_number}.pem")
        pem.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + made.public_bytes(Encoding.PEM)
        )
        return pem


def serving(pem: Path, *, clients_of: Path | None = None) -> ssl.SSLContext:
    """A server's TLS context; ``clients_of``: the authority whose clients alone are served."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    if clients_of is not None:
        context.load_verify_locations(clients_of)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def key_pin(pem: Path) -> str:
    """The pin of a certificate's key as the openssl commands of the manual give it."""
    der = x509.load_pem_x509_certificate(pem.read_bytes()).public_key()
    spki = der.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode()


def authority(folder: Path, name: str = "Test CA") -> Authority:
    """Make a CA and write its certificate into ``folder``."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_SIGNS_CERTIFICATES, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"ca-{made.serial_number}.pem"
    path.write_bytes(made.public_bytes(Encoding.PEM))
    return Authority(path, made, key)


def _issued_by(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
