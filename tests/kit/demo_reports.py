"""What a client sends to finish a case, after platform-examples/Bundle-submit-final.json."""

import base64
import copy
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

Resource = dict[str, Any]

_TIME = datetime(2026, 11, 24, 20, 5, tzinfo=UTC).isoformat()
_ME = {"reference": "PractitionerRole/dr-ito"}


def report(status: str = "final", *, identifier: str | None = None) -> Resource:
    """Build a DiagnosticReport on the tiny case."""
    value = identifier or f"urn:uuid:{uuid4()}"
    page = base64.b64encode(b"<!DOCTYPE html><p>No embolism.</p>").decode()
    return {
        "resourceType": "DiagnosticReport",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": value}],
        "basedOn": [{"reference": "ServiceRequest/order-1"}],
        "status": status,
        "code": {"coding": [{"system": "http://loinc.org", "code": "29252-4"}]},
        "subject": {"reference": "Patient/p1"},
        "issued": _TIME,
        "performer": [{"reference": "Organization/nightreads"}],
        "resultsInterpreter": [_ME],
        "imagingStudy": [{"reference": "ImagingStudy/study-1"}],
        "conclusion": "No pulmonary embolism.",
        "presentedForm": [{"contentType": "text/html", "data": page}],
    }


def submission(task: Resource, *, version: str, status: str = "completed") -> Resource:
    """Build the transaction: Observation, DiagnosticReport, Provenance, Communication, Task."""
    urls = [f"urn:uuid:{uuid4()}" for _ in range(4)]
    made, measured = report(), _observation()
    made["result"] = [{"reference": urls[0]}]
    finished = copy.deepcopy(task) | {"status": status}
    finished["output"] = [
        {"type": {"text": "report"}, "valueReference": {"reference": urls[1]}},
    ]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            _post(urls[0], measured, _identifier(measured)),
            _post(urls[1], made, _identifier(made)),
            _post(urls[2], _provenance(urls[1]), None),
            _post(urls[3], _communication(urls[1]), None),
            {
                "fullUrl": f"https://platform.example/fhir/Task/{task['id']}",
                "resource": finished,
                "request": {"method": "PUT", "url": f"Task/{task['id']}", "ifMatch": version},
            },
        ],
    }


def report_of(bundle: Resource) -> Resource:
    """Give the DiagnosticReport of a submission."""
    found: Resource = bundle["entry"][1]["resource"]
    return found


def _post(url: str, resource: Resource, condition: str | None) -> Resource:
    request = {"method": "POST", "url": resource["resourceType"]}
    if condition:
        request["ifNoneExist"] = condition
    return {"fullUrl": url, "resource": resource, "request": request}


def _identifier(resource: Resource) -> str:
    first = resource["identifier"][0]
    return f"identifier={first['system']}|{first['value']}"


def _observation() -> Resource:
    return {
        "resourceType": "Observation",
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:2.25.{uuid4().int}"}],
        "status": "final",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "410668003"}]},
        "subject": {"reference": "Patient/p1"},
        "partOf": [{"reference": "ImagingStudy/study-1"}],
        "valueQuantity": {
            "value": 4.1,
            "unit": "mm",
            "system": "http://unitsofmeasure.org",
            "code": "mm",
        },
    }


def _provenance(target: str) -> Resource:
    return {
        "resourceType": "Provenance",
        "target": [{"reference": target}],
        "recorded": _TIME,
        "agent": [{"who": _ME}],
    }


def _communication(about: str) -> Resource:
    return {
        "resourceType": "Communication",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "about": [{"reference": about}],
        "sent": _TIME,
        "sender": _ME,
    }
