"""Checks signed FHIR: does the Provenance's signature hold, and does the report still say so."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509

from reporting.errors import NothingToVerify, SignatureInvalid
from reporting.signing import verify_jws
from reporting.signing.strict_json import BadJson, Json, objects, read_object
from reporting.signing.verdict import Verdict

SIGNED_FORM = "urn:uuid:1d0b4a9e-6a27-4f0b-9f2e-7f5f0a1c2e01"
SIGNED_VALUE = "urn:uuid:1d0b4a9e-6a27-4f0b-9f2e-7f5f0a1c2e02"
"""As in reporting/export/fhir.py, which says what stands under them."""
_SERVERS_OWN = frozenset({"id", "meta", "result", "presentedForm", "implicitRules"})
_SIGNED_JSON = "application/fhir+json"


def verify_json(data: bytes, name: str, roots: Sequence[x509.Certificate]) -> tuple[Verdict, ...]:
    """Check every signature of a FHIR Bundle, or a flattened JWS (RFC 7515 §7.2.2).

    Raises NothingToVerify when there is none.
    """
    try:
        found = read_object(data)
    except BadJson as error:
        raise NothingToVerify(f"{name} cannot be verified: {error}.") from None
    if {"payload", "protected", "signature"} <= found.keys():
        return (_flattened(found, roots),)
    held = [_Held.of(entry) for entry in objects(found.get("entry"))]
    verdicts = [
        _signature(signature, held_one.resource, held, roots)
        for held_one in held
        if held_one.kind == "Provenance"
        for signature in objects(held_one.resource.get("signature"))
    ]
    if not verdicts:
        raise NothingToVerify(f"{name} holds no signed report.")
    return tuple(verdicts)


@dataclass(frozen=True, slots=True)
class _Held:
    """One resource of the bundle with the addresses by which others refer to it."""

    kind: str
    resource: Json
    addresses: frozenset[str]

    @classmethod
    def of(cls, entry: Json) -> "_Held":
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            return cls("", {}, frozenset())
        kind = str(resource.get("resourceType"))
        addresses = {_tail(str(entry.get("fullUrl"))), _tail(f"{kind}/{resource.get('id')}")}
        return cls(kind, resource, frozenset(addresses))


def _flattened(found: Json, roots: Sequence[x509.Certificate]) -> Verdict:
    try:
        signature = verify_jws.take_apart(f"{found['protected']}..{found['signature']}")
        payload = verify_jws.unpadded(str(found["payload"]))
    except (SignatureInvalid, ValueError) as error:
        return verify_jws.broken(str(error) or "the payload is damaged")
    holds = signature.holds_for(payload)
    problem = "" if holds else "the signature does not fit the report"
    return signature.verdict(roots, problem=problem, covers="the signed report" if holds else "")


def _signature(
    stated: Json, provenance: Json, held: Sequence[_Held], roots: Sequence[x509.Certificate]
) -> Verdict:
    try:
        token = base64.b64decode(str(stated.get("data")), validate=True).decode("ascii")
        signature = verify_jws.take_apart(token)
    except (SignatureInvalid, ValueError):
        return verify_jws.broken("the signature cannot be read")
    targets = {_tail(str(t.get("reference"))) for t in objects(provenance.get("target"))}
    reports = [one.resource for one in held if one.kind == "DiagnosticReport"]
    meant = [
        one.resource
        for one in held
        if one.kind == "DiagnosticReport" and not targets.isdisjoint(one.addresses)
    ]
    if not meant:
        missing = "is not in this file" if not reports else "is another than those in this file"
        return signature.verdict(roots, problem=f"the report it is about {missing}", covers="")
    for report in meant:
        for payload in _signed_payloads(report):
            if signature.holds_for(payload):
                return _compared(signature, payload, report, held, roots)
    problem = "the signature does not fit the report"
    return signature.verdict(roots, problem=problem, covers="")


def _signed_payloads(report: Json) -> Iterator[bytes]:
    for form in objects(report.get("presentedForm")):
        if form.get("contentType") == _SIGNED_JSON:
            yield _data(form)


def _compared(
    signature: verify_jws.Signature,
    payload: bytes,
    report: Json,
    held: Sequence[_Held],
    roots: Sequence[x509.Certificate],
) -> Verdict:
    try:
        signed = read_object(payload)
    except BadJson:
        return signature.verdict(roots, problem="what was signed is no report", covers="")
    changed = [
        *_changed_fields(signed, report),
        *_changed_forms(signed, payload, report),
        *_changed_values(signed, held),
    ]
    problem = f"changed after signing: {', '.join(changed)}" if changed else ""
    return signature.verdict(roots, problem=problem, covers=_coverage(signed))


def _changed_fields(signed: Json, report: Json) -> Iterator[str]:
    for field in sorted((signed.keys() | report.keys()) - _SERVERS_OWN):
        if _comparable(signed.get(field)) != _comparable(report.get(field)):
            yield field


def _comparable(value: object) -> object:
    """Give a value with references cut to type and id: servers make them absolute."""
    if isinstance(value, dict):
        return {
            name: _tail(str(item)) if name == "reference" else _comparable(item)
            for name, item in value.items()
        }
    return [_comparable(item) for item in value] if isinstance(value, list) else value


def _changed_forms(signed: Json, payload: bytes, report: Json) -> Iterator[str]:
    """Name forms that are not what was signed; what lies elsewhere (url) cannot be known to be."""
    digests = {hashlib.sha256(payload).hexdigest()}
    digests.update(str(form.get("sha256")) for form in _extensions(signed, SIGNED_FORM))
    readable = [_data(form) for form in objects(signed.get("presentedForm")) if "data" in form]
    digests.update(hashlib.sha256(data).hexdigest() for data in readable)
    for form in objects(report.get("presentedForm")):
        known = "data" in form and hashlib.sha256(_data(form)).hexdigest() in digests
        if not known and ("data" in form or "url" in form):
            yield str(form.get("title") or form.get("contentType"))


def _changed_values(signed: Json, held: Sequence[_Held]) -> Iterator[str]:
    further = (_components(each) for each in _of_kind(signed, SIGNED_VALUE))
    values = {
        str(value.get("tracking")): (value.get("code"), value.get("value"), more)
        for value, more in zip(_extensions(signed, SIGNED_VALUE), further, strict=True)
    }
    for one in held:
        for identifier in objects(one.resource.get("identifier")):
            value = values.get(str(identifier.get("value")))
            if one.kind != "Observation" or value is None:
                continue
            more = [
                (each.get("code"), each.get("valueQuantity"))
                for each in objects(one.resource.get("component"))
            ]
            if value != (one.resource.get("code"), one.resource.get("valueQuantity"), more):
                yield "a measurement"


def _coverage(signed: Json) -> str:
    forms = [str(form.get("contentType")) for form in _extensions(signed, SIGNED_FORM)]
    counts = {
        "PDF": forms.count("application/pdf"),
        "DICOM object": forms.count("application/dicom"),
        "measurement": sum(1 for _ in _extensions(signed, SIGNED_VALUE)),
    }
    told = [f"{n} {what}{'s' if n > 1 else ''}" for what, n in counts.items() if n]
    return ", ".join(["report text", *told])


def _extensions(signed: Json, url: str) -> Iterator[Mapping[str, object]]:
    """Give the parts of each extension of one kind by name."""
    for extension in _of_kind(signed, url):
        yield {
            str(part.get("url")): value
            for part in objects(extension.get("extension"))
            for name, value in part.items()
            if name.startswith("value")
        }


def _of_kind(holder: Json, url: str) -> Iterator[Json]:
    return (each for each in objects(holder.get("extension")) if each.get("url") == url)


def _components(extension: Json) -> list[tuple[object, object]]:
    """Code and value of each further number of a measurement."""
    return [
        (parts.get("code"), parts.get("value")) for parts in _extensions(extension, "component")
    ]


def _data(form: Json) -> bytes:
    try:
        return base64.b64decode(str(form.get("data")), validate=True)
    except ValueError:
        return b""


def _tail(reference: str) -> str:
    """Cut a reference to what stays the same on every server: type and id, or the urn."""
    if reference.startswith("urn:"):
        return reference
    return "/".join(reference.partition("/_history/")[0].split("/")[-2:])
