"""QIDO-RS, streamed WADO-RS and STOW-RS (PS3.18 §10), with the quirks of real servers (§4)."""

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from workstation.errors import BadAnswer, Refused
from workstation.platform.api import Api
from workstation.platform.client import InstanceBlob
from workstation.platform.dicom_file import sop_instance_uid
from workstation.platform.digests import check_digest
from workstation.platform.faults import host_of, refusal
from workstation.platform.fhir_values import Json, node, nodes, uid
from workstation.platform.http import ByteStream, Reply
from workstation.platform.multipart import PART_CAP, MultipartReader, boundary_of, related

_ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_DICOM_JSON = "application/dicom+json"
_PAGE = 1000
_PAGES = 1000
_SERIES, _SOP = "0020000E", "00080018"
_FAILED, _STORED = "00081198", "00081199"
_REFERENCED_SOP = "00081155"


@dataclass(frozen=True, slots=True)
class Stored:
    """What a STOW-RS answer says: instances stored, and instances refused."""

    stored: frozenset[str]
    failed: frozenset[str]
    reply: Reply


class DicomWeb:
    """One DICOMweb service at its configured base: no address in an answer is followed."""

    def __init__(self, api: Api, base: str) -> None:
        """``base``: of the Endpoint."""
        self._api = api
        self._base = base.rstrip("/")

    def instances(self, study: str, *, expected: int = 0) -> tuple[tuple[str, str], ...]:
        """List (series UID, SOP UID) of a study; series by series where a server wants that."""
        root = f"/studies/{_safe(study)}"
        try:
            found = self._listed(f"{root}/instances", expected=expected)
        except Refused as error:
            if error.status not in {400, 404, 405, 501}:
                raise
            found = []
            for series in self._series(root):
                rows = self._listed(f"{root}/series/{_safe(series)}/instances")
                found += [{**row, _SERIES: {"Value": [series]}} for row in rows]
        pairs = [(_uid(row, _SERIES), _uid(row, _SOP)) for row in found]
        return tuple(dict.fromkeys(p for p in pairs if all(p)))

    def holds(self, study: str, sop: str) -> bool:
        """Whether the service knows an instance; checked here, as a filter may be ignored."""
        query = f"/studies/{_safe(study)}/instances?SOPInstanceUID={_safe(sop)}"
        try:
            rows = self._page(query)
        except Refused:
            return any(sop == known for _, known in self.instances(study))
        return any(_uid(row, _SOP) == sop for row in rows)

    def retrieve(self, path: str, *, stop: Callable[[], bool], what: str) -> Iterator[InstanceBlob]:
        """Stream a study, a series or one instance; Unreachable when it is cut short."""
        with self._api.stream(f"{self._base}{path}", accept=_ACCEPT, what=what) as stream:
            yield from _blobs(stream, stop)

    def store(self, study: str, files: Sequence[bytes]) -> Stored:
        """Send files and read who was stored and who was not, whatever the status."""
        boundary = secrets.token_hex(16)
        kind, body = related(files, boundary, media_type="application/dicom")
        reply = self._api.send(
            "POST",
            f"{self._base}/studies/{_safe(study)}",
            headers={"Content-Type": kind, "Accept": _DICOM_JSON},
            body=body,
        )
        answer: Json = {}
        if "json" in reply.headers.get("Content-Type", "").lower():
            try:
                parsed = json.loads(reply.body)
            except (ValueError, RecursionError):
                parsed = {}
            answer = node(parsed[0] if isinstance(parsed, list) and parsed else parsed)
        return Stored(_referenced(answer, _STORED), _referenced(answer, _FAILED), reply)

    def _series(self, root: str) -> list[str]:
        found = [_uid(row, _SERIES) for row in self._listed(f"{root}/series")]
        return list(dict.fromkeys(f for f in found if f))

    def _listed(self, path: str, *, expected: int = 0) -> list[Json]:
        """All pages; a page that brings nothing new is the last, as servers differ in the rest."""
        rows: dict[str, Json] = {}
        offset = 0
        for _ in range(_PAGES):
            page = self._page(f"{path}?limit={_PAGE}&offset={offset}")
            fresh = {_uid(r, _SOP) or _uid(r, _SERIES): r for r in page}
            before = len(rows)
            rows = {**fresh, **rows}
            offset += len(page)
            if len(rows) == before or (len(page) < _PAGE and expected and len(rows) >= expected):
                break
        return list(rows.values())

    def _page(self, path: str) -> list[Json]:
        url = f"{self._base}{path}"
        reply = self._api.send("GET", url, headers={"Accept": _DICOM_JSON})
        if reply.status == 204 or (reply.status == 200 and not reply.body):
            return []
        if reply.status != 200:
            raise refusal(reply.status, reply.headers, reply.body, url, what="list the images")
        try:
            return nodes(json.loads(reply.body))
        except (ValueError, RecursionError) as error:
            raise BadAnswer(f"{host_of(url)} listed the images in a way we cannot read.") from error


def _blobs(stream: ByteStream, stop: Callable[[], bool]) -> Iterator[InstanceBlob]:
    if stream.status == 204:
        return
    boundary = boundary_of(stream.headers.get("Content-Type", ""))
    if boundary is None:
        # A server may answer one instance as it is, without multipart.
        whole = _whole(stream, stop)
        if whole:
            yield _blob(whole)
        return
    reader = MultipartReader(boundary)
    for chunk in stream.chunks():
        if stop():
            return
        for part in reader.feed(chunk):
            check_digest(part.headers, part.data, host_of(stream.url))
            yield _blob(part.data)
            if stop():
                return
    reader.finish()


def _whole(stream: ByteStream, stop: Callable[[], bool]) -> bytes:
    parts: list[bytes] = []
    size = 0
    for chunk in stream.chunks():
        size += len(chunk)
        if stop():
            return b""
        if size > PART_CAP:
            raise BadAnswer("An image is larger than any image may be.")
        parts.append(chunk)
    return b"".join(parts)


def _blob(data: bytes) -> InstanceBlob:
    return InstanceBlob(sop_instance_uid(data), data)


def _safe(value: str) -> str:
    return quote(value, safe="*?,-:^@!$()~;/")


def _uid(row: Json, tag: str) -> str:
    values = node(row.get(tag)).get("Value")
    return uid(values[0]) if isinstance(values, list) and values else ""


def _referenced(answer: Json, tag: str) -> frozenset[str]:
    items = nodes(node(answer.get(tag)).get("Value"))
    return frozenset(u for u in (_uid(i, _REFERENCED_SOP) for i in items) if u)
