"""Takes a sent report back from the platform with a plain HTTP client, none of it the product's."""

import base64
import hashlib
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import requests

from tests.kit.demo_client import signed_in
from tests.kit.demo_platform import DemoProcess

_MULTIPART = 'multipart/related; type="application/dicom"'


@dataclass(frozen=True, slots=True)
class SentReport:
    """What the platform holds of one report."""

    report: dict[str, Any]
    """The DiagnosticReport."""
    provenance: dict[str, Any]
    pdf: bytes
    signed: bytes
    """The canonical JSON that the Provenance signs."""
    structured: tuple[bytes, ...]
    """The Structured Reports that the DiagnosticReport names, as WADO-RS gives them."""
    differing: tuple[str, ...]
    """Names of files whose SHA-256 is not the one that the DiagnosticReport states."""


def fetch_back(demo: DemoProcess, number: str) -> SentReport:
    """Take ``DiagnosticReport/…`` with all that belongs to it; AssertionError when part is gone."""
    session = signed_in(demo)
    try:
        return _taken(session, demo, number)
    finally:
        session.close()


def _taken(session: requests.Session, demo: DemoProcess, number: str) -> SentReport:
    fhir = demo.ready["fhir"]
    report = _json(session, f"{fhir}/{number}")
    entries = _json(session, f"{fhir}/Provenance", target=number)["entry"]
    forms = {f["contentType"]: base64.b64decode(f["data"]) for f in report["presentedForm"]}
    files = {"report.pdf": forms["application/pdf"]}
    stated = _stated(report)
    objects = [name for name in stated if name != "report.pdf"]
    for name in objects:
        files[name] = _instance(session, demo, name.removeprefix("urn:oid:"))
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    return SentReport(
        report=report,
        provenance=entries[0]["resource"],
        pdf=files["report.pdf"],
        signed=forms["application/fhir+json"],
        structured=tuple(files[name] for name in objects),
        differing=tuple(name for name in files if digests[name] != stated.get(name)),
    )


def _stated(report: dict[str, Any]) -> dict[str, str]:
    """Name and SHA-256 of each file, as the report states them."""
    found = {}
    for extension in report["extension"]:
        parts = {
            part["url"]: next(v for k, v in part.items() if k.startswith("value"))
            for part in extension.get("extension", ())
        }
        if "sha256" in parts:
            found[parts.get("object") or parts["title"]] = parts["sha256"]
    return found


def _instance(session: requests.Session, demo: DemoProcess, uid: str) -> bytes:
    base = demo.ready["dicomweb"]
    (found,) = _json(session, f"{base}/instances", SOPInstanceUID=uid)
    study, series = found["0020000D"]["Value"][0], found["0020000E"]["Value"][0]
    answer = session.get(
        f"{base}/studies/{study}/series/{series}/instances/{uid}",
        headers={"Accept": _MULTIPART},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    head = f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP.clone(cte_type="8bit")).parsebytes(head + answer.content)
    (part,) = message.iter_parts()
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def _json(session: requests.Session, address: str, **query: str) -> Any:
    answer = session.get(address, params=query, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()
