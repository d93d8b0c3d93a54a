"""A file of records that many threads read at once, each where it lies."""

import contextlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from workstation.store.sealing import Buffer


class RecordFile:
    """Opened when first used; reads need no lock where the system reads at a place."""

    def __init__(self, file: Path) -> None:
        """Open nothing yet."""
        self._file = file
        self._lock = threading.Lock()
        self._descriptor = -1

    def read_into(self, record: memoryview, place: int) -> None:
        """Fill ``record`` from byte ``place``; OSError when the file ends before."""
        descriptor = self._open()
        if hasattr(os, "preadv"):
            read = os.preadv(descriptor, [record], place)
        else:
            with self._lock:
                os.lseek(descriptor, place, os.SEEK_SET)
                data = os.read(descriptor, len(record))
            read = len(data)
            record[:read] = data
        if read != len(record):
            raise OSError(f"{read} of {len(record)} bytes")

    def write(self, place: int, pieces: Sequence[Buffer]) -> None:
        """Write pieces one behind the other from byte ``place`` on; OSError when not all fit."""
        descriptor = self._open()
        with self._lock:
            os.lseek(descriptor, place, os.SEEK_SET)
            for piece in pieces:
                rest = memoryview(piece)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]

    def close(self) -> None:
        """Close the file; using it again opens it again."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def remove(self) -> None:
        """Close and delete the file."""
        self.close()
        with contextlib.suppress(FileNotFoundError):
            self._file.unlink()

    def _open(self) -> int:
        with self._lock:
            if self._descriptor < 0:
                flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
                self._descriptor = os.open(self._file, flags, 0o600)
            return self._descriptor
