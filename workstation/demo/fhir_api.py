"""The FHIR R4 interface of the demo platform over HTTP."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from workstation.demo.arrivals import Arrivals
from workstation.demo.bodies import content_digest, parse_json, read_body
from workstation.demo.fhir_search import PARAMETERS, Search
from workstation.demo.fhir_store import Answer, FhirStore, Resource, Unit
from workstation.demo.fhir_write import Done, Writer, etag, known_kind
from workstation.demo.problems import FHIR_JSON, Problem
from workstation.demo.tokens import Addresses, Principal, TokenService
from workstation.demo.transactions import run_transaction

BODY_LIMIT = 64 * 1024 * 1024
_JSON_TYPES = {FHIR_JSON, "application/json"}
_KEY_LIMIT = 255


@dataclass(frozen=True, slots=True)
class FhirApi:
    """Reads, searches and writes for whoever the token names."""

    store: FhirStore
    tokens: TokenService
    addresses: Addresses
    arrivals: Arrivals
    software: str

    def routes(self) -> list[BaseRoute]:
        """Give the routes below /fhir."""
        return [
            Route("/fhir/metadata", self._metadata, methods=["GET"]),
            Route("/fhir", self._transaction, methods=["POST"]),
            Route("/fhir/", self._transaction, methods=["POST"]),
            Route("/fhir/{kind}", self._search, methods=["GET"]),
            Route("/fhir/{kind}", self._create, methods=["POST"]),
            Route("/fhir/{kind}/{id}", self._read, methods=["GET"]),
            Route("/fhir/{kind}/{id}", self._update, methods=["PUT"]),
            Route("/fhir/{kind}/{id}/_history", self._history, methods=["GET"]),
            Route("/fhir/{kind}/{id}/_history/{version}", self._read, methods=["GET"]),
        ]

    def _principal(self, request: Request) -> Principal:
        return self.tokens.principal(request.headers.get("authorization"))

    async def _metadata(self, _: Request) -> Response:
        return _json(capability_statement(self.addresses, self.software))

    async def _read(self, request: Request) -> Response:
        kind, id_ = request.path_params["kind"], request.path_params["id"]
        principal = self._principal(request)
        known_kind(kind)
        principal.need(kind, "r")
        found = self._version(kind, id_, request.path_params.get("version"))
        if kind == "Binary" and "json" not in request.headers.get("accept", ""):
            return _raw_binary(found)
        return _resource(self.arrivals.show(found))

    def _version(self, kind: str, id_: str, version: str | None) -> Resource:
        versions = self.store.history(kind, id_)
        if version is not None:
            versions = [r for r in versions if r["meta"]["versionId"] == version]
        if not versions:
            raise Problem(404, "not-found", f"There is no such {kind}.")
        return versions[-1]

    async def _history(self, request: Request) -> Response:
        kind, id_ = request.path_params["kind"], request.path_params["id"]
        principal = self._principal(request)
        known_kind(kind)
        principal.need(kind, "r")
        self._version(kind, id_, None)
        return _json(_history_bundle(self.store.history(kind, id_), self.addresses.fhir))

    async def _search(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        principal = self._principal(request)
        known_kind(kind)
        principal.need(kind, "s")
        query = [(name, value) for name, value in request.query_params.multi_items()]
        return _json(await run_in_threadpool(self._run_search, kind, query, principal))

    def _run_search(
        self, kind: str, query: list[tuple[str, str]], principal: Principal
    ) -> Resource:
        search = Search(kind, query, self.addresses.fhir)
        readable = {k: self.store.each(k) for k in PARAMETERS if k == kind or principal.may(k, "r")}
        page = search.run(readable)
        links = [{"relation": "self", "url": search.address(0)}]
        if page.next_offset is not None:
            links.append({"relation": "next", "url": search.address(page.next_offset)})
        shown = [("match", r) for r in page.matches] + [("include", r) for r in page.included]
        entries = [
            {
                "fullUrl": f"{self.addresses.fhir}/{r['resourceType']}/{r['id']}",
                "resource": self.arrivals.show(r),
                "search": {"mode": mode},
            }
            for mode, r in shown
        ]
        bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": page.total}
        bundle["link"] = links
        return bundle | ({"entry": entries} if entries else {})

    async def _create(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        principal = self._principal(request)
        known_kind(kind)
        body = await read_body(request, BODY_LIMIT)
        resource = _binary(request, body) if kind == "Binary" else _parsed(request, body)
        condition = request.headers.get("if-none-exist")
        return await run_in_threadpool(
            self._write, principal, lambda writer: writer.create(kind, resource, condition)
        )

    async def _update(self, request: Request) -> Response:
        kind, id_ = request.path_params["kind"], request.path_params["id"]
        principal = self._principal(request)
        known_kind(kind)
        resource = _parsed(request, await read_body(request, BODY_LIMIT))
        match = request.headers.get("if-match")
        return await run_in_threadpool(
            self._write, principal, lambda writer: writer.update(kind, id_, resource, match)
        )

    def _write(self, principal: Principal, work: Callable[[Writer], Done]) -> Response:
        with self.store.unit() as unit:
            done = work(Writer(unit, principal, self.addresses.fhir))
            _commit(unit, None)
        answer = _resource(self.arrivals.show(done.resource), done.status)
        answer.headers["Location"] = f"{self.addresses.fhir}/{done.location}"
        return answer

    async def _transaction(self, request: Request) -> Response:
        principal = self._principal(request)
        body = await read_body(request, BODY_LIMIT)
        bundle = _parsed(request, body)
        key = request.headers.get("idempotency-key", "").strip('" ')
        if len(key) > _KEY_LIMIT:
            raise Problem(400, "value", "The Idempotency-Key is too long.")
        return await run_in_threadpool(self._run_transaction, principal, bundle, body, key)

    def _run_transaction(
        self, principal: Principal, bundle: object, body: bytes, key: str
    ) -> Response:
        digest = hashlib.sha256(body).hexdigest()
        own = f"{principal.user} {key}"
        with self.store.unit() as unit:
            given = self.store.answered(own) if key else None
            if given is None:
                made = run_transaction(bundle, Writer(unit, principal, self.addresses.fhir))
                given = Answer(own, digest, 200, json.dumps(made, ensure_ascii=False))
                _commit(unit, given if key else None)
            elif given.digest != digest:
                sentence = "This Idempotency-Key was used for another body."
                raise Problem(422, "duplicate", sentence)
        return _answer(given.body.encode(), given.status)


def _commit(unit: Unit, answer: Answer | None) -> None:
    try:
        unit.commit(answer)
    except OSError as error:
        sentence = "The demo platform cannot write its records; nothing was stored."
        raise Problem(507, "no-store", sentence) from error


def capability_statement(addresses: Addresses, software: str) -> Resource:
    """Say what this server can do, from the same tables that it works by."""
    oauth = {
        "extension": [
            {"url": name, "valueUri": f"{addresses.base}/{name}"} for name in ("authorize", "token")
        ],
        "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
    }
    service = {
        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
        "code": "SMART-on-FHIR",
    }
    rest = {
        "mode": "server",
        "security": {"extension": [oauth], "service": [{"coding": [service]}]},
        "resource": [_capability(kind) for kind in PARAMETERS],
        "interaction": [{"code": "transaction"}],
    }
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-25",
        "kind": "instance",
        "software": {"name": software},
        "implementation": {
            "description": "Demo platform, not for clinical use",
            "url": addresses.fhir,
        },
        "fhirVersion": "4.0.1",
        "format": [FHIR_JSON],
        "rest": [rest],
    }


def _capability(kind: str) -> Resource:
    words = ("read", "vread", "update", "history-instance", "create", "search-type")
    parameters = PARAMETERS[kind]
    made: Resource = {
        "type": kind,
        "interaction": [{"code": word} for word in words],
        "versioning": "versioned-update",
        "conditionalCreate": True,
    }
    if parameters:
        made["searchParam"] = [{"name": n, "type": p.kind.value} for n, p in parameters.items()]
    return made


def _history_bundle(versions: list[Resource], base: str) -> Resource:
    entries = []
    for resource in reversed(versions):
        first = resource["meta"]["versionId"] == "1"
        name = f"{resource['resourceType']}/{resource['id']}"
        entries.append(
            {
                "fullUrl": f"{base}/{name}",
                "resource": resource,
                "request": {"method": "POST", "url": resource["resourceType"]}
                if first
                else {"method": "PUT", "url": name},
                "response": {
                    "status": "201" if first else "200",
                    "etag": etag(resource),
                    "lastModified": resource["meta"]["lastUpdated"],
                },
            }
        )
    return {
        "resourceType": "Bundle",
        "type": "history",
        "total": len(entries),
        "entry": entries,
    }


def _parsed(request: Request, body: bytes) -> Any:
    if _media_type(request) not in _JSON_TYPES:
        raise Problem(415, "not-supported", f"Only {FHIR_JSON} is accepted here.")
    return parse_json(body)


def _binary(request: Request, body: bytes) -> Any:
    if _media_type(request) in _JSON_TYPES:
        return parse_json(body)
    return {
        "resourceType": "Binary",
        "contentType": _media_type(request) or "application/octet-stream",
        "data": base64.b64encode(body).decode(),
    }


def _raw_binary(resource: Resource) -> Response:
    try:
        data = base64.b64decode(resource.get("data", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Problem(422, "value", "The stored Binary is not base64.") from error
    # The sandbox keeps a browser from running what somebody stored here.
    headers = {"ETag": etag(resource), "Content-Security-Policy": "sandbox"}
    return Response(data, media_type=resource["contentType"], headers=headers)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _resource(resource: Resource, status: int = 200) -> Response:
    answer = _json(resource, status)
    updated = datetime.fromisoformat(resource["meta"]["lastUpdated"])
    answer.headers["ETag"] = etag(resource)
    answer.headers["Last-Modified"] = format_datetime(updated, usegmt=True)
    return answer


def _json(content: Resource, status: int = 200) -> Response:
    return _answer(json.dumps(content, ensure_ascii=False).encode(), status)


def _answer(body: bytes, status: int) -> Response:
    headers = {"Content-Digest": content_digest(body), "Cache-Control": "no-store"}
    return Response(body, status, headers, media_type=FHIR_JSON)
