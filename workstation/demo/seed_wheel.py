"""Two cases of real images: those in pydicom's own wheel, under invented names."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file
from pydicom.uid import UID

from workstation.demo.seed_case import PlannedCase
from workstation.demo.seed_identity import identify
from workstation.demo.seed_plan import (
    ISSUER,
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
)
_LONE_SOURCE = _Source("693_J2KI.dcm", "CT", _CT, "HEAD", "CT head, one image")
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


def wheel_cases(seeded: datetime) -> list[PlannedCase]:
    """Give both cases; nothing is downloaded, the files come with pydicom."""
    return [
        PlannedCase(_second_opinion(), seeded, WheelWriter(_SOURCES)),
        PlannedCase(_expired_consent(), seeded, WheelWriter((_LONE_SOURCE,))),
    ]


def _second_opinion() -> CasePlan:
    key = "second-opinion"
    study = StudyPlan(
        key=f"study-{key}",
        uid=demo_uid(key),
        accession="A-000104",
        description="MR abdomen and others, real images",
        procedure=Code("http://loinc.org", "30668-0", "MR Abdomen WO and W contrast IV"),
        age=timedelta(days=2),
        series=tuple(_series(key, n, s) for n, s in enumerate(_SOURCES, 1)),
    )
    return CasePlan(
        key=key,
        number="C-000104",
        patient=PatientPlan(
            f"patient-{key}", "DEMO-0004", ISSUER, "Demoreal", "Dora", "F", date(1971, 9, 3)
        ),
        study=study,
        priority="routine",
        due_in=timedelta(days=2),
        description="MR abdomen, second opinion",
        question="Second opinion: is the marked lesion in the liver a metastasis?",
        history="Lesion seen elsewhere. Images of several examinations are attached.",
        asked=Asked.SECOND_OPINION,
    )


def _expired_consent() -> CasePlan:
    key = "expired-consent"
    study = StudyPlan(
        key=f"study-{key}",
        uid=demo_uid(key),
        accession="A-000105",
        description="CT head, one real image",
        procedure=Code("http://loinc.org", "30799-1", "CT Head WO contrast"),
        age=timedelta(days=400),
        series=(_series(key, 1, _LONE_SOURCE),),
    )
    return CasePlan(
        key=key,
        number="C-000105",
        patient=PatientPlan(
            f"patient-{key}", "DEMO-0005", ISSUER, "Demoexpired", "Emil", "M", date(1949, 1, 27)
        ),
        study=study,
        priority="routine",
        due_in=timedelta(days=5),
        description="CT head, review",
        question="Please review the earlier CT of the head.",
        history="The patient's consent has run out and was not renewed.",
        consent_ends_in=timedelta(days=-3),
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

    def __init__(self, sources: tuple[_Source, ...]) -> None:
        self._sources = sources

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
        for series, source in zip(study.series, self._sources, strict=True):
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
    uid = UID(series.instances[0].uid)
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
