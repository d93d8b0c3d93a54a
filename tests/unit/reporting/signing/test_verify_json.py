"""Signed FHIR: the signature holds, and the report beside it still says what was signed."""

import base64
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from reporting.errors import NothingToVerify
from reporting.export import fhir
from reporting.signing import verify_json as module
from reporting.signing.jws import detached_jws
from reporting.signing.verdict import Trust, Verdict
from reporting.signing.verify_json import verify_json
from tests.kit.identities import authority, reader
from tests.kit.signed_forms import NOW, signed

ROOTS = (authority().certificate,)
Json = dict[str, Any]


def only(found: object) -> Verdict:
    (verdict,) = verify_json(json.dumps(found).encode(), "report.json", ROOTS)
    return verdict


def bundle() -> Json:
    found = json.loads(signed().bundle)
    assert isinstance(found, dict)
    return found


def resource(found: Json, kind: str) -> Json:
    held = [e["resource"] for e in found["entry"] if e["resource"]["resourceType"] == kind]
    assert isinstance(held[0], dict)
    return held[0]


def form(found: Json, kind: str) -> Json:
    forms = resource(found, "DiagnosticReport")["presentedForm"]
    (one,) = [f for f in forms if f["contentType"] == kind]
    assert isinstance(one, dict)
    return one


def as_a_server_gives_it_back() -> Json:
    """A searchset: ids and versions given, references rewritten and made absolute."""
    base = "https://platform.example/fhir"
    found: Json = {"resourceType": "Bundle", "type": "searchset", "entry": []}
    addresses = {}
    for number, entry in enumerate(bundle()["entry"], 1):
        kind = entry["resource"]["resourceType"]
        addresses[entry["fullUrl"]] = f"{base}/{kind}/{number}"
        held = copy.deepcopy(entry["resource"]) | {"id": str(number)}
        held.setdefault("meta", {})["versionId"] = "1"
        found["entry"].append({"fullUrl": addresses[entry["fullUrl"]], "resource": held})
    text = json.dumps(found)
    for old, new in addresses.items():
        text = text.replace(old, new)
    text = text.replace('"Patient/p1"', f'"{base}/Patient/p1"')
    held = json.loads(text)
    assert isinstance(held, dict)
    return held


def test_the_names_of_our_extensions_are_those_of_the_export() -> None:
    assert module.SIGNED_FORM == fhir.SIGNED_FORM
    assert module.SIGNED_VALUE == fhir.SIGNED_VALUE


def test_the_transaction_as_sent_holds() -> None:
    verdict = only(bundle())
    assert verdict.valid
    assert verdict.trust is Trust.TRUSTED
    assert verdict.signed_at == NOW
    assert verdict.covers == "report text, 1 PDF, 2 DICOM objects, 2 measurements"


def test_what_a_server_gives_back_holds() -> None:
    found = as_a_server_gives_it_back()
    assert only(found).valid
    provenance = resource(found, "Provenance")
    address = provenance["target"][0]["reference"]
    provenance["target"][0]["reference"] = f"{address}/_history/1"
    assert only(found).valid


def set_in(kind: str, field: str, value: object) -> Callable[[Json], None]:
    def change(found: Json) -> None:
        resource(found, kind)[field] = value

    return change


def set_data(kind: str, data: bytes) -> Callable[[Json], None]:
    def change(found: Json) -> None:
        form(found, kind)["data"] = base64.b64encode(data).decode()

    return change


def move_elsewhere(found: Json) -> None:
    pdf = form(found, "application/pdf")
    del pdf["data"]
    pdf["url"] = "https://elsewhere.example/other.pdf"


def add_form(found: Json) -> None:
    forms = resource(found, "DiagnosticReport")["presentedForm"]
    forms.append({"contentType": "text/plain", "data": "bm8="})


def change_value(found: Json) -> None:
    resource(found, "Observation")["valueQuantity"]["value"] = 3.0


def add_number(found: Json) -> None:
    first = resource(found, "Observation")
    first["component"] = [{"code": first["code"], "valueQuantity": first["valueQuantity"]}]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (add_number, "a measurement"),
        (set_in("DiagnosticReport", "conclusion", "All clear."), "conclusion"),
        (set_in("DiagnosticReport", "status", "entered-in-error"), "status"),
        (set_in("DiagnosticReport", "subject", {"reference": "Patient/p2"}), "subject"),
        (set_in("DiagnosticReport", "conclusionCode", [{"text": "x"}]), "conclusionCode"),
        (set_in("DiagnosticReport", "text", {"status": "additional", "div": "<div/>"}), "text"),
        (set_in("DiagnosticReport", "identifier", []), "identifier"),
        (set_data("text/html", b"<p>All clear</p>"), "report.html"),
        (set_data("application/pdf", b"%PDF-other"), "report.pdf"),
        (move_elsewhere, "report.pdf"),
        (add_form, "text/plain"),
        (change_value, "a measurement"),
        (set_in("Observation", "code", {"text": "Volume"}), "a measurement"),
    ],
)
def test_what_was_changed_beside_the_signature_is_named(
    change: Callable[[Json], None], what: str
) -> None:
    found = bundle()
    change(found)
    verdict = only(found)
    assert not verdict.valid
    assert verdict.reason.startswith(f"changed after signing: {what}; ")


def test_a_changed_payload_does_not_fit_the_signature() -> None:
    found = bundle()
    set_data("application/fhir+json", signed().payload.replace(b"8.0 mm", b"3.0 mm"))(found)
    verdict = only(found)
    assert not verdict.valid
    assert "does not fit the report" in verdict.reason


def test_data_that_is_no_base64_does_not_fit_either() -> None:
    found = bundle()
    form(found, "application/fhir+json")["data"] = "%%%"
    assert "does not fit the report" in only(found).reason


def test_forms_without_data_and_foreign_observations_say_nothing() -> None:
    found = bundle()
    del form(found, "application/pdf")["data"]
    other: Json = {"resourceType": "Observation", "identifier": [{"value": "other"}]}
    found["entry"] += [{"resource": other}, {"resource": {"resourceType": "Observation"}}]
    assert only(found).valid


def resigned(payload: bytes) -> Json:
    """A bundle whose report carries other signed bytes, signed by the same reader."""
    found = bundle()
    set_data("application/fhir+json", payload)(found)
    jws = detached_jws(payload, reader().signer(), signed_at=NOW)
    signature = resource(found, "Provenance")["signature"][0]
    signature["data"] = base64.b64encode(jws.encode()).decode()
    return found


def test_a_signature_over_something_else_is_not_one_over_the_report() -> None:
    verdict = only(resigned(b"I owe you nothing"))
    assert not verdict.valid
    assert "what was signed is no report" in verdict.reason
    other = json.loads(signed().payload) | {"identifier": [{"value": "another report"}]}
    assert "changed after signing: identifier" in only(resigned(json.dumps(other).encode())).reason


def test_a_report_without_our_extensions_covers_its_text() -> None:
    plain = json.loads(signed().payload)
    del plain["extension"]
    found = resigned(json.dumps(plain).encode())
    del resource(found, "DiagnosticReport")["extension"]
    assert only(found).covers == "report text"


def test_a_signature_about_another_report() -> None:
    found = bundle()
    resource(found, "Provenance")["target"] = [{"reference": "DiagnosticReport/other"}]
    assert "is another than those in this file" in only(found).reason
    found["entry"] = [e for e in found["entry"] if e["resource"]["resourceType"] == "Provenance"]
    verdict = only(found)
    assert not verdict.valid
    assert "is not in this file" in verdict.reason


@pytest.mark.parametrize("data", ["", "%", "AAAA", base64.b64encode(b"\xff").decode(), 7, None])
def test_a_signature_that_cannot_be_read(data: object) -> None:
    found = bundle()
    resource(found, "Provenance")["signature"] = [{"data": data}]
    verdict = only(found)
    assert not verdict.valid
    assert verdict.reason == "the signature cannot be read"


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"{",
        b'{"a":1,"a":2}',
        b'{"resourceType":"Bundle","entry":"x"}',
        b'{"resourceType":"Bundle","entry":[{},{"resource":7},{"resource":{}}]}',
        b'{"entry":[{"resource":{"resourceType":"Provenance","target":[]}}]}',
        b'{"resourceType":"DiagnosticReport"}',
    ],
)
def test_nothing_to_verify(data: bytes) -> None:
    with pytest.raises(NothingToVerify, match=r"report\.json"):
        verify_json(data, "report.json", ())


def test_a_flattened_jws_holds() -> None:
    verdict = only(signed().flattened())
    assert verdict.valid
    assert verdict.covers == "the signed report"


@pytest.mark.parametrize(
    ("part", "value", "reason"),
    [
        ("payload", "e30", "does not fit"),
        ("signature", "AAAA", "does not fit"),
        ("payload", "%", ""),
        ("payload", "A", ""),
        ("signature", "", "not a detached JWS"),
        ("protected", "e30", "no readable certificate"),
    ],
)
def test_a_flattened_jws_that_was_changed(part: str, value: str, reason: str) -> None:
    verdict = only(signed().flattened() | {part: value})
    assert not verdict.valid
    assert reason in verdict.reason
