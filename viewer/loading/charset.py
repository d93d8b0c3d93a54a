"""DICOM text in any Specific Character Set becomes str (PS3.5 6.1, PS3.3 C.12.1.1.2)."""

import re
from collections.abc import Sequence

_SINGLE = {
    "": "latin-1",
    "ISO_IR 6": "latin-1",
    "ISO_IR 100": "latin-1",
    "ISO_IR 101": "iso8859-2",
    "ISO_IR 109": "iso8859-3",
    "ISO_IR 110": "iso8859-4",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 127": "iso8859-6",
    "ISO_IR 126": "iso8859-7",
    "ISO_IR 138": "iso8859-8",
    "ISO_IR 148": "iso8859-9",
    "ISO_IR 203": "iso8859-15",
    "ISO_IR 13": "shift_jis",
    "ISO_IR 166": "tis-620",
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
    "GBK": "gbk",
    "ISO 2022 IR 87": "latin-1",
    "ISO 2022 IR 159": "latin-1",
    "ISO 2022 IR 149": "latin-1",
    "ISO 2022 IR 58": "latin-1",
}
"""By defined term. Undeclared bytes above 127 are read as Latin-1, which loses none of them."""

_ESCAPES: tuple[tuple[bytes, str, bool], ...] = (
    (b"\x1b$(D", "iso2022_jp_2", True),
    (b"\x1b$)C", "euc_kr", False),
    (b"\x1b$)A", "gb2312", False),
    (b"\x1b$B", "iso2022_jp", True),
    (b"\x1b)I", "shift_jis", False),
    (b"\x1b(J", "shift_jis", False),
    (b"\x1b(B", "latin-1", False),
    (b"\x1b-A", "latin-1", False),
    (b"\x1b-B", "iso8859-2", False),
    (b"\x1b-C", "iso8859-3", False),
    (b"\x1b-D", "iso8859-4", False),
    (b"\x1b-L", "iso8859-5", False),
    (b"\x1b-G", "iso8859-6", False),
    (b"\x1b-F", "iso8859-7", False),
    (b"\x1b-H", "iso8859-8", False),
    (b"\x1b-M", "iso8859-9", False),
    (b"\x1b-b", "iso8859-15", False),
    (b"\x1b-T", "tis-620", False),
)
"""Escape sequence, codec, whether the codec itself wants to see the sequence (PS3.3 C.12.1.1.2)."""

_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def codec_for(terms: Sequence[str]) -> str | None:
    """The Python codec of the first term, None when the term is unknown."""
    first = " ".join(terms[0].upper().replace("-", "_").split()) if terms else ""
    first = first.replace("ISO IR", "ISO_IR").replace("ISO_2022", "ISO 2022")
    single = _SINGLE.get(first)
    if single is None and first.startswith("ISO 2022 IR "):
        single = _SINGLE.get("ISO_IR " + first.rsplit(" ", 1)[1])
    return single


def decode_text(data: bytes, codec: str) -> str:
    """Decode with the codec of the first term and the escape sequences found in the bytes."""
    if b"\x1b" not in data:
        return data.decode(codec, "replace")
    plain, *fragments = data.split(b"\x1b")
    return plain.decode(codec, "replace") + "".join(_decode_escaped(f) for f in fragments)


def _decode_escaped(fragment: bytes) -> str:
    data = b"\x1b" + fragment
    for escape, codec, kept in _ESCAPES:
        if data.startswith(escape):
            return (data if kept else data[len(escape) :]).decode(codec, "replace")
    return data.decode("latin-1")


def visible(text: str) -> str:
    """The text with control and direction characters as visible escapes (reliability R27)."""
    if text.isprintable():  # none of them is
        return text
    return _HIDDEN.sub(lambda m: f"\\u{ord(m.group()):04x}", text)
