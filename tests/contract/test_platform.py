"""The platform contract, whole, by the product's own client against the demo platform's process."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reporting.model.signed import SignedReport
from tests.kit.certificates import authority
from tests.kit.demo_cases import IMAGES, PRIOR, SERIES, STUDY, fill, tiny_images, tiny_resources
from tests.kit.demo_platform import DemoProcess, start_demo
from tests.kit.signed import signed_report
from workstation.errors import (
    ClaimLost,
    PatientMismatch,
    Refused,
    SignInFailed,
    SignInNeeded,
    Unreachable,
    WrongCertificate,
)
from workstation.model.case import Case, CaseId, CaseState
from workstation.platform.auth import Session, sign_in
from workstation.platform.demo_sign_in import answer_as
from workstation.platform.fhir_platform import FhirPlatform
from workstation.platform.http import HttpClient, PlatformSettings
from workstation.platform.transport import Patience

pytestmark = pytest.mark.timeout(60)

CASES = 16
QUICK = Patience(connect=2, read=5, total=10, pause=0.01)


@dataclass
class Reading:
    """A signed-in reader on the demo platform, with the platform's levers in hand."""

    demo: DemoProcess
    http: HttpClient
    session: Session
    platform: FhirPlatform

    def order(self, **fault: object) -> None:
        """Order a fault."""
        self._tell("/demo/faults", fault)

    def as_platform(self, case: str, **changes: object) -> None:
        """Change a Task as only the platform may."""
        self._tell(f"/demo/tasks/{case}", changes)

    def stored(self, query: str) -> list[dict[str, Any]]:
        """What a FHIR search finds."""
        token = {"Authorization": f"Bearer {self.session.token()}"}
        reply = self.http.request("GET", f"{self.demo.ready['fhir']}/{query}", headers=token)
        found: Any = reply.json()
        return [entry["resource"] for entry in found.get("entry", [])]

    def case(self, number: int) -> Case:
        """One of the tiny cases as it is now."""
        return self.platform.case(CaseId(f"case-{number}"))

    def _tell(self, path: str, what: object) -> None:
        url = f"{self.demo.ready['base']}{path}"
        reply = self.http.request("POST", url, body=json.dumps(what).encode())
        assert reply.status == 200, reply.body


def settings_of(demo: DemoProcess) -> PlatformSettings:
    return PlatformSettings(demo.ready["fhir"], Path(demo.ca), demo.ready["client_id"])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    folder = tmp_path_factory.mktemp("demo")
    resources = tiny_resources(cases=CASES)
    resources += broken_cases(resources)
    fill(folder / "state", resources, tiny_images())
    running = start_demo(folder, "--unseeded", "--faults")
    yield running
    assert running.stop() == 0


def broken_cases(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A Task about another patient than its study, and one without a study."""
    task = next(r for r in resources if r["resourceType"] == "Task")
    patient = next(r for r in resources if r["resourceType"] == "Patient")
    number = "https://platform.example/id/case"
    return [
        {**patient, "id": "p2", "identifier": [{"value": "P-2"}]},
        {
            **task,
            "id": "mixed",
            "identifier": [{"system": number, "value": "C-MIXED"}],
            "for": {"reference": "Patient/p2"},
        },
        {
            **task,
            "id": "empty",
            "identifier": [{"system": number, "value": "C-EMPTY"}],
            "input": [],
        },
    ]


@pytest.fixture
def reading(demo: DemoProcess) -> Iterator[Reading]:
    settings = settings_of(demo)
    http = HttpClient(settings, patience=QUICK)
    session = sign_in(http, settings, answer_as("dr-ito", http), stop=lambda: False, seconds=10)
    yield Reading(demo, http, session, FhirPlatform(http, settings, session))
    http.request("DELETE", f"{demo.ready['base']}/demo/faults")
    http.close()


def test_reader_is_who_signed_in(reading: Reading) -> None:
    me = reading.platform.reader()
    assert (me.name, me.display) == ("Ito^Keiko^^Dr", "Dr Keiko Ito")
    assert me.fhir_reference == "PractitionerRole/dr-ito"
    assert me.organization == "Night Reads GmbH"
    assert me.registration


def test_worklist_shows_whole_cases_and_says_what_it_cannot_show(reading: Reading) -> None:
    page = reading.platform.assigned_cases()
    numbered = {c.id: c for c in page.cases}
    case = numbered[CaseId("case-1")]
    assert case.number == "C-000123"
    assert case.patient.name == "Müller^Ana"
    assert case.study.identity.uid == STUDY
    assert case.study.instances == IMAGES
    assert case.study.dicomweb == reading.demo.ready["dicomweb"]
    assert [p.identity.uid for p in case.priors] == [PRIOR]
    assert case.blocks == ()
    assert abs(page.clock_offset.total_seconds()) < 3
    mixed, empty = sorted(page.problems, reverse=True)
    assert "C-MIXED" in mixed
    assert "Patient/p2" in mixed
    assert "C-EMPTY" in empty


def test_claim_once_and_never_twice(reading: Reading) -> None:
    case = reading.case(2)
    claimed = reading.platform.claim(case)
    assert claimed.state is CaseState.ACCEPTED
    assert claimed.version != case.version
    with pytest.raises(ClaimLost, match="accepted"):
        reading.platform.claim(case)
    started = reading.platform.set_state(claimed, CaseState.IN_PROGRESS)
    assert reading.case(2).state is CaseState.IN_PROGRESS
    released = reading.platform.set_state(started, CaseState.REQUESTED)
    assert reading.case(2) == released


def test_refusals_carry_the_platforms_words(reading: Reading) -> None:
    case = reading.case(3)
    with pytest.raises(Refused, match="cannot become completed") as caught:
        reading.platform.set_state(case, CaseState.COMPLETED)
    assert caught.value.status == 422
    declined = reading.platform.set_state(case, CaseState.REJECTED, reason="Not my field")
    assert declined.state is CaseState.REJECTED


def fetched(reading: Reading, case: Case, have: frozenset[str] = frozenset()) -> list[str]:
    blobs = reading.platform.fetch_instances(case.study, have=have, stop=lambda: False)
    return [blob.sop for blob in blobs]


def test_images_come_whole_and_only_those_missing(reading: Reading) -> None:
    case = reading.case(1)
    sops = [f"{SERIES}.{index}" for index in range(1, IMAGES + 1)]
    others = {s for _, s in reading.platform.instance_uids(case.study)} - set(sops)
    assert sorted(fetched(reading, case, frozenset(others))) == sops
    assert fetched(reading, case, frozenset(others | set(sops[:2]))) == [sops[2]]
    assert fetched(reading, case, frozenset(others | set(sops))) == []
    blobs = reading.platform.fetch_instances(case.study, have=others, stop=lambda: False)
    assert sorted(b.data for b in blobs) == sorted(tiny_images()[:IMAGES])


@pytest.mark.parametrize("after", [0, 10, 700, 1500])
def test_cut_stream_is_completed_by_instance(reading: Reading, after: int) -> None:
    case = reading.case(1)
    listed = [sop for _, sop in reading.platform.instance_uids(case.study)]
    # The listing is cut as well: it is asked for again.
    for _ in range(2):
        reading.order(fail="cut", path_prefix=f"/dicomweb/studies/{STUDY}", after_bytes=after)
    assert sorted(fetched(reading, case)) == sorted(listed)


def test_duplicates_and_stop(reading: Reading) -> None:
    case = reading.case(1)
    seen: list[str] = []
    for blob in reading.platform.fetch_instances(
        case.study, have=frozenset(), stop=lambda: len(seen) >= 2
    ):
        seen.append(blob.sop)
    assert len(seen) == 2


def ready(reading: Reading, number: int) -> Case:
    claimed = reading.platform.claim(reading.case(number))
    return reading.platform.set_state(claimed, CaseState.IN_PROGRESS)


def of_report(reading: Reading, report: SignedReport) -> tuple[int, int]:
    """How often the platform holds the report, and its signature."""
    found = reading.stored(f"DiagnosticReport?identifier=urn:ietf:rfc:3986|urn:uuid:{report.id}")
    names = [f"DiagnosticReport/{r['id']}" for r in found]
    signed = [len(reading.stored(f"Provenance?target={name}")) for name in names]
    return len(found), sum(signed)


def test_report_is_sent_proved_and_never_doubled(reading: Reading) -> None:
    case, report = ready(reading, 4), signed_report("case-4")
    assert reading.platform.find_report(report.id) is None
    receipt = reading.platform.submit(case, report, key="key-4")
    assert receipt.verified
    assert receipt.sha256 == report.sha256
    assert receipt.report_reference.startswith("DiagnosticReport/")
    assert datetime.fromisoformat(receipt.received_at).tzinfo is not None
    assert reading.platform.submit(case, report, key="key-4") == receipt
    assert reading.platform.find_report(report.id) == receipt
    assert of_report(reading, report) == (1, 1)
    done = reading.case(4)
    assert done.state is CaseState.COMPLETED
    outputs = json.loads(done.raw_task)["output"]
    assert outputs[0]["valueReference"]["reference"] == receipt.report_reference
    held = {s for _, s in reading.platform.instance_uids(case.study)}
    assert len(held) >= IMAGES + 2


def test_case_that_was_only_claimed_is_started_and_completed(reading: Reading) -> None:
    case = reading.platform.claim(reading.case(5))
    assert reading.platform.submit(case, signed_report("case-5"), key="key-5").verified
    assert reading.case(5).state is CaseState.COMPLETED


@pytest.mark.parametrize(("number", "fail"), [(6, "lost-answer"), (7, "cut")])
def test_lost_answer_is_asked_for_instead_of_sending_again(
    reading: Reading, number: int, fail: str
) -> None:
    case, report = ready(reading, number), signed_report(f"case-{number}")
    reading.order(fail=fail, path_prefix="/fhir", method="POST", after_bytes=20)
    receipt = reading.platform.submit(case, report, key=f"key-{number}")
    assert receipt.verified
    assert reading.platform.find_report(report.id) == receipt
    assert of_report(reading, report) == (1, 1)


def test_busy_platform_has_not_taken_the_report(reading: Reading) -> None:
    case, report = ready(reading, 8), signed_report("case-8")
    reading.order(fail="503", path_prefix="/fhir", method="POST")
    with pytest.raises(Unreachable, match="busy"):
        reading.platform.submit(case, report, key="key-8")
    assert reading.platform.find_report(report.id) is None
    assert reading.platform.submit(case, report, key="key-8").verified
    assert of_report(reading, report) == (1, 1)


def test_lost_answer_of_the_archive_stores_nothing_twice(reading: Reading) -> None:
    case, report = ready(reading, 9), signed_report("case-9")
    reading.order(fail="lost-answer", path_prefix="/dicomweb", method="POST")
    with pytest.raises(Unreachable):
        reading.platform.submit(case, report, key="key-9")
    before = len(reading.platform.instance_uids(case.study))
    assert reading.platform.submit(case, report, key="key-9").verified
    assert len(reading.platform.instance_uids(case.study)) == before


def test_report_of_a_reassigned_case_is_not_sent(reading: Reading) -> None:
    case, report = ready(reading, 10), signed_report("case-10")
    reading.platform.assigned_cases()
    reading.as_platform("case-10", owner={"reference": "PractitionerRole/dr-okafor"})
    with pytest.raises(ClaimLost, match="somebody else"):
        reading.platform.submit(case, report, key="key-10")
    assert of_report(reading, report) == (0, 0)
    page = reading.platform.assigned_cases()
    assert [c.id for c in page.left] == ["case-10"]
    assert "case-10" not in {c.id for c in page.cases}
    assert reading.platform.assigned_cases().left == ()


def test_report_of_a_cancelled_case_is_not_sent(reading: Reading) -> None:
    case, report = ready(reading, 11), signed_report("case-11")
    reading.platform.assigned_cases()
    reading.as_platform("case-11", status="cancelled")
    with pytest.raises(ClaimLost, match="cancelled"):
        reading.platform.submit(case, report, key="key-11")
    assert [c.state for c in reading.platform.assigned_cases().left] == [CaseState.CANCELLED]


def test_second_opinion_changes_nothing_of_the_case(reading: Reading) -> None:
    case, report = ready(reading, 15), signed_report("case-15")
    reading.as_platform("case-15", owner={"reference": "PractitionerRole/dr-okafor"})
    with pytest.raises(ClaimLost):
        reading.platform.submit(case, report, key="key-15")
    before = reading.stored("Task?_id=case-15")
    for _ in range(2):
        receipt = reading.platform.submit_second_opinion(case, report, key="key-15b")
        assert receipt.verified
        assert receipt.sha256 == report.sha256
    assert of_report(reading, report) == (1, 1)
    assert reading.stored("Task?_id=case-15") == before
    query = f"DiagnosticReport?identifier=urn:ietf:rfc:3986|urn:uuid:{report.id}"
    (there,) = reading.stored(query)
    assert there["category"][-1]["coding"][0]["code"] == "S"


def test_lost_answer_to_a_second_opinion_doubles_nothing(reading: Reading) -> None:
    case, report = ready(reading, 16), signed_report("case-16")
    reading.as_platform("case-16", status="cancelled")
    reading.order(fail="lost-answer", path_prefix="/fhir", method="POST")
    assert reading.platform.submit_second_opinion(case, report, key="key-16").verified
    assert of_report(reading, report) == (1, 1)


def test_harmless_change_by_the_platform_does_not_stop_the_report(reading: Reading) -> None:
    case = ready(reading, 12)
    reading.as_platform("case-12", businessStatus={"text": "please hurry"})
    assert reading.platform.submit(case, signed_report("case-12"), key="key-12").verified


def test_another_report_under_our_identifier_is_never_replaced(reading: Reading) -> None:
    case, report = ready(reading, 13), signed_report("case-13")
    reading.platform.submit(case, report, key="key-13")
    other = signed_report("case-13", ident=report.id, conclusion="Something else.")
    with pytest.raises(Refused, match="another report"):
        reading.platform.submit(case, other, key="key-13b")
    found = reading.platform.find_report(report.id)
    assert found is not None
    assert found.sha256 == report.sha256


def test_report_about_another_patient_is_not_sent(reading: Reading) -> None:
    case, report = ready(reading, 14), signed_report("case-14", patient="Patient/p2")
    with pytest.raises(PatientMismatch):
        reading.platform.submit(case, report, key="key-14")
    assert of_report(reading, report) == (0, 0)


def test_expired_token_is_renewed_without_a_word(reading: Reading) -> None:
    before = reading.session.token()
    reading.order(fail="expire-tokens")
    assert reading.platform.assigned_cases().cases
    assert reading.session.token() != before
    reading.order(fail="expire-tokens")
    assert len(fetched(reading, reading.case(1))) >= IMAGES


def test_busy_platform_is_asked_again(reading: Reading) -> None:
    reading.order(fail="503", times=2, path_prefix="/fhir/Task")
    assert reading.platform.assigned_cases().cases
    reading.order(fail="503", times=9, path_prefix="/fhir/Task")
    with pytest.raises(Unreachable, match="told to be busy"):
        reading.platform.assigned_cases()


def test_cut_worklist_is_read_again(reading: Reading) -> None:
    reading.order(fail="cut", path_prefix="/fhir/Task", after_bytes=100)
    assert reading.platform.assigned_cases().cases


def test_signed_out_reader_sees_nothing(reading: Reading) -> None:
    token = reading.session.token()
    reading.session.revoke()
    with pytest.raises(SignInNeeded):
        reading.platform.assigned_cases()
    told = {"Authorization": f"Bearer {token}"}
    reply = reading.http.request("GET", f"{reading.demo.ready['fhir']}/Task", headers=told)
    assert reply.status == 401


def test_wrong_authority_sends_nothing(demo: DemoProcess, tmp_path: Path) -> None:
    wrong = replace(settings_of(demo), ca=authority(tmp_path).path)
    http = HttpClient(wrong, patience=QUICK)
    opened: list[str] = []
    with pytest.raises(WrongCertificate, match=r"127\.0\.0\.1"):
        sign_in(http, wrong, opened.append, stop=lambda: False)
    assert opened == []
    http.close()


def test_platform_that_is_gone_is_unreachable(tmp_path: Path) -> None:
    settings = PlatformSettings("https://127.0.0.1:1/fhir", authority(tmp_path).path)
    http = HttpClient(settings, patience=QUICK)
    with pytest.raises(Unreachable):
        sign_in(http, settings, lambda _: None, stop=lambda: False)
    http.close()


def test_stranger_cannot_sign_in(demo: DemoProcess) -> None:
    settings = settings_of(demo)
    http = HttpClient(settings, patience=QUICK)
    stranger = replace(settings, client_id="stranger")
    with pytest.raises(SignInFailed):
        sign_in(http, stranger, answer_as("dr-ito", http), stop=lambda: False, seconds=5)
    http.close()


def test_token_goes_to_no_other_address(reading: Reading) -> None:
    study = reading.case(1).study
    elsewhere = replace(study, dicomweb="https://127.0.0.1:1/dicomweb")
    with pytest.raises(Refused, match="trust"):
        reading.platform.instance_uids(elsewhere)
    with pytest.raises(Refused, match="where the images"):
        reading.platform.instance_uids(replace(study, dicomweb=""))


def test_clock_of_the_platform_counts(demo: DemoProcess) -> None:
    settings = settings_of(demo)

    def late() -> float:
        return datetime.now(UTC).timestamp() + 7200

    http = HttpClient(settings, patience=QUICK, now=late)
    http.request("GET", f"{demo.ready['fhir']}/metadata")
    assert abs(http.clock_offset.total_seconds() + 7200) < 3
    http.close()
