"""The report as FHIR R4 in the shape of IHE RAD IMR; sole owner of what is sent as a report.

What is signed (``fhir_report``, made canonical) is a DiagnosticReport that holds the readable form
and, as extensions, what else the one signature covers:

* SIGNED_FORM      sha256 (hex) and contentType of every other form: the PDF by its title, each
                   DICOM file by its SOP Instance UID
* SIGNED_VALUE     every measurement: tracking UID, code, value, and these of its further numbers
* SIGNED_CONTEXT   case, template, revision and version of the report, program, images held

What is sent (``transaction``) is the same report with the PDF and the signed bytes themselves as
further presentedForms, one Observation for each measurement, and the Provenance with the
signature. A ``fullUrl`` is never equal to an identifier: servers rewrite such strings.
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape

from reporting.export.fhir_parts import (
    Json,
    attachment,
    coded,
    coding,
    component,
    concept,
    data_of,
    fresh_url,
    quantity,
    references,
    study_reference,
    without_empty,
)
from reporting.export.identifiers import tracking_uid
from reporting.export.objects import reference_to, software_version
from reporting.model.chips import by_measurement, words
from reporting.model.finding import Finding
from reporting.model.report import ReportContext, ReportDraft, SectionId, StudyIdentity
from viewer.model.measurement import Measurement

SIGNED_FORM = "urn:uuid:1d0b4a9e-6a27-4f0b-9f2e-7f5f0a1c2e01"
SIGNED_VALUE = "urn:uuid:1d0b4a9e-6a27-4f0b-9f2e-7f5f0a1c2e02"
SIGNED_CONTEXT = "urn:uuid:1d0b4a9e-6a27-4f0b-9f2e-7f5f0a1c2e03"
_IMR = "https://profiles.ihe.net/RAD/IMR/StructureDefinition"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_SIGNATURE_TYPES = "urn:iso-astm:E1762-95:2013"
_CANONICAL = (
    "application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json#document"
)


def fhir_report(
    draft: ReportDraft,
    context: ReportContext,
    *,
    signed_at: datetime,
    html: bytes,
    pdf: bytes,
    objects: Sequence[bytes] = (),
    version: int = 1,
    language: str = "en",
) -> Json:
    """Give the DiagnosticReport that is signed as canonical JSON.

    ``pdf`` is the signed PDF and ``objects`` are the DICOM files (SR, measurement SR): they go in
    by their SHA-256, so that one JWS covers every form. Raises ExportFailed for a file that is
    no DICOM.
    """
    issued = signed_at.isoformat(timespec="seconds")
    report: Json = {
        "resourceType": "DiagnosticReport",
        "meta": {"profile": [f"{_IMR}/imr-diagnosticreport"]},
        "language": language,
        "text": {"status": "additional", "div": _narrative(draft)},
        "extension": [
            *_associated(context.comparisons),
            *_signed_forms(pdf, objects),
            *(_signed_value(finding) for finding in draft.findings),
            _signed_context(draft, context, version),
        ],
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{draft.id}"}],
        "basedOn": references(context.order.fhir_reference),
        "status": "final",
        "category": [concept(f"{_TERMINOLOGY}/v2-0074", "RAD", "Radiology")],
        "code": _report_code(context),
        "subject": _subject(context),
        "effectiveDateTime": context.study.date,
        "issued": issued,
        "performer": references(context.reader.organization_reference, context.reader.organization),
        "resultsInterpreter": [_reader(context)],
        "imagingStudy": [study_reference(context.study)],
        "result": [_observation_identity(finding.measurement) for finding in draft.findings],
        "conclusion": _conclusion(draft),
        "presentedForm": [
            attachment("text/html", "report.html", html, issued, language) | data_of(html),
            attachment("application/pdf", "report.pdf", pdf, issued, language),
        ],
    }
    return without_empty(report)


def transaction(
    draft: ReportDraft,
    context: ReportContext,
    *,
    report: Mapping[str, object],
    payload: bytes,
    jws: str,
    pdf: bytes,
    signed_at: datetime,
) -> Json:
    """Give the FHIR transaction without its Task entry.

    ``report`` is what ``fhir_report`` gave, ``payload`` its canonical bytes, ``jws`` the detached
    signature over them.
    """
    issued = signed_at.isoformat(timespec="seconds")
    language = str(report["language"])
    html, pdf_form = _forms(report)
    observations = [(fresh_url(), finding) for finding in draft.findings]
    posted: Json = dict(report) | {
        "result": [
            {"reference": url} | _observation_identity(finding.measurement)
            for url, finding in observations
        ],
        "presentedForm": [
            html,
            dict(pdf_form) | data_of(pdf),
            attachment("application/fhir+json", "signed-report.json", payload, issued, language)
            | data_of(payload),
        ],
    }
    report_url = fresh_url()
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            *(_posted(url, _observation(finding, context)) for url, finding in observations),
            _posted(report_url, without_empty(posted)),
            _posted(fresh_url(), _provenance(context, report_url, jws, issued)),
        ],
    }


def _forms(report: Mapping[str, object]) -> tuple[object, Mapping[str, object]]:
    forms = report["presentedForm"]
    if not isinstance(forms, list) or len(forms) != 2:
        raise ValueError("not a report that fhir_report made")
    return forms[0], forms[1]


def _posted(url: str, resource: Json) -> Json:
    request: Json = {"method": "POST", "url": resource["resourceType"]}
    identifiers = resource.get("identifier")
    if isinstance(identifiers, list):
        request["ifNoneExist"] = "identifier={system}|{value}".format_map(identifiers[0])
    return {"fullUrl": url, "resource": resource, "request": request}


def _narrative(draft: ReportDraft) -> str:
    known = by_measurement(draft.findings)
    parts = []
    for section in draft.sections:
        lines = words(section.text, known).strip().splitlines()
        told = "".join(f"<p>{_xml(line)}</p>" for line in lines if line.strip())
        if told:
            parts.append(f"<h2>{_xml(section.title)}</h2>{told}")
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{"".join(parts) or "<p>–</p>"}</div>'


def _xml(text: str) -> str:
    return escape("".join(c for c in text if c.isprintable() or c == "\t"), quote=False)


def _conclusion(draft: ReportDraft) -> str:
    section = draft.section(SectionId.IMPRESSION)
    return words(section.text, by_measurement(draft.findings)).strip() if section else ""


def _associated(comparisons: Sequence[StudyIdentity]) -> Iterator[Json]:
    for study in comparisons:
        yield {"url": f"{_IMR}/associatedStudy", "valueReference": study_reference(study)}


def _signed_forms(pdf: bytes, objects: Sequence[bytes]) -> Iterator[Json]:
    yield _form({"url": "title", "valueString": "report.pdf"}, "application/pdf", pdf)
    for data in objects:
        name = f"urn:oid:{reference_to(data).sop}"
        yield _form({"url": "object", "valueUri": name}, "application/dicom", data)


def _form(name: Json, kind: str, data: bytes) -> Json:
    digest = hashlib.sha256(data).hexdigest()
    return {
        "url": SIGNED_FORM,
        "extension": [
            name,
            {"url": "contentType", "valueCode": kind},
            {"url": "sha256", "valueString": digest},
        ],
    }


def _signed_value(finding: Finding) -> Json:
    measured = finding.measurement
    return {
        "url": SIGNED_VALUE,
        "extension": [
            {"url": "tracking", "valueUri": f"urn:oid:{tracking_uid(measured.id)}"},
            {"url": "code", "valueCodeableConcept": coded(measured.name)},
            {"url": "value", "valueQuantity": quantity(measured)},
            *(_signed_component(component(one)) for one in finding.others),
        ],
    }


def _signed_component(made: Json) -> Json:
    return {
        "url": "component",
        "extension": [
            {"url": "code", "valueCodeableConcept": made["code"]},
            {"url": "value", "valueQuantity": made["valueQuantity"]},
        ],
    }


def _signed_context(draft: ReportDraft, context: ReportContext, version: int) -> Json:
    held, expected = context.complete
    told = {
        "case": context.case,
        "template": draft.template,
        "program": f"Lightbox {software_version()}",
        "study": context.study.uid,
        "images": f"{held} of {expected}",
    }
    return {
        "url": SIGNED_CONTEXT,
        "extension": [
            *({"url": name, "valueString": value} for name, value in told.items() if value),
            {"url": "revision", "valueInteger": draft.revision},
            {"url": "version", "valueInteger": version},
        ],
    }


def _report_code(context: ReportContext) -> Json:
    system, code, display = context.order.procedure_code
    if system and code:
        return concept(system, code, display)
    return concept("http://loinc.org", "18748-4", "Diagnostic imaging study")


def _observation_identity(measured: Measurement) -> Json:
    value = f"urn:oid:{tracking_uid(measured.id)}"
    return {"type": "Observation", "identifier": {"system": "urn:dicom:uid", "value": value}}


def _observation(finding: Finding, context: ReportContext) -> Json:
    measured = finding.measurement
    studies = [context.study, *context.comparisons]
    on = next((study for study in studies if study.uid == measured.on.study), context.study)
    return without_empty(
        {
            "resourceType": "Observation",
            "identifier": [_observation_identity(measured)["identifier"]],
            "basedOn": references(context.order.fhir_reference),
            "partOf": [study_reference(on)],
            "status": "final",
            "category": [concept(f"{_TERMINOLOGY}/observation-category", "imaging", "Imaging")],
            "code": coded(measured.name),
            "subject": _subject(context),
            "effectiveDateTime": on.date,
            "performer": [_reader(context)],
            "valueQuantity": quantity(measured),
            "method": {"text": f"Calibration: {measured.calibration.value}"},
            "component": [component(one) for one in finding.others],
        }
    )


def _provenance(context: ReportContext, target: str, jws: str, when: str) -> Json:
    organization = references(context.reader.organization_reference, context.reader.organization)
    participant = f"{_TERMINOLOGY}/provenance-participant-type"
    legal: Json = {"type": concept(participant, "legal", "Legal"), "who": _reader(context)}
    if organization:
        legal["onBehalfOf"] = organization[0]
    program = {
        "type": concept(participant, "assembler", "Assembler"),
        "who": {"display": f"Lightbox {software_version()}"},
    }
    kinds = (("1", "Author's Signature"), ("5", "Verification Signature"))
    signature = {
        "type": [
            coding(_SIGNATURE_TYPES, f"1.2.840.10065.1.12.1.{number}", display)
            for number, display in kinds
        ],
        "when": when,
        "who": _reader(context),
        "targetFormat": _CANONICAL,
        "sigFormat": "application/jose",
        "data": base64.b64encode(jws.encode("ascii")).decode("ascii"),
    }
    return {
        "resourceType": "Provenance",
        "target": [{"reference": target}],
        "recorded": when,
        "activity": concept(f"{_TERMINOLOGY}/v3-DocumentCompletion", "LA", "legally authenticated"),
        "agent": [legal, program],
        "signature": [signature],
    }


def _reader(context: ReportContext) -> Json:
    return without_empty(
        {"reference": context.reader.fhir_reference, "display": context.reader.display}
    )


def _subject(context: ReportContext) -> Json:
    if context.order.patient_reference:
        return {"reference": context.order.patient_reference}
    return {"identifier": {"value": context.patient.id}}
