"""A bounded walk over a DICOM object: its header fields, and where its pixel data lies.

Depth, number of elements and inflation are limited here (R23); general parsers bound none of them.
"""

import itertools
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from viewer.errors import NotDicom
from viewer.loading.block_walk import BlockWalk
from viewer.loading.elements import (
    ITEM,
    LONG_VRS,
    PIXEL_DATA,
    SEQUENCE_END,
    UNDEFINED,
    Element,
)
from viewer.loading.fields import Fields, item_codec
from viewer.loading.guard import Bytes, InflatedBytes, Limits, check_size, too_many
from viewer.loading.memory import give_back_compiler
from viewer.loading.reference_walk import ReferenceWalk

__all__ = [
    "DEFLATED", "EXPLICIT_BIG", "EXPLICIT_LITTLE", "GE_PRIVATE", "IMPLICIT_LITTLE", "ITEM",
    "PIXEL_DATA", "SEQUENCE_END", "Element", "Outline", "load_compiled_walk", "outline",
]  # fmt: skip

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
GE_PRIVATE = "1.2.840.113619.5.2"
"""Implicit VR little endian header with big endian pixels."""

_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Outline:
    """What the walk found; offsets count in ``data``, which is inflated where it was deflated."""

    data: Bytes
    transfer_syntax: str
    """As in the file meta; empty when there is none."""
    little: bool
    meta: Mapping[int, str]
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


def load_compiled_walk() -> None:
    """Load the compiled walk, which every outline then uses; takes up to ten seconds once.

    Safe in any thread. A command that reads a few headers is faster without it.
    """
    known = "viewer.loading.compiled_walk" in sys.modules
    import viewer.loading.compiled_walk  # noqa: F401 - numba: loaded only where it pays

    if not known:
        give_back_compiler()


def outline(file: Bytes, *, where: str, limits: Limits | None = None) -> Outline:
    """Walk one object: NotDicom, or HeaderError when it breaks a limit."""
    limits = limits or _LIMITS
    check_size(file, limits, where)
    repairs: list[str] = []
    block = BlockWalk.over(file, limits, where)
    start = _dataset_start(block.block[:132] if block else file.read_at(0, 132), where, repairs)
    start, meta = (block and block.meta(start)) or _read_meta(file, start, limits, where)
    syntax = meta.get(0x00020010, "")
    data: Bytes = file
    if syntax == DEFLATED:
        data, start, block = InflatedBytes(file, start, limits, where), 0, None
    head = block.block[start : start + 8] if block else b""
    if len(head) < 8:
        head = data.read_at(start, 8)
    implicit, little = _encoding(head, syntax, repairs)
    walked = block and block.top_level(start, repairs, implicit=implicit, little=little)
    raw, pixels, bulky = walked or ReferenceWalk(data, limits, where, repairs, little).whole(
        start, implicit=implicit
    )
    fields = Fields(raw, little, item_codec(raw, "latin-1"))
    if isinstance(data, InflatedBytes):
        data.limit = limits.inflated_bytes
    return Outline(data, syntax, little, meta, fields, pixels, tuple(repairs), bulky)


def _dataset_start(begin: bytes, where: str, repairs: list[str]) -> int:
    """Where the data set begins, by the first 132 bytes; NotDicom."""
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


def _read_meta(file: Bytes, start: int, limits: Limits, where: str) -> tuple[int, dict[int, str]]:
    """Read group 0002 (always explicit VR little endian, PS3.10 7.1); give where it ends too."""
    meta: dict[int, str] = {}
    for count in itertools.count(1):
        head = file.read_at(start, 12)
        if len(head) < 8 or head[:2] != b"\x02\x00":
            break
        if count > limits.elements:
            raise too_many(limits, where)
        group, number = struct.unpack_from("<HH", head)
        long = head[4:6] in LONG_VRS and len(head) == 12
        value = start + (12 if long else 8)
        length: int = struct.unpack_from("<I", head, 8)[0] if long else head[6] | head[7] << 8
        if length == UNDEFINED:
            break
        if length <= 1024 and not long:
            text = file.read_at(value, length).decode("latin-1").strip(" \0")
            meta.setdefault(group << 16 | number, text)
        start = value + length
    return start, meta


def _encoding(head: bytes, syntax: str, repairs: list[str]) -> tuple[bool, bool]:
    """Whether VRs are implicit and bytes little endian: as the file says, if it can be so.

    ``head`` is the beginning of the first element.
    """
    explicit = head[4:6].isupper() and head[4:6].isalpha()
    little = head[:2] != b"\x00\x08"
    if syntax in {IMPLICIT_LITTLE, GE_PRIVATE}:
        if explicit and len(head) == 8:
            repairs.append("The transfer syntax says implicit VR, the data set is explicit.")
            return False, True
        return True, True
    # a data set that begins with group 0008, as all images do, shows its byte order by that
    contradicted = b"\x08\x00" if syntax == EXPLICIT_BIG else b"\x00\x08"
    if syntax and explicit and head[:2] == contradicted:
        said, found = ("big", "little") if little else ("little", "big")
        repairs.append(f"The transfer syntax says {said} endian, the data set is {found} endian.")
        return False, little
    if syntax == EXPLICIT_BIG:
        return False, False
    if not syntax:
        repairs.append("The transfer syntax is missing; it was guessed from the data set.")
        return not explicit, little
    if not explicit and len(head) == 8:
        repairs.append("The transfer syntax says explicit VR, the data set is implicit.")
        return True, True
    return False, True
