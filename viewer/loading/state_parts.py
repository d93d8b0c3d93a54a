"""What the parts of a presentation state have in common: references, known elements, refusal."""

from collections.abc import Iterable, Sequence

from viewer.loading import tags
from viewer.loading.fields import Fields
from viewer.model.presentation_state import ImageReference, Scope
from viewer.model.refs import SopUid

_SOP, _FRAMES, _SEGMENTS = 0x00081155, 0x00081160, 0x0062000B
_MOST_REFERENCES = 20_000
_MOST_FRAME_TEXT = 1 << 20
"""Bytes of frame numbers in all references together."""


class Refused(Exception):
    """A state cannot be applied; ``reason`` ends the sentence that says so."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


_KNOWN = {
    0x0018: frozenset(
        {0x1600, 0x1602, 0x1604, 0x1606, 0x1608, 0x1610, 0x1612, 0x1620, 0x1622, 0x1623, 0x1624}
    ),
    0x6000: frozenset(
        {
            0x0010, 0x0011, 0x0015, 0x0022, 0x0040, 0x0045, 0x0050, 0x0051, 0x0100, 0x0102, 0x1001,
            0x1301, 0x1302, 0x1303, 0x1500, 0x3000,
        }
    ),
    0x0028: frozenset({0x1052, 0x1053, 0x1054, 0x2000, 0x2002, 0x3000, 0x3110}),
    0x0070: frozenset(
        {
            0x0001, 0x0041, 0x0042, 0x005A, 0x0060, 0x0080, 0x0081, 0x0082, 0x0083, 0x0084, 0x0086,
            0x0087, 0x0209, 0x0234, 0x1101, 0x1102, 0x1103,
        }
    ),
    0x2050: frozenset({0x0010, 0x0020}),
}  # fmt: skip
"""Elements that say how images are presented, of the groups that do, which this reader knows."""


def first_unknown(fields: Fields) -> int | None:
    """The first element of the data set that bears on the presentation and is not known here."""
    return next((tag for tag in sorted(fields.raw) if not _is_known(tag)), None)


def _is_known(tag: int) -> bool:
    group, element = tag >> 16, tag & 0xFFFF
    if group % 2 or element == 0:
        return True
    if 0x5000 <= group <= 0x50FF:  # curves, retired
        return False
    if 0x6000 <= group <= 0x60FF:
        return group in tags.OVERLAY_GROUPS and element in _KNOWN[0x6000]
    if group == 0x0018 and element >> 8 != 0x16:  # the device, not its shutter
        return True
    return group not in _KNOWN or element in _KNOWN[group]


def references(fields: Fields, tag: int) -> Scope:
    """The references of a sequence; frames are given from 1 and kept from 0."""
    items = fields.items(tag)
    if len(items) > _MOST_REFERENCES:
        raise Refused(f"it refers to more than {_MOST_REFERENCES} images.")
    return tuple(_reference(item) for item in items)


def _reference(item: Fields) -> ImageReference:
    sop = item.uid(_SOP)
    if not sop:
        raise Refused("one of its references names no image.")
    if _SEGMENTS in item:
        raise Refused("it refers to segments.")
    frames = item.numbers(_FRAMES)
    named = bool(item.data(_FRAMES).strip(b" \0"))
    if named and (not frames or min(frames) < 1 or any(f != int(f) for f in frames)):
        raise Refused("a frame number in its references is not a number from 1.")
    return ImageReference(SopUid(sop), tuple(int(frame) - 1 for frame in frames))


def check_amount(fields: Fields) -> None:
    """Refuse a state that names more frames than any study has."""
    if _length(fields, _FRAMES) > _MOST_FRAME_TEXT:
        raise Refused("it refers to more frames than can be.")


def _length(fields: Fields, tag: int) -> int:
    """Bytes of an element in a data set and in every item of it."""
    inside = (item for value in fields.raw.values() if isinstance(value, tuple) for item in value)
    return len(fields.data(tag)) + sum(_length(item, tag) for item in inside)


def within(scopes: Iterable[Scope], whole: Scope) -> bool:
    """Whether every frame of every scope is one of the frames that the state refers to."""
    known: dict[str, frozenset[int] | None] = {}
    for reference in whole:
        before = known.get(reference.sop, frozenset())
        every = before is None or not reference.frames
        known[reference.sop] = None if every else frozenset((*(before or ()), *reference.frames))
    return all(
        reference.sop in known and _holds(known[reference.sop], reference)
        for scope in scopes
        for reference in scope
    )


def _holds(known: frozenset[int] | None, reference: ImageReference) -> bool:
    """``known`` None stands for every frame."""
    return known is None or (bool(reference.frames) and known.issuperset(reference.frames))


def same_frames(scopes: Sequence[Scope]) -> bool:
    """Whether two parts are for one frame; an empty scope is for every frame."""
    if len(scopes) > 1 and not all(scopes):
        return True
    by_sop: dict[str, list[tuple[int, ImageReference]]] = {}
    for number, scope in enumerate(scopes):
        for reference in scope:
            by_sop.setdefault(reference.sop, []).append((number, reference))
    return any(_clash(held) for held in by_sop.values())


def _clash(held: Sequence[tuple[int, ImageReference]]) -> bool:
    """Whether two different parts meet at a frame of one image, counted once a frame."""
    whole = {number for number, reference in held if not reference.frames}
    if whole:
        return len({number for number, _ in held}) > 1
    owner: dict[int, int] = {}
    return any(
        owner.setdefault(frame, number) != number
        for number, reference in held
        for frame in reference.frames
    )
