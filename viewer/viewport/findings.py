"""Findings: measurements that a reader names as one, in an order of the reader's; what changes it.

Every function gives the edits of one step; none where nothing changes.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from viewer.model.annotation import Annotation
from viewer.viewport.annotate import AnnotationEdit

Edits = tuple[AnnotationEdit, ...]


def order(held: Sequence[Annotation]) -> tuple[str, ...]:
    """The findings of a case: as the reader put them, then as they came."""
    places: dict[str, int] = {}
    for one in held:
        if one.finding:
            places[one.finding] = max(places.get(one.finding, 0), one.finding_place)
    return tuple(sorted(places, key=lambda name: (places[name] == 0, places[name])))


def named(held: Sequence[Annotation], chosen: Sequence[Annotation], name: str) -> Edits:
    """Let measurements belong to a finding; to none where the name is empty."""
    ids = {one.id for one in chosen}
    place = max((one.finding_place for one in held if name and one.finding == name), default=0)
    return _edits(
        (one, replace(one, finding=name, finding_place=place)) for one in held if one.id in ids
    )


def renamed(held: Sequence[Annotation], old: str, new: str) -> Edits:
    """Call a finding by another name in every study; one that is there already takes it in."""
    taken = [one.finding_place for one in held if new and one.finding == new]
    edits = []
    for one in held:
        if one.finding == old:
            place = max(taken) if taken else one.finding_place * bool(new)
            edits.append((one, replace(one, finding=new, finding_place=place)))
    return _edits(edits)


def moved(held: Sequence[Annotation], name: str, by: int, beside: Collection[str]) -> Edits:
    """Move a finding up (-1) or down (1) past the next one of those that stand ``beside`` it."""
    names = list(order(held))
    near = [one for one in names if one == name or one in beside]
    at = near.index(name) + by if name in near else -1
    if not 0 <= at < len(near):
        return ()
    names.remove(name)
    names.insert(names.index(near[at]) + (by > 0), name)
    places = {one: number for number, one in enumerate(names, 1)}
    return _edits(
        (one, replace(one, finding_place=places[one.finding])) for one in held if one.finding
    )


def shown(chosen: Sequence[Annotation], *, visible: bool) -> Edits:
    """Draw measurements on their images, or no longer."""
    return _edits((one, replace(one, hidden=not visible)) for one in chosen)


def targeted(chosen: Sequence[Annotation], *, counts: bool) -> Edits:
    """Let measurements count among the target lesions, or no longer."""
    return _edits((one, replace(one, target=counts)) for one in chosen)


def deleted(chosen: Sequence[Annotation]) -> Edits:
    """Take measurements away."""
    return tuple(AnnotationEdit(one, None) for one in chosen)


def _edits(pairs: Iterable[tuple[Annotation, Annotation]]) -> Edits:
    return tuple(AnnotationEdit(before, after) for before, after in pairs if before != after)
