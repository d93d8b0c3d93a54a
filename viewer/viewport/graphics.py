"""The graphics of a presentation state in device pixels of a pane, lowest layer first (C.10.5).

Everything is in screen space: shapes follow the image, texts stay upright and are never mirrored
(F57).
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from viewer.model.geometry import PixelPoint
from viewer.model.presentation_state import (
    GraphicAnnotation,
    GraphicLayer,
    GraphicObject,
    GraphicType,
    Justification,
    Place,
    PresentationState,
    TextObject,
    Units,
)
from viewer.model.refs import FrameRef
from viewer.pixels.cielab import to_srgb
from viewer.viewport.transform import PanePoint, PaneTransform

Colour = tuple[int, int, int]
_STEPS = 96
_BETWEEN = 12
"""Straight pieces between two points of a curve."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One line, closed or not; a single point is a dot. ``colour`` None is the reader's choice."""

    points: tuple[PanePoint, ...]
    closed: bool
    filled: bool
    colour: Colour | None


@dataclass(frozen=True, slots=True)
class Caption:
    """One text from its upper left corner; a box is the room that it may use, not a limit."""

    text: str
    at: PanePoint
    width: float
    """Room to justify in; 0 where the text only has an anchor."""
    justification: Justification
    leader: tuple[PanePoint, PanePoint] | None
    """From the text to what it speaks of."""
    colour: Colour | None


Graphic = Stroke | Caption
Map = Callable[[Place], PanePoint]


def graphics(
    state: PresentationState,
    frame: FrameRef,
    transform: PaneTransform,
    but: Collection[GraphicAnnotation] = (),
) -> tuple[Graphic, ...]:
    """Everything that a state draws on a frame but what others draw there, in drawing order."""
    places = {
        Units.PIXEL: _image_places(transform),
        Units.DISPLAY: area_places(state, frame, transform),
    }
    return tuple(
        graphic
        for annotation in state.annotations_of(frame)
        if annotation not in but
        for graphic in _drawn(annotation, state.layer(annotation.layer), places)
    )


def _image_places(transform: PaneTransform) -> Map:
    # PIXEL counts from the outer edge of the first pixel, the transform from its centre.
    return lambda p: transform.to_pane(PixelPoint(p.x - 0.5, p.y - 0.5))


def area_places(state: PresentationState, frame: FrameRef, transform: PaneTransform) -> Map:
    """Parts of the displayed area as it lies on the screen, after it was turned (C.10.4)."""
    area, on_image = state.area_of(frame), _image_places(transform)
    if area is None:
        corners = [on_image(Place(0, 0)), on_image(Place(transform.columns, transform.rows))]
    else:
        corners = [on_image(Place(area.left, area.top)), on_image(Place(area.right, area.bottom))]
    left, right = sorted(corner.x for corner in corners)
    top, bottom = sorted(corner.y for corner in corners)
    return lambda p: PanePoint(left + p.x * (right - left), top + p.y * (bottom - top))


def _drawn(
    annotation: GraphicAnnotation, layer: GraphicLayer | None, places: dict[Units, Map]
) -> list[Graphic]:
    colour = _colour(layer)
    strokes = [_stroke(one, places[one.units], colour) for one in annotation.graphics]
    return [*strokes, *(_caption(one, places, colour) for one in annotation.texts)]


def _colour(layer: GraphicLayer | None) -> Colour | None:
    if layer is None:
        return None
    if layer.colour is not None:
        return to_srgb(layer.colour)
    if layer.grey is not None:
        level = int(layer.grey * 255 + 0.5)
        return level, level, level
    return None


def _stroke(one: GraphicObject, place: Map, colour: Colour | None) -> Stroke:
    points = [place(point) for point in one.points]
    closed = one.kind in {GraphicType.CIRCLE, GraphicType.ELLIPSE} or (
        len(points) > 2 and one.points[0] == one.points[-1]
    )
    match one.kind:
        case GraphicType.CIRCLE:
            points = _circle(points[0], points[1])
        case GraphicType.ELLIPSE:
            points = _ellipse(points)
        case GraphicType.INTERPOLATED if len(points) > 2:
            points = _curve(points, closed=closed)
    return Stroke(tuple(points), closed, one.filled and closed, colour)


def _circle(centre: PanePoint, on: PanePoint) -> list[PanePoint]:
    radius = math.hypot(on.x - centre.x, on.y - centre.y)
    return [
        PanePoint(centre.x + radius * math.cos(t), centre.y + radius * math.sin(t)) for t in _turn()
    ]


def _ellipse(points: Sequence[PanePoint]) -> list[PanePoint]:
    """From the ends of the major, then of the minor axis."""
    a, b, c, d = points
    x, y = (a.x + b.x) / 2, (a.y + b.y) / 2
    return [
        PanePoint(
            x + (b.x - a.x) / 2 * math.cos(t) + (d.x - c.x) / 2 * math.sin(t),
            y + (b.y - a.y) / 2 * math.cos(t) + (d.y - c.y) / 2 * math.sin(t),
        )
        for t in _turn()
    ]


def _turn() -> list[float]:
    return [2 * math.pi * step / _STEPS for step in range(_STEPS)]


def _curve(points: Sequence[PanePoint], *, closed: bool) -> list[PanePoint]:
    """A smooth line through every point: Catmull-Rom, each piece by its two neighbours."""
    around = [points[-2 if closed else 0], *points, points[1 if closed else -1]]
    drawn: list[PanePoint] = []
    for n in range(len(points) - 1):
        p, q, r, s = around[n : n + 4]
        drawn += [_between(p, q, r, s, step / _BETWEEN) for step in range(_BETWEEN)]
    return [*drawn, points[-1]]


def _between(p: PanePoint, q: PanePoint, r: PanePoint, s: PanePoint, t: float) -> PanePoint:
    def value(a: float, b: float, c: float, d: float) -> float:
        return b + t / 2 * ((c - a) + t * ((2 * a - 5 * b + 4 * c - d) + t * (3 * (b - c) + d - a)))

    return PanePoint(value(p.x, q.x, r.x, s.x), value(p.y, q.y, r.y, s.y))


def _caption(one: TextObject, places: dict[Units, Map], colour: Colour | None) -> Caption:
    anchor = places[one.anchor.units](one.anchor.at) if one.anchor else None
    if one.box is None:
        assert anchor is not None  # noqa: S101 - the reader refuses a text without a place
        return Caption(one.text, anchor, 0.0, Justification.LEFT, None, colour)
    corners = [places[one.box.units](corner) for corner in (one.box.first, one.box.second)]
    left, right = sorted(corner.x for corner in corners)
    top, bottom = sorted(corner.y for corner in corners)
    leader = None
    if anchor is not None and one.anchor is not None and one.anchor.visible:
        edge = PanePoint(min(max(anchor.x, left), right), min(max(anchor.y, top), bottom))
        leader = (edge, anchor) if edge != anchor else None
    return Caption(
        one.text, PanePoint(left, top), right - left, one.box.justification, leader, colour
    )
