"""Foreign shapes that lie on no single image: lines, angles and solids in the patient (C.18.9)."""

from collections.abc import Sequence

import numpy as np

from viewer.model.annotation import AnnotationKind
from viewer.model.figure import Graphic
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps, Spacing
from viewer.model.imported import StoredFigure, StoredGroup

_K = AnnotationKind
_CORNERS, _ENDS, _THREE = 8, 6, 3
_FLAT = 0.02
"""mm by which points may miss their plane; float32 alone is off by less."""
Solid = tuple[AnnotationKind, tuple[PointLps, ...]]


def shape_in_space(group: StoredGroup) -> Solid | None:
    """Kind and points as we have them, of what was drawn in space or can lie there alone."""
    if len(group.figures) != 1 or group.figures[0].sop is not None:
        return None
    (figure,) = group.figures
    kind = group.kind if group.kind is not None and group.kind.in_space else None
    if figure.graphic is Graphic.ELLIPSOID:
        return _round(kind, figure.points)
    if kind is _K.BOX and len(figure.points) == _CORNERS:
        return kind, _box(figure.points)
    if kind is _K.LINE_3D or kind is _K.ANGLE_3D:
        return line_in_space(figure)
    return None


def line_in_space(figure: StoredFigure) -> Solid | None:
    """A line of two or an angle of three places that no image holds."""
    kinds = {2: _K.LINE_3D, 3: _K.ANGLE_3D}
    kind = kinds.get(len(figure.points)) if figure.graphic is Graphic.POLYLINE else None
    return None if kind is None else (kind, figure.points)


def _round(kind: AnnotationKind | None, ends: Sequence[PointLps]) -> Solid | None:
    """Centre and half axes of an ellipsoid by the six ends of its axes."""
    if len(ends) != _ENDS:
        return None
    centre = _middle(ends[:2])
    if kind is _K.SPHERE:
        return _K.SPHERE, (centre, ends[1])
    return _K.ELLIPSOID, (centre, ends[1], ends[3], ends[5])


def _box(corners: Sequence[PointLps]) -> tuple[PointLps, ...]:
    """Centre and half sides of a box by its corners, in the order in which we write them."""
    centre, first = _middle((corners[0], corners[-1])), corners[0]
    halves = ((corners[n] - first) for n in (4, 2, 1))
    return (centre, *(centre.plus(half, 0.5) for half in halves))


def _middle(two: Sequence[PointLps]) -> PointLps:
    return two[0].plus(two[1] - two[0], 0.5)


def own_plane(figures: Sequence[StoredFigure]) -> ImagePlane | None:
    """The plane through all points of figures, in pixels of one millimetre; None without one."""
    places = np.array([point for figure in figures for point in figure.points], np.float64)
    if len(places) < _THREE:
        return None
    centre = places.mean(axis=0)
    _, spread, ways = np.linalg.svd(places - centre, full_matrices=False)
    off = np.abs((places - centre) @ ways[2]).max()
    if spread[1] <= _FLAT or off > _FLAT:
        return None
    row, column = (PointLps(*map(float, way)) for way in ways[:2])
    return ImagePlane(PointLps(*map(float, centre)), row, column, Spacing(1.0, 1.0))


def circle_of(ends: Sequence[PixelPoint]) -> tuple[PixelPoint, PixelPoint]:
    """Centre and edge of a circle that is told as an ellipse."""
    a, b = ends[:2]
    return PixelPoint((a.column + b.column) / 2, (a.row + b.row) / 2), b
