"""Whose images a report is about, read from one of the study's own files."""

import io

import pydicom
from pydicom.errors import InvalidDicomError

from reporting.errors import ExportFailed
from reporting.model.identity import ImageIdentity

_LARGEST = 16 * 1024 * 1024
_WANTED = (
    "SpecificCharacterSet", "PatientID", "PatientName", "PatientBirthDate", "PatientSex",
    "StudyInstanceUID", "AccessionNumber",
)  # fmt: skip
_DATE = 8


def image_identity(headers: bytes) -> ImageIdentity:
    """Identity in a DICOM file without pixel data; raises ExportFailed when it cannot be read."""
    if not headers:
        raise ExportFailed("The headers of the study's images are not here.")
    if len(headers) > _LARGEST:
        raise ExportFailed("The headers of the study's images are too large to be read.")
    try:
        dataset = pydicom.dcmread(
            io.BytesIO(headers), stop_before_pixels=True, specific_tags=list(_WANTED)
        )
        values = {name: str(dataset.get(name) or "") for name in _WANTED}
    except (InvalidDicomError, ValueError, TypeError, AttributeError, KeyError, EOFError,
            OSError, NotImplementedError, LookupError) as error:  # fmt: skip
        raise ExportFailed("The headers of the study's images cannot be read.") from error
    return ImageIdentity(
        patient_id=values["PatientID"].strip(),
        patient_name=values["PatientName"].strip(),
        birth_date=_iso(values["PatientBirthDate"].strip()),
        sex=values["PatientSex"].strip(),
        study_uid=values["StudyInstanceUID"].strip(" \0"),
        accession=values["AccessionNumber"].strip(),
    )


def _iso(date: str) -> str:
    if len(date) != _DATE or not date.isdigit():
        return ""
    return f"{date[:4]}-{date[4:6]}-{date[6:]}"
