"""The wire under requests: one TLS context for all, and a deadline on every byte of an answer."""

import http.client
import io
import math
import ssl
import threading
import time
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
    return context


def _system_has_authorities() -> bool:
    places = ssl.get_default_verify_paths()
    return bool(places.cafile or places.capath)


class Deadline(threading.local):
    """When the request that this thread is about to send must be answered whole."""

    at: float = math.inf


class _Watched(io.RawIOBase):
    """A socket's reading end that gives each read only the time that is left."""

    def __init__(self, sock: socket, read_timeout: float, at: float) -> None:
        super().__init__()
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._read_timeout = read_timeout
        self._at = at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long as a whole")
        self._sock.settimeout(min(left, self._read_timeout))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _WatchedSocket:
    """What http.client needs of a socket: the file to read the answer from."""

    def __init__(self, sock: socket, read_timeout: float, at: float) -> None:
        self._watched = _Watched(sock, read_timeout, at)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._watched)


class WatchedAdapter(HTTPAdapter):
    """Requests' adapter with our TLS context and deadline; never adds other authorities."""

    def __init__(self, context: ssl.SSLContext, deadline: Deadline, read_timeout: float) -> None:
        """Read from ``deadline`` at each answer; a single read waits ``read_timeout`` s."""
        self._context = context
        self._pools = _pools(deadline, read_timeout)
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


def _pools(deadline: Deadline, read_timeout: float) -> dict[str, Any]:
    class Answer(http.client.HTTPResponse):
        def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
            watched: Any = _WatchedSocket(sock, read_timeout, deadline.at)
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
