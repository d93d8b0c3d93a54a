"""What a pane sees of the patient's space: its plane, how near is on it, whose slices these are."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from viewer.calibration.spacing import scale_of
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.measurement import CalibrationKind
from viewer.model.refs import FrameRef
from viewer.model.study import Instance
from viewer.viewport.reformat import PlaneViewport
from viewer.viewport.transform import PanePoint, PaneTransform
from viewer.viewport.viewport import Viewport, ViewState

_NEAR = 0.5
"""Steps from slice to slice, or voxels along the normal, within which a place is on a plane."""
_ALONE = 0.5
"""mm for an image that has no neighbours."""


@dataclass(frozen=True, slots=True)
class SpaceView:
    """A plane in a pane."""

    plane: ImagePlane
    transform: PaneTransform
    near: float
    """mm from the plane within which a place lies on it."""
    instance: Instance

    def to_pane(self, point: PointLps) -> PanePoint:
        """Where a point is drawn, projected along the normal."""
        return self.transform.to_pane(self.plane.to_pixel(point))

    def to_lps(self, at: PanePoint) -> PointLps:
        """The point of the plane under a place of the pane."""
        return self.plane.to_lps(self.transform.to_pixel(at))

    def holds(self, point: PointLps) -> bool:
        """Whether a point lies on the plane."""
        return abs(self.plane.distance(point)) <= self.near


def space_view(viewport: Viewport, state: ViewState | None = None) -> SpaceView | None:
    """What a pane sees of space; None where its image has no place in the patient."""
    state = state or viewport.state
    frame, transform = state.frame, viewport.transform_of(state)
    instance = viewport.instance_of(frame) if frame is not None else None
    plane = viewport.plane_of(frame) if frame is not None else None
    if plane is None or transform is None or instance is None:
        return None
    if isinstance(viewport, PlaneViewport):
        near = _NEAR * viewport.reformat.voxel(viewport.name)
    else:
        step = state.target.slice_step if state.target else None
        near = _NEAR * step if step else _ALONE
    return SpaceView(plane, transform, near + 1e-6, instance)


def shares_space(annotation: Annotation, instance: Instance) -> bool:
    """Whether an annotation lies in the space of an image: by Frame of Reference, else series."""
    if not annotation.points:
        return False
    if annotation.space is not None:
        return annotation.space == instance.frame_of_reference
    return annotation.on.series == instance.ref.series


def frame_plane(viewport: Viewport, frame: FrameRef) -> ImagePlane | None:
    """The plane of a frame itself, also where a plane through it is shown."""
    instance = viewport.instance_of(frame)
    if instance is None or frame.frame >= len(instance.planes):
        return None
    return instance.planes[frame.frame]


def frame_near(viewport: Viewport, point: PointLps) -> FrameRef | None:
    """The frame of the shown series that lies nearest to a point."""
    target, frame = viewport.state.target, viewport.state.frame
    if target is None or frame is None:
        return None
    if isinstance(viewport, PlaneViewport):
        geometry = viewport.reformat.geometry
        at = math.floor(geometry.to_index(point).k + 0.5)
        return viewport.reformat.target.frames[min(max(at, 0), geometry.slices - 1)]
    plane = viewport.plane
    index = viewport.nearest(point, plane.normal) if plane is not None else None
    return frame if index is None else target.frames[index]


def why_not_here(viewport: Viewport) -> str | None:
    """Why nothing in space can be drawn in a pane, as a sentence; None where it can."""
    frame, instance = viewport.state.frame, viewport.instance
    if frame is None or instance is None:
        return "There is no image to measure on."
    if isinstance(viewport, PlaneViewport) and viewport.projects:
        return "This picture shows what lies behind each other as one: measure on a plane."
    if isinstance(viewport, PlaneViewport) and viewport.state.slab is not None:
        return "A slab shows what lies behind each other as one: measure on a single plane."
    if viewport.plane is None:
        return "This image has no place in the patient: nothing is measured in space."
    scale = scale_of(instance, frame.frame)
    if scale.calibration is not CalibrationKind.PATIENT:
        return f"No length in space is known to be true here. {scale.reason}".strip()
    return None


def in_space(
    viewport: Viewport,
    kind: AnnotationKind,
    points: tuple[PointLps, ...],
    author: str,
    now: Callable[[], datetime],
) -> Annotation | None:
    """A new annotation in the space of a pane's series; None where there is no image."""
    on = frame_near(viewport, points[0])
    instance = viewport.instance_of(on) if on is not None else None
    if on is None or instance is None or frame_plane(viewport, on) is None:
        return None
    made = Annotation(
        AnnotationId(str(uuid4())),
        kind,
        on,
        (PixelPoint(0.0, 0.0),) * len(points),
        points,
        instance.frame_of_reference,
        Provenance(author, now()),
    )
    return reshaped(made, points, viewport)


def reshaped(
    annotation: Annotation, points: tuple[PointLps, ...], viewport: Viewport
) -> Annotation:
    """The same annotation through other points; on the image of its series that is nearest.

    In the pane of other images it stays on its own, also where one series holds both.
    """
    on, target = annotation.on, viewport.state.target
    if target is not None and target.series == on.series and on in target.frames:
        on = frame_near(viewport, points[0]) or on
    plane = frame_plane(viewport, on)
    pixels = annotation.pixels
    if plane is not None:
        pixels = tuple(plane.to_pixel(p) for p in points)
    elif len(pixels) != len(points):
        pixels = (PixelPoint(0.0, 0.0),) * len(points)
    return replace(annotation, on=on, points=points, pixels=pixels)
