"""What is done to a drawn path: its points moved, more or less; each step can be taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from viewer.errors import GeometryError
from viewer.model.annotation import Annotation, AnnotationId
from viewer.model.geometry import PixelPoint, PointLps
from viewer.viewport.annotate import (
    HANDLE_REACH,
    LINE_REACH,
    AnnotationEdit,
    apart,
    from_segment,
)
from viewer.viewport.curved import CurvedPath, CurvedViewport, downwards
from viewer.viewport.drawing import at_pixels, clamped, shifted
from viewer.viewport.editing import nudged
from viewer.viewport.plane_shapes import PlaneShapes
from viewer.viewport.planes import PlaneName
from viewer.viewport.reformat import PlaneViewport
from viewer.viewport.tools import DRAG_THRESHOLD, Button, Gesture, PointerEvent, Tool, ToolId
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport

_PIECES = 400
"""Pieces of the line in which a press looks for it."""


@dataclass(frozen=True, slots=True)
class Bed:
    """The plane on which a path was drawn."""

    name: PlaneName
    down: PointLps
    pixel: float
    """Edge of a pixel of its picture, mm."""


class Curves:
    """The path of a curved picture, kept among the shapes of its board, whose undo knows it."""

    def __init__(self, shapes: PlaneShapes) -> None:
        """Begin without a path."""
        self._shapes = shapes
        self._beds: dict[AnnotationId, Bed] = {}
        self._along: dict[AnnotationId, CurvedPath] = {}
        self._known: CurvedPath | None = None
        shapes.elsewhere = self.knows

    @property
    def drawn(self) -> Annotation | None:
        """The path as it was drawn and changed; None where there is none now."""
        return next((one for one in self._shapes.ledger.all() if one.id in self._beds), None)

    @property
    def bed(self) -> Bed | None:
        """On which plane the path lies."""
        drawn = self.drawn
        return self._beds[drawn.id] if drawn is not None else None

    @property
    def path(self) -> CurvedPath | None:
        """The smooth line through its points."""
        drawn = self.drawn
        return None if drawn is None else self.path_of(drawn)

    @property
    def point(self) -> int | None:
        """Which of its points keys act on; None is the whole, or that something else is chosen."""
        return self._shapes.selection.point if self.is_chosen else None

    @property
    def is_chosen(self) -> bool:
        """Whether keys act on the path."""
        drawn = self.drawn
        return drawn is not None and self._shapes.selection.chosen == drawn.id

    def knows(self, one: AnnotationId) -> bool:
        """Whether this is a path, or was measured along one: it is no shape of a plane."""
        return one in self._beds or one in self._along

    def is_path(self, edit: AnnotationEdit) -> bool:
        """Whether an edit is of a path."""
        return any(one is not None and one.id in self._beds for one in (edit.before, edit.after))

    def path_of(self, drawn: Annotation) -> CurvedPath | None:
        """The smooth line through the points of a path while one of them is dragged."""
        bed, known = self._beds.get(drawn.id), self._known
        if bed is None:
            return None
        if known is None or (known.points, known.down) != (drawn.points, bed.down):
            try:
                known = self._known = CurvedPath.through(drawn.points, bed.down)
            except ValueError:
                return None
        return known

    def draw(self, drawn: Annotation, viewport: PlaneViewport) -> bool:
        """Take a path that was drawn on a plane; False where it is too short."""
        plane, cut = viewport.plane, viewport.state.cut
        if plane is None or cut is None:
            return False
        down = downwards(plane.normal)
        try:
            path = CurvedPath.through(drawn.points, down)
        except ValueError:
            return False
        self._beds[drawn.id] = Bed(viewport.name, down, cut.pixel)
        pixels = tuple(plane.to_pixel(p) for p in path.points)
        self._shapes.selection.choose(drawn.id)
        self._shapes.ledger.apply(
            AnnotationEdit(None, replace(drawn, points=path.points, pixels=pixels))
        )
        return True

    def drop(self) -> None:
        """Take the path away; undo brings it back."""
        drawn = self.drawn
        if drawn is not None:
            self._shapes.ledger.apply(AnnotationEdit(drawn, None))

    def change(self, after: Annotation) -> None:
        """Give the path other points; GeometryError where two of them would be one."""
        drawn = self.drawn
        if drawn is None or drawn.points == after.points:
            return
        if any((a - b).norm < _APART for a, b in pairwise(after.points)):
            raise GeometryError("Two points of a path lie apart.")
        self._shapes.ledger.apply(AnnotationEdit(drawn, after))

    def on(self, viewport: Viewport) -> Annotation | None:
        """The path in the pixels of a plane; None on any plane on which it does not lie."""
        drawn, plane = self.drawn, viewport.plane
        if drawn is None or plane is None or not isinstance(viewport, PlaneViewport):
            return None
        near = viewport.reformat.voxel(viewport.name) / 2
        if any(abs(plane.distance(p)) > near for p in drawn.points):
            return None
        return replace(drawn, pixels=tuple(plane.to_pixel(p) for p in drawn.points))

    # -- its points by key ------------------------------------------------------------------------

    def choose_next_point(self) -> None:
        """Let keys move its next point; after the last one the whole."""
        drawn = self.drawn
        if drawn is None:
            return
        following = 0 if self.point is None else self.point + 1
        whole = following >= len(drawn.points)
        self._shapes.selection.choose(drawn.id, None if whole else following)

    def add_point(self, at: PanePoint, viewport: Viewport) -> None:
        """Add a point at a place of a plane; GeometryError where the path does not lie on it."""
        here = self._here(viewport)
        self.change(self.with_point(here, at, viewport, self.after(here, at, viewport)[0]))

    def remove_point(self) -> None:
        """Take the chosen point away; GeometryError where none is chosen, or two are left."""
        drawn, point = self.drawn, self.point
        if drawn is None or point is None:
            raise GeometryError("Choose a point of the path first.")
        if len(drawn.points) < 3:
            raise GeometryError("A path needs two points.")
        points = (*drawn.points[:point], *drawn.points[point + 1 :])
        pixels = (*drawn.pixels[:point], *drawn.pixels[point + 1 :])
        self._shapes.selection.choose(drawn.id)
        self.change(replace(drawn, points=points, pixels=pixels))

    def nudge(self, way: tuple[int, int], viewport: Viewport) -> None:
        """Move the chosen point, or the whole, by one pixel; GeometryError off its plane."""
        self.change(nudged(self._here(viewport), self.point, way, viewport))

    def _here(self, viewport: Viewport) -> Annotation:
        here = self.on(viewport)
        if here is None:
            raise GeometryError("The path does not lie on this plane.")
        return here

    # -- its points by hand -----------------------------------------------------------------------

    def after(self, here: Annotation, at: PanePoint, viewport: Viewport) -> tuple[int, float]:
        """Behind which point a new one comes, and how far from the line a place is, device px."""
        path, plane, transform = self.path_of(here), viewport.plane, viewport.transform()
        if path is None or plane is None or transform is None:
            return 0, np.inf
        along = np.linspace(0.0, path.length, _PIECES + 1)
        line = [
            transform.to_pane(plane.to_pixel(PointLps(*p))) for p in path.places(along).tolist()
        ]
        away = [from_segment(at, a, b) for a, b in pairwise(line)]
        nearest = int(np.argmin(away))
        middle = (along[nearest] + along[nearest + 1]) / 2
        return max(int(np.searchsorted(path.ends, middle)) - 1, 0), away[nearest]

    def with_point(
        self, here: Annotation, at: PanePoint, viewport: Viewport, after: int
    ) -> Annotation:
        """The path with one more point, where the pointer is."""
        transform = viewport.transform()
        if transform is None:
            return here
        point, n = clamped(transform.to_pixel(at), transform), after + 1
        return at_pixels(here, (*here.pixels[:n], point, *here.pixels[n:]), viewport)

    def hold(self, e: PointerEvent, viewport: Viewport) -> "PathHold | None":
        """Take hold of a point of the path under the pointer, or of its line for a new one."""
        here, transform = self.on(viewport), viewport.transform()
        if here is None or transform is None:
            return None
        selection = self._shapes.selection
        for n, pixel in enumerate(here.pixels):
            if apart(e.at, transform.to_pane(pixel)) <= HANDLE_REACH * e.scale:
                selection.choose(here.id, n)
                return PathHold(e, viewport, here, here, n)
        after, away = self.after(here, e.at, viewport)
        if away > LINE_REACH * e.scale:
            return None
        selection.choose(here.id)
        more = self.with_point(here, e.at, viewport, after)
        return PathHold(e, viewport, here, more, after + 1)

    # -- what is measured along it ----------------------------------------------------------------

    def note(self, edit: AnnotationEdit) -> None:
        """Know that what an edit makes was measured along the path as it is now."""
        path = self.path
        if edit.after is not None and path is not None:
            self._along[edit.after.id] = path

    def lengths(self) -> tuple[Annotation, ...]:
        """What was measured along the path as it is now."""
        path = self.path
        held = self._shapes.ledger.all()
        return tuple(one for one in held if path is not None and self._along.get(one.id) == path)


_APART = 1e-3
"""Points of a path are at least so far apart, mm."""


class PathHold:
    """A drag of a point of the path; one of its line makes a new point there."""

    lasting = False

    def __init__(
        self,
        e: PointerEvent,
        viewport: Viewport,
        before: Annotation,
        start: Annotation,
        point: int,
    ) -> None:
        """Hold ``point`` of ``start``; without a drag the path stays as it was."""
        self._begun, self._viewport, self._start, self._point = e.at, viewport, start, point
        self._before, self._moved = before, False
        self.preview: Annotation | None = before

    def move(self, e: PointerEvent) -> None:
        """Follow the pointer once it is past the threshold."""
        transform = self._viewport.transform()
        self._moved = self._moved or apart(e.at, self._begun) >= DRAG_THRESHOLD * e.scale
        if transform is None or not self._moved:
            return
        pixels = list(self._start.pixels)
        grabbed = shifted(transform.to_pane(pixels[self._point]), self._begun, e.at)
        pixels[self._point] = _inside(transform.to_pixel(grabbed), self._viewport)
        self.preview = at_pixels(self._start, pixels, self._viewport)

    def release(self, e: PointerEvent) -> Sequence[AnnotationEdit]:
        """End where the pointer is."""
        self.move(e)
        return (AnnotationEdit(self._before, self.preview),) if self._moved else ()

    def cancel(self) -> None:
        """Leave everything as it was."""


@dataclass(frozen=True, slots=True)
class PathGrasp:
    """A tool that lets go first to the points and the line of the path under the pointer."""

    tool: Tool
    curves: Curves
    refuse: Callable[[str], None]

    @property
    def id(self) -> ToolId:
        """The id of the tool behind it."""
        return self.tool.id

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Hold the path under the pointer, else do what the tool does."""
        if e.button is not Button.LEFT or isinstance(viewport, CurvedViewport):
            return self.tool.press(e, viewport)
        held = self.curves.hold(e, viewport)
        if held is None:
            return self.tool.press(e, viewport)
        if isinstance(viewport, PlaneViewport) and viewport.state.slab is not None:
            self.refuse("A path is changed on single planes: take the slab away first.")
            return None
        return held


def _inside(point: PixelPoint, viewport: Viewport) -> PixelPoint:
    transform = viewport.transform()
    return point if transform is None else clamped(point, transform)
