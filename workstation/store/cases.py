"""The case store: received instances, sealed on disk, and the remembered worklist."""

import errno
import hashlib
import io
import shutil
from collections.abc import Mapping, Sequence
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
from workstation.store.pixels import Containers, Spot
from workstation.store.sealing import MOST_CONTENT, DamagedRecord


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
        self._log = Log("store")
        try:
            self._containers = Containers(folder, database)
        except OSError as error:
            raise self._unwritable(error) from error

    def put(self, study: str, series: str, sop: str, data: bytes) -> None:
        """Keep one instance, sealed; returns once file and manifest are on disk.

        The same bytes again change nothing; other bytes under the same UID are refused.
        Raises DiskFull, StoreUnwritable, StoreError.
        """
        refused = self.put_all(study, series, ((sop, data),))
        if refused:
            raise StoreError(refused[sop])

    def put_all(
        self, study: str, series: str, images: Sequence[tuple[str, bytes]]
    ) -> dict[str, str]:
        """Keep instances of one series with one write to the disk; all of them, or none on errors.

        Gives why single ones are not taken, by SOP Instance UID. Raises DiskFull,
        StoreUnwritable, StoreError.
        """
        refused: dict[str, str] = {}
        fresh: dict[str, tuple[bytes, str]] = {}
        for sop, data in images:
            digest = hashlib.sha256(data).hexdigest()
            known = fresh[sop][1] if sop in fresh else self.digest(SopUid(sop))
            if known:
                if known != digest:
                    refused[sop] = _other(sop)
            elif len(data) > MOST_CONTENT:
                refused[sop] = f"Image {sop} is larger than 2 GiB; it is not taken."
            else:
                fresh[sop] = data, digest
        if fresh:
            refused |= self._keep(study, series, fresh)
        return refused

    def _keep(
        self, study: str, series: str, fresh: Mapping[str, tuple[bytes, str]]
    ) -> dict[str, str]:
        spots = self._append(study, series, [(sop, data) for sop, (data, _) in fresh.items()])
        late: dict[str, str] = {}
        try:
            with self._database.transaction() as change:
                for (sop, (data, digest)), spot in zip(fresh.items(), spots, strict=True):
                    kept = change.write(
                        "INSERT INTO instance "
                        "(sop, study, series, file, place, length, size, sha256) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sop) DO NOTHING",
                        (sop, study, series, spot.file, spot.place, spot.length, len(data), digest),
                    )
                    if not kept:
                        late[sop] = digest
        except StoreError:
            self._containers.undo(spots)
            raise
        if len(late) == len(fresh):  # another download brought them meanwhile
            self._containers.undo(spots)
        return {
            sop: _other(sop) for sop, digest in late.items() if self.digest(SopUid(sop)) != digest
        }

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
        """Give one instance, decrypted in memory and proven whole; raises MissingInstance.

        The row of a record that is damaged, gone or on a bad sector is dropped, so that it is
        fetched again; what only cannot be read now stays.
        """
        rows = self._database.read(
            "SELECT study, series, file, place, length FROM instance WHERE sop = ?", (sop,)
        )
        if not rows:
            raise MissingInstance("This image is not on this computer yet.", where=str(sop))
        study, series, file, place, length = rows[0]
        spot = Spot(str(file), _number(place), _number(length))
        try:
            data = self._containers.read(spot, _about(str(study), str(series), sop))
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
        except DamagedRecord as error:
            self._drop(sop)
            raise MissingInstance(
                "This image was damaged on the disk; download the case again.", where=str(sop)
            ) from error
        return io.BytesIO(data)

    def digest(self, sop: SopUid) -> str:
        """SHA-256 of an instance that is held; empty when it is not."""
        rows = self._database.read("SELECT sha256 FROM instance WHERE sop = ?", (sop,))
        return str(rows[0][0]) if rows else ""

    def digests(self, study: StudyUid) -> dict[SopUid, str]:
        """SHA-256 of every instance that is held of a study."""
        rows = self._database.read("SELECT sop, sha256 FROM instance WHERE study = ?", (study,))
        return {SopUid(str(sop)): str(digest) for sop, digest in rows}

    def sizes(self) -> dict[str, int]:
        """Bytes on the disk of each study that is held."""
        found: dict[str, int] = {}
        for study, file in self._database.read("SELECT study, file FROM container"):
            found[str(study)] = found.get(str(study), 0) + self._containers.size(str(file))
        return found

    def free_bytes(self) -> int:
        """What the disk has left."""
        return shutil.disk_usage(self._folder).free

    def shred(self, studies: Sequence[str]) -> None:
        """Remove studies for good: first their keys, on the disk, then their files (S12)."""
        files: list[str] = []
        with self._database.transaction() as change:
            for study in studies:
                rows = change.read("SELECT file FROM container WHERE study = ?", (study,))
                for table in ("instance", "container", "expected", "study_use", "case_study"):
                    change.write(f"DELETE FROM {table} WHERE study = ?", (study,))  # noqa: S608 - constants
                for (file,) in rows:
                    self._containers.forget_key(str(file), change)
                    files.append(str(file))
        self._database.forget_deleted()
        for file in files:
            self._containers.remove(file)

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

    def _append(
        self, study: str, series: str, images: Sequence[tuple[str, bytes]]
    ) -> tuple[Spot, ...]:
        try:
            return self._containers.append(
                study, series, [(_about(study, series, sop), data) for sop, data in images]
            )
        except OSError as error:
            raise self._unwritable(error) from error
        except DamagedRecord as error:
            raise StoreError(
                "The key of this series is damaged in the store; remove the case and fetch it anew."
            ) from error

    def _unwritable(self, error: OSError) -> StoreError:
        if error.errno == errno.ENOSPC:
            return DiskFull(
                f"The disk of {self._folder.parent} is full: free some space, then go on."
            )
        return StoreUnwritable(
            f"The store's folder {self._folder} cannot be written: {error.strerror}."
        )

    def _drop(self, sop: str) -> None:
        self._log.warning("an instance was dropped", sop=sop)
        with self._database.transaction() as change:
            change.write("DELETE FROM instance WHERE sop = ?", (sop,))


def _other(sop: str) -> str:
    return f"Image {sop} arrived again with other content; the first is kept."


def _about(study: str, series: str, sop: str) -> bytes:
    """What a record is sealed with: form, study, series and the instance itself."""
    return "\0".join(("image 1", study, series, sop)).encode("utf-8", "surrogatepass")


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise StoreError("The store holds a number that is none.")
    return value
