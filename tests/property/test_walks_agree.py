"""The compiled walk finds what the reference walk finds, on any bytes whatever."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.kit.datasets import Coding, damaged, data_sets, told
from viewer.errors import HeaderError
from viewer.loading.block_walk import BlockWalk
from viewer.loading.fields import Fields, item_codec
from viewer.loading.guard import Limits, PlainBytes
from viewer.loading.outline import _read_meta, load_compiled_walk
from viewer.loading.reference_walk import ReferenceWalk

SMALL = Limits(elements=40, depth=3, bulk_bytes=64)
CODINGS = [Coding(False, True), Coding(True, True), Coding(False, False), Coding(True, False)]


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    load_compiled_walk()


def _reference(data: bytes, coding: Coding, limits: Limits) -> Any:
    repairs: list[str] = []
    walk = ReferenceWalk(PlainBytes(data), limits, "x", repairs, coding.little)
    try:
        raw, *rest = walk.whole(0, implicit=coding.implicit)
    except HeaderError as error:
        return error.sentence
    return told(Fields(raw, coding.little, item_codec(raw, "latin-1"))), rest, repairs


def _compiled_walk(data: bytes, coding: Coding, limits: Limits) -> Any:
    repairs: list[str] = []
    block = BlockWalk.over(PlainBytes(data), limits, "x")
    assert block is not None
    try:
        found = block.top_level(0, repairs, implicit=coding.implicit, little=coding.little)
    except HeaderError as error:
        return error.sentence
    assert found is not None
    raw, *rest = found
    return told(Fields(raw, coding.little, item_codec(raw, "latin-1"))), rest, repairs


@settings(deadline=None, max_examples=40)
@given(data=st.data(), coding=st.sampled_from(CODINGS), limits=st.sampled_from([SMALL, Limits()]))
def test_walks_agree_on_elements(data: st.DataObject, coding: Coding, limits: Limits) -> None:
    written = data.draw(damaged(data_sets(coding)))
    assert _compiled_walk(written, coding, limits) == _reference(written, coding, limits)


@settings(deadline=None, max_examples=40)
@given(
    data=st.binary(max_size=200),
    coding=st.sampled_from(CODINGS),
    start=st.sampled_from([b"", b"x"]),
)
def test_walks_agree_on_noise(data: bytes, coding: Coding, start: bytes) -> None:
    written = b"\x08\x00\x05\x00CS" * bool(start) + data
    assert _compiled_walk(written, coding, SMALL) == _reference(written, coding, SMALL)


@settings(deadline=None, max_examples=40)
@given(data=damaged(data_sets(Coding(False, True), 1)), limit=st.integers(0, 5))
@example(data=b"\x02\x00\x10\x00UI\x08\x001.2.840\0" * 3, limit=3)
def test_walks_agree_on_meta_information(data: bytes, limit: int) -> None:
    meta = b"\x02\x00\x10\x00UI\x04\x001.2\0" + b"\x02\x00\x12" + data
    limits = Limits(elements=limit)
    block = BlockWalk.over(PlainBytes(meta), limits, "x")
    assert block is not None
    assert _told(lambda: block.meta(0)) == _told(
        lambda: _read_meta(PlainBytes(meta), 0, limits, "x")
    )


def _told(read: Any) -> Any:
    try:
        return read()
    except HeaderError as error:
        return error.sentence


def test_items_find_their_charset_and_inherit_what_came_before() -> None:
    coding = Coding(False, True)

    def text(tag: int, value: bytes) -> bytes:
        return coding.head(tag, b"LO", len(value)) + value

    item = text(0x00080005, b"ISO_IR 144") + text(0x00100010, b"\xbf")
    sequence = coding.head(0x00081140, b"SQ", len(item) + 8)
    sequence += coding.head(0xFFFEE000, b"", len(item)) + item
    plain = coding.head(0x00081150, b"SQ", 8 + 9) + coding.head(0xFFFEE000, b"", 9)
    plain += text(0x00100010, b"\xe4")
    data = sequence + text(0x00080005, b"ISO_IR 192") + plain + text(0x00080005, b"nonsense")
    found = _compiled_walk(data, coding, Limits())
    assert found == _reference(data, coding, Limits())
    values = found[0][2]
    assert values[0x00081140][0][0] == "iso8859-5"
    assert values[0x00081150][0][0] == "utf-8"
    assert found[0][0] == "latin-1"
