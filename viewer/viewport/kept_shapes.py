"""Shapes as they were last drawn: painted often, made anew only where something changed."""

from dataclasses import dataclass, replace

from viewer.measure.registry import Ground, Reading
from viewer.model.annotation import Annotation, AnnotationId
from viewer.viewport.shapes import Read, Shape, said_of, shape_of
from viewer.viewport.transform import PaneTransform

_VIEWS = 16
"""Panes, or steps of a zoom, for which shapes are kept."""
_MOST = 2000
"""Shapes that are kept of one of them."""


class KeptShapes:
    """Shapes as they were last drawn, so that what did not change is not made again."""

    def __init__(self) -> None:
        """Start empty."""
        self._views: dict[PaneTransform, dict[AnnotationId, _Kept]] = {}

    def shape(
        self,
        annotation: Annotation,
        transform: PaneTransform,
        ground: Ground,
        read: Read,
        *,
        selected: bool = False,
        drawing: bool = False,
        held: int | None = None,
        foreign: bool = False,
    ) -> Shape:
        """The shape of an annotation: the same object for as long as nothing of it changes."""
        view = self._views.get(transform)
        if view is None:
            view = self._views[transform] = {}
            if len(self._views) > _VIEWS:
                del self._views[next(iter(self._views))]
        look = selected, drawing, held if selected else None
        now = _Kept(annotation, ground, said_of(annotation, read), look)
        kept = view.get(annotation.id)
        if kept is not None and kept.shape is not None and kept.is_as(now):
            return kept.shape
        if len(view) > _MOST:
            view.clear()
        made = shape_of(
            annotation,
            transform,
            ground.metric(annotation.on.frame, annotation.pixels),
            lambda _one: now.said,
            selected=selected,
            drawing=drawing,
            held=held,
            foreign=foreign,
        )
        view[annotation.id] = replace(now, shape=made)
        return made

    def forget(self) -> None:
        """Begin again with another case."""
        self._views.clear()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A shape and what decided it; of ``ground`` only what gives proportions."""

    annotation: Annotation
    ground: Ground
    said: Reading
    look: tuple[bool, bool, int | None]
    shape: Shape | None = None

    def is_as(self, now: "_Kept") -> bool:
        """Whether the same would be drawn."""
        return (
            self.look == now.look
            and self.ground.instance is now.ground.instance
            and (self.said is now.said or self.said == now.said)
            and (self.annotation is now.annotation or self.annotation == now.annotation)
            and self.ground.line == now.ground.line
        )
