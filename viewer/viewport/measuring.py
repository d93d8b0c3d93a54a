"""The tool that draws, takes hold of and selects annotations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.viewport.annotate import AnnotationEdit, AnnotationLedger, Drawing, grip_at
from viewer.viewport.tools import DRAG_THRESHOLD, Gesture, PointerEvent, Tool, ToolId
from viewer.viewport.viewport import Viewport


class Selection:
    """Which annotation keys act on; shared by the panes of one reading area."""

    def __init__(self) -> None:
        """Start with none."""
        self.chosen: AnnotationId | None = None


class DrawGesture:
    """Press, drag, release; a press without a drag goes on until the next press."""

    def __init__(self, e: PointerEvent, drawing: Drawing) -> None:
        """Begin where the press was."""
        self._start = e.at
        self._drawing = drawing
        self._moved = False
        self.lasting = False

    @property
    def preview(self) -> Annotation | None:
        """What is drawn meanwhile."""
        return self._drawing.preview

    def move(self, e: PointerEvent) -> None:
        """Follow the pointer once it is past the threshold."""
        reach = DRAG_THRESHOLD * e.scale
        far = max(abs(e.at.x - self._start.x), abs(e.at.y - self._start.y)) >= reach
        self._moved = self._moved or far
        if self._moved:
            self._drawing.move(self._start, e.at)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End, or wait for the second press when a new annotation was not dragged out."""
        self.move(e)
        self.lasting = self._drawing.is_new and not self._moved and not self.lasting
        return () if self.lasting else self._drawing.finish()

    def cancel(self) -> None:
        """Leave everything as it was."""


@dataclass(frozen=True, slots=True)
class AnnotationTool:
    """Draws one kind; a press on an annotation that is there takes hold of it instead."""

    id: ToolId
    kind: AnnotationKind
    ledger: AnnotationLedger
    selection: Selection
    author: str
    now: Callable[[], datetime]

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Take hold of what is under the pointer, else begin a new annotation there."""
        held = take_hold(e, viewport, self.ledger, self.selection)
        if held is not None:
            return held
        drawing = Drawing.place(viewport, e.at, self.kind, self.author, self.now)
        if drawing is None:
            return None
        self.selection.chosen = drawing.preview.id
        return DrawGesture(e, drawing)


def take_hold(
    e: PointerEvent, viewport: Viewport, ledger: AnnotationLedger, selection: Selection
) -> Gesture | None:
    """Select and hold the annotation under the pointer; with none there, select none."""
    frame, transform = viewport.state.frame, viewport.transform()
    selection.chosen = None
    if frame is None or transform is None:
        return None
    grip = grip_at(e.at, ledger.on(frame), transform, e.scale)
    if grip is None:
        return None
    selection.chosen = grip.annotation.id
    return DrawGesture(e, Drawing.hold(viewport, grip))


@dataclass(frozen=True, slots=True)
class Graspable:
    """A tool that lets go first to an annotation's end point under the pointer."""

    tool: Tool
    ledger: AnnotationLedger
    selection: Selection

    @property
    def id(self) -> ToolId:
        """The id of the tool behind it."""
        return self.tool.id

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Hold the annotation under the pointer, else do what the tool does."""
        held = take_hold(e, viewport, self.ledger, self.selection)
        return held if held is not None else self.tool.press(e, viewport)
