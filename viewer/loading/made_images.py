"""Images that the program makes for its own tests, as files in memory with headers beside them."""

import io
import struct
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from viewer.errors import MissingInstance
from viewer.model.display_set import DisplaySet, DisplaySetId, Kind
from viewer.model.geometry import ImagePlane
from viewer.model.presentation import Window
from viewer.model.refs import FrameRef, InstanceRef, SeriesUid, SopUid, StudyUid
from viewer.model.study import Instance, Photometric, StoredFormat

_EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
_CT = "1.2.840.10008.5.1.4.1.1.2"
_STUDY = StudyUid("2.25.640")
_LONG = frozenset({b"OB", b"OW"})


class MadeImages:
    """A source of instances whose bytes are made of arrays of int16."""

    def __init__(self, arrays: Mapping[SopUid, NDArray[np.int16]]) -> None:
        """Take the pixels of each instance."""
        self._arrays = dict(arrays)

    def sops(self, _study: StudyUid) -> Sequence[SopUid]:
        """Every instance."""
        return tuple(self._arrays)

    def open(self, sop: SopUid) -> BinaryIO:
        """A file of PS3.10 around the pixels; MissingInstance for an unknown one."""
        if sop not in self._arrays:
            raise MissingInstance("There is no such test image.", where=sop)
        return io.BytesIO(_file(self._arrays[sop]))


def made_instance(
    number: int,
    pixels: NDArray[Any],
    photometric: Photometric,
    window: Window,
    plane: ImagePlane | None = None,
) -> Instance:
    """The header of an image that is made, in a series of its own."""
    rows, columns = pixels.shape
    sop = SopUid(f"{_STUDY}.{number}.1")
    stored = StoredFormat(rows, columns, 1, photometric, 16, 16, 15, signed=True)
    return Instance(
        ref=InstanceRef(_STUDY, SeriesUid(f"{_STUDY}.{number}"), sop),
        sop_class=_CT,
        transfer_syntax=_EXPLICIT_LITTLE,
        modality="CT",
        number=number,
        frames=1,
        format=stored,
        planes=(plane,),
        pixel_spacing=plane.spacing if plane else None,
        windows=(window,),
    )


def made_set(instances: Sequence[Instance]) -> DisplaySet:
    """The display set of images that are made."""
    refs = [i.ref for i in instances]
    frames = tuple(FrameRef(ref.study, ref.series, ref.sop) for ref in refs)
    kind = Kind.VOLUME if len(frames) > 1 else Kind.STACK
    return DisplaySet(DisplaySetId(refs[0].series), refs[0].series, kind, frames, "Self-test")


def _file(pixels: NDArray[np.int16]) -> bytes:
    rows, columns = pixels.shape
    syntax = _element(0x0002, 0x0010, b"UI", _EXPLICIT_LITTLE.encode() + b"\0")
    parts = (
        _element(0x0002, 0x0000, b"UL", struct.pack("<I", len(syntax))),
        syntax,
        _element(0x0028, 0x0010, b"US", struct.pack("<H", rows)),
        _element(0x0028, 0x0011, b"US", struct.pack("<H", columns)),
        _element(0x7FE0, 0x0010, b"OW", pixels.astype("<i2").tobytes()),
    )
    return b"\0" * 128 + b"DICM" + b"".join(parts)


def _element(group: int, element: int, vr: bytes, value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2)
    size = struct.pack("<HI", 0, len(value)) if vr in _LONG else struct.pack("<H", len(value))
    return struct.pack("<HH", group, element) + vr + size + value
