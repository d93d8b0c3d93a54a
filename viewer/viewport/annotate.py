"""One draw and edit state machine for every measurement kind, and the undo stack behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import uuid4

from psygnal import Signal

from viewer.measure.kinds import KINDS
from viewer.measure.quantity import SQUARE_PIXELS, Metric
from viewer.measure.registry import Ground
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps
from viewer.model.refs import FrameRef
from viewer.viewport.transform import PanePoint, PaneTransform
from viewer.viewport.viewport import Viewport

HANDLE_REACH = 9.0
"""Device pixels at scale 1 within which a press takes hold of an end point."""
LINE_REACH = 6.0


@dataclass(frozen=True, slots=True)
class AnnotationEdit:
    """One step: ``before`` None adds, ``after`` None removes, both change."""

    before: Annotation | None
    after: Annotation | None

    @property
    def reversed(self) -> "AnnotationEdit":
        """The step that takes this one back."""
        return AnnotationEdit(self.after, self.before)


Step = tuple[AnnotationEdit, ...]
"""Edits that are made, undone and redone together."""


class AnnotationLedger:
    """The annotations of one open case with their undo and redo stacks."""

    changed = Signal(object)
    """Carries each AnnotationEdit that was made, undone or redone."""
    stepped = Signal(object)
    """Carries all edits of a step as a tuple, after the last one is made."""

    def __init__(self) -> None:
        """Start empty."""
        self._held: dict[AnnotationId, Annotation] = {}
        self._on: dict[FrameRef, dict[AnnotationId, Annotation]] = {}
        self._spatial: dict[AnnotationId, Annotation] = {}
        self._done: list[Step] = []
        self._undone: list[Step] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return bool(self._undone)

    def all(self) -> tuple[Annotation, ...]:
        """Every annotation, oldest first."""
        return tuple(self._held.values())

    def on(self, frame: FrameRef) -> tuple[Annotation, ...]:
        """Annotations of one frame, without those that lie in space near it."""
        return tuple(self._on.get(frame, {}).values())

    def seen_on(self, frame: FrameRef) -> tuple[Annotation, ...]:
        """Annotations of one frame that are drawn there."""
        return tuple(one for one in self._on.get(frame, {}).values() if not one.hidden)

    def spatial(self) -> tuple[Annotation, ...]:
        """Annotations that lie in space and not on one frame, oldest first."""
        return tuple(self._spatial.values())

    def get(self, wanted: AnnotationId) -> Annotation | None:
        """One annotation by id."""
        return self._held.get(wanted)

    def restore(self, annotations: Sequence[Annotation]) -> None:
        """Start again from saved annotations; there is nothing to undo after that."""
        self._held = {}
        self._on = {}
        self._spatial = {}
        for annotation in annotations:
            self._hold(annotation)
        self._done.clear()
        self._undone.clear()

    def apply(self, *edits: AnnotationEdit) -> None:
        """Make one step of one edit or several; what was undone before is gone."""
        if not edits:
            return
        self._undone.clear()
        self._done.append(edits)
        self._make(edits)

    def undo(self) -> bool:
        """Take the last step back; False when there is none."""
        return self._move(self._done, self._undone)

    def redo(self) -> bool:
        """Make the last undone step again; False when there is none."""
        return self._move(self._undone, self._done)

    def _move(self, source: list[Step], target: list[Step]) -> bool:
        if not source:
            return False
        back = tuple(edit.reversed for edit in source.pop())  # no two of one annotation
        target.append(back)
        self._make(back)
        return True

    def _make(self, step: Step) -> None:
        for edit in step:
            if edit.after is not None:
                self._hold(edit.after)
            elif edit.before is not None:
                self._held.pop(edit.before.id, None)
                self._on.get(edit.before.on, {}).pop(edit.before.id, None)
                self._spatial.pop(edit.before.id, None)
        for edit in step:
            self.changed.emit(edit)
        self.stepped.emit(step)

    def _hold(self, annotation: Annotation) -> None:
        old = self._held.get(annotation.id)
        if old is not None and old.in_space and not annotation.in_space:
            del self._spatial[old.id]  # what was moved into the plane of an image is one of it
        elif old is not None and (annotation.in_space or old.on != annotation.on):
            self._on.get(old.on, {}).pop(old.id, None)
        self._held[annotation.id] = annotation
        if annotation.in_space:
            self._spatial[annotation.id] = annotation
        else:
            self._on.setdefault(annotation.on, {})[annotation.id] = annotation


@dataclass(frozen=True, slots=True)
class Grip:
    """What a press took hold of: one point of an annotation, or the whole (``point`` None)."""

    annotation: Annotation
    point: int | None


def grip_at(
    place: PanePoint,
    held: Sequence[Annotation],
    transform: PaneTransform,
    metric: Callable[[Annotation], Metric],
    scale: float = 1.0,
) -> Grip | None:
    """Find what lies under a place; points before lines, newest first.

    ``metric`` gives the proportions that lines are drawn in, ``scale`` is device pixels per
    logical pixel, so that reach is the same on every screen.
    """
    for annotation in reversed(held):
        for n, pixel in enumerate(annotation.pixels):
            at = transform.to_pane(pixel)
            if apart(place, at) <= HANDLE_REACH * scale:
                return Grip(annotation, n)
    for annotation in reversed(held):
        if edge_at(place, annotation, transform, metric(annotation), scale) is not None:
            return Grip(annotation, None)
    return None


def edge_at(
    place: PanePoint,
    annotation: Annotation,
    transform: PaneTransform,
    metric: Metric,
    scale: float = 1.0,
) -> int | None:
    """Which piece of an annotation's lines lies under a place; None where none does."""
    reach, number = LINE_REACH * scale, 0
    for path in KINDS[annotation.kind].draw(annotation.pixels, metric):
        for a, b in pairwise([transform.to_pane(p) for p in path]):
            if from_segment(place, a, b) <= reach:
                return number
            number += 1
    return None


def make_annotation(
    viewport: Viewport,
    kind: AnnotationKind,
    pixels: tuple[PixelPoint, ...],
    author: str,
    now: Callable[[], datetime],
) -> Annotation | None:
    """Make an annotation on the shown frame; None where a point lies outside the image."""
    frame, transform, instance = viewport.state.frame, viewport.transform(), viewport.instance
    if frame is None or transform is None or instance is None:
        return None
    if not all(inside(p, transform) for p in pixels):
        return None
    plane = viewport.plane
    return Annotation(
        id=AnnotationId(str(uuid4())),
        kind=kind,
        on=frame,
        pixels=pixels,
        points=patient_points(pixels, plane),
        space=instance.frame_of_reference if plane is not None else None,
        made_by=Provenance(author, now()),
    )


def metric_on(viewport: Viewport, on: FrameRef, points: Sequence[PixelPoint]) -> Metric:
    """The proportions of what is drawn in a viewport: of its plane, else as the header says."""
    plane = viewport.plane_of(on)
    if plane is not None:
        return Metric(plane.spacing, plane.spacing)
    instance = viewport.instance_of(on)
    if instance is None:
        return Metric(SQUARE_PIXELS, SQUARE_PIXELS)
    return Ground(instance).metric(on.frame, points)


def patient_points(pixels: Sequence[PixelPoint], plane: ImagePlane | None) -> tuple[PointLps, ...]:
    """The same places in the patient; none without a plane."""
    return () if plane is None else tuple(plane.to_lps(p) for p in pixels)


def apart(a: PanePoint, b: PanePoint) -> float:
    """Distance in device pixels."""
    return float(((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5)


def from_segment(p: PanePoint, a: PanePoint, b: PanePoint) -> float:
    """Distance of a place from a line between two, device pixels."""
    dx, dy = b.x - a.x, b.y - a.y
    length = dx * dx + dy * dy
    if length == 0:
        return apart(p, a)
    t = min(max(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0), 1.0)
    return apart(p, PanePoint(a.x + t * dx, a.y + t * dy))


def inside(p: PixelPoint, t: PaneTransform) -> bool:
    """Whether a point lies within the edges of the image."""
    return -0.5 <= p.column <= t.columns - 0.5 and -0.5 <= p.row <= t.rows - 0.5
