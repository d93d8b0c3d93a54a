"""Changes to an annotation that need no drag: nudge, points more or less, copy."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from uuid import uuid4

from viewer.errors import GeometryError
from viewer.measure.kinds import KINDS
from viewer.model.annotation import Annotation, AnnotationId, Provenance
from viewer.model.geometry import ImagePlane, PixelPoint
from viewer.model.refs import FrameRef
from viewer.viewport.annotate import from_segment, inside, metric_on
from viewer.viewport.drawing import at_pixels, clamped
from viewer.viewport.transform import PanePoint, PaneTransform
from viewer.viewport.viewport import Viewport

_ON_PLANE = 0.5
"""Part of the step between images within which a copy lies on one of them; in mm for one image."""


def nudged(
    annotation: Annotation, point: int | None, way: tuple[int, int], viewport: Viewport
) -> Annotation:
    """Move a point (None: the whole) by one image pixel towards a side of the screen.

    ``way`` is (right, down) as seen; flips and rotations are taken into account. Unchanged where
    it would leave the image.
    """
    transform = viewport.transform()
    if transform is None:
        return annotation
    by = pixel_step(way, transform)
    pixels = annotation.pixels
    if point is None:
        moved = tuple(PixelPoint(p.column + by[0], p.row + by[1]) for p in pixels)
    else:
        to = PixelPoint(pixels[point].column + by[0], pixels[point].row + by[1])
        shape = metric_on(viewport, annotation.on, pixels).shape
        moved = KINDS[annotation.kind].settle(pixels, point, clamped(to, transform), shape)
    if any(inside(a, transform) and not inside(b, transform)
           for a, b in zip(pixels, moved, strict=True)):  # fmt: skip
        return annotation
    return at_pixels(annotation, moved, viewport)


def with_point(annotation: Annotation, at: PanePoint, viewport: Viewport) -> Annotation:
    """Add a point to an open-ended shape, upon its nearest piece; GeometryError says why not."""
    record, transform = KINDS[annotation.kind], viewport.transform()
    if not record.open_ended:
        raise GeometryError(f"{record.title}: no point can be added.")
    if transform is None:
        raise GeometryError("There is no image to measure on.")
    ring = (*annotation.pixels, annotation.pixels[0]) if record.closed else annotation.pixels
    places = [transform.to_pane(p) for p in ring]
    away = [from_segment(at, a, b) for a, b in pairwise(places)]
    n = away.index(min(away)) + 1
    point = clamped(transform.to_pixel(at), transform)
    return at_pixels(annotation, (*annotation.pixels[:n], point, *annotation.pixels[n:]), viewport)


def without_point(annotation: Annotation, point: int | None, viewport: Viewport) -> Annotation:
    """Take a point of an open-ended shape away; GeometryError where none can be."""
    record = KINDS[annotation.kind]
    if not record.open_ended or not record.takes(len(annotation.pixels) - 1):
        raise GeometryError(f"{record.title}: it needs all its points.")
    if point is None:
        raise GeometryError("Click a point of the measurement first, then take it away.")
    pixels = annotation.pixels
    return at_pixels(annotation, (*pixels[:point], *pixels[point + 1 :]), viewport)


def copied(
    annotation: Annotation, viewport: Viewport, author: str, now: Callable[[], datetime]
) -> Annotation:
    """Copy onto what a viewport shows; GeometryError says why it cannot be.

    In the same series it goes onto the shown image, at the same pixels; in another series of the
    same Frame of Reference onto the image that it lies in, at the same place of the patient.
    """
    frame, instance = viewport.state.frame, viewport.instance
    if frame is None or instance is None:
        raise GeometryError("There is no image to copy to.")
    if frame.series == annotation.on.series:
        on, pixels = frame, annotation.pixels
    elif annotation.space is not None and annotation.space == instance.frame_of_reference:
        on, pixels = _image_of(annotation, viewport)
    else:
        raise GeometryError("The two series share no Frame of Reference; nothing is copied.")
    plane, stored = viewport.plane_of(on), instance.format
    if stored is None or not all(
        -0.5 <= p.column <= stored.columns - 0.5 and -0.5 <= p.row <= stored.rows - 0.5
        for p in pixels
    ):
        raise GeometryError("The copy would lie outside the image.")
    return replace(
        annotation,
        id=AnnotationId(str(uuid4())),
        on=on,
        pixels=pixels,
        points=() if plane is None else tuple(plane.to_lps(p) for p in pixels),
        space=instance.frame_of_reference if plane is not None else None,
        made_by=Provenance(author, now()),
    )


def _image_of(
    annotation: Annotation, viewport: Viewport
) -> tuple[FrameRef, tuple[PixelPoint, ...]]:
    """The image of the shown series in whose plane an annotation lies, and its pixels there."""
    target = viewport.state.target
    planes: list[tuple[FrameRef, ImagePlane]] = []
    for frame in target.frames if target else ():
        plane = viewport.plane_of(frame)
        if plane is not None:
            planes.append((frame, plane))
    off = [max(abs(plane.distance(p)) for p in annotation.points) for _, plane in planes]
    if not off:
        raise GeometryError("The images of this series have no place in the patient.")
    best = off.index(min(off))
    frame, plane = planes[best]
    beside = [abs(other.distance(plane.position)) for _, other in planes]
    step = min((d for d in beside if d > 1e-6), default=1.0)
    if off[best] > _ON_PLANE * step + 1e-6:
        raise GeometryError(f"The measurement lies {off[best]:.1f} mm off these images.")
    return frame, tuple(plane.to_pixel(p) for p in annotation.points)


def pixel_step(way: tuple[int, int], transform: PaneTransform) -> tuple[int, int]:
    """The step of one pixel, (columns, rows), that goes most towards a side of the screen."""
    a, b, c, d = transform.matrix()
    steps = ((1, 0), (-1, 0), (0, 1), (0, -1))
    seen = [(a * u + b * v, c * u + d * v) for u, v in steps]
    along = [(x * way[0] + y * way[1]) / math.hypot(x, y) for x, y in seen]
    return steps[along.index(max(along))]
