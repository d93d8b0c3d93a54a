"""What a codestream says of itself, read before any codec sees it (PS3.5 8.2, R23)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from viewer.errors import UndecodableFrame

_FRAME_MARKERS = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC),
                            *range(0xCD, 0xD0), 0xF7))  # fmt: skip
_ADOBE, _JFIF = b"Adobe", b"JFIF\0"


@dataclass(frozen=True, slots=True)
class CodestreamFacts:
    """Dimensions, components and colour space of one codestream."""

    rows: int
    columns: int
    components: int
    precision: int
    lossless_process: bool = False
    """JPEG process 14 (SOF3)."""
    colour_transform: bool | None = None
    """Whether components are YCbCr (JPEG) or decorrelated (JPEG 2000); None: it does not say."""
    adobe_transform: bool | None = None
    """What APP14 alone says of it (JPEG)."""
    reversible: bool | None = None
    """Whether every component went through the reversible wavelet (JPEG 2000)."""
    signed: bool | None = None
    """Whether samples are signed; None: it does not say (all but JPEG 2000)."""


def jpeg_facts(data: bytes, *, where: str) -> CodestreamFacts:
    """Read the markers of JPEG or JPEG-LS up to the frame header."""
    if data[:2] != b"\xff\xd8":
        raise UndecodableFrame("The JPEG data does not begin with its start marker.", where=where)
    adobe: bool | None = None
    jfif = False
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            break
        marker, length = data[at + 1], data[at + 2] << 8 | data[at + 3]
        if marker == 0xFF:
            at += 1
            continue
        segment = data[at + 4 : at + 2 + length]
        if marker in _FRAME_MARKERS:
            return _jpeg_frame(segment, marker, adobe, jfif, where)
        if marker == 0xEE and segment.startswith(_ADOBE) and len(segment) >= 12:
            adobe = segment[11] != 0
        jfif = jfif or (marker == 0xE0 and segment.startswith(_JFIF))
        at += 2 + length
    raise UndecodableFrame("The JPEG data has no frame header.", where=where)


def _jpeg_frame(
    segment: bytes, marker: int, adobe: bool | None, jfif: bool, where: str
) -> CodestreamFacts:
    if len(segment) < 6 or len(segment) < 6 + 3 * segment[5]:
        raise UndecodableFrame("The JPEG frame header is cut short.", where=where)
    precision, rows, columns, components = struct.unpack_from(">BHHB", segment)
    ids = bytes(segment[6 : 6 + 3 * components : 3])
    transform = adobe
    if transform is None and jfif:
        transform = True
    if transform is None and ids == b"RGB":
        transform = False
    return CodestreamFacts(
        rows, columns, components, precision, lossless_process=marker == 0xC3,
        colour_transform=transform, adobe_transform=adobe,
    )  # fmt: skip


def bare_codestream(data: bytes, *, where: str) -> bytes:
    """The codestream of a frame that was stored as a JP2 file; no other box is looked at (R23).

    PS3.5 A.4.4 asks for bare codestreams, but files like this are in archives.
    """
    if data[4:8] != b"jP  ":
        return data
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"jp2c":
            return data[at + 8 : at + length] if length >= 8 else data[at + 8 :]
        if length < 8:
            break
        at += length
    raise UndecodableFrame("The JP2 file of this frame holds no codestream.", where=where)


def jpeg2000_facts(data: bytes, *, where: str) -> CodestreamFacts:
    """Read SIZ and COD of a JPEG 2000 or HTJ2K codestream."""
    if data[:4] != b"\xff\x4f\xff\x51" or len(data) < 42:
        raise UndecodableFrame("The JPEG 2000 data has no size marker.", where=where)
    right, bottom, left, top = struct.unpack_from(">4I", data, 8)
    components, depth = struct.unpack_from(">HB", data, 40)
    styles = list(_coding_styles(data, components))
    return CodestreamFacts(
        bottom - top,
        right - left,
        components,
        (depth & 0x7F) + 1,
        colour_transform=any(style.transform for style in styles),
        reversible=all(style.reversible for style in styles) if styles else None,
        signed=depth >= 0x80,
    )


class _CodingStyle(NamedTuple):
    transform: bool
    """Multiple component transformation."""
    reversible: bool
    """The 5-3 wavelet; its samples are only whole when no layer was cut off."""


def _coding_styles(data: bytes, components: int) -> Iterator[_CodingStyle]:
    """What COD and each COC of the main header say (ISO/IEC 15444-1 A.6.1, A.6.2)."""
    wide = 2 if components >= 257 else 1
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0x90:
        segment = data[at + 4 : at + 2 + (data[at + 2] << 8 | data[at + 3])]
        if data[at + 1] == 0x52 and len(segment) >= 10:
            yield _CodingStyle(segment[4] == 1, segment[9] == 1)
        elif data[at + 1] == 0x53 and len(segment) >= wide + 6:
            yield _CodingStyle(False, segment[wide + 5] == 1)
        at += 2 + (data[at + 2] << 8 | data[at + 3])


def wavelet_levels(data: bytes) -> int:
    """Levels of decomposition that every component has (ISO/IEC 15444-1 A.6.1); 0 unsaid."""
    at, found = 2, 0
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0x90:
        segment = data[at + 4 : at + 2 + (data[at + 2] << 8 | data[at + 3])]
        if data[at + 1] == 0x52 and len(segment) >= 10:
            found = segment[5]
        elif data[at + 1] == 0x53:
            return 0  # components of their own: not worth the trouble
        at += 2 + (data[at + 2] << 8 | data[at + 3])
    return found


def jpeg_ls_near(data: bytes) -> int | None:
    """The largest difference to the original that a JPEG-LS codestream allows; None: unsaid.

    ISO/IEC 14495-1 C.2.3; 0 is lossless.
    """
    at = 2
    while at + 5 <= len(data) and data[at] == 0xFF:
        segment = data[at + 4 : at + 2 + (data[at + 2] << 8 | data[at + 3])]
        if data[at + 1] == 0xDA:
            place = 1 + 2 * segment[0] if segment else 0
            return segment[place] if 0 < place < len(segment) else None
        at += 2 + (data[at + 2] << 8 | data[at + 3])
    return None


def rle_segments(data: bytes, expected: int, *, where: str) -> None:
    """Refuse an RLE header (PS3.5 G.5) with another number of segments or offsets outside."""
    if len(data) < 64:
        raise UndecodableFrame("The RLE header is cut short.", where=where)
    count, *offsets = struct.unpack_from("<16I", data)
    used = offsets[:count]
    if count != expected:
        raise UndecodableFrame(
            f"The RLE data has {count} segments where {expected} are needed.", where=where
        )
    if used != sorted(used) or used[0] != 64 or used[-1] >= len(data):
        raise UndecodableFrame("The RLE segment offsets are corrupt.", where=where)
