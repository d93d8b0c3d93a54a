"""A platform that speaks FHIR R4 for the case and DICOMweb for every image."""

from collections.abc import Callable, Iterator, Set
from datetime import UTC, datetime, timedelta

from reporting.model.report import Reader
from reporting.model.signed import SignedReport
from workstation.errors import BadAnswer, PatientMismatch, Refused, SignInFailed
from workstation.logs import Log
from workstation.model.case import Case, CaseId, CaseState, StudyOnPlatform
from workstation.platform.api import Api
from workstation.platform.auth import Session
from workstation.platform.client import InstanceBlob, Receipt, WorklistPage
from workstation.platform.fetching import fetch
from workstation.platform.fhir_case import ReadingFor, case_number
from workstation.platform.fhir_case import case as case_of
from workstation.platform.fhir_people import reader as reader_of
from workstation.platform.fhir_search import Reading, search, value
from workstation.platform.fhir_task import after_change, changed_task
from workstation.platform.fhir_values import Json, own_name, reference, text
from workstation.platform.http import HttpClient, PlatformSettings
from workstation.platform.submission import Submission
from workstation.platform.tasks import Tasks

_OPEN = ("requested", "accepted", "in-progress", "on-hold")
_RECENT = timedelta(days=2)


class FhirPlatform:
    """The PlatformClient of a signed-in reader; safe for several threads at once."""

    def __init__(self, http: HttpClient, settings: PlatformSettings, session: Session) -> None:
        """Ask nothing yet."""
        self._http = http
        self._api = Api(http, settings, session)
        self._session = session
        self._tasks = Tasks(self._api)
        self._submission = Submission(self._api, self._tasks)
        self._me: tuple[Reader, Json] | None = None
        self._log = Log("platform")
        self._held: frozenset[str] = frozenset()

    def reader(self) -> Reader:
        """Give who is signed in."""
        return self._who()[0]

    def assigned_cases(self) -> WorklistPage:
        """Read the worklist whole; a case that cannot be read becomes a sentence."""
        reader, _ = self._who()
        reading = Reading(self._api)
        tasks = {own_name(t): t for t in self._assigned(reader, reading)}
        gone = {n: t for n, t in self._missing(tasks).items() if n not in tasks}
        reading.prepare([*tasks.values(), *gone.values()])
        problems: list[str] = []
        cases = self._built(tasks, reading, problems)
        left = self._built(gone, reading, problems)
        self._held = frozenset(c.id for c in cases if c.state.value in _OPEN)
        return WorklistPage(cases, self._http.clock_offset, tuple(problems), left)

    def claim(self, case: Case) -> Case:
        """requested → accepted; ClaimLost when the version is stale."""
        return self.set_state(case, CaseState.ACCEPTED)

    def set_state(self, case: Case, state: CaseState, *, reason: str = "") -> Case:
        """Ask for another transition; the platform decides."""
        changed = changed_task(case.raw_task, state, reason=reason)
        task = self._tasks.put(case, changed, version=case.version)
        return after_change(case, task)

    def instance_uids(self, study: StudyOnPlatform) -> tuple[tuple[str, str], ...]:
        """List (series UID, SOP UID) of a study."""
        web = self._tasks.web(study)
        return web.instances(study.identity.uid, expected=study.instances)

    def fetch_instances(
        self, study: StudyOnPlatform, *, have: Set[str], stop: Callable[[], bool]
    ) -> Iterator[InstanceBlob]:
        """Stream what is not held."""
        web = self._tasks.web(study)
        listing = web.instances(study.identity.uid, expected=study.instances)
        yield from fetch(web, study.identity.uid, listing, have=have, stop=stop)

    def submit(self, case: Case, report: SignedReport, *, key: str) -> Receipt:
        """Send the report once and prove it."""
        return self._submission.send(case, report, key=key)

    def submit_second_opinion(self, case: Case, report: SignedReport, *, key: str) -> Receipt:
        """Give the signed report, marked as a second opinion; the case stays as it is."""
        return self._submission.send_opinion(case, report, key=key)

    def find_report(self, report_identifier: str) -> Receipt | None:
        """Give what the platform holds under a report identifier.

        ``verified`` says that the signed payload came back and is of this report; whether it is
        ours byte for byte, the caller sees by ``sha256``.
        """
        return self._submission.find(report_identifier)

    def case(self, case: CaseId) -> Case:
        """Read one case anew."""
        task = self._tasks.read(case)
        reading = Reading(self._api)
        reading.prepare([task])
        try:
            return case_of(task, reading, self._reading_for())
        except (BadAnswer, Refused, PatientMismatch) as error:
            raise BadAnswer(_cannot_show(task, error)) from error

    def _assigned(self, reader: Reader, reading: Reading) -> Iterator[Json]:
        """Open Tasks of the reader, and those completed lately; filters are checked again here."""
        owner = value(reader.fhir_reference)
        query = (
            f"Task?owner={owner}&status={','.join(_OPEN)}&_sort=-priority,authored-on"
            "&_count=50&_include=Task:focus&_include=Task:patient"
        )
        since = (self._now() - _RECENT).strftime("%Y-%m-%dT%H:%M:%SZ")
        done = f"Task?owner={owner}&status=completed&_lastUpdated=ge{value(since)}&_count=50"
        for wanted, asked in ((_OPEN, query), (("completed",), done)):
            for mode, resource in search(self._api, asked, what="show the worklist"):
                if resource.get("resourceType") != "Task":
                    reading.add(resource)
                    continue
                fits = mode == "match" and text(resource.get("status")) in wanted
                if fits and self._is_mine(resource, reader):
                    yield resource

    def _missing(self, tasks: dict[str, Json]) -> dict[str, Json]:
        """Tasks that were the reader's a cycle ago and are not in the answer any more."""
        gone = sorted(i for i in self._held if f"Task/{i}" not in tasks)
        if not gone:
            return {}
        query = f"Task?_id={value(','.join(gone))}&_count={len(gone)}"
        found = [r for _, r in search(self._api, query, what="show the worklist")]
        return {own_name(t): t for t in found if text(t.get("id")) in gone}

    def _built(
        self, tasks: dict[str, Json], reading: Reading, problems: list[str]
    ) -> tuple[Case, ...]:
        me = self._reading_for()
        cases: list[Case] = []
        for task in tasks.values():
            try:
                cases.append(case_of(task, reading, me))
            except (BadAnswer, Refused, PatientMismatch) as error:
                self._log.warning("a case cannot be shown", error=error)
                problems.append(_cannot_show(task, error))
        return tuple(cases)

    def _is_mine(self, task: Json, reader: Reader) -> bool:
        return reference(task.get("owner"), self._api.base) == reader.fhir_reference

    def _reading_for(self) -> ReadingFor:
        reader, practitioner = self._who()
        return ReadingFor(reader.organization_reference, practitioner, self._api.base, self._now())

    def _now(self) -> datetime:
        return datetime.now(UTC) + self._http.clock_offset

    def _who(self) -> tuple[Reader, Json]:
        if self._me is None:
            self._me = self._read_who()
        return self._me

    def _read_who(self) -> tuple[Reader, Json]:
        """The role behind the sign-in: fhirUser itself, or the first role of that Practitioner."""
        reading = Reading(self._api)
        name = reference(self._session.fhir_user, self._api.base)
        if not name.startswith(("PractitionerRole/", "Practitioner/")):
            raise SignInFailed("The platform does not say which reader has signed in.")
        role = reading.get(name)
        if name.startswith("Practitioner/"):
            query = f"PractitionerRole?practitioner={value(name)}"
            for _, found in search(self._api, query, what="show your role"):
                if reference(found.get("practitioner"), self._api.base) == name:
                    role = found
                    break
        practitioner = role
        if role.get("resourceType") == "PractitionerRole":
            practitioner = reading.get(reference(role.get("practitioner"), self._api.base))
        organization = reference(role.get("organization"), self._api.base)
        where = reading.get(organization) if organization else {}
        return reader_of(role, practitioner, where, self._api.base), practitioner


def _cannot_show(task: Json, error: Exception) -> str:
    return (
        f"Case {case_number(task) or 'without a number'} cannot be shown: {error}".rstrip(".") + "."
    )
