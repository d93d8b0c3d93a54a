"""One draw and edit state machine for every measurement kind, and the undo stack behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from uuid import uuid4

from psygnal import Signal

from viewer.measure.kinds import KINDS
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


class AnnotationLedger:
    """The annotations of one open case with their undo and redo stacks."""

    changed = Signal(object)
    """Carries the AnnotationEdit that was made, undone or redone."""

    def __init__(self) -> None:
        """Start empty."""
        self._held: dict[AnnotationId, Annotation] = {}
        self._done: list[AnnotationEdit] = []
        self._undone: list[AnnotationEdit] = []

    def all(self) -> tuple[Annotation, ...]:
        """Every annotation, oldest first."""
        return tuple(self._held.values())

    def on(self, frame: FrameRef) -> tuple[Annotation, ...]:
        """Annotations of one frame."""
        return tuple(a for a in self._held.values() if a.on == frame)

    def get(self, wanted: AnnotationId) -> Annotation | None:
        """One annotation by id."""
        return self._held.get(wanted)

    def restore(self, annotations: Sequence[Annotation]) -> None:
        """Start again from saved annotations; there is nothing to undo after that."""
        self._held = {a.id: a for a in annotations}
        self._done.clear()
        self._undone.clear()

    def apply(self, edit: AnnotationEdit) -> None:
        """Make one step; what was undone before is gone."""
        self._undone.clear()
        self._done.append(edit)
        self._make(edit)

    def undo(self) -> bool:
        """Take the last step back; False when there is none."""
        return self._move(self._done, self._undone)

    def redo(self) -> bool:
        """Make the last undone step again; False when there is none."""
        return self._move(self._undone, self._done)

    def _move(self, source: list[AnnotationEdit], target: list[AnnotationEdit]) -> bool:
        if not source:
            return False
        back = source.pop().reversed
        target.append(back)
        self._make(back)
        return True

    def _make(self, edit: AnnotationEdit) -> None:
        if edit.after is not None:
            self._held[edit.after.id] = edit.after
        elif edit.before is not None:
            self._held.pop(edit.before.id, None)
        self.changed.emit(edit)


@dataclass(frozen=True, slots=True)
class Grip:
    """What a press took hold of: one point of an annotation, or the whole (``point`` None)."""

    annotation: Annotation
    point: int | None


def grip_at(
    place: PanePoint, held: Sequence[Annotation], transform: PaneTransform, scale: float = 1.0
) -> Grip | None:
    """Find what lies under a place; end points before lines, newest first.

    ``scale`` is device pixels per logical pixel, so that reach is the same on every screen.
    """
    for annotation in reversed(held):
        for n, pixel in enumerate(annotation.pixels):
            at = transform.to_pane(pixel)
            if _apart(place, at) <= HANDLE_REACH * scale:
                return Grip(annotation, n)
    for annotation in reversed(held):
        ends = [transform.to_pane(p) for p in annotation.pixels]
        if any(_from_segment(place, a, b) <= LINE_REACH * scale for a, b in pairwise(ends)):
            return Grip(annotation, None)
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
    if not all(_inside(p, transform) for p in pixels):
        return None
    plane = viewport.plane
    return Annotation(
        id=AnnotationId(str(uuid4())),
        kind=kind,
        on=frame,
        pixels=pixels,
        points=_patient_points(pixels, plane),
        space=instance.frame_of_reference if plane is not None else None,
        made_by=Provenance(author, now()),
    )


class Drawing:
    """A gesture on annotations: placing a new one, dragging a point, or moving a whole one.

    ``preview`` is what is drawn meanwhile; nothing is changed until ``finish`` gives the edit.
    """

    def __init__(
        self, viewport: Viewport, preview: Annotation, point: int | None, before: Annotation | None
    ) -> None:
        """Hold one point (None: the whole) of ``preview``; ``before`` is None for a new one."""
        self._viewport = viewport
        self._point = point
        self._start = preview
        self._before = before
        self.preview = preview

    @classmethod
    def place(
        cls,
        viewport: Viewport,
        at: PanePoint,
        kind: AnnotationKind,
        author: str,
        now: Callable[[], datetime],
    ) -> "Drawing | None":
        """Start a new annotation with all its points under the pointer; None outside the image."""
        transform = viewport.transform()
        if transform is None:
            return None
        pixels = (transform.to_pixel(at),) * KINDS[kind].points
        made = make_annotation(viewport, kind, pixels, author, now)
        return None if made is None else cls(viewport, made, len(pixels) - 1, None)

    @classmethod
    def hold(cls, viewport: Viewport, grip: Grip) -> "Drawing":
        """Take hold of an annotation that is there."""
        return cls(viewport, grip.annotation, grip.point, grip.annotation)

    @property
    def is_new(self) -> bool:
        """Whether this draws a new annotation."""
        return self._before is None

    def move(self, start: PanePoint, to: PanePoint) -> None:
        """Follow the pointer from where the gesture started; points stay inside the image."""
        transform = self._viewport.transform()
        if transform is None:
            return
        pixels = list(self._start.pixels)
        if self._point is not None:
            grabbed = transform.to_pane(pixels[self._point])
            place = to if self.is_new else _shifted(grabbed, start, to)
            pixels[self._point] = _clamped(transform.to_pixel(place), transform)
        else:
            moved = [transform.to_pixel(_shifted(transform.to_pane(p), start, to)) for p in pixels]
            if not all(_inside(p, transform) for p in moved):
                return
            pixels = moved
        self.preview = replace(
            self._start,
            pixels=tuple(pixels),
            points=_patient_points(pixels, self._viewport.plane_of(self._start.on)),
        )

    def finish(self) -> tuple[AnnotationEdit, ...]:
        """Give the edit; none when nothing was drawn or nothing moved."""
        if len(set(self.preview.pixels)) < len(self.preview.pixels):
            return ()
        if self.preview == self._before:
            return ()
        return (AnnotationEdit(self._before, self.preview),)


def _patient_points(pixels: Sequence[PixelPoint], plane: ImagePlane | None) -> tuple[PointLps, ...]:
    return () if plane is None else tuple(plane.to_lps(p) for p in pixels)


def _apart(a: PanePoint, b: PanePoint) -> float:
    return float(((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5)


def _from_segment(p: PanePoint, a: PanePoint, b: PanePoint) -> float:
    dx, dy = b.x - a.x, b.y - a.y
    length = dx * dx + dy * dy
    if length == 0:
        return _apart(p, a)
    t = min(max(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0), 1.0)
    return _apart(p, PanePoint(a.x + t * dx, a.y + t * dy))


def _shifted(p: PanePoint, start: PanePoint, to: PanePoint) -> PanePoint:
    return PanePoint(p.x + to.x - start.x, p.y + to.y - start.y)


def _inside(p: PixelPoint, t: PaneTransform) -> bool:
    return -0.5 <= p.column <= t.columns - 0.5 and -0.5 <= p.row <= t.rows - 0.5


def _clamped(p: PixelPoint, t: PaneTransform) -> PixelPoint:
    return PixelPoint(
        min(max(p.column, -0.5), t.columns - 0.5), min(max(p.row, -0.5), t.rows - 0.5)
    )
