"""What was read of many headers, as bytes to keep and back, while the same code reads headers."""

import sys
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from viewer.loading.columns import Columns, ColumnsError
from viewer.loading.headers import HeaderRead

__all__ = ["ColumnsError", "pack", "record_form", "unpack"]


def pack(reads: Sequence[HeaderRead]) -> bytes:
    """Bytes for ``unpack``; equal parts of the headers are in them once. Raises ColumnsError."""
    return _columns().pack(reads)


def unpack(data: bytes) -> list[HeaderRead]:
    """The headers again; ColumnsError when the bytes do not make them."""
    return _columns().unpack(data)


@cache
def _columns() -> Columns:
    return Columns(HeaderRead)


@cache
def record_form() -> str:
    """Names everything that decides what is read of a header: this program's own code.

    Another version, or an edited one, reads every header anew.
    """
    state = "".join(f"{file} {stat}\n" for file, stat in _code())
    return sha256(state.encode()).hexdigest()


def _code() -> Iterator[tuple[str, str]]:
    """The files of the code with their sizes and times; the program file where there are none."""
    here = Path(__file__).parent
    folders = (here, here.parent / "model", here.parent / "calibration")
    files = [file for folder in folders for file in sorted(folder.glob("*.py"))]
    for file in files or [Path(sys.executable)]:
        stat = file.stat()
        yield file.name, f"{stat.st_size} {stat.st_mtime_ns}"
