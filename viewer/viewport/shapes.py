"""Annotations as lines, handles and words in a pane."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from viewer.errors import GeometryError
from viewer.measure.kinds import KINDS, DrawnBy
from viewer.measure.quantity import Metric
from viewer.measure.registry import Reading
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind
from viewer.model.geometry import PixelPoint
from viewer.viewport.transform import PanePoint, PaneTransform

_WIDEST = 40
"""Letters of a line of a note."""
_PAIRS = frozenset({AnnotationKind.COBB, AnnotationKind.LINES_ANGLE, AnnotationKind.HEART})
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
    ties: tuple[tuple[PanePoint, ...], ...] = ()
    """Thin lines that say what belongs together."""
    foreign: bool = False
    """Whether it comes from another source and cannot be taken hold of."""


def shape_of(
    annotation: Annotation,
    transform: PaneTransform,
    metric: Metric,
    read: Read,
    *,
    selected: bool = False,
    drawing: bool = False,
    held: int | None = None,
    foreign: bool = False,
) -> Shape:
    """Draw one annotation; one that is not finished yet has no words.

    One that is ``foreign`` has no handles: only a point is drawn where there is no line.
    """
    record, points = KINDS[annotation.kind], annotation.pixels
    said = said_of(annotation, read)
    many = record.drawn_by is DrawnBy.FREE or len(points) > MOST_HANDLES
    handles = (points[0], points[-1]) if many else points
    paths = record.draw(points, metric)
    if foreign and paths:
        handles = ()
    return Shape(
        annotation.id,
        transform.all_to_pane(handles),
        "\n".join([*said.lines, *warnings(said.notes)]),
        selected,
        drawing,
        tuple(transform.all_to_pane(path) for path in paths),
        said.notes,
        annotation.kind is AnnotationKind.ARROW,
        held if selected else None,
        _ties(annotation, transform),
        foreign,
    )


MOST_HANDLES = 40
"""Points beyond which an outline shows its ends only; a press still takes hold of each."""


def warnings(notes: Sequence[str]) -> list[str]:
    """Notes as short lines, the first of each marked."""
    return [
        f"{'⚠' if n == 0 else '   '} {line}"
        for note in notes
        for n, line in enumerate(wrap(note, _WIDEST))
    ]


def _ties(annotation: Annotation, transform: PaneTransform) -> tuple[tuple[PanePoint, ...], ...]:
    """From the middle of one line to that of the other."""
    points = annotation.pixels
    if annotation.kind not in _PAIRS or len(points) < 4:
        return ()
    middles = [
        PixelPoint((a.column + b.column) / 2, (a.row + b.row) / 2)
        for a, b in (points[:2], points[2:])
    ]
    return (transform.all_to_pane(middles),)


def said_of(annotation: Annotation, read: Read) -> Reading:
    """What an annotation says; nothing while it is not finished."""
    if not KINDS[annotation.kind].takes(len(annotation.pixels)):
        return NO_READING
    return reading_of(annotation, read)


def reading_of(annotation: Annotation, read: Read) -> Reading:
    """What an annotation says, or why it says nothing."""
    try:
        return read(annotation)
    except GeometryError as error:
        return Reading((), (), (error.sentence,), "")
