"""Values of a header: what is no number is none, however it is written."""

import pytest

from viewer.loading.fields import Fields

TAG = 0x00200013


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"12", 12), (b" 12 ", 12), (b"12\0", 12), (b"-7 ", -7), (b"+7", 7), (b"007", 7),
        (b"3.9", 3), (b"1e3", 1000), (b"12\\13", 12), (b" \\13", 13), (b"", None), (b" ", None),
        (b"1_0", None), (b"x", None), (b"1 2", None), (b"12\\x", None), (b"\xb2", None),
        (b"9007199254740993", 9007199254740992), (b"nan", None), (b"1" * 400, None),
    ],
)  # fmt: skip
def test_integers(data: bytes, wanted: int | None) -> None:
    assert Fields({TAG: data}).integer(TAG) == wanted


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (b"1\\-2.5\\3e1", (1.0, -2.5, 30.0)), (b"1\\ \\2", (1.0, 2.0)), (b"1\\\\2\0", (1.0, 2.0)),
        (b"1\\two", ()), (b"inf", ()), (b"1\\ \\two", ()), (b"1_0\\2", ()), (b"", ()),
    ],
)  # fmt: skip
def test_numbers(data: bytes, wanted: tuple[float, ...]) -> None:
    assert Fields({TAG: data}).numbers(TAG) == wanted


@pytest.mark.parametrize(
    ("data", "little", "wanted"),
    [
        (b"\x01\x02", True, 0x0201), (b"\x01\x02", False, 0x0102), (b"\xff\xff\0\0", True, 65535),
        (b"\x01", True, None), (b"", True, None),
    ],
)  # fmt: skip
def test_shorts(data: bytes, little: bool, wanted: int | None) -> None:
    assert Fields({TAG: data}, little).short(TAG) == wanted


@pytest.mark.parametrize(
    ("data", "uid", "text"),
    [
        (b"1.2.3\0", "1.2.3", "1.2.3"),
        (b"a\xe9\x01", "a\u00e9\\u0001", "a\u00e9\\u0001"),
        (b"a\x1b$B0l\x1b(B", "a\\u001b$B0l\\u001b(B", "a\u4e00"),
        (b"", "", ""),
    ],
)
def test_texts(data: bytes, uid: str, text: str) -> None:
    fields = Fields({TAG: data})
    assert (fields.uid(TAG), fields.text(TAG)) == (uid, text)


def test_a_sequence_is_no_value() -> None:
    fields = Fields({TAG: (Fields({}),)})
    assert (fields.uid(TAG), fields.text(TAG), fields.integer(TAG)) == ("", "", None)
