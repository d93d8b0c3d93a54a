"""Palette colour tables of a header, segmented ones expanded (PS3.3 C.7.6.3.1.5, C.7.9.2)."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from viewer.errors import UndecodableFrame
from viewer.loading import tags
from viewer.loading.fields import Fields


@dataclass(frozen=True, slots=True)
class Palette:
    """Three tables of ``entries`` 8-bit values each; stored values are clamped to the table."""

    first: int
    red: bytes
    green: bytes
    blue: bytes

    def colour(self, frame: NDArray[np.integer]) -> NDArray[np.uint8]:
        """Stored values (rows, columns) → RGB (rows, columns, 3)."""
        table = np.stack(
            [np.frombuffer(t, np.uint8) for t in (self.red, self.green, self.blue)], axis=1
        )
        index = np.clip(frame.astype(np.int64) - self.first, 0, len(table) - 1)
        return np.ascontiguousarray(table[index])


def read_palette(fields: Fields, *, signed: bool, where: str) -> Palette:
    """The palette of a header; UndecodableFrame when it is missing or contradicts itself."""
    tables: list[bytes] = []
    first = 0
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
        tables.append(_eight_bit(entries[:count], bits))
    shortest = min(map(len, tables))
    if signed and first > 32767:
        first -= 65536
    return Palette(first, *(table[:shortest] for table in tables))


def _entries(data: bytes, count: int, bits: int, *, little: bool) -> list[int]:
    if bits <= 8 and len(data) <= count + 1:
        # 8-bit entries lie two in a word; in big endian the words are swapped
        if not little:
            data = np.frombuffer(data[: len(data) // 2 * 2], ">u2").astype("<u2").tobytes()
        return list(data[:count])
    return list(struct.unpack_from(f"{'<' if little else '>'}{len(data) // 2}H", data))[:count]


def _eight_bit(entries: list[int], bits: int) -> bytes:
    """The 8 most significant bits; tables that say 16 bits but use 8 are taken as 8."""
    shift = 8 if bits > 8 and max(entries) > 255 else 0
    return bytes(min(entry >> shift, 255) for entry in entries)


def _expand(data: bytes, bits: int, *, little: bool, where: str) -> list[int]:
    code = "B" if bits <= 8 else f"{'<' if little else '>'}H"
    width = struct.calcsize(code)
    words = [word for (word,) in struct.iter_unpack(code, data[: len(data) // width * width])]
    try:
        return _segments(words, bits, 0, len(words), [])
    except (IndexError, ValueError) as error:
        raise UndecodableFrame("The segmented colour palette is corrupt.", where=where) from error


def _segments(words: list[int], bits: int, at: int, count: int, out: list[int]) -> list[int]:
    """Expand ``count`` segments beginning at word ``at`` (as many as there are, at the top)."""
    while at < len(words) - 1 and count > 0 and len(out) < 65536:
        kind, length = words[at], words[at + 1]
        if kind == 0:
            out += words[at + 2 : at + 2 + length]
            at += 2 + length
        elif kind == 1:
            begin, end = out[-1], words[at + 2]
            out += [round(begin + (end - begin) * (i + 1) / length) for i in range(length)]
            at += 3
        elif kind == 2:
            offset = _byte_offset(words, at, bits)
            if offset >= at:
                raise ValueError(offset)
            _segments(words, bits, offset, length, out)
            at += 4 if bits > 8 else 6
        else:
            raise ValueError(kind)
        count -= 1
    return out


def _byte_offset(words: list[int], at: int, bits: int) -> int:
    """Word index that an indirect segment points to; its offset counts bytes."""
    if bits > 8:
        return (words[at + 2] | words[at + 3] << 16) // 2
    return sum(words[at + 2 + i] << 8 * i for i in range(4))
