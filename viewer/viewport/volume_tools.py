"""The pointer on a volume in 3D: turns it, draws a cut around what is in the way, moves a face."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from viewer.model.annotation import Annotation
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.navigate import PanTool, WindowTool, ZoomTool
from viewer.viewport.tools import DRAG_THRESHOLD, Button, Gesture, PointerEvent, Tool, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport
from viewer.viewport.volume_box import faces_of
from viewer.viewport.volume_view import CropBox, VolumeViewport

_HANDLE_REACH = 12.0
_LEAST_STEP = 3.0
"""Device pixels between two corners of a drawn line."""
_MOST_CORNERS = 400
_FLAT = 1e-3
"""Device pixels per voxel below which a face points at the reader and cannot be dragged."""


class Turning:
    """A drag that turns the volume; computed from where it began, so nothing drifts."""

    preview: Annotation | None = None
    lasting = False

    def __init__(self, e: PointerEvent, viewport: VolumeViewport) -> None:
        """Remember from where it was looked."""
        self._viewport, self._start = viewport, e.at
        self._before = viewport.state.camera
        self._begun = False

    def move(self, e: PointerEvent) -> None:
        """Half a turn across the shorter side of the pane."""
        dx, dy = e.at.x - self._start.x, e.at.y - self._start.y
        self._begun = self._begun or math.hypot(dx, dy) >= DRAG_THRESHOLD * e.scale
        if self._begun:
            pane = self._viewport.state.pane
            gain = math.pi / max(min(pane.width, pane.height), 1)
            self._viewport.look_from(self._before.turned(dx * gain, dy * gain))

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End where the pointer is."""
        self.move(e)
        return ()

    def cancel(self) -> None:
        """Look from where it was looked before."""
        self._viewport.look_from(self._before)


class Drawing:
    """A line drawn around what is to be cut."""

    preview: Annotation | None = None
    lasting = False

    def __init__(
        self, e: PointerEvent, viewport: VolumeViewport, say: Callable[[str], None]
    ) -> None:
        """Begin; ``say`` gets a sentence where nothing was cut."""
        self._viewport, self._say = viewport, say
        self._line = [e.at]

    def move(self, e: PointerEvent) -> None:
        """Add a corner where the pointer went on far enough."""
        last = self._line[-1]
        far = math.hypot(e.at.x - last.x, e.at.y - last.y) >= _LEAST_STEP * e.scale
        if far and len(self._line) < _MOST_CORNERS:
            self._line.append(e.at)
            self._viewport.put(line=tuple(self._line))

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """Close the line and cut."""
        self.move(e)
        if not self._viewport.cut(self._line):
            self.cancel()
            self._say("Draw a line around what is to be cut.")
        return ()

    def cancel(self) -> None:
        """Cut nothing."""
        self._viewport.put(line=())


class FaceDrag:
    """A face of the crop box in the hand."""

    preview: Annotation | None = None
    lasting = False

    def __init__(
        self, e: PointerEvent, viewport: VolumeViewport, axis: int, step: PanePoint, *, high: bool
    ) -> None:
        """Begin; ``step`` is the way of one voxel along the axis in the pane."""
        self._viewport, self._axis, self._high = viewport, axis, high
        self._start, self._step = e.at, step
        self._since = viewport.state.crop
        self._before = self._since or viewport.whole

    def move(self, e: PointerEvent) -> None:
        """Move the face by as many voxels as the pointer went along its axis."""
        self._viewport.crop(self._box(e), done=False)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """Leave the face there."""
        self._viewport.crop(self._box(e), since=self._since)
        return ()

    def cancel(self) -> None:
        """Put the face back."""
        self._viewport.crop(self._since, done=False)

    def _box(self, e: PointerEvent) -> CropBox:
        dx, dy = e.at.x - self._start.x, e.at.y - self._start.y
        step = self._step
        voxels = (dx * step.x + dy * step.y) / (step.x**2 + step.y**2)
        ends = self._before.high if self._high else self._before.low
        to = ends[self._axis] + voxels
        whole = self._viewport.whole
        return self._before.moved(self._axis, high=self._high, to=to, whole=whole)


class TurnTool:
    """The scroll tool turns a volume, which has nothing to scroll through."""

    id = ToolId.SCROLL

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin to turn."""
        return Turning(e, viewport) if isinstance(viewport, VolumeViewport) else None


@dataclass(frozen=True, slots=True)
class NotInSpace:
    """A tool that has nothing to act on in 3D, and says so."""

    id: ToolId
    say: Callable[[str], None]

    def press(self, _e: PointerEvent, _viewport: Viewport) -> Gesture | None:
        """Say why nothing happens."""
        if self.id is ToolId.LENGTH:
            self.say("Nothing is measured in 3D: measure on the images or on planes (MPR).")
        else:
            self.say("This tool works on images and planes: leave 3D first.")
        return None


@dataclass(frozen=True, slots=True)
class ModeFirst:
    """A tool before which a cut that is asked for, or a face of the crop box, comes."""

    tool: Tool
    say: Callable[[str], None]

    @property
    def id(self) -> ToolId:
        """Which tool this is."""
        return self.tool.id

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Draw, or take the face under the pointer, or do what the tool does."""
        if isinstance(viewport, VolumeViewport) and e.button is Button.LEFT:
            if viewport.state.cutting is not None:
                return Drawing(e, viewport, self.say)
            face = _face_at(e, viewport)
            if face is not None:
                return face
        return self.tool.press(e, viewport)


def volume_tools(say: Callable[[str], None]) -> Mapping[ToolId, Tool]:
    """The tools of a volume by what they are called on images."""
    own: dict[ToolId, Tool] = {
        tool.id: ModeFirst(tool, say) for tool in (TurnTool(), WindowTool(), ZoomTool(), PanTool())
    }
    others = {name: ModeFirst(NotInSpace(name, say), say) for name in ToolId}
    return {**others, **own}


def _face_at(e: PointerEvent, viewport: VolumeViewport) -> FaceDrag | None:
    if not viewport.state.boxed:
        return None
    for face in faces_of(viewport, viewport.state):
        near = math.hypot(e.at.x - face.at.x, e.at.y - face.at.y) <= _HANDLE_REACH * e.scale
        if near and face.step.x**2 + face.step.y**2 > _FLAT**2:
            return FaceDrag(e, viewport, face.axis, face.step, high=face.high)
    return None


def arrow(across: float, down: float) -> Callable[[VolumeViewport], None]:
    """Turn by degrees."""
    a, b = math.radians(across), math.radians(down)

    def act(viewport: VolumeViewport) -> None:
        viewport.look_from(viewport.state.camera.turned(a, b))

    return act
