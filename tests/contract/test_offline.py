"""Read on a train: network gone after the download, restart, sign; then the network is back.

Exactly one report on the platform, or, where the case went to somebody else meanwhile, a conflict
that the reader decides with the signed report kept (platform contract §3.4).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reporting.model.signed import SignedReport
from tests.kit.demo_cases import IMAGES, tiny_images, write_tiny_case
from tests.kit.demo_client import open_session
from tests.kit.demo_platform import DemoProcess, start_demo
from tests.kit.faulty_line import Line, held, line
from tests.kit.signed import signed_report
from tests.kit.vault import open_database
from viewer.model.refs import StudyUid
from workstation.errors import PlatformError
from workstation.model.delivery import EntryState, Failure
from workstation.session.loading import identify
from workstation.store.cases import CaseStore
from workstation.store.outbox import Outbox
from workstation.sync.download import Download
from workstation.sync.engine import attempt

pytestmark = pytest.mark.timeout(90)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("offline")
    write_tiny_case(made / "state", cases=2)
    return made


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[DemoProcess]:
    running = start_demo(folder, "--unseeded", "--faults")
    yield running
    assert running.stop() == 0


@pytest.fixture
def wire(demo: DemoProcess, folder: Path) -> Iterator[Line]:
    with line(demo, folder / "state", inside=False) as made:
        yield made


@dataclass
class Run:
    """One run of the program: what it finds in its store."""

    cases: CaseStore
    outbox: Outbox


@contextmanager
def started(store: Path) -> Iterator[Run]:
    database = open_database(store / "lightbox.db")
    try:
        yield Run(CaseStore(store / "instances", database), Outbox(database, jitter=lambda: 1.0))
    finally:
        database.close()


def yesterday(wire: Line, store: Path, ident: str) -> None:
    """Sign in, take the worklist and the images of a case along; then the network goes."""
    with started(store) as run:
        cases = wire.platform.assigned_cases().cases
        run.cases.remember(cases)
        case = next(c for c in cases if c.id == ident)
        download = Download(wire.platform, run.cases, identify=identify)
        assert download.run(case, lambda _: None, lambda: False) == ()
    wire.proxy.unplug()
    wire.hang_up()


def on_the_train(wire: Line, store: Path, ident: str) -> SignedReport:
    """Start anew without a network: the case, its images and the signature need none."""
    with started(store) as run:
        case = next(c for c in run.cases.remembered() if c.id == ident)
        sops = run.cases.sops(StudyUid(case.study.identity.uid))
        read = []
        for sop in sops:
            with run.cases.open(sop) as image:
                read.append(image.read())
        assert set(read) >= set(tiny_images()[:IMAGES])
        report = signed_report(ident)
        run.outbox.add_signed(report, case)
        with pytest.raises(PlatformError):
            wire.platform.assigned_cases()
        assert run.outbox.waiting() == 1
    return report


def send(run: Run, wire: Line) -> EntryState:
    now = datetime.now(UTC) + timedelta(minutes=6)
    entry = run.outbox.next(now)
    assert entry is not None
    outcome = attempt(wire.platform, entry)
    run.outbox.settle(entry.key, outcome, now)
    return outcome.state if isinstance(outcome, Failure) else EntryState.VERIFIED


def as_platform(demo: DemoProcess, ident: str, **changes: object) -> None:
    session = open_session(demo)
    url = f"{demo.ready['base']}/demo/tasks/{ident}"
    assert session.post(url, data=json.dumps(changes), timeout=10).ok
    session.close()


def test_what_was_read_and_signed_offline_is_on_the_platform_once(
    wire: Line, demo: DemoProcess, tmp_path: Path
) -> None:
    yesterday(wire, tmp_path, "case-1")
    report = on_the_train(wire, tmp_path, "case-1")
    assert held(demo, report.id)[0] == 0
    wire.proxy.plug()
    with started(tmp_path) as run:
        wire.proxy.order("reset", after=3000)  # the network comes back as they do
        wire.deliver(run.outbox)
        assert run.outbox.waiting() == 0
    with started(tmp_path) as run:
        assert run.outbox.next(datetime.now(UTC) + timedelta(days=1)) is None
        receipt = run.outbox.receipt("case-1")
        assert receipt is not None
        assert receipt.verified
    assert held(demo, report.id) == (1, 1, "1 completed")


def test_a_case_that_went_to_somebody_else_meanwhile_is_decided_by_the_reader(
    wire: Line, demo: DemoProcess, tmp_path: Path
) -> None:
    yesterday(wire, tmp_path, "case-2")
    report = on_the_train(wire, tmp_path, "case-2")
    as_platform(demo, "case-2", owner={"reference": "PractitionerRole/dr-okafor"})
    wire.proxy.plug()
    with started(tmp_path) as run:
        assert send(run, wire) is EntryState.CONFLICT
    with started(tmp_path) as run:
        (unsent,) = run.outbox.unsent()
        assert unsent.state is EntryState.CONFLICT
        assert "assigned to somebody else" in unsent.why
        assert run.outbox.signed("case-2") == report
        assert run.outbox.next(datetime.now(UTC) + timedelta(days=1)) is None
        assert held(demo, report.id) == (0, 0, "0 completed")
        run.outbox.send_as_second_opinion(unsent.key)
        assert send(run, wire) is EntryState.VERIFIED
        assert run.outbox.signed("case-2") == report
    assert held(demo, report.id) == (1, 1, "0 completed")
