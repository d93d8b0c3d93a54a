"""Who takes part in the demo: the reader, the clinic, the chamber, the place. All are invented."""

from typing import Any

Resource = dict[str, Any]

READER = "PractitionerRole/dr-ito"
READER_ORGANIZATION = "Organization/nightreads"
CLINIC = "Organization/klinik-mitte"
CLINIC_NAME = "Klinik Mitte"
PLACE = "Location/site-berlin"
REFERRER = "PractitionerRole/er-doc"
REFERRER_NAME = "Dr Emre Kaya"
PACS = "Endpoint/pacs"
PATIENT_ID_SYSTEM = "https://klinik-mitte.example/id/patient"
ACCESSION_SYSTEM = "https://klinik-mitte.example/acc"
CASE_SYSTEM = "https://platform.example/id/case"
DCM = "http://dicom.nema.org/resources/ontology/DCM"

_SCT = "http://snomed.info/sct"
_RADIOLOGY = {"coding": [{"system": _SCT, "code": "394914008", "display": "Radiology"}]}
_EMERGENCY = {"coding": [{"system": _SCT, "code": "773568002", "display": "Emergency medicine"}]}
_VALID_IN = (
    "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/practitioner-qualification"
)


def shared_resources() -> list[Resource]:
    """Give what every case refers to; ``{dicomweb}`` stands for the server's own address."""
    return [
        _organization("nightreads", "Night Reads GmbH", None),
        _organization("klinik-mitte", CLINIC_NAME, "BE"),
        _organization("aek-berlin", "Ärztekammer Berlin", "BE"),
        _place(),
        _reader(),
        _role("dr-ito", "Dr Keiko Ito", "nightreads", _RADIOLOGY),
        _doctor("er-doc", "Kaya", "Emre"),
        _role("er-doc", REFERRER_NAME, "klinik-mitte", _EMERGENCY),
        _pacs(),
    ]


def _organization(key: str, name: str, state: str | None) -> Resource:
    address = {"country": "DE"} if state is None else {"country": "DE", "state": state}
    return {"resourceType": "Organization", "id": key, "name": name, "address": [address]}


def _place() -> Resource:
    return {
        "resourceType": "Location",
        "id": "site-berlin",
        "name": CLINIC_NAME,
        "address": {"country": "DE", "state": "BE"},
        "managingOrganization": {"reference": CLINIC},
    }


def _doctor(key: str, family: str, given: str) -> Resource:
    return {
        "resourceType": "Practitioner",
        "id": key,
        "name": [{"family": family, "given": [given], "prefix": ["Dr"]}],
    }


def _reader() -> Resource:
    where = {"coding": [{"system": "urn:iso:std:iso:3166:-2", "code": "DE-BE"}]}
    qualification = {
        "extension": [
            {
                "url": _VALID_IN,
                "extension": [
                    {"url": "status", "valueCode": "active"},
                    {"url": "whereValid", "valueCodeableConcept": where},
                ],
            }
        ],
        "identifier": [{"system": "https://aek-berlin.example/licence", "value": "LANR123456"}],
        "code": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/v2-0360",
                    "code": "MD",
                    "display": "Doctor of Medicine",
                }
            ]
        },
        "period": {"start": "2015-01-01", "end": "2099-12-31"},
        "issuer": {"reference": "Organization/aek-berlin"},
    }
    return _doctor("dr-ito", "Ito", "Keiko") | {"qualification": [qualification]}


def _role(key: str, display: str, organization: str, specialty: Resource) -> Resource:
    return {
        "resourceType": "PractitionerRole",
        "id": key,
        "practitioner": {"reference": f"Practitioner/{key}", "display": display},
        "organization": {"reference": f"Organization/{organization}"},
        "specialty": [specialty],
    }


def _pacs() -> Resource:
    return {
        "resourceType": "Endpoint",
        "id": "pacs",
        "status": "active",
        "connectionType": {
            "system": "http://terminology.hl7.org/CodeSystem/endpoint-connection-type",
            "code": "dicom-wado-rs",
        },
        "payloadType": [{"coding": [{"system": DCM, "code": "113014", "display": "DICOM Study"}]}],
        "payloadMimeType": ["application/dicom"],
        "address": "{dicomweb}",
    }
