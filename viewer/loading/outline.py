"""A bounded walk over a DICOM object: its header fields, and where its pixel data lies.

Depth, number of elements and inflation are limited here (R23); general parsers bound none of them.
"""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from viewer.errors import HeaderError, NotDicom
from viewer.loading.fields import SPECIFIC_CHARACTER_SET, Fields, Raw, item_codec
from viewer.loading.guard import Bytes, InflatedBytes, Limits, check_size

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
GE_PRIVATE = "1.2.840.113619.5.2"
"""Implicit VR little endian header with big endian pixels."""

PIXEL_DATA = 0x7FE00010
FLOAT_PIXELS = 0x7FE00008
DOUBLE_PIXELS = 0x7FE00009
_PIXELS = frozenset({PIXEL_DATA, FLOAT_PIXELS, DOUBLE_PIXELS})
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR",
                   b"UT", b"UV"})  # fmt: skip


class Element(NamedTuple):
    """Where one element lies; ``end`` is None when its length is undefined."""

    tag: int
    vr: bytes
    """Empty in implicit VR."""
    value: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Outline:
    """What the walk found; offsets count in ``data``, which is inflated where it was deflated."""

    data: Bytes
    transfer_syntax: str
    """As in the file meta; empty when there is none."""
    little: bool
    meta: dict[int, str]
    """Values of group 0002 by tag."""
    fields: Fields
    """The data set up to its pixel data; values over the bulk limit are left out."""
    pixels: Element | None
    repairs: tuple[str, ...]
    bulky: frozenset[int] = frozenset()
    """Top-level elements whose values were left out for their length."""

    @property
    def encapsulated(self) -> bool:
        """Whether the pixel data is a sequence of fragments."""
        return self.pixels is not None and self.pixels.end is None


def outline(file: Bytes, *, where: str, limits: Limits | None = None) -> Outline:
    """Walk one object: NotDicom, or HeaderError when it breaks a limit."""
    limits = limits or Limits()
    check_size(file, limits, where)
    repairs: list[str] = []
    start = _dataset_start(file, where, repairs)
    meta: dict[int, str] = {}
    start = _read_meta(file, start, meta)
    syntax = meta.get(0x00020010, "")
    data: Bytes = file
    if syntax == DEFLATED:
        data, start = InflatedBytes(file, start, limits, where), 0
    implicit, little = _encoding(data, start, syntax, repairs)
    walk = _Walk(data, limits, where, repairs, little)
    raw = walk.top_level(start, implicit=implicit)
    fields = Fields(raw, little, item_codec(raw, "latin-1"))
    if isinstance(data, InflatedBytes):
        data.limit = limits.inflated_bytes
    bulky = frozenset(walk.bulky)
    return Outline(data, syntax, little, meta, fields, walk.pixels, tuple(repairs), bulky)


def _dataset_start(file: Bytes, where: str, repairs: list[str]) -> int:
    begin = file.read_at(0, 132)
    if begin[128:132] == b"DICM":
        return 132
    if _looks_like_dataset(begin):
        repairs.append("The file has no DICOM preamble.")
        return 0
    raise NotDicom(
        "The file is empty." if not begin else "The file is not a DICOM file.", where=where
    )


def _looks_like_dataset(begin: bytes) -> bool:
    if len(begin) < 12:
        return False
    little, big = struct.unpack("<HH", begin[:4]), struct.unpack(">HH", begin[:4])
    if little[0] in {2, 8} and little[1] < 0x0100:
        return begin[4:6].isupper() or int.from_bytes(begin[4:8], "little") < 0x10000
    return big[0] == 8 and big[1] < 0x0100 and begin[4:6].isupper()


def _read_meta(file: Bytes, start: int, meta: dict[int, str]) -> int:
    """Read group 0002 (always explicit VR little endian, PS3.10 7.1); give where it ends."""
    while True:
        head = file.read_at(start, 12)
        if len(head) < 8 or head[:2] != b"\x02\x00":
            return start
        group, number = struct.unpack_from("<HH", head)
        long = head[4:6] in _LONG and len(head) == 12
        value = start + (12 if long else 8)
        length: int = struct.unpack_from("<I", head, 8)[0] if long else head[6] | head[7] << 8
        if length == _UNDEFINED:
            return start
        if length <= 1024 and not long:
            text = file.read_at(value, length).decode("latin-1").strip(" \0")
            meta.setdefault(group << 16 | number, text)
        start = value + length


def _encoding(data: Bytes, start: int, syntax: str, repairs: list[str]) -> tuple[bool, bool]:
    """Whether VRs are implicit and bytes little endian: as the file says, if it can be so."""
    head = data.read_at(start, 8)
    explicit = head[4:6].isupper() and head[4:6].isalpha()
    little = head[:2] != b"\x00\x08"
    if syntax in {IMPLICIT_LITTLE, GE_PRIVATE}:
        if explicit and len(head) == 8:
            repairs.append("The transfer syntax says implicit VR, the data set is explicit.")
            return False, True
        return True, True
    if syntax == EXPLICIT_BIG:
        return False, False
    if not syntax:
        repairs.append("The transfer syntax is missing; it was guessed from the data set.")
        return not explicit, little
    if not explicit and len(head) == 8:
        repairs.append("The transfer syntax says explicit VR, the data set is implicit.")
        return True, True
    return False, True


def _decode_head(head: bytes, start: int, *, implicit: bool, little: bool) -> Element:
    order = "<" if little else ">"
    group, number = struct.unpack_from(order + "HH", head)
    tag = group << 16 | number
    vr = head[4:6]
    length: int
    if implicit or group == 0xFFFE or not (vr.isalpha() and vr.isupper()):
        vr, value = b"", start + 8
        length = struct.unpack_from(order + "I", head, 4)[0]
    elif vr in _LONG:
        value = start + 12
        length = struct.unpack_from(order + "I", head, 8)[0] if len(head) == 12 else 0
    else:
        value = start + 8
        length = struct.unpack_from(order + "H", head, 6)[0]
    return Element(tag, vr, value, None if length == _UNDEFINED else value + length)


class _Broken(Exception):
    """The structure ends or contradicts itself here."""


@dataclass
class _Walk:
    """Reads elements into ``raw`` dictionaries, counting them and how deep they lie."""

    data: Bytes
    limits: Limits
    where: str
    repairs: list[str]
    little: bool
    count: int = 0
    pixels: Element | None = None
    bulky: set[int] = field(default_factory=set)

    def top_level(self, start: int, *, implicit: bool) -> dict[int, Raw]:
        """Read the data set up to its pixel data; what is broken ends it, with a repair."""
        raw: dict[int, Raw] = {}
        codec = "latin-1"
        while True:
            try:
                element = self._next(start, implicit)
                if element is None or element.tag in _PIXELS:
                    self.pixels = element
                    return raw
                value, start = self._value(element, implicit, codec, 1)
            except _Broken:
                self.repairs.append(f"The data set is cut or corrupt at byte {start}.")
                return raw
            if value is None:
                self.bulky.add(element.tag)
            else:
                raw[element.tag] = value
            if element.tag == SPECIFIC_CHARACTER_SET:
                codec = item_codec(raw, codec)

    def _next(self, start: int, implicit: bool) -> Element | None:
        head = self.data.read_at(start, 12)
        if not head:
            return None
        if len(head) < 8:
            raise _Broken
        self.count += 1
        if self.count > self.limits.elements:
            raise HeaderError(
                f"The header has more than {self.limits.elements} elements.", where=self.where
            )
        return _decode_head(head, start, implicit=implicit, little=self.little)

    def _value(
        self, element: Element, implicit: bool, codec: str, depth: int
    ) -> tuple[Raw | None, int]:
        """The value, None when it is bulky, and where the next element begins."""
        end = element.end
        if end is None:
            if element.vr in {b"OB", b"OW"}:
                return None, self._fragments(element.value)
            # PS3.5 6.2.2 note 4: UN of undefined length holds implicit VR little endian items
            inside = implicit or element.vr == b"UN"
            return self._items(element.value, None, inside, codec, depth)
        if not self._holds(element.value, end):
            raise _Broken
        if end - element.value >= 8 and self.data.read_at(element.value, 4) == self._item_bytes():
            try:
                inside = implicit or element.vr == b"UN"
                return self._items(element.value, end, inside, codec, depth)[0], end
            except _Broken:
                return None, end
        if end - element.value > self.limits.bulk_bytes:
            return None, end
        return self.data.read_at(element.value, end - element.value), end

    def _holds(self, start: int, end: int) -> bool:
        if self.data.size is not None:
            return end <= self.data.size
        return end == start or len(self.data.read_at(end - 1, 1)) == 1

    def _item_bytes(self) -> bytes:
        return b"\xfe\xff\x00\xe0" if self.little else b"\xff\xfe\xe0\x00"

    def _fragments(self, start: int) -> int:
        while (element := self._next(start, implicit=True)) is not None:
            if element.tag == SEQUENCE_END:
                return element.value
            if element.tag != ITEM or element.end is None:
                raise _Broken
            start = element.end
        raise _Broken

    def _items(
        self, start: int, end: int | None, implicit: bool, codec: str, depth: int
    ) -> tuple[tuple[Fields, ...], int]:
        if depth > self.limits.depth:
            raise HeaderError(
                f"Its sequences are nested more than {self.limits.depth} deep.", where=self.where
            )
        items: list[Fields] = []
        while end is None or start < end:
            item = self._next(start, implicit=True)
            if item is None:
                raise _Broken
            if item.tag == SEQUENCE_END:
                return tuple(items), item.value
            if item.tag != ITEM:
                raise _Broken
            raw, start = self._item(item, implicit, codec, depth)
            items.append(Fields(raw, self.little, item_codec(raw, codec)))
        return tuple(items), start

    def _item(
        self, item: Element, implicit: bool, codec: str, depth: int
    ) -> tuple[dict[int, Raw], int]:
        raw: dict[int, Raw] = {}
        start = item.value
        while item.end is None or start < item.end:
            element = self._next(start, implicit)
            if element is None:
                raise _Broken
            if element.tag == ITEM_END:
                return raw, element.value
            if element.tag == SEQUENCE_END:
                raise _Broken
            value, start = self._value(element, implicit, codec, depth + 1)
            if value is not None:
                raw[element.tag] = value
            if element.tag == SPECIFIC_CHARACTER_SET:
                codec = item_codec(raw, codec)
        return raw, start
