"""A signed report on the tiny case of ``demo_cases``: true in form, invented in its signature."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from reporting.model.report import ReportId
from reporting.model.signed import SignedReport, SignerIdentity
from tests.kit.demo_cases import ct_slice

_NOW = datetime(2026, 11, 24, 20, 5, tzinfo=UTC)
_ME = {"reference": "PractitionerRole/dr-ito"}


def signed_report(
    case: str = "case-1",
    *,
    conclusion: str = "No pulmonary embolism.",
    ident: str = "",
    patient: str = "Patient/p1",
) -> SignedReport:
    """One report with a measurement, its signature and two DICOM objects of its own."""
    name = ident or str(uuid4())
    report = _report(name, conclusion, patient)
    payload = json.dumps(report, sort_keys=True, separators=(",", ":")).encode()
    series = f"2.25.{uuid4().int}"
    return SignedReport(
        id=ReportId(name),
        case=case,
        version=1,
        signed_at=_NOW,
        signer=SignerIdentity("Dr Keiko Ito", "Demo CA", "1", _NOW, _NOW + timedelta(days=1)),
        pdf=b"%PDF-1.7",
        sr=ct_slice(1, series=series),
        objects=(ct_slice(2, series=series),),
        html=b"<p>report</p>",
        payload=payload,
        jws="e30..c2ln",
        bundle=_bundle(report, payload),
        sha256=hashlib.sha256(payload).hexdigest(),
    )


def _report(name: str, conclusion: str, patient: str) -> dict[str, Any]:
    return {
        "resourceType": "DiagnosticReport",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{name}"}],
        "basedOn": [{"reference": "ServiceRequest/order-1"}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "29252-4"}]},
        "subject": {"reference": patient},
        "issued": _NOW.isoformat(),
        "performer": [{"reference": "Organization/nightreads"}],
        "resultsInterpreter": [_ME],
        "imagingStudy": [{"reference": "ImagingStudy/study-1"}],
        "conclusion": conclusion,
        "presentedForm": [{"contentType": "text/html", "data": _base64(b"<p>report</p>")}],
    }


def _bundle(report: dict[str, Any], payload: bytes) -> dict[str, Any]:
    urls = [f"urn:uuid:{uuid4()}" for _ in range(3)]
    form = {
        "contentType": "application/fhir+json",
        "title": "signed-report.json",
        "data": _base64(payload),
    }
    forms = [*report["presentedForm"], {"contentType": "application/pdf"}, form]
    sent = {**report, "presentedForm": forms, "result": [{"reference": urls[0]}]}
    provenance = {
        "resourceType": "Provenance",
        "target": [{"reference": urls[1]}],
        "recorded": _NOW.isoformat(),
        "agent": [{"who": _ME}],
    }
    identifier = report["identifier"][0]
    found = f"identifier={identifier['system']}|{identifier['value']}"
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            _post(urls[0], _observation(report["subject"]), None),
            _post(urls[1], sent, found),
            _post(urls[2], provenance, None),
        ],
    }


def _observation(subject: dict[str, str]) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:2.25.{uuid4().int}"}],
        "status": "final",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "410668003"}]},
        "subject": subject,
        "partOf": [{"reference": "ImagingStudy/study-1"}],
        "valueQuantity": {"value": 4.1, "unit": "mm"},
    }


def _post(url: str, resource: dict[str, Any], condition: str | None) -> dict[str, Any]:
    request = {"method": "POST", "url": resource["resourceType"]}
    if condition:
        request["ifNoneExist"] = condition
    return {"fullUrl": url, "resource": resource, "request": request}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
