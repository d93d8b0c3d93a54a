"""Text in any character set becomes str, and hidden characters become visible."""

import pytest

from viewer.loading.charset import codec_for, decode_text, visible


@pytest.mark.parametrize(
    ("terms", "data", "text"),
    [
        (["ISO_IR 100"], b"Buc^J\xe9r\xf4me", "Buc^Jérôme"),
        (["ISO_IR 192"], "Люкс".encode(), "Люкс"),
        (["ISO_IR 144"], "Люкс".encode("iso8859-5"), "Люкс"),
        (["GB18030"], "王小东".encode("gb18030"), "王小东"),
        (["", "ISO 2022 IR 87"], b"\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "山田^太郎"),
        (["ISO 2022 IR 13", "ISO 2022 IR 87"], b"\xd4\xcf\xc0\xde", "ﾔﾏﾀﾞ"),
        (["", "ISO 2022 IR 149"], b"\x1b$)C\xb1\xe8", "김"),
        (["", "ISO 2022 IR 58"], b"\x1b$)A\xcd\xf5", "王"),
        ([], b"caf\xe9", "café"),
        (["iso-ir-100"], b"\xe9", "é"),
    ],
)
def test_decoding(terms: list[str], data: bytes, text: str) -> None:
    assert decode_text(data, codec_for(terms) or "latin-1") == text


def test_an_unknown_term_has_no_codec() -> None:
    assert codec_for(["ISO_IR 999"]) is None


def test_broken_bytes_are_replaced_not_raised() -> None:
    assert decode_text(b"\xff\xfeA", "utf-8").endswith("A")
    assert decode_text(b"\x1b%Zx", "latin-1").endswith("x")


def test_control_and_direction_characters_are_visible() -> None:
    assert visible("a\u202eb\x00\x1f") == "a\\u202eb\\u0000\\u001f"
    assert visible("tab\tand\nline") == "tab\tand\nline"
