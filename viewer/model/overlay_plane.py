"""Overlay planes of one bit a pixel, wherever they were read from (PS3.3 C.9.2)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OverlayPlane:
    """What is known of one plane before its bits are read.

    ``row`` and ``column`` tell on which image pixel its first pixel lies, counted from 1; they may
    be zero or negative, and the plane may reach beyond the image.
    """

    group: int
    """0x6000 to 0x601E, even."""
    rows: int
    columns: int
    row: int = 1
    column: int = 1
    frames: int | None = None
    """Frames in the plane, lying on as many image frames; None: one that lies on all of them."""
    first_frame: int = 0
    """The image frame on which its first frame lies, counted from 0."""
    roi: bool = False
    """Overlay Type R: a region, not graphics."""
    label: str = ""
    description: str = ""
    embedded_bit: int | None = None
    """Which bit of the pixel data holds it (retired); None: it has data of its own."""

    def frame_on(self, frame: int) -> int | None:
        """The plane's frame that lies on an image frame, both counted from 0; None without."""
        if self.frames is None or self.embedded_bit is not None:
            return 0
        own = frame - self.first_frame
        return own if 0 <= own < self.frames else None


@dataclass(frozen=True, slots=True)
class OverlayBitmap:
    """One frame of a plane with its bits."""

    plane: OverlayPlane
    packed: bytes
    """Row after row, no gap between rows, the lowest bit first (PS3.5 8.1.2)."""

    def __post_init__(self) -> None:
        """Refuse bits that do not fill the plane."""
        if len(self.packed) * 8 < self.plane.rows * self.plane.columns:
            raise ValueError("an overlay needs a bit for each of its pixels")
