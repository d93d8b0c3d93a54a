"""Images from a medium, a folder or files, read by the path of those of a case, kept nowhere."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.loading.folder import FolderSource
from viewer.loading.media import find_files
from viewer.model.split import SplitRules
from viewer.model.study import Study
from workstation.model.left_out import LeftOut
from workstation.session.loading import LoadedStudy, StudyLoader

_TELL_EVERY = 25


@dataclass(frozen=True, slots=True)
class FromDisk:
    """What was found: studies of each patient beside each other, newest first."""

    studies: tuple[LoadedStudy, ...]
    left_out: tuple[LeftOut, ...]
    by_directory: bool
    """Whether a DICOMDIR said which files they are."""

    def priors_of(self, chosen: LoadedStudy) -> tuple[LoadedStudy, ...]:
        """Earlier studies of the same patient: same ID and name, and none without an ID."""
        who, when = _who(chosen.study), _when(chosen.study)
        if not who[0]:
            return ()
        return tuple(
            one
            for one in self.studies
            if one is not chosen and _who(one.study) == who and _when(one.study) <= when
        )


def read_from_disk(
    paths: Sequence[Path],
    source: FolderSource,
    rules: SplitRules,
    *,
    cancelled: Callable[[], bool],
    tell: Callable[[int, int], None],
) -> FromDisk:
    """Read the headers of everything behind ``paths``; slow, for another thread.

    ``tell`` hears how many files were read and how many there are. What was read until
    ``cancelled`` is given.
    """
    medium = find_files(paths, cancelled)

    def watched() -> Iterator[Path]:
        for number, file in enumerate(medium.files):
            if cancelled():
                return
            if number % _TELL_EVERY == 0:
                tell(number, len(medium.files))
            yield file

    scan = source.scan(watched())
    loader = StudyLoader(source, rules)
    loaded = [loader.load(study.uid) for study in scan.studies if not cancelled()]
    found = [replace(one, left_out=()) for one in loaded if one is not None]
    left_out = [LeftOut(str(one.file), one.reason) for one in (*medium.rejected, *scan.rejected)]
    left_out += [each for one in loaded if one is not None for each in one.left_out]
    found.sort(key=lambda one: _when(one.study), reverse=True)
    newest: dict[tuple[str, str], int] = {}
    for number, one in enumerate(found):
        newest.setdefault(_who(one.study), number)
    found.sort(key=lambda one: newest[_who(one.study)])
    return FromDisk(tuple(found), tuple(left_out), medium.by_directory)


def _who(study: Study) -> tuple[str, str]:
    patient = study.patient
    return patient.id.strip().casefold(), patient.name.strip().casefold()


def _when(study: Study) -> tuple[str, str]:
    return study.date, study.time
