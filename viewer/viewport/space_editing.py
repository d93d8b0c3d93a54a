"""Changes by key to what lies in space or on a plane: nudge, copy, and which ones a pane offers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from viewer.errors import GeometryError
from viewer.measure.in_space import settled
from viewer.measure.kinds import KINDS
from viewer.model.annotation import Annotation, AnnotationId, Provenance
from viewer.model.geometry import PointLps
from viewer.viewport.annotate import AnnotationLedger
from viewer.viewport.editing import copied, pixel_step
from viewer.viewport.plane_shapes import on_plane, stored
from viewer.viewport.reformat import PlaneViewport
from viewer.viewport.space_shapes import GrownOf, handles, lines_of
from viewer.viewport.space_view import reshaped, shares_space, space_view
from viewer.viewport.viewport import Viewport

_PARALLEL = 1 - 1e-3


def offered(viewport: Viewport, ledger: AnnotationLedger, grown: GrownOf) -> tuple[Annotation, ...]:
    """The measurements that a pane shows as its own, oldest first."""
    view, frame = space_view(viewport), viewport.state.frame
    if frame is None:
        return ()
    if view is None:
        return ledger.seen_on(frame)
    here = [
        one
        for one in ledger.spatial()
        if one.kind.in_space and not one.hidden and shares_space(one, view.instance)
        and (handles(one, view) or lines_of(one, view, grown))
    ]  # fmt: skip
    if isinstance(viewport, PlaneViewport):
        kept = [one for one in ledger.all() if on_plane(one, viewport) is not None]
        return (*kept, *here)
    return (*ledger.seen_on(frame), *here)


def changed_on(
    held: Annotation, viewport: Viewport, change: Callable[[Annotation], Annotation]
) -> Annotation:
    """Let a pane change a measurement that it shows; GeometryError where it shows none such."""
    if held.kind.in_space:
        return change(held)
    if isinstance(viewport, PlaneViewport):
        shown = on_plane(held, viewport)
        if shown is None:
            raise GeometryError("The chosen measurement is on another plane.")
        return stored(change(shown), held, viewport)
    if held.plane is not None:
        raise GeometryError("It lies on a plane between the images: open MPR to change it.")
    if held.on != viewport.state.frame:
        raise GeometryError("The chosen measurement is on another image.")
    return change(held)


def nudged_in_space(
    held: Annotation, point: int | None, way: tuple[int, int], viewport: Viewport
) -> Annotation:
    """Move a point (None: the whole) by one pixel of the shown plane towards a side of it."""
    view, how = space_view(viewport), KINDS[held.kind].space
    if view is None or how is None:
        return held
    across, down = pixel_step(way, view.transform)
    by = (
        PointLps(0.0, 0.0, 0.0)
        .plus(view.plane.row, across * view.plane.spacing.column)
        .plus(view.plane.column, down * view.plane.spacing.row)
    )
    origin = held.points[0 if point is None else point]
    return reshaped(held, settled(how, held.points, point, origin.plus(by)), viewport)


def copied_to(
    held: Annotation, viewport: Viewport, author: str, now: Callable[[], datetime]
) -> Annotation:
    """Copy onto what a pane shows; GeometryError says why it cannot be.

    What lies in space stays at its place in the patient and takes its values from the shown series;
    a flat shape goes onto the shown plane, along its own normal.
    """
    instance, plane, frame = viewport.instance, viewport.plane, viewport.state.frame
    if instance is None or frame is None:
        raise GeometryError("There is no image to copy to.")
    if isinstance(viewport, PlaneViewport) and viewport.projects:
        raise GeometryError("Nothing is copied to what shows all that lies behind each other.")
    if not held.in_space and not isinstance(viewport, PlaneViewport):
        return copied(held, viewport, author, now)
    if plane is None or not shares_space(held, instance):
        raise GeometryError("The two series share no Frame of Reference; nothing is copied.")
    fresh = replace(
        held,
        id=AnnotationId(str(uuid4())),
        space=instance.frame_of_reference,
        made_by=Provenance(author, now()),
    )
    if held.kind.in_space:
        return reshaped(replace(fresh, on=frame), held.points, viewport)
    own = held.plane or viewport.plane_of(held.on)
    if own is not None and abs(own.normal.dot(plane.normal)) < _PARALLEL:
        raise GeometryError("The measurement lies across this plane; nothing is copied.")
    pixels = tuple(plane.to_pixel(p) for p in held.points)
    shown = replace(
        fresh, on=frame, plane=None, pixels=pixels, points=tuple(map(plane.to_lps, pixels))
    )
    if not isinstance(viewport, PlaneViewport):
        return shown
    return stored(shown, None, viewport)
