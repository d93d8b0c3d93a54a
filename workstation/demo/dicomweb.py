"""The DICOMweb interface of the demo platform over HTTP: QIDO-RS, WADO-RS, STOW-RS."""

import json
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from workstation.demo.bodies import content_digest, read_body
from workstation.demo.image_folder import ImageFolder, Stored
from workstation.demo.problems import Problem
from workstation.demo.qido import Level, parse_query, search
from workstation.demo.stow import keep_parts, parts_of
from workstation.demo.tokens import Addresses, TokenService
from workstation.demo.wado import (
    frame_bytes,
    metadata,
    multipart_length,
    parse_window,
    part_head,
    rendered,
    stream_files,
)

_BODY_LIMIT = 512 * 1024 * 1024
_DICOM_JSON = "application/dicom+json"
_SYNTAX = re.compile(r"""transfer-syntax\s*=\s*"?([0-9.*]+)"?""")
_STUDY = "/dicomweb/studies/{study}"
_SERIES = _STUDY + "/series/{series}"
_INSTANCE = _SERIES + "/instances/{sop}"


@dataclass(frozen=True, slots=True)
class DicomWeb:
    """Serves an ImageFolder to whoever has the scope ``dicomweb``."""

    images: ImageFolder
    tokens: TokenService
    addresses: Addresses
    consent: Callable[[str], None]
    """Raises Problem 403 when a study's images may not be read now."""

    def routes(self) -> list[BaseRoute]:
        """Give the routes below /dicomweb."""
        gets = {
            "/dicomweb/studies": self._studies,
            "/dicomweb/series": self._series,
            "/dicomweb/instances": self._instances,
            f"{_STUDY}/series": self._series,
            f"{_STUDY}/instances": self._instances,
            f"{_SERIES}/instances": self._instances,
            f"{_STUDY}/metadata": self._metadata,
            f"{_SERIES}/metadata": self._metadata,
            f"{_INSTANCE}/metadata": self._metadata,
            f"{_INSTANCE}/rendered": self._rendered,
            f"{_INSTANCE}/frames/{{frames}}/rendered": self._rendered,
            f"{_INSTANCE}/frames/{{frames}}": self._frames,
            _STUDY: self._retrieve,
            _SERIES: self._retrieve,
            _INSTANCE: self._retrieve,
        }
        posts = ("/dicomweb/studies", _STUDY)
        return [
            *(Route(path, handler, methods=["GET"]) for path, handler in gets.items()),
            *(Route(path, self._store, methods=["POST"]) for path in posts),
        ]

    def _check(self, request: Request) -> None:
        self.tokens.principal(request.headers.get("authorization")).need_scope("dicomweb")

    def _found(self, request: Request) -> list[Stored]:
        found = self.images.find(**_place(request))
        if found:
            self.consent(found[0].study)
        if not found:
            raise Problem(404, "not-found", "The platform has no such images.")
        return found

    async def _studies(self, request: Request) -> Response:
        return await self._query(request, Level.STUDY)

    async def _series(self, request: Request) -> Response:
        return await self._query(request, Level.SERIES)

    async def _instances(self, request: Request) -> Response:
        return await self._query(request, Level.INSTANCE)

    async def _query(self, request: Request, level: Level) -> Response:
        self._check(request)
        query = parse_query(request.query_params.multi_items())
        found = self.images.find(**_place(request))
        base = self.addresses.dicomweb
        return _json(await run_in_threadpool(search, found, level, query, base))

    async def _metadata(self, request: Request) -> Response:
        self._check(request)
        found = self._found(request)
        base = self.addresses.dicomweb
        return _json(await run_in_threadpool(lambda: [metadata(i, base) for i in found]))

    async def _retrieve(self, request: Request) -> Response:
        self._check(request)
        found = self._found(request)
        _check_syntax(request.headers.get("accept", "*/*"), found)
        boundary = secrets.token_hex(16)
        digest = await run_in_threadpool(_digest, found) if len(found) == 1 else ""
        parts = [(self._head(i, boundary, digest), i) for i in found]
        size = multipart_length([(head, i.size) for head, i in parts], boundary)
        return StreamingResponse(
            stream_files(parts, boundary),
            headers={"Content-Length": str(size)},
            media_type=f'multipart/related; type="application/dicom"; boundary={boundary}',
        )

    def _head(self, instance: Stored, boundary: str, digest: str) -> bytes:
        kind = f"application/dicom; transfer-syntax={instance.syntax}"
        return part_head(boundary, kind, self._address(instance), instance.size, digest)

    def _address(self, instance: Stored) -> str:
        place = f"{instance.study}/series/{instance.series}/instances/{instance.sop}"
        return f"{self.addresses.dicomweb}/studies/{place}"

    async def _frames(self, request: Request) -> Response:
        self._check(request)
        instance = self._found(request)[0]
        numbers = _frame_numbers(request)
        boundary = secrets.token_hex(16)
        kind = f"application/octet-stream; transfer-syntax={instance.syntax}"
        body = b""
        for number in numbers:
            data = await run_in_threadpool(frame_bytes, instance, number)
            address = f"{self._address(instance)}/frames/{number}"
            body += part_head(boundary, kind, address, len(data)) + data + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        media = f'multipart/related; type="application/octet-stream"; boundary={boundary}'
        return Response(body, media_type=media)

    async def _rendered(self, request: Request) -> Response:
        self._check(request)
        instance = self._found(request)[0]
        number = _frame_numbers(request)[0] if "frames" in request.path_params else 1
        window = parse_window(request.query_params.get("window", ""))
        viewport = request.query_params.get("viewport", "")
        png = await run_in_threadpool(rendered, instance, number, window, viewport)
        return Response(png, media_type="image/png")

    async def _store(self, request: Request) -> Response:
        self._check(request)
        study = request.path_params.get("study")
        body = await read_body(request, _BODY_LIMIT)
        parts = parts_of(request.headers.get("content-type", ""), body)
        report = await run_in_threadpool(
            keep_parts, self.images, parts, study, self.addresses.dicomweb
        )
        return _json(report.dataset(study), report.status)


def _place(request: Request) -> dict[str, str]:
    return {k: v for k, v in request.path_params.items() if k in {"study", "series", "sop"}}


def _check_syntax(accept: str, found: Sequence[Stored]) -> None:
    wanted = set(_SYNTAX.findall(accept))
    # WORKAROUND: without transfer-syntax PS3.18 asks for explicit little endian; like many
    # archives this server gives what is stored, since it never transcodes.
    if wanted and "*" not in wanted and not {i.syntax for i in found} <= wanted:
        sentence = "The images are stored in another transfer syntax; ask for '*'."
        raise Problem(406, "not-supported", sentence)


def _frame_numbers(request: Request) -> list[int]:
    texts = request.path_params["frames"].split(",")
    if not all(t.isascii() and t.isdigit() and len(t) < 9 for t in texts) or len(texts) > 1000:
        raise Problem(400, "value", "The frame list is not one of numbers.")
    return [int(t) for t in texts]


def _digest(found: Sequence[Stored]) -> str:
    return content_digest(found[0].file.read_bytes())


def _json(content: Any, status: int = 200) -> Response:
    body = json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    digest = {"Content-Digest": content_digest(body)}
    return Response(body, status, digest, media_type=_DICOM_JSON)
