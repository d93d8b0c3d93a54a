"""The demo's own certificate authority and server certificate, so that TLS is always verified."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from workstation.demo.certificates import (
    Extension,
    Issued,
    issue,
    key_usage,
    load,
    make_authority,
    save,
)

_LOOPBACK = ipaddress.IPv4Address("127.0.0.1")
_VALID_DAYS = 397
_RENEW = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the authority that a client must trust, the server's certificate and key."""

    authority: Path
    certificate: Path
    key: Path


def ensure_tls(folder: Path) -> TlsFiles:
    """Give the TLS files in ``folder``; make what is missing, renew a server certificate in time.

    The authority is constrained to 127.0.0.1 and localhost (RFC 5280 §4.2.1.10): who trusts it
    trusts nothing else.
    """
    files = TlsFiles(folder / "ca.pem", folder / "server.pem", folder / "server-key.pem")
    authority = load(files.authority, folder / "ca-key.pem")
    if authority is None:
        authority = _authority()
        save(authority, files.authority, folder / "ca-key.pem")
        _renew(authority, files)
        return files
    server = load(files.certificate, files.key)
    if server is None or _ends_soon(server) or not _issued_by(authority, server):
        _renew(authority, files)
    return files


def _authority() -> Issued:
    loopback = ipaddress.IPv4Network("127.0.0.1/32")
    only_here = x509.NameConstraints([x509.IPAddress(loopback), x509.DNSName("localhost")], None)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lightbox demo"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Lightbox demo TLS authority"),
        ]
    )
    key = ec.generate_private_key(ec.SECP256R1())
    return make_authority(name, key, [Extension(only_here, critical=True)])


def _renew(authority: Issued, files: TlsFiles) -> None:
    names = x509.SubjectAlternativeName([x509.IPAddress(_LOOPBACK), x509.DNSName("localhost")])
    extra = [
        key_usage("digital_signature"),
        Extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])),
        Extension(names),
    ]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Lightbox demo platform")])
    key = ec.generate_private_key(ec.SECP256R1())
    save(issue(authority, name, key, days=_VALID_DAYS, extra=extra), files.certificate, files.key)


def _ends_soon(server: Issued) -> bool:
    return server.certificate.not_valid_after_utc - datetime.now(UTC) < _RENEW


def _issued_by(authority: Issued, server: Issued) -> bool:
    return server.certificate.issuer == authority.certificate.subject
