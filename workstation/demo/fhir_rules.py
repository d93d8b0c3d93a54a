"""What the platform refuses to store: broken resources, illegal transitions, a reader's overreach.

The state machine is platform contract §3.2: only what a reader's client may ask for.
"""

from collections.abc import Mapping
from typing import Any

from workstation.demo.fhir_search import PARAMETERS
from workstation.demo.fhir_store import Resource
from workstation.demo.problems import Problem

ARRIVING = "images arriving"
"""How a businessStatus begins that only says how far the images have come."""

TASK_STEPS: Mapping[str, frozenset[str]] = {
    "requested": frozenset({"accepted", "rejected"}),
    "accepted": frozenset({"in-progress", "requested"}),
    "in-progress": frozenset({"on-hold", "completed", "failed", "requested"}),
    "on-hold": frozenset({"in-progress"}),
}

_TASK_STATES = {
    *("draft", "requested", "received", "accepted", "rejected", "ready", "cancelled"),
    *("in-progress", "on-hold", "failed", "completed", "entered-in-error"),
}
_NEED_REASON = {"rejected", "on-hold"}
_PLATFORMS_OWN = ("identifier", "basedOn", "focus", "for", "owner", "requester", "authoredOn")

_BEFORE_FINAL = frozenset({"registered", "partial", "preliminary", "final", "cancelled"})
_AFTER_FINAL = frozenset({"amended", "corrected", "appended", "entered-in-error"})
_REPORT_STEPS: Mapping[str, frozenset[str]] = {
    "registered": _BEFORE_FINAL | {"entered-in-error"},
    "partial": _BEFORE_FINAL - {"registered"} | {"entered-in-error"},
    "preliminary": frozenset({"preliminary", "final", "cancelled", "entered-in-error"}),
    "final": _AFTER_FINAL,
    "amended": _AFTER_FINAL,
    "corrected": _AFTER_FINAL,
    "appended": _AFTER_FINAL,
}
_REPORT_STATES = _BEFORE_FINAL | _AFTER_FINAL | {"unknown"}

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Task": ("status", "intent"),
    "ServiceRequest": ("status", "intent", "subject"),
    "ImagingStudy": ("status", "subject"),
    "DiagnosticReport": ("status", "code"),
    "Observation": ("status", "code"),
    "Communication": ("status",),
    "Provenance": ("target", "recorded", "agent"),
    "AuditEvent": ("type", "recorded", "agent", "source"),
    "Consent": ("status", "scope", "category"),
    "DocumentReference": ("status", "content"),
    "Endpoint": ("status", "connectionType", "payloadType", "address"),
    "Binary": ("contentType",),
}


def check_shape(body: object, kind: str) -> Resource:
    """Give ``body`` as a resource of ``kind`` with what R4 requires; raises Problem 400 or 422."""
    if not isinstance(body, dict) or body.get("resourceType") != kind:
        raise Problem(400, "structure", f"The body is not a FHIR {kind}.")
    for name in _REQUIRED.get(kind, ()):
        if body.get(name) in (None, "", [], {}):
            raise Problem(422, "required", f"{kind}.{name} is missing.", where=f"{kind}.{name}")
    _check_status(body, kind)
    _check_references(body, kind)
    return body


def check_update(old: Resource, new: Resource) -> None:
    """Refuse an update that breaks the contract; raises Problem 422."""
    match new["resourceType"]:
        case "Task":
            _check_task(old, new)
        case "DiagnosticReport":
            _check_report(old, new)
        case _:
            return


def check_owner(task: Resource, reader: str) -> None:
    """Only the reader to whom a case is assigned may change it; raises Problem 403."""
    if task.get("owner", {}).get("reference") != reader:
        sentence = "This case is not assigned to the reader who is signed in."
        raise Problem(403, "forbidden", sentence, where="Task.owner")


def without_arrival(task: Resource) -> Resource:
    """Drop a businessStatus that only said how far the images had come."""
    if str(task.get("businessStatus", {}).get("text", "")).startswith(ARRIVING):
        return {key: value for key, value in task.items() if key != "businessStatus"}
    return task


def _check_status(body: Resource, kind: str) -> None:
    known = {"Task": _TASK_STATES, "DiagnosticReport": _REPORT_STATES}.get(kind)
    if known and body["status"] not in known:
        sentence = f"{kind}.status is none that FHIR R4 knows."
        raise Problem(422, "code-invalid", sentence, where=f"{kind}.status")


def _check_references(node: Any, where: str) -> None:
    if isinstance(node, list):
        for item in node:
            _check_references(item, where)
    elif isinstance(node, dict):
        reference = node.get("reference")
        if isinstance(reference, str) and not _is_reference(reference):
            raise Problem(422, "value", f"A reference in {where} names nothing.", where=where)
        for value in node.values():
            _check_references(value, where)


def _is_reference(text: str) -> bool:
    if text.startswith(("urn:", "https://", "http://", "#")):
        return True
    kind, _, rest = text.partition("/")
    return kind in PARAMETERS and bool(rest)


def _check_task(old: Resource, new: Resource) -> None:
    was, wants = old["status"], new["status"]
    still_open = was in TASK_STEPS
    if wants != was and wants not in TASK_STEPS.get(was, frozenset()):
        sentence = f"A case that is {was} cannot become {wants}."
        raise Problem(422, "business-rule", sentence, where="Task.status")
    if wants == was and not still_open:
        raise Problem(422, "business-rule", f"A case that is {was} cannot change any more.")
    for name in _PLATFORMS_OWN:
        if old.get(name) != new.get(name):
            sentence = f"Task.{name} is the platform's own and cannot be changed by a reader."
            raise Problem(422, "business-rule", sentence, where=f"Task.{name}")
    if wants in _NEED_REASON and not new.get("statusReason"):
        sentence = f"A case that becomes {wants} needs a reason."
        raise Problem(422, "required", sentence, where="Task.statusReason")


def _check_report(old: Resource, new: Resource) -> None:
    was, wants = old["status"], new["status"]
    if wants not in _REPORT_STEPS.get(was, frozenset()):
        sentence = f"A report that is {was} cannot become {wants}."
        raise Problem(422, "business-rule", sentence, where="DiagnosticReport.status")
    for name in ("identifier", "subject"):
        if old.get(name) != new.get(name):
            sentence = f"DiagnosticReport.{name} of a stored report cannot change."
            raise Problem(422, "business-rule", sentence, where=f"DiagnosticReport.{name}")
