"""The demo platform's FHIR side over real HTTPS: the list of the platform contract §8."""

import json
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from fhir.resources.R4B import get_fhir_model_class

from tests.kit.demo_cases import write_tiny_case
from tests.kit.demo_client import open_session, signed_in
from tests.kit.demo_platform import DemoProcess, start_demo
from tests.kit.demo_reports import Resource, report, report_of, submission

pytestmark = pytest.mark.timeout(30)

FHIR_JSON = {"Content-Type": "application/fhir+json"}
CASES = 12


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    folder = tmp_path_factory.mktemp("demo")
    write_tiny_case(folder / "state", cases=CASES)
    running = start_demo(folder, "--unseeded")
    yield running
    assert running.stop() == 0
    assert "fault" not in running.output.read_text()


@pytest.fixture(scope="module")
def me(demo: DemoProcess) -> Iterator[requests.Session]:
    with signed_in(demo) as session:
        yield session


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return iter(range(1, CASES + 1))


@pytest.fixture
def task(demo: DemoProcess, me: requests.Session, numbers: Iterator[int]) -> str:
    """The address of a case that no other test has touched."""
    return f"{demo.ready['fhir']}/Task/case-{next(numbers)}"


def put(
    session: requests.Session, address: str, body: Resource, match: str | None
) -> requests.Response:
    headers = dict(FHIR_JSON)
    if match:
        headers["If-Match"] = match
    return session.put(address, data=json.dumps(body), headers=headers)


def step(session: requests.Session, address: str, status: str) -> requests.Response:
    read = session.get(address)
    return put(session, address, read.json() | {"status": status}, read.headers["etag"])


def begin(session: requests.Session, address: str) -> tuple[Resource, str]:
    """Claim and start a case; gives it with its version."""
    assert step(session, address, "accepted").status_code == 200
    answer = step(session, address, "in-progress")
    assert answer.status_code == 200
    return answer.json(), answer.headers["etag"]


def submit(
    session: requests.Session, demo: DemoProcess, body: bytes, **headers: str
) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return session.post(demo.ready["fhir"], data=body, headers=FHIR_JSON | named)


def found(session: requests.Session, demo: DemoProcess, made: Resource) -> list[Resource]:
    """Give the reports on the platform with the identifier of ``made``."""
    only = made["identifier"][0]
    answer = session.get(
        f"{demo.ready['fhir']}/DiagnosticReport",
        params={"identifier": f"{only['system']}|{only['value']}"},
    )
    assert answer.status_code == 200
    return [entry["resource"] for entry in answer.json().get("entry", ())]


def reason(answer: requests.Response) -> str:
    body = answer.json()
    get_fhir_model_class("OperationOutcome").model_validate(body)
    assert "Date" in answer.headers
    text: str = body["issue"][0]["diagnostics"]
    return text


def test_without_token_everything_but_discovery_is_refused(demo: DemoProcess) -> None:
    with open_session(demo) as nobody:
        for path in ("/fhir/Task", "/fhir/Task/case-1", "/dicomweb/studies", "/fhir/Nothing"):
            answer = nobody.get(demo.ready["base"] + path)
            assert answer.status_code == 401, path
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert reason(answer)
        for path in ("/fhir/metadata", "/fhir/.well-known/smart-configuration", "/jwks"):
            assert nobody.get(demo.ready["base"] + path).status_code == 200


def test_a_client_that_trusts_another_authority_sends_nothing(demo: DemoProcess) -> None:
    with requests.Session() as stranger:
        stranger.trust_env = False
        with pytest.raises(requests.exceptions.SSLError):
            stranger.get(f"{demo.ready['fhir']}/metadata")


def test_everything_served_is_valid_r4(demo: DemoProcess, me: requests.Session) -> None:
    capabilities = me.get(f"{demo.ready['fhir']}/metadata").json()
    get_fhir_model_class("CapabilityStatement").model_validate(capabilities)
    kinds = {r["type"] for r in capabilities["rest"][0]["resource"]}
    assert {"Task", "ServiceRequest", "ImagingStudy", "DiagnosticReport", "Provenance"} <= kinds
    seen = 0
    for kind in kinds - {"AuditEvent", "Binary"}:
        answer = me.get(f"{demo.ready['fhir']}/{kind}")
        assert answer.status_code == 200, (kind, answer.text)
        get_fhir_model_class("Bundle").model_validate(answer.json())
        seen += answer.json()["total"]
    assert seen > 20


def test_worklist_query_gives_cases_with_order_and_patient(
    demo: DemoProcess, me: requests.Session
) -> None:
    query = {
        "owner": "PractitionerRole/dr-ito",
        "status": "requested,accepted,in-progress,on-hold",
        "_sort": "-priority,authored-on",
        "_count": "50",
        "_include": ["Task:focus", "Task:patient"],
    }
    entries = me.get(f"{demo.ready['fhir']}/Task", params=query).json()["entry"]
    included = {e["resource"]["resourceType"] for e in entries if e["search"]["mode"] == "include"}
    assert included == {"ServiceRequest", "Patient"}
    other = me.get(f"{demo.ready['fhir']}/Task", params={"owner": "PractitionerRole/dr-okafor"})
    assert other.json()["total"] == 0


def test_pages_follow_each_other_without_loss(demo: DemoProcess, me: requests.Session) -> None:
    address: str | None = f"{demo.ready['fhir']}/Task?_count=5&_sort=_id"
    ids, pages = [], 0
    while address:
        bundle = me.get(address).json()
        ids += [e["resource"]["id"] for e in bundle["entry"]]
        pages += 1
        address = next((k["url"] for k in bundle["link"] if k["relation"] == "next"), None)
    assert ids == sorted(f"case-{n}" for n in range(1, CASES + 1))
    assert pages == 3


@pytest.mark.parametrize(
    ("query", "status"),
    [("colour=red", 400), ("_count=x", 400), ("_lastUpdated=yesterday", 400), ("_id=none", 200)],
)
def test_a_search_that_cannot_be_done_is_refused(
    demo: DemoProcess, me: requests.Session, query: str, status: int
) -> None:
    answer = me.get(f"{demo.ready['fhir']}/Task?{query}")
    assert answer.status_code == status
    assert status == 200 or reason(answer)


def test_claim_needs_the_version_that_was_read(me: requests.Session, task: str) -> None:
    read = me.get(task)
    claim = read.json() | {"status": "accepted"}
    assert read.headers["ETag"] == 'W/"1"'
    assert put(me, task, claim, None).status_code == 428
    first = put(me, task, claim, 'W/"1"')
    assert (first.status_code, first.headers["ETag"]) == (200, 'W/"2"')
    again = put(me, task, claim, 'W/"1"')
    assert again.status_code == 412
    assert "version 2" in reason(again)
    illegal = put(me, task, claim | {"status": "completed"}, 'W/"2"')
    assert illegal.status_code == 422
    assert "accepted cannot become completed" in reason(illegal)
    history = me.get(f"{task}/_history").json()
    get_fhir_model_class("Bundle").model_validate(history)
    assert [e["resource"]["status"] for e in history["entry"]] == ["accepted", "requested"]
    assert me.get(f"{task}/_history/1").json()["status"] == "requested"


def test_of_two_claims_at_once_one_wins(demo: DemoProcess, task: str) -> None:
    def claim(session: requests.Session) -> int:
        body = session.get(task).json() | {"status": "accepted"}
        return put(session, task, body, 'W/"1"').status_code

    with signed_in(demo) as one, signed_in(demo) as two, ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(claim, (one, two))) == [200, 412]


def test_a_case_of_another_reader_cannot_be_changed(demo: DemoProcess, task: str) -> None:
    with signed_in(demo, "dr-okafor") as other:
        answer = step(other, task, "accepted")
    assert answer.status_code == 403
    assert "not assigned" in reason(answer)


@pytest.mark.parametrize("name", ["owner", "for", "focus", "identifier"])
def test_what_is_the_platforms_own_stays(
    demo: DemoProcess, me: requests.Session, name: str
) -> None:
    address = f"{demo.ready['fhir']}/Task/case-{CASES}"
    read = me.get(address)
    changed = read.json() | {name: {"reference": "PractitionerRole/er-doc"}}
    answer = put(me, address, changed, read.headers["etag"])
    assert answer.status_code == 422
    assert f"Task.{name}" in reason(answer)


def test_rejecting_and_holding_need_a_reason(me: requests.Session, task: str) -> None:
    assert step(me, task, "rejected").status_code == 422
    begin(me, task)
    assert step(me, task, "on-hold").status_code == 422
    read = me.get(task)
    held = read.json() | {"status": "on-hold", "statusReason": {"text": "Prior is missing"}}
    assert put(me, task, held, read.headers["etag"]).status_code == 200


def test_scopes_are_checked(demo: DemoProcess) -> None:
    with signed_in(demo, scope="openid fhirUser user/Task.rs") as reader:
        fhir = demo.ready["fhir"]
        assert reader.get(f"{fhir}/Task/case-1").status_code == 200
        assert reader.get(f"{fhir}/DiagnosticReport").status_code == 403
        assert reader.get(f"{demo.ready['dicomweb']}/studies").status_code == 403
        answer = step(reader, f"{fhir}/Task/case-1", "accepted")
        assert answer.status_code == 403
        assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
        bundle = reader.get(f"{fhir}/Task?_include=Task:patient").json()
        assert {e["resource"]["resourceType"] for e in bundle["entry"]} == {"Task"}


def test_transaction_on_a_stale_case_stores_nothing(
    demo: DemoProcess, me: requests.Session, task: str
) -> None:
    body, _ = begin(me, task)
    bundle = submission(body, version='W/"1"')
    answer = submit(me, demo, json.dumps(bundle).encode())
    assert answer.status_code == 412
    assert answer.json()["issue"][0]["expression"] == ["Bundle.entry[4]"]
    assert found(me, demo, report_of(bundle)) == []


def test_transaction_stores_all_and_rewrites_references(
    demo: DemoProcess, me: requests.Session, task: str
) -> None:
    body, version = begin(me, task)
    bundle = submission(body, version=version)
    sent = json.dumps(bundle).encode()
    answer = submit(me, demo, sent)
    assert answer.status_code == 200
    get_fhir_model_class("Bundle").model_validate(answer.json())
    responses = [e["response"] for e in answer.json()["entry"]]
    assert [r["status"][:3] for r in responses] == ["201", "201", "201", "201", "200"]
    (stored,) = found(me, demo, report_of(bundle))
    name = f"DiagnosticReport/{stored['id']}"
    assert responses[1]["location"] == f"{name}/_history/1"
    assert stored["result"][0]["reference"].startswith("Observation/")
    assert stored["identifier"] == report_of(bundle)["identifier"]
    finished = me.get(task).json()
    assert finished["status"] == "completed"
    assert finished["output"][0]["valueReference"]["reference"] == name
    signed = me.get(f"{demo.ready['fhir']}/Provenance", params={"target": name}).json()
    assert signed["total"] == 1
    again = submit(me, demo, sent)
    assert again.status_code == 412
    assert len(found(me, demo, report_of(bundle))) == 1


def test_resend_with_the_same_key_gives_the_same_answer(
    demo: DemoProcess, me: requests.Session, task: str
) -> None:
    body, version = begin(me, task)
    bundle = submission(body, version=version)
    sent = json.dumps(bundle).encode()
    digest = f"sha-256=:{b64encode(sha256(sent).digest()).decode()}:"
    first = submit(me, demo, sent, Idempotency_Key="key-1", Content_Digest=digest)
    again = submit(me, demo, sent, Idempotency_Key="key-1", Content_Digest=digest)
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert len(found(me, demo, report_of(bundle))) == 1
    other = submit(me, demo, sent + b" ", Idempotency_Key="key-1")
    assert other.status_code == 422


def test_addendum_is_a_new_version_and_final_never_goes_back(
    demo: DemoProcess, me: requests.Session
) -> None:
    fhir = demo.ready["fhir"]
    made = me.post(f"{fhir}/DiagnosticReport", data=json.dumps(report()), headers=FHIR_JSON)
    assert made.status_code == 201
    address, stored = f"{fhir}/DiagnosticReport/{made.json()['id']}", made.json()
    assert made.headers["Location"] == f"{address}/_history/1"
    appended = stored | {"status": "appended", "conclusion": "Addendum: unchanged."}
    assert put(me, address, appended, 'W/"1"').status_code == 200
    back = put(me, address, appended | {"status": "preliminary"}, 'W/"2"')
    assert back.status_code == 422
    assert "appended cannot become preliminary" in reason(back)
    moved = put(me, address, appended | {"subject": {"reference": "Patient/p2"}}, 'W/"2"')
    assert moved.status_code == 422


def test_an_official_report_needs_a_licence_for_the_place(demo: DemoProcess) -> None:
    with signed_in(demo, "dr-okafor") as other:
        address = f"{demo.ready['fhir']}/DiagnosticReport"
        final = other.post(address, data=json.dumps(report()), headers=FHIR_JSON)
        assert final.status_code == 422
        assert "no active licence for DE-BE" in reason(final)
        draft = other.post(address, data=json.dumps(report("preliminary")), headers=FHIR_JSON)
        assert draft.status_code == 201


def test_conditional_create_finds_what_is_there(demo: DemoProcess, me: requests.Session) -> None:
    body = report("preliminary")
    only = body["identifier"][0]
    headers = FHIR_JSON | {"If-None-Exist": f"identifier={only['system']}|{only['value']}"}
    address = f"{demo.ready['fhir']}/DiagnosticReport"
    first = me.post(address, data=json.dumps(body), headers=headers)
    second = me.post(address, data=json.dumps(body), headers=headers)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b'{"resourceType":"DiagnosticReport","status":"final","status":"final"}', {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"resourceType":"Observation"}', {}, 400),
        (b'{"resourceType":"DiagnosticReport","status":"final"}', {}, 422),
        (b'{"resourceType":"DiagnosticReport","status":"done","code":{"text":"x"}}', {}, 422),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b"{}", {"Content-Digest": "sha-256=:AAAA:"}, 400),
    ],
)
def test_broken_bodies_are_refused(
    demo: DemoProcess, me: requests.Session, body: bytes, headers: dict[str, str], status: int
) -> None:
    address = f"{demo.ready['fhir']}/DiagnosticReport"
    answer = me.post(address, data=body, headers=FHIR_JSON | headers)
    assert answer.status_code == status
    assert reason(answer)


def test_a_body_cut_short_stores_nothing(demo: DemoProcess, me: requests.Session) -> None:
    made = report()
    body = json.dumps(made).encode()
    place = urlsplit(demo.ready["fhir"])
    head = (
        f"POST {place.path}/DiagnosticReport HTTP/1.1\r\nHost: {place.netloc}\r\n"
        f"Authorization: {me.headers['Authorization']!s}\r\n"
        f"Content-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    context = ssl.create_default_context(cafile=demo.ca)
    with (
        socket.create_connection(("127.0.0.1", place.port or 0)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as tls,
    ):
        tls.sendall(head + body[:-1])
    assert found(me, demo, made) == []


def test_audit_events_and_binaries_are_kept(demo: DemoProcess, me: requests.Session) -> None:
    coding = {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"}
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "type": coding,
        "recorded": "2026-11-24T20:05:00Z",
        "agent": [{"requestor": True}],
        "source": {"observer": {"display": "workstation"}},
    }
    fhir = demo.ready["fhir"]
    sent = me.post(f"{fhir}/AuditEvent", data=json.dumps(event), headers=FHIR_JSON)
    assert sent.status_code == 201
    assert me.get(f"{fhir}/AuditEvent").status_code == 403
    raw = me.post(f"{fhir}/Binary", data=b"%PDF-x", headers={"Content-Type": "application/pdf"})
    address = f"{fhir}/Binary/{raw.json()['id']}"
    back = me.get(address, headers={"Accept": "application/pdf"})
    assert (back.content, back.headers["Content-Type"]) == (b"%PDF-x", "application/pdf")
    as_json = me.get(address, headers={"Accept": "application/fhir+json"}).json()
    assert b64decode(as_json["data"]) == b"%PDF-x"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "/fhir/Task/case-1", 405),
        ("GET", "/fhir/Task/none", 404),
        ("GET", "/fhir/Nothing/1", 404),
        ("GET", "/elsewhere", 404),
        ("POST", "/demo/faults", 404),
        ("PUT", "/fhir/DiagnosticReport/none", 400),
    ],
)
def test_what_is_not_there_is_said_so(
    demo: DemoProcess, me: requests.Session, method: str, path: str, status: int
) -> None:
    body = {"resourceType": "Patient"}
    answer = me.request(method, demo.ready["base"] + path, json=body)
    assert answer.status_code == status
    assert reason(answer)
