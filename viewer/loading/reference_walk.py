"""A bounded walk over a data set in plain Python: what ``compiled_walk`` does, for any bytes.

It is the reference that the compiled walk is tested against, and reads what that cannot: streams
that are inflated on the way, headers larger than the block that the compiled walk looks at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from viewer.loading.elements import (
    ITEM,
    ITEM_END,
    PIXELS,
    SEQUENCE_END,
    Element,
    decode_head,
)
from viewer.loading.fields import SPECIFIC_CHARACTER_SET, Fields, Raw, item_codec
from viewer.loading.guard import Bytes, Limits, cut_at, too_deep, too_many


class _Broken(Exception):
    """The structure ends or contradicts itself here."""


class Walked(NamedTuple):
    """What a walk found: values by tag, the pixel element, top-level tags that were left out."""

    raw: Mapping[int, Raw]
    pixels: Element | None
    bulky: frozenset[int]


@dataclass
class ReferenceWalk:
    """Reads elements into ``raw`` dictionaries, counting them and how deep they lie."""

    data: Bytes
    limits: Limits
    where: str
    repairs: list[str]
    little: bool
    count: int = 0
    pixels: Element | None = None
    bulky: set[int] = field(default_factory=set)

    def whole(self, start: int, *, implicit: bool) -> "Walked":
        """Everything that is found from byte ``start`` on."""
        raw = self.top_level(start, implicit=implicit)
        return Walked(raw, self.pixels, frozenset(self.bulky))

    def top_level(self, start: int, *, implicit: bool) -> dict[int, Raw]:
        """Read the data set up to its pixel data; what is broken ends it, with a repair."""
        raw: dict[int, Raw] = {}
        codec = "latin-1"
        while True:
            try:
                element = self._next(start, implicit)
                if element is None or element.tag in PIXELS:
                    self.pixels = element
                    return raw
                value, start = self._value(element, implicit, codec, 1)
            except _Broken:
                self.repairs.append(cut_at(start))
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
            raise too_many(self.limits, self.where)
        return decode_head(head, start, implicit=implicit, little=self.little)

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
            raise too_deep(self.limits, self.where)
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
