"""One frame cut out of its object, still encoded: all that a decoder worker needs, and no more."""

from dataclasses import dataclass

from viewer.errors import UndecodableFrame
from viewer.loading.encapsulated import frame_bytes
from viewer.loading.fields import swapped_words
from viewer.loading.guard import Bytes, PlainBytes
from viewer.loading.outline import GE_PRIVATE, Element, Outline
from viewer.loading.palette import read_palette
from viewer.loading.stored import frame_bits
from viewer.model.colour import Palette
from viewer.model.study import Instance, Photometric, StoredFormat


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """A frame as it lies in the object; ``data`` of a native frame may be a view of the object."""

    data: bytes | memoryview
    transfer_syntax: str
    native: bool
    stored: StoredFormat
    big_endian: bool
    bit_offset: int
    """Where a 1-bit frame begins in its first byte."""
    palette: Palette | None
    where: str
    cut_short: bool = False
    """Whether the object ends before this frame does; ``data`` is what there is (F4)."""
    threads: int = 1
    """Threads that may decode this frame, where its codec can share the work."""

    @property
    def coded(self) -> bytes:
        """The codestream of a frame that is not native."""
        return bytes(self.data)


def cut_frame(found: Outline, frame: int, instance: Instance) -> EncodedFrame:
    """Cut one frame out of an object; UndecodableFrame when there is nothing of it."""
    where = instance.ref.sop
    stored, pixels = instance.format, found.pixels
    if stored is None or pixels is None:
        raise UndecodableFrame("The object has no pixel data.", where=where)
    if not 0 <= frame < instance.frames:
        raise UndecodableFrame(
            f"There is no frame {frame + 1} among {instance.frames}.", where=where
        )
    data: bytes | memoryview
    offset, short = 0, False
    big = found.transfer_syntax == GE_PRIVATE or not found.little
    if found.encapsulated:
        data, short = frame_bytes(
            found.data, pixels.value, found.fields, instance.frames, frame, where=where
        )
    else:
        data, offset = _native(
            found.data, pixels, frame, stored, swapped=big and pixels.vr != b"OB", where=where
        )
        short = offset + frame_bits(stored) > 8 * len(data)
    palette = None
    if stored.photometric is Photometric.PALETTE:
        palette = read_palette(found.fields, signed=stored.signed, where=where)
    return EncodedFrame(
        data=data,
        transfer_syntax=found.transfer_syntax,
        native=not found.encapsulated,
        stored=stored,
        big_endian=big,
        bit_offset=offset,
        palette=palette,
        where=where,
        cut_short=short,
    )


def _native(
    data: Bytes, pixels: Element, frame: int, stored: StoredFormat, *, swapped: bool, where: str
) -> tuple[bytes | memoryview, int]:
    """Bytes of one native frame and the bit at which it begins."""
    bits = frame_bits(stored)
    begin, end = frame * bits // 8, -(-(frame + 1) * bits // 8)
    whole = pixels.end if pixels.end is not None else pixels.value
    held = max(begin, min(end, whole - pixels.value))
    if stored.bits_allocated <= 8 and swapped:
        # bytes lie in big endian 16-bit words (PS3.5 8.1.1, OW)
        words = data.read_at(pixels.value + begin // 2 * 2, (begin % 2 + held - begin + 1) // 2 * 2)
        plain = swapped_words(words)
        cut: bytes | memoryview = plain[begin % 2 : begin % 2 + held - begin]
    elif isinstance(data, PlainBytes):
        cut = data.view_at(pixels.value + begin, held - begin)
    else:
        cut = data.read_at(pixels.value + begin, held - begin)
    if not cut:
        raise UndecodableFrame(
            f"The pixel data of frame {frame + 1} is cut short: {end - begin} bytes are missing.",
            where=where,
        )
    return cut, frame * bits % 8
