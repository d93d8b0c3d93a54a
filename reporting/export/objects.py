"""What every DICOM object that we write takes from the images and from the case."""

import importlib.metadata
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from pydicom import Dataset, dcmread
from pydicom.charset import python_encoding
from pydicom.errors import InvalidDicomError
from pydicom.multival import MultiValue
from pydicom.uid import UID

from reporting.errors import ExportFailed
from reporting.model.report import ReportContext, ReportDraft
from viewer.model.refs import FrameRef

_NAME = r"[^\\=\x00-\x1f]{0,64}(=[^\\=\x00-\x1f]{0,64}){0,2}"
_LONG = r"[^\\\x00-\x1f]{0,64}"
_SHORT = r"[^\\\x00-\x1f]{0,16}"
_DATE = r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?"
_UID = r"[0-9]+(\.[0-9]+)+"
_POSITIVE = r"(?=.{1,16}$)\+?0*[1-9]\d*(\.\d*)?|(?=.{1,16}$)\+?0*\.0*[1-9]\d*"
_REQUIRED = {
    "PatientName": _NAME,
    "PatientID": _LONG,
    "PatientBirthDate": _DATE,
    "PatientSex": "[MFO]",
    "StudyDate": _DATE,
    "StudyTime": _TIME,
    "StudyID": _SHORT,
    "AccessionNumber": _SHORT,
    "ReferringPhysicianName": _NAME,
}
"""Type 2: written empty where the image holds nothing usable."""
_OPTIONAL = {
    "IssuerOfPatientID": _LONG,
    "PatientAge": r"\d{3}[DWMY]",
    "PatientSize": _POSITIVE,
    "PatientWeight": _POSITIVE,
    "StudyDescription": _LONG,
}
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
"""What says which image it is; all else in Source.identity says whose study."""
_OFFSET = re.compile(r"([+-])(\d{2})(\d{2})")
_TEXT = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_SOURCE_TREE = "0.1.0"
_DEFAULT_REPERTOIRE = python_encoding["ISO_IR 6"]
_UNICODE = "ISO_IR 192"
_MANY_FRAMES = (
    "Angiographic",
    "Enhanced",
    "Multi-frame",
    "Nuclear Medicine",
    "Radiofluoroscopic",
    "Ophthalmic Tomography",
    "Tomosynthesis",
    "Video",
)
"""Words in the names of SOP Classes whose images may have several frames."""


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """A SOP Instance with its class and where it lies."""

    study: str
    series: str
    sop: str
    sop_class: str


@dataclass(frozen=True, slots=True)
class Source:
    """Patient and study as an image of the study has them, checked value by value."""

    identity: Dataset
    character_set: str
    """'' where the image states none, or one that is not simple."""
    offset: timezone | None
    """The image's own offset from UTC, where it states one."""


def software_version() -> str:
    """Version of this program, as installed or as this source tree is."""
    try:
        return importlib.metadata.version("lightbox-workstation")
    except importlib.metadata.PackageNotFoundError:
        return _SOURCE_TREE


def reference_to(data: bytes) -> ObjectReference:
    """Read how to refer to a DICOM file; raises ExportFailed."""
    study, series, sop, sop_class = _identifiers(_read(data, "The DICOM object"))
    return ObjectReference(study, series, sop, sop_class)


def source_of(context: ReportContext) -> Source:
    """Take patient and study from the image headers of the context; raises ExportFailed."""
    if not context.image_headers:
        raise ExportFailed("No image of this study was read, so no DICOM report can be made.")
    header = _read(context.image_headers, "The image that the report refers to")
    identity = Dataset()
    for keyword, value in zip(UIDS, _identifiers(header), strict=True):
        setattr(identity, keyword, value)
    if identity.StudyInstanceUID != context.study.uid:
        raise ExportFailed("The images at hand belong to another study than the case.")
    for keyword, pattern in _REQUIRED.items():
        setattr(identity, keyword, _value(header, keyword, pattern))
    for keyword, pattern in _OPTIONAL.items():
        if value := _value(header, keyword, pattern):
            setattr(identity, keyword, value)
    charset = _value(header, "SpecificCharacterSet", "[A-Z0-9 _]{1,16}")
    return Source(identity, charset if charset in python_encoding else "", _offset(header))


def image_reference(frame: FrameRef, context: ReportContext, source: Source) -> Dataset:
    """Give an image as evidence; raises ExportFailed when its SOP Class is not known."""
    sop_class = context.sop_classes.get(frame.sop)
    if sop_class is None and frame.study == context.study.uid:
        sop_class = source.identity.SOPClassUID
    if sop_class is None:
        raise ExportFailed("The kind of a measured image of another study is not known.")
    return reference_item(ObjectReference(frame.study, frame.series, frame.sop, sop_class))


def measured_images(draft: ReportDraft, context: ReportContext, source: Source) -> list[Dataset]:
    """Give the images that the draft's measurements were made on, each once."""
    frames = {finding.measurement.on.sop: finding.measurement.on for finding in draft.findings}
    return [image_reference(frame, context, source) for frame in frames.values()]


def reference_item(reference: ObjectReference) -> Dataset:
    """Give an object as evidence."""
    item = Dataset()
    item.StudyInstanceUID, item.SeriesInstanceUID = reference.study, reference.series
    item.SOPInstanceUID, item.SOPClassUID = reference.sop, reference.sop_class
    return item


def frame_numbers(frame: FrameRef, sop_class: str) -> list[int] | None:
    """Referenced Frame Number (0008,1160), None for images that have one frame only."""
    kind = UID(sop_class).name
    many = "Image" in kind and any(word in kind for word in _MANY_FRAMES)
    return [frame.frame + 1] if many or frame.frame else None


def moment(at: datetime) -> str:
    """A DICOM DT with its offset from UTC."""
    return at.strftime("%Y%m%d%H%M%S.%f%z")


def written(document: Dataset, source: Source, *, signed_at: datetime) -> bytes:
    """Date the document by the reader's act, choose its character set, give the file."""
    local = signed_at.astimezone(source.offset) if source.offset else signed_at
    if source.offset:
        document.TimezoneOffsetFromUTC = local.strftime("%z")
    document.ContentDate = document.InstanceCreationDate = local.strftime("%Y%m%d")
    document.ContentTime = document.InstanceCreationTime = local.strftime("%H%M%S")
    for observer in document.get("VerifyingObserverSequence", []):
        observer.VerificationDateTime = moment(signed_at)
    charset = _character_set(document, source.character_set)
    if charset:
        document.SpecificCharacterSet = charset
    out = io.BytesIO()
    document.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _read(data: bytes, what: str) -> Dataset:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return dcmread(io.BytesIO(data), stop_before_pixels=True)
    except (InvalidDicomError, ValueError, KeyError, OSError, NotImplementedError):
        raise ExportFailed(f"{what} cannot be read as DICOM.") from None


def _identifiers(dataset: Dataset) -> tuple[str, str, str, str]:
    study, series, sop, sop_class = (_value(dataset, keyword, _UID) for keyword in UIDS)
    if not (study and series and sop and sop_class):
        raise ExportFailed("A DICOM object lacks one of its identifiers.")
    return study, series, sop, sop_class


def _value(dataset: Dataset, keyword: str, pattern: str) -> str:
    """The value as text, '' when it is absent or not what its VR allows."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = dataset.get(keyword)
            text = "" if value is None or isinstance(value, MultiValue) else str(value)
    except (ValueError, TypeError, LookupError, NotImplementedError):
        return ""
    text = text.strip(" \0")
    return text if re.fullmatch(pattern, text) else ""


def _offset(header: Dataset) -> timezone | None:
    found = _OFFSET.fullmatch(_value(header, "TimezoneOffsetFromUTC", _OFFSET.pattern))
    if found is None:
        return None
    span = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if span > timedelta(hours=14):
        return None
    return timezone(-span if found[1] == "-" else span)


def _character_set(document: Dataset, wanted: str) -> str:
    """The images' character set where all text fits in it, else UTF-8 ('' is plain ASCII)."""
    codec = python_encoding.get(wanted, _DEFAULT_REPERTOIRE)
    if codec == _DEFAULT_REPERTOIRE:  # ISO-IR 6 is ASCII; the library reads it as Latin-1
        codec = "ascii"
    for text in _texts(document):
        try:
            text.encode(codec)
        except UnicodeEncodeError:
            return _UNICODE
    return wanted


def _texts(dataset: Dataset) -> Iterator[str]:
    for element in dataset.iterall():
        if element.VR in _TEXT:
            yield str(element.value)
