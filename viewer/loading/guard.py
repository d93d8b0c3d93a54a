"""Limits on foreign bytes, checked before anything is parsed or allocated (reliability R23)."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from viewer.errors import HeaderError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one object may ask of this machine."""

    file_bytes: int = 2048 * MIB
    frame_pixels: int = 128 * 1000 * 1000
    frame_bytes: int = 512 * MIB
    frames: int = 20_000
    object_bytes: int = 4096 * MIB
    depth: int = 32
    elements: int = 200_000
    inflated_bytes: int = 512 * MIB
    inflated_header_bytes: int = 64 * MIB
    inflate_ratio: int = 1000
    bulk_bytes: int = MIB
    """Values longer than this are left out of the parsed header (documents, spectra, overlays)."""
    text: int = 64 * 1024


class Bytes(Protocol):
    """Random access to the bytes of one object."""

    size: int | None
    """Length in bytes; None while it is not known (a compressed stream)."""

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to ``count`` bytes; fewer only at the end."""
        ...


class FileBytes:
    """A seekable file, read in blocks so that a walk over a header costs few reads."""

    _BLOCK = 32 * 1024

    def __init__(self, file: BinaryIO) -> None:
        """Look at the size; read nothing yet."""
        self._file = file
        self.size: int | None = file.seek(0, 2)
        self._start = 0
        self._block = b""

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to ``count`` bytes; a count beyond the end of the file allocates nothing for it."""
        begin = offset - self._start
        if begin >= 0 and begin + count <= len(self._block):
            return self._block[begin : begin + count]
        available = max(0, min(count, (self.size or 0) - offset))
        self._file.seek(offset)
        if available > self._BLOCK:
            return self._file.read(available)
        self._start, self._block = offset, self._file.read(self._BLOCK)
        return self._block[:available]

    def first(self, count: int) -> bytes:
        """The beginning: ``count`` bytes or more, fewer only if the file ends before."""
        if self._start or len(self._block) < min(count, self.size or 0):
            self._file.seek(0)
            self._start, self._block = 0, self._file.read(max(count, self._BLOCK))
        return self._block


class PlainBytes:
    """Bytes already in memory."""

    def __init__(self, data: bytes) -> None:
        """Share ``data``."""
        self._whole = data
        self._data = memoryview(data)
        self.size: int | None = len(data)

    def first(self, count: int) -> bytes:
        """All of the bytes; at least ``count`` if there are as many."""
        return self._whole

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to ``count`` bytes."""
        return bytes(self._data[offset : offset + count])

    def view_at(self, offset: int, count: int) -> memoryview:
        """As ``read_at``, without copying: it holds all of the bytes."""
        return self._data[offset : offset + count]


class InflatedBytes:
    """The inflated data set of Deflated Explicit VR Little Endian, grown only as far as asked.

    Reading past ``limit`` raises HeaderError: nothing inflates a bomb to its end.
    """

    _STEP = 256 * 1024

    def __init__(self, packed: Bytes, start: int, limits: Limits, where: str) -> None:
        """Inflate from byte ``start`` of ``packed`` (raw deflate, PS3.5 A.5)."""
        self._packed = packed
        self._next = start
        self._start = start
        self._limits = limits
        self._where = where
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._plain = bytearray()
        self.size: int | None = None
        self.limit = limits.inflated_header_bytes

    def read_at(self, offset: int, count: int) -> bytes:
        """Up to ``count`` bytes of the inflated stream."""
        while self.size is None and len(self._plain) < offset + count:
            self._grow()
        return bytes(self._plain[offset : offset + count])

    def _grow(self) -> None:
        packed = self._inflater.unconsumed_tail
        if not packed:
            packed = self._packed.read_at(self._next, self._STEP)
            self._next += len(packed)
        try:
            plain = self._inflater.decompress(packed, self._STEP)
        except zlib.error as error:
            raise HeaderError("Its deflated data is corrupt.", where=self._where) from error
        self._plain += plain
        if self._inflater.eof or (not packed and not plain):
            self.size = len(self._plain)
        self._check()

    def _check(self) -> None:
        plain, packed = len(self._plain), self._next - self._start
        if plain > self.limit or (plain > 16 * MIB and plain > packed * self._limits.inflate_ratio):
            raise HeaderError(
                f"Its deflated data grows beyond {self.limit // MIB} MiB.", where=self._where
            )


def too_many(limits: Limits, where: str) -> HeaderError:
    """The refusal of a header with too many elements."""
    return HeaderError(f"The header has more than {limits.elements} elements.", where=where)


def too_deep(limits: Limits, where: str) -> HeaderError:
    """The refusal of a header with sequences within sequences within sequences."""
    return HeaderError(f"Its sequences are nested more than {limits.depth} deep.", where=where)


def cut_at(start: int) -> str:
    """The repair of a data set that was read up to byte ``start``."""
    return f"The data set is cut or corrupt at byte {start}."


def is_cut(repair: str) -> bool:
    """Whether a repair says that the data set is not whole."""
    return repair.startswith("The data set is cut")


def check_size(data: Bytes, limits: Limits, where: str) -> None:
    """Refuse a file beyond the size limit."""
    if data.size is not None and data.size > limits.file_bytes:
        raise HeaderError(
            f"The file has more than {limits.file_bytes // (1024 * MIB)} GiB.", where=where
        )


def check_shape(
    rows: int, columns: int, samples: int, bits: int, frames: int, *, limits: Limits, where: str
) -> None:
    """Refuse pixel dimensions that nothing here may allocate."""

    def refuse(sentence: str) -> None:
        raise HeaderError(sentence, where=where)

    if rows < 1 or columns < 1:
        refuse(f"The image is {columns} columns by {rows} rows.")
    if samples not in {1, 3}:
        refuse(f"Samples per Pixel is {samples}; only 1 and 3 can be shown.")
    if bits not in {1, 8, 16, 32, 64}:
        refuse(f"Bits Allocated is {bits}; only 1, 8, 16, 32 and 64 can be shown.")
    if not 1 <= frames <= limits.frames:
        refuse(f"Number of Frames is {frames}; the limit is {limits.frames}.")
    _check_product(rows * columns, samples * max(bits // 8, 1), frames, limits, refuse)


def _check_product(
    pixels: int, bytes_each: int, frames: int, limits: Limits, refuse: Callable[[str], None]
) -> None:
    if pixels > limits.frame_pixels:
        refuse(f"One frame has {pixels} pixels; the limit is {limits.frame_pixels}.")
    if pixels * bytes_each > limits.frame_bytes:
        refuse(f"One frame needs more than {limits.frame_bytes // MIB} MiB.")
    if pixels * bytes_each * frames > limits.object_bytes:
        refuse(f"The object needs more than {limits.object_bytes // (1024 * MIB)} GiB.")
