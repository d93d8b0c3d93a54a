"""Files made to break each limit of reliability R23, and names that want to leave their folder."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.kit import codestreams, dicom_files
from viewer.loading.guard import MIB

_TREE = "1.2.840.10008.1.2.4."
_GREY = np.random.default_rng(23).integers(0, 4096, (16, 24), np.uint16)
_SIZE: dict[str, Any] = {"Rows": 16, "Columns": 24}


def _coded(stream: bytes, syntax: str, **values: Any) -> bytes:
    return dicom_files.encoded([stream], _TREE + syntax, **{**_SIZE, **values})


def _elements(count: int) -> bytes:
    """A private sequence of this many empty elements."""
    one = struct.pack("<HH2sH", 0x0073, 0x1002, b"LO", 0)
    head = struct.pack("<HH2sHI", 0x0073, 0x1001, b"SQ", 0, 0xFFFFFFFF)
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    end = struct.pack("<HHIHHI", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    return (
        dicom_files.written(dicom_files.dataset(PixelData=None)) + head + item + one * count + end
    )


def _siz(stream: bytes, rows: int, columns: int) -> bytes:
    """A JPEG 2000 codestream that says another size."""
    at = stream.index(b"\xff\x51") + 6
    return stream[:at] + struct.pack(">2I", columns, rows) + stream[at + 8 :]


def _sof(stream: bytes, marker: int, rows: int, columns: int) -> bytes:
    """A JPEG codestream that says another size."""
    at = stream.index(bytes([0xFF, marker])) + 5
    return stream[:at] + struct.pack(">2H", rows, columns) + stream[at + 4 :]


def _jp2_with_boxes() -> bytes:
    """A JP2 file whose first box claims to be larger than all there is."""
    stream = codestreams.jpeg_2000(_GREY, "jp2")
    return stream[:12] + struct.pack(">I4s", 0xFFFFFFF0, b"uuid") + stream[12:]


REFUSED_HEADER: dict[str, Callable[[], bytes]] = {
    "pixels": lambda: dicom_files.file(Rows=65535, Columns=65535),
    "frame bytes": lambda: dicom_files.file(
        Rows=11000, Columns=11000, BitsAllocated=64, BitsStored=64, HighBit=63
    ),
    "frames": lambda: dicom_files.file(NumberOfFrames=1_000_000),
    "object bytes": lambda: dicom_files.file(Rows=5000, Columns=5000, NumberOfFrames=20_000),
    "no rows": lambda: dicom_files.file(Rows=0),
    "samples": lambda: dicom_files.file(SamplesPerPixel=2),
    "bits allocated": lambda: dicom_files.file(BitsAllocated=12),
    "bits stored": lambda: dicom_files.file(BitsStored=17),
    "nesting": lambda: dicom_files.nested(300),
    "deep nesting": lambda: dicom_files.nested(20_000),
    "elements": lambda: _elements(200_001),
    "inflation": lambda: dicom_files.bomb(600),
    "empty": lambda: b"",
    "not DICOM": lambda: b"PK\x03\x04" + bytes(4000),
}
"""By limit: refused as the header is read."""

REFUSED_FRAME: dict[str, Callable[[], bytes]] = {
    "JPEG rows": lambda: _coded(
        _sof(codestreams.jpeg_lossless(_GREY, 12), 0xC3, 65500, 65500), "70"
    ),
    "JPEG-LS columns": lambda: _coded(_sof(codestreams.jpeg_ls(_GREY), 0xF7, 65500, 65500), "80"),
    "JPEG 2000 size": lambda: _coded(_siz(codestreams.jpeg_2000(_GREY), 60000, 60000), "90"),
    "HTJ2K size": lambda: _coded(_siz(codestreams.htj2k(_GREY), 60000, 60000), "201"),
    "JP2 boxes": lambda: _coded(_jp2_with_boxes(), "90"),
    "RLE segments": lambda: dicom_files.encoded(
        [struct.pack("<16I", 15, *range(64, 64 + 15 * 4, 4)) + bytes(64)], "1.2.840.10008.1.2.5",
        **_SIZE,
    ),
    "RLE bomb": lambda: dicom_files.encoded(
        [struct.pack("<16I", 2, 64, 1 << 20, *[0] * 13) + b"\x81\x00" * (2 << 20)],
        "1.2.840.10008.1.2.5", **_SIZE,
    ),
    "one byte": lambda: _coded(b"\xff", "80"),
    "foreign bits": lambda: _coded(codestreams.jpeg_ls(_GREY), "80", BitsAllocated=64,
                                   BitsStored=64, HighBit=63),
    "frame beyond the end": lambda: dicom_files.file(NumberOfFrames=2)[:-40],
}  # fmt: skip
"""By limit: the header can be read, its (last) frame is refused."""


def sparse(folder: Path) -> Path:
    """A file of 3 GiB, which takes no room on the disk."""
    path = folder / "beyond 2 GiB.dcm"
    with path.open("wb") as file:
        file.write(dicom_files.file())
        file.truncate(3 * 1024 * MIB)
    return path


NAMES = ("../../x", "/etc/x", "C:\\x", "1.2\0.3", "9" * 10_000)
"""SOP Instance UIDs that no file may be named after (R24)."""


def written(folder: Path) -> list[Path]:
    """Write the whole set; the file's name says what it breaks."""
    made = [sparse(folder)]
    for kind, group in (("header", REFUSED_HEADER), ("frame", REFUSED_FRAME)):
        for name, make in group.items():
            path = folder / f"{kind}, {name}.dcm"
            path.write_bytes(make())
            made.append(path)
    for number, uid in enumerate(NAMES):
        path = folder / f"name {number}.dcm"
        path.write_bytes(_named(uid))
        made.append(path)
    return made


def _named(uid: str) -> bytes:
    """A file with this SOP Instance UID in its data set, whatever its characters."""
    place = "1.2.826.0.1.1.1"
    raw = uid.encode() + b"\0" * (len(uid) % 2)
    data = dicom_files.file()
    tag = struct.pack("<HH2s", 0x0008, 0x0018, b"UI")
    at = data.index(tag, 200) + 6
    length = struct.unpack_from("<H", data, at)[0]
    assert data[at + 2 : at + 2 + len(place)] == place.encode()
    return data[:at] + struct.pack("<H", len(raw)) + raw + data[at + 2 + length :]
