"""Files and folders on disk as a source of instances, with a reason for each file left out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from viewer.errors import MissingInstance
from viewer.loading.source import InstanceSource
from viewer.model.refs import SopUid, StudyUid
from viewer.model.study import Study


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
        self._studies: dict[StudyUid, list[SopUid]] = {}

    def scan(self, paths: Iterable[Path]) -> Scan:
        """Read every file under ``paths``; what was scanned before is kept."""
        return Scan((), ())

    def sops(self, study: StudyUid) -> Sequence[SopUid]:
        """Instances of a study in the order in which they were found."""
        return tuple(self._studies.get(study, ()))

    def open(self, sop: SopUid) -> BinaryIO:
        """Open the file of an instance; MissingInstance when it was not found or is gone."""
        try:
            return self._files[sop].open("rb")
        except (KeyError, OSError) as error:
            raise MissingInstance("The file of this image is not there.", where=sop) from error
