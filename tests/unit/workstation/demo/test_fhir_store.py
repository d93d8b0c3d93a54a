"""Records: versions, all or nothing, and what a crash may leave behind."""

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from workstation.demo.fhir_store import Answer, FhirStore, StoreDamagedError

NOW = datetime(2026, 11, 24, 20, 5, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "fhir" / "records.log"


@pytest.fixture
def store(log: Path) -> Iterator[FhirStore]:
    opened = FhirStore(log, lambda: NOW)
    yield opened
    opened.close()


def patient(id_: str = "p1", **more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": id_, **more}


def put(store: FhirStore, *resources: dict[str, Any], answer: Answer | None = None) -> None:
    with store.unit() as unit:
        for resource in resources:
            unit.put(resource)
        unit.commit(answer)


def reopened(log: Path) -> list[dict[str, Any]]:
    store = FhirStore(log)
    try:
        return store.each("Patient")
    finally:
        store.close()


def test_versions_count_up_and_times_never_repeat(store: FhirStore) -> None:
    put(store, patient(), patient(gender="female"))
    put(store, patient(gender="male"))
    history = store.history("Patient", "p1")
    assert [r["meta"]["versionId"] for r in history] == ["1", "2", "3"]
    times = [r["meta"]["lastUpdated"] for r in history]
    assert times == [f"2026-11-24T20:05:00.00{n}Z" for n in range(3)]


def test_what_is_not_committed_is_forgotten(store: FhirStore) -> None:
    with store.unit() as unit:
        unit.put(patient())
        assert unit.newest("Patient", "p1") is not None
    assert store.newest("Patient", "p1") is None


def test_what_is_given_out_by_a_unit_can_be_changed_safely(store: FhirStore) -> None:
    put(store, patient(name=[{"family": "A"}]))
    with store.unit() as unit:
        mine = unit.get("Patient", "p1")
        assert mine is not None
        mine["name"][0]["family"] = "B"
    assert store.each("Patient")[0]["name"][0]["family"] == "A"


def test_everything_is_there_again_after_a_restart(store: FhirStore, log: Path) -> None:
    answer = Answer("dr-ito key", "digest", 200, "{}")
    put(store, patient("ä"), answer=answer)
    again = FhirStore(log)
    assert again.each("Patient") == store.each("Patient")
    assert again.answered("dr-ito key") == answer
    again.close()


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_torn_last_line_is_dropped_whole(store: FhirStore, log: Path, cut: int) -> None:
    put(store, patient("p1"))
    put(store, patient("p2"), patient("p3"))
    data = log.read_bytes()
    log.write_bytes(data[:-cut])
    assert [r["id"] for r in reopened(log)] == ["p1"]
    assert reopened(log) == store.each("Patient")[:1]
    assert log.read_bytes() == data[: data.index(b"\n") + 1]


@pytest.mark.parametrize("at", [3, 80])
def test_damage_before_the_last_line_is_never_passed_over(
    store: FhirStore, log: Path, at: int
) -> None:
    put(store, patient("p1"))
    put(store, patient("p2"))
    data = bytearray(log.read_bytes())
    data[at] ^= 1
    log.write_bytes(data)
    with pytest.raises(StoreDamagedError, match="line 1"):
        FhirStore(log)


def test_a_full_disk_stores_nothing_and_harms_nothing(
    store: FhirStore, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, patient("p1"))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space"):
            put(store, patient("p2"))
    assert store.newest("Patient", "p2") is None
    put(store, patient("p3"))
    assert [r["id"] for r in reopened(log)] == ["p1", "p3"]
