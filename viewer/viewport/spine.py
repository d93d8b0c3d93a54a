"""Spine labels as one set: which level follows, how they are renumbered, where they are seen."""

from collections.abc import Sequence
from dataclasses import replace

from viewer.errors import GeometryError
from viewer.model.annotation import Annotation, AnnotationKind
from viewer.viewport.annotate import AnnotationEdit
from viewer.viewport.shapes import Shape
from viewer.viewport.space_view import SpaceView
from viewer.viewport.transform import PanePoint

FIRST = "C1"
_LEVELS = (
    *(f"C{n}" for n in range(1, 8)),
    *(f"T{n}" for n in range(1, 13)),
    *(f"L{n}" for n in range(1, 6)),
    *(f"S{n}" for n in range(1, 6)),
)
_ADDED = {"T13": "T12", "L6": "L5"}
"""Levels that some have, and behind which they stand."""
_LEVEL = 1.0
"""mm by which a place must lie higher to count upwards."""
_SEEN = 12.0
"""mm from a plane within which a vertebra is still shown: about half of one."""
_ARM = 4.0


def levels(labels: Sequence[str]) -> tuple[str, ...]:
    """The levels from the head down, with a thirteenth rib or a sixth lumbar if one is named."""
    found = list(_LEVELS)
    for added, behind in _ADDED.items():
        if added in labels:
            found.insert(found.index(behind) + 1, added)
    return tuple(found)


def next_level(labels: Sequence[str]) -> str:
    """The vertebra below the last one that was named; C1 at first, '' below the last."""
    return _stepped(labels, labels, 1) or ("" if _named(labels) else FIRST)


def following(spine: Sequence[Annotation], made: Annotation) -> str:
    """The level of a new label: above or below the nearest one; '' where there is none.

    Labels of another study, as of a prior, count only where they lie in the same space.
    """
    spine = [one for one in spine if one.on.study == made.on.study or _share_space(one, made)]
    texts = [one.text for one in spine]
    same = [one for one in spine if one.text in levels(texts) and one.space == made.space]
    placed = [one for one in same if one.points]
    if not (placed and made.points):
        return next_level(texts) if spine else ""
    at = made.points[0]
    nearest = min(placed, key=lambda one: (one.points[0] - at).norm)
    up = at.z - nearest.points[0].z > _LEVEL
    return _stepped(texts, [nearest.text], -1 if up else 1)


def renumbered(
    spine: Sequence[Annotation], chosen: Annotation, level: str
) -> tuple[AnnotationEdit, ...]:
    """Let one label be this level and all others of its space keep their distance to it.

    GeometryError where the level is none, or one of them would be none.
    """
    level = level.strip().upper()
    order = levels([*(one.text for one in spine), level])
    if level not in order:
        raise GeometryError(f"{level[:20] or 'Nothing'} is no level of the spine.")
    if chosen.text not in order:
        return (AnnotationEdit(chosen, replace(chosen, text=level)),)
    by = order.index(level) - order.index(chosen.text)
    edits = []
    for one in spine:
        if one.text not in order or one.space != chosen.space:
            continue
        to = order.index(one.text) + by
        if not 0 <= to < len(order):
            raise GeometryError(f"{one.text} would lie beyond the ends of the spine.")
        if by:
            edits.append(AnnotationEdit(one, replace(one, text=order[to])))
    return tuple(edits)


def spine_of(annotations: Sequence[Annotation]) -> tuple[Annotation, ...]:
    """The spine labels among annotations, oldest first; hidden ones count with the others."""
    return tuple(one for one in annotations if one.kind is AnnotationKind.SPINE)


def spine_shapes(
    labels: Sequence[Annotation], view: SpaceView, scale: float = 1.0
) -> tuple[Shape, ...]:
    """Labels of vertebrae that a plane passes through, where their own place is beside it."""
    found = []
    for one in labels:
        if abs(view.plane.distance(one.points[0])) <= _SEEN:
            at, arm = view.to_pane(one.points[0]), _ARM * scale
            cross = (
                (PanePoint(at.x - arm, at.y), PanePoint(at.x + arm, at.y)),
                (PanePoint(at.x, at.y - arm), PanePoint(at.x, at.y + arm)),
            )
            found.append(Shape(one.id, (), one.text, selected=False, drawing=False, paths=cross))
    return tuple(found)


def _share_space(one: Annotation, other: Annotation) -> bool:
    return one.space is not None and one.space == other.space


def _named(labels: Sequence[str]) -> list[str]:
    order = levels(labels)
    return [label for label in labels if label in order]


def _stepped(labels: Sequence[str], of: Sequence[str], by: int) -> str:
    order, named = levels(labels), [label for label in of if label in levels(labels)]
    if not named:
        return ""
    at = order.index(named[-1]) + by
    return order[at] if 0 <= at < len(order) else ""
