"""Key images as DICOM files: Key Object Selection documents (PS3.3 A.35.4, PS3.16 TID 2010)."""

import importlib.metadata
import io
import re
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import BinaryIO

from highdicom.ko import KeyObjectSelection, KeyObjectSelectionDocument
from highdicom.sr import (
    CodedConcept,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
)
from pydicom import Dataset
from pydicom.uid import generate_uid

from viewer.errors import HeaderError, ViewerError
from viewer.formats.sr_text import line, person
from viewer.formats.study_identity import UID_FORM, UIDS, identity
from viewer.loading.key_objects import read_key_objects
from viewer.model.key_mark import KeyMark, KeyTitle
from viewer.model.refs import SopUid, StudyUid
from viewer.model.study import Instance

_SERIES_NUMBER = 9905


class _Document(KeyObjectSelectionDocument):
    """A selection with the identity that was checked."""

    def copy_patient_and_study_information(self, dataset: Dataset) -> None:
        """Copy the checked identity; highdicom would look the image's class up in its tables."""
        for element in dataset:
            if element.keyword not in UIDS:
                self[element.tag] = element


def selections(marks: Sequence[KeyMark]) -> tuple[tuple[KeyMark, ...], ...]:
    """The marks of each document: one has one study, one title and one note."""
    groups: dict[tuple[StudyUid, KeyTitle, str], list[KeyMark]] = {}
    for mark in marks:
        groups.setdefault((mark.on.study, mark.title, mark.note), []).append(mark)
    return tuple(tuple(group) for group in groups.values())


def key_selection_file(
    marks: Sequence[KeyMark],
    instances: Mapping[SopUid, Instance],
    source: BinaryIO,
    *,
    at: datetime,
    number: int = 1,
    series: str = "",
) -> bytes:
    """Write the marks of one document, as ``selections`` gives them; times are of ``at``.

    ``source`` is an image of their study, ``series`` the UID of the series of documents. What is
    written is read again: HeaderError where it does not name the same images, or the source is no
    DICOM.
    """
    patient, evidence = identity(source), [_evidence(mark, instances) for mark in marks]
    if any(mark.on.study != patient.StudyInstanceUID for mark in marks):
        raise HeaderError("The header is of another study than the key images.")
    first = marks[0]
    for image in evidence:
        image.update({e.tag: e for e in patient if e.keyword not in UIDS})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote names
        document = _Document(
            evidence=evidence,
            content=_content(first, evidence),
            series_instance_uid=series or generate_uid(prefix=None),
            series_number=_SERIES_NUMBER,
            sop_instance_uid=generate_uid(prefix=None),
            instance_number=number,
            manufacturer="Lightbox",
            manufacturer_model_name="Lightbox workstation",
            software_versions=_version(),
            device_serial_number="0",
            series_description="Key images",
            specific_character_set="ISO_IR 192",
        )
        document.copy_patient_and_study_information(patient)
        _name_frames(document, marks, instances)
        document.TimezoneOffsetFromUTC = at.strftime("%z")[:5]
        for day in ("ContentDate", "InstanceCreationDate"):
            setattr(document, day, at.strftime("%Y%m%d"))
        for time in ("ContentTime", "InstanceCreationTime"):
            setattr(document, time, at.strftime("%H%M%S"))
        out = io.BytesIO()
        document.save_as(out, enforce_file_format=True)
    _refuse_another(marks, instances, out)
    return out.getvalue()


def _content(first: KeyMark, evidence: Sequence[Dataset]) -> KeyObjectSelection:
    code = first.title.code
    distinct = {image.SOPInstanceUID: image for image in evidence}
    return KeyObjectSelection(
        document_title=CodedConcept(code.value, code.scheme, code.meaning),
        referenced_objects=list(distinct.values()),
        observer_person_context=ObserverContext(
            observer_type=CodedConcept("121006", "DCM", "Person"),
            observer_identifying_attributes=PersonObserverIdentifyingAttributes(
                name=person(first.made_by.author)
            ),
        ),
        description=_plain(first.note) or None,
    )


def _evidence(mark: KeyMark, instances: Mapping[SopUid, Instance]) -> Dataset:
    image = instances.get(mark.on.sop)
    if image is None:
        raise HeaderError("A key image is not here any more.", where=mark.on.sop)
    uids = (image.ref.study, image.ref.series, image.ref.sop, image.sop_class)
    if not all(re.fullmatch(UID_FORM, uid) for uid in uids):
        raise HeaderError(
            f"A key image has an identifier that is no valid UID: {line(image.ref.sop)}.",
            where=image.ref.sop,
        )
    made = Dataset()
    made.StudyInstanceUID, made.SeriesInstanceUID, made.SOPInstanceUID, made.SOPClassUID = uids
    made.Rows = made.Columns = 1  # which says that it is an image
    return made


def _name_frames(
    document: Dataset, marks: Sequence[KeyMark], instances: Mapping[SopUid, Instance]
) -> None:
    """Frames of images that have several, which highdicom does not name; they count from 1."""
    for item in document.ContentSequence:
        for reference in item.get("ReferencedSOPSequence", ()):
            sop = SopUid(str(reference.ReferencedSOPInstanceUID))
            frames = sorted({mark.on.frame + 1 for mark in marks if mark.on.sop == sop})
            if sop in instances and instances[sop].frames > 1:
                reference.ReferencedFrameNumber = frames


def _refuse_another(
    marks: Sequence[KeyMark], instances: Mapping[SopUid, Instance], out: io.BytesIO
) -> None:
    """What a file says must be what was meant, before anybody relies on it."""
    out.seek(0)
    try:
        read = read_key_objects(out, name="key images")
    except ViewerError as error:
        raise HeaderError(f"The key images cannot be written: {error.sentence}") from error
    named = {(link.sop, link.frame if link.frame_alone else 0) for link in read.links}
    meant = {(m.on.sop, m.on.frame if instances[m.on.sop].frames > 1 else 0) for m in marks}
    if named != meant or read.title != marks[0].title.meaning:
        raise HeaderError("The key images cannot be written: the file names other images.")


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _version() -> str:
    try:
        return importlib.metadata.version("lightbox-workstation")
    except importlib.metadata.PackageNotFoundError:
        return "0.1.0"  # a source tree
