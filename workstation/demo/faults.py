"""Faults on demand, so that tests can see how a client takes them; only with ``--faults``."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from workstation.demo.bodies import parse_json, read_body
from workstation.demo.fhir_store import FhirStore
from workstation.demo.problems import FHIR_JSON, Problem, outcome

CONNECTION = "lightbox.connection"
_LIMIT = 16 * 1024


class Fail(Enum):
    """What goes wrong."""

    BUSY = "503"
    SLOW = "slow"
    CUT = "cut"
    LOST_ANSWER = "lost-answer"
    EXPIRE_TOKENS = "expire-tokens"


@dataclass(frozen=True, slots=True)
class Fault:
    """One order: how often it still happens, where, how slow, after how many bytes of body."""

    fail: Fail
    times: int = 1
    path_prefix: str = "/"
    method: str = ""
    seconds: float = 3.0
    after_bytes: int = 1000


class AbortableProtocol(H11Protocol):
    """HTTP/1.1 that lets a fault drop the connection without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, CONNECTION: transport}
        super().connection_made(transport)


class Faults:
    """The orders still open; used from the event loop only."""

    def __init__(self, store: FhirStore, expire_tokens: Callable[[], None]) -> None:
        """``expire_tokens`` makes every access token invalid at once."""
        self._orders: list[Fault] = []
        self._store = store
        self._expire_tokens = expire_tokens

    def routes(self) -> list[BaseRoute]:
        """Give the routes of the tests' own entrance; nobody signs in for it."""
        return [
            Route("/demo/faults", self._order, methods=["POST"]),
            Route("/demo/faults", self._forget, methods=["DELETE"]),
            Route("/demo/tasks/{id}", self._as_platform, methods=["POST"]),
        ]

    def due(self, path: str, method: str) -> Fault | None:
        """Take the first fault that concerns this request."""
        for index, fault in enumerate(self._orders):
            if path.startswith(fault.path_prefix) and fault.method in ("", method):
                left = replace(fault, times=fault.times - 1)
                self._orders[index : index + 1] = [left] if left.times > 0 else []
                return fault
        return None

    async def _order(self, request: Request) -> Response:
        wanted = parse_json(await read_body(request, _LIMIT))
        try:
            fault = Fault(**{**wanted, "fail": Fail(wanted["fail"])})
        except (TypeError, ValueError, KeyError) as error:
            raise Problem(400, "value", "This is not a fault that can be ordered.") from error
        if fault.fail is Fail.EXPIRE_TOKENS:
            self._expire_tokens()
        else:
            self._orders.append(fault)
        return JSONResponse({"open": len(self._orders)})

    async def _forget(self, _: Request) -> Response:
        self._orders.clear()
        return JSONResponse({"open": 0})

    async def _as_platform(self, request: Request) -> Response:
        changes = parse_json(await read_body(request, _LIMIT))
        task = await run_in_threadpool(self._change_task, request.path_params["id"], changes)
        return JSONResponse(task, media_type=FHIR_JSON)

    def _change_task(self, id_: str, changes: Any) -> dict[str, Any]:
        with self._store.unit() as unit:
            task = unit.get("Task", id_)
            if task is None or not isinstance(changes, dict):
                raise Problem(404, "not-found", "There is no such case.")
            made = unit.put({**task, **changes, "id": id_, "resourceType": "Task"})
            unit.commit()
            return made


class FaultyApp:
    """Stands before the real application and spoils what was ordered to be spoiled."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        """Wrap ``app``."""
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, well or badly."""
        is_work = scope["type"] == "http" and not scope["path"].startswith("/demo/")
        fault = self._faults.due(scope["path"], scope["method"]) if is_work else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        match fault.fail:
            case Fail.BUSY:
                await _busy()(scope, receive, send)
            case Fail.SLOW:
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case Fail.CUT:
                await self._app(scope, receive, _cutting(send, fault.after_bytes))
            case _:
                await self._app(scope, receive, _swallow)
                scope["state"][CONNECTION].abort()


def _busy() -> Response:
    body = outcome("transient", "The demo platform was told to be busy.")
    return JSONResponse(body, 503, {"Retry-After": "1"}, media_type=FHIR_JSON)


async def _swallow(_: Message) -> None:
    return None


def _cutting(send: Send, left: int) -> Send:
    async def cut(message: Message) -> None:
        nonlocal left
        if message["type"] != "http.response.body":
            await send(message)
            return
        body = message.get("body", b"")
        if left > 0 and body:
            # Never the last byte: without an end, uvicorn closes the connection.
            await send({**message, "body": body[: min(left, len(body) - 1)], "more_body": True})
        left -= len(body)

    return cut
