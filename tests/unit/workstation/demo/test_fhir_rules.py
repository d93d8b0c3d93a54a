"""The state machine of platform contract §3.2 and §3.3, pair by pair."""

from itertools import product
from typing import Any

import pytest

from workstation.demo.fhir_rules import check_shape, check_update, without_arrival
from workstation.demo.problems import Problem

STATES = (
    *("requested", "accepted", "rejected", "cancelled", "in-progress"),
    *("on-hold", "completed", "failed"),
)
ALLOWED = {
    ("requested", "accepted"),
    ("requested", "rejected"),
    ("accepted", "in-progress"),
    ("accepted", "requested"),
    ("in-progress", "on-hold"),
    ("in-progress", "completed"),
    ("in-progress", "failed"),
    ("in-progress", "requested"),
    ("on-hold", "in-progress"),
    # no step, but a changed businessStatus while the case is open
    ("requested", "requested"),
    ("accepted", "accepted"),
    ("in-progress", "in-progress"),
    ("on-hold", "on-hold"),
}
REPORT_STATES = ("preliminary", "final", "appended", "corrected", "amended", "entered-in-error")
BEGUN = {"preliminary"}
ENDED = {"entered-in-error"}


def accepted(kind: str, was: str, wants: str) -> bool:
    old: dict[str, Any] = {"resourceType": kind, "status": was, "statusReason": {"text": "x"}}
    try:
        check_update(old, old | {"status": wants})
    except Problem as problem:
        return problem.status != 422
    return True


@pytest.mark.parametrize(("was", "wants"), list(product(STATES, STATES)))
def test_task_steps(was: str, wants: str) -> None:
    assert accepted("Task", was, wants) is ((was, wants) in ALLOWED)


@pytest.mark.parametrize(("was", "wants"), list(product(REPORT_STATES, REPORT_STATES)))
def test_report_steps(was: str, wants: str) -> None:
    if was in ENDED:
        expected = False
    elif was in BEGUN:
        expected = wants in {"preliminary", "final", "entered-in-error"}
    else:
        expected = wants not in {"preliminary", "final"}
    assert accepted("DiagnosticReport", was, wants) is expected


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "finished"},
        {"status": None},
        {"subject": {"reference": "nothing"}},
        {"subject": {"reference": "Unknown/1"}},
        {"result": [{"deep": {"reference": "Patient"}}]},
    ],
)
def test_broken_resources_are_refused(changed: dict[str, Any]) -> None:
    good: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "status": "final",
        "code": {"text": "CT"},
        "subject": {"reference": "Patient/p1"},
    }
    assert check_shape(good, "DiagnosticReport") == good
    with pytest.raises(Problem) as refused:
        check_shape(good | changed, "DiagnosticReport")
    assert refused.value.status == 422


@pytest.mark.parametrize("body", [[], None, "text", {"resourceType": "Patient"}])
def test_another_kind_of_body_is_refused(body: object) -> None:
    with pytest.raises(Problem) as refused:
        check_shape(body, "Task")
    assert refused.value.status == 400


def test_only_the_arrival_is_dropped_from_the_business_status() -> None:
    arriving = {"id": "t", "businessStatus": {"text": "images arriving (3 of 9)"}}
    sent = {"id": "t", "businessStatus": {"text": "preliminary sent"}}
    assert without_arrival(arriving) == {"id": "t"}
    assert without_arrival(sent) == sent
