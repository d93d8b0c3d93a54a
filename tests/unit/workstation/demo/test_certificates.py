"""Certificates: made once, renewed in time, never replaced."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from workstation.demo.certificates import issue, key_usage, load, save
from workstation.demo.identity import IdentityFiles, ensure_identity
from workstation.demo.tls import ensure_tls


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> IdentityFiles:
    return ensure_identity(tmp_path_factory.mktemp("identity"))


def test_tls_files_are_made_once(tmp_path: Path) -> None:
    first = ensure_tls(tmp_path)
    kept = {p: p.read_bytes() for p in tmp_path.iterdir()}
    assert ensure_tls(tmp_path) == first
    assert {p: p.read_bytes() for p in tmp_path.iterdir()} == kept
    ssl.create_default_context(cafile=str(first.authority))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(first.certificate, first.key)


def test_only_the_owner_reads_the_keys(tmp_path: Path) -> None:
    files = ensure_tls(tmp_path)
    for key in (files.key, tmp_path / "ca-key.pem"):
        assert key.stat().st_mode & 0o077 == 0


def test_a_server_certificate_that_ends_soon_is_renewed_by_the_same_authority(
    tmp_path: Path,
) -> None:
    files = ensure_tls(tmp_path)
    authority = load(files.authority, tmp_path / "ca-key.pem")
    assert authority is not None
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
    key = ec.generate_private_key(ec.SECP256R1())
    old = issue(authority, name, key, days=3, extra=[key_usage("digital_signature")])
    save(old, files.certificate, files.key)
    ensure_tls(tmp_path)
    renewed = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    assert renewed.not_valid_after_utc - datetime.now(UTC) > timedelta(days=300)
    assert x509.load_pem_x509_certificate(files.authority.read_bytes()) == authority.certificate


def test_the_authority_may_vouch_for_this_machine_only(tmp_path: Path) -> None:
    files = ensure_tls(tmp_path)
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    allowed = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert allowed.critical
    names = [str(n.value) for n in allowed.value.permitted_subtrees or ()]
    assert names == ["127.0.0.1/32", "localhost"]


def test_the_identity_is_dr_itos_and_made_once(identity: IdentityFiles) -> None:
    data = identity.pkcs12.read_bytes()
    assert ensure_identity(identity.pkcs12.parent) == identity
    assert identity.pkcs12.read_bytes() == data
    held = pkcs12.load_pkcs12(data, b"demo")
    assert held.cert is not None
    assert isinstance(held.key, rsa.RSAPrivateKey)
    assert held.key.key_size == 3072
    told = {a.oid: a.value for a in held.cert.certificate.subject}
    assert told[NameOID.COMMON_NAME] == "Dr Keiko Ito"
    assert told[NameOID.ORGANIZATION_NAME] == "Nightreads Demo"
    assert told[NameOID.COUNTRY_NAME] == "DE"
    assert told[NameOID.SERIAL_NUMBER]
    usage = held.cert.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    dotted = {u.dotted_string for u in usage.value}
    assert dotted == {"1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36"}
    certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
    assert certificate == held.cert.certificate


def test_a_wrong_passphrase_opens_nothing(identity: IdentityFiles) -> None:
    with pytest.raises(ValueError, match="password"):
        pkcs12.load_pkcs12(identity.pkcs12.read_bytes(), b"wrong")
