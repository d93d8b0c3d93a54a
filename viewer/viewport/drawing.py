"""Placing, dragging and moving annotations: what is drawn meanwhile, and the edit at the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from viewer.measure.kinds import KINDS, MeasurementKind
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.model.geometry import PixelPoint, Spacing
from viewer.viewport.annotate import (
    AnnotationEdit,
    Grip,
    apart,
    inside,
    make_annotation,
    metric_on,
    patient_points,
)
from viewer.viewport.transform import PanePoint, PaneTransform
from viewer.viewport.viewport import Viewport

Snap = Callable[[PixelPoint, PaneTransform], PixelPoint]
"""Moves a point to where it is meant to be."""
_FEW = 4
"""Up to so many points two at one place make no shape."""


def as_placed(p: PixelPoint, _transform: PaneTransform) -> PixelPoint:
    """Leave a point where the hand put it."""
    return p


@dataclass(frozen=True, slots=True)
class Hand:
    """Who draws, when, and what points snap to."""

    author: str
    now: Callable[[], datetime]
    snap: Snap = as_placed


class Drawing:
    """A gesture on annotations: placing a new one, dragging a point, or moving a whole one.

    ``preview`` is what is drawn meanwhile; nothing is changed until ``finish`` gives the edit.
    """

    def __init__(
        self,
        viewport: Viewport,
        preview: Annotation,
        point: int | None,
        before: Annotation | None,
        snap: Snap = as_placed,
    ) -> None:
        """Hold one point (None: the whole) of ``preview``; ``before`` is None for a new one."""
        self._viewport = viewport
        self._point = point
        self._start = preview
        self._before = before
        self._snap = snap
        self.preview = preview

    @classmethod
    def place(
        cls, viewport: Viewport, at: PanePoint, kind: AnnotationKind, hand: Hand
    ) -> "Drawing | None":
        """Start a new annotation with all its points under the pointer; None outside the image."""
        transform = viewport.transform()
        if transform is None:
            return None
        first = hand.snap(transform.to_pixel(at), transform)
        pixels = KINDS[kind].begin(first, first, Spacing(1.0, 1.0))
        made = make_annotation(viewport, kind, pixels, hand.author, hand.now)
        return None if made is None else cls(viewport, made, len(pixels) - 1, None, hand.snap)

    @classmethod
    def hold(cls, viewport: Viewport, grip: Grip, snap: Snap = as_placed) -> "Drawing":
        """Take hold of an annotation that is there."""
        return cls(viewport, grip.annotation, grip.point, grip.annotation, snap)

    @property
    def is_new(self) -> bool:
        """Whether this draws a new annotation."""
        return self._before is None

    def move(self, start: PanePoint, to: PanePoint) -> None:
        """Follow the pointer from where the gesture started; points stay inside the image."""
        transform = self._viewport.transform()
        if transform is None:
            return
        pixels = self._start.pixels
        record = KINDS[self._start.kind]
        shape = metric_on(self._viewport, self._start.on, pixels).shape
        if self._point is None:
            moved = tuple(
                transform.to_pixel(shifted(transform.to_pane(p), start, to)) for p in pixels
            )
            if _leaves(pixels, moved, transform):
                return
        elif self.is_new:
            end = clamped(self._snap(transform.to_pixel(to), transform), transform)
            moved = record.begin(pixels[0], end, shape)
        else:
            grabbed = transform.to_pixel(shifted(transform.to_pane(pixels[self._point]), start, to))
            end = clamped(self._snap(grabbed, transform), transform)
            moved = record.settle(pixels, self._point, end, shape)
        self.preview = at_pixels(self._start, moved, self._viewport)

    def finish(self) -> tuple[AnnotationEdit, ...]:
        """Give the edit; none when nothing was drawn or nothing moved."""
        pixels = self.preview.pixels
        if len(pixels) <= _FEW and len(set(pixels)) < len(pixels):
            return ()
        if self.preview == self._before:
            return ()
        return (AnnotationEdit(self._before, self.preview),)


class PointByPoint:
    """A new annotation to which points are added one after another."""

    def __init__(self, viewport: Viewport, first: Annotation, snap: Snap = as_placed) -> None:
        """Begin with the points of ``first``."""
        self._viewport = viewport
        self._snap = snap
        self._made = first
        self.preview = first

    @classmethod
    def place(
        cls, viewport: Viewport, at: PanePoint, kind: AnnotationKind, hand: Hand
    ) -> "PointByPoint | None":
        """Start with one point under the pointer; None outside the image."""
        transform = viewport.transform()
        if transform is None:
            return None
        first = hand.snap(transform.to_pixel(at), transform)
        made = make_annotation(viewport, kind, (first,), hand.author, hand.now)
        return None if made is None else cls(viewport, made, hand.snap)

    @property
    def record(self) -> MeasurementKind:
        """What kind is drawn."""
        return KINDS[self._made.kind]

    @property
    def is_full(self) -> bool:
        """Whether it takes no more points."""
        return not self.record.open_ended and self.record.takes(len(self._made.pixels))

    def follow(self, to: PanePoint) -> None:
        """Show the next point under the pointer."""
        if not self.is_full:
            self.preview = self._with(to) or self._made

    def add(self, to: PanePoint) -> None:
        """Place the next point; none upon the last one."""
        made = None if self.is_full else self._with(to)
        if made is not None and made.pixels[-1] != self._made.pixels[-1]:
            self._made = self.preview = made

    def back(self) -> bool:
        """Take the last point away; False when it was the only one."""
        if len(self._made.pixels) == 1:
            return False
        self._made = at_pixels(self._made, self._made.pixels[:-1], self._viewport)
        self.preview = self._made
        return True

    def closes(self, to: PanePoint, reach: float) -> bool:
        """Whether a place is upon the first point of an outline that is large enough to close."""
        transform, record = self._viewport.transform(), self.record
        if transform is None or not record.closed or not record.takes(len(self._made.pixels)):
            return False
        return apart(to, transform.to_pane(self._made.pixels[0])) <= reach

    def far(self, to: PanePoint, reach: float) -> bool:
        """Whether a place is farther than this from the last point, device pixels."""
        transform = self._viewport.transform()
        return transform is not None and (
            apart(to, transform.to_pane(self._made.pixels[-1])) > reach
        )

    def finish(self) -> tuple[AnnotationEdit, ...]:
        """Give the edit; none while there are too few points."""
        pixels = self._made.pixels
        if not self.record.takes(len(pixels)):
            return ()
        if 1 < len(pixels) <= _FEW and len(set(pixels)) < len(pixels):
            return ()
        return (AnnotationEdit(None, self._made),)

    def _with(self, to: PanePoint) -> Annotation | None:
        transform = self._viewport.transform()
        if transform is None:
            return None
        point = clamped(self._snap(transform.to_pixel(to), transform), transform)
        return at_pixels(self._made, (*self._made.pixels, point), self._viewport)


def at_pixels(
    annotation: Annotation, pixels: Sequence[PixelPoint], viewport: Viewport
) -> Annotation:
    """The same annotation with other points."""
    plane = viewport.plane_of(annotation.on)
    return replace(annotation, pixels=tuple(pixels), points=patient_points(pixels, plane))


def shifted(p: PanePoint, start: PanePoint, to: PanePoint) -> PanePoint:
    """A place moved by the way from ``start`` to ``to``."""
    return PanePoint(p.x + to.x - start.x, p.y + to.y - start.y)


def clamped(p: PixelPoint, t: PaneTransform) -> PixelPoint:
    """The nearest point within the edges of the image."""
    return PixelPoint(
        min(max(p.column, -0.5), t.columns - 0.5), min(max(p.row, -0.5), t.rows - 0.5)
    )


def _leaves(before: Sequence[PixelPoint], after: Sequence[PixelPoint], t: PaneTransform) -> bool:
    """Whether a point that was inside the image would be outside."""
    return any(inside(a, t) and not inside(b, t) for a, b in zip(before, after, strict=True))
