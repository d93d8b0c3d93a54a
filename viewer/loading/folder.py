"""Files and folders on disk as a source of instances, with a reason for each file left out."""

import hashlib
import io
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from viewer.errors import MissingInstance, ViewerError
from viewer.loading.alike import Alike
from viewer.loading.headers import HeaderRead, assemble, read_header
from viewer.loading.outline import load_compiled_walk
from viewer.loading.source import InstanceSource
from viewer.model.refs import SopUid, StudyUid
from viewer.model.study import Study

_MANY = 500
"""Files from which on it pays to load the compiled walk."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that gave no instance, and why, as a sentence."""

    file: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found on disk."""

    studies: tuple[Study, ...]
    rejected: tuple[Rejected, ...]


class FolderSource(InstanceSource):
    """Instances found in files; ``scan`` fills it."""

    def __init__(self) -> None:
        """Hold nothing until something is scanned."""
        self._files: dict[SopUid, Path] = {}
        self._reads: dict[SopUid, HeaderRead] = {}
        self._alike = Alike()

    def scan(self, paths: Iterable[Path]) -> Scan:
        """Read the header of every file under ``paths``; what was scanned before is kept.

        Of files with one SOP Instance UID the first is kept: equal bytes silently, others with a
        reason.
        """
        rejected: list[Rejected] = []
        for number, file in enumerate(_files(paths, rejected)):
            if number == _MANY:
                load_compiled_walk()
            reason = self._take(file)
            if reason:
                rejected.append(Rejected(file, reason))
        return Scan(assemble(self._reads.values()), tuple(rejected))

    def sops(self, study: StudyUid) -> Sequence[SopUid]:
        """Instances of a study in the order in which they were found."""
        return tuple(sop for sop, read in self._reads.items() if read.study.uid == study)

    def open(self, sop: SopUid) -> BinaryIO:
        """Open the file of an instance; MissingInstance when it was not found or is gone."""
        try:
            return self._files[sop].open("rb")
        except (KeyError, OSError) as error:
            raise MissingInstance("The file of this image is not there.", where=sop) from error

    def _take(self, file: Path) -> str:
        """Read one file; give the reason when it is left out."""
        try:
            if not stat.S_ISREG(file.stat().st_mode):
                return "It is not a regular file."
            with io.FileIO(file) as data:
                read = read_header(data, name=str(file), alike=self._alike)
        except ViewerError as error:
            return error.sentence
        except OSError as error:
            return f"The file cannot be read: {error.strerror or type(error).__name__}."
        except (RecursionError, MemoryError):
            return "Reading the header of this file needs more than is allowed."
        sop = read.instance.ref.sop
        known = self._files.setdefault(sop, file)
        if known == file:
            self._reads[sop] = read
            return ""
        if _digest(known) == _digest(file):
            return ""
        return f"It has the SOP Instance UID of {known.name}, but other content."


def _files(paths: Iterable[Path], rejected: list[Rejected]) -> Iterator[Path]:
    """Files in a steady order; folders that are not entered go into ``rejected``."""

    def closed(error: OSError) -> None:
        reason = f"The folder cannot be read: {error.strerror or type(error).__name__}."
        rejected.append(Rejected(Path(error.filename or ""), reason))

    for path in paths:
        if not path.is_dir():
            yield path
            continue
        for folder, folders, names in os.walk(path, onerror=closed):
            folders.sort()
            links = [Path(folder, name) for name in folders if Path(folder, name).is_symlink()]
            rejected += [Rejected(link, "Links to folders are not followed.") for link in links]
            yield from (Path(folder, name) for name in sorted(names))


def _digest(file: Path) -> bytes:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").digest()
