"""Annotations as lines, handles and words in a pane."""

from collections.abc import Callable
from dataclasses import dataclass

from viewer.errors import GeometryError
from viewer.measure.kinds import KINDS
from viewer.measure.quantity import Metric
from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.viewport.transform import PanePoint, PaneTransform

NO_READING = Reading((), (), (), "")
Read = Callable[[Annotation], Reading]
"""Gives what an annotation says; it may raise GeometryError."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One annotation in device pixels of the pane: ``points`` are its handles."""

    id: AnnotationId
    points: tuple[PanePoint, ...]
    label: str
    """Lines for the reader, one below the other."""
    selected: bool
    drawing: bool
    paths: tuple[tuple[PanePoint, ...], ...] = ()
    """The lines that are drawn."""
    notes: tuple[str, ...] = ()
    """What must be told of its numbers, one sentence each."""
    arrow: bool = False
    """Whether the first point is the tip of an arrow."""
    held: int | None = None
    """The handle that keys move; None is the whole."""


def shape_of(
    annotation: Annotation,
    transform: PaneTransform,
    metric: Metric,
    read: Read,
    *,
    selected: bool = False,
    drawing: bool = False,
    held: int | None = None,
) -> Shape:
    """Draw one annotation; one that is not finished yet has no words."""
    record, points = KINDS[annotation.kind], annotation.pixels
    finished = record.takes(len(points))
    said = reading_of(annotation, read) if finished else NO_READING
    many = record.open_ended and len(points) > MOST_HANDLES
    handles = (points[0], points[-1]) if many else points
    return Shape(
        annotation.id,
        tuple(transform.to_pane(p) for p in handles),
        "\n".join([*said.lines, *(f"⚠ {note}" for note in said.notes)]),
        selected,
        drawing,
        tuple(tuple(transform.to_pane(p) for p in path) for path in record.draw(points, metric)),
        said.notes,
        annotation.kind is AnnotationKind.ARROW,
        held if selected else None,
    )


MOST_HANDLES = 40
"""Points beyond which an outline shows its ends only; a press still takes hold of each."""


def reading_of(annotation: Annotation, read: Read) -> Reading:
    """What an annotation says, or why it says nothing."""
    try:
        return read(annotation)
    except GeometryError as error:
        return Reading((), (), (error.sentence,), "")
