"""Searching: filters, order, pages, includes."""

from typing import Any

import pytest

from workstation.demo.fhir_search import MOST, Search
from workstation.demo.problems import Problem

BASE = "https://127.0.0.1:1/fhir"


def task(number: int, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Task",
        "id": f"t{number}",
        "status": "requested",
        "for": {"reference": f"Patient/p{number % 2}"},
        "meta": {"lastUpdated": f"2026-11-24T20:00:{number:02}Z"},
        **more,
    }


def run(query: list[tuple[str, str]], tasks: list[dict[str, Any]]) -> list[str]:
    return [r["id"] for r in Search("Task", query, BASE).run({"Task": tasks}).matches]


def test_repeated_parameters_and_commas() -> None:
    tasks = [task(1), task(2, status="accepted"), task(3, status="completed")]
    assert run([("status", "requested,accepted")], tasks) == ["t1", "t2"]
    assert run([("status", "requested,accepted"), ("patient", "p1")], tasks) == ["t1"]
    assert run([("status", "")], tasks) == ["t1", "t2", "t3"]


def test_sorting_by_several_keys_and_what_is_missing_first() -> None:
    tasks = [
        task(1, priority="stat", authoredOn="2026-11-24T20:00:00+01:00"),
        task(2, priority="routine", authoredOn="2026-11-24T19:30:00Z"),
        task(3, priority="stat", authoredOn="2026-11-24T18:00:00Z"),
        task(4),
    ]
    assert run([("_sort", "-priority,authored-on")], tasks) == ["t3", "t1", "t2", "t4"]
    assert run([("_sort", "-_lastUpdated")], tasks) == ["t4", "t3", "t2", "t1"]


def test_pages_cover_everything_once() -> None:
    tasks = [task(n) for n in range(7)]
    seen: list[str] = []
    offset: int | None = 0
    while offset is not None:
        query = [("_count", "3"), ("_offset", str(offset))]
        page = Search("Task", query, BASE).run({"Task": tasks})
        seen += [r["id"] for r in page.matches]
        offset = page.next_offset
        assert page.total == 7
    assert seen == [t["id"] for t in tasks]


def test_the_next_address_keeps_the_query() -> None:
    search = Search("Task", [("status", "a|b"), ("_offset", "3")], BASE)
    assert search.address(6) == f"{BASE}/Task?status=a%7Cb&_offset=6"
    assert search.address(0) == f"{BASE}/Task?status=a%7Cb"


def test_a_page_is_never_larger_than_the_most() -> None:
    tasks = [task(n) for n in range(MOST + 1)]
    assert len(run([("_count", "999999")], tasks)) == MOST


def test_includes_come_once_and_only_if_they_exist() -> None:
    tasks = [task(1), task(3), task(2)]
    patients = [{"resourceType": "Patient", "id": "p1"}]
    search = Search("Task", [("_include", "Task:patient")], BASE)
    page = search.run({"Task": tasks, "Patient": patients})
    assert [r["id"] for r in page.included] == ["p1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("colour", "red"),
        ("status:not", "requested"),
        ("_count", "-1"),
        ("_sort", "colour"),
        ("_include", "Task:status"),
        ("_include", "Patient:x"),
        ("_revinclude", "Provenance:target"),
    ],
)
def test_what_it_cannot_do_it_refuses(name: str, value: str) -> None:
    with pytest.raises(Problem) as refused:
        Search("Task", [(name, value)], BASE)
    assert refused.value.status == 400
