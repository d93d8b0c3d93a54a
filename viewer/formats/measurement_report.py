"""All measurements of a case as a DICOM structured report: TID 1500, Comprehensive 3D SR.

PS3.16 TID 1500; PS3.3 A.35.13. It is what a reader measured, not what was signed.
"""

import importlib.metadata
import io
import re
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import BinaryIO

from highdicom.sr import (
    CodedConcept,
    Comprehensive3DSR,
    MeasurementReport,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
)
from pydicom import Dataset
from pydicom.uid import generate_uid

from viewer.errors import HeaderError
from viewer.formats.measurement_groups import Recorded, group
from viewer.formats.sr_text import line, person
from viewer.formats.study_identity import UID_FORM, UIDS, identity
from viewer.model.refs import SopUid
from viewer.model.study import Instance

__all__ = ["Recorded", "measurement_report"]


class _Document(Comprehensive3DSR):
    """Measurements with their places in image and patient."""

    def copy_patient_and_study_information(self, dataset: Dataset) -> None:
        """Copy the checked identity; highdicom would look the image's class up in its tables."""
        for element in dataset:
            if element.keyword not in UIDS:
                self[element.tag] = element


def measurement_report(
    recorded: Sequence[Recorded],
    instances: Mapping[SopUid, Instance],
    source: BinaryIO,
    *,
    author: str,
    at: datetime,
    for_cornerstone: bool = False,
) -> bytes:
    """Write a DICOM file for the study of ``source``, one of its images; times are of ``at``.

    ``instances`` holds every image that was measured on. Values are stored as float64, points as
    float32 (there is no other). What neither has a number nor is an arrow or a text is left out.
    ``for_cornerstone`` writes it as OHIF reads measurements. Raises HeaderError where the source
    is no DICOM, or nothing is left.
    """
    told = [one for one in recorded if one.says_something and one.annotation.on.sop in instances]
    if not told:
        raise HeaderError("No measurement has a number or words that could be written.")
    for one in told:
        _refuse_bad_identifiers(instances[one.annotation.on.sop])
    patient = identity(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote names
        document = _Document(
            evidence=[patient, *_evidence(told, instances)],
            content=_content(told, instances, author, for_cornerstone),
            series_instance_uid=generate_uid(prefix=None),
            series_number=9903,
            sop_instance_uid=generate_uid(prefix=None),
            instance_number=1,
            manufacturer="Lightbox",
            manufacturer_model_name="Lightbox workstation",
            software_versions=_version(),
            device_serial_number="0",
            series_description="Measurements",
            is_complete=True,
            is_final=False,
            is_verified=False,
        )
    document.SpecificCharacterSet = "ISO_IR 192"
    document.TimezoneOffsetFromUTC = at.strftime("%z")[:5]
    for day in ("ContentDate", "InstanceCreationDate"):
        setattr(document, day, at.strftime("%Y%m%d"))
    for time in ("ContentTime", "InstanceCreationTime"):
        setattr(document, time, at.strftime("%H%M%S"))
    out = io.BytesIO()
    document.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _content(
    recorded: Sequence[Recorded],
    instances: Mapping[SopUid, Instance],
    author: str,
    cornerstone: bool,
) -> Dataset:
    report = MeasurementReport(
        observation_context=ObservationContext(
            observer_person_context=ObserverContext(
                observer_type=CodedConcept("121006", "DCM", "Person"),
                observer_identifying_attributes=PersonObserverIdentifyingAttributes(
                    name=person(author)
                ),
            )
        ),
        procedure_reported=CodedConcept("363679005", "SCT", "Imaging"),
        imaging_measurements=[
            group(one, instances[one.annotation.on.sop], for_cornerstone=cornerstone)
            for one in recorded
        ],
    )
    content: Dataset = report[0]
    return content


def _evidence(recorded: Sequence[Recorded], instances: Mapping[SopUid, Instance]) -> list[Dataset]:
    items = []
    for sop in dict.fromkeys(one.annotation.on.sop for one in recorded):
        ref, item = instances[sop].ref, Dataset()
        item.StudyInstanceUID, item.SeriesInstanceUID = ref.study, ref.series
        item.SOPInstanceUID, item.SOPClassUID = ref.sop, instances[sop].sop_class
        items.append(item)
    return items


def _refuse_bad_identifiers(image: Instance) -> None:
    """Nothing can refer to an image whose UIDs are none (PS3.5 9.1)."""
    ref = image.ref
    if not all(re.fullmatch(UID_FORM, uid) for uid in (ref.study, ref.series, ref.sop)):
        raise HeaderError(
            f"A measured image has an identifier that is no valid UID: {line(ref.sop)}.",
            where=ref.sop,
        )


def _version() -> str:
    try:
        return importlib.metadata.version("lightbox-workstation")
    except importlib.metadata.PackageNotFoundError:
        return "0.1.0"  # a source tree
