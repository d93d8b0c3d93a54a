"""Whether an image was compressed with loss, by header, transfer syntax and codestream (F55)."""

import struct
from dataclasses import dataclass

from viewer.errors import UndecodableFrame
from viewer.loading import tags
from viewer.loading.codestream import (
    CodestreamFacts,
    bare_codestream,
    jpeg2000_facts,
    jpeg_facts,
    jpeg_ls_near,
)
from viewer.loading.colour_space import jpeg_space, wavelet_space
from viewer.loading.fields import Fields
from viewer.loading.outline import ITEM, Outline
from viewer.model.study import StoredFormat

_METHODS = {
    "ISO_10918_1": "JPEG",
    "ISO_14495_1": "JPEG-LS",
    "ISO_15444_1": "JPEG 2000",
    "ISO_15444_15": "HTJ2K",
    "ISO_13818_2": "MPEG-2",
    "ISO_14496_10": "MPEG-4",
    "ISO_23008_2": "HEVC",
    "ISO_18181_1": "JPEG XL",
}
_TREE = "1.2.840.10008.1.2.4."
_JPEG = frozenset(_TREE + n for n in ("50", "51", "53", "55", "57", "70"))
_JPEG_LS = frozenset(_TREE + n for n in ("80", "81"))
_JPEG_2000 = frozenset(_TREE + n for n in ("90", "91", "92", "93"))
_HTJ2K = frozenset(_TREE + n for n in ("201", "202", "203"))
_ALWAYS_LOSSY = {_TREE + "50": "JPEG", _TREE + "51": "JPEG", _TREE + "81": "JPEG-LS"}
_PERHAPS_LOSSY = {_TREE + "91": "JPEG 2000", _TREE + "93": "JPEG 2000", _TREE + "203": "HTJ2K"}
_VIDEO = _TREE + "10"
_BEGINNING = 16 * 1024
_MOST_FRAGMENTS = 64


@dataclass(frozen=True, slots=True)
class Beginning:
    """The beginning of the first codestream of an object, and its length where that is known."""

    data: bytes
    length: int | None


@dataclass(frozen=True, slots=True)
class CodestreamSays:
    """What the first codestream says of the whole object."""

    method: str = ""
    """Empty when nothing of it is known."""
    lossy: bool | None = None
    """None: it does not say, as with a reversible wavelet of which layers may be missing."""
    note: str = ""
    """A sentence where its colour space is not what the header says."""
    length: int | None = None


def codestream_says(found: Outline, stored: StoredFormat, frames: int) -> CodestreamSays:
    """Look at the first codestream; one that cannot be understood says nothing here."""
    syntax = found.transfer_syntax
    if not found.encapsulated:
        return CodestreamSays()
    first = beginning(found, frames)
    colour = stored.samples == 3
    try:
        if syntax in _JPEG:
            facts = jpeg_facts(first.data, where="")
            note = jpeg_space(facts, stored.photometric).note if colour else ""
            return CodestreamSays("JPEG", not facts.lossless_process, note, first.length)
        if syntax in _JPEG_LS:
            near = jpeg_ls_near(first.data)
            return CodestreamSays("JPEG-LS", None if near is None else near > 0, "", first.length)
        if syntax in _JPEG_2000 | _HTJ2K:
            facts = jpeg2000_facts(bare_codestream(first.data, where=""), where="")
            note = wavelet_space(facts, stored.photometric).note if colour else ""
            return _wavelet("HTJ2K" if syntax in _HTJ2K else "JPEG 2000", facts, note, first)
    except UndecodableFrame:
        pass  # decoding says it, with the frame's number
    return CodestreamSays(length=first.length)


def _wavelet(method: str, facts: CodestreamFacts, note: str, first: Beginning) -> CodestreamSays:
    return CodestreamSays(method, True if facts.reversible is False else None, note, first.length)


def beginning(found: Outline, frames: int) -> Beginning:
    """The first codestream's beginning; ``found`` is encapsulated."""
    data, start = found.data, found.pixels.value if found.pixels else 0
    offsets: tuple[int, ...] = ()
    lengths: list[int] = []
    first = b""
    ended = False
    while len(lengths) < (_MOST_FRAGMENTS if frames == 1 else 1) + (not first):
        head = data.read_at(start, 8)
        group, number, length = struct.unpack("<HHI", head) if len(head) == 8 else (0, 0, 0)
        ended = group << 16 | number != ITEM or length == 0xFFFFFFFF
        if ended:
            break
        if not lengths:
            table = data.read_at(start + 8, min(length, 8))
            offsets = struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])
        elif not first:
            first = data.read_at(start + 8, min(length, _BEGINNING))
        lengths.append(length)
        start += 8 + length
    of_frame = lengths[1:]
    if frames == 1:
        return Beginning(first, sum(of_frame) if ended and of_frame else None)
    alone = len(offsets) == 2 and of_frame and offsets[1] - offsets[0] == 8 + of_frame[0]
    return Beginning(first, of_frame[0] if alone else None)


def lossy_mark(
    fields: Fields, syntax: str, stored: StoredFormat, says: CodestreamSays, repairs: list[str]
) -> str:
    """Method and ratio of every lossy step that header, syntax or codestream tells; '' without."""
    stated = fields.uid(tags.LOSSY)
    method = _ALWAYS_LOSSY.get(syntax, "")
    if says.lossy:
        method = says.method
        if stated == "00" or (stated != "01" and syntax not in _PERHAPS_LOSSY | _ALWAYS_LOSSY):
            repairs.append(f"The header does not say so, but its {method} data is lossy.")
    elif says.lossy is None and stated != "00" and not method:
        method = _PERHAPS_LOSSY.get(syntax, "")
    if syntax.startswith(_VIDEO):
        method = "video"
    if stated != "01" and not method:
        return ""
    methods = [_METHODS.get(m, m) for m in fields.texts(tags.LOSSY_METHOD) if m]
    ratios = [f" {r:.3g}:1" if r > 0 else "" for r in fields.numbers(tags.LOSSY_RATIO)]
    if not any(ratios) and method and says.length:
        whole = stored.rows * stored.columns * stored.samples * max(stored.bits_allocated // 8, 1)
        ratios = [f" about {whole / says.length:.3g}:1"]
    methods = methods or [method or "unknown method"]
    ratios += [""] * (len(methods) - len(ratios))
    return ", ".join(method + ratio for method, ratio in zip(methods, ratios, strict=False))
