"""Who was examined, when and under which order: the same attributes in every seeded object."""

from datetime import datetime

from pydicom.dataset import Dataset

from workstation.demo.seed_plan import CasePlan, StudyPlan


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
    dataset.TimezoneOffsetFromUTC = f"{begun:%z}"[:5] or "+0000"
