"""Where one image lies in another: lines of section planes, and one patient point in every pane."""

from dataclasses import dataclass
from itertools import pairwise

from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.refs import FrameOfReferenceUid
from viewer.viewport.links import PARALLEL
from viewer.viewport.transform import PanePoint
from viewer.viewport.viewport import Viewport, ViewState


@dataclass(frozen=True, slots=True)
class PatientPoint:
    """A point that the reader pointed at, mm, and the space in which it holds."""

    at: PointLps
    space: FrameOfReferenceUid


@dataclass(frozen=True, slots=True)
class ReferenceLine:
    """Where the active image cuts another one, in device pixels of that pane."""

    start: PanePoint
    end: PanePoint


@dataclass(frozen=True, slots=True)
class PointMark:
    """The place of a patient point in a pane; ``words`` say how far from its image it lies."""

    at: PanePoint
    words: str


def crossing(
    of: ImagePlane, rows: int, columns: int, onto: ImagePlane
) -> tuple[PixelPoint, PixelPoint] | None:
    """Where an image of so many rows and columns cuts another plane, in pixels of that plane.

    None where the planes are parallel (within 0.1 rad) or the image does not reach the plane.
    """
    if abs(of.normal.dot(onto.normal)) >= PARALLEL:
        return None
    left, top, right, bottom = -0.5, -0.5, columns - 0.5, rows - 0.5
    corners = [
        of.to_lps(PixelPoint(column, row))
        for column, row in ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    ]
    ends: list[PointLps] = []
    for a, b in pairwise(corners):
        here, there = onto.distance(a), onto.distance(b)
        if (here < 0) != (there < 0):
            ends.append(a.plus(b - a, here / (here - there)))
    if len(ends) != 2:
        return None
    return onto.to_pixel(ends[0]), onto.to_pixel(ends[1])


def reference_line(
    active: Viewport, other: Viewport, state: ViewState | None = None
) -> ReferenceLine | None:
    """Where the image of the active pane cuts that of another; None where it does not.

    ``state`` is the state of the other pane that is drawn (its present one).
    """
    state = state or other.state
    frame, shown = state.frame, active.instance
    if active is other or frame is None or shown is None or shown.format is None:
        return None
    onto, of, instance = other.plane_of(frame), active.plane, other.instance_of(frame)
    transform = other.transform_of(state)
    if onto is None or of is None or instance is None or transform is None:
        return None
    space = shown.frame_of_reference
    if space is None or space != instance.frame_of_reference:
        return None
    found = crossing(of, shown.format.rows, shown.format.columns, onto)
    if found is None:
        return None
    return ReferenceLine(transform.to_pane(found[0]), transform.to_pane(found[1]))


def point_under(viewport: Viewport, at: PanePoint) -> PatientPoint | None:
    """The patient point under a place of a pane; None where the image has no place in a patient."""
    transform, plane, instance = viewport.transform(), viewport.plane, viewport.instance
    if transform is None or plane is None or instance is None:
        return None
    if instance.frame_of_reference is None:
        return None
    return PatientPoint(plane.to_lps(transform.to_pixel(at)), instance.frame_of_reference)


def nearest_index(viewport: Viewport, point: PatientPoint) -> int | None:
    """The frame of a pane that lies nearest to a point; None where they share no space."""
    instance, plane = viewport.instance, viewport.plane
    if instance is None or plane is None or instance.frame_of_reference != point.space:
        return None
    return viewport.nearest(point.at, plane.normal)


def point_mark(
    viewport: Viewport, point: PatientPoint, state: ViewState | None = None
) -> PointMark | None:
    """Where a point is drawn in a pane; None where it has no place there."""
    state = state or viewport.state
    frame = state.frame
    instance = viewport.instance_of(frame) if frame else None
    plane, transform = viewport.plane_of(frame) if frame else None, viewport.transform_of(state)
    if plane is None or transform is None or instance is None:
        return None
    if instance.frame_of_reference != point.space:
        return None
    away = abs(plane.distance(point.at))
    step = state.target.slice_step if state.target else None
    words = f"{away:.1f} mm away" if away > (step or 0.1) / 2 + 1e-6 else ""
    at = plane.to_pixel(point.at)
    inside = -0.5 <= at.column <= transform.columns - 0.5 and -0.5 <= at.row <= transform.rows - 0.5
    return PointMark(transform.to_pane(at), words) if inside else None
