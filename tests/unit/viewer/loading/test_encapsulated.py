"""Fragments become frames, and a stream that is cut says so (PS3.5 A.4)."""

import struct

import pytest
from pydicom.encaps import encapsulate, encapsulate_extended

from viewer.errors import UndecodableFrame
from viewer.loading import tags
from viewer.loading.encapsulated import fragments, frame_bytes
from viewer.loading.fields import Fields
from viewer.loading.guard import PlainBytes

JPEG = b"\xff\xd8\xff\xe0"


def _frame(data: bytes, frames: int, frame: int, fields: Fields | None = None) -> bytes:
    fields = fields or Fields({})
    found, cut = frame_bytes(PlainBytes(data), 0, fields, frames, frame, where="1.2.3")
    assert not cut
    return found


def test_one_frame_takes_every_fragment() -> None:
    data = encapsulate([b"abcdefgh"], fragments_per_frame=2)
    assert _frame(data, 1, 0) == b"abcdefgh"


def test_one_fragment_a_frame_needs_no_table() -> None:
    data = encapsulate([b"aa", b"bbbb", b"cc"], has_bot=False)
    assert [_frame(data, 3, i) for i in range(3)] == [b"aa", b"bbbb", b"cc"]


def test_the_basic_offset_table_groups_fragments() -> None:
    data = encapsulate([b"aaaa", b"bbbbbb"], fragments_per_frame=2, has_bot=True)
    assert _frame(data, 2, 1) == b"bbbbbb"


def test_the_extended_offset_table_groups_fragments() -> None:
    _, offsets, lengths = encapsulate_extended([b"aaaa", b"bbbb"])
    assert len(lengths) == 16
    data = encapsulate([b"aaaa", b"bbbb"], has_bot=False, fragments_per_frame=2)
    # two fragments of 2 bytes a frame: the second frame's first item lies 20 bytes on
    fields = Fields({tags.EXTENDED_OFFSETS: struct.pack("<2Q", 0, 20)})
    assert len(offsets) == 16
    assert _frame(data, 2, 1, fields) == b"bbbb"


def test_start_markers_group_fragments_without_any_table() -> None:
    data = encapsulate([JPEG + b"one!", JPEG + b"two!"], fragments_per_frame=2, has_bot=False)
    assert _frame(data, 2, 1) == JPEG + b"two!"


@pytest.mark.parametrize("offsets", [(0, 14, 32), (0, 0, 0), (32, 46, 0)])
def test_a_table_that_points_into_frames_is_not_believed(offsets: tuple[int, ...]) -> None:
    """Three codestreams of two fragments; they begin at 0, 32 and 64."""
    plain = encapsulate([JPEG + b"one!12345678"] * 3, fragments_per_frame=2, has_bot=False)
    table = struct.pack("<HHI3I", 0xFFFE, 0xE000, 12, *offsets)
    assert [_frame(table + plain[8:], 3, i) for i in range(3)] == [JPEG + b"one!12345678"] * 3


def test_rle_of_fewer_frames_than_said_gives_those() -> None:
    one = struct.pack("<16I", 1, 64, *[0] * 14) + b"ab"
    data = encapsulate([one, one], has_bot=False)
    assert _frame(data, 3, 1) == one
    with pytest.raises(UndecodableFrame, match="no pixel data of frame 3"):
        _frame(data, 3, 2)


def test_fragments_that_fit_no_frames_are_refused() -> None:
    data = encapsulate([b"aaaa", b"bbbb", b"cccc"], has_bot=False)
    with pytest.raises(UndecodableFrame, match=r"3 fragments, .* into 2 frames"):
        _frame(data, 2, 0)


def test_a_cut_stream_says_so() -> None:
    data = PlainBytes(encapsulate([bytes(100)], has_bot=False)[:60])
    found, cut = frame_bytes(data, 0, Fields({}), 1, 0, where="1.2.3")
    assert (len(found), cut) == (60 - 16, True)


@pytest.mark.parametrize("table", [False, True])
def test_whole_frames_of_a_cut_object_are_there(table: bool) -> None:
    data = encapsulate([JPEG + b"one!", JPEG + b"two!", JPEG + b"3333"], has_bot=table)
    start = data.rfind(JPEG) - 8
    assert _frame(data[:start], 3, 1) == JPEG + b"two!"
    with pytest.raises(UndecodableFrame, match="no pixel data of frame 3"):
        _frame(data[:start], 3, 2)


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0xFFFFFFFE, 1 << 31])
def test_lengths_beyond_the_end_are_a_cut_or_refused(length: int) -> None:
    data = encapsulate([b"abcd"], has_bot=False)[:8] + struct.pack("<HHI", 0xFFFE, 0xE000, length)
    held = PlainBytes(data + bytes(8))
    if length == 0xFFFFFFFF:
        with pytest.raises(UndecodableFrame):
            frame_bytes(held, 0, Fields({}), 1, 0, where="1.2.3")
    else:
        assert frame_bytes(held, 0, Fields({}), 1, 0, where="1.2.3") == (bytes(8), True)


def test_a_stream_without_its_delimiter_is_read_to_its_end() -> None:
    _, found = fragments(PlainBytes(encapsulate([b"abcd"])), 0)
    assert [f.length for f in found] == [4]
