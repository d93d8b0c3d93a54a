"""The demo platform as a process: faults on demand, restarts, kills, and its end."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.kit.demo_cases import STUDY, write_tiny_case
from tests.kit.demo_client import Attempt, open_session, signed_in
from tests.kit.demo_platform import DemoProcess, start_demo
from tests.kit.demo_reports import report, submission

pytestmark = pytest.mark.timeout(60)

FHIR_JSON = {"Content-Type": "application/fhir+json"}
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    folder = tmp_path_factory.mktemp("demo")
    write_tiny_case(folder / "state", cases=2)
    running = start_demo(folder, "--unseeded", "--faults")
    yield running
    assert running.stop() == 0


@pytest.fixture
def me(demo: DemoProcess) -> Iterator[requests.Session]:
    with signed_in(demo) as session:
        yield session
        session.delete(f"{demo.ready['base']}/demo/faults")


def order(session: requests.Session, demo: DemoProcess, **fault: Any) -> None:
    answer = session.post(f"{demo.ready['base']}/demo/faults", json=fault)
    assert answer.status_code == 200, answer.text


def test_busy_as_often_as_ordered(demo: DemoProcess, me: requests.Session) -> None:
    order(me, demo, fail="503", times=2, path_prefix="/fhir")
    assert me.get(f"{demo.ready['dicomweb']}/studies").status_code == 200
    answers = [me.get(f"{demo.ready['fhir']}/Task") for _ in range(3)]
    assert [a.status_code for a in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "1"


def test_slow_but_right(demo: DemoProcess, me: requests.Session) -> None:
    order(me, demo, fail="slow", seconds=0.3)
    began = time.monotonic()
    assert me.get(f"{demo.ready['fhir']}/Task").status_code == 200
    assert time.monotonic() - began >= 0.3


def test_a_study_cut_in_the_middle_of_a_part(demo: DemoProcess, me: requests.Session) -> None:
    order(me, demo, fail="cut", path_prefix="/dicomweb", after_bytes=2000)
    answer = me.get(f"{demo.ready['dicomweb']}/studies/{STUDY}", stream=True)
    assert answer.status_code == 200
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        assert answer.content


def test_an_answer_lost_after_the_transaction_was_stored(
    demo: DemoProcess, me: requests.Session
) -> None:
    address = f"{demo.ready['fhir']}/Task/case-1"
    for status in ("accepted", "in-progress"):
        read = me.get(address)
        body = json.dumps(read.json() | {"status": status})
        headers = FHIR_JSON | {"If-Match": read.headers["ETag"]}
        assert me.put(address, data=body, headers=headers).status_code == 200
    task = me.get(address)
    bundle = json.dumps(submission(task.json(), version=task.headers["ETag"]))
    headers = FHIR_JSON | {"Idempotency-Key": "lost"}
    order(me, demo, fail="lost-answer", method="POST")
    with pytest.raises(requests.exceptions.ConnectionError):
        me.post(demo.ready["fhir"], data=bundle, headers=headers)
    assert me.get(address).json()["status"] == "completed"
    assert me.post(demo.ready["fhir"], data=bundle, headers=headers).status_code == 200
    assert me.get(f"{demo.ready['fhir']}/DiagnosticReport").json()["total"] == 1


def test_expired_tokens_can_be_refreshed(demo: DemoProcess) -> None:
    with open_session(demo) as session:
        attempt = Attempt(demo, session)
        tokens = attempt.tokens()
        address = f"{demo.ready['fhir']}/Task"

        def status(token: str) -> int:
            headers = {"Authorization": f"Bearer {token}"}
            return session.get(address, headers=headers).status_code

        order(session, demo, fail="expire-tokens")
        assert status(tokens["access_token"]) == 401
        fresh = attempt.refresh(tokens["refresh_token"]).json()
        assert status(fresh["access_token"]) == 200


def test_the_platform_can_give_a_case_to_somebody_else(
    demo: DemoProcess, me: requests.Session
) -> None:
    address = f"{demo.ready['base']}/demo/tasks/case-2"
    owner = {"owner": {"reference": "PractitionerRole/dr-okafor"}}
    assert me.post(address, json=owner).json()["meta"]["versionId"] == "2"
    mine = me.get(f"{demo.ready['fhir']}/Task?owner=PractitionerRole/dr-ito&_id=case-2").json()
    assert mine["total"] == 0


def test_a_fault_that_does_not_exist_is_refused(demo: DemoProcess, me: requests.Session) -> None:
    answer = me.post(f"{demo.ready['base']}/demo/faults", json={"fail": "explode"})
    assert answer.status_code == 400


def test_it_answers_while_studies_stream(demo: DemoProcess) -> None:
    def load(_: int) -> int:
        with signed_in(demo) as session:
            return len(session.get(f"{demo.ready['dicomweb']}/studies/{STUDY}").content)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(load, range(16)))) == 1


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    write_tiny_case(tmp_path / "state")
    first = start_demo(tmp_path, "--unseeded")
    with signed_in(first) as session:
        address = f"{first.ready['fhir']}/DiagnosticReport"
        made = session.post(address, data=json.dumps(report()), headers=FHIR_JSON)
        assert made.status_code == 201
        first.kill()
    kept = {n: Path(first.ready[n]).read_bytes() for n in ("ca", "pkcs12", "trust")}
    second = start_demo(tmp_path, "--unseeded")
    try:
        assert kept == {n: Path(second.ready[n]).read_bytes() for n in kept}
        with signed_in(second) as session:
            address = f"{second.ready['fhir']}/DiagnosticReport/{made.json()['id']}"
            assert session.get(address).json() == made.json()
            studies = session.get(f"{second.ready['dicomweb']}/studies").json()
            assert len(studies) == 2
            endpoint = session.get(f"{second.ready['fhir']}/Endpoint/pacs").json()
            assert endpoint["address"] == second.ready["dicomweb"]
    finally:
        assert second.stop() == 0


def refusal(state: Path, *options: str) -> str:
    """Start a platform that must not start; gives the one line that it says."""
    command = [sys.executable, "-m", "workstation.demo", "--state", str(state), *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    return line


def test_two_on_one_folder_or_port_are_refused(tmp_path: Path) -> None:
    demo = start_demo(tmp_path, "--unseeded")
    try:
        folder = refusal(tmp_path / "state", "--unseeded")
        number = demo.ready["base"].rpartition(":")[2]
        port = refusal(tmp_path / "other", "--unseeded", "--port", number)
    finally:
        demo.stop()
    assert "already runs on the folder" in folder
    assert port.startswith(f"demo platform: port {number} of 127.0.0.1 cannot be used")


def test_damaged_records_are_said_in_one_line(tmp_path: Path) -> None:
    write_tiny_case(tmp_path / "state")
    log = tmp_path / "state/fhir/records.log"
    log.write_bytes(b"nonsense\n" + log.read_bytes())
    line = refusal(tmp_path / "state", "--unseeded")
    assert line.startswith("demo platform: line 1 of records.log is damaged")


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/notes.txt").write_text("not DICOM")
    line = refusal(tmp_path / "state", "--data", str(tmp_path / "data"))
    assert "no readable DICOM image" in line
    assert "is not a folder" in refusal(tmp_path / "state", "--data", str(tmp_path / "none"))
    (tmp_path / "file").write_text("")
    assert str(tmp_path / "file") in refusal(tmp_path / "file", "--unseeded")


PARENT = """
import os, subprocess, sys, time
command = [sys.executable, "-m", "workstation.demo", "--unseeded", "--parent", str(os.getpid())]
subprocess.Popen([*command, *sys.argv[1:]])
time.sleep(60)
"""


def test_it_ends_with_its_parent(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    options = ["--state", str(tmp_path / "state"), "--ready-file", str(ready)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *options], cwd=ROOT, stdout=quiet, stderr=quiet
    ) as parent:
        try:
            while not ready.exists():
                time.sleep(0.02)
            told = json.loads(ready.read_text())
        finally:
            parent.kill()
    port = int(told["base"].rpartition(":")[2])
    deadline = time.monotonic() + 10
    while accepts(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not accepts(port)


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
