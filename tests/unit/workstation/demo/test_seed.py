"""The demo's cases as a reader finds them in the worklist."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.kit.seeded import NOW
from workstation.demo.seed import SeedCase, phantom_cases

CASES = {c.key: c for c in phantom_cases(NOW)}


def _one(case: SeedCase, kind: str) -> dict[str, Any]:
    return next(r for r in case.resources() if r["resourceType"] == kind)


def test_the_chest_ct_comes_first_and_is_due_in_less_than_an_hour() -> None:
    task = _one(phantom_cases(NOW)[0], "Task")
    assert (task["id"], task["priority"]) == ("case-chest-ct", "stat")
    assert task["restriction"]["period"]["end"] == (NOW + timedelta(minutes=55)).isoformat()


def test_priorities_and_counts() -> None:
    found = {
        key: (_one(case, "Task")["priority"], case.arrived()[0]["numberOfInstances"])
        for key, case in CASES.items()
    }
    assert found == {
        "chest-ct": ("stat", 320),
        "head-ct": ("urgent", 70),
        "pet-ct": ("routine", 208),
        "chest-cr": ("routine", 2),
        "second-opinion": ("routine", 6),
        "expired-consent": ("routine", 1),
    }


def test_every_reference_of_every_case_leads_to_a_resource() -> None:
    for case in CASES.values():
        resources = case.resources()
        known = {f"{r['resourceType']}/{r['id']}" for r in resources}
        assert set(re.findall(r'"reference": "([^"]+)"', json.dumps(resources))) <= known


def test_cases_share_no_ids_but_those_of_the_platform() -> None:
    own = [
        (r["resourceType"], r["id"])
        for case in CASES.values()
        for r in case.resources()
        if r["resourceType"]
        in {"Task", "ServiceRequest", "Patient", "ImagingStudy", "DiagnosticReport", "Consent"}
    ]
    assert len(own) == len(set(own))


def test_the_second_opinion_is_asked_as_one() -> None:
    order = _one(CASES["second-opinion"], "ServiceRequest")
    assert order["reasonCode"][0]["coding"][0]["code"] == "S"
    assert order["orderDetail"][0]["coding"][0]["code"] == "SO"


def test_one_consent_has_run_out_and_the_others_have_not() -> None:
    today = NOW.date().isoformat()
    over = {
        key for key, c in CASES.items() if _one(c, "Consent")["provision"]["period"]["end"] < today
    }
    assert over == {"expired-consent"}


@pytest.mark.parametrize("key", ["chest-ct", "chest-cr"])
def test_priors_bring_a_report_and_their_study(key: str) -> None:
    shown = [i["valueReference"]["display"] for i in _one(CASES[key], "Task")["input"]]
    assert shown == ["current", "prior", "prior report", "consent"]
    assert _one(CASES[key], "DiagnosticReport")["conclusion"]


def test_uids_never_change() -> None:
    again = {c.key: c for c in phantom_cases(NOW + timedelta(days=9))}
    for key, case in CASES.items():
        ours, theirs = case.arrived()[0], again[key].arrived()[0]
        assert ours["identifier"] == theirs["identifier"]
        assert ours["series"] == theirs["series"]


def test_all_uids_are_legal_and_different() -> None:
    uids = [
        u
        for case in CASES.values()
        for r in case.arrived()
        for s in r.get("series", [])
        for u in (s["uid"], *(i["uid"] for i in s["instance"]))
    ]
    assert len(uids) == len(set(uids)) > 590
    assert all(re.fullmatch(r"2\.25\.[1-9][0-9]{1,38}", u) for u in uids)
