"""The report while it is written: every edit is a new revision, old ones stay."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

from reporting.model.finding import Finding

ReportId = NewType("ReportId", str)
"""A UUID made once, when the draft is created, and stored before the first send."""


class SectionId(StrEnum):
    """Stable ids of sections; titles come from the template."""

    TECHNIQUE = "technique"
    COMPARISON = "comparison"
    FINDINGS = "findings"
    IMPRESSION = "impression"


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the text. A measurement chip stands in ``text`` as ``{{m:<measurement id>}}``."""

    id: SectionId
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """One revision of a draft; ``findings`` hold what the chips in the text refer to."""

    id: ReportId
    case: str
    revision: int
    template: str
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...]
    edited_at: datetime
    author: str

    def section(self, wanted: SectionId) -> Section | None:
        """The section of that id, if the template has it."""
        return next((s for s in self.sections if s.id is wanted), None)


@dataclass(frozen=True, slots=True)
class Person:
    """The patient as case and images agree: what is shown, signed and sent."""

    id: str
    id_issuer: str
    name: str
    """DICOM PN form: Family^Given^Middle^Prefix^Suffix."""
    birth_date: str
    """YYYY-MM-DD or empty."""
    sex: str
    """M, F, O or empty."""


@dataclass(frozen=True, slots=True)
class StudyIdentity:
    """The study a report is about, or one it was compared with."""

    uid: str
    accession: str
    date: str
    """YYYY-MM-DD."""
    time: str
    """HH:MM:SS or empty."""
    description: str
    modality: str
    body_part: str
    fhir_reference: str = ""
    """ImagingStudy/<id> on the platform."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads and signs."""

    name: str
    """DICOM PN form."""
    display: str
    """As shown: 'Dr. Keiko Ito'."""
    organization: str
    fhir_reference: str
    """PractitionerRole/<id>."""
    organization_reference: str
    """Organization/<id>."""
    registration: str = ""
    """Licence number."""


@dataclass(frozen=True, slots=True)
class Order:
    """The order behind the case."""

    accession: str
    question: str
    history: str
    procedure_code: tuple[str, str, str]
    """System, code, display of the requested procedure (LOINC where the platform gives it)."""
    fhir_reference: str
    """ServiceRequest/<id>."""
    patient_reference: str
    """Patient/<id>."""
    referrer: str = ""


@dataclass(frozen=True, slots=True)
class ReportContext:
    """All that a report needs beside its text; made from one case object, never assembled twice."""

    case: str
    patient: Person
    study: StudyIdentity
    comparisons: tuple[StudyIdentity, ...]
    reader: Reader
    order: Order
    image_headers: bytes = field(repr=False, default=b"")
    """One DICOM file of the study without pixel data: what SR and KOS copy identity from."""
    complete: tuple[int, int] = (0, 0)
    """Instances held and expected for the current study."""
    sop_classes: Mapping[str, str] = field(default_factory=dict)
    """SOP Class UID by SOP Instance UID, for the images that findings point to. Where one is
    missing, an image of the current study counts as being of the class of ``image_headers``."""
    seen: tuple[int, int] = (0, 0)
    """Images of the current study that the reader has seen, and all of them that can be shown."""
