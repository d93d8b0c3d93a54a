"""Every endpoint × every fault: a stated state, nothing acknowledged lost, exactly one report.

A slice runs with the default tests; the whole matrix with ``make faults`` (R12–R15, S10, S13).
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit.demo_cases import STUDY, tiny_images, write_tiny_case
from tests.kit.demo_platform import DemoProcess, start_demo
from tests.kit.fault_proxy import Toxic
from tests.kit.faulty_line import Line, held, line, outbox_with
from workstation.errors import PlatformError
from workstation.model.case import CaseId
from workstation.platform.auth import Session, sign_in
from workstation.platform.demo_sign_in import answer_as

pytestmark = pytest.mark.timeout(90)

WHOLE = bool(os.environ.get("LIGHTBOX_FAULTS"))


@dataclass(frozen=True)
class Spot:
    """One endpoint on the way of a report or of its images."""

    name: str
    method: str
    path: str


SENDING = (
    Spot("ask", "GET", "/fhir/DiagnosticReport"),
    Spot("case", "GET", "/fhir/Task/"),
    Spot("claim", "PUT", "/fhir/Task/"),
    Spot("archive list", "GET", "/dicomweb/studies"),
    Spot("archive store", "POST", "/dicomweb/studies"),
    Spot("transaction", "POST", "/fhir"),
    Spot("refresh", "POST", "/token"),
)
SIGNING_IN = (
    Spot("smart", "GET", "/fhir/.well-known"),
    Spot("openid", "GET", "/.well-known"),
    Spot("page", "GET", "/authorize"),
    Spot("form", "POST", "/authorize"),
    Spot("token", "POST", "/token"),
    Spot("keys", "GET", "/jwks"),
)
READING = (
    Spot("worklist", "GET", "/fhir/Task"),
    Spot("order", "GET", "/fhir/ServiceRequest"),
    Spot("patient", "GET", "/fhir/Patient"),
    Spot("instances", "GET", f"/dicomweb/studies/{STUDY}/instances"),
    Spot("image", "GET", f"/dicomweb/studies/{STUDY}/series"),
)


def matrix() -> list[tuple[Spot, Toxic, bool, int]]:
    """Endpoint, fault, whether it befalls the request, bytes that pass before it."""
    answers = [(s, t, False, after) for s in SENDING for t in Toxic for after in (0, 300)]
    asked = [(s, t, True, 40) for s in SENDING if s.method != "GET" for t in Toxic]
    return answers + asked


def names(case: tuple[Spot, Toxic, bool, int]) -> str:
    spot, toxic, asking, after = case
    return f"{spot.name}-{toxic}-{'request' if asking else 'answer'}-{after}".replace(" ", "-")


SLICE = {
    "transaction-reset-answer-0",
    "transaction-cut-answer-300",
    "transaction-flip-request-40",
    "transaction-duplicate-request-40",
    "transaction-reorder-request-40",
    "claim-duplicate-request-40",
    "archive-store-cut-request-40",
    "ask-garbage-answer-0",
    "refresh-reset-answer-0",
}
INSIDE = [c for c in matrix() if WHOLE or names(c) in SLICE]
CASES = len(matrix()) + 80


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("faults")
    write_tiny_case(made / "state", cases=CASES if WHOLE else 30)
    return made


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[DemoProcess]:
    running = start_demo(folder, "--unseeded", "--faults")
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def server(demo: DemoProcess, folder: Path) -> Iterator[Line]:
    """A line on which single requests go wrong behind TLS."""
    with line(demo, folder / "state", inside=True) as made:
        yield made


@pytest.fixture(scope="module")
def wire(demo: DemoProcess, folder: Path) -> Iterator[Line]:
    """A line on which encrypted bytes go wrong."""
    with line(demo, folder / "state", inside=False) as made:
        yield made


@pytest.fixture(autouse=True)
def behave(server: Line, wire: Line) -> Iterator[None]:
    yield
    server.proxy.behave()
    wire.proxy.behave()


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Each delivery takes a case of its own."""
    return iter(range(1, CASES))


@pytest.mark.parametrize("case", INSIDE, ids=names)
def test_r12_r13_a_report_arrives_once_whatever_happens_to_one_request(
    server: Line, numbers: Iterator[int], tmp_path: Path, case: tuple[Spot, Toxic, bool, int]
) -> None:
    spot, toxic, asking, after = case
    with outbox_with(tmp_path, server, f"case-{next(numbers)}") as (outbox, report):
        if spot.name == "refresh":
            expire(server)
        before = server.proxy.spoiled
        server.proxy.order(toxic, method=spot.method, path=spot.path, asking=asking, after=after)
        receipt = server.deliver(outbox)
        assert server.proxy.spoiled == before + 1, "the fault met nothing"
        assert outbox.waiting() == 0
        assert receipt.verified
    assert held(server.demo, report) == (1, 1, "1 completed")


@pytest.mark.parametrize("toxic", list(Toxic) if WHOLE else [Toxic.FLIP, Toxic.RESET])
@pytest.mark.parametrize("asking", [False, True], ids=["answer", "request"])
@pytest.mark.parametrize("after", [0, 700, 2500] if WHOLE else [700])
def test_r12_a_report_arrives_once_over_a_bad_line(
    wire: Line, numbers: Iterator[int], tmp_path: Path, toxic: Toxic, asking: bool, after: int
) -> None:
    with outbox_with(tmp_path, wire, f"case-{next(numbers)}") as (outbox, report):
        wire.proxy.order(toxic, asking=asking, after=after, times=3)
        assert wire.deliver(outbox).verified
    assert held(wire.demo, report) == (1, 1, "1 completed")


def expire(faulty: Line) -> None:
    """Let every access token end now."""
    http = faulty.client()
    url = f"{faulty.demo.ready['base']}/demo/faults"
    assert http.request("POST", url, body=b'{"fail": "expire-tokens"}').status == 200
    http.close()


@pytest.mark.parametrize("toxic", list(Toxic) if WHOLE else [Toxic.GARBAGE])
@pytest.mark.parametrize("spot", SIGNING_IN if WHOLE else SIGNING_IN[4:5], ids=lambda s: s.name)
def test_r30_a_sign_in_that_is_disturbed_is_one_or_a_sentence(
    server: Line, spot: Spot, toxic: Toxic
) -> None:
    server.proxy.order(toxic, method=spot.method, path=spot.path)
    http = server.client()
    browser = answer_as("dr-ito", http)
    asked = stated(lambda: sign_in(http, server.settings, browser, stop=lambda: False, seconds=3))
    assert asked is None or (isinstance(asked, Session) and asked.alive)
    http.close()


@pytest.mark.parametrize("toxic", list(Toxic) if WHOLE else [Toxic.FLIP, Toxic.SLOW])
@pytest.mark.parametrize("spot", READING if WHOLE else READING[::4], ids=lambda s: s.name)
@pytest.mark.parametrize("after", [0, 700, 1300] if WHOLE else [1300])
def test_r15_what_is_read_is_true_or_a_sentence(
    server: Line, spot: Spot, toxic: Toxic, after: int
) -> None:
    case = server.platform.case(CaseId("case-1"))
    listed = server.platform.instance_uids(case.study)
    images = {sop for _, sop in listed}
    wanted = next(i for i in sorted(images) if i.endswith(".1"))

    def image() -> list[bytes]:
        rest = frozenset(images - {wanted})
        found = server.platform.fetch_instances(case.study, have=rest, stop=lambda: False)
        return [blob.data for blob in found]

    good = {
        "instances": (lambda: sorted(server.platform.instance_uids(case.study)), sorted(listed)),
        "image": (image, [tiny_images()[0]]),
    }
    work, right = good.get(spot.name, (lambda: server.platform.case(CaseId("case-1")), case))
    if spot.name == "worklist":
        work = lambda: next(  # noqa: E731  # one expression, used once
            c for c in server.platform.assigned_cases().cases if c.id == "case-1"
        )
    before = server.proxy.spoiled
    server.proxy.order(toxic, method=spot.method, path=spot.path, after=after)
    found = stated(work)
    assert server.proxy.spoiled == before + 1, "the fault met nothing"
    assert found is None or found == right


def stated(work: Callable[[], object]) -> object:
    """What ``work`` gives, or None when it ends in one sentence."""
    try:
        return work()
    except PlatformError as error:
        words = str(error)
    assert words.endswith(".")
    assert "\n" not in words
    return None


def test_r13_no_network_for_long_asks_nobody_anything(
    wire: Line, numbers: Iterator[int], tmp_path: Path
) -> None:
    with outbox_with(tmp_path, wire, f"case-{next(numbers)}") as (outbox, report):
        wire.proxy.unplug()
        with pytest.raises(AssertionError, match="not delivered"):
            wire.deliver(outbox)
        assert outbox.waiting() == 1
        wire.proxy.plug()
        assert wire.deliver(outbox).verified
    assert held(wire.demo, report) == (1, 1, "1 completed")
