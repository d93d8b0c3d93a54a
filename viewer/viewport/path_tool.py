"""Draws the path of a curved picture on a plane, in place of whatever tool the left button has."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PointLps
from viewer.viewport.curve_edits import Curves
from viewer.viewport.curved import CurvedPath, downwards
from viewer.viewport.drawing import Hand
from viewer.viewport.measuring import Selection, begin
from viewer.viewport.plane_shapes import why_no_shape
from viewer.viewport.reformat import PlaneViewport
from viewer.viewport.shapes import Shape
from viewer.viewport.tools import Button, Gesture, PointerEvent, Tool, ToolId
from viewer.viewport.transform import PaneTransform
from viewer.viewport.viewport import Viewport

_PIECES = 200
"""Pieces of the line that is drawn."""


@dataclass(frozen=True, slots=True)
class PathFirst:
    """While a path is drawn a click of the left button places its points, whichever tool is on."""

    tool: Tool
    hand: Hand
    refuse: Callable[[str], None]

    @property
    def id(self) -> ToolId:
        """The id of the tool behind it."""
        return self.tool.id

    def press(self, e: PointerEvent, viewport: Viewport) -> Gesture | None:
        """Begin a path under the pointer; other buttons do what they always do."""
        if e.button is not Button.LEFT:
            return self.tool.press(e, viewport)
        if not isinstance(viewport, PlaneViewport):
            self.refuse("A path is drawn on a plane, not on the images.")
            return None
        refused = why_no_shape(viewport)
        if refused is not None:
            self.refuse(refused)
            return None
        return begin(e, viewport, AnnotationKind.POLYLINE, Selection(), self.hand)


@dataclass(frozen=True, slots=True)
class NotOnCurved:
    """In place of a tool that measures or points: it says why not on a straightened path."""

    id: ToolId
    refuse: Callable[[str], None]

    def press(self, _e: PointerEvent, _viewport: Viewport) -> Gesture | None:
        """Say so."""
        self.refuse(
            "On a curved picture only lengths are measured, and nothing is pointed at: "
            "it was bent straight."
        )
        return None


def path_shape(
    drawn: Annotation,
    path: CurvedPath,
    viewport: PlaneViewport,
    transform: PaneTransform,
    curves: Curves | None = None,
) -> Shape | None:
    """The path as it is sampled, on the plane on which it lies; None on any other."""
    plane, near = viewport.plane, viewport.reformat.voxel(viewport.name) / 2
    if plane is None or any(abs(plane.distance(p)) > near for p in path.points):
        return None
    along = np.linspace(0.0, path.length, _PIECES + 1)
    line = (PointLps(*place) for place in path.places(along).tolist())
    points, way = (
        tuple(transform.to_pane(plane.to_pixel(p)) for p in some) for some in (path.points, line)
    )
    chosen, held = (curves.is_chosen, curves.point) if curves is not None else (False, None)
    return Shape(drawn.id, points, "", selected=chosen, drawing=True, paths=(way,), held=held)


def path_of_drawing(held: Annotation, viewport: PlaneViewport) -> CurvedPath | None:
    """The path through the points of a drawing; None while they are too few."""
    plane = viewport.plane
    if plane is None or len(held.points) < 2:
        return None
    try:
        return CurvedPath.through(held.points, downwards(plane.normal))
    except ValueError:
        return None
