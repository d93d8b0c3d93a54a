"""The platform's DICOM objects: files in a folder, with the attributes that QIDO answers with."""

import struct
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from workstation.demo.files import replace_file

STUDY_TAGS = (
    *("00080005", "00080020", "00080030", "00080050", "00080090", "00081030"),
    *("00100010", "00100020", "00100030", "00100040", "0020000D", "00200010"),
)
SERIES_TAGS = ("00080060", "0008103E", "0020000E", "00200011", "00180015", "00080021", "00080031")
INSTANCE_TAGS = ("00080016", "00080018", "00200013", "00280010", "00280011", "00280100", "00280008")
_READ = [int(tag, 16) for tag in (*STUDY_TAGS, *SERIES_TAGS, *INSTANCE_TAGS)]

UNREADABLE = (
    InvalidDicomError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    NotImplementedError,
    RecursionError,
    OverflowError,
    struct.error,
)
"""What pydicom raises on files that are not what they say."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One instance: its file, its UIDs, and its attributes as DICOM JSON (PS3.18 annex F)."""

    file: Path
    size: int
    study: str
    series: str
    sop: str
    sop_class: str
    syntax: str
    attributes: Mapping[str, Any]

    def first(self, tag: str) -> str:
        """Give the first value of an attribute as text."""
        values = self.attributes.get(tag, {}).get("Value") or [""]
        value = values[0]
        return str(value.get("Alphabetic", "") if isinstance(value, dict) else value)

    @property
    def order(self) -> tuple[int, str, int, str]:
        """Series number, series, instance number, instance."""
        return (
            _number(self.first("00200011")),
            self.series,
            _number(self.first("00200013")),
            self.sop,
        )


class NotDicomError(Exception):
    """A file that is not a DICOM instance that can be stored."""


class DuplicateError(Exception):
    """The SOP Instance UID is taken by an object with another content."""


class ImageFolder:
    """All instances known by now; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Keep received objects in ``folder``/stored."""
        self._stored = folder / "stored"
        self._lock = threading.Lock()
        self._instances: dict[str, Stored] = {}

    def add_folder(self, folder: Path) -> int:
        """Take in every readable instance below ``folder``; gives how many files were not."""
        unread = 0
        found = []
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            if file.suffix in {".json", ".part"}:
                continue
            try:
                found.append(read_instance(file))
            except NotDicomError:
                unread += 1
        with self._lock:
            for instance in found:
                self._instances.setdefault(instance.sop, instance)
        return unread

    def add_stored(self) -> None:
        """Take in what was received before."""
        if self._stored.is_dir():
            self.add_folder(self._stored)

    def find(
        self, study: str | None = None, series: str | None = None, sop: str | None = None
    ) -> list[Stored]:
        """Give the instances of a study, series or both, in order."""
        with self._lock:
            if sop is not None:
                known: Iterable[Stored] = filter(None, [self._instances.get(sop)])
            else:
                known = list(self._instances.values())
        found = [i for i in known if study in (None, i.study) and series in (None, i.series)]
        return sorted(found, key=lambda i: i.order)

    def read(self, data: bytes) -> Stored:
        """Read the header of a received object, keeping nothing; raises NotDicomError."""
        return read_instance(self._stored / "received.dcm", data)

    def store(self, data: bytes) -> Stored:
        """Keep a received object; raises NotDicomError, DuplicateError, OSError."""
        read = self.read(data)
        with self._lock:
            known = self._instances.get(read.sop)
            if known is not None:
                if known.file.read_bytes() != data:
                    raise DuplicateError(read.sop)
                return known
            target = self._stored / f"{read.sop}.dcm"
            replace_file(target, data)
            made = replace(read, file=target)
            self._instances[made.sop] = made
            return made


def read_instance(file: Path, data: bytes | None = None) -> Stored:
    """Read the header of a Part 10 file, or of ``data`` to be kept there; NotDicomError."""
    try:
        source = file if data is None else BytesIO(data)
        dataset = pydicom.dcmread(source, stop_before_pixels=True, specific_tags=_READ)
        return Stored(
            file=file,
            size=file.stat().st_size if data is None else len(data),
            study=_uid(dataset, "StudyInstanceUID"),
            series=_uid(dataset, "SeriesInstanceUID"),
            sop=_uid(dataset, "SOPInstanceUID"),
            sop_class=_uid(dataset, "SOPClassUID"),
            syntax=_uid(dataset.file_meta, "TransferSyntaxUID"),
            attributes=dicom_json(dataset),
        )
    except UNREADABLE as error:
        raise NotDicomError(f"{file.name} is not a readable DICOM file") from error


def dicom_json(dataset: Dataset) -> dict[str, Any]:
    """Give a dataset as DICOM JSON, leaving out what cannot be said in it."""
    made: dict[str, Any] = {}
    for tag in sorted(dataset.keys()):
        try:
            made[f"{tag:08X}"] = dataset[tag].to_json_dict(None, 1024)
        except UNREADABLE:
            continue
    return made


def attribute(tag: str, *values: object) -> dict[str, Any]:
    """Build one attribute of DICOM JSON."""
    made: dict[str, Any] = {"vr": dictionary_VR(int(tag, 16))}
    return made | ({"Value": list(values)} if values else {})


def tag_of(name: str) -> str | None:
    """Give the eight digits of a keyword or tag; None when it is neither."""
    if len(name) == 8 and all(c in "0123456789abcdefABCDEF" for c in name):
        return name.upper()
    tag = tag_for_keyword(name)
    return None if tag is None else f"{tag:08X}"


def _uid(dataset: Dataset, keyword: str) -> str:
    value = str(dataset.get(keyword, ""))
    if not (0 < len(value) <= 64 and all(c in "0123456789." for c in value)):
        raise ValueError(f"{keyword} is not a UID")
    return value


def _number(text: str) -> int:
    return int(text) if text.lstrip("-").isascii() and text.lstrip("-").isdigit() else 0
