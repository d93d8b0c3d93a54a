"""Small DICOM files and plans for the tests of the demo's seeding."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

from workstation.demo.seed_plan import (
    CasePlan,
    InstancePlan,
    PatientPlan,
    PriorPlan,
    SeriesPlan,
    StudyPlan,
    demo_uid,
)

NOW = datetime(2026, 11, 24, 20, 15, 30, tzinfo=UTC)


def write_file(file: Path, study: str, index: int = 1, **attributes: Any) -> Path:
    """Write one object without pixels; attributes override the defaults, None leaves one out."""
    values: dict[str, Any] = {
        "SOPClassUID": CTImageStorage,
        "SOPInstanceUID": f"{study}.1.{index}",
        "StudyInstanceUID": study,
        "SeriesInstanceUID": f"{study}.1",
        "SeriesNumber": 1,
        "InstanceNumber": index,
        "Modality": "CT",
        "PatientID": "P-1",
        "PatientName": "Probe^Paula",
        "StudyDate": "20260101",
        "StudyTime": "101500",
    }
    dataset = Dataset()
    for keyword, value in (values | attributes).items():
        if value is not None:
            setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(f"{study}.1.{index}")
    file.parent.mkdir(parents=True, exist_ok=True)
    dataset.save_as(file, enforce_file_format=True)
    return file


def small_plan(*, images: int = 2, prior_images: int = 1) -> CasePlan:
    """Give a case with a prior and a prior report."""
    return CasePlan(
        key="small",
        number="C-1",
        patient=PatientPlan("patient-small", "P-1", "TESTS", "Probe", "Paula", "F", None),
        study=_study("study-small", images, timedelta(minutes=20)),
        priority="urgent",
        due_in=timedelta(hours=1),
        description="CT",
        question="Stable?",
        history="None & nothing <else>.",
        priors=(PriorPlan(_study("study-old", prior_images, timedelta(days=400)), "a < b", "No."),),
    )


def _study(key: str, images: int, age: timedelta) -> StudyPlan:
    instances = tuple(InstancePlan(demo_uid(key, 1, k), str(CTImageStorage)) for k in range(images))
    series = SeriesPlan(demo_uid(key, 1), 1, "CT", "axial", "CHEST", instances)
    return StudyPlan(key, demo_uid(key), f"A-{key}", "CT", None, age, (series,))


class CountingWriter:
    """Writes one byte per instance and remembers which studies it was asked for."""

    def __init__(self, version: str = "1") -> None:
        self.version = version
        self.studies: list[str] = []
        self.fail_on: str = ""

    def write(
        self,
        plan: CasePlan,
        study: StudyPlan,
        folder: Path,
        *,
        seeded: datetime,
        written: Callable[[], None],
    ) -> None:
        """Write the study, or break half-way."""
        self.studies.append(study.key)
        for series in study.series:
            for index, _ in enumerate(series.instances):
                (folder / f"{index}.dcm").write_bytes(b"x")
                written()
                if study.key == self.fail_on:
                    raise OSError("the disk is full")
