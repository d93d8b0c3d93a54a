"""Turns what the store holds of a study into display sets, again and again as more arrives."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Protocol

from viewer.errors import MissingInstance, ViewerError
from viewer.loading.alike import Alike
from viewer.loading.bare import without_pixels
from viewer.loading.headers import HeaderRead, assemble, read_header
from viewer.loading.key_objects import is_key_objects, read_key_objects
from viewer.loading.presentation_state import is_presentation_state, read_presentation_state
from viewer.loading.registration import is_registration, read_registration
from viewer.loading.source import InstanceSource
from viewer.model.display_set import DisplaySet
from viewer.model.key_objects import KeyObjects
from viewer.model.presentation_state import PresentationState
from viewer.model.refs import SeriesUid, SopUid, StudyUid
from viewer.model.registration import Registration
from viewer.model.split import SplitRules, split
from viewer.model.study import Study
from workstation.model.left_out import LeftOut


@dataclass(frozen=True, slots=True)
class LoadedStudy:
    """A study as far as it is here, and what of it cannot be shown."""

    study: Study
    sets: Mapping[SeriesUid, tuple[DisplaySet, ...]]
    left_out: tuple[LeftOut, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """Why each of these is not shown."""
        return tuple(one.why for one in self.left_out)


class EarlierHeaders(Protocol):
    """Keeps what was read of headers; gives it only while the originals are the same."""

    def of(self, study: StudyUid) -> Mapping[SopUid, HeaderRead]:
        """What is kept of a study."""
        ...

    def keep(self, study: StudyUid, reads: Mapping[SopUid, HeaderRead]) -> None:
        """Keep some of a study's."""
        ...


@dataclass(slots=True)
class StudyLoader:
    """Reads headers once per instance. Used from one thread at a time, off the GUI thread."""

    source: InstanceSource
    rules: SplitRules
    headers: EarlierHeaders | None = None
    arrived: Callable[[StudyUid], bool] = lambda _study: True
    """Whether everything of a study is here."""
    _reads: dict[StudyUid, dict[SopUid, HeaderRead]] = field(default_factory=dict)
    _problems: dict[StudyUid, dict[SopUid, str]] = field(default_factory=dict)
    _alike: Alike = field(default_factory=Alike)
    _states: dict[StudyUid, dict[SopUid, PresentationState]] = field(default_factory=dict)
    _refused: dict[StudyUid, dict[SopUid, str]] = field(default_factory=dict)
    _keys: dict[StudyUid, dict[SopUid, KeyObjects]] = field(default_factory=dict)
    _unread_keys: dict[StudyUid, dict[SopUid, str]] = field(default_factory=dict)
    _registrations: dict[StudyUid, dict[SopUid, Registration]] = field(default_factory=dict)
    _unapplied: dict[StudyUid, dict[SopUid, str]] = field(default_factory=dict)

    def load(self, uid: StudyUid) -> LoadedStudy | None:
        """Give the study as it is now; None while nothing of it can be read."""
        reads = self._reads.setdefault(uid, {})
        problems = self._problems.setdefault(uid, {})
        gone: dict[SopUid, str] = {}
        wanted = [s for s in self.source.sops(uid) if s not in reads and s not in problems]
        kept = self.headers.of(uid) if self.headers is not None and wanted else {}
        fresh: dict[SopUid, HeaderRead] = {}
        for sop in wanted:
            try:
                reads[sop] = kept.get(sop) or self._read(uid, sop, fresh)
            except MissingInstance as error:  # it can be fetched again, so it is looked for again
                gone[sop] = str(error)
            except ViewerError as error:
                problems[sop] = str(error)
            except (RecursionError, MemoryError):
                problems[sop] = "Reading its header needs more than is allowed."
        if self.headers is not None and fresh:
            self.headers.keep(uid, fresh)
        complete = self.arrived(uid) and not gone
        studies = [s for s in assemble(reads.values(), complete=complete) if s.uid == uid]
        if not studies:
            return None
        study = replace(
            studies[0],
            presentation_states=tuple(self._states.get(uid, {}).values()),
            refused_states=tuple(self._refused.get(uid, {}).values()),
            key_objects=tuple(self._keys.get(uid, {}).values()),
            registrations=tuple(self._registrations.get(uid, {}).values()),
        )
        sets = {series.uid: split(series, self.rules) for series in study.series}
        told = (
            ("Image", problems),
            ("Presentation state", self._refused.get(uid, {})),
            ("Key object selection", self._unread_keys.get(uid, {})),
            ("Registration", self._unapplied.get(uid, {})),
        )
        left_out = [
            LeftOut(f"{kind} {sop}", why, sop, uid)
            for kind, found in (*told, ("Image", gone))
            for sop, why in found.items()
        ]
        return LoadedStudy(study, sets, tuple(left_out))

    def _read(self, uid: StudyUid, sop: SopUid, fresh: dict[SopUid, HeaderRead]) -> HeaderRead:
        """Read an original; ``fresh`` takes what need not be read from it again."""
        with self.source.open(sop) as data:
            read = read_header(data, name=str(sop), alike=self._alike)
            if is_presentation_state(read.instance.sop_class):
                self._read_state(uid, sop, data)
            elif is_key_objects(read.instance.sop_class):
                self._read_keys(uid, sop, data)
            elif is_registration(read.instance.sop_class):
                self._read_registration(uid, sop, data)
            else:
                fresh[sop] = read
        return read

    def _read_state(self, uid: StudyUid, sop: SopUid, data: BinaryIO) -> None:
        """Read a presentation state; one that cannot be applied still stands in the series list."""
        data.seek(0)
        try:
            state = read_presentation_state(data, name=str(sop))
        except ViewerError as error:
            self._refused.setdefault(uid, {})[sop] = error.sentence
        else:
            self._states.setdefault(uid, {})[sop] = state

    def _read_keys(self, uid: StudyUid, sop: SopUid, data: BinaryIO) -> None:
        """Read which images a selection names; one that is damaged still stands in the list."""
        data.seek(0)
        try:
            keys = read_key_objects(data, name=str(sop))
        except ViewerError as error:
            told = f"The images that it points out are not marked: {error.sentence}"
            self._unread_keys.setdefault(uid, {})[sop] = told
        else:
            self._keys.setdefault(uid, {})[sop] = keys

    def _read_registration(self, uid: StudyUid, sop: SopUid, data: BinaryIO) -> None:
        """Read where frames of reference lie; what is not rigid aligns nothing."""
        data.seek(0)
        try:
            registration = read_registration(data, name=str(sop))
        except ViewerError as error:
            self._unapplied.setdefault(uid, {})[sop] = error.sentence
        else:
            self._registrations.setdefault(uid, {})[sop] = registration

    def header_of(self, loaded: LoadedStudy) -> bytes:
        """Give one file of the study without pixel data; empty when none can be read now."""
        for series in loaded.study.series:
            for instance in series.instances:
                sop = instance.ref.sop
                try:
                    with self.source.open(sop) as data:
                        return without_pixels(data, name=str(sop))
                except ViewerError:
                    continue
        return b""


def identify(data: bytes) -> tuple[str, str, str, str]:
    """Give study, series and SOP Instance UID and patient ID that an instance itself names.

    Raises ViewerError when the bytes are no readable DICOM object.
    """
    read = read_header(io.BytesIO(data), name="a received instance")
    ref = read.instance.ref
    return ref.study, ref.series, ref.sop, read.study.patient.id
