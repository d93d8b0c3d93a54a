"""What a reader drew: geometry in the patient, never numbers."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.refs import FrameOfReferenceUid, FrameRef

AnnotationId = NewType("AnnotationId", str)
_FARTHEST = 1e6
"""Pixels, or mm, beyond which no point is one of an image: sizes by it would overflow."""


class AnnotationKind(StrEnum):
    """Which record of the measurement registry an annotation belongs to; stored by its value."""

    LENGTH = "length"
    BIDIRECTIONAL = "bidirectional"
    POLYLINE = "polyline"
    CURVE = "curve"
    ANGLE = "angle"
    LINES_ANGLE = "lines-angle"
    COBB = "cobb"
    PARALLEL = "parallel"
    HEART = "heart"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    CIRCLE = "circle"
    CIRCLE_3 = "circle-3"
    POLYGON = "polygon"
    FREEHAND = "freehand"
    PROBE = "probe"
    ARROW = "arrow"
    TEXT = "text"
    SPINE = "spine"
    CALIBRATION = "calibration"
    LINE_3D = "line-3d"
    ANGLE_3D = "angle-3d"
    SPHERE = "sphere"
    BOX = "box"
    ELLIPSOID = "ellipsoid"
    GROWN = "grown"
    LIVEWIRE = "livewire"

    @property
    def in_space(self) -> bool:
        """Whether its points lie anywhere in the patient and not on one image."""
        return self in _IN_SPACE


_IN_SPACE = frozenset(
    {
        AnnotationKind.LINE_3D,
        AnnotationKind.ANGLE_3D,
        AnnotationKind.SPHERE,
        AnnotationKind.BOX,
        AnnotationKind.ELLIPSOID,
        AnnotationKind.GROWN,
    }
)


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
    """Points on one frame, on a plane between frames, or in space.

    ``pixels`` are always there (sub-pixel, centre of the first pixel is 0, 0); ``points`` are the
    same places in LPS where the frame has a plane, else empty. Of a kind in space ``points`` decide
    and ``pixels`` are their projections onto ``on``, the frame that is nearest to the first.
    """

    id: AnnotationId
    kind: AnnotationKind
    on: FrameRef
    pixels: tuple[PixelPoint, ...]
    points: tuple[PointLps, ...]
    space: FrameOfReferenceUid | None
    made_by: Provenance
    text: str = ""
    """What the reader wrote to it: words of an arrow, level of a vertebra, a name."""
    known: float | None = None
    """Length of a calibration line as the reader gives it, mm (F37)."""
    finding: str = ""
    """What finding of the reader it belongs to; empty: none."""
    finding_place: int = 0
    """Where that finding stands among the others, from 1; 0 is as they came."""
    hidden: bool = False
    """Not drawn on the images; it is there and counts all the same."""
    target: bool = False
    """Counts in the sum of target lesions (RECIST)."""
    plane: ImagePlane | None = None
    """The reconstructed plane that ``pixels`` count on; None is the plane of ``on``."""
    span: tuple[float, float] | None = None
    """Lowest and highest value that a grown volume takes in, in the unit of its image."""

    @property
    def in_space(self) -> bool:
        """Whether it lies in the patient and not on one image."""
        return self.plane is not None or self.kind.in_space

    def __post_init__(self) -> None:
        """Refuse numbers that are none."""
        numbers = [n for p in (*self.pixels, *self.points) for n in p]
        if not all(abs(n) <= _FARTHEST for n in numbers):
            raise ValueError("an annotation needs finite points near its image")
        if self.known is not None and not (math.isfinite(self.known) and self.known > 0):
            raise ValueError("a known length is a positive number of millimetres")
        if self.span is not None and not (
            all(math.isfinite(n) for n in self.span) and self.span[0] <= self.span[1]
        ):
            raise ValueError("a range of values has a lowest and a highest number")
        if self.in_space and len(self.points) != len(self.pixels):
            raise ValueError("what lies in space has its points there")
