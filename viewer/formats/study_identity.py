"""Patient and study of a new object, taken from an image of the study, value by value."""

import re
import warnings
from typing import BinaryIO

from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID

from viewer.errors import HeaderError

_DATE = r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
_TIME = r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?"
_NAME = r"[^\\=\x00-\x1f]{0,64}(=[^\\=\x00-\x1f]{0,64}){0,2}"
UID_FORM = r"(?=.{1,64}$)(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+"
_IDENTITY = {
    "PatientName": _NAME,
    "PatientID": r"[^\\\x00-\x1f]{0,64}",
    "PatientBirthDate": _DATE,
    "PatientSex": "[MFO]",
    "StudyDate": _DATE,
    "StudyTime": _TIME,
    "StudyID": r"[^\\\x00-\x1f]{0,16}",
    "AccessionNumber": r"[^\\\x00-\x1f]{0,16}",
    "ReferringPhysicianName": _NAME,
}
"""Written empty where the header holds nothing usable."""
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")


def identity(source: BinaryIO) -> Dataset:
    """Patient and study, value by value: what is not well formed is left empty."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header = dcmread(source, stop_before_pixels=True)
            found = Dataset()
            for keyword in UIDS:
                setattr(found, keyword, UID(_value(header, keyword, UID_FORM)))
            for keyword, pattern in _IDENTITY.items():
                setattr(found, keyword, _value(header, keyword, pattern))
    except (InvalidDicomError, OSError, ValueError, LookupError, TypeError) as error:
        raise HeaderError("The header of the measured study cannot be read.") from error
    if not all(found.get(keyword) for keyword in UIDS):
        raise HeaderError("The header of the measured study lacks one of its identifiers.")
    return found


def _value(header: Dataset, keyword: str, pattern: str) -> str:
    text = str(header.get(keyword) or "").strip(" \0")
    return text if re.fullmatch(pattern, text) else ""
