"""The pointer on a crosshair: moves its centre, shifts and turns its planes, or goes to a place."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viewer.model.annotation import Annotation
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.cross_lines import HUB, cross_lines
from viewer.viewport.planes import Crosshair, PlaneName
from viewer.viewport.reformat import PlaneViewport, Reformat
from viewer.viewport.tools import DRAG_THRESHOLD, Button, Gesture, PointerEvent, Tool, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

_GRIP_REACH = 10.0
_LINE_REACH = 5.0


class Hold:
    """A drag on the crosshair; each step is computed from where the drag began."""

    preview: Annotation | None = None
    lasting = False

    def __init__(
        self,
        e: PointerEvent,
        reformat: Reformat,
        act: Callable[[Crosshair, PanePoint], None],
        click: Callable[[PanePoint], None] | None = None,
    ) -> None:
        """Begin; ``act`` gets the crosshair as it was and where the pointer is.

        ``click`` follows a press without a drag.
        """
        self._reformat = reformat
        self._click = click
        self._before = reformat.crosshair
        self._act = act
        self._start = e.at
        self._begun = False

    def move(self, e: PointerEvent) -> None:
        """Follow the pointer once it is past the threshold."""
        reach = DRAG_THRESHOLD * e.scale
        far = math.hypot(e.at.x - self._start.x, e.at.y - self._start.y) >= reach
        if far and not self._begun:
            self._begun = True
            self._reformat.hold(moving=True)
        if self._begun:
            self._act(self._before, e.at)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End where the pointer is; the whole picture follows."""
        self.move(e)
        self._reformat.hold(moving=False)
        if not self._begun and self._click is not None:
            self._click(self._start)
        return ()

    def cancel(self) -> None:
        """Show what was shown before."""
        self._reformat.put(self._before)
        self._reformat.hold(moving=False)


def hold_of(e: PointerEvent, viewport: PlaneViewport) -> Hold | None:
    """Take hold of what the pointer is on: the centre, a grip for turning, or a line."""
    reformat, name = viewport.reformat, viewport.name
    plane, transform = viewport.plane, viewport.transform()
    if plane is None or transform is None:
        return None
    centre = transform.to_pane(reformat.pixel(name))
    if _apart(e.at, centre) <= HUB * e.scale:
        return Hold(e, reformat, _moving(viewport, e.at, centre))
    lines = cross_lines(reformat.crosshair, plane, transform, scale=e.scale, on=name)
    for line in lines:
        if any(_apart(e.at, grip) <= _GRIP_REACH * e.scale for grip in line.grips):
            return Hold(e, reformat, _turning(viewport, e.at, centre))
    for line in lines:
        if any(_from(e.at, a, b) <= _LINE_REACH * e.scale for a, b in line.parts):
            return Hold(e, reformat, _shifting(viewport, line.of, e.at), _going(viewport, reformat))
    return None


def _moving(
    viewport: PlaneViewport, start: PanePoint, centre: PanePoint
) -> Callable[[Crosshair, PanePoint], None]:
    def act(_before: Crosshair, to: PanePoint) -> None:
        place = PanePoint(centre.x + to.x - start.x, centre.y + to.y - start.y)
        point = viewport.point_at(place)
        if point is not None:
            viewport.reformat.go_to(point)

    return act


def _turning(
    viewport: PlaneViewport, start: PanePoint, centre: PanePoint
) -> Callable[[Crosshair, PanePoint], None]:
    begun = math.atan2(start.y - centre.y, start.x - centre.x)

    def act(before: Crosshair, to: PanePoint) -> None:
        angle = math.atan2(to.y - centre.y, to.x - centre.x) - begun
        viewport.reformat.turn(before, viewport.name, angle)

    return act


def _going(viewport: Viewport, reformat: Reformat) -> Callable[[PanePoint], None]:
    def go(place: PanePoint) -> None:
        transform, plane = viewport.transform(), viewport.plane
        if transform is not None and plane is not None:
            reformat.go_to(plane.to_lps(transform.to_pixel(place)))

    return go


def _shifting(
    viewport: PlaneViewport, of: PlaneName, start: PanePoint
) -> Callable[[Crosshair, PanePoint], None]:
    begun = viewport.point_at(start)

    def act(before: Crosshair, to: PanePoint) -> None:
        point = viewport.point_at(to)
        if point is not None and begun is not None:
            viewport.reformat.shift(before, of, (point - begun).dot(before.cut(of).normal))

    return act


class ClickOrTool:
    """A gesture of a tool that becomes a click when the pointer did not move: go there."""

    def __init__(
        self, e: PointerEvent, tool: Gesture | None, go: Callable[[PanePoint], None]
    ) -> None:
        """Begin; ``tool`` follows the pointer meanwhile."""
        self._start = e.at
        self._tool = tool
        self._go = go
        self._moved = False

    @property
    def preview(self) -> Annotation | None:
        """What the tool draws meanwhile."""
        return self._tool.preview if self._tool else None

    @property
    def lasting(self) -> bool:
        """A click is over at once."""
        return self._tool.lasting if self._tool else False

    def move(self, e: PointerEvent) -> None:
        """Follow the pointer."""
        far = math.hypot(e.at.x - self._start.x, e.at.y - self._start.y)
        self._moved = self._moved or far >= DRAG_THRESHOLD * e.scale
        if self._tool is not None:
            self._tool.move(e)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End; without a drag the crosshair goes to where the press was."""
        self.move(e)
        edits = self._tool.release(e) if self._tool else ()
        if not self._moved:
            self._go(self._start)
        return edits

    def cancel(self) -> None:
        """Leave everything as it was."""
        if self._tool is not None:
            self._tool.cancel()


@dataclass(frozen=True, slots=True)
class CrosshairFirst:
    """A tool that lets go first to the crosshair under the pointer; a click moves the crosshair."""

    tool: Tool
    reformat: Callable[[], Reformat | None]

    @property
    def id(self) -> ToolId:
        """The id of the tool behind it."""
        return self.tool.id

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Hold the crosshair under the pointer, else do what the tool does."""
        reformat = self.reformat()
        if reformat is None or e.button is not Button.LEFT:
            return self.tool.press(e, viewport)
        held = hold_of(e, viewport) if isinstance(viewport, PlaneViewport) else None
        if held is not None:
            return held

        return ClickOrTool(e, self.tool.press(e, viewport), _going(viewport, reformat))


@dataclass(frozen=True, slots=True)
class PointAt:
    """The tool that points in all panes at once: here it carries the crosshair along."""

    reformat: Callable[[], Reformat | None]
    id: ToolId = ToolId.POINT

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Go to the place, and on from there as long as the button is down."""
        reformat = self.reformat()
        if reformat is None:
            return None
        go = _going(viewport, reformat)
        held = Hold(e, reformat, lambda _before, to: go(to), None)
        go(e.at)
        return held


@dataclass(frozen=True, slots=True)
class NotOnPlanes:
    """In place of a tool that works on single images: it says so."""

    id: ToolId
    refuse: Callable[[str], None]

    def press(self, _e: PointerEvent, _viewport: Viewport) -> Gesture | None:
        """Say so."""
        self.refuse("This tool works on the images themselves: leave MPR first.")
        return None


def _apart(a: PanePoint, b: PanePoint) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)


def _from(p: PanePoint, a: PanePoint, b: PanePoint) -> float:
    dx, dy = b.x - a.x, b.y - a.y
    length = dx * dx + dy * dy
    if length == 0:
        return _apart(p, a)
    t = min(max(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0), 1.0)
    return _apart(p, PanePoint(a.x + t * dx, a.y + t * dy))
