"""Case → FHIR Task: what a reader's client may change of it, and nothing else (§3.2)."""

import json
from dataclasses import replace

from workstation.errors import BadAnswer
from workstation.model.case import Case, CaseState
from workstation.platform.fhir_values import LOINC, Json, etag, node, nodes, text

_REPORT_TYPE = {
    "coding": [{"system": LOINC, "code": "18748-4", "display": "Diagnostic imaging study"}]
}


def changed_task(raw: str, state: CaseState, *, reason: str = "") -> Json:
    """The Task as received with another status; all else goes back untouched."""
    task = task_of(raw)
    task["status"] = state.value
    task.pop("statusReason", None)
    if reason:
        task["statusReason"] = {"text": reason}
    meta = {k: v for k, v in node(task.get("meta")).items() if k not in _SERVERS_OWN}
    task.pop("meta", None)
    return {**task, "meta": meta} if meta else task


_SERVERS_OWN = frozenset({"versionId", "lastUpdated"})


def task_of(raw: str) -> Json:
    """The Task that a case was made from; BadAnswer when the case does not carry it."""
    try:
        task = json.loads(raw)
    except ValueError as error:
        raise BadAnswer("This case does not carry the platform's own record of it.") from error
    if not isinstance(task, dict) or task.get("resourceType") != "Task":
        raise BadAnswer("This case does not carry the platform's own record of it.")
    return task


def completed_entry(task: Json, report_url: str) -> Json:
    """The transaction entry that completes ``task`` with the report at ``report_url``."""
    done = changed_task(json.dumps(task), CaseState.COMPLETED)
    output = {"type": _REPORT_TYPE, "valueReference": {"reference": report_url}}
    done["output"] = [*nodes(task.get("output")), output]
    name = f"Task/{text(task.get('id'))}"
    return {
        "resource": done,
        "request": {"method": "PUT", "url": name, "ifMatch": etag(task)},
    }


def after_change(case: Case, task: Json) -> Case:
    """The case as the platform answers it after a change of state."""
    return replace(
        case,
        state=CaseState(text(task.get("status"))),
        version=etag(task),
        business_status=text(node(task.get("businessStatus")).get("text"), 200),
        raw_task=json.dumps(task, ensure_ascii=False),
    )
