"""Identity shared by viewer and reporting: ids travel between packages, live objects never do."""

from dataclasses import dataclass
from typing import NewType

StudyUid = NewType("StudyUid", str)
SeriesUid = NewType("SeriesUid", str)
SopUid = NewType("SopUid", str)
FrameOfReferenceUid = NewType("FrameOfReferenceUid", str)


@dataclass(frozen=True, slots=True, order=True)
class InstanceRef:
    """One SOP Instance."""

    study: StudyUid
    series: SeriesUid
    sop: SopUid


@dataclass(frozen=True, slots=True, order=True)
class FrameRef:
    """One frame of one SOP Instance; ``frame`` counts from 0."""

    study: StudyUid
    series: SeriesUid
    sop: SopUid
    frame: int = 0

    @property
    def instance(self) -> InstanceRef:
        """The instance that holds the frame."""
        return InstanceRef(self.study, self.series, self.sop)


@dataclass(frozen=True, slots=True)
class Code:
    """A coded entry (PS3.3 section 8): value, coding scheme designator, meaning."""

    value: str
    scheme: str
    meaning: str
