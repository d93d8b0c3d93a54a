"""The scans of a JPEG codestream with the tables each uses, so that its code can be checked whole.

ISO/IEC 10918-1 Annex B. libjpeg goes on after corrupt data with no more than a warning, so a frame
is decoded only if the structure found here leads through all its data (F4, R26).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from viewer.loading.jpeg_loops import CELLS, LARGEST, LOOK, OFFSET, VALUES, unstuff

_SOI, _EOI, _SOS, _DHT, _DQT, _DRI = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDD
_FRAMES = {0xC0: "sequential", 0xC1: "sequential", 0xC2: "progressive", 0xC3: "lossless"}
_REFUSED = frozenset((*range(0xC5, 0xC8), *range(0xC9, 0xD0), 0xDC, 0xDE, 0xDF))
"""Hierarchical and arithmetic processes, and a number of lines that comes later."""


class CorruptJpeg(ValueError):
    """The codestream is not what the standard says; the text says where."""


@dataclass(frozen=True, slots=True)
class Component:
    """One component of the frame header (B.2.2)."""

    id: int
    across: int
    down: int
    quantiser: int


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan (B.2.3) with its entropy-coded data, free of stuffing, a segment a restart."""

    components: tuple[int, ...]
    dc_tables: tuple[int, ...]
    ac_tables: tuple[int, ...]
    first: int
    """Ss: first coefficient, or the predictor of a lossless scan."""
    last: int
    high: int
    low: int
    interval: int
    """MCUs a restart interval; 0: the scan has none."""
    tables: NDArray[np.int32]
    """As ``jpeg_loops`` wants them."""
    code: NDArray[np.uint8]
    """Entropy-coded bytes and 8 zeros, so that a look past the end stays inside."""
    bounds: NDArray[np.int64]
    """Where each segment begins in ``code``, then where the last one ends."""


def no_tables() -> NDArray[np.int32]:
    """Eight Huffman tables, none defined."""
    tables = np.zeros((8, CELLS), np.int32)
    tables[:, LARGEST:OFFSET] = -1
    return tables


def _with_table(
    tables: NDArray[np.int32], place: int, counts: bytes, symbols: bytes
) -> NDArray[np.int32]:
    """The same tables with one defined anew (C.2)."""
    new = tables.copy()
    new[place] = 0
    new[place, LARGEST:OFFSET] = -1
    new[place, VALUES : VALUES + len(symbols)] = list(symbols)
    code = used = 0
    for length, count in enumerate(counts, 1):
        new[place, OFFSET + length] = used - code
        for symbol in symbols[used : used + count]:
            if length <= LOOK:
                begin = code << (LOOK - length)
                new[place, begin : begin + (1 << (LOOK - length))] = length << 8 | symbol
            code += 1
        if code > 1 << length:
            raise CorruptJpeg("a Huffman table has too many codes")
        if count:
            new[place, LARGEST + length] = code - 1
        used += count
        code <<= 1
    return new


@dataclass(slots=True)
class JpegScans:
    """A whole codestream, taken apart."""

    process: str = ""
    """sequential, progressive or lossless."""
    precision: int = 0
    rows: int = 0
    columns: int = 0
    components: list[Component] = field(default_factory=list)
    quantisers: dict[int, NDArray[np.int64]] = field(default_factory=dict)
    """By number, 64 entries in zigzag order."""
    scans: list[Scan] = field(default_factory=list)
    whole: bool = False
    """Whether the end marker is there."""

    @property
    def across(self) -> int:
        """Largest horizontal sampling factor."""
        return max(c.across for c in self.components)

    @property
    def down(self) -> int:
        """Largest vertical sampling factor."""
        return max(c.down for c in self.components)

    def units(self, component: int, unit: int) -> tuple[int, int]:
        """Rows and columns of data units of a component in a scan of its own (A.2)."""
        c = self.components[component]
        rows = -(-self.rows * c.down // self.down)
        columns = -(-self.columns * c.across // self.across)
        return -(-rows // unit), -(-columns // unit)

    def mcus(self, scan: Scan, unit: int) -> tuple[int, int]:
        """Rows and columns of MCUs of a scan; ``unit`` is 8 samples, or 1 in a lossless one."""
        if len(scan.components) == 1:
            return self.units(scan.components[0], unit)
        return -(-self.rows // (self.down * unit)), -(-self.columns // (self.across * unit))


def read_scans(data: bytes) -> JpegScans:
    """Take a codestream apart; CorruptJpeg where it is not one."""
    found, reader = JpegScans(), _Reader(data)
    tables, interval = no_tables(), 0
    for marker, segment in reader.markers():
        if marker == _EOI:
            found.whole = True
            break
        if marker in _FRAMES:
            _frame(found, segment, _FRAMES[marker])
        elif marker in _REFUSED:
            raise CorruptJpeg(f"marker FF{marker:02X} is of a process that is not decoded")
        elif marker == _DHT:
            tables = _huffman(tables, segment)
        elif marker == _DQT:
            _quantisers(found, segment)
        elif marker == _DRI:
            interval = _short(segment, 0)
        elif marker == _SOS:
            found.scans.append(_scan(found, segment, tables, interval, *reader.entropy()))
    return _ended(found)


def _ended(found: JpegScans) -> JpegScans:
    if not found.scans:
        raise CorruptJpeg("it has no scan")
    if not found.whole:
        found.scans[-1] = _without_padding(found.scans[-1])
    return found


def _without_padding(scan: Scan) -> Scan:
    """The same scan up to its last byte that is neither 0 nor FF, which may not be code at all."""
    used = np.flatnonzero((scan.code != 0) & (scan.code != 0xFF))
    end = min(int(used[-1]) + 1 if len(used) else 0, int(scan.bounds[-1]))
    bounds = np.minimum(scan.bounds, end)
    code = np.concatenate([scan.code[:end], np.zeros(8, np.uint8)])
    return replace(scan, code=code, bounds=bounds)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._bytes = np.frombuffer(data, np.uint8)
        full = np.flatnonzero(self._bytes[:-1] == 0xFF)
        after = self._bytes[full + 1]
        self._markers = full[(after != 0) & (after != 0xFF)]
        """Places where FF is followed by what is no stuffing and no fill."""
        self._at = 0

    def markers(self) -> Iterator[tuple[int, bytes]]:
        """Each marker with its segment, until there are no more."""
        data = self._data
        if data[:2] != b"\xff\xd8":
            raise CorruptJpeg("it does not begin with its start marker")
        self._at = 2
        while self._at + 1 < len(data):
            if data[self._at] != 0xFF:
                raise CorruptJpeg(f"there is no marker at byte {self._at}")
            marker = data[self._at + 1]
            if marker == 0xFF:
                self._at += 1
                continue
            if marker in {_EOI, _SOI} or 0xD0 <= marker <= 0xD7 or marker == 1:
                if marker != _EOI:
                    raise CorruptJpeg(f"marker FF{marker:02X} stands where it may not")
                yield marker, b""
                return
            length = _short(data, self._at + 2)
            segment = data[self._at + 4 : self._at + 2 + length]
            if length < 2 or len(segment) < length - 2:
                raise CorruptJpeg("a marker segment is cut short")
            self._at += 2 + length
            yield marker, segment

    def entropy(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The entropy-coded data from here: bytes without stuffing, bounds of its segments."""
        begin = self._at
        later = self._markers[np.searchsorted(self._markers, begin) :]
        kinds = self._bytes[later + 1]
        restarts = (kinds >= 0xD0) & (kinds <= 0xD7)
        count = len(later) if restarts.all() else int(np.argmin(restarts))
        expected = 0xD0 + np.arange(count) % 8
        if not np.array_equal(kinds[:count], expected):
            raise CorruptJpeg("a restart marker is out of order")
        end = int(later[count]) if count < len(later) else len(self._bytes)
        self._at = end
        return _segments(self._bytes[begin:end], later[:count] - begin)


def _segments(
    raw: NDArray[np.uint8], restarts: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    kept, bounds = np.zeros(len(raw) + 8, np.uint8), np.zeros(len(restarts) + 2, np.int64)
    unstuff(raw, kept, bounds)
    return kept[: bounds[-1] + 8], bounds


def _frame(found: JpegScans, segment: bytes, process: str) -> None:
    if found.process:
        raise CorruptJpeg("it has two frame headers")
    if len(segment) < 6 or len(segment) < 6 + 3 * segment[5]:
        raise CorruptJpeg("the frame header is cut short")
    found.process = process
    found.precision, found.rows, found.columns, count = struct.unpack_from(">BHHB", segment)
    for at in range(6, 6 + 3 * count, 3):
        number, sampling, quantiser = segment[at : at + 3]
        found.components.append(Component(number, sampling >> 4, sampling & 15, quantiser))
    if not found.components or not all(
        1 <= c.across <= 4 and 1 <= c.down <= 4 for c in found.components
    ):
        raise CorruptJpeg("the frame header has impossible sampling factors")


def _huffman(tables: NDArray[np.int32], segment: bytes) -> NDArray[np.int32]:
    at = 0
    while at < len(segment):
        kind, number = segment[at] >> 4, segment[at] & 15
        counts = segment[at + 1 : at + 17]
        symbols = segment[at + 17 : at + 17 + sum(counts)]
        if kind > 1 or number > 3 or len(counts) < 16 or len(symbols) < sum(counts):
            raise CorruptJpeg("a Huffman table is malformed")
        if len(symbols) > 256:
            raise CorruptJpeg("a Huffman table has too many codes")
        tables = _with_table(tables, 4 * kind + number, counts, symbols)
        at += 17 + len(symbols)
    return tables


def _quantisers(found: JpegScans, segment: bytes) -> None:
    at = 0
    while at < len(segment):
        wide, number = segment[at] >> 4, segment[at] & 15
        size = 128 if wide else 64
        raw = segment[at + 1 : at + 1 + size]
        if wide > 1 or number > 3 or len(raw) < size:
            raise CorruptJpeg("a quantisation table is malformed")
        found.quantisers[number] = np.frombuffer(raw, ">u2" if wide else "u1").astype(np.int64)
        at += 1 + size


def _scan(
    found: JpegScans,
    segment: bytes,
    tables: NDArray[np.int32],
    interval: int,
    code: NDArray[np.uint8],
    bounds: NDArray[np.int64],
) -> Scan:
    count = segment[0] if segment else 0
    if not found.process or not 1 <= count <= 4 or len(segment) < 4 + 2 * count:
        raise CorruptJpeg("a scan header is malformed")
    places = {c.id: n for n, c in enumerate(found.components)}
    chosen = [places.get(segment[1 + 2 * n]) for n in range(count)]
    which = [segment[2 + 2 * n] for n in range(count)]
    components = tuple(c for c in chosen if c is not None)
    if len(places) < len(found.components) == count:
        components = tuple(range(count))  # every component bears the same number
    if len(components) < count or list(components) != sorted(set(components)):
        raise CorruptJpeg("a scan names a component that is not there")
    if any(w >> 4 > 3 or w & 15 > 3 for w in which):
        raise CorruptJpeg("a scan names a table that is not there")
    first, last, approximation = segment[1 + 2 * count : 4 + 2 * count]
    return Scan(
        components, tuple(w >> 4 for w in which), tuple(4 + (w & 15) for w in which),
        first, last, approximation >> 4, approximation & 15, interval, tables, code, bounds,
    )  # fmt: skip


def _short(data: bytes, at: int) -> int:
    if at + 2 > len(data):
        raise CorruptJpeg("a marker segment is cut short")
    return data[at] << 8 | data[at + 1]
