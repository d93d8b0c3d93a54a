"""A second-opinion case of real images: those in pydicom's own wheel, as one invented patient."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from workstation.demo.seed_case import PlannedCase
from workstation.demo.seed_plan import (
    Asked,
    CasePlan,
    Code,
    InstancePlan,
    PatientPlan,
    SeriesPlan,
    StudyPlan,
    demo_uid,
)

_CT = "1.2.840.10008.5.1.4.1.1.2"
_MR = "1.2.840.10008.5.1.4.1.1.4"
_US = "1.2.840.10008.5.1.4.1.1.6.1"
_US_CINE = "1.2.840.10008.5.1.4.1.1.3.1"
_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


@dataclass(frozen=True, slots=True)
class _Source:
    file: str
    modality: str
    sop_class: str
    body_part: str
    description: str


_SOURCES = (
    _Source("examples_overlay.dcm", "MR", _MR, "ABDOMEN", "MR abdomen, marked lesion"),
    _Source("CT_small.dcm", "CT", _CT, "CHEST", "CT thoracic spine, one image"),
    _Source("MR_small.dcm", "MR", _MR, "SHOULDER", "MR, one small image"),
    _Source("examples_jpeg2k.dcm", "US", _US, "NECK", "US power Doppler, lymph node"),
    _Source("examples_ybr_color.dcm", "US", _US_CINE, "HEART", "US heart, clip"),
    _Source("JPEG2000.dcm", "NM", _CAPTURE, "WHOLEBODY", "NM whole body"),
    _Source("693_J2KI.dcm", "CT", _CT, "HEAD", "CT head, one image"),
)
_IDENTIFYING = (
    "AdditionalPatientHistory",
    "AdmissionID",
    "AdmittingDate",
    "CurrentPatientLocation",
    "DeviceSerialNumber",
    "EthnicGroup",
    "InstitutionAddress",
    "InstitutionalDepartmentName",
    "IssuerOfAdmissionID",
    "NameOfPhysiciansReadingStudy",
    "OperatorsName",
    "OtherPatientIDs",
    "OtherPatientIDsSequence",
    "OtherPatientNames",
    "PatientAddress",
    "PatientAge",
    "PatientComments",
    "PerformedProcedureStepDescription",
    "PerformedProcedureStepID",
    "PerformingPhysicianName",
    "PhysiciansOfRecord",
    "ReferencedImageSequence",
    "ReferencedPatientSequence",
    "ReferencedPerformedProcedureStepSequence",
    "ReferencedStudySequence",
    "RequestAttributesSequence",
    "RequestedProcedureDescription",
    "RequestedProcedureID",
    "RequestingPhysician",
    "SourceImageSequence",
    "StationName",
)


def wheel_case(seeded: datetime) -> PlannedCase:
    """Give the case; nothing is downloaded, the files come with pydicom."""
    return PlannedCase(_plan(), seeded, WheelWriter())


def _plan() -> CasePlan:
    key = "second-opinion"
    study = StudyPlan(
        key=f"study-{key}",
        uid=demo_uid(key),
        accession="A-000104",
        description="Real images from pydicom's own files",
        procedure=Code("http://loinc.org", "30668-0", "MR Abdomen WO and W contrast IV"),
        age=timedelta(days=2),
        series=tuple(_series(key, n, s) for n, s in enumerate(_SOURCES, 1)),
    )
    return CasePlan(
        key=key,
        number="C-000104",
        patient=PatientPlan(
            f"patient-{key}",
            "DEMO-0004",
            "LIGHTBOX-DEMO",
            "Testimage",
            "Dora",
            "F",
            date(1971, 9, 3),
        ),
        study=study,
        priority="routine",
        due_in=timedelta(days=2),
        description="MR abdomen, second opinion",
        question="Second opinion: is the marked lesion in the liver a metastasis?",
        history="Lesion seen elsewhere. Images of several examinations are attached.",
        asked=Asked.SECOND_OPINION,
    )


def _series(key: str, number: int, source: _Source) -> SeriesPlan:
    return SeriesPlan(
        uid=demo_uid(key, number),
        number=number,
        modality=source.modality,
        description=source.description,
        body_part=source.body_part,
        instances=(InstancePlan(demo_uid(key, number, 1), source.sop_class),),
    )


class WheelWriter:
    """Rewrites who and when; the pixels and their encoding stay as they are."""

    version = "wheel 1"

    def write(
        self,
        plan: CasePlan,
        study: StudyPlan,
        folder: Path,
        *,
        seeded: datetime,
        written: Callable[[], None],
    ) -> None:
        """Write one object per series."""
        for series, source in zip(study.series, _SOURCES, strict=True):
            path = get_testdata_file(source.file, download=False)
            if not isinstance(path, str):
                raise FileNotFoundError(f"pydicom's own file {source.file} is missing")
            dataset = pydicom.dcmread(path)
            _rewrite(dataset, plan, study, series, study.begun(seeded))
            home = folder / f"{series.number:03d}"
            home.mkdir()
            dataset.save_as(home / "0001.dcm")
            written()


def _rewrite(
    dataset: pydicom.FileDataset,
    plan: CasePlan,
    study: StudyPlan,
    series: SeriesPlan,
    begun: datetime,
) -> None:
    dataset.remove_private_tags()
    for keyword in _IDENTIFYING:
        if keyword in dataset:
            delattr(dataset, keyword)
    identify(dataset, plan, study, begun)
    uid = series.instances[0].uid
    dataset.SOPInstanceUID = uid
    dataset.file_meta.MediaStorageSOPInstanceUID = uid
    dataset.SeriesInstanceUID = series.uid
    dataset.SeriesNumber = series.number
    dataset.SeriesDescription = series.description
    dataset.Modality = series.modality
    dataset.BodyPartExamined = series.body_part
    dataset.InstanceNumber = 1
    if "FrameOfReferenceUID" in dataset:
        dataset.FrameOfReferenceUID = demo_uid(series.uid, "space")


def identify(dataset: Dataset, plan: CasePlan, study: StudyPlan, begun: datetime) -> None:
    """Set patient and study, General Study and Patient modules (PS3.3 C.7.1.1, C.7.2.1)."""
    patient = plan.patient
    day, clock = f"{begun:%Y%m%d}", f"{begun:%H%M%S}"
    dataset.PatientName = patient.dicom_name
    dataset.PatientID = patient.id
    dataset.IssuerOfPatientID = patient.issuer
    dataset.PatientBirthDate = f"{patient.born:%Y%m%d}" if patient.born else ""
    dataset.PatientSex = patient.sex
    dataset.StudyInstanceUID = study.uid
    dataset.StudyID = study.accession.rpartition("-")[2]
    dataset.StudyDescription = study.description
    dataset.AccessionNumber = study.accession
    dataset.ReferringPhysicianName = "Kaya^Emre^^Dr"
    dataset.InstitutionName = "Klinik Mitte (demo)"
    for keyword in ("StudyDate", "SeriesDate", "ContentDate", "AcquisitionDate"):
        setattr(dataset, keyword, day)
    for keyword in ("StudyTime", "SeriesTime", "ContentTime", "AcquisitionTime"):
        setattr(dataset, keyword, clock)
    dataset.InstanceCreationDate = day
    dataset.InstanceCreationTime = clock
    zone = begun.astimezone(begun.tzinfo or UTC)
    dataset.TimezoneOffsetFromUTC = f"{zone:%z}" or "+0000"
