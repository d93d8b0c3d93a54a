"""What a certificate says of itself, read without trust."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from reporting.signing.certificate import (
    der_size,
    purpose_problem,
    read_certificate,
    use_problem,
)
from tests.kit.identities import Recipe, identity, reader


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"", 0),
        (b"\x30", 0),
        (b"\x31\x02\x00\x00", 0),
        (b"\x30\x02\x05\x00", 4),
        (b"\x30\x81\x80", 131),
        (b"\x30\x82\x01\x00\x00", 260),
    ],
)
def test_der_size(data: bytes, size: int) -> None:
    assert der_size(data) == size


def test_der_size_of_a_certificate_finds_its_end_before_padding() -> None:
    assert der_size(reader().der + b"\0") == len(reader().der)


def test_an_elliptic_curve_may_verify_but_not_sign_here() -> None:
    certificate = identity(Recipe(key=ec.generate_private_key(ec.SECP256R1()))).certificate
    assert use_problem(certificate) == "does not hold an RSA key"
    assert purpose_problem(certificate) == ""


def test_extensions_that_cannot_be_read() -> None:
    broken = x509.UnrecognizedExtension(x509.KeyUsage.oid, b"\x04\x01\x00")
    certificate = identity(Recipe(extensions=[broken])).certificate
    assert use_problem(certificate) == "has extensions that cannot be read"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Nightreads", b"Nightread\xff"),
        (b"260101000000Z", b"269901000000Z"),
        (bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d017f01")),
        (b"\x30\x82", b"\x31\x82"),
        (bytes.fromhex("a003020102"), bytes.fromhex("a003020139")),
    ],
)
def test_a_certificate_damaged_anywhere_is_none(old: bytes, new: bytes) -> None:
    assert old in reader().der
    with pytest.raises(ValueError, match="not a sound certificate"):
        read_certificate(reader().der.replace(old, new))
    assert read_certificate(reader().der) == reader().certificate
