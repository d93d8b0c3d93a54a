"""What the reader drew as the graphics and texts of a presentation state (PS3.3 C.10.5)."""

import math
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from viewer.errors import GeometryError
from viewer.measure.kinds import KINDS
from viewer.measure.quantity import Metric, Points
from viewer.measure.regions import Ellipse, axes_ellipse, circle, circle_3
from viewer.measure.registry import Ground
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PixelPoint
from viewer.model.presentation_state import (
    Anchor,
    GraphicAnnotation,
    GraphicObject,
    GraphicType,
    ImageReference,
    Place,
    PresentationState,
    Scope,
    TextBox,
    TextObject,
    Units,
)
from viewer.model.refs import FrameRef
from viewer.viewport.graphics import area_places
from viewer.viewport.shapes import Read, reading_of
from viewer.viewport.viewport import Viewport

OWN_LAYER = "MEASUREMENTS"
_LONGEST_TEXT = 1024
"""Characters of an ST; as bytes it fits whoever counts."""
_COMMON = str.maketrans({"−": "-", "⌀": "Ø", "…": "..."})
"""Signs that programs without Unicode show too."""
_MOST_POINTS = 8000
"""Of one graphic: its coordinates must fit into 64 KiB (PS3.5 7.1.2)."""
_HEAD, _HEAD_MOST, _OPENING = 0.3, 12.0, math.radians(25)
"""An arrow's head: part of its length, at most so many pixels, half its angle."""
_ROUND: Mapping[AnnotationKind, Callable[[Points, Metric], Ellipse]] = {
    AnnotationKind.CIRCLE: circle,
    AnnotationKind.CIRCLE_3: circle_3,
    AnnotationKind.ELLIPSE: axes_ellipse,
}
_POINTS = frozenset({AnnotationKind.PROBE, AnnotationKind.SPINE})


def drawn_annotation(
    held: Annotation,
    metric: Metric,
    read: Read,
    scope: Scope,
    *,
    right: tuple[float, float] = (1.0, 0.0),
) -> GraphicAnnotation:
    """One annotation as graphics and its words, on the layer of the reader.

    Words stand beside the point that lies farthest ``right`` on the screen, a direction in
    columns and rows.
    """
    said = reading_of(held, read)
    words = _words((*said.lines, *said.notes))
    drawn = [p for path in KINDS[held.kind].draw(held.pixels, metric) for p in path]
    at = max(drawn or held.pixels, key=lambda p: p.column * right[0] + p.row * right[1])
    texts = (TextObject(words, None, Anchor(Units.PIXEL, _place(at), visible=False)),)
    return GraphicAnnotation(
        scope, OWN_LAYER, tuple(_graphics(held, metric)), texts if words else ()
    )


def drawn_live(
    state: PresentationState,
    frame: FrameRef,
    live: Sequence[Annotation],
    ground: Ground,
    read: Read,
) -> tuple[GraphicAnnotation, ...]:
    """What of a state the reader's own measurements on the frame are: same points, same words.

    A measurement that was moved, or says another number now, is not what the state has kept.
    """
    own = [one for one in state.annotations_of(frame) if one.layer == OWN_LAYER]
    if not own:
        return ()
    known = [
        drawn_annotation(held, ground.metric(frame.frame, held.pixels), read, ())
        for held in live
        if not held.in_space
    ]
    alike = {_seen(one) for one in known}
    return tuple(one for one in own if _seen(one) in alike)


def _seen(one: GraphicAnnotation) -> tuple[object, ...]:
    """What tells drawings apart for a reader, wherever their words stand."""
    return one.graphics, tuple(text.text for text in one.texts)


def _words(lines: Sequence[str]) -> str:
    """Lines as one text that an ST holds, whose line ends take two characters each."""
    plain = [
        "".join(c if c.isprintable() else " " for c in line.translate(_COMMON)) for line in lines
    ]
    text = "\n".join(plain).strip()
    room = _LONGEST_TEXT - text.count("\n")
    return text.encode()[:room].decode(errors="ignore").rstrip()


def _graphics(held: Annotation, metric: Metric) -> Iterator[GraphicObject]:
    kind, points = held.kind, held.pixels
    found = _rounded(kind, points, metric)
    if found is not None:
        yield found
    elif kind in _POINTS:
        yield _object(GraphicType.POINT, points[:1])
    else:
        for path in KINDS[kind].draw(points, metric):
            yield from _lines(path)
    if kind is AnnotationKind.ARROW and len(points) == 2:
        yield from _lines(_head(points, metric))


def _rounded(kind: AnnotationKind, points: Points, metric: Metric) -> GraphicObject | None:
    """A circle or an ellipse by its axes; None where these are not at right angles in pixels."""
    try:
        shape = _ROUND[kind](points, metric) if kind in _ROUND else None
    except GeometryError:  # three points in a line
        return None
    if shape is None:
        return None
    c, u, v = shape.centre, shape.u, shape.v
    across, down = math.hypot(*u), math.hypot(*v)
    if abs(u[0] * v[0] + u[1] * v[1]) > 1e-9 * max(across * down, 1e-12):
        return None
    ends = [PixelPoint(c.column + s * h[0], c.row + s * h[1]) for h in (u, v) for s in (-1, 1)]
    if math.isclose(across, down, rel_tol=1e-9):
        return _object(GraphicType.CIRCLE, (c, ends[1]))
    return _object(GraphicType.ELLIPSE, ends if across >= down else (*ends[2:], *ends[:2]))


def _lines(path: Sequence[PixelPoint]) -> Iterator[GraphicObject]:
    """A line from point to point, in parts where it is too long for one graphic."""
    if len(path) == 1:
        yield _object(GraphicType.POINT, path)
    for first in range(0, len(path) - 1, _MOST_POINTS - 1):
        yield _object(GraphicType.POLYLINE, path[first : first + _MOST_POINTS])


def _head(points: Points, metric: Metric) -> tuple[PixelPoint, ...]:
    """The two strokes of the tip, which is the first point; in the image's true proportions."""
    tip, tail = points[0], points[1]
    aspect = metric.shape.row / metric.shape.column
    x, y = tail.column - tip.column, (tail.row - tip.row) * aspect
    length = math.hypot(x, y)
    if length == 0:
        return ()
    size = min(_HEAD * length, _HEAD_MOST) / length
    sides = []
    for turn in (_OPENING, -_OPENING):
        dx = (x * math.cos(turn) - y * math.sin(turn)) * size
        dy = (x * math.sin(turn) + y * math.cos(turn)) * size
        sides.append(PixelPoint(tip.column + dx, tip.row + dy / aspect))
    return sides[0], tip, sides[1]


def _object(kind: GraphicType, points: Sequence[PixelPoint]) -> GraphicObject:
    return GraphicObject(Units.PIXEL, kind, tuple(_place(p) for p in points))


def _place(point: PixelPoint) -> Place:
    """From the outer edge of the first pixel, in numbers of 32 bits (FL)."""
    return single(Place(point.column + 0.5, point.row + 0.5))


def single(place: Place) -> Place:
    """The nearest place that a presentation state can hold."""
    return Place(*struct.unpack("<2f", struct.pack("<2f", *place)))


def carried_graphics(
    viewport: Viewport, before: PresentationState, state: PresentationState
) -> tuple[GraphicAnnotation, ...]:
    """What a state drew on the images of a new one; in pixels where the area is another now."""
    frame, place = viewport.state.frame, viewport.transform()
    if frame is None or place is None:
        return ()
    moved = _corners(before, frame) != _corners(state, frame)
    on_pane = area_places(before, frame, place)

    def fixed(units: Units, point: Place) -> Place:
        if units is Units.PIXEL or not moved:
            return point
        pixel = place.to_pixel(on_pane(point))
        return _place(pixel)

    kept = []
    for one in before.annotations:
        scope = common_scope(one.scope, state.references)
        if scope is None:
            continue
        new = Units.PIXEL if moved else Units.DISPLAY
        kept.append(
            replace(
                one,
                scope=scope,
                graphics=tuple(_refixed(g, fixed, new) for g in one.graphics),
                texts=tuple(_reworded(t, fixed, new) for t in one.texts),
            )
        )
    return tuple(kept)


def _corners(state: PresentationState, frame: FrameRef) -> tuple[float, ...] | None:
    area = state.area_of(frame)
    return None if area is None else (area.left, area.top, area.right, area.bottom)


_Fix = Callable[[Units, Place], Place]


def _refixed(one: GraphicObject, fixed: _Fix, units: Units) -> GraphicObject:
    if one.units is Units.PIXEL:
        return one
    return replace(one, units=units, points=tuple(fixed(one.units, p) for p in one.points))


def _reworded(one: TextObject, fixed: _Fix, units: Units) -> TextObject:
    box, anchor = one.box, one.anchor
    if box is not None and box.units is Units.DISPLAY:
        corners = fixed(box.units, box.first), fixed(box.units, box.second)
        box = TextBox(units, *corners, box.justification)
    if anchor is not None and anchor.units is Units.DISPLAY:
        anchor = replace(anchor, units=units, at=fixed(anchor.units, anchor.at))
    return replace(one, box=box, anchor=anchor)


def common_scope(scope: Scope, references: Scope) -> Scope | None:
    """The part of a scope that other references name; None where that is nothing."""
    if not scope:
        return ()
    known, kept = {reference.sop: reference.frames for reference in references}, []
    for one in scope:
        held = known.get(one.sop)
        if held is None:
            continue
        frames = tuple(f for f in held if not one.frames or f in one.frames)
        if not held or frames:
            kept.append(one if not held else ImageReference(one.sop, frames))
    return tuple(kept) or None
