"""The wire under requests: one TLS context for all, and a deadline on every byte both ways."""

import http.client
import io
import math
import ssl
import threading
import time
from dataclasses import dataclass
from socket import socket
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from workstation.platform.tls import check_pin

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds, and for how much, in bytes."""

    connect: float = 5
    read: float = 15
    total: float = 60
    floor: float = 10_000
    """Bytes per second that what comes and what goes must reach over each ``window``."""
    window: float = 15
    tries: int = 3
    pause: float = 0.5
    """First back-off; doubles, with full jitter."""
    body: int = 64 << 20
    """Largest answer that is read whole."""


class Deadline(threading.local):
    """When the request that this thread is about to send must be answered whole."""

    at: float = math.inf
    sent: bool = False
    """Whether anything of the request has left: before that, only a handshake can have failed."""

    def left(self, at_most: float) -> float:
        """Seconds that one wait may take; raises TimeoutError when there are none left."""
        return _left(self.at, at_most)


def _left(at: float, at_most: float) -> float:
    left = at - time.monotonic()
    if left <= 0:
        raise TimeoutError("the request took too long as a whole")
    return min(left, at_most)


class TooSlow(OSError):
    """The bytes come or go, but below the floor rate; carries it in bytes per second."""

    def __init__(self, rate: float) -> None:
        """Keep the rate."""
        super().__init__(f"{rate:.0f} bytes a second")
        self.rate = rate


class _Pace:
    """Holds what passes to the floor rate over each window of waiting."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._spent = 0.0
        self._passed = 0

    def note(self, spent: float, passed: int) -> None:
        self._spent += spent
        self._passed += passed
        if self._spent >= self._patience.window:
            rate = self._passed / self._spent
            if rate < self._patience.floor:
                raise TooSlow(rate)
            self._spent, self._passed = 0.0, 0


class _Watched(io.RawIOBase):
    """A socket's reading end that gives each read only the time that is left.

    Only time spent waiting counts: a reader that is slow itself is not blamed on the line.
    """

    def __init__(self, sock: socket, patience: Patience, at: float) -> None:
        super().__init__()
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._patience = patience
        self._at = at
        self._pace = _Pace(patience)
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_left(self._at, self._patience.read))
        before = time.monotonic()
        got = self._raw.readinto(buffer)
        if self._begun:  # the wait for the first byte is the read time's business
            self._pace.note(time.monotonic() - before, got or 0)
        self._begun = True
        return got

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _WatchedSocket:
    """What http.client needs of a socket: the file to read the answer from."""

    def __init__(self, sock: socket, patience: Patience, at: float) -> None:
        self._watched = _Watched(sock, patience, at)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._watched)


class WatchedAdapter(HTTPAdapter):
    """Requests' adapter with our TLS context and deadline; never adds other authorities."""

    def __init__(
        self,
        context: ssl.SSLContext,
        deadline: Deadline,
        patience: Patience,
        pins: frozenset[bytes] = frozenset(),
    ) -> None:
        """Look at ``deadline`` when a request leaves. ``pins``: of servers' keys; empty: any."""
        self._context = context
        self._pools = _pools(deadline, patience, pins)
        super().__init__(pool_connections=8, pool_maxsize=8, max_retries=0)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        """Build the pool on our context."""
        self.poolmanager = PoolManager(
            num_pools=connections,
            maxsize=maxsize,
            block=block,
            ssl_context=self._context,
            **pool_kwargs,
        )
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Reach the platform through the proxy, verified by our context."""
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **proxy_kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Keep requests from adding certifi's authorities to the ones that were chosen."""
        conn.cert_reqs = "CERT_REQUIRED"

    def build_connection_pool_key_attributes(
        self, request: PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        """Pool by host alone: every request is verified the same way."""
        host, pool = super().build_connection_pool_key_attributes(request, True, None)
        return host, {**pool, "cert_reqs": "CERT_REQUIRED"}


def _pools(deadline: Deadline, patience: Patience, pins: frozenset[bytes]) -> dict[str, Any]:
    class Answer(http.client.HTTPResponse):
        def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
            watched: Any = _WatchedSocket(sock, patience, deadline.at)
            super().__init__(watched, *args, **kwargs)

    class Plain(HTTPConnection):
        response_class = Answer

        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            deadline.sent = True
            _push(self.sock, data, deadline, patience)

    class Secure(HTTPSConnection):
        response_class = Answer
        shaken = False

        def send(self, data: Any) -> None:
            if self.sock is None:
                self.connect()
            # What goes before the handshake asks a proxy for the way and tells nothing more.
            deadline.sent = self.shaken
            _push(self.sock, data, deadline, patience)

        def connect(self) -> None:
            self.shaken = False
            super().connect()
            sock: Any = self.sock
            try:
                check_pin(sock, pins)
            except BaseException:
                self.close()
                raise
            self.shaken = True

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _push(sock: Any, data: Any, deadline: Deadline, patience: Patience) -> None:
    """Send all of ``data`` in pieces, each within the time that is left."""
    pace = _Pace(patience)
    whole = memoryview(data).cast("B")
    for start in range(0, len(whole), _PIECE):
        piece = whole[start : start + _PIECE]
        sock.settimeout(deadline.left(patience.read))
        before = time.monotonic()
        try:
            sock.sendall(piece)
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            # urllib3 then reads what the server said before it hung up: 413, or a TLS alert.
            raise BrokenPipeError("the server stopped listening") from error
        pace.note(time.monotonic() - before, len(piece))
