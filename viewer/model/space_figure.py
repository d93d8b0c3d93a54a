"""An annotation in space as the figure that DICOM has for it (SCOORD3D, PS3.3 C.18.9.1.2)."""

from dataclasses import dataclass
from enum import StrEnum

from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PointLps

_K = AnnotationKind
_CLOSED = frozenset({_K.RECTANGLE, _K.POLYGON, _K.FREEHAND, _K.LIVEWIRE})


class SpaceGraphic(StrEnum):
    """Graphic types of SCOORD3D, as DICOM writes them."""

    POINT = "POINT"
    MULTIPOINT = "MULTIPOINT"
    POLYLINE = "POLYLINE"
    POLYGON = "POLYGON"
    ELLIPSE = "ELLIPSE"
    ELLIPSOID = "ELLIPSOID"


@dataclass(frozen=True, slots=True)
class SpaceFigure:
    """A graphic type and its points in LPS, mm."""

    graphic: SpaceGraphic
    points: tuple[PointLps, ...]


def space_figure(drawn: Annotation) -> SpaceFigure | None:
    """The figure of an annotation that lies in space; None for one of an image.

    A box has no type of its own: its eight corners. Of a grown volume its seed: the limit round it
    is not what was measured. Polygons end where they begin.
    """
    if not drawn.in_space:
        return None
    points = drawn.points
    match drawn.kind:
        case _K.SPHERE:
            radius = (points[1] - points[0]).norm
            ways = (PointLps(radius, 0, 0), PointLps(0, radius, 0), PointLps(0, 0, radius))
            return _ellipsoid(points[0], ways)
        case _K.ELLIPSOID:
            a, b, c = (end - points[0] for end in points[1:])
            return _ellipsoid(points[0], (a, b, c))
        case _K.BOX:
            return SpaceFigure(SpaceGraphic.MULTIPOINT, _corners(points))
        case _K.GROWN:
            return SpaceFigure(SpaceGraphic.POINT, points[:1])
        case _K.ELLIPSE:
            return SpaceFigure(SpaceGraphic.ELLIPSE, _longer_first(points))
        case _K.CIRCLE if drawn.plane is not None:
            u = points[1] - points[0]
            return SpaceFigure(
                SpaceGraphic.ELLIPSE, _ends(points[0], u, drawn.plane.normal.cross(u))
            )
    if len(points) == 1:
        return SpaceFigure(SpaceGraphic.POINT, points)
    if drawn.kind in _CLOSED:
        return SpaceFigure(SpaceGraphic.POLYGON, (*points, points[0]))
    return SpaceFigure(SpaceGraphic.POLYLINE, points)


def _ellipsoid(centre: PointLps, axes: tuple[PointLps, PointLps, PointLps]) -> SpaceFigure:
    """The ends of the longest axis first."""
    return SpaceFigure(
        SpaceGraphic.ELLIPSOID, _ends(centre, *sorted(axes, key=lambda a: a.norm, reverse=True))
    )


def _ends(centre: PointLps, *axes: PointLps) -> tuple[PointLps, ...]:
    return tuple(centre.plus(axis, by) for axis in axes for by in (-1, 1))


def _corners(points: tuple[PointLps, ...]) -> tuple[PointLps, ...]:
    c = points[0]
    a, b, d = (end - c for end in points[1:])
    signs = [(i, j, k) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)]
    return tuple(c.plus(a, i).plus(b, j).plus(d, k) for i, j, k in signs)


def _longer_first(points: tuple[PointLps, ...]) -> tuple[PointLps, ...]:
    first, second = points[:2], points[2:]
    if (first[1] - first[0]).norm >= (second[1] - second[0]).norm:
        return (*first, *second)
    return (*second, *first)
