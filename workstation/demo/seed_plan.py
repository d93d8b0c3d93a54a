"""What a seeded case consists of, before any resource or image of it is written."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

_NAMESPACE = uuid.UUID("6f2a7c1e-54c5-4e0e-9d3c-2d1b0c5a9f11")

ISSUER = "LIGHTBOX-DEMO"
"""Who gives the invented patients their ids."""


def demo_uid(*parts: object) -> str:
    """Give the DICOM UID (PS3.5 B.2, 2.25 form) that always belongs to these words."""
    return f"2.25.{uuid.uuid5(_NAMESPACE, '/'.join(map(str, parts))).int}"


class Asked(StrEnum):
    """What the reader is asked for."""

    PRIMARY = "primary"
    SECOND_OPINION = "second opinion"


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept."""

    system: str
    code: str
    display: str


@dataclass(frozen=True, slots=True)
class PatientPlan:
    """An invented patient, or the one that the files of a folder name."""

    key: str
    id: str
    issuer: str
    family: str
    given: str
    sex: str
    """DICOM form: M, F, O or empty."""
    born: date | None

    @property
    def dicom_name(self) -> str:
        """PN form."""
        return f"{self.family}^{self.given}" if self.given else self.family


@dataclass(frozen=True, slots=True)
class InstancePlan:
    """One object that will be on the platform."""

    uid: str
    sop_class: str


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """One series and all objects of it."""

    uid: str
    number: int
    modality: str
    description: str
    body_part: str
    instances: tuple[InstancePlan, ...]


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """One study; ``age`` is how long before the seeding it was made."""

    key: str
    uid: str
    accession: str
    description: str
    procedure: Code | None
    age: timedelta
    series: tuple[SeriesPlan, ...]
    started: datetime | None = None
    """The true time where files say it; else the seeding minus ``age``."""
    dated: bool = True
    """Whether the platform knows when the study was made."""

    def begun(self, seeded: datetime) -> datetime:
        """When the study was made, with offset, to the minute where it is invented."""
        return self.started or (seeded - self.age).replace(second=0, microsecond=0)

    @property
    def instances(self) -> int:
        """How many objects the study has."""
        return sum(len(s.instances) for s in self.series)


@dataclass(frozen=True, slots=True)
class PriorPlan:
    """An earlier study of the patient and the report on it, if one is kept."""

    study: StudyPlan
    findings: str = ""
    impression: str = ""
    own_case: bool = False
    """Whether another case brings this study, its order and its images."""


@dataclass(frozen=True, slots=True)
class CasePlan:
    """One assignment to the demo's reader."""

    key: str
    number: str
    patient: PatientPlan
    study: StudyPlan
    priority: str
    due_in: timedelta
    description: str
    question: str
    history: str
    asked: Asked = Asked.PRIMARY
    priors: tuple[PriorPlan, ...] = ()
    consent_ends_in: timedelta = field(default=timedelta(days=365))

    def studies(self) -> Iterator[StudyPlan]:
        """Give the studies that this case brings: the current one, then its priors."""
        yield self.study
        yield from (p.study for p in self.priors if not p.own_case)

    @property
    def instances(self) -> int:
        """How many objects the case has in all."""
        return sum(s.instances for s in self.studies())
