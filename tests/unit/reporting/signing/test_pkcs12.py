"""Opening an identity, and what keeps one closed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PublicFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from reporting.errors import PassphraseRejected, SignerUnavailable
from reporting.signing.pkcs12 import Pkcs12Signer, identity_of
from tests.kit.identities import (
    EMAIL,
    PASSPHRASE,
    SIGNED_AT,
    Recipe,
    authority,
    identity,
    reader,
    rsa_key,
    usage,
)


def test_opens_and_says_whose_it_is(tmp_path: Path) -> None:
    signer = Pkcs12Signer.open(reader().write(tmp_path), PASSPHRASE, now=SIGNED_AT)
    assert signer.identity.common_name == "Dr Keiko Ito"
    assert signer.identity.issuer == "Test Signing Authority"
    assert int(signer.identity.serial, 16) == reader().certificate.serial_number
    assert signer.identity.not_before == datetime(2026, 1, 1, tzinfo=UTC)
    issuer = authority().certificate.public_bytes(Encoding.DER)
    assert signer.certificate_chain == (reader().der, issuer)


def test_opens_at_the_present_time_when_none_is_given(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    made = identity(Recipe(not_before=now - timedelta(days=1), not_after=now + timedelta(days=1)))
    assert Pkcs12Signer.open(made.write(tmp_path), PASSPHRASE).identity.common_name


def test_signs_with_pss_as_ps256_wants_it(tmp_path: Path) -> None:
    signer = Pkcs12Signer.open(reader().write(tmp_path), PASSPHRASE, now=SIGNED_AT)
    key = reader().certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    scheme = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
    key.verify(signer.sign(b"data"), b"data", scheme, hashes.SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(signer.sign(b"data"), b"date", scheme, hashes.SHA256())


@pytest.mark.parametrize("wrong", ["", "Correct horse", "correct horse ", "ü"])
def test_a_wrong_passphrase_is_told_apart(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(PassphraseRejected, match="passphrase"):
        Pkcs12Signer.open(reader().write(tmp_path), wrong, now=SIGNED_AT)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x30",
        b"not a key",
        b"\x30\x03\x02\x01\x03 trailing",
        b"\x30\x82\xff\xff\x02\x01\x03",
        b"\x30\x03\x02\x01\x07",
    ],
)
def test_a_file_that_is_no_pkcs12_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "reader.p12"
    path.write_bytes(content)
    with pytest.raises(SignerUnavailable, match=r"reader\.p12 is not a PKCS#12 file") as caught:
        Pkcs12Signer.open(path, PASSPHRASE)
    assert not isinstance(caught.value, PassphraseRejected)


def test_a_file_of_indefinite_length_is_tried(tmp_path: Path) -> None:
    path = tmp_path / "reader.p12"
    path.write_bytes(b"\x30\x80\x02\x01\x03\x00\x00")
    with pytest.raises(PassphraseRejected):
        Pkcs12Signer.open(path, PASSPHRASE)


def test_missing_and_huge_files(tmp_path: Path) -> None:
    with pytest.raises(SignerUnavailable, match="cannot be read: No such file"):
        Pkcs12Signer.open(tmp_path / "none.p12", PASSPHRASE)
    huge = tmp_path / "huge.p12"
    huge.write_bytes(b"\0" * ((1 << 20) + 1))
    with pytest.raises(SignerUnavailable, match="too large"):
        Pkcs12Signer.open(huge, PASSPHRASE)


def test_a_file_without_a_key_or_with_another_kind_of_key(tmp_path: Path) -> None:
    sealed = BestAvailableEncryption(PASSPHRASE.encode())
    bare = pkcs12.serialize_key_and_certificates(b"x", None, None, [reader().certificate], sealed)
    path = tmp_path / "bare.p12"
    path.write_bytes(bare)
    with pytest.raises(SignerUnavailable, match="both a key and its certificate"):
        Pkcs12Signer.open(path, PASSPHRASE)
    curve = identity(Recipe(key=ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(SignerUnavailable, match="not an RSA key"):
        Pkcs12Signer.open(curve.write(tmp_path, "ec.p12"), PASSPHRASE)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"not_after": SIGNED_AT - timedelta(days=1)}, "expired on 2026-11-23 20:05 UTC"),
        ({"not_before": SIGNED_AT + timedelta(days=1)}, "is not valid before 2026-11-25"),
    ],
)
def test_a_certificate_out_of_its_time(
    tmp_path: Path, changes: dict[str, datetime], sentence: str
) -> None:
    made = identity(Recipe(**changes))  # type: ignore[arg-type] # only dates are changed here
    with pytest.raises(SignerUnavailable, match=sentence):
        Pkcs12Signer.open(made.write(tmp_path), PASSPHRASE, now=SIGNED_AT)
    opened = made.signer()
    with pytest.raises(SignerUnavailable, match=sentence):
        opened.sign_pdf(b"%PDF-", reason="", location="", signed_at=SIGNED_AT)
    with pytest.raises(SignerUnavailable, match=sentence):
        opened.sign_sr(b"", signed_at=SIGNED_AT)


_END_USER = x509.BasicConstraints(ca=False, path_length=None)


@pytest.mark.parametrize(
    ("extensions", "sentence"),
    [
        ([x509.BasicConstraints(ca=True, path_length=None)], "certificate authority"),
        ([_END_USER, usage("key_encipherment")], "not meant for signatures"),
        (
            [_END_USER, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])],
            "not meant for signing documents",
        ),
    ],
)
def test_a_certificate_for_another_use(
    tmp_path: Path, extensions: Sequence[x509.ExtensionType], sentence: str
) -> None:
    made = identity(Recipe(extensions=extensions))
    with pytest.raises(SignerUnavailable, match=sentence):
        Pkcs12Signer.open(made.write(tmp_path), PASSPHRASE, now=SIGNED_AT)


@pytest.mark.parametrize(
    "extensions",
    [
        [],
        [usage("content_commitment")],
        [usage("digital_signature"), EMAIL],
        [x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")])],
    ],
)
def test_certificates_that_may_sign(
    tmp_path: Path, extensions: Sequence[x509.ExtensionType]
) -> None:
    made = identity(Recipe(extensions=extensions))
    opened = Pkcs12Signer.open(made.write(tmp_path), PASSPHRASE, now=SIGNED_AT)
    assert opened.certificate_chain[0] == made.der


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    made = identity(Recipe(key=rsa_key("short", 1024)))
    with pytest.raises(SignerUnavailable, match="1024 bits"):
        Pkcs12Signer.open(made.write(tmp_path), PASSPHRASE, now=SIGNED_AT)


def test_the_public_certificate_alone_says_whose_it_is(tmp_path: Path) -> None:
    pem = tmp_path / "reader.pem"
    pem.write_bytes(reader().certificate.public_bytes(Encoding.PEM))
    assert identity_of(pem) == reader().signer().identity
    pem.write_text("nothing")
    with pytest.raises(SignerUnavailable, match=r"reader\.pem is not a certificate"):
        identity_of(pem)
    with pytest.raises(SignerUnavailable, match="cannot be read: No such file"):
        identity_of(tmp_path / "none.pem")


def test_a_certificate_without_common_name_shows_its_whole_name(tmp_path: Path) -> None:
    made = identity(Recipe(common_name=""))
    assert made.signer().identity.common_name == "O=Nightreads Test"


def test_the_private_key_is_not_among_what_is_shown() -> None:
    signer = reader().signer()
    public = (
        reader()
        .certificate.public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    assert public in signer.certificate_chain[0]
    assert [name for name in dir(signer) if "key" in name and not name.startswith("_")] == []
