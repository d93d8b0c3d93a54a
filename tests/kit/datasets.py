"""Data sets as raw bytes for the walks: well formed, odd, and broken on purpose."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from viewer.loading.fields import Fields

ITEM_TAG, ITEM_END_TAG, SEQUENCE_END_TAG = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_TAGS = st.sampled_from(
    [0x00080005, 0x00080016, 0x00080018, 0x00081140, 0x00100010, 0x00280010, 0x00540220, 0x00091001,
     0x7FE00010, 0x52009230, 0x00020010, ITEM_TAG, ITEM_END_TAG, SEQUENCE_END_TAG]
)  # fmt: skip
_VRS = st.sampled_from([b"LO", b"US", b"SQ", b"OB", b"OW", b"UN", b"CS", b"UT", b"a1", b"\0\0"])
_LONG = (b"OB", b"OW", b"SQ", b"UN", b"UT")
_VALUES = st.one_of(
    st.binary(max_size=20),
    st.just(b"ISO_IR 192"),
    st.just(b"ISO_IR 101\\ISO 2022 IR 87"),
    st.just(b"\xfe\xff\x00\xe0\0\0\0\0"),
    st.binary(min_size=60, max_size=90),
)


@dataclass(frozen=True)
class Coding:
    """How elements are written."""

    implicit: bool
    little: bool

    def head(self, tag: int, vr: bytes, length: int) -> bytes:
        """An element up to its value."""
        order = "<" if self.little else ">"
        start = struct.pack(order + "HH", tag >> 16, tag & 0xFFFF)
        if self.implicit or tag >> 16 == 0xFFFE:
            return start + struct.pack(order + "I", length)
        if vr in _LONG:
            return start + vr + struct.pack(order + "HI", 0, length)
        return start + vr + struct.pack(order + "H", length & 0xFFFF)


def data_sets(coding: Coding, depth: int = 4) -> st.SearchStrategy[bytes]:
    """Elements in any order, sequences of stated and of undefined length among them."""
    return st.lists(_elements(coding, depth), max_size=6).map(b"".join)


def _elements(coding: Coding, depth: int) -> st.SearchStrategy[bytes]:
    plain = st.builds(lambda t, v, b: coding.head(t, v, len(b)) + b, _TAGS, _VRS, _VALUES)
    if depth == 0:
        return plain
    inner = st.lists(_items(coding, depth - 1), max_size=3).map(b"".join)
    return st.one_of(plain, plain, st.builds(_nested(coding), _TAGS, _VRS, inner, st.booleans()))


def _items(coding: Coding, depth: int) -> st.SearchStrategy[bytes]:
    return st.builds(
        lambda body, stated: _wrapped(coding, ITEM_TAG, b"", body, ITEM_END_TAG, stated=stated),
        data_sets(coding, depth),
        st.booleans(),
    )


def _nested(coding: Coding) -> Callable[[int, bytes, bytes, bool], bytes]:
    return lambda tag, vr, body, stated: _wrapped(
        coding, tag, vr, body, SEQUENCE_END_TAG, stated=stated
    )


def _wrapped(
    coding: Coding, tag: int, vr: bytes, body: bytes, ending: int, *, stated: bool
) -> bytes:
    if stated:
        return coding.head(tag, vr, len(body)) + body
    return coding.head(tag, vr, 0xFFFFFFFF) + body + coding.head(ending, b"", 0)


@st.composite
def damaged(draw: st.DrawFn, source: st.SearchStrategy[bytes]) -> bytes:
    """The bytes as they are, cut, or with some of them changed."""
    data = bytearray(draw(source))
    if draw(st.booleans()) and data:
        del data[draw(st.integers(0, len(data))) :]
    for _ in range(draw(st.integers(0, 3)) if data else 0):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


def told(fields: Fields) -> tuple[Any, ...]:
    """Everything that fields hold, as values that compare."""
    return (
        fields.codec,
        fields.little,
        {t: v if isinstance(v, bytes) else tuple(map(told, v)) for t, v in fields.raw.items()},
    )
