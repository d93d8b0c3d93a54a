"""The tool that takes a window from a box: its darkest value becomes black, its brightest white."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from viewer.model.annotation import Annotation
from viewer.model.presentation import VoiFunction, Window
from viewer.pixels.pipeline import PixelPipeline
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.tools import DRAG_THRESHOLD, Gesture, PointerEvent, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

Pixels = Callable[[Viewport], NDArray[Any] | None]
_FINE = 16.0
"""Ranges below this get a window without the half-unit steps of LINEAR (C.11.2.1.3.2)."""


class BoxGesture:
    """Draws a box; at the release what lies in it gives the window."""

    preview: Annotation | None = None
    lasting = False

    def __init__(self, e: PointerEvent, viewport: Viewport, pixels: Pixels) -> None:
        """Begin with one corner."""
        self._viewport = viewport
        self._pixels = pixels
        self.box: tuple[PanePoint, PanePoint] = (e.at, e.at)
        """Opposite corners, in device pixels of the pane."""

    def move(self, e: PointerEvent) -> None:
        """Draw to the pointer."""
        self.box = (self.box[0], e.at)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """Window what lies in the box; a mere click does nothing."""
        self.move(e)
        a, b = self.box
        pixels = self._pixels(self._viewport)
        if pixels is not None and max(abs(a.x - b.x), abs(a.y - b.y)) >= DRAG_THRESHOLD * e.scale:
            window = window_of_box(self._viewport, self.box, pixels)
            if window is not None:
                self._viewport.set_voi(window)
        return ()

    def cancel(self) -> None:
        """Leave the window as it is."""


@dataclass(frozen=True, slots=True)
class RegionTool:
    """Begins boxes on grey images; ``pixels`` gives the decoded frame of a viewport."""

    pixels: Pixels
    id: ToolId = ToolId.REGION

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin a box; a colour image has no window."""
        return BoxGesture(e, viewport, self.pixels) if viewport.is_grey else None


def window_of_box(
    viewport: Viewport, box: tuple[PanePoint, PanePoint], pixels: NDArray[Any]
) -> Window | None:
    """The window over the modality values of the pixels whose centres lie in a box.

    Padding is left out; None where nothing is in the box.
    """
    transform, instance = viewport.transform(), viewport.drawn
    if transform is None or instance is None or instance.format is None:
        return None
    corners = [transform.to_pixel(corner) for corner in box]
    rows, columns = pixels.shape[:2]
    left, right = _inside([p.column for p in corners], columns)
    top, bottom = _inside([p.row for p in corners], rows)
    part = pixels[top:bottom, left:right]
    found = PixelPipeline.of(instance).extremes(part) if part.size else None
    return None if found is None else window_over(*found)


def window_over(low: float, high: float) -> Window:
    """The window that maps ``low`` to black and ``high`` to white."""
    if high - low < _FINE:
        width = max(high - low, 1e-6)
        return Window((low + high) / 2, width, "", VoiFunction.LINEAR_EXACT)
    return Window((low + high + 1) / 2, high - low + 1)


def _inside(ends: Sequence[float], size: int) -> tuple[int, int]:
    first, last = min(ends), max(ends)
    return max(math.ceil(first), 0), min(max(math.floor(last) + 1, 0), size)
