"""The case store: received instances on disk, verified when read, and the remembered worklist."""

import contextlib
import errno
import hashlib
import io
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from viewer.errors import MissingInstance
from viewer.model.refs import SopUid, StudyUid
from workstation.errors import DiskFull, StoreError, StoreUnwritable
from workstation.logs import Log
from workstation.model.case import Case
from workstation.store.codec import CodecError, decode, encode
from workstation.store.database import Database
from workstation.store.sealing import Checksums


@dataclass(frozen=True, slots=True)
class Readiness:
    """Instances of a study that are held, and how many there should be (0: unknown)."""

    held: int
    expected: int

    @property
    def complete(self) -> bool:
        """Whether nothing is known to be missing."""
        return self.held >= self.expected


class CaseStore:
    """Implements the viewer's InstanceSource. File names are random, never UIDs (R24)."""

    def __init__(self, folder: Path, database: Database) -> None:
        """Use a folder of this store alone; leftovers of an interrupted write are removed."""
        self._folder = folder
        self._database = database
        self._sums = Checksums()
        self._log = Log("store")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for part in folder.glob("*.part"):
                part.unlink()
        except OSError as error:
            raise StoreUnwritable(
                f"The store's folder {folder} cannot be written: {error.strerror}."
            ) from error

    def put(self, study: str, series: str, sop: str, data: bytes) -> None:
        """Keep one instance; returns once file and manifest are on disk.

        The same bytes again change nothing; other bytes under the same UID are refused.
        Raises DiskFull, StoreUnwritable, StoreError.
        """
        digest = hashlib.sha256(data).hexdigest()
        if self._is_held(sop, digest):
            return
        name = secrets.token_hex(16)
        checksum = self._sums.of(data, _about(sop))
        self._write(name, data)
        try:
            with self._database.transaction() as change:
                kept = change.write(
                    "INSERT INTO instance (sop, study, series, file, size, sha256, checksum) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sop) DO NOTHING",
                    (sop, study, series, name, len(data), digest, checksum),
                )
        except StoreError:
            self._remove(name)
            raise
        if not kept:  # another download brought it between the question and the answer
            self._remove(name)
            self._is_held(sop, digest)

    def expect(self, study: str, instances: int) -> None:
        """Remember how many instances a study has on the platform."""
        with self._database.transaction() as change:
            change.write(
                "INSERT INTO expected (study, instances) VALUES (?, ?) "
                "ON CONFLICT (study) DO UPDATE SET instances = excluded.instances",
                (study, instances),
            )

    def readiness(self, study: str) -> Readiness:
        """What is held of a study."""
        held = self._database.read("SELECT count(*) FROM instance WHERE study = ?", (study,))
        known = self._database.read("SELECT instances FROM expected WHERE study = ?", (study,))
        return Readiness(_number(held[0][0]), _number(known[0][0]) if known else 0)

    def held(self, study: str) -> frozenset[str]:
        """SOP Instance UIDs held of a study."""
        return frozenset(str(sop) for sop in self.sops(StudyUid(study)))

    def sops(self, study: StudyUid) -> Sequence[SopUid]:
        """Instances of a study in the order in which they arrived."""
        rows = self._database.read(
            "SELECT sop FROM instance WHERE study = ? ORDER BY rowid", (study,)
        )
        return tuple(SopUid(str(row[0])) for row in rows)

    def open(self, sop: SopUid) -> BinaryIO:
        """Give one instance, its digest checked; raises MissingInstance.

        The row of a file that is damaged (it is set aside), gone or on a bad sector is dropped, so
        that it is fetched again; what only cannot be read now stays.
        """
        rows = self._database.read(
            "SELECT file, sha256, checksum FROM instance WHERE sop = ?", (sop,)
        )
        if not rows:
            raise MissingInstance("This image is not on this computer yet.", where=str(sop))
        file = self._folder / str(rows[0][0])
        try:
            data = file.read_bytes()
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EIO):
                raise MissingInstance(
                    f"This image cannot be read from the disk now: {error.strerror}.",
                    where=str(sop),
                ) from error
            self._drop(sop)
            raise MissingInstance(
                "This image cannot be read from the disk; download the case again.",
                where=str(sop),
            ) from error
        if not self._is_whole(sop, data, *rows[0][1:]):
            self._drop(sop)
            with contextlib.suppress(OSError):
                file.rename(file.with_suffix(".damaged"))
            raise MissingInstance(
                "This image was damaged on the disk; download the case again.", where=str(sop)
            )
        return io.BytesIO(data)

    def digest(self, sop: SopUid) -> str:
        """SHA-256 of an instance that is held; empty when it is not."""
        rows = self._database.read("SELECT sha256 FROM instance WHERE sop = ?", (sop,))
        return str(rows[0][0]) if rows else ""

    def digests(self, study: StudyUid) -> dict[SopUid, str]:
        """SHA-256 of every instance that is held of a study."""
        rows = self._database.read("SELECT sop, sha256 FROM instance WHERE study = ?", (study,))
        return {SopUid(str(sop)): str(digest) for sop, digest in rows}

    def remember(self, cases: Sequence[Case]) -> None:
        """Keep the worklist for the time without network."""
        with self._database.transaction() as change:
            change.write("DELETE FROM worklist")
            for position, case in enumerate(cases):
                change.write(
                    "INSERT INTO worklist (position, entry) VALUES (?, ?)",
                    (position, encode(case)),
                )

    def remembered(self) -> tuple[Case, ...]:
        """The worklist as last kept; entries of an older form are left out."""
        found: list[Case] = []
        for (entry,) in self._database.read("SELECT entry FROM worklist ORDER BY position"):
            try:
                found.append(decode(Case, str(entry)))
            except CodecError:
                self._log.warning("a remembered case has an older form")
        return tuple(found)

    def _write(self, name: str, data: bytes) -> None:
        part = self._folder / f"{name}.part"
        try:
            with part.open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            part.rename(self._folder / name)
            self._sync_folder()
        except OSError as error:
            self._remove(part.name)
            self._remove(name)
            if error.errno == errno.ENOSPC:
                raise DiskFull(
                    f"The disk of {self._folder.parent} is full: free some space, then go on."
                ) from error
            raise StoreUnwritable(
                f"The store's folder {self._folder} cannot be written: {error.strerror}."
            ) from error

    def _is_held(self, sop: str, digest: str) -> bool:
        known = self._database.read("SELECT sha256 FROM instance WHERE sop = ?", (sop,))
        if known and known[0][0] != digest:
            raise StoreError(f"Image {sop} arrived again with other content; the first is kept.")
        return bool(known)

    def _is_whole(self, sop: str, data: bytes, digest: object, checksum: object) -> bool:
        """Whether the bytes are those that were put; the checksum tells it faster."""
        if isinstance(checksum, bytes):
            return self._sums.fits(checksum, data, _about(sop))
        return hashlib.sha256(data).hexdigest() == digest

    def _remove(self, name: str) -> None:
        with contextlib.suppress(OSError):
            (self._folder / name).unlink()

    def _sync_folder(self) -> None:
        if os.name != "posix":  # elsewhere a folder cannot be opened, and need not be
            return
        directory = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _drop(self, sop: str) -> None:
        self._log.warning("an instance was dropped", sop=sop)
        with self._database.transaction() as change:
            change.write("DELETE FROM instance WHERE sop = ?", (sop,))


def _about(sop: str) -> bytes:
    return sop.encode("utf-8", "surrogateescape")


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise StoreError("The store holds a number that is none.")
    return value
