"""The tools that draw and move what lies in space, in any pane, from slice to slice.

What is being drawn belongs to no single pane: a line begun on one plane is ended on another. It is
kept in a draft that every pane of the reading area shows.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from psygnal import Signal

from viewer.measure.in_space import InSpace, Placed, settled
from viewer.measure.kinds import KINDS
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PointLps
from viewer.viewport.annotate import (
    HANDLE_REACH,
    LINE_REACH,
    AnnotationEdit,
    AnnotationLedger,
    apart,
    from_segment,
    inside,
)
from viewer.viewport.drawing import Hand
from viewer.viewport.measuring import Selection
from viewer.viewport.reformat import PlaneViewport
from viewer.viewport.space_shapes import GrownOf, handles, lines_of
from viewer.viewport.space_view import (
    SpaceView,
    in_space,
    reshaped,
    shares_space,
    space_view,
    why_not_here,
)
from viewer.viewport.tools import DRAG_THRESHOLD, Button, Gesture, PointerEvent, Tool, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

_USUAL = 10.0
"""mm: the radius that a click without a drag gives."""
_LIMIT = 30.0
"""mm: the same of the limit round a seed."""


class SpaceDraft:
    """What is being drawn or moved; one for all panes of a reading area."""

    changed = Signal()

    def __init__(self) -> None:
        """Nothing is."""
        self.shown: Annotation | None = None
        self.waits = False
        """Whether it goes on with the next click, wherever that is."""

    def show(self, annotation: Annotation | None, *, waits: bool = False) -> None:
        """Show this in every pane, or nothing."""
        self.shown, self.waits = annotation, waits and annotation is not None
        self.changed.emit()

    def cancel(self) -> bool:
        """Give up what is begun; False where nothing was."""
        if self.shown is None:
            return False
        self.show(None)
        return True


@dataclass(frozen=True, slots=True)
class Space:
    """What the tools in space share: annotations, draft, selection, and what has grown."""

    ledger: AnnotationLedger
    selection: Selection
    draft: SpaceDraft
    hand: Hand
    grown: GrownOf
    refuse: Callable[[str], None]

    def seen_by(self, view: SpaceView) -> tuple[Annotation, ...]:
        """The annotations in space that share a pane's space, with what is being drawn."""
        shown = self.draft.shown
        held = [
            one
            for one in self.ledger.spatial()
            if one.kind.in_space and shares_space(one, view.instance)
            and (shown is None or one.id != shown.id)
        ]  # fmt: skip
        if shown is not None and shares_space(shown, view.instance):
            held.append(shown)
        return tuple(held)

    def hold(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Select and hold what lies under the pointer; None where nothing does."""
        view = space_view(viewport)
        if view is None or self.draft.waits:
            return None
        held = tuple(reversed(self.seen_by(view)))
        for one in held:
            for handle in handles(one, view):
                if apart(e.at, view.to_pane(handle.at)) <= HANDLE_REACH * e.scale:
                    self.selection.choose(one.id, handle.index)
                    return _Move(e, viewport, view, self, one, handle.index, handle.at)
        for one in held:
            if _on_line(e, one, view, self.grown):
                self.selection.choose(one.id)
                return _Move(e, viewport, view, self, one, None, one.points[0])
        return None


@dataclass(frozen=True, slots=True)
class SpaceTool:
    """Draws one kind in space; a press on one that is there takes hold of it instead."""

    id: ToolId
    kind: AnnotationKind
    space: Space

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Take hold of what is under the pointer, else begin, or go on with what was begun."""
        space, how = self.space, KINDS[self.kind].space
        held = space.hold(e, viewport)
        if held is not None or how is None:
            return held
        refused = why_not_here(viewport)
        if refused is not None:
            space.refuse(refused)
            return None
        view = space_view(viewport)
        at = _place(e.at, viewport, view)
        if view is None or at is None:
            return None
        if how.begin is not None:
            return _Begin(e, viewport, view, space, self.kind, how, at)
        return _Click.next(viewport, view, space, self.kind, at)


@dataclass(frozen=True, slots=True)
class SpaceFirst:
    """A tool that lets go first to what lies in space under the pointer."""

    tool: Tool
    space: Space

    @property
    def id(self) -> ToolId:
        """The id of the tool behind it."""
        return self.tool.id

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Hold what is under the pointer, else do what the tool does."""
        held = self.space.hold(e, viewport) if e.button is Button.LEFT else None
        return held if held is not None else self.tool.press(e, viewport)


class _Gesture:
    """What the gestures in space have in common: nothing of them belongs to one pane."""

    preview: Annotation | None = None
    lasting = False

    def __init__(self, viewport: Viewport, view: SpaceView, space: Space) -> None:
        self._viewport, self._view, self._space = viewport, view, space

    def cancel(self) -> None:
        """Leave everything as it was."""
        self._space.draft.show(None)

    def _placed(self, at: PanePoint) -> PointLps | None:
        return _place(at, self._viewport, self._view)


class _Begin(_Gesture):
    """A drag from the centre or a corner; a press without a drag gives the usual size."""

    def __init__(
        self,
        e: PointerEvent,
        viewport: Viewport,
        view: SpaceView,
        space: Space,
        kind: AnnotationKind,
        how: InSpace,
        at: PointLps,
    ) -> None:
        super().__init__(viewport, view, space)
        self._kind, self._how = kind, how
        self._start, self._first = e.at, at
        self._made: Annotation | None = None

    def move(self, e: PointerEvent) -> None:
        """Follow the pointer once it is past the threshold."""
        to = self._placed(e.at)
        far = apart(e.at, self._start) >= DRAG_THRESHOLD * e.scale
        if to is not None and self._how.begin is not None and (far or self._made is not None):
            self._show(self._how.begin(self._first, to, self._view.plane))

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End, with the usual size where nothing was dragged."""
        self.move(e)
        if self._made is None:
            self._show(self._usual())
        made = self._made
        self._space.draft.show(None)
        if made is None:
            return ()
        self._space.selection.choose(made.id)
        return (AnnotationEdit(None, made),)

    def _show(self, points: Placed) -> None:
        hand, before = self._space.hand, self._made
        made = in_space(self._viewport, self._kind, points, hand.author, hand.now)
        if made is not None and before is not None:
            made = replace(made, id=before.id)
        self._made = made
        self._space.draft.show(made)

    def _usual(self) -> Placed:
        plane, c = self._view.plane, self._first
        begin = self._how.begin
        if begin is None:
            return (c,)
        if KINDS[self._kind].points == 2:
            reach = _LIMIT if self._how.grows else _USUAL
            return begin(c, c.plus(plane.row, reach), plane)
        a = c.plus(plane.row, -_USUAL).plus(plane.column, -_USUAL)
        return begin(a, c.plus(plane.row, _USUAL).plus(plane.column, _USUAL), plane)


class _Click(_Gesture):
    """A click for each point; between two of them the panes can be scrolled and changed."""

    def __init__(self, viewport: Viewport, view: SpaceView, space: Space, made: Annotation) -> None:
        super().__init__(viewport, view, space)
        self._made = made
        space.draft.show(made, waits=True)

    @classmethod
    def next(
        cls, viewport: Viewport, view: SpaceView, space: Space, kind: AnnotationKind, at: PointLps
    ) -> "_Click | None":
        """Begin, or go on where something of the same kind and space was begun."""
        begun = space.draft.shown
        if space.draft.waits and begun is not None and begun.kind is kind:
            if not shares_space(begun, view.instance):
                space.refuse("These images share no space with those where it was begun.")
                return None
            made: Annotation | None = reshaped(begun, (*begun.points, at), viewport)
        else:
            made = in_space(viewport, kind, (at,), space.hand.author, space.hand.now)
        return None if made is None else cls(viewport, view, space, made)

    def move(self, e: PointerEvent) -> None:
        """Place the point where the button comes up."""
        at = self._placed(e.at)
        if at is not None:
            self._made = reshaped(self._made, (*self._made.points[:-1], at), self._viewport)
            self._space.draft.show(self._made, waits=True)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """Place the point; the last one ends it."""
        self.move(e)
        made, draft = self._made, self._space.draft
        if len(made.points) > 1 and made.points[-1] == made.points[-2]:
            draft.show(reshaped(made, made.points[:-1], self._viewport), waits=True)
            return ()
        if not KINDS[made.kind].takes(len(made.points)):
            self._space.refuse("Click the next point, here or on another slice or plane.")
            return ()
        draft.show(None)
        self._space.selection.choose(made.id)
        return (AnnotationEdit(None, made),)


class _Move(_Gesture):
    """A drag of one point, or of the whole."""

    def __init__(
        self,
        e: PointerEvent,
        viewport: Viewport,
        view: SpaceView,
        space: Space,
        before: Annotation,
        point: int | None,
        origin: PointLps,
    ) -> None:
        super().__init__(viewport, view, space)
        self._start, self._before, self._point, self._origin = e.at, before, point, origin
        self._made: Annotation | None = None

    def move(self, e: PointerEvent) -> None:
        """Follow the pointer once it is past the threshold."""
        how = KINDS[self._before.kind].space
        far = apart(e.at, self._start) >= DRAG_THRESHOLD * e.scale
        if how is None or not (far or self._made is not None):
            return
        by = self._view.to_lps(e.at) - self._view.to_lps(self._start)
        to = self._origin.plus(by)
        points = settled(how, self._before.points, self._point, to)
        if not _is_here(points[0] if self._point is None else to, self._viewport, self._view):
            return
        self._made = reshaped(self._before, points, self._viewport)
        self._space.draft.show(self._made)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End here."""
        self.move(e)
        made = self._made
        self._space.draft.show(None)
        if made is None or made.points == self._before.points:
            return ()
        return (AnnotationEdit(self._before, made),)


def _place(at: PanePoint, viewport: Viewport, view: SpaceView | None) -> PointLps | None:
    """The point under a place of the pane; None outside the image or the volume."""
    if view is None:
        return None
    point = view.to_lps(at)
    return point if _is_here(point, viewport, view) else None


def _is_here(point: PointLps, viewport: Viewport, view: SpaceView) -> bool:
    if isinstance(viewport, PlaneViewport):
        return viewport.reformat.holds(point)
    return inside(view.plane.to_pixel(point), view.transform)


def _on_line(e: PointerEvent, one: Annotation, view: SpaceView, grown: GrownOf) -> bool:
    reach = LINE_REACH * e.scale
    return any(
        from_segment(e.at, a, b) <= reach
        for line in lines_of(one, view, grown)
        for a, b in itertools.pairwise(line)
    )
