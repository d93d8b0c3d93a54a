"""A file of records that many threads read at once, each where it lies."""

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from workstation.store.sealing import Buffer


class RecordFile:
    """Opened when it is used; reads need no lock where the system reads at a place."""

    def __init__(self, file: Path) -> None:
        """Open nothing yet."""
        self._file = file
        self._lock = threading.Lock()
        self._descriptor = -1
        self._users = 0
        self._to_close = False
        """Whether it is open only while it is read or written."""

    def read_into(self, record: memoryview, place: int) -> None:
        """Fill ``record`` from byte ``place``; OSError when the file ends before."""
        with self._used() as descriptor:
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
        with self._used() as descriptor, self._lock:
            os.lseek(descriptor, place, os.SEEK_SET)
            for piece in pieces:
                rest = memoryview(piece)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]

    def keep_open(self) -> None:
        """Once opened, leave the file open for what is read or written next."""
        with self._lock:
            self._to_close = False

    def close(self) -> None:
        """Close the file once nobody uses it; whoever still does opens it for that alone."""
        with self._lock:
            self._to_close = True
            self._close_unused()

    def remove(self) -> None:
        """Close and delete the file."""
        self.close()
        with contextlib.suppress(FileNotFoundError):
            self._file.unlink()

    @contextlib.contextmanager
    def _used(self) -> Iterator[int]:
        """The open file, which is not closed meanwhile."""
        with self._lock:
            if self._descriptor < 0:
                flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
                self._descriptor = os.open(self._file, flags, 0o600)
            self._users += 1
            descriptor = self._descriptor
        try:
            yield descriptor
        finally:
            with self._lock:
                self._users -= 1
                self._close_unused()

    def _close_unused(self) -> None:
        if self._to_close and not self._users and self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
