"""SignedReport → FHIR transaction, and the platform's copy of it → Receipt (§3.3)."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping

from workstation.errors import BadAnswer, ClaimLost, PlatformError, Refused, Unreachable
from workstation.platform.client import Receipt
from workstation.platform.faults import outcome_of, plain
from workstation.platform.fhir_text import attachment_bytes
from workstation.platform.fhir_values import (
    URI,
    V2,
    Json,
    identifier,
    node,
    nodes,
    own_name,
    text,
)

PAYLOAD_TYPE = "application/fhir+json"
_SECOND_OPINION = {"coding": [{"system": f"{V2}0336", "code": "S", "display": "Second Opinion"}]}


def report_entry(bundle: Mapping[str, object]) -> Json:
    """The DiagnosticReport entry of a signed report; BadAnswer when there is not exactly one."""
    found = [
        e
        for e in nodes(bundle.get("entry"))
        if node(e.get("resource")).get("resourceType") == "DiagnosticReport"
    ]
    if len(found) != 1:
        raise BadAnswer("The signed report does not hold exactly one DiagnosticReport.")
    return found[0]


def report_identifier(report: Json) -> str:
    """The report's own identifier: ``urn:uuid:...``."""
    return text(identifier(report, system=URI).get("value"), 200)


def transaction(bundle: Mapping[str, object], further: Iterable[Json]) -> bytes:
    """The bytes to POST: the signed report's entries and ``further`` ones, all or nothing."""
    entries = [*nodes(bundle.get("entry")), *further]
    whole = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    # Sorted: the same report makes the same bytes, as its Idempotency-Key promises.
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def as_second_opinion(bundle: Mapping[str, object]) -> Json:
    """The same report, marked as a second opinion; what was signed is in it byte for byte."""
    return {**bundle, "entry": [_marked(entry) for entry in nodes(bundle.get("entry"))]}


def _marked(entry: Json) -> Json:
    resource = node(entry.get("resource"))
    if resource.get("resourceType") != "DiagnosticReport":
        return entry
    category = [*nodes(resource.get("category")), _SECOND_OPINION]
    return {**entry, "resource": {**resource, "category": category}}


def check_entries(sent: bytes, answer: Json) -> None:
    """Check every entry's own status: 200 on the whole proves nothing (§3.3 rule 3)."""
    asked = nodes(json.loads(sent)["entry"])
    answers = [node(e.get("response")) for e in nodes(answer.get("entry"))]
    if len(answers) != len(asked):
        raise BadAnswer("The platform did not answer every part of the report.")
    for entry, response in zip(asked, answers, strict=True):
        status = text(response.get("status"))[:3]
        if not status.startswith("2"):
            raise _refused_part(entry, response, status)


def _refused_part(entry: Json, response: Json, status: str) -> PlatformError:
    kind = text(node(entry.get("resource")).get("resourceType"), 40)
    why = outcome_of(node(response.get("outcome")))
    if kind == "Task" and status in {"409", "412"}:
        return ClaimLost("The case changed on the platform while its report was being sent.")
    told = f": {why}" if why else "."
    number = int(status) if status.isdigit() else 0
    if number >= 500:
        return Unreachable(f"The platform could not store the {kind} of the report now{told}")
    return Refused(f"The platform did not store the {kind} of the report{told}", status=number)


def receipt_of(report: Json, payload: bytes, *, verified: bool) -> Receipt:
    """Proof from the platform's copy of the report and the signed payload that it gives back."""
    meta = node(report.get("meta"))
    return Receipt(
        report_reference=own_name(report),
        version=plain(meta.get("versionId"), 64),
        received_at=plain(meta.get("lastUpdated"), 40),
        sha256=hashlib.sha256(payload).hexdigest() if payload else "",
        verified=verified,
    )


def signed_forms(report: Json) -> Iterator[Json]:
    """The presented forms that may hold the signed payload, best first."""
    forms = [
        f
        for f in nodes(report.get("presentedForm"))
        if text(f.get("contentType")).partition(";")[0].strip() == PAYLOAD_TYPE
    ]
    yield from sorted(forms, key=lambda f: f.get("title") != "signed-report.json")


def inline(form: Json) -> bytes:
    """The bytes that a form carries itself."""
    return attachment_bytes(form)


def is_about(payload: bytes, wanted: str) -> bool:
    """Whether the signed payload is of the report with this identifier."""
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and report_identifier(found) == wanted
