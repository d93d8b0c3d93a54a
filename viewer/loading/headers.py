"""A DICOM header becomes frozen facts: one Instance with what its study and series say."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from viewer.errors import HeaderError
from viewer.model.refs import SeriesUid, StudyUid
from viewer.model.study import Instance, Patient, Study


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What one instance says of its study."""

    uid: StudyUid
    patient: Patient
    date: str
    time: str
    description: str
    accession: str
    institution: str
    referring_physician: str


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What one instance says of its series."""

    uid: SeriesUid
    number: int | None
    modality: str
    description: str
    body_part: str
    protocol: str


@dataclass(frozen=True, slots=True)
class HeaderRead:
    """One instance with the study and series that it says it belongs to."""

    instance: Instance
    study: StudyFacts
    series: SeriesFacts


def read_header(data: BinaryIO, *, name: str) -> HeaderRead:
    """Read one header; ``name`` (file or SOP) goes into errors: NotDicom, HeaderError."""
    raise HeaderError("Headers are not read yet.", where=name)


def assemble(reads: Iterable[HeaderRead]) -> tuple[Study, ...]:
    """Put instances into series and studies, in order of arrival."""
    raise HeaderError("Studies are not assembled yet.")
