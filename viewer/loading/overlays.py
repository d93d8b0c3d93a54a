"""Overlay planes of an object: what its header says of them, and their bits (PS3.3 C.9.2, F20)."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from viewer.errors import UndecodableFrame
from viewer.loading import tags
from viewer.loading.decoded import Decoded
from viewer.loading.fields import Fields, swapped_words
from viewer.loading.guard import MIB, Limits, PlainBytes
from viewer.loading.outline import outline
from viewer.model.overlay_plane import OverlayBitmap, OverlayPlane
from viewer.model.study import Instance, Photometric
from viewer.pixels.bitmaps import packed

_READING = Limits(bulk_bytes=256 * MIB)
"""Overlays of large images are longer than what a header keeps."""

_FIRST_OVERLAY = tags.OVERLAY_GROUPS[0] << 16
_DESCRIBING = (tags.OVERLAY_ROWS, tags.OVERLAY_DATA)

Decode = Callable[[bytes, int, Instance], Decoded]
"""One frame of an object: its bytes, the frame from 0, its header."""


def overlay_planes(
    fields: Fields, bits_allocated: int, repairs: list[str], *, limits: Limits | None = None
) -> tuple[OverlayPlane, ...]:
    """Every plane that a header describes, in the order of its group; broken ones are told."""
    most = (limits or Limits()).frame_pixels
    found = []
    for group in sorted({tag >> 16 for tag in fields.raw if tag >= _FIRST_OVERLAY}):
        # a presentation state that only switches an overlay on describes none
        described = any(group << 16 | tag in fields for tag in _DESCRIBING)
        if group not in tags.OVERLAY_GROUPS or not described:
            continue
        plane = _plane(_Group(fields, group << 16), group, bits_allocated, most)
        if plane is None:
            repairs.append(f"The overlay {group:04X} is described wrongly and not shown.")
        else:
            found.append(plane)
    return tuple(found)


class _Group:
    """The elements of one overlay group."""

    def __init__(self, fields: Fields, group: int) -> None:
        self.fields, self.group = fields, group

    def short(self, tag: int) -> int | None:
        return self.fields.short(self.group | tag)


def _plane(of: _Group, group: int, bits_allocated: int, most: int) -> OverlayPlane | None:
    rows, columns = of.short(tags.OVERLAY_ROWS), of.short(tags.OVERLAY_COLUMNS)
    origin = of.fields.shorts(of.group | tags.OVERLAY_ORIGIN, signed=True)
    if not rows or not columns or rows * columns > most or len(origin) not in {0, 2}:
        return None
    row, column = origin or (1, 1)
    embedded = _embedded_bit(of, bits_allocated)
    if embedded is not None and not 0 <= embedded < bits_allocated:
        return None
    frames = of.fields.integer(of.group | tags.OVERLAY_FRAMES)
    first = of.short(tags.OVERLAY_FIRST_FRAME)
    if frames is not None and (frames < 1 or frames * rows * columns > 8 * _READING.bulk_bytes):
        return None
    return OverlayPlane(
        group,
        rows,
        columns,
        row,
        column,
        # one frame that begins nowhere lies on every frame
        frames=None if frames is None or (frames == 1 and first is None) else frames,
        first_frame=max((first or 1) - 1, 0),
        roi=of.fields.uid(of.group | tags.OVERLAY_TYPE) == "R",
        label=of.fields.text(of.group | tags.OVERLAY_LABEL),
        description=of.fields.text(of.group | tags.OVERLAY_DESCRIPTION),
        embedded_bit=embedded,
    )


def _embedded_bit(of: _Group, bits_allocated: int) -> int | None:
    """The bit of the pixel data that holds the plane, in objects of before 2004."""
    own = of.short(tags.OVERLAY_BITS_ALLOCATED) or 1
    if own == 1 or (of.group | tags.OVERLAY_DATA) in of.fields:
        return None
    bit = of.short(tags.OVERLAY_BIT_POSITION)
    return bits_allocated if bit is None else bit


def overlay_bitmaps(
    sop_bytes: bytes, instance: Instance, frame: int, decode: Decode
) -> tuple[OverlayBitmap, ...]:
    """The bits of every plane that lies on a frame (from 0); UndecodableFrame when one is cut.

    ``decode`` is needed for planes inside the pixel data: it gets a header by which every bit of
    the pixel data counts.
    """
    wanted = [p for p in instance.overlays if p.frame_on(frame) is not None]
    embedded = [p for p in wanted if p.embedded_bit is not None]
    bits = {p.group: _of_pixels(sop_bytes, instance, frame, decode, p) for p in embedded}
    own = [p for p in wanted if p.embedded_bit is None]
    if own:
        found = outline(PlainBytes(sop_bytes), where=instance.ref.sop, limits=_READING)
        bits |= {p.group: _of_data(found.fields, p, frame, instance) for p in own}
    return tuple(bits[p.group] for p in wanted)


def _of_data(fields: Fields, plane: OverlayPlane, frame: int, instance: Instance) -> OverlayBitmap:
    data = fields.data(plane.group << 16 | tags.OVERLAY_DATA)
    if not fields.little:
        data = swapped_words(data)
    size = plane.rows * plane.columns
    begin = (plane.frame_on(frame) or 0) * size
    if len(data) * 8 < begin + size:
        raise UndecodableFrame(
            f"The overlay {plane.group:04X} is cut short: {len(data)} of "
            f"{-(-(begin + size) // 8)} bytes are there.",
            where=instance.ref.sop,
        )
    if begin % 8 == 0:
        return OverlayBitmap(plane, data[begin // 8 : begin // 8 - (-size // 8)])
    bits = np.unpackbits(
        np.frombuffer(data[begin // 8 : -(-(begin + size) // 8)], np.uint8), bitorder="little"
    )
    return packed(plane, bits[begin % 8 : begin % 8 + size].view(np.bool_))


def _of_pixels(
    sop_bytes: bytes, instance: Instance, frame: int, decode: Decode, plane: OverlayPlane
) -> OverlayBitmap:
    """The plane out of unused bits of the pixel data, taken before these are masked (F1)."""
    stored = instance.format
    if stored is None or stored.samples != 1 or stored.floating or plane.embedded_bit is None:
        raise UndecodableFrame(
            "There are no pixels that could hold an overlay.", where=instance.ref.sop
        )
    every_bit = replace(
        stored,
        photometric=Photometric.MONOCHROME2,
        bits_stored=stored.bits_allocated,
        high_bit=stored.bits_allocated - 1,
        signed=False,
        padding=None,
    )
    pixels = decode(sop_bytes, frame, replace(instance, format=every_bit)).pixels
    bits = (pixels >> plane.embedded_bit & 1).astype(np.bool_)
    rows, columns = bits.shape
    whole = np.zeros((plane.rows, plane.columns), dtype=np.bool_)
    shared = (min(rows, plane.rows), min(columns, plane.columns))
    whole[: shared[0], : shared[1]] = bits[: shared[0], : shared[1]]
    return packed(plane, whole)
