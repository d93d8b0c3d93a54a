"""The one request that the browser sends home after sign-in (RFC 8252 §7.3)."""

import socketserver
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Self
from urllib.parse import parse_qs, urlsplit

from workstation.errors import Cancelled, SignInFailed

PATH = "/callback"
_TICK = 0.1
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Lightbox</title>
<style>body{{background:#1c1c1c;color:#ddd;font:16px sans-serif;margin:20vh auto;max-width:32em;
text-align:center}}</style></head><body><h1>{title}</h1>
<p>You can close this tab and return to Lightbox.</p></body></html>"""


class Loopback:
    """Listens on 127.0.0.1 at a free port; a context manager."""

    def __init__(self) -> None:
        """Bind at once, so that nobody else can take the port."""
        self.answer: Mapping[str, str] | None = None
        try:
            self._server = _Server(("127.0.0.1", 0), _Handler)
        except OSError as error:
            raise SignInFailed("No local port is free to receive the sign-in.") from error
        self._server.loopback = self
        self.host = f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def redirect_uri(self) -> str:
        """Where the platform must send the browser."""
        return f"http://{self.host}{PATH}"

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.server_close()

    def wait(self, stop: Callable[[], bool], *, seconds: float = 300) -> Mapping[str, str]:
        """Give the parameters of the one callback; Cancelled on ``stop``, else SignInFailed."""
        end = time.monotonic() + seconds
        while self.answer is None:
            if stop():
                raise Cancelled("The sign-in was cancelled.")
            if time.monotonic() > end:
                raise SignInFailed("Nobody finished the sign-in in the browser in time.")
            self._server.handle_request()
        return self.answer


class _Server(socketserver.TCPServer):
    allow_reuse_address = False
    timeout = _TICK
    loopback: Loopback

    def handle_error(self, request: object, client_address: object) -> None:
        """A local visitor that breaks off is not our fault and not worth a word."""


class _Handler(BaseHTTPRequestHandler):
    timeout = 2
    server: _Server
    server_version = "Lightbox"
    sys_version = ""

    def do_GET(self) -> None:
        """Take the callback; anything else, a browser's icon request too, is not found."""
        parts = urlsplit(self.path)
        here = self.server.loopback
        if parts.path != PATH or self.headers.get("Host") != here.host or here.answer is not None:
            self.send_error(404)
            return
        found = parse_qs(parts.query, keep_blank_values=True, max_num_fields=20)
        here.answer = {name: values[0] for name, values in found.items() if len(values) == 1}
        title = "Signed in" if "code" in here.answer else "Not signed in"
        page = _PAGE.format(title=title).encode()
        self.send_response(200)
        for name, value in (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
            ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("Connection", "close"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the path carries the code."""
