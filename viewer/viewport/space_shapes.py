"""What lies in space as a pane shows it: its cut, its points, a mark where it passes through."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from viewer.errors import GeometryError
from viewer.measure.growing import Grown, outlines
from viewer.measure.in_space import InSpace
from viewer.measure.kinds import KINDS
from viewer.measure.regions import Ellipse, Polygon, Region
from viewer.measure.registry import Reading
from viewer.measure.solids import Solid
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.viewport.shapes import Read, Shape, warnings
from viewer.viewport.space_view import SpaceView
from viewer.viewport.transform import PanePoint

_TURNS = 72
"""Corners of a drawn ellipse."""
_MARK = 5.0
"""Logical pixels of an arm of the cross where something passes through a plane."""
_MOST = 360
"""Samples along an edge of what is drawn of a grown volume on an oblique plane."""
GrownOf = Callable[[Annotation], Grown | None]
Lines = tuple[tuple[PanePoint, ...], ...]


@dataclass(frozen=True, slots=True)
class Handle:
    """A point of an annotation that can be held in a pane."""

    index: int
    at: PointLps


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which annotation keys act on, which of its points, and what is being drawn."""

    id: AnnotationId | None = None
    point: int | None = None
    drawn: AnnotationId | None = None


def space_shapes(
    annotations: Sequence[Annotation],
    view: SpaceView,
    read: Read,
    grown: GrownOf,
    chosen: Chosen,
    scale: float = 1.0,
) -> tuple[Shape, ...]:
    """The shapes of kinds in space that meet a pane's plane; ``scale`` is device over logical."""
    found = (_shape(one, view, read, grown, chosen, scale) for one in annotations)
    return tuple(shape for shape in found if shape is not None)


def handles(annotation: Annotation, view: SpaceView) -> tuple[Handle, ...]:
    """The points that can be held: those on the plane, and the ends of half axes that lie on it.

    A sphere cut through its centre can be held at its right edge wherever it was drawn.
    """
    points, plane = annotation.points, view.plane
    near = [Handle(n, p) for n, p in enumerate(points) if view.holds(p)]
    if annotation.kind in (AnnotationKind.BOX, AnnotationKind.ELLIPSOID) and len(points) == 4:
        ends = [Handle(n, points[0].plus(points[n] - points[0], -1.0)) for n in (1, 2, 3)]
        near += [one for one in ends if view.holds(one.at)]
    round_kind = annotation.kind in (AnnotationKind.SPHERE, AnnotationKind.GROWN)
    if round_kind and len(near) == 1 and near[0].index == 0:
        radius = (points[1] - points[0]).norm
        near.append(Handle(1, points[0].plus(plane.row, radius)))
    return tuple(near)


def lines_of(annotation: Annotation, view: SpaceView, grown: GrownOf) -> Lines:
    """The lines that a press can hold; of what has not grown yet its limit."""
    how = KINDS[annotation.kind].space
    if how is None or how.solid is None:
        return _pieces(annotation.points, view)
    taken = grown(annotation) if how.grows else None
    if taken is not None:
        return _grown_lines(taken, view)
    return _cut_lines(_solid(how, annotation), view)


def crossing_marks(
    path: Sequence[PointLps], view: SpaceView, scale: float = 1.0
) -> Lines:  # fmt: skip
    """A cross at each place where a line passes through the plane."""
    places = []
    for a, b in pairwise(path):
        here, there = view.plane.distance(a), view.plane.distance(b)
        if (here < 0) != (there < 0):
            places.append(view.to_pane(a.plus(b - a, here / (here - there))))
    return tuple(line for place in places for line in _cross(place, scale))


def _shape(
    one: Annotation, view: SpaceView, read: Read, grown: GrownOf, chosen: Chosen, scale: float
) -> Shape | None:
    record = KINDS[one.kind]
    how = record.space
    if how is None:
        return None
    paths = lines_of(one, view, grown)
    held = handles(one, view)
    if not (paths or held):
        return None
    if how.solid is None and not held:
        paths = (*paths, *crossing_marks(one.points, view, scale))
    selected = one.id == chosen.id
    finished = record.takes(len(one.points))
    said = _said(one, read) if finished else Reading((), (), (), "")
    at = next((n for n, h in enumerate(held) if h.index == chosen.point), None)
    return Shape(
        one.id,
        tuple(view.to_pane(h.at) for h in held),
        "\n".join([*said.lines, *warnings(said.notes)]),
        selected,
        one.id == chosen.drawn,
        paths,
        said.notes,
        held=at if selected else None,
        ties=_ties(one, view) if how.solid is None else (),
    )


def _said(one: Annotation, read: Read) -> Reading:
    try:
        return read(one)
    except GeometryError as error:
        return Reading((), (), (error.sentence,), "")


def _solid(how: InSpace, one: Annotation) -> Solid | None:
    try:
        return how.solid(one.points) if how.solid is not None else None
    except GeometryError:
        return None


def _cut_lines(solid: Solid | None, view: SpaceView) -> Lines:
    region = solid.cut(view.plane) if solid is not None else None
    return () if region is None else (_outline(region, view),)


def _outline(region: Region, view: SpaceView) -> tuple[PanePoint, ...]:
    if isinstance(region, Polygon):
        return tuple(view.transform.to_pane(p) for p in (*region.points, region.points[0]))
    if not isinstance(region, Ellipse):
        return ()
    c, u, v = region.centre, region.u, region.v
    turns = (2 * math.pi * n / _TURNS for n in range(_TURNS + 1))
    return tuple(
        view.transform.to_pane(
            PixelPoint(
                c.column + math.cos(t) * u[0] + math.sin(t) * v[0],
                c.row + math.cos(t) * u[1] + math.sin(t) * v[1],
            )
        )
        for t in turns
    )


def _pieces(points: Sequence[PointLps], view: SpaceView) -> Lines:
    """The pieces of a line that lie on the plane."""
    found = []
    for a, b in pairwise(points):
        here, there = view.plane.distance(a), view.plane.distance(b)
        if abs(here) <= view.near and abs(there) <= view.near:
            found.append((view.to_pane(a), view.to_pane(b)))
        elif min(here, there) <= view.near and max(here, there) >= -view.near:
            low, high = sorted((by - here) / (there - here) for by in (-view.near, view.near))
            low, high = max(low, 0.0), min(high, 1.0)
            found.append((view.to_pane(a.plus(b - a, low)), view.to_pane(a.plus(b - a, high))))
    return tuple(found)


def _ties(one: Annotation, view: SpaceView) -> Lines:
    """Of a line what lies before and behind the plane."""
    return (tuple(view.to_pane(p) for p in one.points),) if len(one.points) > 1 else ()


def _grown_lines(grown: Grown, view: SpaceView) -> Lines:
    mask = grown.on(view.plane)
    if mask is not None:
        loops = outlines(mask, grown.top, grown.left)
        return tuple(tuple(view.transform.to_pane(p) for p in loop) for loop in loops)
    sampled = sampled_on(grown, view.plane)
    if sampled is None:
        return ()
    mask, top, left, step = sampled
    return tuple(
        tuple(
            view.transform.to_pane(PixelPoint(left + p.column * step, top + p.row * step))
            for p in loop
        )
        for loop in outlines(mask)
    )


def sampled_on(
    grown: Grown, plane: ImagePlane
) -> tuple[np.typing.NDArray[np.bool_], float, float, float] | None:
    """The voxels that a plane passes through: mask, its first row and column, pixels per sample."""
    corners = [plane.to_pixel(p) for p in _corners(grown)]
    off = [plane.distance(p) for p in _corners(grown)]
    if min(off) > 0 or max(off) < 0:
        return None
    left, right = min(p.column for p in corners), max(p.column for p in corners)
    top, bottom = min(p.row for p in corners), max(p.row for p in corners)
    left, top = math.floor(left), math.floor(top)
    step = max(1.0, (right - left) / _MOST, (bottom - top) / _MOST)
    rows, columns = math.ceil((bottom - top) / step) + 1, math.ceil((right - left) / step) + 1
    j, i = np.mgrid[0:rows, 0:columns]
    first = np.array(plane.to_lps(PixelPoint(left, top)))
    across = np.array(plane.row) * (plane.spacing.column * step)
    down = np.array(plane.column) * (plane.spacing.row * step)
    points = first + i[..., None] * across + j[..., None] * down
    return _inside(grown, points), float(top), float(left), step


def _inside(grown: Grown, points: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.bool_]:
    """Whether each point lies in a voxel that grew: the nearest slice, the nearest pixel of it."""
    own = grown.planes
    normal = np.array(own[0].normal)
    places = np.array([float(np.dot(np.array(p.position), normal)) for p in own])
    along = points @ normal
    halves = (places[1:] + places[:-1]) / 2
    k = np.searchsorted(halves, along)
    reach = np.diff(places).min() / 2 if len(places) > 1 else np.inf
    inside = (along >= places[0] - reach) & (along <= places[-1] + reach)
    firsts = np.array([tuple(p.position) for p in own])[k]
    way = points - firsts
    column = np.floor(way @ np.array(own[0].row) / own[0].spacing.column + 0.5).astype(np.int64)
    row = np.floor(way @ np.array(own[0].column) / own[0].spacing.row + 0.5).astype(np.int64)
    column, row = column - grown.left, row - grown.top
    height, width = grown.mask.shape[1:]
    inside &= (column >= 0) & (column < width) & (row >= 0) & (row < height)
    found: np.typing.NDArray[np.bool_] = (
        inside & grown.mask[k, np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    )
    return found


def _corners(grown: Grown) -> list[PointLps]:
    height, width = grown.mask.shape[1:]
    ends = [
        (grown.left - 1.0, grown.top - 1.0),
        (grown.left + width * 1.0, grown.top - 1.0),
        (grown.left - 1.0, grown.top + height * 1.0),
        (grown.left + width * 1.0, grown.top + height * 1.0),
    ]
    found = []
    for plane, way in ((grown.planes[0], -1.0), (grown.planes[-1], 1.0)):
        gap = abs(grown.planes[0].distance(grown.planes[-1].position))
        by = way * (gap / max(len(grown.planes) - 1, 1) / 2 or 1.0)
        found += [plane.to_lps(PixelPoint(*end)).plus(plane.normal, by) for end in ends]
    return found


def _cross(at: PanePoint, scale: float) -> Lines:
    arm = _MARK * scale
    return (
        (PanePoint(at.x - arm, at.y - arm), PanePoint(at.x + arm, at.y + arm)),
        (PanePoint(at.x - arm, at.y + arm), PanePoint(at.x + arm, at.y - arm)),
    )
