"""The worklist from servers that page, include nothing, ignore filters or mix things up."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.kit.fhir import Records
from tests.kit.scripted_server import Answer, Asked, ScriptedServer, as_json, scripted
from workstation.errors import BadAnswer, SignInFailed, Unreachable
from workstation.platform.auth import Session, Tokens
from workstation.platform.discovery import Endpoints
from workstation.platform.fhir_platform import FhirPlatform
from workstation.platform.http import HttpClient, PlatformSettings

Clients = Callable[..., HttpClient]
ROLE = "PractitionerRole/dr-ito"


@dataclass
class Server:
    """FHIR search and read over ``Records``, as willing as it is told to be."""

    records: Records = field(default_factory=Records)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    page: int = 50
    own_address: str = ""
    """What it takes itself to be called, in its links."""
    searches: bool = True
    endless: bool = False

    def script(self, asked: Asked) -> Answer:
        """Answer one request."""
        kind, _, ident = asked.path.removeprefix("/fhir/").partition("/")
        known = {**self.records.all, **{f"Task/{t['id']}": t for t in self.tasks}}
        if ident:
            found = known.get(f"{kind}/{ident}")
            return as_json(found) if found else as_json({}, 404)
        if kind != "Task" and not self.searches:
            return as_json({}, 400)
        resources = [r for r in known.values() if r["resourceType"] == kind]
        if "_id" in asked.query:
            wanted = asked.query["_id"].split(",")
            resources = [r for r in resources if r["id"] in wanted]
        return as_json(self._bundle(asked, resources))

    def _bundle(self, asked: Asked, resources: list[dict[str, Any]]) -> dict[str, Any]:
        start = int(asked.query.get("page", "0")) * self.page
        shown = resources[start : start + self.page]
        made: dict[str, Any] = {
            "resourceType": "Bundle",
            "entry": [{"resource": r, "search": {"mode": "match"}} for r in shown],
        }
        if self.endless or start + self.page < len(resources):
            base = self.own_address or f"http://{asked.headers['Host']}"
            number = start // self.page + 1
            link = f"{base}{asked.path}?page={number}"
            made["link"] = [{"relation": "next", "url": link}]
        return made


@dataclass
class Scene:
    """A reader before a server."""

    server: Server
    http: ScriptedServer
    platform: FhirPlatform

    def ids(self) -> list[str]:
        """Cases shown."""
        return [str(c.id) for c in self.platform.assigned_cases().cases]


@pytest.fixture
def scene(client: Clients) -> Iterator[Scene]:
    server = Server()
    server.tasks = [task(server, number) for number in range(1, 6)]
    with scripted(server.script) as http:
        yield Scene(server, http, platform_of(http.base, client))


def platform_of(base: str, client: Clients, fhir_user: str = ROLE) -> FhirPlatform:
    http = client(base)
    endpoints = Endpoints(base, "", "", "", "", names_issuer=False)
    tokens = Tokens("good", "", 1e12)
    session = Session(http, endpoints, "lightbox", tokens, {"fhirUser": fhir_user})
    return FhirPlatform(http, PlatformSettings(f"{base}/fhir"), session)


def task(server: Server, number: int, **changes: Any) -> dict[str, Any]:
    made = copy.deepcopy(server.records.task)
    made["identifier"][0]["value"] = f"C-{number}"
    return {**made, "id": f"case-{number}", **changes}


def test_every_page_is_read_though_the_server_misnames_itself(scene: Scene) -> None:
    scene.server.page = 2
    scene.server.own_address = "http://10.1.2.3:8080"
    assert scene.ids() == [f"case-{number}" for number in range(1, 6)]


def test_list_without_an_end_is_a_bad_answer(scene: Scene) -> None:
    scene.server.endless = True
    with pytest.raises(BadAnswer, match="does not end"):
        scene.ids()


def test_nothing_included_and_no_search_is_read_one_by_one_and_once(scene: Scene) -> None:
    scene.server.searches = False
    assert len(scene.ids()) == 5
    paths = scene.http.paths()
    assert paths.count("GET /fhir/Patient/p1") == 1
    assert paths.count("GET /fhir/ServiceRequest/order-1") == 1


def test_few_requests_serve_many_cases(scene: Scene) -> None:
    scene.server.tasks = [task(scene.server, number) for number in range(1, 40)]
    scene.platform.reader()
    before = len(scene.http.asked)
    assert len(scene.ids()) == 39
    assert len(scene.http.asked) - before < 14


def test_filters_that_the_server_ignores_are_applied_here(scene: Scene) -> None:
    other = {"reference": "PractitionerRole/somebody"}
    scene.server.tasks += [
        task(scene.server, 6, owner=other),
        task(scene.server, 7, status="draft"),
        task(scene.server, 8, status="completed"),
    ]
    assert scene.ids() == ["case-1", "case-2", "case-3", "case-4", "case-5", "case-8"]


def test_one_broken_case_hides_no_other(scene: Scene) -> None:
    scene.server.tasks[1]["input"] = []
    scene.server.tasks[2]["for"] = {"reference": "Patient/p9"}
    page = scene.platform.assigned_cases()
    assert [c.id for c in page.cases] == ["case-1", "case-4", "case-5"]
    assert page.problems[0] == "Case C-2 cannot be shown: it names no study to read."
    assert "C-3" in page.problems[1]


def test_case_that_leaves_is_told_once(scene: Scene) -> None:
    scene.ids()
    scene.server.tasks[0]["owner"] = {"reference": "PractitionerRole/somebody"}
    page = scene.platform.assigned_cases()
    assert [c.id for c in page.left] == ["case-1"]
    assert page.left[0].owner == "PractitionerRole/somebody"
    assert scene.platform.assigned_cases().left == ()


def test_platform_that_goes_away_hides_no_case_but_says_so(scene: Scene, client: Clients) -> None:
    with scripted(scene.server.script) as http:
        platform = platform_of(http.base, client)
        platform.reader()
    with pytest.raises(Unreachable):
        platform.assigned_cases()


def test_reader_known_as_a_person_reads_in_their_role(scene: Scene, client: Clients) -> None:
    platform = platform_of(scene.http.base, client, "Practitioner/dr-ito")
    assert platform.reader().fhir_reference == ROLE


@pytest.mark.parametrize("fhir_user", ["", "Patient/p1", "https://evil.example/fhir/x"])
def test_sign_in_that_names_no_reader_is_no_sign_in(
    scene: Scene, client: Clients, fhir_user: str
) -> None:
    with pytest.raises(SignInFailed, match="which reader"):
        platform_of(scene.http.base, client, fhir_user).reader()
