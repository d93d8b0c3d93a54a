"""Encrypted containers: one file a series, its images in it as records, each under a random name.

The manifest says where a record lies. It names one only after the record is on the disk, so that
what a power cut left behind it is overwritten and never read.
"""

import contextlib
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workstation.store.data_keys import DataKeys
from workstation.store.database import Database, Transaction
from workstation.store.folders import sync_folder
from workstation.store.sealing import OVERHEAD, Buffer, DamagedRecord, SeriesSeal

_MOST_REUSED = 16 << 20


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a record lies."""

    file: str
    place: int
    length: int


@dataclass(slots=True)
class _Container:
    """What is known of a file that is written to or read from."""

    file: str
    seal: SeriesSeal
    end: int | None = None
    """Where the next record goes; None: not looked yet."""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Containers:
    """Appends, reads and removes; safe to call from several threads.

    Records are read into memory instead of being mapped: a bad sector under a map would end the
    program, and here it is one image that is fetched again.
    """

    def __init__(self, folder: Path, database: Database) -> None:
        """Use a folder of this store alone; files that nobody knows are removed. OSError."""
        self._folder = folder
        self._database = database
        self._keys = DataKeys(database)
        self._lock = threading.Lock()
        self._containers: dict[str, _Container] = {}
        self._reused = threading.local()
        folder.mkdir(parents=True, exist_ok=True)
        known = {str(row[0]) for row in database.read("SELECT file FROM container")}
        for file in folder.iterdir():
            if file.name not in known:
                file.unlink()

    def append(
        self, study: str, series: str, contents: Sequence[tuple[bytes, Buffer]]
    ) -> tuple[Spot, ...]:
        """Seal contents, each with what it is about, at the end of a series' file.

        All are on the disk when this returns; OSError and StoreError leave the file as it was.
        """
        container = self._of_series(study, series)
        with container.lock:
            file = self._folder / container.file
            end = self._end(container)
            pieces: list[Buffer] = []
            spots: list[Spot] = []
            place = end
            for about, content in contents:
                pieces += container.seal.seal(content, about)
                length = memoryview(content).nbytes + OVERHEAD
                spots.append(Spot(container.file, place, length))
                place += length
            container.end = None  # until it is known to be written
            if file.exists():
                with _opened(file, os.O_WRONLY) as descriptor:
                    os.ftruncate(descriptor, end)
                    _write(descriptor, end, pieces)
            else:
                self._publish(file, end, pieces)
            container.end = place
            return tuple(spots)

    def undo(self, spots: Sequence[Spot]) -> None:
        """Take back what ``append`` gave last and no manifest names."""
        container = self._containers.get(spots[0].file)
        if container is None:
            return
        with container.lock, contextlib.suppress(OSError):
            if container.end == spots[-1].place + spots[-1].length:
                container.end = spots[0].place
                with _opened(self._folder / container.file, os.O_WRONLY) as descriptor:
                    os.ftruncate(descriptor, container.end)

    def read(self, spot: Spot, about: bytes) -> bytes:
        """The content of a record; raises OSError, DamagedRecord, StoreError."""
        seal = self._of_file(spot.file).seal
        if spot.length < OVERHEAD:
            raise DamagedRecord
        record = self._buffer(spot.length)
        with _opened(self._folder / spot.file, os.O_RDONLY) as descriptor:
            _read_into(descriptor, spot.place, record)
        return seal.open_bytes(record, about)

    def size(self, file: str) -> int:
        """Bytes that a file takes."""
        with contextlib.suppress(OSError):
            return (self._folder / file).stat().st_size
        return 0

    def forget_key(self, file: str, change: Transaction) -> None:
        """Delete the key of a file: from the commit on nobody can read it."""
        self._keys.shred(file, change)

    def remove(self, file: str) -> None:
        """Delete a file whose key is gone; one in use goes at the next start."""
        with self._lock:
            self._containers.pop(file, None)
        with contextlib.suppress(OSError):
            (self._folder / file).unlink()

    def _publish(self, file: Path, end: int, pieces: Sequence[Buffer]) -> None:
        """The first record of a file: under another name until it is whole."""
        part = file.with_suffix(".part")
        try:
            with _opened(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) as descriptor:
                _write(descriptor, end, pieces)
            part.rename(file)
            sync_folder(self._folder)
        except OSError:
            for left in (part, file):
                with contextlib.suppress(OSError):
                    left.unlink()
            raise

    def _end(self, container: _Container) -> int:
        """Behind the last record that the manifest names, whatever a power cut left there."""
        if container.end is None:
            rows = self._database.read(
                "SELECT coalesce(max(place + length), 0) FROM instance WHERE file = ?",
                (container.file,),
            )
            container.end = int(str(rows[0][0]))
        return container.end

    def _of_series(self, study: str, series: str) -> _Container:
        rows = self._database.read(
            "SELECT file FROM container WHERE study = ? AND series = ?", (study, series)
        )
        if rows:
            return self._of_file(str(rows[0][0]))
        with self._lock, self._database.transaction() as change:
            found = change.read(
                "SELECT file FROM container WHERE study = ? AND series = ?", (study, series)
            )
            if not found:
                name = secrets.token_hex(16)
                seal = self._keys.create(name, change)
                change.write(
                    "INSERT INTO container (file, study, series) VALUES (?, ?, ?)",
                    (name, study, series),
                )
        if found:
            return self._of_file(str(found[0][0]))
        with self._lock:
            return self._containers.setdefault(name, _Container(name, seal))

    def _of_file(self, file: str) -> _Container:
        with self._lock:
            found = self._containers.get(file)
        if found is None:
            made = _Container(file, self._keys.of(file))
            with self._lock:
                found = self._containers.setdefault(file, made)
        return found

    def _buffer(self, length: int) -> memoryview:
        """Memory for ciphertext, used again by the same thread."""
        if length > _MOST_REUSED:
            return memoryview(bytearray(length))
        held: bytearray | None = getattr(self._reused, "held", None)
        if held is None or len(held) < length:
            held = self._reused.held = bytearray(length)
        return memoryview(held)[:length]


@contextlib.contextmanager
def _opened(file: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(file, flags | getattr(os, "O_BINARY", 0), 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, place: int, pieces: Sequence[Buffer]) -> None:
    os.lseek(descriptor, place, os.SEEK_SET)
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def _read_into(descriptor: int, place: int, record: memoryview) -> None:
    """Fill ``record``; DamagedRecord when the file ends before."""
    filled = 0
    while filled < len(record):
        rest = record[filled:]
        if hasattr(os, "preadv"):
            count = os.preadv(descriptor, [rest], place + filled)
        else:
            os.lseek(descriptor, place + filled, os.SEEK_SET)
            data = os.read(descriptor, len(rest))
            count = len(data)
            rest[:count] = data
        if not count:
            raise DamagedRecord
        filled += count
