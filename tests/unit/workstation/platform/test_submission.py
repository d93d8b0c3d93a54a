"""Sending a report to platforms that keep fewer promises than the demo platform does."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from reporting.model.signed import SignedReport
from tests.kit.fhir import Records
from tests.kit.scripted_server import Answer, Asked, ScriptedServer, as_json, scripted
from tests.kit.signed import signed_report
from workstation.errors import BadAnswer, ClaimLost, Refused, UserFacingError
from workstation.model.case import Case
from workstation.platform.api import Api
from workstation.platform.dicom_file import sop_instance_uid
from workstation.platform.fhir_case import case as case_of
from workstation.platform.http import HttpClient, PlatformSettings
from workstation.platform.multipart import MultipartReader, boundary_of
from workstation.platform.submission import Submission
from workstation.platform.tasks import Tasks


@dataclass
class LoosePlatform:
    """200 on every transaction, no rollback, each entry for itself, as some FHIR servers are."""

    task: dict[str, Any]
    reports: list[dict[str, Any]] = field(default_factory=list)
    provenances: list[dict[str, Any]] = field(default_factory=list)
    instances: set[str] = field(default_factory=set)
    refusing: dict[str, str] = field(default_factory=dict)
    """Resource type → status, once."""
    spoiled: bool = False
    """Give back another payload than was sent."""
    deaf: bool = False
    """Store nothing by STOW, and say so in HTML."""

    def script(self, asked: Asked) -> Answer:
        """Answer one request."""
        if asked.path.startswith("/dicomweb"):
            return self._archive(asked)
        match asked.method, asked.path:
            case "GET", "/fhir/Task/case-1":
                return as_json(self.task)
            case "PUT", "/fhir/Task/case-1":
                return as_json(self._put_task(json.loads(asked.body)))
            case "GET", "/fhir/DiagnosticReport":
                return as_json(bundle(self.reports))
            case "GET", "/fhir/Provenance":
                return as_json(bundle(self.provenances))
            case "POST", "/fhir":
                entries = json.loads(asked.body)["entry"]
                return as_json({"entry": [{"response": self._take(e)} for e in entries]})
        return as_json({}, 404)

    def _archive(self, asked: Asked) -> Answer:
        if asked.method == "GET":
            rows = [
                {"0020000E": {"Value": ["1.9"]}, "00080018": {"Value": [s]}} for s in self.instances
            ]
            return as_json(rows)
        if self.deaf:
            return Answer(400, b"<html>" * 99, {"Content-Type": "text/html"})
        reader = MultipartReader(boundary_of(asked.headers["Content-Type"]) or b"")
        self.instances |= {sop_instance_uid(part.data) for part in reader.feed(asked.body)}
        return as_json({})  # says nothing of what it stored: QIDO has to be asked

    def _take(self, entry: dict[str, Any]) -> dict[str, Any]:
        resource = entry["resource"]
        kind = resource["resourceType"]
        if kind in self.refusing:
            why = {"issue": [{"details": {"text": f"no {kind} today"}}]}
            return {"status": self.refusing.pop(kind), "outcome": why}
        if kind == "DiagnosticReport":
            known = [r for r in self.reports if r["identifier"] == resource["identifier"]]
            if not known:
                meta = {"versionId": "1", "lastUpdated": "2026-11-24T20:05:01Z"}
                self.reports.append({**resource, "id": "r1", "meta": meta})
        elif kind == "Provenance":
            target = [{"reference": "DiagnosticReport/r1"}]
            self.provenances.append({**resource, "id": "p1", "target": target})
        elif kind == "Task":
            self._put_task(resource)
        if self.spoiled:
            for form in self.reports[0]["presentedForm"] if self.reports else []:
                if form["contentType"] == "application/fhir+json":
                    form["data"] = "e30="
        return {"status": "201"}

    def _put_task(self, resource: dict[str, Any]) -> dict[str, Any]:
        version = str(int(self.task["meta"]["versionId"]) + 1)
        self.task = {**resource, "meta": {"versionId": version}}
        return self.task


def bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
    """A searchset: whatever was asked, all there is."""
    return {"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}


class Bearer:
    """Always signed in."""

    def token(self) -> str:
        return "good"

    def renew(self, stale: str) -> str:
        return "good"


@dataclass
class Scene:
    """One case in progress on a loose platform."""

    platform: LoosePlatform
    server: ScriptedServer
    submission: Submission
    case: Case
    report: SignedReport

    def send(self) -> object:
        """Submit."""
        return self.submission.send(self.case, self.report, key="k")

    def posts(self) -> int:
        """How often a transaction was sent."""
        return self.server.paths().count("POST /fhir")


@pytest.fixture
def scene(client: Callable[..., HttpClient]) -> Iterator[Scene]:
    records = Records()
    records.task["status"] = "in-progress"
    platform = LoosePlatform(records.task)
    with scripted(platform.script) as server:
        records["Endpoint/pacs"]["address"] = f"{server.base}/dicomweb"
        settings = PlatformSettings(f"{server.base}/fhir")
        api = Api(client(server.base), settings, Bearer())
        case = case_of(records.task, records, records.me())
        yield Scene(platform, server, Submission(api, Tasks(api)), case, signed_report())


def test_all_goes_well_and_is_said_once(scene: Scene) -> None:
    first, again = scene.send(), scene.send()
    assert first == again
    assert scene.posts() == 1
    assert len(scene.platform.provenances) == 1
    assert len(scene.platform.instances) == 2
    assert scene.platform.task["status"] == "completed"
    assert scene.platform.task["extension"][0]["valueString"] == "kept"


@pytest.mark.parametrize("status", ["412", "409", "412 Precondition Failed"])
def test_200_with_a_refused_task_inside_is_seen_and_made_good(scene: Scene, status: str) -> None:
    scene.platform.refusing = {"Task": status}
    assert scene.send() == scene.send()
    assert scene.posts() == 1
    assert scene.platform.task["status"] == "completed"
    assert len(scene.platform.reports) == len(scene.platform.provenances) == 1


def test_200_with_a_refused_report_inside_carries_its_reason(scene: Scene) -> None:
    scene.platform.refusing = {"DiagnosticReport": "422"}
    with pytest.raises(Refused, match="no DiagnosticReport today") as caught:
        scene.send()
    assert caught.value.status == 422


def test_missing_signature_is_sent_alone_and_not_doubled(scene: Scene) -> None:
    scene.platform.refusing = {"Provenance": "500"}
    scene.send()
    scene.send()
    assert len(scene.platform.provenances) == 1
    assert scene.posts() == 2


def test_another_content_than_was_signed_is_no_receipt(scene: Scene) -> None:
    scene.platform.spoiled = True
    with pytest.raises(UserFacingError, match="another report"):
        scene.send()


def test_archive_that_takes_nothing_stops_the_report(scene: Scene) -> None:
    scene.platform.deaf = True
    with pytest.raises(Refused, match="store the structured report") as caught:
        scene.send()
    assert "<" not in str(caught.value)
    assert scene.posts() == 0


def test_report_that_is_there_twice_is_said(scene: Scene) -> None:
    scene.send()
    scene.platform.reports.append({**scene.platform.reports[0], "id": "r2"})
    with pytest.raises(BadAnswer, match="more than once"):
        scene.send()


def test_case_of_somebody_else_is_lost(scene: Scene) -> None:
    scene.platform.task["owner"] = {"reference": "PractitionerRole/other"}
    with pytest.raises(ClaimLost):
        scene.send()
    assert scene.posts() == 0


def test_request_carries_key_and_digest(scene: Scene) -> None:
    scene.send()
    (sent,) = [a for a in scene.server.asked if (a.method, a.path) == ("POST", "/fhir")]
    assert sent.headers["Idempotency-Key"] == '"k"'
    assert sent.headers["Content-Digest"].startswith("sha-256=:")
    kinds = [e["resource"]["resourceType"] for e in json.loads(sent.body)["entry"]]
    assert kinds == ["Observation", "DiagnosticReport", "Provenance", "Task"]
