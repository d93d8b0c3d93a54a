"""A case: one assignment with its study, priors and report."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from reporting.model.report import Order, Person, StudyIdentity

CaseId = NewType("CaseId", str)
"""The id of the Task on the platform."""


class Priority(StrEnum):
    """FHIR request priority, most urgent first."""

    STAT = "stat"
    ASAP = "asap"
    URGENT = "urgent"
    ROUTINE = "routine"

    @property
    def rank(self) -> int:
        """0 is the most urgent."""
        return list(Priority).index(self)


class CaseState(StrEnum):
    """FHIR Task status, in the words of the platform contract."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    REJECTED = "rejected"
    FAILED = "failed"
    CANCELLED = "cancelled"

    def may_become(self, other: "CaseState") -> bool:
        """Whether the reader's client may ask for this transition."""
        return other in _NEXT.get(self, frozenset())


_NEXT = {
    CaseState.REQUESTED: frozenset({CaseState.ACCEPTED, CaseState.REJECTED}),
    CaseState.ACCEPTED: frozenset({CaseState.IN_PROGRESS, CaseState.REQUESTED}),
    CaseState.IN_PROGRESS: frozenset(
        {CaseState.ON_HOLD, CaseState.COMPLETED, CaseState.FAILED, CaseState.REQUESTED}
    ),
    CaseState.ON_HOLD: frozenset({CaseState.IN_PROGRESS}),
}


class CaseKind(StrEnum):
    """What is asked for."""

    PRIMARY = "primary"
    SECOND_OPINION = "second opinion"
    SECOND_OPINION_OFFICIAL = "second opinion, official report"


@dataclass(frozen=True, slots=True)
class PriorReport:
    """The text of an earlier report, already plain text, and where it came from."""

    reference: str
    study_uid: str
    date: str
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class StudyOnPlatform:
    """A study as the platform lists it: identity, where to fetch it, what to expect."""

    identity: StudyIdentity
    dicomweb: str
    """Base address of the DICOMweb service that holds it."""
    instances: int
    series: int
    modalities: tuple[str, ...] = ()
    """Of its images, as the platform lists them; the identity names the first."""

    @property
    def asked(self) -> str:
        """The one modality it is listed with; empty where it is listed with several."""
        listed = self.modalities or (self.identity.modality,)
        return listed[0] if len(set(listed)) == 1 else ""

    @property
    def kind(self) -> str:
        """The modalities of its images in a word: CT/PT."""
        return "/".join(self.modalities) or self.identity.modality


@dataclass(frozen=True, slots=True)
class Block:
    """Why a case may not be downloaded or officially reported: consent, licence."""

    stops_download: bool
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """One assignment. ``version`` is the ETag that the next change must carry."""

    id: CaseId
    number: str
    """The platform's business identifier, shown to people."""
    version: str
    state: CaseState
    kind: CaseKind
    priority: Priority
    due: datetime | None
    authored: datetime | None
    description: str
    patient: Person
    order: Order
    study: StudyOnPlatform
    priors: tuple[StudyOnPlatform, ...] = ()
    prior_reports: tuple[PriorReport, ...] = ()
    blocks: tuple[Block, ...] = ()
    owner: str = ""
    has_ai: bool = False
    business_status: str = ""
    raw_task: str = field(repr=False, default="")
    """The Task as received, JSON: a PUT must send back what it did not change."""
