"""The files of a folder of DICOM: what each says of itself, or why it is left out."""

import hashlib
import os
import re
import stat
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pydicom.valuerep import PersonName

from workstation.demo.image_folder import UNREADABLE

_WANTED = [
    "SpecificCharacterSet",
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyDescription",
    "AccessionNumber",
    "SeriesNumber",
    "SeriesDescription",
    "InstanceNumber",
    "Modality",
    "BodyPartExamined",
    "PatientID",
    "IssuerOfPatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
]
_UIDS = {
    "SOPClassUID": "SOP Class",
    "SOPInstanceUID": "SOP Instance",
    "StudyInstanceUID": "Study Instance",
    "SeriesInstanceUID": "Series Instance",
}
_UID = re.compile(r"[0-9][0-9.]{0,63}")
_DIRECTORY = "1.2.840.10008.1.3.10"
_PREAMBLE = bytes(128) + b"DICM"
_BARE = (b"\x02\x00", b"\x08\x00", b"\x00\x08")
"""How a data set begins that has no preamble: with group 2, or group 8 in either byte order."""
_UNREADABLE = (*UNREADABLE, MemoryError)


@dataclass(frozen=True, slots=True)
class Found:
    """What one file says about itself; every text already trimmed."""

    file: Path
    texts: dict[str, str]
    prefix: bytes = b""
    """What a file that begins with its data set lacks before that, to be a Part 10 file."""

    def __getitem__(self, keyword: str) -> str:
        """The text of an attribute; empty when it is absent."""
        return self.texts.get(keyword, "")

    @property
    def order(self) -> tuple[int, str]:
        """Instance number, then UID."""
        return whole_number(self["InstanceNumber"]), self["SOPInstanceUID"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is not served: its place in the folder, and why, as a sentence."""

    name: str
    reason: str


class _Unusable(Exception):
    """Why a file is left out."""


def read_files(data: Path) -> tuple[list[Found], tuple[LeftOut, ...]]:
    """Read the headers of all files below ``data``, in the order of their names.

    Of files with one SOP Instance UID the first is kept: equal bytes silently.
    """
    found: dict[str, Found] = {}
    left_out = []
    for file in _files(data):
        try:
            read = _read(file)
        except _Unusable as error:
            reason = str(error)
        else:
            known = found.setdefault(read["SOPInstanceUID"], read)
            if known is read or _digest(known.file) == _digest(file):
                continue
            reason = f"It has the SOP Instance UID of {shown(known.file.name)}, but other content."
        left_out.append(LeftOut(shown(file.relative_to(data).as_posix()), reason))
    return list(found.values()), tuple(left_out)


def shown(name: str) -> str:
    """A file name with what cannot be printed as visible escapes."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in name)


def whole_number(text: str) -> int:
    """The whole number that a text is; 0 when it is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0


def _files(data: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(data):
        names.sort()
        yield from (Path(folder) / f for f in sorted(files))


def _read(file: Path) -> Found:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise _Unusable("It is not a regular file.")
        with file.open("rb") as opened:
            start = opened.read(132)
    except OSError as error:
        raise _Unusable(f"The file cannot be read: {error.strerror}.") from error
    bare = start[128:] != b"DICM"
    if bare and start[:2] not in _BARE:
        raise _Unusable("It is not a DICOM file.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(
                file, stop_before_pixels=True, specific_tags=_WANTED, force=bare
            )
            meta = dataset.file_meta
            texts = {k: _text(dataset.get(k)) for k in _WANTED}
            directory = _DIRECTORY in (_text(meta.get((2, 2))), texts["SOPClassUID"])
            found = Found(file, texts, _prefix(dataset, start) if bare else b"")
            syntax = str(meta.get("TransferSyntaxUID", ""))
    except _UNREADABLE as error:
        raise _Unusable("Its header cannot be read.") from error
    if directory:
        raise _Unusable(
            "It is a directory file (DICOMDIR); the images that it lists are read from their files."
        )
    _check(found, syntax if not bare else str(ImplicitVRLittleEndian))
    return found


def _check(found: Found, syntax: str) -> None:
    for keyword, name in _UIDS.items():
        if not found[keyword]:
            raise _Unusable(f"It does not say its {name} UID.")
        if not _UID.fullmatch(found[keyword]):
            raise _Unusable(f"Its {name} UID is not a valid UID.")
    if not syntax:
        raise _Unusable("It does not say its transfer syntax.")


def _prefix(dataset: FileDataset, start: bytes) -> bytes:
    if start[:2] == _BARE[0]:
        return _PREAMBLE
    implicit, little = dataset.original_encoding
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(_text(dataset.get("SOPClassUID")))
    meta.MediaStorageSOPInstanceUID = UID(_text(dataset.get("SOPInstanceUID")))
    explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
    made = DicomBytesIO()
    made.is_little_endian, made.is_implicit_VR = True, False
    write_file_meta_info(made, meta)
    return _PREAMBLE + made.getvalue()


def _text(value: object) -> str:
    if isinstance(value, PersonName):
        value = value.alphabetic or value.ideographic or value.phonetic
    text = "" if value is None else str(value)
    return " ".join(c for c in text.split() if c.isprintable())


def _digest(file: Path) -> bytes:
    with file.open("rb") as data:
        return hashlib.file_digest(data, "sha256").digest()
