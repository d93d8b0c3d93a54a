"""The byte stream that a DICOM digital signature covers (PS3.3 C.12.1.1.3.1.1).

Works on the bytes of the file, not on parsed values, so that nothing is written anew before it is
checked: tag, VR and value of every element as it stands; sequences and items without their
lengths, a sequence closed by its delimiter, an item not (as dcmtk does).
"""

import itertools
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
_PREAMBLE = 132
_UNDEFINED = 0xFFFFFFFF
_DEEPEST = 32
_LONG = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN"}) | {
    b"UR",
    b"UT",
    b"UV",
}
_ITEM = b"\xfe\xff\x00\xe0"
_ITEM_END = b"\xfe\xff\x0d\xe0"
_SEQUENCE_END = b"\xfe\xff\xdd\xe0"


class BrokenStream(ValueError):
    """The bytes are not a data set in Explicit VR Little Endian."""


@dataclass(frozen=True, slots=True)
class Element:
    """One data element: ``value`` its bytes (empty for sequences), ``items`` those of an SQ."""

    tag: int
    vr: str
    value: bytes
    items: tuple[tuple["Element", ...], ...] = ()

    @property
    def text(self) -> str:
        """The value as ASCII text without its padding."""
        return self.value.decode("ascii", "replace").strip("\0 ")


def signed_bytes(elements: Iterable[Element]) -> bytes:
    """Give what goes into the MAC for these elements, in this order."""
    return b"".join(map(_one, elements))


def _one(element: Element) -> bytes:
    vr = element.vr.encode("ascii")
    head = struct.pack("<HH", element.tag >> 16, element.tag & 0xFFFF) + vr
    if vr == b"SQ":
        items = (_ITEM + signed_bytes(item) for item in element.items)
        return head + b"\0\0" + b"".join(items) + _SEQUENCE_END
    if vr in _LONG:
        return head + struct.pack("<HI", 0, len(element.value)) + element.value
    return head + struct.pack("<H", len(element.value)) + element.value


def split_file(data: bytes) -> tuple[str, tuple[Element, ...]]:
    """Give the transfer syntax and the data set of a DICOM file; raises BrokenStream.

    The elements are () when the transfer syntax is another than Explicit VR Little Endian.
    """
    if data[_PREAMBLE - 4 : _PREAMBLE] != b"DICM":
        raise BrokenStream("no DICOM prefix")
    reader = _Reader(data, _PREAMBLE)
    syntax = ""
    while reader.peek() == b"\x02\x00":
        element = reader.element(0)
        if element.tag == 0x00020010:
            syntax = element.text
    if syntax != EXPLICIT_LITTLE:
        return syntax, ()
    return syntax, elements_of(data[reader.at :])


def elements_of(data: bytes) -> tuple[Element, ...]:
    """Give the elements of a data set in Explicit VR Little Endian; raises BrokenStream."""
    reader = _Reader(data, 0)
    found = []
    while reader.at < len(data):
        found.append(reader.element(0))
    if any(a.tag >= b.tag for a, b in itertools.pairwise(found)):
        raise BrokenStream("elements out of order or twice")
    return tuple(found)


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def peek(self) -> bytes:
        return self._data[self.at : self.at + 2]

    def element(self, depth: int) -> Element:
        group, number = struct.unpack("<HH", self._take(4))
        vr = self._take(2)
        if not (vr.isalpha() and vr.isupper()):
            raise BrokenStream("an element without a VR")
        if vr in _LONG:
            self._take(2)
            (length,) = struct.unpack("<I", self._take(4))
        else:
            (length,) = struct.unpack("<H", self._take(2))
        tag = group << 16 | number
        if vr == b"SQ":
            return Element(tag, "SQ", b"", self._items(length, depth + 1))
        if length == _UNDEFINED:
            raise BrokenStream("a value of undefined length")
        return Element(tag, vr.decode("ascii"), self._take(length))

    def _items(self, length: int, depth: int) -> tuple[tuple[Element, ...], ...]:
        if depth > _DEEPEST:
            raise BrokenStream("nested too deeply")
        items: list[tuple[Element, ...]] = []
        more = self._until(length, _SEQUENCE_END)
        while more():
            if self._take(4) != _ITEM:
                raise BrokenStream("a sequence without items")
            (size,) = struct.unpack("<I", self._take(4))
            inside = self._until(size, _ITEM_END)
            item: list[Element] = []
            while inside():
                item.append(self.element(depth))
            items.append(tuple(item))
        return tuple(items)

    def _until(self, length: int, delimiter: bytes) -> Callable[[], bool]:
        end = self.at + length

        def to_end() -> bool:
            if self.at > end:
                raise BrokenStream("an element that leaves its item")
            return self.at < end

        def to_delimiter() -> bool:
            if self._data[self.at : self.at + 4] != delimiter:
                return True
            self._take(8)
            return False

        return to_delimiter if length == _UNDEFINED else to_end

    def _take(self, count: int) -> bytes:
        taken = self._data[self.at : self.at + count]
        if len(taken) != count:
            raise BrokenStream("the file ends too early")
        self.at += count
        return taken
