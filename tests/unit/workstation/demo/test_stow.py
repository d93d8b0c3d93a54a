"""Taking a STOW body apart."""

import pytest

from workstation.demo.problems import Problem
from workstation.demo.stow import parts_of

KIND = 'multipart/related; type="application/dicom"; boundary="b"'


def body(*parts: bytes) -> bytes:
    pieces = [b"--b\r\nContent-Type: application/dicom\r\n\r\n" + p for p in parts]
    return b"\r\n".join(pieces) + b"\r\n--b--\r\n"


@pytest.mark.parametrize(
    "parts", [(b"one",), (b"one", b"two"), (b"",), (b"\r\n",), (b"--b in the data", b"\x00\xff")]
)
def test_parts_come_out_as_they_went_in(parts: tuple[bytes, ...]) -> None:
    assert tuple(parts_of(KIND, body(*parts))) == parts


def test_a_preamble_and_bare_heads_are_tolerated() -> None:
    assert list(parts_of(KIND, b"preamble\r\n--b\r\n\r\ndata\r\n--b--")) == [b"data"]


@pytest.mark.parametrize(
    ("kind", "data", "status"),
    [
        ("application/dicom", body(b"x"), 415),
        ("multipart/related", body(b"x"), 415),
        (KIND.replace("application/dicom", "application/dicom+json"), body(b"x"), 415),
        (KIND, body(b"x")[:-6], 400),
        (KIND, b"", 400),
        (KIND, b"--b\r\nno head\r\n--b--\r\n", 400),
    ],
)
def test_broken_bodies_are_refused(kind: str, data: bytes, status: int) -> None:
    with pytest.raises(Problem) as refused:
        list(parts_of(kind, data))
    assert refused.value.status == status
