"""The wire under requests: one TLS context for all, and a deadline on every byte of an answer."""

import http.client
import io
import math
import ssl
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

import certifi
from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from workstation.errors import WrongCertificate


def tls_context(ca: Path | None) -> ssl.SSLContext:
    """Trust only the CA file given, else the system's (or certifi's); TLS 1.2 or later (R32)."""
    if ca is None:
        context = ssl.create_default_context()
        if not _system_has_authorities():
            context.load_verify_locations(certifi.where())
    else:
        try:
            context = ssl.create_default_context(cafile=str(ca))
        except (OSError, ssl.SSLError) as error:
            raise WrongCertificate(
                f"The certificate authority file {ca} cannot be read; nothing was sent."
            ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # the default from Python 3.13 on; one platform is not trusted by one Python and refused by
    # another (RFC 5280: key identifiers, key usage of authorities)
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _system_has_authorities() -> bool:
    places = ssl.get_default_verify_paths()
    return bool(places.cafile or places.capath)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds, and for how much, in bytes."""

    connect: float = 5
    read: float = 15
    total: float = 60
    floor: float = 10_000
    """Bytes per second that an answer must reach over each ``window``."""
    window: float = 15
    tries: int = 3
    pause: float = 0.5
    """First back-off; doubles, with full jitter."""
    body: int = 64 << 20
    """Largest answer that is read whole."""


class Deadline(threading.local):
    """When the request that this thread is about to send must be answered whole."""

    at: float = math.inf


class TooSlow(OSError):
    """The answer comes, but below the floor rate; carries it in bytes per second."""

    def __init__(self, rate: float) -> None:
        """Keep the rate."""
        super().__init__(f"{rate:.0f} bytes a second")
        self.rate = rate


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
        self._spent = 0.0
        self._got = 0
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        before = time.monotonic()
        if before >= self._at:
            raise TimeoutError("the answer took too long as a whole")
        self._sock.settimeout(min(self._at - before, self._patience.read))
        got = self._raw.readinto(buffer)
        if self._begun:  # the wait for the first byte is the read time's business
            self._note(time.monotonic() - before, got or 0)
        self._begun = True
        return got

    def _note(self, spent: float, got: int) -> None:
        self._spent += spent
        self._got += got
        if self._spent >= self._patience.window:
            rate = self._got / self._spent
            if rate < self._patience.floor:
                raise TooSlow(rate)
            self._spent, self._got = 0.0, 0

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

    def __init__(self, context: ssl.SSLContext, deadline: Deadline, patience: Patience) -> None:
        """Look at ``deadline`` when an answer begins."""
        self._context = context
        self._pools = _pools(deadline, patience)
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


def _pools(deadline: Deadline, patience: Patience) -> dict[str, Any]:
    class Answer(http.client.HTTPResponse):
        def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
            watched: Any = _WatchedSocket(sock, patience, deadline.at)
            super().__init__(watched, *args, **kwargs)

    class Plain(HTTPConnection):
        response_class = Answer

    class Secure(HTTPSConnection):
        response_class = Answer

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
