"""Fetches what is missing of a case: its study, then its priors, instance by instance."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from viewer.errors import ViewerError
from workstation.errors import BadAnswer, Cancelled, Refused, UserFacingError
from workstation.model.case import Case, StudyOnPlatform
from workstation.model.left_out import LeftOut
from workstation.platform.client import InstanceBlob, PlatformClient
from workstation.store.cases import CaseStore

Identify = Callable[[bytes], tuple[str, str, str, str]]
"""Study, series, SOP Instance UID and patient ID that the bytes name; may raise ViewerError."""

_OF_ANY = (BadAnswer,)
"""Faults of single images; the others and the priors still come."""
_OF_PRIOR = (Refused, BadAnswer)


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far a case is: instances of all its studies, rate, and an estimate of the rest."""

    study: str
    held: int
    expected: int
    bytes_per_second: float
    seconds_left: float | None


class Download:
    """Resumable at every instance: what is in the store is never fetched again."""

    def __init__(
        self,
        platform: PlatformClient,
        store: CaseStore,
        *,
        identify: Identify,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the parts; nothing runs yet."""
        self._platform = platform
        self._store = store
        self._identify = identify
        self._monotonic = monotonic

    def run(
        self,
        case: Case,
        progress: Callable[[DownloadProgress], None],
        stop: Callable[[], bool],
    ) -> tuple[LeftOut, ...]:
        """Fetch the case; blocks. Gives what was not taken.

        An image or a prior that the platform does not give keeps nothing else away. Raises
        Cancelled when ``stop()``, UserFacingError when the case may not be downloaded, and what
        platform and store raise.
        """
        blocked = next((b.why for b in case.blocks if b.stops_download), "")
        if blocked:
            raise UserFacingError(blocked)
        problems: list[LeftOut] = []
        wanted: dict[str, dict[str, str]] = {}
        for study in (case.study, *case.priors):
            with _tolerated(study, problems, () if study is case.study else _OF_PRIOR):
                wanted[study.identity.uid] = self._wanted(study, stop)
        meter = _Meter(self._monotonic, sum(len(w) for w in wanted.values()))
        meter.held = sum(len(self._store.held(uid) & sops.keys()) for uid, sops in wanted.items())
        for study in (case.study, *case.priors):
            uid = study.identity.uid
            if wanted.get(uid, {}).keys() - self._store.held(uid):
                progress(meter.reading(uid))
                with _tolerated(study, problems, _OF_ANY if study is case.study else _OF_PRIOR):
                    self._fetch(case, study, wanted[uid], meter, progress, problems, stop)
        return tuple(problems)

    def _wanted(self, study: StudyOnPlatform, stop: Callable[[], bool]) -> dict[str, str]:
        if stop():
            raise Cancelled("The download was stopped.")
        listed = {sop: series for series, sop in self._platform.instance_uids(study)}
        self._store.expect(study.identity.uid, len(listed))
        return listed

    def _fetch(
        self,
        case: Case,
        study: StudyOnPlatform,
        wanted: dict[str, str],
        meter: "_Meter",
        progress: Callable[[DownloadProgress], None],
        problems: list[LeftOut],
        stop: Callable[[], bool],
    ) -> None:
        uid = study.identity.uid
        if self._take_all(case, study, wanted, meter, progress, problems, stop):
            # what stood under another's name kept that other away
            self._take_all(case, study, wanted, meter, progress, problems, stop)
        missing = len(wanted.keys() - self._store.held(uid))
        if missing and not problems:
            problems.append(
                LeftOut(
                    f"Study {study.identity.description}",
                    f"{missing} of {len(wanted)} images did not arrive; "
                    "open the case again to fetch them.",
                    study=uid,
                )
            )

    def _take_all(
        self,
        case: Case,
        study: StudyOnPlatform,
        wanted: dict[str, str],
        meter: "_Meter",
        progress: Callable[[DownloadProgress], None],
        problems: list[LeftOut],
        stop: Callable[[], bool],
    ) -> bool:
        """Store what the platform gives; whether some came under the name of another."""
        uid = study.identity.uid
        misnamed = False
        with _Batch(self._store, uid, meter, problems, self._monotonic) as batch:
            for blob in self._platform.fetch_instances(
                study, have=self._store.held(uid), stop=stop
            ):
                sop, why = self._named(case, uid, wanted, blob)
                if why:
                    problems.append(_image(uid, sop, f"It was not taken: {why}"))
                else:
                    misnamed = misnamed or sop != blob.sop
                    batch.put(wanted[sop], sop, blob.data)
                progress(meter.reading(uid))
                if stop():
                    raise Cancelled("The download was stopped.")
        progress(meter.reading(uid))
        if stop():
            raise Cancelled("The download was stopped.")
        return misnamed

    def _named(
        self, case: Case, uid: str, wanted: dict[str, str], blob: InstanceBlob
    ) -> tuple[str, str]:
        """What the data set itself says the instance is, and why it is not taken, if it is not."""
        try:
            study, series, sop, patient = self._identify(blob.data)
        except ViewerError as error:
            return blob.sop, str(error)
        if study != uid or wanted.get(sop) != series:
            return blob.sop, "it says it belongs to another study or series."
        if patient and case.patient.id and patient.strip() != case.patient.id.strip():
            return sop, "it names another patient. Tell the platform."
        return sop, ""


@contextlib.contextmanager
def _tolerated(
    study: StudyOnPlatform, problems: list[LeftOut], faults: tuple[type[Exception], ...]
) -> Iterator[None]:
    try:
        yield
    except faults as error:
        about = study.identity
        own = faults is _OF_ANY
        kind, how = ("Study", "Not all of it was") if own else ("Prior", "It was not")
        problems.append(
            LeftOut(
                f"{kind} {about.description} of {about.date}",
                f"{how} fetched: {error}",
                study=about.uid,
            )
        )


class _Batch:
    """Images of one series on their way to the disk: one write for many, none waits long.

    What arrived is kept too when the download ends by a fault or is stopped.
    """

    _MOST_BYTES = 8_000_000
    _LONGEST_S = 0.25

    def __init__(
        self,
        store: CaseStore,
        study: str,
        meter: "_Meter",
        problems: list[LeftOut],
        monotonic: Callable[[], float],
    ) -> None:
        self._store = store
        self._study = study
        self._meter = meter
        self._problems = problems
        self._monotonic = monotonic
        self._series = ""
        self._images: list[tuple[str, bytes]] = []
        self._written = float("-inf")

    def __enter__(self) -> "_Batch":
        return self

    def __exit__(self, *_: object) -> None:
        self.write()

    def put(self, series: str, sop: str, data: bytes) -> None:
        """Take one in; raises what the store raises, for earlier ones too."""
        if series != self._series:
            self.write()
            self._series = series
        self._images.append((sop, data))
        size = sum(len(data) for _, data in self._images)
        late = self._monotonic() - self._written >= self._LONGEST_S
        if late or size >= self._MOST_BYTES:
            self.write()

    def write(self) -> None:
        """Bring to the disk what is held."""
        images, self._images = self._images, []
        if not images:
            return
        refused = self._store.put_all(self._study, self._series, images)
        self._written = self._monotonic()
        for sop, data in images:
            if sop in refused:
                self._problems.append(_image(self._study, sop, refused[sop]))
            else:
                self._meter.count(len(data))


def _image(study: str, sop: str, why: str) -> LeftOut:
    return LeftOut(f"Image {sop}", why, sop, study)


class _Meter:
    """Counts instances and bytes; the rate is over the last seconds, not since the start."""

    _SPAN_S = 3.0

    def __init__(self, monotonic: Callable[[], float], expected: int) -> None:
        self._monotonic = monotonic
        self._expected = expected
        self._marks: list[tuple[float, int]] = [(monotonic(), 0)]
        self._bytes = 0
        self._instances = 0
        self.held = 0

    def count(self, size: int) -> None:
        self.held += 1
        self._instances += 1
        self._bytes += size
        now = self._monotonic()
        self._marks.append((now, self._bytes))
        while len(self._marks) > 2 and now - self._marks[0][0] > self._SPAN_S:
            self._marks.pop(0)

    def reading(self, study: str) -> DownloadProgress:
        then, before = self._marks[0]
        span = self._monotonic() - then
        rate = (self._bytes - before) / span if span > 0 else 0.0
        left = None
        if rate > 0 and self._instances:
            mean = self._bytes / self._instances
            left = (self._expected - self.held) * mean / rate
        return DownloadProgress(study, self.held, self._expected, rate, left)
