"""One encoded frame becomes stored values or RGB, by the decoder of its transfer syntax (F1–F3).

imagecodecs decodes (it releases the GIL and is fastest on every codec); where its build lacks a
codec, the plug-ins of pylibjpeg do. Runs in a worker process for all but native pixels.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import UndecodableFrame
from viewer.loading.codestream import (
    CodestreamFacts,
    bare_codestream,
    jpeg2000_facts,
    jpeg_facts,
    jpeg_is_whole,
    rle_segments,
)
from viewer.loading.colour_space import HALF_CHROMA, PARTIAL, YBR, jpeg_space, wavelet_space
from viewer.loading.decoded import Decoded
from viewer.loading.encoded import EncodedFrame
from viewer.loading.outline import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    GE_PRIVATE,
    IMPLICIT_LITTLE,
)
from viewer.loading.stored import (
    expand_422,
    meant_values,
    result_shape,
    rgb8,
    stored_dtype,
)
from viewer.pixels.colour import palette_colours, rgb_of_ybr_full, rgb_of_ybr_partial

_TREE = "1.2.840.10008.1.2"

Raw = NDArray[Any]
Coded = tuple[Raw, bool]
"""Samples as (rows, columns[, 3]) and whether a colour frame still is YBR."""


def decode_frame(frame: EncodedFrame) -> Decoded:
    """Decode one frame; its pixels are C-contiguous. UndecodableFrame says what is wrong."""
    decoders = NATIVE if frame.native else DECODERS
    decoder = decoders.get(frame.transfer_syntax)
    if decoder is None:
        raise UndecodableFrame(
            f"Nothing here decodes the transfer syntax {frame.transfer_syntax or '(none)'}.",
            where=frame.where,
        )
    _check_bits(frame)
    raw, is_ybr = decoder(frame)
    result = _finish(raw, is_ybr, frame)
    shape, dtype = result_shape(frame.stored)
    if result.shape != shape or result.dtype != dtype:
        raise UndecodableFrame(
            f"The decoder gave {result.dtype}{list(result.shape)} for {dtype}{list(shape)}.",
            where=frame.where,
        )
    return Decoded(np.ascontiguousarray(result))


def _check_bits(frame: EncodedFrame) -> None:
    stored = frame.stored
    allowed = {32, 64} if stored.floating else {1, 8, 16, 32}
    if stored.bits_allocated not in allowed or (stored.bits_allocated == 1 and not frame.native):
        raise UndecodableFrame(
            f"Pixels of {stored.bits_allocated} bits in this transfer syntax cannot be shown.",
            where=frame.where,
        )


def _finish(raw: Raw, is_ybr: bool, frame: EncodedFrame) -> Raw:
    stored = frame.stored
    if stored.is_grey:
        return meant_values(raw, stored)
    if frame.palette is not None:
        return palette_colours(meant_values(raw, stored), frame.palette)
    rgb = rgb8(raw, stored)
    if not is_ybr:
        return rgb
    partial = stored.photometric in PARTIAL
    return rgb_of_ybr_partial(rgb) if partial else rgb_of_ybr_full(rgb)


def _native(frame: EncodedFrame) -> Coded:
    stored = frame.stored
    if stored.bits_allocated == 1:
        return _one_bit(frame), False
    dtype = stored_dtype(stored).newbyteorder(">" if frame.big_endian else "<")
    flat = np.frombuffer(frame.data, dtype)
    flat = flat.astype(dtype.newbyteorder("="), copy=False)
    rows, columns, samples = stored.rows, stored.columns, stored.samples
    if samples == 1:
        return flat[: rows * columns].reshape(rows, columns), False
    if stored.photometric in HALF_CHROMA:
        return expand_422(flat, rows, columns), True
    flat = flat[: rows * columns * samples]
    is_ybr = stored.photometric in YBR
    if stored.planar:
        return np.moveaxis(flat.reshape(samples, rows, columns), 0, -1), is_ybr
    return flat.reshape(rows, columns, samples), is_ybr


def _one_bit(frame: EncodedFrame) -> Raw:
    stored = frame.stored
    data = np.frombuffer(frame.data, np.uint8)
    bits = np.unpackbits(data, bitorder="little")[frame.bit_offset :]
    values = bits[: stored.rows * stored.columns].reshape(stored.rows, stored.columns)
    return values.view(np.int8) if stored.signed else values


def _rle(frame: EncodedFrame) -> Coded:
    stored = frame.stored
    dtype = np.dtype(f"u{stored.bits_allocated // 8}")
    rle_segments(frame.data, stored.samples * dtype.itemsize, where=frame.where)
    planes = _run(
        frame, _codecs().rle, np.dtype(dtype), stored.rows * stored.columns * stored.samples
    )
    planes = planes.reshape(stored.samples, stored.rows, stored.columns)
    is_ybr = stored.photometric in YBR
    return (planes[0] if stored.samples == 1 else np.moveaxis(planes, 0, -1)), is_ybr


def _jpeg(frame: EncodedFrame) -> Coded:
    facts = jpeg_facts(frame.data, where=frame.where)
    _check_dimensions(facts, frame)
    if not jpeg_is_whole(frame.data):
        raise UndecodableFrame("The JPEG data is cut short.", where=frame.where)
    space = jpeg_space(facts, frame.stored.photometric)
    if facts.lossless_process:
        codec = _codecs().jpeg_lossless
        return _run(frame, codec, facts.components), space.ybr
    if facts.components == 1:
        return _run(frame, _codecs().jpeg, None), False
    return _run(frame, _codecs().jpeg, "YCBCR" if space.ybr else "RGB"), False


def _jpeg_ls(frame: EncodedFrame) -> Coded:
    _check_dimensions(jpeg_facts(frame.data, where=frame.where), frame)
    return _run(frame, _codecs().jpeg_ls), frame.stored.photometric in YBR


def _wavelet(frame: EncodedFrame) -> Coded:
    frame = replace(frame, data=bare_codestream(frame.data, where=frame.where))
    facts = jpeg2000_facts(frame.data, where=frame.where)
    _check_dimensions(facts, frame)
    return _run(frame, _codecs().jpeg_2000), wavelet_space(facts, frame.stored.photometric).ybr


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


def _run(frame: EncodedFrame, codec: Callable[..., Raw], *arguments: object) -> Raw:
    try:
        return codec(frame.data, *arguments)
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        reason = " ".join(str(error).split())[:160]
        raise UndecodableFrame(
            f"The compressed data of this frame is corrupt ({reason}).", where=frame.where
        ) from error


def _codecs() -> ModuleType:
    """Imported on first use: a process that decodes only native pixels loads no codec."""
    return import_module("viewer.loading.codecs")


NATIVE: Mapping[str, Callable[[EncodedFrame], Coded]] = dict.fromkeys(
    (IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED, EXPLICIT_BIG, GE_PRIVATE, ""), _native
)
"""Transfer syntaxes whose pixels are not compressed; one that is missing was guessed (outline)."""

DECODERS: Mapping[str, Callable[[EncodedFrame], Coded]] = {
    f"{_TREE}.5": _rle,
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
