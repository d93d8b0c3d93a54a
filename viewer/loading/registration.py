"""Spatial registration objects: how frames of reference lie in one another (PS3.3 A.39, C.20.2)."""

from typing import BinaryIO

from viewer.errors import HeaderError, UnsupportedSopClass
from viewer.loading.fields import Fields
from viewer.loading.guard import FileBytes, Limits, is_cut
from viewer.loading.outline import outline
from viewer.model.refs import FrameOfReferenceUid, InstanceRef, SeriesUid, SopUid, StudyUid
from viewer.model.registration import Move, Registration, Rigid

_CLASS = "1.2.840.10008.5.1.4.1.1.66.1"
_SOP_CLASS, _SOP, _STUDY, _SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
_FRAME_OF_REFERENCE = 0x00200052
_LABEL, _DESCRIPTION, _DATE, _TIME = 0x00700080, 0x00700081, 0x00080023, 0x00080033
_REGISTRATIONS, _MATRICES_OF, _MATRICES = 0x00700308, 0x00700309, 0x0070030A
_MATRIX, _TYPE = 0x300600C6, 0x0070030C
_IMAGES, _REFERENCED_SOP = 0x00081140, 0x00081155


def is_registration(sop_class: str) -> bool:
    """Whether objects of this SOP Class are spatial registrations."""
    return sop_class == _CLASS


def read_registration(data: BinaryIO, *, name: str) -> Registration:
    """Read one registration; ``name`` goes into errors.

    NotDicom, HeaderError for one that is damaged or not rigid, UnsupportedSopClass for another
    kind of object.
    """
    found = outline(FileBytes(data), where=name, limits=Limits())
    fields = found.fields
    if not is_registration(fields.uid(_SOP_CLASS) or found.meta.get(0x00020002, "")):
        raise UnsupportedSopClass("The object is not a spatial registration.", where=name)
    cut = next(filter(is_cut, found.repairs), "")
    if cut:
        raise HeaderError(cut, where=name)
    space = fields.uid(_FRAME_OF_REFERENCE)
    if not space:
        raise HeaderError("The registration names no frame of reference.", where=name)
    moves = tuple(_move(item, name) for item in fields.items(_REGISTRATIONS))
    if not moves:
        raise HeaderError("The registration holds no transformation.", where=name)
    return Registration(
        InstanceRef(
            StudyUid(fields.uid(_STUDY)), SeriesUid(fields.uid(_SERIES)), SopUid(fields.uid(_SOP))
        ),
        fields.text(_DESCRIPTION) or fields.text(_LABEL),
        fields.uid(_DATE) + fields.uid(_TIME),
        FrameOfReferenceUid(space),
        moves,
    )


def _move(item: Fields, name: str) -> Move:
    """One item of the sequence; the images it names are the only ones it is said of."""
    space = item.uid(_FRAME_OF_REFERENCE)
    if not space:
        raise HeaderError(
            "A transformation of the registration names no frame of reference.", where=name
        )
    held = item.items(_MATRICES_OF)
    matrices = held[0].items(_MATRICES) if len(held) == 1 else ()
    if len(matrices) != 1:
        raise HeaderError(
            "Only a registration of one transformation for each frame of reference is applied.",
            where=name,
        )
    kind = matrices[0].uid(_TYPE)
    if kind != "RIGID":
        raise HeaderError(
            f"Only rigid registrations are applied; this one is {kind or 'of no type'}.",
            where=name,
        )
    try:
        rigid = Rigid.of(matrices[0].numbers(_MATRIX))
    except ValueError as error:
        raise HeaderError(
            f"The transformation of the registration is not rigid: {error}.", where=name
        ) from error
    images = frozenset(SopUid(one.uid(_REFERENCED_SOP)) for one in item.items(_IMAGES))
    return Move(FrameOfReferenceUid(space), rigid, images)
