"""What a reader drew: geometry in the patient, never numbers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.refs import FrameOfReferenceUid, FrameRef

AnnotationId = NewType("AnnotationId", str)


class AnnotationKind(StrEnum):
    """Which record of the measurement registry an annotation belongs to."""

    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who or what made an annotation, and when (with offset)."""

    author: str
    made_at: datetime
    device: str = "Lightbox"

    def __post_init__(self) -> None:
        """Refuse a time without an offset."""
        if self.made_at.tzinfo is None:
            raise ValueError("an annotation's time needs an offset")


@dataclass(frozen=True, slots=True)
class Annotation:
    """Points on one frame.

    ``pixels`` are always there (sub-pixel, centre of the first pixel is 0, 0); ``points`` are the
    same places in LPS where the frame has a plane, else empty.
    """

    id: AnnotationId
    kind: AnnotationKind
    on: FrameRef
    pixels: tuple[PixelPoint, ...]
    points: tuple[PointLps, ...]
    space: FrameOfReferenceUid | None
    made_by: Provenance
