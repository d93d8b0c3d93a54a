"""Key object selections: which images are pointed out, and as what."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import BinaryIO

from viewer.errors import HeaderError, UnsupportedSopClass
from viewer.loading.content_items import content_lines
from viewer.loading.fields import Fields
from viewer.loading.guard import FileBytes, Limits, is_cut
from viewer.loading.outline import outline
from viewer.model.key_objects import KeyObjects, Purpose
from viewer.model.refs import InstanceRef, SeriesUid, SopUid, StudyUid

_CLASS = "1.2.840.10008.5.1.4.1.1.88.59"
_SOP_CLASS, _SOP, _STUDY, _SERIES = 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
_CONTENT, _CONCEPT, _CODE = 0x0040A730, 0x0040A043, 0x0040A168
_VALUE, _SCHEME, _MEANING = 0x00080100, 0x00080102, 0x00080104
_MODIFIER = "113011"
"""Document Title Modifier (TID 2010)."""
_DESCRIPTION, _TEXT, _LONGEST = "113012", 0x0040A160, 200
"""Key Object Description (TID 2010); what is longer does not fit beside an image."""
_PURPOSES: Mapping[str, Purpose] = MappingProxyType(
    {
        **dict.fromkeys(("113001", "113037", "113038", "113039"), Purpose.REJECTED),
        **dict.fromkeys(
            ("113030", "113031", "113032", "113033", "113034", "113035", "113036"), Purpose.LISTING
        ),
    }
)
"""DCM codes of titles (CID 7010); every other title points images out."""


def is_key_objects(sop_class: str) -> bool:
    """Whether objects of this SOP Class are key object selections."""
    return sop_class == _CLASS


def read_key_objects(data: BinaryIO, *, name: str) -> KeyObjects:
    """Read one selection; ``name`` goes into errors.

    NotDicom, HeaderError for one that is damaged, UnsupportedSopClass for another kind of object.
    """
    found = outline(FileBytes(data), where=name, limits=Limits())
    fields = found.fields
    if not is_key_objects(fields.uid(_SOP_CLASS) or found.meta.get(0x00020002, "")):
        raise UnsupportedSopClass("The object is not a key object selection.", where=name)
    title = fields.item(_CONCEPT)
    cut = next(filter(is_cut, found.repairs), "")
    if cut:
        raise HeaderError(cut, where=name)
    links = tuple(dict.fromkeys(link for line in content_lines(fields) for link in line.links))
    return KeyObjects(
        InstanceRef(
            StudyUid(fields.uid(_STUDY)), SeriesUid(fields.uid(_SERIES)), SopUid(fields.uid(_SOP))
        ),
        title.text(_MEANING) or "Key object selection",
        _purpose(title),
        links,
        _reasons(fields),
        _description(fields),
    )


def _purpose(title: Fields) -> Purpose:
    """What a title means; words that say rejected count even under a code that is not known."""
    found = _PURPOSES.get(title.uid(_VALUE)) if title.uid(_SCHEME) == "DCM" else None
    if found is None and title.text(_MEANING).casefold().startswith("rejected"):
        return Purpose.REJECTED
    return found or Purpose.KEY


def _reasons(fields: Fields) -> tuple[str, ...]:
    return tuple(
        item.item(_CODE).text(_MEANING)
        for item in fields.items(_CONTENT)
        if item.item(_CONCEPT).uid(_VALUE) == _MODIFIER and item.item(_CODE).text(_MEANING)
    )


def _description(fields: Fields) -> str:
    found = (
        " ".join(item.text(_TEXT).split())
        for item in fields.items(_CONTENT)
        if item.item(_CONCEPT).uid(_VALUE) == _DESCRIPTION
    )
    text = next(filter(None, found), "")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
