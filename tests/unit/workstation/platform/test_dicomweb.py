"""DICOMweb as real servers speak it (platform contract §4), by a scripted archive."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from tests.kit.scripted_server import Answer, Asked, scripted
from workstation.errors import BadAnswer, Refused, SignInNeeded, Unreachable
from workstation.platform.api import Api, address
from workstation.platform.client import InstanceBlob
from workstation.platform.dicom_file import sop_instance_uid
from workstation.platform.dicomweb import DicomWeb
from workstation.platform.fetching import fetch
from workstation.platform.http import HttpClient, PlatformSettings
from workstation.platform.multipart import related

Clients = Callable[..., HttpClient]
STUDY = "1.2.3"


def part10(sop: str, size: int = 100) -> bytes:
    """The beginning of a Part 10 file, and something after it."""
    uid = sop.encode() + b"\0" * (len(sop) % 2)
    version = b"\x02\0\x01\0OB\0\0\x02\0\0\0\0\x01"
    name = b"\x02\0\x03\0UI" + len(uid).to_bytes(2, "little") + uid
    return bytes(128) + b"DICM" + version + name + b"\x08\0\x05\0" + bytes(size)


@dataclass
class Archive:
    """Two series of three instances, and the ways in which servers differ."""

    content: dict[str, list[str]] = field(
        default_factory=lambda: {
            "1.2.3.1": ["1.2.3.1.1", "1.2.3.1.2", "1.2.3.1.3"],
            "1.2.3.2": ["1.2.3.2.1", "1.2.3.2.2", "1.2.3.2.3"],
        }
    )
    series_only: bool = False
    ignores_offset: bool = False
    most: int = 1000
    empty_is_204: bool = False
    single_part: bool = False
    streams: bool = True
    cut_at: int | None = None
    lost: frozenset[str] = frozenset()
    misnamed: frozenset[str] = frozenset()
    """Instances whose file meta information names another object."""
    stow: Answer = field(default_factory=Answer)

    def script(self, asked: Asked) -> Answer:
        """Answer one request."""
        if asked.headers.get("Authorization") != "Bearer good":
            return Answer(401)
        if asked.method == "POST":
            return self.stow
        steps = asked.path.strip("/").split("/")[1:]
        if "json" in asked.headers["Accept"]:
            return self._query(asked, steps)
        return self._retrieve(steps)

    def _query(self, asked: Asked, steps: Sequence[str]) -> Answer:
        if steps[-1] == "series":
            rows = [{"0020000E": {"Value": [s]}} for s in self.content]
        elif len(steps) == 3 and self.series_only:
            return Answer(404)
        else:
            chosen = [steps[3]] if len(steps) == 5 else list(self.content)
            rows = [
                {"0020000E": {"Value": [series]}, "00080018": {"Value": [sop]}}
                for series in chosen
                for sop in self.content[series]
            ]
            if self.series_only:
                rows = [{"00080018": row["00080018"]} for row in rows]
        offset = 0 if self.ignores_offset else int(asked.query.get("offset", 0))
        limit = min(int(asked.query.get("limit", 1000)), self.most)
        rows = rows[offset : offset + limit]
        if not rows and self.empty_is_204:
            return Answer(204)
        return Answer(200, json.dumps(rows).encode(), {"Content-Type": "application/dicom+json"})

    def _retrieve(self, steps: Sequence[str]) -> Answer:
        if len(steps) == 6:
            sops = [steps[5]]
        elif not self.streams:
            return Answer(406)
        else:
            sops = [s for k, v in self.content.items() if steps[-1] in {k, STUDY} for s in v]
        sops = [s for s in sops if s not in self.lost]
        if not sops:
            return Answer(404, b"<html>no</html>", {"Content-Type": "text/html"})
        files = [part10("9.9" if s in self.misnamed else s) for s in sops]
        if self.single_part and len(sops) == 1:
            return Answer(200, files[0], {"Content-Type": "application/dicom"})
        kind, body = related(files, "b", media_type="application/dicom")
        cut = self.cut_at if len(sops) > 1 else None
        return Answer(200, body[:cut], {"Content-Type": kind})


class Bearer:
    """A token that is good, or none that is."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = [*tokens, "good"]

    def token(self) -> str:
        return self.tokens[0]

    def renew(self, stale: str) -> str:
        self.tokens = self.tokens[1:] or ["bad"]
        return self.tokens[0]


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture
def web(archive: Archive, client: Clients) -> Iterator[DicomWeb]:
    with scripted(archive.script) as server:
        yield DicomWeb(api_of(server.base, client), f"{server.base}/dicomweb/")


def api_of(base: str, client: Clients, bearer: Bearer | None = None) -> Api:
    return Api(client(base), PlatformSettings(f"{base}/fhir"), bearer or Bearer())


def everything(archive: Archive) -> list[str]:
    return [sop for sops in archive.content.values() for sop in sops]


@pytest.mark.parametrize(
    "quirks",
    [
        {},
        {"series_only": True},
        {"ignores_offset": True},
        {"most": 2},
        {"most": 2, "series_only": True},
        {"empty_is_204": True},
    ],
    ids=str,
)
def test_listing_is_whole_on_every_server(
    archive: Archive, web: DicomWeb, quirks: dict[str, object]
) -> None:
    for name, value in quirks.items():
        setattr(archive, name, value)
    listed = web.instances(STUDY)
    assert sorted(sop for _, sop in listed) == everything(archive)
    assert all(sop.startswith(series) for series, sop in listed)


@pytest.mark.parametrize("as_204", [True, False])
def test_no_instances_is_no_error(archive: Archive, web: DicomWeb, as_204: bool) -> None:
    archive.content, archive.empty_is_204 = {}, as_204
    assert web.instances(STUDY) == ()


def test_instance_is_held_only_if_it_is_the_one(archive: Archive, web: DicomWeb) -> None:
    assert web.holds(STUDY, "1.2.3.2.2")
    assert not web.holds(STUDY, "9.9.9")  # the filter is ignored by this archive


def got(web: DicomWeb, have: Sequence[str] = ()) -> list[str]:
    listing = web.instances(STUDY)
    blobs = fetch(web, STUDY, listing, have=frozenset(have), stop=lambda: False)
    return [blob.sop for blob in blobs]


def requests_of(archive: Archive, client: Clients, have: Sequence[str]) -> list[str]:
    with scripted(archive.script) as server:
        web = DicomWeb(api_of(server.base, client), f"{server.base}/dicomweb")
        listing = web.instances(STUDY)
        before = len(server.asked)
        list(fetch(web, STUDY, listing, have=frozenset(have), stop=lambda: False))
        return [p.removeprefix("GET /dicomweb") for p in server.paths()[before:]]


def test_streams_where_nothing_is_held_and_single_requests_for_gaps(
    archive: Archive, client: Clients
) -> None:
    first, second = archive.content.values()
    root = f"/studies/{STUDY}"
    assert requests_of(archive, client, []) == [root]
    assert requests_of(archive, client, first) == [f"{root}/series/1.2.3.2"]
    assert requests_of(archive, client, [*first, second[0]]) == [
        f"{root}/series/1.2.3.2/instances/1.2.3.2.2",
        f"{root}/series/1.2.3.2/instances/1.2.3.2.3",
    ]
    assert requests_of(archive, client, [*first, *second]) == []


@pytest.mark.parametrize("cut", [0, 10, 300, 700, 1100])
def test_stream_that_stops_inside_a_part_keeps_whole_parts(
    archive: Archive, web: DicomWeb, cut: int
) -> None:
    archive.cut_at = cut
    assert sorted(got(web)) == everything(archive)


def test_archive_without_streams_and_with_single_parts(archive: Archive, web: DicomWeb) -> None:
    archive.streams, archive.single_part = False, True
    assert sorted(got(web)) == everything(archive)


def test_lost_instance_does_not_stop_the_others_and_is_said(
    archive: Archive, web: DicomWeb
) -> None:
    archive.lost = frozenset({"1.2.3.1.2"})
    listing = web.instances(STUDY)
    seen: list[str] = []
    with pytest.raises(BadAnswer, match=r"1 of 6 images.*404") as caught:
        seen.extend(
            blob.sop for blob in fetch(web, STUDY, listing, have=frozenset(), stop=lambda: False)
        )
    assert "<html>" not in str(caught.value)


@pytest.mark.parametrize("single", [True, False])
def test_an_instance_whose_file_names_another_is_passed_on_for_its_data_set_to_tell(
    archive: Archive, web: DicomWeb, *, single: bool
) -> None:
    archive.misnamed, archive.single_part = frozenset({"1.2.3.1.2"}), single
    assert sorted(got(web)) == everything(archive)


def test_archive_that_goes_away_is_unreachable(archive: Archive, client: Clients) -> None:
    with scripted(archive.script) as server:
        web = DicomWeb(api_of(server.base, client), f"{server.base}/dicomweb")
        listing = web.instances(STUDY)
    with pytest.raises(Unreachable):
        list(fetch(web, STUDY, listing, have=frozenset(), stop=lambda: False))


def test_other_instances_than_asked_for_are_not_passed_on(web: DicomWeb) -> None:
    wanted = (("1.2.3.1", "1.2.3.1.1"), ("1.2.3.1", "1.2.3.1.2"))
    blobs = fetch(web, STUDY, wanted, have=frozenset(), stop=lambda: False)
    assert [b.sop for b in blobs] == ["1.2.3.1.1", "1.2.3.1.2"]


def _stow(stored: Sequence[str], failed: Sequence[str], status: int) -> Answer:
    def items(sops: Sequence[str]) -> dict[str, object]:
        return {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": [s]}} for s in sops]}

    answer = {"00081199": items(stored), "00081198": items(failed)}
    kind = {"Content-Type": "application/dicom+json"}
    return Answer(status, json.dumps(answer).encode(), kind)


@pytest.mark.parametrize("status", [200, 202, 400, 409])
def test_stow_answer_is_read_whatever_the_status(
    archive: Archive, web: DicomWeb, status: int
) -> None:
    archive.stow = _stow(["1.1"], ["1.2"], status)
    answer = web.store(STUDY, [part10("1.1"), part10("1.2")])
    assert (answer.stored, answer.failed) == (frozenset({"1.1"}), frozenset({"1.2"}))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"[[]]", b'{"00081199": 3}'])
def test_stow_answer_that_says_nothing_stored_nothing(
    archive: Archive, web: DicomWeb, body: bytes
) -> None:
    archive.stow = Answer(200, body, {"Content-Type": "application/dicom+json"})
    assert web.store(STUDY, [part10("1.1")]).stored == frozenset()


def test_expired_token_is_renewed_once_for_streams_too(archive: Archive, client: Clients) -> None:
    with scripted(archive.script) as server:
        base = f"{server.base}/dicomweb"
        web = DicomWeb(api_of(server.base, client, Bearer("stale")), base)
        assert len(list(web.retrieve(f"/studies/{STUDY}", stop=lambda: False, what="x"))) == 6
        bearer = Bearer("stale")
        bearer.tokens = ["stale", "stale too"]
        hopeless = DicomWeb(api_of(server.base, client, bearer), base)
        before = len(server.asked)
        with pytest.raises(SignInNeeded):
            list(hopeless.retrieve(f"/studies/{STUDY}", stop=lambda: False, what="x"))
        with pytest.raises(SignInNeeded):
            hopeless.instances(STUDY)
        assert len(server.asked) - before == 4


def test_token_goes_to_configured_origins_only(archive: Archive, client: Clients) -> None:
    with scripted(archive.script) as pacs, scripted(archive.script) as server:
        settings = PlatformSettings(f"{server.base}/fhir")
        url = f"{pacs.base}/dicomweb"
        with pytest.raises(Refused, match="trust"):
            DicomWeb(Api(client(server.base), settings, Bearer()), url).instances(STUDY)
        assert pacs.asked == []
        wider = replace(settings, origins=(pacs.base,))
        found = DicomWeb(Api(client(server.base), wider, Bearer()), url).instances(STUDY)
        assert len(found) == 6


@pytest.mark.parametrize(
    ("link", "home"),
    [
        ("https://p.example/fhir?page=2", "https://p.example/fhir?page=2"),
        ("http://10.0.0.7:8080/fhir/Task?x=1", "https://p.example/fhir/Task?x=1"),
        ("Task?page=2", "https://p.example/fhir/Task?page=2"),
        ("/fhir/Task?page=2", "https://p.example/fhir/Task?page=2"),
    ],
)
def test_links_of_the_platform_are_brought_home(link: str, home: str) -> None:
    assert address("https://p.example/fhir", link) == home


def test_links_that_lead_elsewhere_are_not_followed() -> None:
    with pytest.raises(BadAnswer):
        address("https://p.example/fhir", "https://p.example/admin")


@pytest.mark.parametrize(
    "data",
    [b"", b"DICM", bytes(200), part10("1.2")[:140], part10("not a uid"), part10("1." * 40)],
    ids=["empty", "short", "zeros", "cut", "no uid", "long"],
)
def test_what_is_no_dicom_file_has_no_uid(data: bytes) -> None:
    assert sop_instance_uid(data) == ""


def test_uid_of_a_dicom_file() -> None:
    assert sop_instance_uid(part10("1.2.840.1")) == "1.2.840.1"
    assert InstanceBlob("1.2", part10("1.2")).sop == sop_instance_uid(part10("1.2"))
