"""The lines in which planes cut a picture: in device pixels, with words, grips and slab faces."""

import math
from dataclasses import dataclass

from viewer.model.geometry import ImagePlane, PointLps
from viewer.viewport.planes import PLANES, Crosshair, PlaneName
from viewer.viewport.transform import PanePoint, PaneTransform

HUB = 14.0
"""Logical pixels around the centre that take hold of it; lines begin beyond them."""
_ARM = 0.34
"""How far from the centre the grips for turning stand, as a part of the shorter edge."""
_PARALLEL = 1e-6
_WORD = 12.0
"""Logical pixels from a grip outwards to the word of its line: clear of texts at the edges."""
WORDS = {PlaneName.AXIAL: "AX", PlaneName.CORONAL: "COR", PlaneName.SAGITTAL: "SAG"}


@dataclass(frozen=True, slots=True)
class CrossLine:
    """One plane seen edge on, in device pixels of the pane; the centre is left open."""

    of: PlaneName
    parts: tuple[tuple[PanePoint, PanePoint], ...]
    grips: tuple[PanePoint, ...]
    """Where the line is taken hold of for turning; none where it cannot be turned."""
    faces: tuple[tuple[PanePoint, PanePoint], ...]
    """The faces of a slab on both sides of the line."""
    word: str
    word_at: PanePoint


def cross_lines(
    crosshair: Crosshair,
    plane: ImagePlane,
    transform: PaneTransform,
    *,
    scale: float = 1.0,
    on: PlaneName | None = None,
    thickness: float = 0.0,
) -> tuple[CrossLine, ...]:
    """Every plane of a crosshair that cuts a picture, but the picture's own (``on``).

    ``plane`` and ``transform`` are the picture's; a picture of one of the planes has grips.
    """
    found = (
        _line(crosshair, of, plane, transform, scale, grips=on is not None, thickness=thickness)
        for of in PLANES
        if of is not on
    )
    return tuple(line for line in found if line is not None)


def _line(
    crosshair: Crosshair,
    of: PlaneName,
    plane: ImagePlane,
    transform: PaneTransform,
    scale: float,
    *,
    grips: bool,
    thickness: float,
) -> CrossLine | None:
    normal, across = crosshair.cut(of).normal, plane.normal
    direction = normal.cross(across)
    if direction.norm < _PARALLEL:
        return None
    in_plane = across.cross(direction)  # in the picture, at right angles to the line
    away = plane.distance(crosshair.centre)
    foot = crosshair.centre.plus(in_plane, away * across.dot(normal) / in_plane.dot(normal))
    foot = foot.plus(across, -away)

    def at(point: PointLps) -> PanePoint:
        return transform.to_pane(plane.to_pixel(point))

    middle, ahead = at(foot), at(foot.plus(direction, 1 / direction.norm))
    way = _unit(PanePoint(ahead.x - middle.x, ahead.y - middle.y))
    side = at(foot.plus(in_plane, thickness / 2 / in_plane.dot(normal))) if thickness else middle
    shift = PanePoint(side.x - middle.x, side.y - middle.y)
    ends = _clipped(middle, way, transform)
    if ends is None:
        return None
    hub, arm = HUB * scale, _ARM * min(transform.pane)
    word_at = max(
        (_along(middle, way, t) for t in (-arm - _WORD * scale, arm + _WORD * scale)),
        key=lambda p: (p.x - transform.pane.width / 2) - (p.y - transform.pane.height / 2),
    )
    faces = []
    for sign in (1, -1) if thickness else ():
        place = PanePoint(middle.x + sign * shift.x, middle.y + sign * shift.y)
        reach = _clipped(place, way, transform)
        if reach is not None:
            faces.append((_along(place, way, reach[0]), _along(place, way, reach[1])))
    return CrossLine(
        of,
        tuple(
            (_along(middle, way, first), _along(middle, way, last))
            for first, last in ((ends[0], min(-hub, ends[1])), (max(hub, ends[0]), ends[1]))
            if first < last
        ),
        tuple(_along(middle, way, t) for t in (-arm, arm)) if grips else (),
        tuple(faces),
        WORDS[of],
        word_at,
    )


def _unit(way: PanePoint) -> PanePoint:
    length = math.hypot(way.x, way.y)
    return PanePoint(way.x / length, way.y / length)


def _along(start: PanePoint, way: PanePoint, distance: float) -> PanePoint:
    return PanePoint(start.x + distance * way.x, start.y + distance * way.y)


def _clipped(
    middle: PanePoint, way: PanePoint, transform: PaneTransform
) -> tuple[float, float] | None:
    """From where to where a line runs through the pane; None where it does not."""
    low, high = -math.inf, math.inf
    for start, part, size in zip(middle, way, transform.pane, strict=True):
        if abs(part) < 1e-12:
            if not 0 <= start <= size:
                return None
            continue
        a, b = sorted(((0 - start) / part, (size - start) / part))
        low, high = max(low, a), min(high, b)
    return (low, high) if low < high else None
