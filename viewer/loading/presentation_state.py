"""Presentation state objects become frozen values, or are refused with one sentence (F21).

A state is applied whole or not at all: what this reader does not know, or what contradicts itself,
refuses all of it.
"""

from typing import BinaryIO

from viewer.errors import HeaderError, UnsupportedSopClass
from viewer.loading import state_covers, state_graphics, state_looks
from viewer.loading.colour_profile import read_profile
from viewer.loading.fields import Fields
from viewer.loading.guard import MIB, FileBytes, Limits
from viewer.loading.object_facts import person_name
from viewer.loading.outline import Outline, outline
from viewer.loading.state_parts import (
    Refused,
    check_amount,
    first_unknown,
    references,
    same_frames,
    within,
)
from viewer.model.colour import ColourProfile
from viewer.model.presentation_state import ImageReference, PresentationState, StateKind
from viewer.model.refs import InstanceRef, SeriesUid, SopUid, StudyUid

_STORAGE = "1.2.840.10008.5.1.4.1.1.11."
_GREY, _COLOUR = _STORAGE + "1", _STORAGE + "2"
_NAMES = {
    _STORAGE + "3": "Pseudo-colour presentation states",
    _STORAGE + "4": "Blending presentation states",
    _STORAGE + "5": "Angiographic presentation states",
    _STORAGE + "6": "Planar MPR presentation states",
    _STORAGE + "7": "Compositing presentation states",
    _STORAGE + "8": "Advanced blending presentation states",
    _STORAGE + "9": "Volume rendering presentation states",
    _STORAGE + "10": "Segmented volume rendering presentation states",
    _STORAGE + "11": "Multiple volume rendering presentation states",
    _STORAGE + "12": "Presentation states with a variable modality LUT",
}
_LIMITS = Limits(
    file_bytes=64 * MIB, elements=100_000, inflated_header_bytes=64 * MIB, bulk_bytes=16 * MIB
)

_SOP_CLASS, _SOP, _STUDY, _SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
_REFERENCED_SERIES, _REFERENCED_IMAGES = 0x00081115, 0x00081140
_LABEL, _DESCRIPTION, _DATE, _TIME, _CREATOR = (
    0x00700080, 0x00700081, 0x00700082, 0x00700083, 0x00700084,
)  # fmt: skip
_ROTATION, _FLIP = 0x00700042, 0x00700041


def is_presentation_state(sop_class: str) -> bool:
    """Whether objects of this SOP Class say how images are presented."""
    return sop_class.startswith(_STORAGE)


def read_presentation_state(
    data: BinaryIO, *, name: str, limits: Limits | None = None
) -> PresentationState:
    """Read one state; ``name`` (file or SOP) goes into errors.

    NotDicom, UnsupportedSopClass for another kind of object, HeaderError for a state that cannot be
    applied wholly; the sentence names the state by its label.
    """
    found = outline(FileBytes(data), where=name, limits=limits or _LIMITS)
    sop_class = found.fields.uid(_SOP_CLASS) or found.meta.get(0x00020002, "")
    where = found.fields.uid(_SOP) or name
    label = found.fields.text(_LABEL) or where
    if sop_class not in {_GREY, _COLOUR}:
        raise UnsupportedSopClass(_not_read(sop_class, label), where=where)
    try:
        return _state(found, StateKind.GREY if sop_class == _GREY else StateKind.COLOUR)
    except Refused as refused:
        sentence = f"Presentation state {label[:64]} is not applied: {refused.reason}"
        raise HeaderError(sentence, where=where) from refused


def _not_read(sop_class: str, label: str) -> str:
    kind = _NAMES.get(sop_class)
    if kind is None:
        return "The object is not a presentation state."
    return f"Presentation state {label[:64]} is not applied: {kind} are not supported."


def _state(found: Outline, kind: StateKind) -> PresentationState:
    fields = found.fields
    if found.repairs:
        raise Refused(f"its file is damaged. {found.repairs[0]}")
    check_amount(fields)
    unknown = first_unknown(fields)
    if unknown is not None:
        raise Refused(
            f"it holds an element that is not known here, ({unknown >> 16:04X},"
            f"{unknown & 0xFFFF:04X})."
        )
    referred = _references(fields)
    grey = kind is StateKind.GREY
    profile = None if grey else _profile(found)
    if not grey:
        state_looks.refuse_grey_steps(fields)
    state = PresentationState(
        ref=_identity(fields),
        kind=kind,
        label=fields.text(_LABEL),
        references=referred,
        areas=state_looks.areas(fields),
        description=fields.text(_DESCRIPTION),
        creator=person_name(fields, _CREATOR),
        created=fields.text(_DATE) + fields.text(_TIME),
        rotation=_rotation(fields),
        flip=_flip(fields),
        layers=state_graphics.layers(fields),
        annotations=state_graphics.annotations(fields),
        profile=profile,
    )
    state = state_covers.with_covers(state, fields)
    if grey:
        state = state_looks.with_grey_steps(state, fields)
    _check_scopes(state)
    return state


def _identity(fields: Fields) -> InstanceRef:
    uids = [fields.uid(tag) for tag in (_STUDY, _SERIES, _SOP)]
    if not all(uids):
        raise Refused("it does not say which study, series and instance it is.")
    return InstanceRef(StudyUid(uids[0]), SeriesUid(uids[1]), SopUid(uids[2]))


def _references(fields: Fields) -> tuple[ImageReference, ...]:
    found = [
        reference
        for series in fields.items(_REFERENCED_SERIES)
        for reference in references(series, _REFERENCED_IMAGES)
    ]
    if not found:
        raise Refused("it refers to no image.")
    return tuple(found)


def _profile(found: Outline) -> ColourProfile | None:
    repairs: list[str] = []
    profile = read_profile(found, repairs)
    if repairs:
        raise Refused("its colour profile cannot be used.")
    return profile


def _rotation(fields: Fields) -> int:
    degrees = fields.short(_ROTATION) or 0
    if degrees not in {0, 90, 180, 270}:
        raise Refused(f"it turns the image by {degrees} degrees.")
    return degrees


def _flip(fields: Fields) -> bool:
    flip = fields.uid(_FLIP)
    if flip not in {"", "Y", "N"}:
        raise Refused(f"its flip is {flip[:16]!r}.")
    return flip == "Y"


def _check_scopes(state: PresentationState) -> None:
    """Every part is for referenced frames, and of areas and VOI steps a frame has one."""
    scopes = [area.scope for area in state.areas]
    scopes += [voi.scope for voi in state.voi]
    scopes += [annotation.scope for annotation in state.annotations]
    if not within(scopes, state.references):
        raise Refused("a part of it is for an image that it does not refer to.")
    if same_frames([area.scope for area in state.areas]):
        raise Refused("it gives two displayed areas for one image.")
    if same_frames([voi.scope for voi in state.voi]):
        raise Refused("it gives two VOI transformations for one image.")
    names = [layer.name for layer in state.layers]
    if len(set(names)) < len(names):
        raise Refused("two of its graphic layers have one name.")
    used = {annotation.layer for annotation in state.annotations}
    missing = (used | {activation.layer for activation in state.activations}) - {*names}
    if missing:
        raise Refused(f"it draws on a graphic layer {min(missing)[:32]!r} that it does not define.")
