"""FHIR resources of one invented case, in the shapes of the contract, easy to bend."""

import base64
from datetime import UTC, datetime
from typing import Any

from workstation.errors import Refused
from workstation.platform.fhir_case import ReadingFor

Resource = dict[str, Any]

BASE = "https://platform.example/fhir"
NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_LOINC = "http://loinc.org"
_V2 = "http://terminology.hl7.org/CodeSystem/v2-"
_V3 = "http://terminology.hl7.org/CodeSystem/v3-"


def concept(system: str, code: str, display: str = "") -> Resource:
    """A CodeableConcept of one coding."""
    return {"coding": [{"system": system, "code": code, "display": display}]}


def given(code: Resource, reference: str) -> Resource:
    """A Task.input."""
    return {"type": code, "valueReference": {"reference": reference}}


def html_form(html: str) -> Resource:
    """A presented form of a report."""
    return {"contentType": "text/html", "data": base64.b64encode(html.encode()).decode()}


STUDY = concept(_DCM, "113014", "Study")
COMPARISON = concept(_LOINC, "18834-2", "Comparison study")
PRIOR_REPORT = concept(_LOINC, "18748-4", "Diagnostic imaging study")
AI = concept(_DCM, "110003", "Computer Aided Diagnosis")
CONSENT = concept(_LOINC, "59284-0", "Consent Document")
SECOND_OPINION = concept(f"{_V2}0336", "S", "Second Opinion")
CONSULTATIVE = concept(f"{_V2}0282", "SO")
OFFICIAL = concept(f"{_V2}0282", "WR")


class Records:
    """The platform's resources by ``Type/id``; implements the Lookup of cases."""

    def __init__(self) -> None:
        """One stat chest CT with a prior, its report, a consent and a licensed reader."""
        made = [_patient(), _order(), *_studies(), _report(), _consent(), *_people()]
        self.task = _task()
        self.all = {f"{r['resourceType']}/{r['id']}": r for r in made}

    def __getitem__(self, name: str) -> Resource:
        """A resource to bend."""
        return self.all[name]

    def get(self, name: str) -> dict[str, object]:
        """As the platform gives it, or does not."""
        if name not in self.all:
            raise Refused(f"platform.example refused to give {name} (404).", status=404)
        return self.all[name]

    def studies_of(self, patient: str) -> list[dict[str, object]]:
        """All ImagingStudies: a server that ignores the filter."""
        return [r for r in self.all.values() if r["resourceType"] == "ImagingStudy"]

    def reports_of(self, patient: str) -> list[dict[str, object]]:
        """All DiagnosticReports."""
        return [r for r in self.all.values() if r["resourceType"] == "DiagnosticReport"]

    def me(self) -> ReadingFor:
        """The reader, with the licence as recorded."""
        return ReadingFor("Organization/nightreads", self["Practitioner/dr-ito"], BASE, NOW)


def _task() -> Resource:
    return {
        "resourceType": "Task",
        "id": "case-1",
        "meta": {"versionId": "3", "lastUpdated": "2026-11-24T19:45:00Z"},
        "identifier": [{"system": "https://platform.example/id/case", "value": "C-000123"}],
        "status": "requested",
        "intent": "order",
        "priority": "stat",
        "description": "CT chest, report within 60 min",
        "focus": {"reference": "ServiceRequest/order-1"},
        "for": {"reference": "Patient/p1"},
        "authoredOn": "2026-11-24T19:45:00+01:00",
        "owner": {"reference": "PractitionerRole/dr-ito"},
        "restriction": {"period": {"end": "2026-11-24T20:45:00+01:00"}},
        "input": [
            given(STUDY, "ImagingStudy/study-1"),
            given(COMPARISON, "ImagingStudy/study-0"),
            given(PRIOR_REPORT, "DiagnosticReport/report-0"),
            given(CONSENT, "Consent/consent-1"),
        ],
        "extension": [{"url": "https://platform.example/keep", "valueString": "kept"}],
    }


def _patient() -> Resource:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "identifier": [
            {"system": "urn:other", "value": "other"},
            {
                "type": concept(f"{_V2}0203", "MR"),
                "system": "urn:oid:1.2.3",
                "value": "4711",
                "assigner": {"display": "KLINIK"},
            },
        ],
        "name": [
            {"use": "old", "family": "Before"},
            {"family": "Doe", "given": ["Jane", "Mary", "Ann"], "prefix": ["Dr"]},
        ],
        "gender": "female",
        "birthDate": "1972-03-04",
    }


def _order() -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": "order-1",
        "identifier": [{"type": concept(f"{_V2}0203", "ACSN"), "value": "A-123"}],
        "status": "active",
        "intent": "order",
        "code": concept(_LOINC, "29252-4", "CT Chest WO contrast"),
        "subject": {"reference": "Patient/p1"},
        "requester": {"reference": "PractitionerRole/er-doc", "display": "Dr Emre Kaya"},
        "locationReference": [{"reference": "Location/site"}],
        "reasonCode": [{"text": "Pulmonary embolism?"}],
        "note": [{"text": "Sudden dyspnoea."}],
    }


def _studies() -> list[Resource]:
    current = {
        "resourceType": "ImagingStudy",
        "id": "study-1",
        "identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3.4"}],
        "status": "available",
        "modality": [{"code": "SR"}, {"code": "CT"}],
        "subject": {"reference": "Patient/p1"},
        "started": "2026-11-24T19:40:00+01:00",
        "basedOn": [{"reference": "ServiceRequest/order-1"}],
        "endpoint": [{"reference": "Endpoint/pacs"}],
        "numberOfSeries": 2,
        "numberOfInstances": 320,
        "description": "CT chest",
        "series": [{"uid": "1.2.3.4.1", "bodySite": {"system": _DCM, "code": "CHEST"}}],
    }
    prior = {
        **current,
        "id": "study-0",
        "identifier": [{"system": "urn:dicom:uid", "value": "urn:oid:1.2.3.0"}],
        "started": "2025-01-10T09:00:00+01:00",
        "basedOn": [],
        "description": "CT chest (prior)",
    }
    endpoint = {
        "resourceType": "Endpoint",
        "id": "pacs",
        "status": "active",
        "connectionType": {"code": "dicom-wado-rs"},
        "address": "https://platform.example/dicom-web/",
    }
    return [current, prior, endpoint]


def _report() -> Resource:
    return {
        "resourceType": "DiagnosticReport",
        "id": "report-0",
        "status": "final",
        "basedOn": [{"reference": "ServiceRequest/order-0"}],
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2025-01-10T09:30:00+01:00",
        "imagingStudy": [{"reference": "ImagingStudy/study-0"}],
        "conclusion": "No nodule.",
        "presentedForm": [html_form("<h2>FINDINGS</h2><p>Clear lungs.</p><p>No nodule.</p>")],
    }


def _consent() -> Resource:
    return {
        "resourceType": "Consent",
        "id": "consent-1",
        "status": "active",
        "patient": {"reference": "Patient/p1"},
        "provision": {
            "type": "permit",
            "period": {"start": "2026-11-24", "end": "2026-11-24"},
            "actor": [{"reference": {"reference": "Organization/nightreads"}}],
            "purpose": [{"system": f"{_V3}ActReason", "code": "TREAT"}],
            "provision": [{"type": "deny", "purpose": [{"code": "HRESCH"}]}],
        },
    }


def _people() -> list[Resource]:
    valid = {
        "url": "whereValid",
        "valueCodeableConcept": concept("urn:iso:std:iso:3166:-2", "DE-BE"),
    }
    qualification = {
        "extension": [
            {
                "url": "http://hl7.org/fhir/us/davinci-pdex-plan-net/StructureDefinition/"
                "practitioner-qualification",
                "extension": [{"url": "status", "valueCode": "active"}, valid],
            }
        ],
        "identifier": [{"value": "LANR123456"}],
        "period": {"start": "2015-01-01", "end": "2027-12-31"},
    }
    return [
        {
            "resourceType": "Practitioner",
            "id": "dr-ito",
            "name": [{"family": "Ito", "given": ["Keiko"], "prefix": ["Dr"]}],
            "qualification": [qualification],
        },
        {
            "resourceType": "PractitionerRole",
            "id": "dr-ito",
            "practitioner": {"reference": "Practitioner/dr-ito"},
            "organization": {"reference": "Organization/nightreads"},
        },
        {"resourceType": "Organization", "id": "nightreads", "name": "Night Reads GmbH"},
        {
            "resourceType": "Location",
            "id": "site",
            "address": {"country": "DE", "state": "BE"},
        },
    ]
