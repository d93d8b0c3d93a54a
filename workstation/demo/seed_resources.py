"""The FHIR resources of a planned case, in the shapes of the contract with the platform."""

import base64
import hashlib
import html
import uuid
from datetime import datetime, timedelta

from workstation.demo import people
from workstation.demo.people import DCM, Resource
from workstation.demo.seed_plan import Asked, CasePlan, Code, PatientPlan, PriorPlan, StudyPlan

_V2 = "http://terminology.hl7.org/CodeSystem/v2-"
_V3 = "http://terminology.hl7.org/CodeSystem/v3-"
_LOINC = "http://loinc.org"
_SCT = "http://snomed.info/sct"
_IMR = "https://profiles.ihe.net/RAD/IMR/StructureDefinition/imr-diagnosticreport"
_GENDERS = {"M": "male", "F": "female", "O": "other"}
_CONSENT_DOCUMENT = Code(_LOINC, "59284-0", "Consent Document")


def first_resources(plan: CasePlan, seeded: datetime) -> list[Resource]:
    """Give the case while its images are still arriving: studies without counts."""
    studies = [_imaging_study(plan, s, seeded, arrived=False) for s in plan.studies()]
    reports = [_prior_report(plan, p, seeded) for p in plan.priors if p.impression]
    earlier = [p for p in plan.priors if not p.own_case]
    orders = [_order(plan, seeded), *(_prior_order(plan, p, seeded) for p in earlier)]
    task = _task(plan, seeded) | {
        "businessStatus": {"text": f"images arriving (0 of {plan.instances})"}
    }
    return [
        _patient(plan.patient),
        _consent(plan, seeded),
        *orders,
        *studies,
        *reports,
        task,
    ]


def arrived_resources(plan: CasePlan, seeded: datetime) -> list[Resource]:
    """Give what changes when all images are there: studies with counts, the plain Task."""
    studies = [_imaging_study(plan, s, seeded, arrived=True) for s in plan.studies()]
    return [*studies, _task(plan, seeded)]


def _concept(code: Code) -> Resource:
    return {"coding": [_coding(code)]}


def _coding(code: Code) -> Resource:
    return {"system": code.system, "code": code.code, "display": code.display}


def _patient(patient: PatientPlan) -> Resource:
    name: Resource = {"family": patient.family}
    if patient.given:
        name["given"] = patient.given.split("^")
    resource: Resource = {
        "resourceType": "Patient",
        "id": patient.key,
        "identifier": [
            {
                "type": {"coding": [{"system": f"{_V2}0203", "code": "MR"}]},
                "system": people.PATIENT_ID_SYSTEM,
                "value": patient.id,
                "assigner": {"display": patient.issuer},
            }
        ],
        "name": [name],
        "gender": _GENDERS.get(patient.sex, "unknown"),
    }
    if patient.born is not None:
        resource["birthDate"] = patient.born.isoformat()
    return resource


def _consent(plan: CasePlan, seeded: datetime) -> Resource:
    given = min(seeded, seeded + plan.consent_ends_in) - timedelta(days=30)
    ends = seeded + plan.consent_ends_in
    return {
        "resourceType": "Consent",
        "id": f"consent-{plan.key}",
        "status": "active",
        "scope": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/consentscope",
                    "code": "patient-privacy",
                }
            ]
        },
        "category": [_concept(_CONSENT_DOCUMENT)],
        "patient": {"reference": f"Patient/{plan.patient.key}"},
        "dateTime": _time(given),
        "organization": [{"reference": people.CLINIC}],
        "policyRule": {"coding": [{"system": f"{_V3}ActCode", "code": "OPTIN"}]},
        "provision": {
            "type": "permit",
            "period": {"start": given.date().isoformat(), "end": ends.date().isoformat()},
            "actor": [
                {
                    "role": {"coding": [{"system": f"{_V3}ParticipationType", "code": "IRCP"}]},
                    "reference": {"reference": people.READER_ORGANIZATION},
                }
            ],
            "purpose": [{"system": f"{_V3}ActReason", "code": "TREAT"}],
            "data": [
                {"meaning": "related", "reference": {"reference": f"ImagingStudy/{s.key}"}}
                for s in plan.studies()
            ],
            "provision": [
                {"type": "deny", "purpose": [{"system": f"{_V3}ActReason", "code": "HRESCH"}]}
            ],
        },
    }


def _order(plan: CasePlan, seeded: datetime) -> Resource:
    reasons: list[Resource] = [{"text": plan.question}]
    resource = _any_order(plan, plan.study, "active", plan.priority)
    if plan.asked is Asked.SECOND_OPINION:
        reasons.insert(0, _concept(Code(f"{_V2}0336", "S", "Second Opinion")))
        resource["orderDetail"] = [
            _concept(Code(f"{_V2}0282", "SO", "Second Opinion"))
            | {"text": "consultative: opinion only, primary report stays the record"}
        ]
    resource["authoredOn"] = _time(plan.study.begun(seeded) - timedelta(minutes=10))
    resource["reasonCode"] = reasons
    if plan.history:
        resource["note"] = [{"text": plan.history}]
    supporting = [{"reference": f"ImagingStudy/{p.study.key}"} for p in plan.priors]
    supporting += [{"reference": _report(p)} for p in plan.priors if p.impression]
    if supporting:
        resource["supportingInfo"] = supporting
    return resource


def _prior_order(plan: CasePlan, prior: PriorPlan, seeded: datetime) -> Resource:
    resource = _any_order(plan, prior.study, "completed", "routine")
    resource["authoredOn"] = _time(prior.study.begun(seeded) - timedelta(minutes=10))
    return resource


def _any_order(plan: CasePlan, study: StudyPlan, status: str, priority: str) -> Resource:
    return {
        "resourceType": "ServiceRequest",
        "id": _order_id(study),
        "identifier": [
            {
                "type": {"coding": [{"system": f"{_V2}0203", "code": "ACSN"}]},
                "system": people.ACCESSION_SYSTEM,
                "value": study.accession,
            }
        ],
        "status": status,
        "intent": "order",
        "category": [_concept(Code(_SCT, "363679005", "Imaging"))],
        "priority": priority,
        "code": _procedure(study),
        "subject": {"reference": f"Patient/{plan.patient.key}"},
        "requester": {"reference": people.REFERRER, "display": people.REFERRER_NAME},
        "performer": [{"reference": people.READER_ORGANIZATION}],
        "locationReference": [{"reference": people.PLACE}],
    }


def _order_id(study: StudyPlan) -> str:
    return f"order-{study.key}"


def _procedure(study: StudyPlan) -> Resource:
    if study.procedure is None:
        return {"text": study.description}
    return _concept(study.procedure)


def _imaging_study(
    plan: CasePlan, study: StudyPlan, seeded: datetime, *, arrived: bool
) -> Resource:
    modalities = list(dict.fromkeys(s.modality for s in study.series))
    resource: Resource = {
        "resourceType": "ImagingStudy",
        "id": study.key,
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{study.uid}"}],
        "status": "available" if arrived else "registered",
        "modality": [{"system": DCM, "code": m} for m in modalities],
        "subject": {"reference": f"Patient/{plan.patient.key}"},
        "basedOn": [{"reference": f"ServiceRequest/{_order_id(study)}"}],
        "endpoint": [{"reference": people.PACS}],
        "numberOfSeries": len(study.series) if arrived else 0,
        "numberOfInstances": study.instances if arrived else 0,
        "description": study.description,
        "procedureCode": [_procedure(study)],
    }
    if study.dated:
        resource["started"] = _time(study.begun(seeded))
    if arrived:
        resource["series"] = [_series(study, i) for i in range(len(study.series))]
    return resource


def _series(study: StudyPlan, index: int) -> Resource:
    series = study.series[index]
    resource: Resource = {
        "uid": series.uid,
        "number": series.number,
        "modality": {"system": DCM, "code": series.modality},
        "numberOfInstances": len(series.instances),
        "instance": [
            {
                "uid": i.uid,
                "sopClass": {"system": "urn:ietf:rfc:3986", "code": f"urn:oid:{i.sop_class}"},
            }
            for i in series.instances
        ],
    }
    if series.description:
        resource["description"] = series.description
    if series.body_part:
        resource["bodySite"] = {"system": DCM, "code": series.body_part}
    return resource


def _task(plan: CasePlan, seeded: datetime) -> Resource:
    authored = seeded - timedelta(minutes=5)
    return {
        "resourceType": "Task",
        "id": f"case-{plan.key}",
        "identifier": [{"system": people.CASE_SYSTEM, "value": plan.number}],
        "basedOn": [{"reference": f"ServiceRequest/{_order_id(plan.study)}"}],
        "groupIdentifier": {"system": people.ACCESSION_SYSTEM, "value": plan.study.accession},
        "status": "requested",
        "intent": "order",
        "priority": plan.priority,
        "code": _concept(Code(DCM, "110005", "Interpretation")),
        "description": plan.description,
        "focus": {"reference": f"ServiceRequest/{_order_id(plan.study)}"},
        "for": {"reference": f"Patient/{plan.patient.key}"},
        "authoredOn": _time(authored),
        "lastModified": _time(authored),
        "requester": {"reference": people.CLINIC},
        "performerType": [_concept(Code(_SCT, "66862007", "Radiologist"))],
        "owner": {"reference": people.READER},
        "restriction": {
            "period": {"start": _time(authored), "end": _time(seeded + plan.due_in)},
            "recipient": [{"reference": people.READER}],
        },
        "input": _inputs(plan),
    }


def _inputs(plan: CasePlan) -> list[Resource]:
    study = Code(DCM, "113014", "Study")
    comparison = Code(_LOINC, "18834-2", "Comparison study")
    earlier_report = Code(_LOINC, "18748-4", "Diagnostic imaging study")
    inputs = [_input(study, f"ImagingStudy/{plan.study.key}", "current")]
    for prior in plan.priors:
        inputs.append(_input(comparison, f"ImagingStudy/{prior.study.key}", "prior"))
        if prior.impression:
            inputs.append(_input(earlier_report, _report(prior), "prior report"))
    inputs.append(_input(_CONSENT_DOCUMENT, f"Consent/consent-{plan.key}", "consent"))
    return inputs


def _input(kind: Code, reference: str, display: str) -> Resource:
    return {
        "type": _concept(kind),
        "valueReference": {"reference": reference, "display": display},
    }


def _report(prior: PriorPlan) -> str:
    return f"DiagnosticReport/report-{prior.study.key}"


def _prior_report(plan: CasePlan, prior: PriorPlan, seeded: datetime) -> Resource:
    study = prior.study
    issued = _time(study.begun(seeded) + timedelta(minutes=42))
    page = _page(prior)
    identifier = uuid.uuid5(uuid.NAMESPACE_URL, f"report of {study.uid}")
    impression = html.escape(prior.impression)
    return {
        "resourceType": "DiagnosticReport",
        "id": f"report-{study.key}",
        "meta": {"profile": [_IMR]},
        "text": {
            "status": "additional",
            "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{impression}</p></div>',
        },
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{identifier}"}],
        "basedOn": [{"reference": f"ServiceRequest/{_order_id(study)}"}],
        "status": "final",
        "category": [_concept(Code(f"{_V2}0074", "RAD", "Radiology"))],
        "code": _procedure(study),
        "subject": {"reference": f"Patient/{plan.patient.key}"},
        "effectiveDateTime": _time(study.begun(seeded)),
        "issued": issued,
        "performer": [{"reference": people.READER_ORGANIZATION}],
        "resultsInterpreter": [{"reference": people.READER}],
        "imagingStudy": [{"reference": f"ImagingStudy/{study.key}"}],
        "conclusion": prior.impression,
        "presentedForm": [
            {
                "contentType": "text/html",
                "language": "en",
                "data": base64.b64encode(page).decode(),
                "size": len(page),
                "hash": base64.b64encode(_sha1(page)).decode(),
                "title": "report.html",
                "creation": issued,
            }
        ],
    }


def _page(prior: PriorPlan) -> bytes:
    title = html.escape(prior.study.description)
    findings = "".join(f"<p>{html.escape(p)}</p>" for p in prior.findings.splitlines())
    points = "".join(f"<li>{html.escape(p)}</li>" for p in prior.impression.splitlines())
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f"<h2>FINDINGS</h2>{findings}<h2>IMPRESSION</h2><ol>{points}</ol></body></html>"
    ).encode()


def _sha1(data: bytes) -> bytes:
    # FHIR R4 defines Attachment.hash as SHA-1.
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _time(when: datetime) -> str:
    return when.isoformat(timespec="seconds")
