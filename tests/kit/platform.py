"""A platform in memory with switchable faults, for everything that talks to PlatformClient."""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from reporting.model.report import Order, Person, Reader, ReportId, StudyIdentity
from reporting.model.signed import SignedReport, SignerIdentity
from workstation.errors import ClaimLost, Refused, Unreachable
from workstation.model.case import (
    Case,
    CaseId,
    CaseKind,
    CaseState,
    Priority,
    StudyOnPlatform,
)
from workstation.model.delivery import Receipt
from workstation.platform.client import InstanceBlob, WorklistPage

NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


def a_study(
    uid: str = "1.2.3", instances: int = 3, description: str = "CT chest"
) -> StudyOnPlatform:
    """A study with invented identity."""
    identity = StudyIdentity(
        uid, "ACC-1", "2026-11-24", "10:00:00", description, "CT", "CHEST", "ImagingStudy/s"
    )
    return StudyOnPlatform(identity, "https://127.0.0.1/dicomweb", instances, 1)


def a_case(ident: str = "case-1", **changes: object) -> Case:
    """A requested STAT case."""
    case = Case(
        id=CaseId(ident),
        number=f"C-{ident}",
        version='W/"1"',
        state=CaseState.REQUESTED,
        kind=CaseKind.PRIMARY,
        priority=Priority.STAT,
        due=NOW + timedelta(minutes=30),
        authored=NOW,
        description="CT chest",
        patient=Person("4711", "https://x.example", "DOE^JANE", "1972-03-04", "F"),
        order=Order(
            "ACC-1", "Nodule?", "Smoker", ("http://loinc.org", "29252-4", "CT chest"), "S/1", "P/1"
        ),
        study=a_study(),
    )
    return replace(case, **changes)  # type: ignore[arg-type]  # names are checked by replace


def a_signed_report(
    case: str = "case-1", ident: str = "6f1f0a52", version: int = 1
) -> SignedReport:
    """Signed bytes of no meaning."""
    signer = SignerIdentity("Dr Keiko Ito", "Demo CA", "1", NOW, NOW + timedelta(days=365))
    return SignedReport(
        id=ReportId(ident),
        case=case,
        version=version,
        signed_at=NOW,
        signer=signer,
        pdf=b"%PDF-1.7 " + bytes(range(256)),
        sr=b"\x00" * 128 + b"DICM",
        objects=(b"\x01\x02",),
        html=b"<p>report</p>",
        payload=b'{"resourceType":"DiagnosticReport"}',
        jws="e30..c2ln",
        bundle={"resourceType": "Bundle", "entry": [{"n": 1}]},
        sha256="ab" * 32,
    )


@dataclass
class FakePlatform:
    """Implements PlatformClient; ``faults`` are raised one per call, in order; None: no fault."""

    cases: dict[str, Case] = field(default_factory=dict)
    instances: dict[str, list[tuple[str, InstanceBlob]]] = field(default_factory=dict)
    faults: list[Exception | None] = field(default_factory=list)
    lose_answers: int = 0
    reports: dict[str, SignedReport] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    cut_after: int | None = None
    opinions: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    """Reports that were there already when they were sent."""

    def reader(self) -> Reader:
        """Give the one reader."""
        self._fault()
        return Reader("Ito^Keiko", "Dr Keiko Ito", "Nightreads", "PractitionerRole/i", "Org/n")

    def assigned_cases(self) -> WorklistPage:
        """Give all cases."""
        self._fault()
        return WorklistPage(tuple(self.cases.values()), timedelta(0))

    def claim(self, case: Case) -> Case:
        """requested → accepted, by version."""
        return self.set_state(case, CaseState.ACCEPTED)

    def set_state(self, case: Case, state: CaseState, *, reason: str = "") -> Case:
        """Change a state when the version is the newest."""
        self._fault()
        held = self.cases[case.id]
        if held.version != case.version:
            raise ClaimLost("Somebody else holds the case.")
        number = int(held.version.strip('W/"')) + 1
        self.cases[case.id] = replace(held, state=state, version=f'W/"{number}"')
        return self.cases[case.id]

    def instance_uids(self, study: StudyOnPlatform) -> tuple[tuple[str, str], ...]:
        """List what is there of a study."""
        self._fault()
        return tuple((s, blob.sop) for s, blob in self.instances.get(study.identity.uid, []))

    def fetch_instances(
        self, study: StudyOnPlatform, *, have: Set[str], stop: Callable[[], bool]
    ) -> Iterator[InstanceBlob]:
        """Give what is missing; cut by a lost connection after ``cut_after`` instances."""
        given = 0
        for _, blob in self.instances.get(study.identity.uid, []):
            if stop():
                return
            if blob.sop in have:
                continue
            if self.cut_after is not None and given >= self.cut_after:
                raise Unreachable("The platform stopped answering.")
            given += 1
            self.sent.append(blob.sop)
            yield blob

    def submit(self, case: Case, report: SignedReport, *, key: str) -> Receipt:
        """Take a report once; the same key gives the same receipt."""
        self._fault()
        held = self.reports.get(report.id)
        if held is not None and held.sha256 != report.sha256:
            raise Refused("Another report has this identifier.", status=422)
        if held is not None:
            self.completed.append(report.id)
            return self._receipt(held)
        self.reports[report.id] = report
        self.keys.append(key)
        if self.lose_answers:
            self.lose_answers -= 1
            raise Unreachable("The answer was lost.")
        return self._receipt(report)

    def submit_second_opinion(self, case: Case, report: SignedReport, *, key: str) -> Receipt:
        """Take it as any other, and remember that it was one."""
        receipt = self.submit(case, report, key=key)
        self.opinions.append(report.id)
        return receipt

    def find_report(self, report_identifier: str) -> Receipt | None:
        """Look for a report."""
        self._fault()
        held = self.reports.get(report_identifier)
        return self._receipt(held) if held is not None else None

    def case(self, case: CaseId) -> Case:
        """Read one case."""
        self._fault()
        return self.cases[case]

    def _fault(self) -> None:
        if self.faults:
            fault = self.faults.pop(0)
            if fault is not None:
                raise fault

    def _receipt(self, report: SignedReport) -> Receipt:
        return Receipt(
            f"DiagnosticReport/{report.id}",
            "1",
            "2026-11-24T20:05:00Z",
            report.sha256,
            verified=True,
        )
