"""The boundary quirks of real servers, and the caps."""

import pytest

from workstation.errors import BadAnswer, Unreachable
from workstation.platform.multipart import MultipartReader, boundary_of


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/related; type=application/dicom; boundary=abc", b"abc"),
        ('multipart/related; type="application/dicom"; boundary="a b\'c"', b"a b'c"),
        ('Multipart/Related;Boundary="x\\"y";type=application/dicom', b'x"y'),
        ("multipart/related; boundary = abc ; start=x", b"abc"),
        ("application/dicom", None),
        ("application/dicom; boundary=abc", None),
    ],
)
def test_boundary_is_read_quoted_and_bare(content_type: str, boundary: bytes | None) -> None:
    assert boundary_of(content_type) == boundary


@pytest.mark.parametrize("content_type", ["multipart/related", 'multipart/related; boundary=""'])
def test_multipart_without_a_boundary_is_a_bad_answer(content_type: str) -> None:
    with pytest.raises(BadAnswer):
        boundary_of(content_type)


@pytest.mark.parametrize(
    ("data", "parts"),
    [
        (b"--b--\r\n", []),
        (b"--b\r\n\r\nbody\r\n--b--", [b"body"]),
        (b"--b\r\n\r\n\r\n--b--", [b""]),
        (b"\r\n--b\r\nA: 1\r\n\r\nbody\r\n--b--", [b"body"]),
        (b"--b \t\r\nA: 1\r\n\r\none\r\n--b  \r\nA: 2\r\n\r\ntwo\r\n--b--", [b"one", b"two"]),
        (b"--b\r\nA: 1\r\n\r\none\r\n--bb\r\n--b--", [b"one\r\n--bb"]),
        (b"--b\r\nA: 1\r\nContent-Length: 9\r\n\r\none\r\n--b--", [b"one"]),
    ],
)
def test_quirks(data: bytes, parts: list[bytes]) -> None:
    reader = MultipartReader(b"b")
    assert [p.data for p in reader.feed(data)] == parts
    reader.finish()


def test_nothing_at_all_is_an_answer_that_stopped() -> None:
    with pytest.raises(Unreachable):
        MultipartReader(b"b").finish()


def test_part_above_the_cap_is_refused_before_it_is_whole() -> None:
    reader = MultipartReader(b"b", part_cap=1000)
    reader.feed(b"--b\r\nA: 1\r\n\r\n" + b"x" * 900)
    with pytest.raises(BadAnswer, match="larger"):
        reader.feed(b"x" * 200)


@pytest.mark.parametrize("start", [b"", b"--b\r\n"])
def test_endless_preamble_and_endless_headers_are_refused(start: bytes) -> None:
    reader = MultipartReader(b"b")
    reader.feed(start + b"x" * 10_000)
    with pytest.raises(BadAnswer):
        reader.feed(b"x" * 70_000)
