"""A small HTTPS server on loopback that answers by a script and remembers what it was asked."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """Without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """First value of each parameter."""
        return {k: v[0] for k, v in parse_qs(urlsplit(self.target).query).items()}

    @property
    def form(self) -> dict[str, str]:
        """First value of each field of a form body."""
        return {k: v[0] for k, v in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True)
class Answer:
    """What to send; ``chunks`` (if given) is sent instead of ``body``, as it is iterated."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Callable[[], Iterator[bytes]] | None = None
    raw: bool = False
    """Send the chunks alone, without a status line or headers."""


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON; header names with _ for -."""
    told = {"Content-Type": "application/fhir+json"}
    told.update({name.replace("_", "-"): v for name, v in headers.items()})
    return Answer(status, json.dumps(value).encode(), told)


Script = Callable[[Asked], Answer]


class ScriptedServer:
    """Where it is and what it was asked."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None) -> None:
        """Answer each request by ``script``."""
        self.script = script
        self.asked: list[Asked] = []
        server = _Server(("127.0.0.1", 0), _Handler)
        server.owner = self
        server.tls = tls
        self._server = server
        scheme = "https" if tls else "http"
        self.host = f"127.0.0.1:{server.server_address[1]}"
        self.base = f"{scheme}://{self.host}"

    def paths(self) -> list[str]:
        """METHOD path of each request."""
        return [f"{a.method} {a.path}" for a in self.asked]


@contextmanager
def scripted(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    """Serve until the block ends; plain HTTP without ``tls``."""
    owner = ScriptedServer(script, tls)
    thread = threading.Thread(target=owner._server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield owner
    finally:
        owner._server.shutdown()
        thread.join()
        owner._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    owner: ScriptedServer
    tls: ssl.SSLContext | None

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.tls is not None:
            request.settimeout(3)
            request = self.tls.wrap_socket(request, server_side=True)
        try:
            super().finish_request(request, client_address)
        finally:
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
            request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that turn away are what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    timeout = 3
    server: _Server
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        asked = Asked(self.command, self.path, dict(self.headers.items()), self.rfile.read(size))
        self.server.owner.asked.append(asked)
        answer = self.server.owner.script(asked)
        self.close_connection = True
        if not answer.raw:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.chunks is None and "Content-Length" not in answer.headers:
                self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Connection", "close")
            self.end_headers()
        for chunk in answer.chunks() if answer.chunks else [answer.body]:
            self.wfile.write(chunk)
            self.wfile.flush()

    def do_GET(self) -> None:
        self.handle_any()

    def do_POST(self) -> None:
        self.handle_any()

    def do_PUT(self) -> None:
        self.handle_any()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""
