"""Scroll, window, zoom and pan: each computed from the start of its drag, so nothing drifts."""

import math
from collections.abc import Callable, Sequence

from viewer.model.annotation import Annotation
from viewer.model.presentation import VoiFunction
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.tools import DRAG_THRESHOLD, Gesture, PointerEvent, ToolId
from viewer.viewport.viewport import Viewport

WINDOW_GAIN = 1 / 300
"""Part of the window's width per logical pixel of drag."""
ZOOM_GAIN = 1 / 150
SCROLL_TRAVEL = 400
"""Logical pixels that run through a long stack."""


class Drag:
    """A gesture that acts on a viewport; below the threshold it does nothing.

    ``act`` gets the way from the start in logical pixels, right and down.
    """

    preview: Annotation | None = None
    lasting = False

    def __init__(
        self, e: PointerEvent, viewport: Viewport, act: Callable[[float, float], None]
    ) -> None:
        """Remember where it began and what was shown then."""
        self._viewport = viewport
        self._act = act
        self._start = e.at
        self._begun = False
        self._before = viewport.state

    def move(self, e: PointerEvent) -> None:
        """Follow the pointer."""
        dx, dy = (e.at.x - self._start.x) / e.scale, (e.at.y - self._start.y) / e.scale
        self._begun = self._begun or math.hypot(dx, dy) >= DRAG_THRESHOLD
        if self._begun:
            self._act(dx, dy)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End where the pointer is."""
        self.move(e)
        return ()

    def cancel(self) -> None:
        """Show what was shown before."""
        self._viewport.go_to_index(self._before.index)
        self._viewport.look_like(self._before.look)


class WindowTool:
    """Right is wider, up lowers the centre; where black stays at 0 only the upper end moves, and
    both ways make it darker (IHE BIR 4.16.4.2.2.5.4).
    """

    id = ToolId.WINDOW

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin; colour images and unknown ranges have no window to drag."""
        window = viewport.window()
        if window is None or not viewport.is_grey:
            return None

        upper = window.centre + window.width / 2
        if viewport.holds_floor and upper > 0 and window.function is not VoiFunction.SIGMOID:

            def lift(dx: float, dy: float) -> None:
                top = upper * math.exp((dx + dy) * WINDOW_GAIN)
                viewport.set_window(top / 2, top)

            return Drag(e, viewport, lift)

        def act(dx: float, dy: float) -> None:
            centre = window.centre + dy * window.width * WINDOW_GAIN
            viewport.set_window(centre, window.width * math.exp(dx * WINDOW_GAIN))

        return Drag(e, viewport, act)


class ScrollTool:
    """Down is the next frame."""

    id = ToolId.SCROLL

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin from the shown frame."""
        index = viewport.state.index
        per_frame = min(max(SCROLL_TRAVEL / max(viewport.state.count, 1), 2.0), 16.0)

        def act(_dx: float, dy: float) -> None:
            viewport.go_to_index(index + round(dy / per_frame))

        return Drag(e, viewport, act)


class ZoomTool:
    """Down is larger, about the place of the press (IHE BIR 4.16.4.2.2.5.6)."""

    id = ToolId.ZOOM

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin from the present zoom."""
        look = viewport.state.look

        def act(_dx: float, dy: float) -> None:
            viewport.zoom_at(e.at, math.exp(dy * ZOOM_GAIN), of=look)

        return Drag(e, viewport, act)


class PanTool:
    """The image follows the pointer."""

    id = ToolId.PAN

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin from the present place."""
        look = viewport.state.look

        def act(dx: float, dy: float) -> None:
            viewport.pan(dx * e.scale, dy * e.scale, of=look)

        return Drag(e, viewport, act)
