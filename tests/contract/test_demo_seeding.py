"""Seeding: images arrive from a process behind, and nothing that was changed is seeded anew."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.kit.demo_cases import ct_slice
from tests.kit.demo_client import signed_in
from tests.kit.demo_platform import start_demo
from tests.kit.demo_seeds import one_broken_seed, two_seeds
from workstation.demo.arrivals import Arrivals
from workstation.demo.fhir_store import FhirStore
from workstation.demo.image_folder import ImageFolder
from workstation.demo.seeding import Cases, Seeding

pytestmark = pytest.mark.timeout(60)

DICOMWEB = "https://127.0.0.1:1/dicomweb"


class Platform:
    """What one start of the platform has, without its network."""

    def __init__(self, state: Path, load: Cases) -> None:
        self.store = FhirStore(state / "records.log")
        self.images = ImageFolder(state / "images")
        self.arrivals = Arrivals()
        self.lines: list[str] = []
        self.seeding = Seeding(
            store=self.store,
            images=self.images,
            arrivals=self.arrivals,
            folder=state / "images",
            dicomweb=DICOMWEB,
            say=self.lines.append,
            load=load,
        )

    def seed(self, *, until: Callable[[], bool]) -> None:
        self.seeding.put_resources()
        self.seeding.start()
        deadline = time.monotonic() + 30
        while not until() and time.monotonic() < deadline:
            time.sleep(0.01)

    def status_of(self, task: str) -> str:
        stored = self.store.newest("Task", task)
        assert stored is not None
        text: str = self.arrivals.show(stored).get("businessStatus", {}).get("text", "")
        return text

    def close(self) -> None:
        self.seeding.stop()
        self.store.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[Cases], Platform]]:
    running: list[Platform] = []

    def begin(load: Cases) -> Platform:
        running.append(Platform(tmp_path, load))
        return running[-1]

    yield begin
    for platform in running:
        platform.close()


def test_cases_are_there_at_once_and_their_images_later(
    start: Callable[[Cases], Platform],
) -> None:
    platform = start(two_seeds)
    platform.seeding.put_resources()
    assert platform.status_of("case-first") == "images arriving (0 of 3)"
    endpoint = platform.store.newest("Endpoint", "pacs")
    assert endpoint is not None
    assert endpoint["address"] == DICOMWEB
    platform.seed(until=lambda: "Ready: CT second" in platform.lines)
    assert platform.lines[0] == "Preparing CT first: 1 of 3 images"
    assert platform.lines.index("Ready: CT first") < platform.lines.index("Ready: CT second")
    assert platform.status_of("case-first") == platform.status_of("case-second") == ""
    assert len(platform.images.find("2.25.7003")) == 3
    study = platform.store.newest("ImagingStudy", "study-first")
    assert study is not None
    assert study["numberOfInstances"] == 3
    task = platform.store.newest("Task", "case-first")
    assert task is not None
    assert task["meta"]["versionId"] == "1"


def test_a_second_start_seeds_nothing_and_keeps_what_was_changed(
    start: Callable[[Cases], Platform],
) -> None:
    first = start(two_seeds)
    first.seed(until=lambda: "Ready: CT second" in first.lines)
    with first.store.unit() as unit:
        task = unit.get("Task", "case-first")
        assert task is not None
        unit.put(task | {"status": "accepted"})
        unit.commit()
    first.close()
    second = start(two_seeds)
    second.seed(until=lambda: True)
    assert second.lines == []
    kept = second.store.newest("Task", "case-first")
    assert kept is not None
    assert (kept["status"], kept["meta"]["versionId"]) == ("accepted", "2")
    assert len(second.images.find("2.25.7003")) == 3
    assert len(second.store.history("ImagingStudy", "study-first")) == 2


def test_a_case_that_fails_says_so_and_the_next_one_comes(
    start: Callable[[Cases], Platform],
) -> None:
    platform = start(one_broken_seed)
    platform.seed(until=lambda: "Ready: CT good" in platform.lines)
    assert "The images of CT broken could not be prepared." in platform.lines
    assert platform.status_of("case-broken") == "images arriving: failed"
    assert platform.status_of("case-good") == ""
    assert platform.images.find("2.25.7004") == []


def test_a_folder_of_files_becomes_a_case(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for index in range(1, 4):
        (data / f"{index}.dcm").write_bytes(ct_slice(index))
    (data / "notes.txt").write_text("not DICOM")
    demo = start_demo(tmp_path, "--data", str(data))
    try:
        with signed_in(demo) as session:
            deadline = time.monotonic() + 30
            while "Ready:" not in demo.output.read_text() and time.monotonic() < deadline:
                time.sleep(0.05)
            bundle = session.get(f"{demo.ready['fhir']}/Task?owner=dr-ito").json()
            (entry,) = bundle["entry"]
            assert "businessStatus" not in entry["resource"]
            studies = session.get(f"{demo.ready['fhir']}/ImagingStudy").json()["entry"]
            assert studies[0]["resource"]["numberOfInstances"] == 3
            found = session.get(f"{demo.ready['dicomweb']}/instances").json()
            assert len(found) == 3
    finally:
        assert demo.stop() == 0
    assert "Preparing" in demo.output.read_text()
