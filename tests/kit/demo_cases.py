"""A platform state with one tiny case, so that a test need not wait for the phantoms."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from workstation.demo.fhir_store import FhirStore
from workstation.demo.image_folder import ImageFolder
from workstation.demo.people import shared_resources

STUDY = "2.25.1001"
SERIES = "2.25.1002"
PRIOR = "2.25.2001"
IMAGES = 3
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_ACCESSIONS = "https://klinik-mitte.example/acc"


def ct_slice(index: int, *, study: str = STUDY, series: str = SERIES, side: int = 16) -> bytes:
    """Make one small CT image, Part 10, with its own SOP Instance UID."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = f"{series}.{index}"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
    dataset.StudyDate, dataset.StudyTime = "20261124", "194000"
    dataset.AccessionNumber = "A2026-000123"
    dataset.Modality, dataset.Manufacturer = "CT", "Lightbox tests"
    dataset.StudyDescription, dataset.SeriesDescription = "CT chest", "Axial"
    dataset.PatientName, dataset.PatientID = "Müller^Ana", "P-1"
    dataset.PatientBirthDate, dataset.PatientSex = "19580412", "F"
    dataset.SeriesNumber, dataset.InstanceNumber = 1, index
    dataset.ImagePositionPatient = [0, 0, index]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing, dataset.SliceThickness = [0.7, 0.7], 1
    dataset.Rows = dataset.Columns = side
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 16, 15
    dataset.PixelRepresentation = 1
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, 0
    dataset.WindowCenter, dataset.WindowWidth = 40, 400
    ramp = np.arange(side * side, dtype=np.int16) * 4 - 500 + index
    dataset.PixelData = ramp.tobytes()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = io.BytesIO()
    dataset.save_as(made, enforce_file_format=True)
    return made.getvalue()


def tiny_images() -> list[bytes]:
    """Give the instances of the tiny case: the current study, then one image of the prior."""
    current = [ct_slice(index) for index in range(1, IMAGES + 1)]
    return [*current, ct_slice(1, study=PRIOR, series="2.25.2002")]


def tiny_resources(now: datetime | None = None, *, cases: int = 1) -> list[dict[str, Any]]:
    """Give the resources of ``case-1`` and so on: due in an hour, owned by dr-ito, one study."""
    start = (now or datetime.now(UTC)).replace(microsecond=0)
    return [
        *shared_resources(),
        *_second_reader(),
        _patient(),
        _order("order-1", "A2026-000123"),
        _study("study-1", STUDY, SERIES, IMAGES, start),
        _study("study-0", PRIOR, "2.25.2002", 1, start - timedelta(days=365)),
        _consent(start),
        *(_task(f"case-{number}", start) for number in range(1, cases + 1)),
    ]


def write_tiny_case(state: Path, *, cases: int = 1) -> None:
    """Fill the state folder of a platform that is not running; then start it ``--unseeded``."""
    fill(state, tiny_resources(cases=cases), tiny_images())


def fill(state: Path, resources: Sequence[dict[str, Any]], images: Sequence[bytes]) -> None:
    """Put resources and images into the state folder of a platform that is not running."""
    store = FhirStore(state / "fhir" / "records.log")
    try:
        with store.unit() as unit:
            for resource in resources:
                unit.put(resource)
            unit.commit()
    finally:
        store.close()
    folder = ImageFolder(state / "images")
    for data in images:
        folder.store(data)


def _second_reader() -> list[dict[str, Any]]:
    specialty = {"system": "http://snomed.info/sct", "code": "394914008", "display": "Radiology"}
    return [
        {
            "resourceType": "Practitioner",
            "id": "dr-okafor",
            "name": [{"family": "Okafor", "given": ["Ada"], "prefix": ["Dr"]}],
        },
        {
            "resourceType": "PractitionerRole",
            "id": "dr-okafor",
            "practitioner": {"reference": "Practitioner/dr-okafor", "display": "Dr Ada Okafor"},
            "organization": {"reference": "Organization/nightreads"},
            "specialty": [{"coding": [specialty]}],
        },
    ]


def _patient() -> dict[str, Any]:
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
    system = "https://klinik-mitte.example/id/patient"
    return {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [{"type": kind, "system": system, "value": "P-1"}],
        "name": [{"family": "Müller", "given": ["Ana"]}],
        "gender": "female",
        "birthDate": "1958-04-12",
    }


def _order(id_: str, accession: str) -> dict[str, Any]:
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]}
    return {
        "resourceType": "ServiceRequest",
        "id": id_,
        "identifier": [{"type": kind, "system": _ACCESSIONS, "value": accession}],
        "status": "active",
        "intent": "order",
        "priority": "stat",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29252-4"}], "text": "CT chest"},
        "subject": {"reference": "Patient/p1"},
        "requester": {"reference": "PractitionerRole/er-doc", "display": "Dr Emre Kaya"},
        "performer": [{"reference": "Organization/nightreads"}],
        "locationReference": [{"reference": "Location/site-berlin"}],
        "reasonCode": [{"text": "Sudden dyspnoea. Pulmonary embolism?"}],
    }


def _study(id_: str, uid: str, series: str, count: int, started: datetime) -> dict[str, Any]:
    modality = {"system": _DCM, "code": "CT"}
    sop_class = {"system": "urn:ietf:rfc:3986", "code": f"urn:oid:{CTImageStorage}"}
    return {
        "resourceType": "ImagingStudy",
        "id": id_,
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}],
        "status": "available",
        "modality": [modality],
        "subject": {"reference": "Patient/p1"},
        "started": started.isoformat(),
        "basedOn": [{"reference": "ServiceRequest/order-1"}],
        "endpoint": [{"reference": "Endpoint/pacs"}],
        "numberOfSeries": 1,
        "numberOfInstances": count,
        "description": "CT chest",
        "series": [
            {
                "uid": series,
                "number": 1,
                "modality": modality,
                "numberOfInstances": count,
                "instance": [
                    {"uid": f"{series}.{index}", "sopClass": sop_class}
                    for index in range(1, count + 1)
                ],
            }
        ],
    }


def _consent(start: datetime) -> dict[str, Any]:
    loinc = {"system": "http://loinc.org", "code": "59284-0"}
    scope = "http://terminology.hl7.org/CodeSystem/consentscope"
    day = start.date()
    period = {"start": day.isoformat(), "end": (day + timedelta(days=365)).isoformat()}
    return {
        "resourceType": "Consent",
        "id": "consent-1",
        "status": "active",
        "scope": {"coding": [{"system": scope, "code": "patient-privacy"}]},
        "category": [{"coding": [loinc]}],
        "patient": {"reference": "Patient/p1"},
        "dateTime": start.isoformat(),
        "policyRule": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}
            ]
        },
        "provision": {
            "type": "permit",
            "period": period,
            "data": [{"meaning": "related", "reference": {"reference": "ImagingStudy/study-1"}}],
        },
    }


def _task(id_: str, start: datetime) -> dict[str, Any]:
    study = {"coding": [{"system": _DCM, "code": "113014", "display": "Study"}]}
    prior = {"coding": [{"system": "http://loinc.org", "code": "18834-2"}]}
    consent = {"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}
    reading = {"system": _DCM, "code": "110005", "display": "Interpretation"}
    return {
        "resourceType": "Task",
        "id": id_,
        "identifier": [{"system": "https://platform.example/id/case", "value": "C-000123"}],
        "basedOn": [{"reference": "ServiceRequest/order-1"}],
        "groupIdentifier": {"system": _ACCESSIONS, "value": "A2026-000123"},
        "status": "requested",
        "intent": "order",
        "priority": "stat",
        "code": {"coding": [reading]},
        "description": "CT chest, report within 60 min",
        "focus": {"reference": "ServiceRequest/order-1"},
        "for": {"reference": "Patient/p1"},
        "authoredOn": start.isoformat(),
        "requester": {"reference": "Organization/klinik-mitte"},
        "owner": {"reference": "PractitionerRole/dr-ito"},
        "restriction": {
            "period": {
                "start": start.isoformat(),
                "end": (start + timedelta(hours=1)).isoformat(),
            }
        },
        "input": [
            {"type": study, "valueReference": {"reference": "ImagingStudy/study-1"}},
            {"type": prior, "valueReference": {"reference": "ImagingStudy/study-0"}},
            {"type": consent, "valueReference": {"reference": "Consent/consent-1"}},
        ],
    }
