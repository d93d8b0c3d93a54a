"""Fragments of encapsulated pixel data, grouped into frames (PS3.5 A.4)."""

import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from viewer.errors import UndecodableFrame
from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.loading.guard import Bytes
from viewer.loading.outline import ITEM, SEQUENCE_END

_STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ")
"""First bytes of JPEG and JPEG-LS, of JPEG 2000, of a JP2 file."""
_RLE_FIRST = b"\x40\0\0\0"
"""Where the first segment of RLE lies: behind its header."""


class Fragment(NamedTuple):
    """One fragment: offset of its item counted from the first fragment's item, place, length."""

    offset: int
    start: int
    length: int


def fragments(data: Bytes, start: int, limit: int = 1_000_000) -> tuple[list[int], list[Fragment]]:
    """The basic offset table and every fragment; a cut stream gives what is there."""
    table: list[int] | None = None
    found: list[Fragment] = []
    first = start
    while len(found) < limit:
        head = data.read_at(start, 8)
        if len(head) < 8:
            break
        group, number, length = struct.unpack("<HHI", head)
        tag = group << 16 | number
        if tag == SEQUENCE_END or tag != ITEM or length == 0xFFFFFFFF:
            break
        if table is None:
            raw = data.read_at(start + 8, min(length, 4 * limit))
            table = list(struct.unpack_from(f"<{len(raw) // 4}I", raw))
            first = start + 8 + length
        else:
            found.append(Fragment(start - first, start + 8, length))
        start += 8 + length
    return table or [], found


def frame_bytes(
    data: Bytes, start: int, fields: Fields, frames: int, frame: int, *, where: str
) -> tuple[bytes, bool]:
    """The codestream of one frame, its fragments joined, and whether the file ends inside it."""
    table, found = fragments(data, start)
    extended = _sixty_four_bit(fields.data(tags.EXTENDED_OFFSETS))
    group = _group(data, found, extended or table, frames)
    if group is None:
        raise UndecodableFrame(_why_not_told_apart(data, found, frames), where=where)
    chosen = group[frame] if frame < len(group) else []
    joined = b"".join(data.read_at(f.start, f.length) for f in chosen)
    if not joined:
        raise UndecodableFrame(f"There is no pixel data of frame {frame + 1}.", where=where)
    return joined, len(joined) < sum(f.length for f in chosen)


def _why_not_told_apart(data: Bytes, found: Sequence[Fragment], frames: int) -> str:
    if not found:
        return "The pixel data holds no fragment."
    begun = sum(_begins_codestream(data.read_at(fragment.start, 12)) for fragment in found)
    if begun > frames:
        return (
            f"The pixel data holds {begun} codestreams and the header counts "
            f"{_counted(frames, 'frame')}: it is not certain which of them a frame is."
        )
    return (
        f"The pixel data holds {_counted(len(found), 'fragment')}, which cannot be told apart "
        f"into {_counted(frames, 'frame')}."
    )


def _group(
    data: Bytes, found: Sequence[Fragment], offsets: Sequence[int], frames: int
) -> list[list[Fragment]] | None:
    """Fragments by frame: one frame takes all, then one each, then by the first bytes of as many
    codestreams, which no table contradicts, then by the offsets.

    Fewer groups than frames: the object ends before the others. More codestreams than frames are
    no frames: per-frame positions, rescale and windows go by number, and nothing says which of the
    codestreams was counted (F4, F14).
    """
    if not found:
        return None
    if frames == 1:
        return [list(found)]
    if len(found) == frames:
        return [[fragment] for fragment in found]
    starts = [
        index
        for index, fragment in enumerate(found)
        if _begins_codestream(data.read_at(fragment.start, 12))
    ]
    whole = bool(starts) and starts[0] == 0
    if whole and len(starts) == frames:
        return _slices(found, starts)
    places = {fragment.offset: index for index, fragment in enumerate(found)}
    if len(offsets) == frames and all(offset in places for offset in offsets):
        return _slices(found, [places[offset] for offset in offsets])
    if len(offsets) == frames and offsets[0] == 0 and offsets[-1] > found[-1].offset:
        # the object ends before its last frames
        return _slices(found, [places[offset] for offset in offsets if offset in places])
    if whole and len(starts) == len(found) < frames:
        return _slices(found, starts)
    return None


def _begins_codestream(data: bytes) -> bool:
    """Whether a fragment begins as codestreams do; RLE by its number of segments (PS3.5 G.5)."""
    segments = int.from_bytes(data[:4], "little")
    return data.startswith(_STARTS) or (1 <= segments <= 15 and data[4:8] == _RLE_FIRST)


def _slices(found: Sequence[Fragment], starts: Sequence[int]) -> list[list[Fragment]] | None:
    ends = [*starts[1:], len(found)]
    if any(a >= b for a, b in pairwise([*starts, len(found)])):
        return None
    return [list(found[a:b]) for a, b in zip(starts, ends, strict=True)]


def _sixty_four_bit(raw: bytes) -> list[int]:
    return list(struct.unpack_from(f"<{len(raw) // 8}Q", raw))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
