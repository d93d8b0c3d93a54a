"""How pixels are meant to look: modality step, VOI step, polarity, zoom and pan."""

import math
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple

from viewer.model.refs import FrameRef


class VoiFunction(StrEnum):
    """VOI LUT Function (0028,1056)."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True)
class Rescale:
    """Modality rescale (PS3.3 C.11.1.1.2): value = slope · stored + intercept, in ``unit``."""

    slope: float
    intercept: float
    unit: str
    """Unit to show beside a value, e.g. 'HU'; empty when the header gives none."""

    def __post_init__(self) -> None:
        """Refuse a step that loses every value."""
        if not (math.isfinite(self.slope) and math.isfinite(self.intercept)) or self.slope == 0:
            raise ValueError("rescale slope and intercept must be finite, slope not 0")


@dataclass(frozen=True, slots=True)
class ModalityLut:
    """Modality LUT (PS3.3 C.11.1.1.1): entries are unsigned, input is clamped to the table."""

    first: int
    entries: tuple[int, ...]
    unit: str


@dataclass(frozen=True, slots=True)
class Window:
    """A window on modality values (PS3.3 C.11.2.1.2 and .3)."""

    centre: float
    width: float
    explanation: str = ""
    function: VoiFunction = VoiFunction.LINEAR

    def __post_init__(self) -> None:
        """Refuse a window that the standard does not define."""
        if not (math.isfinite(self.centre) and math.isfinite(self.width)) or self.width <= 0:
            raise ValueError("a window needs a finite centre and a positive width")
        if self.function is VoiFunction.LINEAR and self.width < 1:
            raise ValueError("a LINEAR window needs a width of at least 1")


@dataclass(frozen=True, slots=True)
class VoiLut:
    """VOI LUT (PS3.3 C.11.2.1.1): entries are unsigned with ``bits`` significant bits."""

    first: int
    entries: tuple[int, ...]
    bits: int
    explanation: str = ""


class LutShape(StrEnum):
    """Presentation LUT Shape (2050,0020) of a presentation state."""

    IDENTITY = "IDENTITY"
    INVERSE = "INVERSE"


@dataclass(frozen=True, slots=True)
class PresentationLut:
    """Presentation LUT (PS3.3 C.11.6.1): the whole VOI output is spread over the entries, which are
    unsigned P-values of ``bits`` bits.
    """

    entries: tuple[int, ...]
    bits: int
    explanation: str = ""

    def __post_init__(self) -> None:
        """Refuse a table that gives nothing."""
        if not self.entries or not 1 <= self.bits <= 16:
            raise ValueError("a presentation LUT needs entries of 1 to 16 bits")


@dataclass(frozen=True, slots=True)
class ColourMap:
    """Colours that a reader lets stand for grey: RGB for each P-value of 8 bits."""

    id: str
    name: str
    entries: bytes = field(repr=False)
    """256 times red, green, blue."""

    def __post_init__(self) -> None:
        """Refuse a table of another size."""
        if len(self.entries) != 3 * 256:
            raise ValueError("a colour map needs 256 colours")


@dataclass(frozen=True, slots=True)
class MaskLook:
    """A frame that is subtracted from the shown one, moved by so many columns and rows."""

    frame: FrameRef
    right: float = 0.0
    down: float = 0.0
    before: Window | VoiLut | None = None
    """The VOI that the images themselves had."""


class Offset(NamedTuple):
    """Displacement of the image centre from the pane centre, in device pixels: right, down."""

    x: float
    y: float


CENTRED = Offset(0.0, 0.0)


class Area(NamedTuple):
    """A part of an image by its edges in pixels, 0 at the outer edge of the first pixel."""

    left: float
    top: float
    right: float
    bottom: float


class ImageEdge(StrEnum):
    """An edge of an image as it is stored."""

    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"


@dataclass(frozen=True, slots=True)
class Presentation:
    """The look of one pane. ``voi`` None means minimum to maximum of the display set (F12)."""

    voi: Window | VoiLut | None = None
    invert: bool = False
    """Turned by the reader; MONOCHROME1 is handled by the pipeline and not recorded here."""
    zoom: float | None = None
    """Device pixels per image column; None means fit to the pane."""
    offset: Offset = CENTRED
    quarter_turns: int = 0
    flip_horizontal: bool = False
    modality: Rescale | ModalityLut | None = None
    """A presentation state's modality step in place of the image's own; None leaves the image's."""
    presentation_lut: LutShape | PresentationLut | None = None
    """A presentation state's last grey step; with one, Photometric Interpretation is ignored
    (PS3.4 N.2.1.4). None means that no presentation state is applied."""
    overlays: bool = True
    """Whether overlay planes are drawn (F20)."""
    shuttered: bool = True
    """Whether shutters hide what they hide (F19)."""
    colours_as_sent: bool = False
    """Whether colours go to the screen as numbers, their profile not honoured (F18)."""
    area: Area | None = None
    """What lies in the middle of the pane and, without a zoom, fits it; None is the whole image."""
    aspect: float | None = None
    """Height of a pixel over its width where a presentation state sets it; None is the image's."""

    colour_map: ColourMap | None = None
    """Colours in place of grey, chosen by the reader; None is grey."""
    mask: MaskLook | None = None
    """What is subtracted, chosen by the reader; the VOI is then on differences."""
    padding: bool = True
    """Whether what stands for 'no pixel here' is left black (F11)."""
    edge: ImageEdge | None = None
    """The image's edge that lies on the pane's edge, as the chest wall does; None centres it."""

    def with_voi(self, voi: Window | VoiLut | None) -> "Presentation":
        """Give the same look through another window or LUT."""
        return replace(self, voi=voi)
