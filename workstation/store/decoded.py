"""Decoded frames beside the originals: one file a series, each frame a sealed record in it.

It is a cache: what is damaged or stale is dropped and decoded anew, what cannot be written is not.
Names are random, never UIDs (R24).
"""

import json
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from viewer.loading.decoded import Decoded
from viewer.model.refs import FrameRef, SeriesUid, SopUid, StudyUid
from workstation.errors import StoreError
from workstation.logs import Log
from workstation.store.data_keys import DataKeys
from workstation.store.database import Database, Row
from workstation.store.records import RecordFile
from workstation.store.sealing import OVERHEAD, DamagedRecord, Seal

T = TypeVar("T")
_Key = tuple[str, int]
_BATCH = 32
_AT_HAND = 16
"""Series whose files may be open and whose frames are known at once."""
_TYPES = frozenset({"|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<f4", "<f8"})


@dataclass(frozen=True, slots=True)
class Room:
    """How much disk the cache may take: in all, and never the last ``spare`` bytes."""

    most: int = 20_000_000_000
    spare: int = 2_000_000_000


@dataclass(slots=True)
class _Entry:
    """Where one frame lies."""

    container: "_Container"
    place: int
    length: int
    shape: tuple[int, ...]
    dtype: str
    origin: str
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Container:
    """The file of one series; ``used`` orders them by when they were last asked for."""

    file: str
    study: str
    series: str
    used: float
    records: RecordFile
    keys: set[_Key] = field(default_factory=set)
    seal: Seal | None = None
    """Taken from the database when first needed."""
    end: int = 0
    known: bool = True
    """Whether its frames were read from the database; before, ``end`` is the size of the file."""
    writing: int = 0
    """Frames that have their place in it, and are on their way there."""


class DecodedStore:
    """Implements the viewer's KeptFrames; safe to call from several threads."""

    def __init__(
        self,
        folder: Path,
        database: Database,
        digest: Callable[[SopUid], str],
        *,
        room: Room | None = None,
    ) -> None:
        """Use a folder of its own; ``digest`` tells the SHA-256 of an original that is held."""
        self._folder = folder
        self._database = database
        self._digest = digest
        self._room = room or Room()
        self._keys = DataKeys(database)
        self._buffers = threading.local()
        self._log = Log("decoded")
        self._lock = threading.RLock()
        self._entries: dict[_Key, _Entry] = {}
        self._containers: dict[tuple[str, str], _Container] = {}
        self._at_hand: dict[str, _Container] = {}
        """By their files, those that were used last at the end."""
        self._begun = False
        self._unsaved: list[_Key] = []
        self._touched: set[str] = set()
        self._not_before = 0.0

    def digest(self, sop: SopUid) -> str:
        """SHA-256 of the original that is held now, or empty."""
        return self._tried(lambda: self._digest(sop), "")

    def has(self, ref: FrameRef, origin: str) -> bool:
        """Whether a frame of this origin is kept."""

        def has() -> bool:
            with self._lock:
                entry = self._found(ref)
            return entry is not None and entry.origin == origin

        return self._tried(has, otherwise=False)

    def get(self, ref: FrameRef, origin: str) -> Decoded | None:
        """The frame as it was kept; None when it is not, or is damaged, or of another origin."""

        def get() -> Decoded | None:
            entry = self._entry(ref, origin)
            return None if entry is None else self._read(ref, entry)

        return self._tried(get, None)

    def keep(self, ref: FrameRef, origin: str, decoded: Decoded) -> None:
        """Keep a frame if there is room."""
        if decoded.pixels.dtype.str in _TYPES and time.monotonic() >= self._not_before:
            self._tried(lambda: self._keep(ref, origin, decoded), None)

    def kept_of(self, study: str, series: str) -> tuple[FrameRef, ...]:
        """What is kept of a series."""

        def kept() -> tuple[FrameRef, ...]:
            with self._lock:
                container = self._known(study, series)
                keys = sorted(container.keys) if container is not None else []
            uids = StudyUid(study), SeriesUid(series)
            return tuple(FrameRef(*uids, SopUid(sop), frame) for sop, frame in keys)

        return self._tried(kept, ())

    def forget(self, study: str) -> None:
        """Remove all that is kept of a study, keys first; raises StoreError."""
        with self._lock:
            if not self._begun:
                self._begin()
            for container in [c for c in self._containers.values() if c.study == study]:
                self._remove(container)

    def flush(self) -> None:
        """Remember on disk what was kept."""
        with self._lock:
            self._tried(self._save, None)

    def close(self) -> None:
        """Remember what was kept; close every file."""
        self.flush()
        with self._lock:
            for container in self._containers.values():
                container.records.close()

    # -- inside ----------------------------------------------------------------------------------

    def _tried(self, act: Callable[[], T], otherwise: T) -> T:
        """What the disk or the database refuses is told to the log; nothing is kept for a while."""
        try:
            return act()
        except (OSError, StoreError, DamagedRecord) as error:
            self._not_before = time.monotonic() + 60
            self._log.error("decoded frames are not kept", error)
            return otherwise

    def _keep(self, ref: FrameRef, origin: str, decoded: Decoded) -> None:
        entry = self._reserved(ref, origin, decoded)
        if entry is None:
            return
        content = np.ascontiguousarray(decoded.pixels).data.cast("B")
        try:
            record = self._seal_of(entry.container).seal(content, _about(ref, origin))
            entry.container.records.write(entry.place, record)
            self._written((ref.sop, ref.frame), entry)
        except DamagedRecord:
            with self._lock:
                self._remove(entry.container)
        finally:
            with self._lock:
                entry.container.writing -= 1

    def _reserved(self, ref: FrameRef, origin: str, decoded: Decoded) -> _Entry | None:
        """A place for a frame; None when it is kept already or there is no room."""
        pixels = decoded.pixels
        length = pixels.nbytes + OVERHEAD
        with self._lock:
            if self._found(ref) is not None:
                return None
            container = self._container(ref)
            if not self._make_room(length, container):
                return None
            place = container.end
            container.end += length
            container.writing += 1
        return _Entry(
            container, place, length, pixels.shape, pixels.dtype.str, origin, decoded.notes
        )

    def _written(self, key: _Key, entry: _Entry) -> None:
        container = entry.container
        with self._lock:
            if self._containers.get((container.study, container.series)) is not container:
                container.records.remove()  # it was evicted meanwhile, and came back empty
                return
            self._add(key, entry)
            self._unsaved.append(key)
            if len(self._unsaved) >= _BATCH:
                self._save()

    def _entry(self, ref: FrameRef, origin: str) -> _Entry | None:
        with self._lock:
            entry = self._found(ref)
            if entry is None:
                return None
            if entry.origin != origin:
                self._drop((ref.sop, ref.frame))
                return None
            entry.container.used = time.time()
            self._touched.add(entry.container.file)
            return entry

    def _read(self, ref: FrameRef, entry: _Entry) -> Decoded | None:
        record = self._buffer(entry.length)
        try:
            entry.container.records.read_into(record, entry.place)
            content = self._seal_of(entry.container).open(record, _about(ref, entry.origin))
            pixels = np.frombuffer(content, entry.dtype).reshape(entry.shape)
        except (OSError, DamagedRecord, ValueError):
            self._log.warning("a kept frame was damaged and dropped", sop=ref.sop)
            with self._lock:
                self._drop((ref.sop, ref.frame))
            return None
        return Decoded(pixels, notes=entry.notes)

    def _seal_of(self, container: _Container) -> Seal:
        """The key of a file; raises DamagedRecord when it is gone."""
        with self._lock:
            if container.seal is None:
                container.seal = self._keys.of(container.file)
            return container.seal

    def _buffer(self, length: int) -> memoryview:
        """Memory for a record as it lies on the disk, used again by the same thread."""
        held: memoryview | None = getattr(self._buffers, "held", None)
        if held is None or len(held) < length:
            held = self._buffers.held = np.empty(length, np.uint8).data
        return held[:length]

    def _found(self, ref: FrameRef) -> _Entry | None:
        """Where a frame lies."""
        self._known(ref.study, ref.series)
        return self._entries.get((ref.sop, ref.frame))

    def _known(self, study: str, series: str) -> _Container | None:
        """The file of a series with its frames, read from the database when first asked for."""
        if not self._begun:
            self._begin()
        container = self._containers.get((study, series))
        if container is not None and not container.known:
            rows = self._database.read(
                "SELECT sop, frame, place, length, shape, dtype, origin, notes "
                "FROM decoded_frame WHERE file = ?",
                (container.file,),
            )
            container.known, container.end = True, 0
            for row in rows:
                self._load_entry(container, row)
        if container is not None:
            self._take_up(container)
        return container

    def _take_up(self, container: _Container) -> None:
        """It is used now; the one that was not for the longest is put away."""
        self._at_hand.pop(container.file, None)
        self._at_hand[container.file] = container
        container.records.keep_open()
        if len(self._at_hand) > _AT_HAND:
            old = next((c for c in self._at_hand.values() if not c.writing), container)
            if old is not container:
                self._put_away(old)

    def _put_away(self, container: _Container) -> None:
        """Close its file, and forget where its frames lie until they are asked for again."""
        if any(key in container.keys for key in self._unsaved):
            self._save()
        for key in container.keys:
            self._entries.pop(key, None)
        container.keys.clear()
        container.known = False
        container.records.close()
        del self._at_hand[container.file]

    def _begin(self) -> None:
        """Learn which series are kept; remove files that nobody knows."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for row in self._database.read(
            "SELECT file, study, series, used FROM decoded_series ORDER BY used"
        ):
            self._load_container(row)
        sizes = {c.file: c for c in self._containers.values()}
        for file in self._folder.iterdir():
            if file.name in sizes:
                sizes[file.name].end = file.stat().st_size
            else:
                file.unlink()
        self._begun = True

    def _load_container(self, row: Row) -> None:
        file, study, series = (str(value) for value in row[:3])
        records = RecordFile(self._folder / file)
        container = _Container(file, study, series, float(str(row[3])), records, known=False)
        self._containers[study, series] = container

    def _load_entry(self, container: _Container, row: Row) -> None:
        sop, frame, place, length, shape, dtype, origin, notes = row
        if dtype in _TYPES:
            entry = _Entry(
                container, _number(place), _number(length), _parsed(shape), str(dtype),
                str(origin), _parsed(notes),
            )  # fmt: skip
            self._add((str(sop), _number(frame)), entry)

    def _add(self, key: _Key, entry: _Entry) -> None:
        self._entries[key] = entry
        entry.container.keys.add(key)
        entry.container.end = max(entry.container.end, entry.place + entry.length)

    def _container(self, ref: FrameRef) -> _Container:
        found = self._containers.get((ref.study, ref.series))
        if found is None:
            name = secrets.token_hex(16)
            with self._database.transaction() as change:
                seal = self._keys.create(name, change)
                change.write(
                    "INSERT INTO decoded_series (file, study, series, used) VALUES (?, ?, ?, ?)",
                    (name, ref.study, ref.series, time.time()),
                )
            records = RecordFile(self._folder / name)
            found = _Container(name, ref.study, ref.series, time.time(), records, seal=seal)
            self._containers[ref.study, ref.series] = found
            self._take_up(found)
        found.used = time.time()
        return found

    def _make_room(self, length: int, container: _Container) -> bool:
        """Remove the series that was not asked for the longest, until the frame fits."""
        while True:
            taken = sum(c.end for c in self._containers.values())
            free = shutil.disk_usage(self._folder).free
            if taken + length <= self._room.most and free - length >= self._room.spare:
                return True
            others = [c for c in self._containers.values() if c is not container and c.end]
            if not others:
                return False
            self._remove(min(others, key=lambda c: c.used))

    def _drop(self, key: _Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        entry.container.keys.discard(key)
        with self._database.transaction() as change:
            change.write("DELETE FROM decoded_frame WHERE sop = ? AND frame = ?", key)

    def _remove(self, container: _Container) -> None:
        for key in container.keys:
            self._entries.pop(key, None)
        self._unsaved = [key for key in self._unsaved if key not in container.keys]
        self._containers.pop((container.study, container.series), None)
        self._at_hand.pop(container.file, None)
        with self._database.transaction() as change:
            change.write("DELETE FROM decoded_frame WHERE file = ?", (container.file,))
            change.write("DELETE FROM decoded_series WHERE file = ?", (container.file,))
            self._keys.shred(container.file, change)
        container.records.remove()

    def _save(self) -> None:
        if not self._unsaved and not self._touched:
            return
        entries = self._entries
        rows = [(key, entries[key]) for key in self._unsaved if key in entries]
        used = {c.file: c.used for c in self._containers.values()}
        with self._database.transaction() as change:
            for (sop, frame), entry in rows:
                change.write(
                    "INSERT OR REPLACE INTO decoded_frame (sop, frame, file, place, length, shape, "
                    "dtype, origin, notes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        sop, frame, entry.container.file, entry.place, entry.length,
                        json.dumps(entry.shape), entry.dtype, entry.origin,
                        json.dumps(entry.notes),
                    ),
                )  # fmt: skip
            for file in self._touched & used.keys():
                change.write(
                    "UPDATE decoded_series SET used = ? WHERE file = ?", (used[file], file)
                )
        self._unsaved.clear()
        self._touched.clear()


@lru_cache(maxsize=256)
def _parsed(text: object) -> tuple[Any, ...]:
    """Numbers or words of a list; most frames of a series have the same."""
    return tuple(json.loads(str(text)))


def _number(value: object) -> int:
    return value if isinstance(value, int) else int(str(value))


def _about(ref: FrameRef, origin: str) -> bytes:
    return os.fsencode(f"{ref.study}\0{ref.series}\0{ref.sop}\0{ref.frame}\0{origin}")
