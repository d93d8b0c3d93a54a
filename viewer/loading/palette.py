"""Palette colour tables of a header, segmented ones expanded (PS3.3 C.7.6.3.1.5, C.7.9.2)."""

import struct

from viewer.errors import UndecodableFrame
from viewer.loading import tags
from viewer.loading.fields import Fields, swapped_words
from viewer.loading.functional_groups import Groups
from viewer.model.colour import Palette, SupplementalPalette

_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2
_TYPE_GROUPS = (tags.MR_FRAME_TYPE_GROUP, tags.CT_FRAME_TYPE_GROUP, tags.PET_FRAME_TYPE_GROUP)


def read_palette(fields: Fields, *, signed: bool, where: str) -> Palette:
    """The palette of a header; UndecodableFrame when it is missing or contradicts itself."""
    tables: list[list[int]] = []
    first = bits = 0
    for descriptor_tag, data_tag, segments_tag in zip(
        tags.PALETTE_DESCRIPTORS, tags.PALETTE_DATA, tags.PALETTE_SEGMENTS, strict=True
    ):
        descriptor = fields.shorts(descriptor_tag)
        if len(descriptor) != 3:
            raise UndecodableFrame("The colour palette is missing from the header.", where=where)
        count, first, bits = descriptor[0] or 65536, descriptor[1], descriptor[2]
        segments = fields.data(segments_tag)
        if segments:
            entries = _expand(segments, bits, little=fields.little, where=where)
        else:
            entries = _entries(fields.data(data_tag), count, bits, little=fields.little)
        if len(entries) < 1:
            raise UndecodableFrame("The colour palette has no entries.", where=where)
        tables.append(entries[:count])
    shortest = min(map(len, tables))
    if signed and first > 32767:
        first -= 65536
    red, green, blue = _eight_bit([table[:shortest] for table in tables], bits)
    return Palette(first, red, green, blue)


def supplemental_palette(
    groups: Groups, frames: int, *, signed: bool, repairs: list[str], where: str
) -> SupplementalPalette | None:
    """Colours for the upper part of a grey image (C.8.16.2.1.1); None without.

    Pixel Presentation says which frames are in colour: its own for each frame, else the object's;
    where nothing is said the palette is there to be used.
    """
    top = groups.top
    if tags.PALETTE_DESCRIPTORS[0] not in top:
        return None
    coloured = [frame for frame in range(frames) if _is_coloured(groups, frame)]
    if not coloured:
        return None
    try:
        palette = read_palette(top, signed=signed, where=where)
    except UndecodableFrame as error:
        repairs.append(f"The supplemental colours are not used: {error.sentence}")
        return None
    return SupplementalPalette(palette, None if len(coloured) == frames else frozenset(coloured))


def _is_coloured(groups: Groups, frame: int) -> bool:
    stated = groups.top.uid(tags.PIXEL_PRESENTATION)
    for tag in _TYPE_GROUPS:
        group = groups.group(frame, tag)
        stated = (group.uid(tags.PIXEL_PRESENTATION) if group else "") or stated
    return stated != "MONOCHROME"


def _entries(data: bytes, count: int, bits: int, *, little: bool) -> list[int]:
    bytes_each = 1 if len(data) <= count + 1 and (bits <= 8 or count > 1) else 2
    if bytes_each == 1:
        # 8-bit entries lie two in a word; in big endian the words are swapped
        if not little:
            data = swapped_words(data)
        return list(data[:count])
    return list(struct.unpack_from(f"{'<' if little else '>'}{len(data) // 2}H", data))[:count]


def _eight_bit(tables: list[list[int]], bits: int) -> list[bytes]:
    """The 8 most significant bits; tables that say 16 bits but use 8 are taken as 8."""
    shift = bits - 8 if 8 < bits <= 16 and max(map(max, tables)) > 255 else 0
    return [bytes(min(entry >> shift, 255) for entry in table) for table in tables]


def _expand(data: bytes, bits: int, *, little: bool, where: str) -> list[int]:
    code = "B" if bits <= 8 else f"{'<' if little else '>'}H"
    width = struct.calcsize(code)
    words = [word for (word,) in struct.iter_unpack(code, data[: len(data) // width * width])]
    try:
        return _segments(words, bits)
    except (IndexError, ValueError, ZeroDivisionError) as error:
        raise UndecodableFrame("The segmented colour palette is corrupt.", where=where) from error


def _segments(words: list[int], bits: int) -> list[int]:
    """Expand all segments; an indirect one copies earlier ones, never another indirect one."""
    out: list[int] = []
    at = 0
    while at < len(words) - 1 and len(out) < 65536:
        if words[at] != _INDIRECT:
            at = _segment(words, at, out)
            continue
        source = _byte_offset(words, at, bits)
        for _ in range(words[at + 1]):
            if source >= at or len(out) >= 65536:
                raise ValueError(source)
            source = _segment(words, source, out)
        at += 4 if bits > 8 else 6
    return out


def _segment(words: list[int], at: int, out: list[int]) -> int:
    """Expand one discrete or linear segment; give where the next begins."""
    kind, length = words[at], words[at + 1]
    if kind == _DISCRETE:
        out += words[at + 2 : at + 2 + length]
        return at + 2 + length
    if kind != _LINEAR:
        raise ValueError(kind)
    # C.7.9.2.2: a straight line from the last entry to this one; the standard does not say how to
    # round, we round half up
    begin, end = out[-1], words[at + 2]
    steps = range(1, length + 1)
    out += [(2 * (begin * length + (end - begin) * i) + length) // (2 * length) for i in steps]
    return at + 3


def _byte_offset(words: list[int], at: int, bits: int) -> int:
    """Word index that an indirect segment points to; its offset counts bytes."""
    if bits > 8:
        return (words[at + 2] | words[at + 3] << 16) // 2
    return sum(words[at + 2 + i] << 8 * i for i in range(4))
