"""The report as FHIR: its shape, what is signed, and the transaction."""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.diagnosticreport import DiagnosticReport

from reporting.errors import ExportFailed
from reporting.export import fhir, fhir_parts
from reporting.export.fhir import fhir_report, transaction
from reporting.export.identifiers import tracking_uid
from reporting.model.report import ReportContext, ReportDraft
from reporting.signing.canonical import canonical
from tests.kit import reporting
from tests.kit.signed_forms import HTML, NOW, context, draft, signed, sure_draft
from viewer.model.measurement import MeasurementId

PDF = b"%PDF-1.7 signed"
Json = dict[str, Any]


def report(text: ReportDraft | None = None, told: ReportContext | None = None) -> Json:
    return fhir_report(text or draft(), told or context(), signed_at=NOW, html=HTML, pdf=PDF)


def sent() -> Json:
    found = json.loads(signed().bundle)
    assert isinstance(found, dict)
    return found


def resources(kind: str) -> list[Json]:
    held = [entry["resource"] for entry in sent()["entry"]]
    return [one for one in held if one["resourceType"] == kind]


def test_both_shapes_are_fhir_r4() -> None:
    DiagnosticReport.model_validate_json(signed().payload)
    Bundle.model_validate_json(signed().bundle)
    DiagnosticReport.model_validate(json.loads(canonical(report())))


def test_holds_all_that_imr_demands() -> None:
    made = report()
    assert made["meta"]["profile"][0].endswith("/imr-diagnosticreport")
    assert made["identifier"][0] == {
        "system": "urn:ietf:rfc:3986",
        "value": f"urn:uuid:{draft().id}",
    }
    assert made["status"] == "final"
    assert made["basedOn"] == [{"reference": "ServiceRequest/order-1"}]
    assert made["category"][0]["coding"][0]["code"] == "RAD"
    assert made["code"]["coding"][0] == {
        "system": "http://loinc.org",
        "code": "24627-2",
        "display": "CT Chest",
    }
    assert made["subject"] == {"reference": "Patient/p1"}
    assert made["effectiveDateTime"] == "2026-11-24"
    assert made["issued"] == "2026-11-24T12:01:07+09:00"
    assert made["performer"][0]["reference"] == "Organization/nightreads"
    assert made["resultsInterpreter"][0]["reference"] == "PractitionerRole/dr-ito"
    assert made["imagingStudy"][0]["identifier"]["value"] == f"urn:oid:{reporting.STUDY}"
    assert made["conclusion"] == "Nodule of 8.0 mm."
    associated = made["extension"][0]
    assert associated["url"].endswith("/associatedStudy")
    assert associated["valueReference"]["identifier"]["value"] == f"urn:oid:{reporting.PRIOR}"


def test_the_narrative_is_the_text_and_cannot_be_injected() -> None:
    div = report()["text"]["div"]
    assert "<h2>Findings</h2><p>An 8.0 mm nodule in the right upper lobe.</p>" in div
    evil = report(reporting.draft("<script>x</script> & \x07", "y"))["text"]["div"]
    assert "<p>&lt;script&gt;x&lt;/script&gt; &amp; </p>" in evil
    assert report(replace(draft(), sections=()))["text"]["div"].endswith("<p>–</p></div>")


def parts(extension: Json) -> Json:
    return {
        part["url"]: next(value for key, value in part.items() if key != "url")
        for part in extension["extension"]
    }


def test_what_is_signed_names_every_other_form_by_its_digest() -> None:
    payload = json.loads(signed().payload)
    forms = [parts(e) for e in payload["extension"] if e["url"] == fhir.SIGNED_FORM]
    wanted = [signed().pdf, signed().sr, signed().measurements]
    assert [f["sha256"] for f in forms] == [hashlib.sha256(data).hexdigest() for data in wanted]
    assert forms[0]["title"] == "report.pdf"
    assert forms[1]["object"].startswith("urn:oid:2.25.")
    values = [parts(e) for e in payload["extension"] if e["url"] == fhir.SIGNED_VALUE]
    assert [v["value"]["value"] for v in values] == [8.0, 12.35]
    (about,) = [parts(e) for e in payload["extension"] if e["url"] == fhir.SIGNED_CONTEXT]
    assert about["case"] == "case-1"
    assert (about["revision"], about["version"]) == (1, 1)
    assert about["images"] == "320 of 320"


def test_what_is_no_dicom_cannot_be_named() -> None:
    with pytest.raises(ExportFailed):
        fhir_report(draft(), context(), signed_at=NOW, html=HTML, pdf=PDF, objects=[b"x"])


def test_forms_carry_size_and_hash_and_what_is_sent_carries_all_data() -> None:
    (posted,) = resources("DiagnosticReport")
    wanted = {
        "text/html": HTML,
        "application/pdf": signed().pdf,
        "application/fhir+json": signed().payload,
    }
    assert [f["contentType"] for f in posted["presentedForm"]] == list(wanted)
    for form in posted["presentedForm"]:
        data = wanted[form["contentType"]]
        assert base64.b64decode(form["data"]) == data
        assert form["size"] == len(data)
        assert base64.b64decode(form["hash"]) == hashlib.sha1(data).digest()  # noqa: S324 - R4


def test_what_is_sent_beside_the_forms_is_what_is_signed() -> None:
    (posted,) = resources("DiagnosticReport")
    payload = json.loads(signed().payload)
    for field in payload.keys() - {"presentedForm", "result"}:
        assert posted[field] == payload[field]


def test_measurements_are_observations() -> None:
    first, second = resources("Observation")
    uid = tracking_uid(MeasurementId("m1"))
    assert first["identifier"] == [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}]
    assert first["valueQuantity"] == {
        "value": 8.0,
        "unit": "mm",
        "system": "http://unitsofmeasure.org",
        "code": "mm",
    }
    assert first["code"]["coding"][0]["system"] == "http://snomed.info/sct"
    assert first["method"]["text"] == "Calibration: PATIENT"
    assert second["valueQuantity"]["code"] == "{pixels}"
    assert second["partOf"][0]["identifier"]["value"] == f"urn:oid:{reporting.STUDY}"
    (posted,) = resources("DiagnosticReport")
    addresses = [e["fullUrl"] for e in sent()["entry"][:2]]
    assert [r["reference"] for r in posted["result"]] == addresses


def test_all_numbers_of_a_finding_are_components_and_signed_with_how_sure_they_are() -> None:
    text = sure_draft()
    signed_one = report(text)
    bundle = transaction(
        text, context(), report=signed_one, payload=b"{}", jws="a..b", pdf=PDF, signed_at=NOW
    )
    Bundle.model_validate_json(json.dumps(bundle))
    entries: Any = bundle["entry"]
    one = entries[0]["resource"]
    spread, kind = one["valueQuantity"]["extension"]
    assert spread["valueDecimal"] == 0.25  # a standard deviation: half of what is stated for k = 2
    assert kind["valueCode"] == "N"
    short, mean = one["component"]
    assert short["valueQuantity"]["value"] == 6.0
    assert mean["valueQuantity"]["code"] == "[hnsf'U]"
    assert mean["code"]["text"] == "Attenuation Coefficient: Mean"
    assert mean["extension"][0]["url"] == fhir_parts.DERIVATION
    (value,) = [e for e in signed_one["extension"] if e["url"] == fhir.SIGNED_VALUE]
    further = [parts(e) for e in value["extension"] if e["url"] == "component"]
    assert [each["value"] for each in further] == [
        short["valueQuantity"], mean["valueQuantity"]
    ]  # fmt: skip


def test_a_measurement_on_a_prior_belongs_to_that_study() -> None:
    on = reporting.frame(3, reporting.PRIOR)
    text = reporting.draft("Was {{m:m1}}.", "Stable.", reporting.finding(on=on))
    made = report(text)
    found = transaction(
        text, context(), report=made, payload=b"{}", jws="a..b", pdf=PDF, signed_at=NOW
    )
    entries: Any = found["entry"]
    observation = entries[0]["resource"]
    assert observation["partOf"][0]["identifier"]["value"] == f"urn:oid:{reporting.PRIOR}"
    assert observation["effectiveDateTime"] == "2025-11-20"


def test_retries_find_what_is_there() -> None:
    wanted = {
        "DiagnosticReport": f"identifier=urn:ietf:rfc:3986|urn:uuid:{draft().id}",
        "Provenance": None,
    }
    for entry in sent()["entry"]:
        assert entry["request"]["method"] == "POST"
        kind = entry["request"]["url"]
        assert kind == entry["resource"]["resourceType"]
        if kind in wanted:
            assert entry["request"].get("ifNoneExist") == wanted[kind]
        else:
            assert entry["request"]["ifNoneExist"].startswith("identifier=urn:dicom:uid|urn:oid:")


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [s for inner in value.values() for s in strings(inner)]
    if isinstance(value, list):
        return [s for inner in value for s in strings(inner)]
    return [value] if isinstance(value, str) else []


def test_a_full_url_is_an_address_only() -> None:
    """A server rewrites every string that equals a fullUrl: none may stand but as a reference."""
    addresses = {entry["fullUrl"] for entry in sent()["entry"]}
    assert len(addresses) == len(sent()["entry"])
    for entry in sent()["entry"]:
        held = strings(entry["resource"])
        references = [t["reference"] for t in entry["resource"].get("target", [])]
        references += [r["reference"] for r in entry["resource"].get("result", [])]
        assert sorted(s for s in held if s in addresses) == sorted(references)
    assert addresses.isdisjoint(strings(json.loads(signed().payload)))


def test_the_provenance_carries_the_signature() -> None:
    (provenance,) = resources("Provenance")
    (signature,) = provenance["signature"]
    assert base64.b64decode(signature["data"]).decode() == signed().jws
    assert signature["sigFormat"] == "application/jose"
    assert signature["targetFormat"].startswith("application/fhir+json;canonicalization=")
    assert provenance["target"][0]["reference"] == sent()["entry"][2]["fullUrl"]
    assert provenance["activity"]["coding"][0]["code"] == "LA"
    legal, program = provenance["agent"]
    assert legal["who"]["reference"] == "PractitionerRole/dr-ito"
    assert legal["onBehalfOf"]["reference"] == "Organization/nightreads"
    assert program["who"]["display"].startswith("Lightbox ")


def test_what_is_not_known_is_left_out() -> None:
    told = context(
        study=replace(context().study, fhir_reference="ImagingStudy/1", date=""),
        comparisons=(),
        order=replace(
            context().order,
            fhir_reference="",
            patient_reference="",
            procedure_code=("", "", ""),
        ),
        reader=replace(context().reader, organization_reference=""),
    )
    text = reporting.draft("Nothing.", " ")
    made = report(text, told)
    for field in ("basedOn", "effectiveDateTime", "conclusion", "performer"):
        assert field not in made
    assert made["subject"] == {"identifier": {"value": "4711"}}
    assert made["code"]["coding"][0]["code"] == "18748-4"
    assert made["imagingStudy"][0]["reference"] == "ImagingStudy/1"
    found = transaction(text, told, report=made, payload=b"{}", jws="a..b", pdf=PDF, signed_at=NOW)
    entries: Any = found["entry"]
    assert "onBehalfOf" not in entries[-1]["resource"]["agent"][0]
    Bundle.model_validate(json.loads(canonical(found)))
    no_impression = replace(text, sections=())
    assert "conclusion" not in report(no_impression, told)


def test_a_report_that_is_not_ours_is_refused() -> None:
    wrong = report() | {"presentedForm": []}
    with pytest.raises(ValueError, match="not a report that fhir_report made"):
        transaction(draft(), context(), report=wrong, payload=b"", jws="", pdf=PDF, signed_at=NOW)


def test_a_measurement_keeps_its_tracking_uid() -> None:
    assert tracking_uid(MeasurementId("m1")) == tracking_uid(MeasurementId("m1"))
    assert tracking_uid(MeasurementId("m1")) != tracking_uid(MeasurementId("m2"))
    assert tracking_uid(MeasurementId("m1")) == "2.25.299304679298457202550927327973195578021"
    assert len(tracking_uid(MeasurementId("x" * 500))) <= 64
