"""Structured reports, key object selections and encapsulated PDF, read without believing them."""

from typing import BinaryIO

from viewer.errors import HeaderError, UnsupportedSopClass
from viewer.loading.content_items import content_lines, moment
from viewer.loading.fields import Fields
from viewer.loading.guard import MIB, FileBytes, Limits, is_cut
from viewer.loading.object_facts import patient, person_name
from viewer.loading.outline import Outline, outline
from viewer.model.document import PageDocument, TextDocument

_SR = "1.2.840.10008.5.1.4.1.1.88."
_KEY_OBJECTS = _SR + "59"
_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
_CDA = "1.2.840.10008.5.1.4.1.1.104.2"
LIMITS = Limits(file_bytes=256 * MIB, bulk_bytes=64 * MIB, inflated_header_bytes=64 * MIB)

_SOP_CLASS, _MODALITY, _SERIES_TEXT = 0x00080016, 0x00080060, 0x0008103E
_CONTENT_DATE, _CONTENT_TIME = 0x00080023, 0x00080033
_CONCEPT, _MEANING = 0x0040A043, 0x00080104
_COMPLETION, _VERIFICATION, _OBSERVERS = 0x0040A491, 0x0040A493, 0x0040A073
_PRELIMINARY = 0x0040A496
_OBSERVER_NAME, _OBSERVER_ORGANISATION, _VERIFIED_AT = 0x0040A075, 0x0040A027, 0x0040A030
_AUTHORS, _PERSON_NAME, _INSTITUTION = 0x0040A078, 0x0040A123, 0x00080080
_TITLE, _ENCAPSULATED, _MIME, _LENGTH = 0x00420010, 0x00420011, 0x00420012, 0x00420015


def read_document(data: BinaryIO, *, name: str) -> TextDocument | PageDocument:
    """Read one document; ``name`` (file or SOP) goes into errors.

    NotDicom, HeaderError for a document that is damaged or breaks a limit, UnsupportedSopClass for
    another kind of object.
    """
    found = outline(FileBytes(data), where=name, limits=LIMITS)
    sop_class = found.fields.uid(_SOP_CLASS) or found.meta.get(0x00020002, "")
    if sop_class == _PDF:
        return _pages(found, name)
    if sop_class.startswith(_SR):
        return _text(found, sop_class, name)
    if sop_class == _CDA:
        raise UnsupportedSopClass("Clinical documents (CDA) cannot be shown here.", where=name)
    raise UnsupportedSopClass("The object is not a document.", where=name)


def _pages(found: Outline, name: str) -> PageDocument:
    fields = found.fields
    kind = fields.uid(_MIME).lower()
    if kind not in {"", "application/pdf"}:
        raise UnsupportedSopClass(f"The document is {kind[:64]}, not PDF.", where=name)
    data = fields.data(_ENCAPSULATED)
    if _ENCAPSULATED in found.bulky:
        raise HeaderError(f"The document is larger than {LIMITS.bulk_bytes // MIB} MB.", where=name)
    length = next(iter(fields.longs(_LENGTH)), None)
    if length is not None and length <= len(data):
        data = data[:length]
    if not data:
        raise HeaderError("The document holds no PDF.", where=name)
    title = fields.text(_TITLE) or fields.item(_CONCEPT).text(_MEANING)
    title = title or fields.text(_SERIES_TEXT) or "PDF document"
    cautions = _incomplete(found)
    if length is not None and length > len(data):
        cautions = (f"INCOMPLETE: the PDF has {len(data)} of {length} bytes.",)
    return PageDocument(title, data, tuple(_facts(fields)), patient(fields), cautions)


def _text(found: Outline, sop_class: str, name: str) -> TextDocument:
    fields = found.fields
    title = fields.item(_CONCEPT).text(_MEANING)
    lines = content_lines(fields)
    if not lines and not title:
        raise HeaderError("The report has no content.", where=name)
    key_objects = sop_class == _KEY_OBJECTS
    kind = "Key object selection" if key_objects else "Structured report"
    cautions = _incomplete(found) + (() if key_objects else _cautions(fields))
    facts = tuple(_facts(fields))
    return TextDocument(title or kind, facts, lines, key_objects, patient(fields), cautions)


def _incomplete(found: Outline) -> tuple[str, ...]:
    return tuple(f"INCOMPLETE: {repair}" for repair in found.repairs if is_cut(repair))[:1]


def _cautions(fields: Fields) -> tuple[str, ...]:
    """Why a report must not be read as a finished one (C.17.2)."""
    found: list[str] = []
    if fields.uid(_COMPLETION) != "COMPLETE":
        partial = fields.uid(_COMPLETION) == "PARTIAL"
        found.append("PARTIAL REPORT" if partial else "COMPLETENESS NOT STATED")
    if fields.uid(_VERIFICATION) != "VERIFIED":
        stated = fields.uid(_VERIFICATION) == "UNVERIFIED"
        found.append("NOT VERIFIED" if stated else "VERIFICATION NOT STATED")
    if fields.uid(_PRELIMINARY) == "PRELIMINARY":
        found.append("PRELIMINARY")
    return tuple(found)


def _facts(fields: Fields) -> list[tuple[str, str]]:
    completion, verification = fields.uid(_COMPLETION), fields.uid(_VERIFICATION)
    found = []
    if completion:
        found.append(("State", {"COMPLETE": "Complete", "PARTIAL": "Partial"}.get(
            completion, completion)))  # fmt: skip
    if verification:
        found.append(("Verification", {"VERIFIED": "Verified", "UNVERIFIED": "Not verified"}.get(
            verification, verification)))  # fmt: skip
    for observer in fields.items(_OBSERVERS):
        who = ", ".join(
            filter(
                None, (person_name(observer, _OBSERVER_NAME), observer.text(_OBSERVER_ORGANISATION))
            )
        )
        when = observer.text(_VERIFIED_AT)
        found.append(("Verified by", " ".join(filter(None, (who, moment(when))))))
    for author in fields.items(_AUTHORS):
        who = person_name(author, _PERSON_NAME)
        if who:
            found.append(("Author", who))
    written = fields.text(_CONTENT_DATE) + fields.text(_CONTENT_TIME)
    if written:
        found.append(("Written", moment(written)))
    return found
