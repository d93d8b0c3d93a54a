"""The outline that follows edges between clicks (intelligent scissors, livewire).

The ways from the last anchor are found beside the drawing; until they are there, and farther away
than they reach, the line is straight.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from viewer.loading.executor import Executor
from viewer.measure.kinds import KINDS
from viewer.measure.wire import Crop, Wire, wire_from
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PixelPoint
from viewer.viewport.annotate import (
    HANDLE_REACH,
    AnnotationEdit,
    AnnotationLedger,
    apart,
    make_annotation,
    metric_on,
)
from viewer.viewport.drawing import Hand, at_pixels, clamped
from viewer.viewport.measuring import Selection, take_hold
from viewer.viewport.tools import DRAG_THRESHOLD, Gesture, PointerEvent, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

_FEWEST = 3
Crops = Callable[[Viewport, PixelPoint], Callable[[], Crop] | None]
"""Gives what cuts the values round a pixel out of what a pane shows; None while they lack."""


@dataclass(frozen=True, slots=True)
class WireMaker:
    """Finds the ways from an anchor off the GUI thread."""

    crops: Crops
    executor: Executor

    def find(
        self,
        viewport: Viewport,
        made: Annotation,
        points: Sequence[PixelPoint],
        take: Callable[[Wire], None],
    ) -> None:
        """Call ``take`` with the ways from the last point; never where there are no values."""
        anchor = points[-1]
        cut = self.crops(viewport, anchor)
        if cut is None:
            return
        shape = metric_on(viewport, made.on, (anchor,)).shape
        self.executor.run(lambda: wire_from(anchor, cut(), shape, points), take, _nothing)


@dataclass(frozen=True, slots=True)
class WireTool:
    """Draws an outline along edges; a press on an annotation takes hold of it instead."""

    id: ToolId
    kind: AnnotationKind
    ledger: AnnotationLedger
    selection: Selection
    hand: Hand
    maker: WireMaker

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Take hold of what is under the pointer, else place the first anchor there."""
        held = take_hold(e, viewport, self.ledger, self.selection, self.hand.snap)
        return held or begin_wire(e, viewport, self.selection, self.hand, self.maker)


def begin_wire(
    e: PointerEvent, viewport: Viewport, selection: Selection, hand: Hand, maker: WireMaker
) -> "WireGesture | None":
    """Place the first anchor of an outline under the pointer; None outside the image."""
    transform = viewport.transform()
    if transform is None:
        return None
    first = transform.to_pixel(e.at)
    made = make_annotation(viewport, AnnotationKind.LIVEWIRE, (first,), hand.author, hand.now)
    if made is None:
        return None
    selection.choose(made.id)
    return WireGesture(e, viewport, made, maker)


class WireGesture:
    """A click for each anchor; Enter, a double click or the first anchor closes the outline."""

    def __init__(
        self, e: PointerEvent, viewport: Viewport, first: Annotation, maker: WireMaker
    ) -> None:
        """Begin with the first anchor, where the press was."""
        self._viewport, self._maker = viewport, maker
        self._made = first
        self._pieces: list[tuple[PixelPoint, ...]] = [first.pixels]
        """Each ends in an anchor."""
        self._wires: dict[PixelPoint, Wire] = {}
        self._pressed = e.at
        self._first = True
        self._over = False
        self.lasting = False
        self.preview: Annotation = first
        self._ask()

    def move(self, e: PointerEvent) -> None:
        """Show the way to the pointer."""
        to = self._pixel(e.at)
        if to is not None:
            self._show((*self._points(), *self._way(to)))

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """Place an anchor; upon the first one the outline is closed."""
        self.lasting = True
        dragged = apart(e.at, self._pressed) >= DRAG_THRESHOLD * e.scale
        if self._first and not dragged:
            self._first = False
            return ()
        self._first = False
        if self._closes(e):
            return self.end()
        to = self._pixel(e.at)
        if to is not None and to != self._anchor:
            self._pieces.append(self._way(to))
            self._ask()
            self._show(self._points())
        return ()

    def end(self) -> Sequence[AnnotationEdit]:
        """Close the outline along edges; it goes on where it has too few points."""
        points = self._points()
        if len(self._pieces) > 1:
            points = (*points, *self._way(points[0])[:-1])
        kept = tuple(p for n, p in enumerate(points) if n == 0 or p != points[n - 1])
        self.lasting = len(set(kept)) < _FEWEST or not KINDS[self._made.kind].takes(len(kept))
        if self.lasting:
            return ()
        self._over = True
        return (AnnotationEdit(None, at_pixels(self._made, kept, self._viewport)),)

    def back(self) -> bool:
        """Take the last anchor and its way away; False when it was the only one."""
        if len(self._pieces) == 1:
            return False
        self._pieces.pop()
        self._ask()
        self._show(self._points())
        return True

    def cancel(self) -> None:
        """Leave everything as it was."""
        self._over = True

    @property
    def _anchor(self) -> PixelPoint:
        return self._pieces[-1][-1]

    def _points(self) -> tuple[PixelPoint, ...]:
        return tuple(p for piece in self._pieces for p in piece)

    def _way(self, to: PixelPoint) -> tuple[PixelPoint, ...]:
        """Along edges from the last anchor, and exactly to the place; else straight."""
        wire = self._wires.get(self._anchor)
        way = wire.way(to) if wire is not None else None
        return (to,) if not way else (*way[:-1], to)

    def _ask(self) -> None:
        anchor = self._anchor
        if anchor in self._wires:
            return

        def take(wire: Wire) -> None:
            if not self._over:
                self._wires[anchor] = wire

        self._maker.find(self._viewport, self._made, self._points(), take)

    def _show(self, points: Sequence[PixelPoint]) -> None:
        self.preview = at_pixels(self._made, points, self._viewport)

    def _pixel(self, at: PanePoint) -> PixelPoint | None:
        transform = self._viewport.transform()
        return None if transform is None else clamped(transform.to_pixel(at), transform)

    def _closes(self, e: PointerEvent) -> bool:
        transform, first = self._viewport.transform(), self._pieces[0][0]
        if transform is None or len(self._pieces) < _FEWEST - 1:
            return False
        return apart(e.at, transform.to_pane(first)) <= HANDLE_REACH * e.scale


def _nothing(_error: Exception) -> None:
    """Without ways the line is straight."""
