"""The tools that draw, take hold of and select annotations, of every kind by one machine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from viewer.measure.kinds import KINDS, DrawnBy
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import PixelPoint
from viewer.model.refs import FrameRef
from viewer.viewport.annotate import (
    HANDLE_REACH,
    AnnotationEdit,
    AnnotationLedger,
    apart,
    grip_at,
    metric_on,
)
from viewer.viewport.drawing import Drawing, Hand, PointByPoint, Snap, as_placed
from viewer.viewport.tools import DRAG_THRESHOLD, Gesture, PointerEvent, Tool, ToolId
from viewer.viewport.transform import PaneTransform
from viewer.viewport.viewport import Viewport

_FREE_STEP = 2.0
"""Logical pixels after which a free line takes its next point."""


class Selection:
    """Which annotation keys act on; shared by the panes of one reading area."""

    def __init__(self) -> None:
        """Start with none."""
        self.chosen: AnnotationId | None = None
        self.point: int | None = None
        """Which of its points keys move; None is the whole."""

    def choose(self, chosen: AnnotationId | None, point: int | None = None) -> None:
        """Let keys act on this one, or on none."""
        self.chosen, self.point = chosen, point


@runtime_checkable
class Path(Protocol):
    """A gesture that a key or a double click ends."""

    def end(self) -> Sequence[AnnotationEdit]:
        """End it here and give the edits it made."""
        ...

    def back(self) -> bool:
        """Take the last point away; False when it was the only one."""
        ...


def path_of(gesture: object) -> Path | None:
    """The gesture where it is one that a key ends."""
    return gesture if isinstance(gesture, Path) else None


class DrawGesture:
    """Press, drag, release; a press without a drag goes on until the next press."""

    def __init__(self, e: PointerEvent, drawing: Drawing) -> None:
        """Begin where the press was."""
        self._start = e.at
        self._drawing = drawing
        self._moved = False
        self._pressed_again = False
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


class PathGesture:
    """A click for each point; the last one of a kind ends it, a path is ended by hand."""

    def __init__(self, e: PointerEvent, drawing: PointByPoint) -> None:
        """Begin with the first point, where the press was."""
        self._drawing = drawing
        self._first = True
        self.lasting = False
        self._reach = HANDLE_REACH * e.scale

    @property
    def preview(self) -> Annotation | None:
        """What is drawn meanwhile."""
        return self._drawing.preview

    def move(self, e: PointerEvent) -> None:
        """Show the next point under the pointer."""
        self._drawing.follow(e.at)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """Place a point; a click upon the first one closes an outline."""
        dragged = self._drawing.far(e.at, DRAG_THRESHOLD * e.scale)
        if not self._first and self._drawing.closes(e.at, self._reach):
            return self.end()
        if dragged:
            self._drawing.add(e.at)
        self._first = False
        self.lasting = not self._drawing.is_full
        return () if self.lasting else self._drawing.finish()

    def end(self) -> Sequence[AnnotationEdit]:
        """End with the points that are placed; it goes on where they are too few."""
        edits = self._drawing.finish()
        self.lasting = not edits
        return edits

    def back(self) -> bool:
        """Take the last point away; False when it was the only one."""
        return self._drawing.back()

    def cancel(self) -> None:
        """Leave everything as it was."""


class FreeGesture:
    """The way of the pointer from press to release."""

    lasting = False

    def __init__(self, drawing: PointByPoint) -> None:
        """Begin with the first point, where the press was."""
        self._drawing = drawing

    @property
    def preview(self) -> Annotation | None:
        """What is drawn meanwhile."""
        return self._drawing.preview

    def move(self, e: PointerEvent) -> None:
        """Take the next point once it is far enough from the last one."""
        if self._drawing.far(e.at, _FREE_STEP * e.scale):
            self._drawing.add(e.at)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End here."""
        self.move(e)
        return self._drawing.finish()

    def cancel(self) -> None:
        """Leave everything as it was."""


@dataclass(frozen=True, slots=True)
class AnnotationTool:
    """Draws one kind; a press on an annotation that is there takes hold of it instead."""

    id: ToolId
    kind: AnnotationKind
    ledger: AnnotationLedger
    selection: Selection
    hand: Hand

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Take hold of what is under the pointer, else begin a new annotation there."""
        held = take_hold(e, viewport, self.ledger, self.selection, self.hand.snap)
        return held or begin(e, viewport, self.kind, self.selection, self.hand)


def begin(
    e: PointerEvent, viewport: Viewport, kind: AnnotationKind, selection: Selection, hand: Hand
) -> Gesture | None:
    """Begin a new annotation under the pointer, as its kind is drawn; None outside the image."""
    how = KINDS[kind].drawn_by
    if how is DrawnBy.DRAG:
        drawing = Drawing.place(viewport, e.at, kind, hand)
        if drawing is None:
            return None
        selection.choose(drawing.preview.id)
        return DrawGesture(e, drawing)
    path = PointByPoint.place(viewport, e.at, kind, hand)
    if path is None:
        return None
    selection.choose(path.preview.id)
    return FreeGesture(path) if how is DrawnBy.FREE else PathGesture(e, path)


def take_hold(
    e: PointerEvent,
    viewport: Viewport,
    ledger: AnnotationLedger,
    selection: Selection,
    snap: Snap = as_placed,
) -> Gesture | None:
    """Select and hold the annotation under the pointer; with none there, select none."""
    frame = viewport.state.frame
    selection.choose(None)
    return None if frame is None else hold(e, viewport, ledger.seen_on(frame), selection, snap)


def hold(
    e: PointerEvent,
    viewport: Viewport,
    held: Sequence[Annotation],
    selection: Selection,
    snap: Snap = as_placed,
) -> Gesture | None:
    """Select and hold whichever of these lies under the pointer."""
    transform = viewport.transform()
    if transform is None:
        return None
    grip = grip_at(
        e.at, held, transform, lambda one: metric_on(viewport, one.on, one.pixels), e.scale
    )
    if grip is None:
        return None
    selection.choose(grip.annotation.id, grip.point)
    return DrawGesture(e, Drawing.hold(viewport, grip, snap))


@dataclass(slots=True)
class Snapping:
    """Moves points to pixel centres, and to points of other annotations that are near."""

    places: "Places"
    on: bool = False

    def __call__(self, p: PixelPoint, transform: PaneTransform) -> PixelPoint:
        """Snap where that is switched on."""
        if not self.on:
            return p
        at = transform.to_pane(p)
        near = [
            (apart(at, transform.to_pane(other)), other)
            for other in self.places()
            if apart(at, transform.to_pane(other)) <= HANDLE_REACH
        ]
        if near:
            return min(near)[1]
        return PixelPoint(float(round(p.column)), float(round(p.row)))


class Places(Protocol):
    """Gives the points of the shown frame that others may snap to."""

    def __call__(self) -> Sequence[PixelPoint]:
        """All of them."""
        ...


FixedOn = Callable[[FrameRef], Sequence[Annotation]]


@dataclass(frozen=True, slots=True)
class Graspable:
    """A tool that lets go first to an annotation's end point under the pointer."""

    tool: Tool
    ledger: AnnotationLedger
    selection: Selection
    snap: Snap = as_placed
    fixed: FixedOn | None = None
    """Gives what of a frame can be chosen and not be moved."""

    @property
    def id(self) -> ToolId:
        """The id of the tool behind it."""
        return self.tool.id

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Hold the annotation under the pointer, else do what the tool does."""
        held = take_hold(e, viewport, self.ledger, self.selection, self.snap)
        if held is not None:
            return held
        frame = viewport.state.frame
        fixed = self.fixed(frame) if self.fixed is not None and frame is not None else ()
        hold(e, viewport, fixed, self.selection)
        return self.tool.press(e, viewport)
