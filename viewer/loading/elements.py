"""How one data element begins (PS3.5 7.1), and the tags that give a data set its structure."""

import struct
from typing import NamedTuple

PIXEL_DATA = 0x7FE00010
FLOAT_PIXELS = 0x7FE00008
DOUBLE_PIXELS = 0x7FE00009
PIXELS = frozenset({PIXEL_DATA, FLOAT_PIXELS, DOUBLE_PIXELS})
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
LONG_VRS = frozenset({b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR",
                      b"UT", b"UV"})  # fmt: skip
"""Value representations with a length of 32 bits in explicit VR."""


class Element(NamedTuple):
    """Where one element lies; ``end`` is None when its length is undefined."""

    tag: int
    vr: bytes
    """Empty in implicit VR."""
    value: int
    end: int | None


def decode_head(head: bytes, start: int, *, implicit: bool, little: bool) -> Element:
    """Read the element that begins at byte ``start`` with the 8 to 12 bytes ``head``."""
    order = "<" if little else ">"
    group, number = struct.unpack_from(order + "HH", head)
    tag = group << 16 | number
    vr = head[4:6]
    length: int
    if implicit or group == 0xFFFE or not (vr.isalpha() and vr.isupper()):
        vr, value = b"", start + 8
        length = struct.unpack_from(order + "I", head, 4)[0]
    elif vr in LONG_VRS:
        value = start + 12
        length = struct.unpack_from(order + "I", head, 8)[0] if len(head) == 12 else 0
    else:
        value = start + 8
        length = struct.unpack_from(order + "H", head, 6)[0]
    return Element(tag, vr, value, None if length == UNDEFINED else value + length)
