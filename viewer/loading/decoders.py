"""One encoded frame becomes stored values or RGB, by the decoder of its transfer syntax (F1–F3).

imagecodecs decodes (it releases the GIL and is fastest on every codec); where its build lacks a
codec, the plug-ins of pylibjpeg do. Runs in a worker process for all but native pixels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from viewer.errors import UndecodableFrame
from viewer.loading.codestream import (
    CodestreamFacts,
    bare_codestream,
    jpeg2000_facts,
    jpeg_facts,
    jpeg_ls_near,
    rle_segments,
    wavelet_levels,
)
from viewer.loading.colour_space import PARTIAL, YBR, jpeg_space, wavelet_space
from viewer.loading.contradictions import contradiction_of_bits
from viewer.loading.decoded import Decoded
from viewer.loading.encoded import EncodedFrame
from viewer.loading.native import native_samples
from viewer.loading.outline import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    GE_PRIVATE,
    IMPLICIT_LITTLE,
)
from viewer.loading.stored import clipped, meant_values, result_shape, rgb8
from viewer.pixels.colour import palette_colours, rgb_of_ybr_full, rgb_of_ybr_partial

T = TypeVar("T")

_TREE = "1.2.840.10008.1.2"
_RLE = f"{_TREE}.5"
_JPEGS = frozenset(f"{_TREE}.4.{n}" for n in (50, 51, 53, 55, 57, 70, 80, 81))
HIGH_THROUGHPUT = frozenset(f"{_TREE}.4.{n}" for n in (201, 202, 203))
"""HTJ2K (PS3.5 A.4.11)."""
_LOSSY_WAVELETS = frozenset({f"{_TREE}.4.91", f"{_TREE}.4.203"})
"""Also the reversible wavelet loses in these, when its last bits are left out."""
_WAVELETS = HIGH_THROUGHPUT | frozenset(f"{_TREE}.4.{n}" for n in (90, 91))

Raw = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Coded:
    """Samples as (rows, columns[, 3]) as a codec gave them, and what must be said of them."""

    samples: Raw
    rows: int
    """Rows from the top that are sound; those below are no data."""
    is_ybr: bool = False
    notes: tuple[str, ...] = ()
    overshoots: bool = False
    """Coded with loss, signed as the header says: values past the stored bits are its error."""


def why_undecodable(syntax: str, *, native: bool) -> str:
    """Why nothing here decodes pixels of a transfer syntax, as a sentence; empty if it may be done.

    ``native``: they do not lie in fragments.
    """
    if syntax in (NATIVE if native else DECODERS):
        return ""
    if syntax in NATIVE:
        return f"The pixel data is in fragments, but the transfer syntax {syntax} has none."
    if syntax in DECODERS:
        return f"The pixel data is not in fragments, but the transfer syntax {syntax} has them."
    return f"Nothing here decodes the transfer syntax {syntax or '(none)'}."


def decode_frame(frame: EncodedFrame) -> Decoded:
    """Decode one frame; its pixels are C-contiguous. UndecodableFrame says what is wrong."""
    reason = why_undecodable(frame.transfer_syntax, native=frame.native)
    if reason:
        raise UndecodableFrame(reason, where=frame.where)
    _check_bits(frame)
    coded = (NATIVE if frame.native else DECODERS)[frame.transfer_syntax](frame)
    result = _finish(coded, frame)
    shape, dtype = result_shape(frame.stored)
    if result.shape != shape or result.dtype != dtype:
        raise UndecodableFrame(
            f"The decoder gave {result.dtype}{list(result.shape)} for {dtype}{list(shape)}.",
            where=frame.where,
        )
    pixels = np.ascontiguousarray(result)
    if isinstance(frame.data, memoryview) and np.may_share_memory(pixels, np.asarray(frame.data)):
        pixels = pixels.copy()  # or the frame would hold its whole object
    return _said(pixels, coded, frame)


def _said(pixels: Raw, coded: Coded, frame: EncodedFrame) -> Decoded:
    """Name what is missing and what is contradicted; where rows are missing nothing is held."""
    rows = frame.stored.rows
    if coded.rows >= rows:
        missing: tuple[tuple[int, int], ...] = ()
    elif coded.rows == 0:
        raise UndecodableFrame("The pixel data of this frame is cut short.", where=frame.where)
    else:
        pixels = pixels if pixels.flags.writeable else pixels.copy()
        pixels[coded.rows :] = 0
        missing = ((coded.rows, rows),)
        words = f"There is no data for rows {coded.rows + 1} to {rows} of this frame."
        coded = replace(coded, notes=(words, *coded.notes))
    return Decoded(pixels, missing, tuple(note for note in coded.notes if note))


def check_codestream(frame: EncodedFrame) -> None:
    """Refuse, before any codec is asked, a codestream that is not of the header's size (R23)."""
    if frame.transfer_syntax in _WAVELETS:
        data = bare_codestream(frame.coded, where=frame.where)
        _check_dimensions(jpeg2000_facts(data, where=frame.where), frame)
    elif frame.transfer_syntax in _JPEGS:
        _check_dimensions(jpeg_facts(frame.coded, where=frame.where), frame)
    elif frame.transfer_syntax == _RLE:
        rle_segments(frame.coded, _rle_segments_of(frame), where=frame.where)
    _check_bits(frame)


def _rle_segments_of(frame: EncodedFrame) -> int:
    return frame.stored.samples * (frame.stored.bits_allocated // 8)


def lower_resolution(frame: EncodedFrame, halvings: int) -> Raw | None:
    """A grey HTJ2K frame at a lower level of its wavelet, unchecked (R26): never to be measured.

    None where the codestream has no such level.
    """
    data = bare_codestream(frame.coded, where=frame.where)
    _check_dimensions(jpeg2000_facts(data, where=frame.where), frame)
    if wavelet_levels(data) < halvings:
        return None
    frame = replace(frame, data=data)
    return clipped(_run(frame, _module("codecs").lower_level, halvings), frame.stored)


def _check_bits(frame: EncodedFrame) -> None:
    stored = frame.stored
    allowed = {32, 64} if stored.floating else {1, 8, 16, 32}
    if stored.bits_allocated not in allowed or (stored.bits_allocated == 1 and not frame.native):
        raise UndecodableFrame(
            f"Pixels of {stored.bits_allocated} bits in this transfer syntax cannot be shown.",
            where=frame.where,
        )


def _finish(coded: Coded, frame: EncodedFrame) -> Raw:
    stored, raw = frame.stored, coded.samples
    if coded.overshoots and not stored.floating and stored.samples == 1:
        # masking would turn what is a little too bright into black (F1 is for native bits)
        raw = np.clip(raw, *stored.stored_range)
    if stored.is_grey:
        return meant_values(raw, stored)
    if frame.palette is not None:
        return palette_colours(meant_values(raw, stored), frame.palette)
    rgb = rgb8(raw, stored)
    if not coded.is_ybr:
        return rgb
    partial = stored.photometric in PARTIAL
    return rgb_of_ybr_partial(rgb) if partial else rgb_of_ybr_full(rgb)


def _native(frame: EncodedFrame) -> Coded:
    samples, rows = native_samples(frame)
    return Coded(samples, rows, frame.stored.photometric in YBR)


def _rle(frame: EncodedFrame) -> Coded:
    stored = frame.stored
    dtype = np.dtype(f"u{stored.bits_allocated // 8}")
    rle_segments(frame.coded, _rle_segments_of(frame), where=frame.where)
    shape = (stored.samples, stored.rows, stored.columns)
    planes, rows = _run(frame, _module("rle").decode, dtype, shape, frame.cut_short)
    samples = planes[0] if stored.samples == 1 else np.moveaxis(planes, 0, -1)
    return Coded(samples, rows, stored.photometric in YBR)


def _jpeg(frame: EncodedFrame) -> Coded:
    facts = jpeg_facts(frame.coded, where=frame.where)
    _check_dimensions(facts, frame)
    space = jpeg_space(facts, frame.stored.photometric)
    samples, rows = _run(frame, _module("jpeg").decode, "YCBCR" if space.ybr else "RGB")
    note = space.note if facts.components == 3 else ""
    loses = not facts.lossless_process and not frame.stored.signed
    return Coded(samples, rows, facts.lossless_process and space.ybr, (note,), loses)


def _jpeg_ls(frame: EncodedFrame) -> Coded:
    facts = jpeg_facts(frame.coded, where=frame.where)
    _check_dimensions(facts, frame)
    samples, rows = _run(frame, _module("jpeg_ls").decode, facts)
    loses = bool(jpeg_ls_near(frame.coded)) and not frame.stored.signed
    return Coded(samples, rows, frame.stored.photometric in YBR, overshoots=loses)


def _wavelet(frame: EncodedFrame) -> Coded:
    frame = replace(frame, data=bare_codestream(frame.coded, where=frame.where))
    facts = jpeg2000_facts(frame.coded, where=frame.where)
    _check_dimensions(facts, frame)
    space = wavelet_space(facts, frame.stored.photometric)
    codecs = _module("codecs")
    if frame.transfer_syntax in HIGH_THROUGHPUT:
        reversible = facts.reversible is True
        samples = _run(frame, codecs.high_throughput, frame.threads, reversible)
    else:
        samples = _run(frame, codecs.jpeg_2000, frame.threads)
    note = space.note if facts.components == 3 else ""
    may_lose = facts.reversible is False or frame.transfer_syntax in _LOSSY_WAVELETS
    loses = may_lose and facts.signed is frame.stored.signed
    notes = (contradiction_of_bits(facts, frame), note)
    return Coded(samples, facts.rows, space.ybr, notes, loses)


def _check_dimensions(facts: CodestreamFacts, frame: EncodedFrame) -> None:
    stored = frame.stored
    if (facts.rows, facts.columns, facts.components) != (
        stored.rows,
        stored.columns,
        stored.samples,
    ):
        raise UndecodableFrame(
            f"The header says {stored.columns} × {stored.rows} with {stored.samples} samples, the "
            f"codestream {facts.columns} × {facts.rows} with {facts.components}.",
            where=frame.where,
        )
    if facts.precision > stored.bits_allocated:
        raise UndecodableFrame(
            f"The codestream has {facts.precision} bits, the header allocates "
            f"{stored.bits_allocated}.",
            where=frame.where,
        )


def _run(frame: EncodedFrame, codec: Callable[..., T], *arguments: object) -> T:
    try:
        return codec(frame.coded, *arguments)
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        reason = " ".join(str(error).split())[:160]
        raise UndecodableFrame(
            f"The compressed data of this frame is corrupt ({reason}).", where=frame.where
        ) from error


def _module(name: str) -> ModuleType:
    """Imported on first use: a process that decodes only native pixels loads no codec."""
    return import_module(f"viewer.loading.{name}")


NATIVE: Mapping[str, Callable[[EncodedFrame], Coded]] = dict.fromkeys(
    (IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED, EXPLICIT_BIG, GE_PRIVATE, ""), _native
)
"""Transfer syntaxes whose pixels are not compressed; one that is missing was guessed (outline)."""

DECODERS: Mapping[str, Callable[[EncodedFrame], Coded]] = {
    _RLE: _rle,
    f"{_TREE}.4.50": _jpeg,
    f"{_TREE}.4.51": _jpeg,
    f"{_TREE}.4.53": _jpeg,
    f"{_TREE}.4.55": _jpeg,
    f"{_TREE}.4.57": _jpeg,
    f"{_TREE}.4.70": _jpeg,
    f"{_TREE}.4.80": _jpeg_ls,
    f"{_TREE}.4.81": _jpeg_ls,
    f"{_TREE}.4.90": _wavelet,
    f"{_TREE}.4.91": _wavelet,
    f"{_TREE}.4.201": _wavelet,
    f"{_TREE}.4.202": _wavelet,
    f"{_TREE}.4.203": _wavelet,
}
"""By transfer syntax of encapsulated pixel data (PS3.5 A.4)."""
