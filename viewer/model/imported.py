"""Measurements that another program wrote into a structured report, as they stand there."""

from dataclasses import dataclass

from viewer.model.annotation import AnnotationKind
from viewer.model.figure import Graphic
from viewer.model.geometry import PixelPoint, PointLps
from viewer.model.refs import Code, FrameOfReferenceUid, SopUid
from viewer.model.study import Patient


@dataclass(frozen=True, slots=True)
class StoredFigure:
    """One graphic: in an image with ``pixels``, else in the patient with ``points``.

    Pixel 0, 0 is the centre of the first one.
    """

    graphic: Graphic
    pixels: tuple[PixelPoint, ...] = ()
    sop: SopUid | None = None
    frame: int = 0
    points: tuple[PointLps, ...] = ()
    space: FrameOfReferenceUid | None = None

    @property
    def closed(self) -> bool:
        """Whether it ends where it begins."""
        places = self.pixels or self.points
        return self.graphic is Graphic.POLYGON or (
            self.graphic is Graphic.POLYLINE and len(places) > 3 and places[0] == places[-1]
        )


@dataclass(frozen=True, slots=True)
class StoredNumber:
    """A value as it was written; ``unit`` is a UCUM code."""

    name: Code
    value: float
    unit: str
    derivation: Code | None = None
    plus_minus: float | None = None
    step: float = 0.0
    """Half of it may have been rounded away: the last digit that was written; 0 for binary."""


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """One measurement group (TID 1410, 1411, 1501)."""

    name: str
    """What its writer calls it: a comment, the tracking identifier, else the finding."""
    tracking: str
    """Tracking Unique Identifier."""
    kind: AnnotationKind | None
    """What it was drawn as, where the writer is known to say so."""
    figures: tuple[StoredFigure, ...]
    numbers: tuple[StoredNumber, ...]
    finding: str = ""
    sites: tuple[str, ...] = ()
    calibration: str = ""
    segments: int = 0
    """How many segments of a segmentation it points to."""


@dataclass(frozen=True, slots=True)
class StoredReport:
    """The measurement groups of one structured report, and who wrote it on what and when."""

    sop: SopUid
    patient: Patient
    device: str
    author: str
    written: str
    """YYYYMMDDHHMMSS as far as it is told, or empty."""
    groups: tuple[StoredGroup, ...]
    told: tuple[str, ...] = ()
    """What of it cannot be shown, a sentence each."""

    @property
    def source(self) -> str:
        """Whose numbers these are, in words."""
        day = self.written[:8]
        date = f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdecimal() else ""
        told = (self.author.replace("^", " ").strip(), self.device, date)
        return ", ".join(part for part in told if part) or "unknown"
