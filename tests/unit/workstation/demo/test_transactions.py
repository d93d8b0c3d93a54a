"""Transactions: rewriting touches references only; malformed Bundles are refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workstation.demo.fhir_store import FhirStore
from workstation.demo.fhir_write import Writer
from workstation.demo.problems import Problem
from workstation.demo.tokens import Principal
from workstation.demo.transactions import rewritten, run_transaction

URL = "urn:uuid:00000000-0000-0000-0000-000000000001"
ALL = Principal("dr-ito", "PractitionerRole/dr-ito", ("user/*.cruds",))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FhirStore]:
    opened = FhirStore(tmp_path / "records.log")
    yield opened
    opened.close()


def post(resource: dict[str, Any], url: str = "") -> dict[str, Any]:
    request = {"method": "POST", "url": resource["resourceType"]}
    return {"fullUrl": url, "resource": resource, "request": request}


def bundle(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def run(store: FhirStore, body: object, principal: Principal = ALL) -> dict[str, Any]:
    with store.unit() as unit:
        answer = run_transaction(body, Writer(unit, principal, "https://127.0.0.1:1/fhir"))
        unit.commit()
    return answer


def observation(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, **more}


def provenance(target: str) -> dict[str, Any]:
    return {
        "resourceType": "Provenance",
        "target": [{"reference": target}],
        "recorded": "2026-11-24T20:05:00Z",
        "agent": [{"who": {"display": "x"}}],
    }


def test_only_references_are_rewritten() -> None:
    body = {"identifier": [{"value": URL}], "subject": {"reference": URL}, "note": [URL]}
    changed = rewritten(body, {URL: "Patient/7"})
    assert changed == {
        "identifier": [{"value": URL}],
        "subject": {"reference": "Patient/7"},
        "note": [URL],
    }


def test_an_entry_may_refer_to_one_that_follows(store: FhirStore) -> None:
    run(store, bundle(post(provenance(URL)), post(observation(), URL)))
    (signed,), (measured,) = store.each("Provenance"), store.each("Observation")
    assert signed["target"] == [{"reference": f"Observation/{measured['id']}"}]
    assert signed["meta"]["versionId"] == "1"


def test_two_entries_with_the_same_condition_make_one_resource(store: FhirStore) -> None:
    entry = post(observation(identifier=[{"system": "s", "value": "1"}]))
    entry["request"]["ifNoneExist"] = "identifier=s|1"
    answer = run(store, bundle(entry, entry))
    assert [e["response"]["status"][:3] for e in answer["entry"]] == ["201", "200"]
    assert len(store.each("Observation")) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"resourceType": "Bundle", "type": "batch", "entry": []}, 400),
        (bundle(), 400),
        (bundle({"resource": observation()}), 400),
        (bundle(post(observation(), URL), post(observation(), URL)), 400),
        (bundle(post(observation()), post(provenance(URL))), 400),
        (bundle(post({"resourceType": "Observation"})), 422),
        (bundle(post(observation()) | {"request": {"method": "DELETE", "url": "Task/1"}}), 400),
        (bundle(post(observation()) | {"request": {"method": "POST", "url": "../x"}}), 400),
        (bundle(post({"resourceType": "Nothing"})), 404),
        (bundle(post({"resourceType": "Task", "status": "requested", "intent": "order"})), 403),
        ([], 400),
    ],
)
def test_a_refused_transaction_stores_nothing(store: FhirStore, body: object, status: int) -> None:
    with pytest.raises(Problem) as refused:
        run(store, body)
    assert refused.value.status == status
    assert store.each("Observation") == []


def test_one_entry_without_scope_refuses_all(store: FhirStore) -> None:
    only = Principal("dr-ito", "PractitionerRole/dr-ito", ("user/Observation.c",))
    with pytest.raises(Problem) as refused:
        run(store, bundle(post(observation(), URL), post(provenance(URL))), only)
    assert refused.value.status == 403
    assert refused.value.where == "Bundle.entry[1]"
    assert store.each("Observation") == []
