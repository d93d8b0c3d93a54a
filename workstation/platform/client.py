"""What the workstation asks of a platform; the FHIR + DICOMweb implementation is FhirPlatform."""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from reporting.model.report import Reader
from reporting.model.signed import SignedReport
from workstation.model.case import Case, CaseId, CaseState, StudyOnPlatform
from workstation.model.delivery import Receipt as Receipt


@dataclass(frozen=True, slots=True)
class WorklistPage:
    """All cases now assigned to the reader, and the platform's clock minus ours."""

    cases: tuple[Case, ...]
    clock_offset: timedelta
    problems: tuple[str, ...] = ()
    """Cases that could not be read: one sentence each."""
    left: tuple[Case, ...] = ()
    """Cases of the page before that are the reader's no longer: reassigned, cancelled."""


@dataclass(frozen=True, slots=True)
class InstanceBlob:
    """One instance as received: DICOM Part 10 bytes."""

    sop: str
    data: bytes


class PlatformClient(Protocol):
    """Every call may raise Unreachable, WrongCertificate, SignInNeeded, Refused, BadAnswer."""

    def reader(self) -> Reader:
        """Give who is signed in."""
        ...

    def assigned_cases(self) -> WorklistPage:
        """Give all open and recently completed cases of the reader."""
        ...

    def claim(self, case: Case) -> Case:
        """requested → accepted; ClaimLost when the version is stale."""
        ...

    def set_state(self, case: Case, state: CaseState, *, reason: str = "") -> Case:
        """Ask for another transition (start, release, decline); ClaimLost when stale."""
        ...

    def instance_uids(self, study: StudyOnPlatform) -> tuple[tuple[str, str], ...]:
        """List (series UID, SOP UID) of all instances of a study (QIDO)."""
        ...

    def fetch_instances(
        self,
        study: StudyOnPlatform,
        *,
        have: Set[str],
        stop: Callable[[], bool],
    ) -> Iterator[InstanceBlob]:
        """Stream the study's instances that are not in ``have``; ends early when ``stop()``."""
        ...

    def submit(self, case: Case, report: SignedReport, *, key: str) -> Receipt:
        """STOW the DICOM objects, POST the transaction, read back; same key, same receipt."""
        ...

    def submit_second_opinion(self, case: Case, report: SignedReport, *, key: str) -> Receipt:
        """Give the report as one more opinion on a case that is another reader's, or ended.

        Nothing of the case changes, and no other report is touched.
        """
        ...

    def find_report(self, report_identifier: str) -> Receipt | None:
        """Look for a report by its identifier: what to ask first after a lost answer."""
        ...

    def case(self, case: CaseId) -> Case:
        """Read one case anew."""
        ...
