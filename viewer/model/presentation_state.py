"""A softcopy presentation state as frozen values (PS3.3 A.33, PS3.4 N.2; fidelity F21)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from viewer.model.colour import ColourProfile
from viewer.model.overlay_plane import OverlayBitmap
from viewer.model.presentation import (
    Area,
    ImageEdge,
    LutShape,
    PresentationLut,
    Rescale,
    Window,
)
from viewer.model.refs import FrameRef, InstanceRef, SopUid
from viewer.model.shutter import Lab, Shutter


class StateKind(StrEnum):
    """Which images a state is for."""

    GREY = "GREY"
    COLOUR = "COLOUR"


class Units(StrEnum):
    """What coordinates count (C.10.5.1.2): image pixels, or parts of the displayed area."""

    PIXEL = "PIXEL"
    DISPLAY = "DISPLAY"


class SizeMode(StrEnum):
    """Presentation Size Mode (0070,0100)."""

    SCALE_TO_FIT = "SCALE TO FIT"
    TRUE_SIZE = "TRUE SIZE"
    MAGNIFY = "MAGNIFY"


class GraphicType(StrEnum):
    """Graphic Type (0070,0023)."""

    POINT = "POINT"
    POLYLINE = "POLYLINE"
    INTERPOLATED = "INTERPOLATED"
    CIRCLE = "CIRCLE"
    ELLIPSE = "ELLIPSE"


class Justification(StrEnum):
    """Bounding Box Text Horizontal Justification (0070,0012)."""

    LEFT = "LEFT"
    CENTER = "CENTER"
    RIGHT = "RIGHT"


class Place(NamedTuple):
    """A point as the state gives it: right, down.

    PIXEL: 0.0 is the outer edge of the first pixel, so pixel centres lie at .5. DISPLAY: 0.0 to 1.0
    from the upper left to the lower right corner of the displayed area.
    """

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class ImageReference:
    """One referenced image; ``frames`` count from 0, none means all of them."""

    sop: SopUid
    frames: tuple[int, ...] = ()

    def covers(self, frame: FrameRef) -> bool:
        """Whether the reference is to this frame."""
        return self.sop == frame.sop and (not self.frames or frame.frame in self.frames)


Scope = tuple[ImageReference, ...]
"""Which of the referenced images a part is for; empty means all of them."""


@dataclass(frozen=True, slots=True)
class LutTable:
    """A lookup table as it is stored: what ``first`` means depends on the numbers put in.

    ``first`` is the unsigned form of the first mapped value; ``entries`` are unsigned with ``bits``
    significant bits.
    """

    first: int
    entries: tuple[int, ...]
    bits: int
    explanation: str = ""

    def first_for(self, low: float, high: float) -> int:
        """The first mapped value for inputs from ``low`` to ``high`` (C.11.1.1, F5)."""
        negative = self.first > 32767 and (low < 0 or self.first > high)
        return self.first - 65536 if negative else self.first


@dataclass(frozen=True, slots=True)
class TableStep:
    """Modality LUT of a state."""

    table: LutTable
    unit: str = ""


IDENTITY_STEP = Rescale(1.0, 0.0, "")


@dataclass(frozen=True, slots=True)
class SoftcopyVoi:
    """One item of the Softcopy VOI LUT Sequence (C.11.8): the first of its looks is the default."""

    scope: Scope
    tables: tuple[LutTable, ...] = ()
    windows: tuple[Window, ...] = ()


class Placing(NamedTuple):
    """Where an image lay in its pane, finer than the standard can say it."""

    zoom: float
    """Device pixels for each image column."""
    right: float
    """From the middle of the pane to the middle of the image, in device pixels."""
    down: float


@dataclass(frozen=True, slots=True)
class DisplayedArea:
    """One item of the Displayed Area Selection Sequence (C.10.4).

    ``left`` to ``bottom`` are edges in pixels of the image before it is turned, 0 at the outer edge
    of its first pixel; they may lie outside the image.
    """

    scope: Scope
    left: float
    top: float
    right: float
    bottom: float
    mode: SizeMode
    aspect: float
    """Height of a pixel over its width."""
    column_spacing: float | None = None
    """Width of a pixel on the display in mm; needed for TRUE SIZE."""
    magnification: float | None = None
    """Display pixels for each image column; needed for MAGNIFY."""
    sides: tuple[float, float] | None = None
    """Height and width of a pixel, whose quotient is ``aspect``, as the state gives them."""
    placing: Placing | None = None
    """What Lightbox wrote beside the standard's own elements; it holds as long as both agree."""
    fine: Area | None = None
    """The area in parts of a pixel, as Lightbox wrote it."""
    edge: ImageEdge | None = None
    """The edge of the image that lay on the edge of its pane, as Lightbox wrote it."""


@dataclass(frozen=True, slots=True)
class GraphicLayer:
    """A layer of graphics (C.10.7); a higher ``order`` is drawn above a lower one."""

    name: str
    order: int
    description: str = ""
    grey: float | None = None
    """Recommended P-value, 0 to 1."""
    colour: Lab | None = None


@dataclass(frozen=True, slots=True)
class GraphicObject:
    """One vector graphic (C.10.5.1.2)."""

    units: Units
    kind: GraphicType
    points: tuple[Place, ...]
    filled: bool = False


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where a text stands (C.10.5.1.1): two corners, as they are before the image is turned."""

    units: Units
    first: Place
    second: Place
    justification: Justification = Justification.LEFT


@dataclass(frozen=True, slots=True)
class Anchor:
    """The point that a text speaks of; a line leads to it when ``visible``."""

    units: Units
    at: Place
    visible: bool


@dataclass(frozen=True, slots=True)
class TextObject:
    """One text with a box, an anchor or both."""

    text: str
    box: TextBox | None
    anchor: Anchor | None


@dataclass(frozen=True, slots=True)
class GraphicAnnotation:
    """One item of the Graphic Annotation Sequence (C.10.5)."""

    scope: Scope
    layer: str
    graphics: tuple[GraphicObject, ...] = ()
    texts: tuple[TextObject, ...] = ()


@dataclass(frozen=True, slots=True)
class OverlayActivation:
    """That the overlay of a group is drawn (C.11.7): the state's own, else that of each image."""

    group: int
    layer: str


class _Scoped(Protocol):
    @property
    def scope(self) -> Scope: ...


S = TypeVar("S", bound=_Scoped)


@dataclass(frozen=True, slots=True)
class PresentationState:
    """Everything that one state says of the images it refers to.

    It replaces the modality step, VOI, polarity, shutters and overlays of those images wholly;
    what it does not have is an identity, whatever the image itself says (PS3.4 N.2.1).
    """

    ref: InstanceRef
    kind: StateKind
    label: str
    references: tuple[ImageReference, ...]
    areas: tuple[DisplayedArea, ...]
    description: str = ""
    creator: str = ""
    created: str = ""
    """Presentation Creation Date and Time: YYYYMMDDHHMMSS, or less."""
    modality: Rescale | TableStep = IDENTITY_STEP
    voi: tuple[SoftcopyVoi, ...] = ()
    presentation_lut: LutShape | PresentationLut = LutShape.IDENTITY
    """Polarity or table after the VOI step; only for grey images."""
    rotation: int = 0
    """Degrees clockwise: 0, 90, 180 or 270, before the flip (C.10.6)."""
    flip: bool = False
    """Left and right are exchanged after the rotation."""
    layers: tuple[GraphicLayer, ...] = ()
    annotations: tuple[GraphicAnnotation, ...] = ()
    profile: ColourProfile | None = None
    """What the colours of the images mean; only for colour images, None leaves theirs."""
    shutter: Shutter | None = None
    """Takes the place of the images' own shutters, also where there is none."""
    overlays: tuple[OverlayBitmap, ...] = ()
    """Planes that the state itself holds."""
    activations: tuple[OverlayActivation, ...] = ()
    """What is drawn of overlays; all others are not, whatever the images hold."""

    def applies_to(self, frame: FrameRef) -> bool:
        """Whether the state refers to this frame."""
        return any(reference.covers(frame) for reference in self.references)

    def governs(self, frame: FrameRef, *, grey: bool) -> bool:
        """Whether it says how the frame of a grey or a colour image looks."""
        return grey == (self.kind is StateKind.GREY) and self.applies_to(frame)

    def voi_of(self, frame: FrameRef) -> SoftcopyVoi | None:
        """The VOI step of a frame; None is the identity."""
        return next(iter(self._of(self.voi, frame)), None)

    def area_of(self, frame: FrameRef) -> DisplayedArea | None:
        """The displayed area of a frame."""
        return next(iter(self._of(self.areas, frame)), None)

    def annotations_of(self, frame: FrameRef) -> tuple[GraphicAnnotation, ...]:
        """The annotations of a frame, lowest layer first."""
        orders = {layer.name: layer.order for layer in self.layers}
        found = self._of(self.annotations, frame)
        return tuple(sorted(found, key=lambda annotation: orders.get(annotation.layer, 0)))

    def layer(self, name: str) -> GraphicLayer | None:
        """A layer by its name."""
        return next((layer for layer in self.layers if layer.name == name), None)

    def _of(self, parts: Sequence[S], frame: FrameRef) -> list[S]:
        if not self.applies_to(frame):
            return []
        return [
            part
            for part in parts
            if not part.scope or any(reference.covers(frame) for reference in part.scope)
        ]
