"""Signed-in requests: the bearer goes to configured origins only; 401 → one refresh → one retry."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from workstation.errors import BadAnswer, Refused
from workstation.platform.faults import host_of, refusal
from workstation.platform.fhir_values import origin
from workstation.platform.http import ByteStream, HttpClient, PlatformSettings, Reply

FHIR_JSON = "application/fhir+json"


class Bearer(Protocol):
    """Gives access tokens; the session is one."""

    def token(self) -> str:
        """A token that is still good."""
        ...

    def renew(self, stale: str) -> str:
        """Another token than the one that was refused."""
        ...


class Api:
    """The HTTP client with the reader's token."""

    def __init__(self, http: HttpClient, settings: PlatformSettings, bearer: Bearer) -> None:
        """Trust the FHIR address's origin and those that the settings add."""
        self.http = http
        self.base = settings.fhir.rstrip("/")
        self._bearer = bearer
        self._origins = frozenset(origin(url) for url in (settings.fhir, *settings.origins))

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        cap: int | None = None,
    ) -> Reply:
        """Give the answer whatever its status, but never a first 401."""
        token = self._token_for(url)
        for last in (False, True):
            told = {"Authorization": f"Bearer {token}", **(headers or {})}
            reply = self.http.request(method, url, headers=told, body=body, cap=cap)
            if reply.status != 401 or last:
                return reply
            token = self._bearer.renew(token)
        raise AssertionError("unreachable: the second answer is returned")

    def get(self, url: str, *, what: str) -> dict[str, object]:
        """Give the FHIR JSON at ``url``; ``what`` we want, as in 'read the worklist'."""
        reply = self.send("GET", url, headers={"Accept": FHIR_JSON})
        if reply.status != 200:
            raise refusal(reply.status, reply.headers, reply.body, url, what=what)
        return reply.json()

    @contextmanager
    def stream(self, url: str, *, accept: str, what: str) -> Iterator[ByteStream]:
        """GET as a stream; an answer that is not 2xx raises what it means."""
        token = self._token_for(url)
        for last in (False, True):
            headers = {"Authorization": f"Bearer {token}", "Accept": accept}
            with self.http.stream(url, headers=headers) as stream:
                if stream.status == 401 and not last:
                    token = self._bearer.renew(token)
                    continue
                if not 200 <= stream.status < 300:
                    body = _beginning(stream)
                    raise refusal(stream.status, stream.headers, body, url, what=what)
                yield stream
                return

    def _token_for(self, url: str) -> str:
        if origin(url) not in self._origins:
            raise Refused(
                f"{host_of(url)} is not an address that your settings trust with your sign-in."
            )
        return self._bearer.token()


def _beginning(stream: ByteStream) -> bytes:
    """The first 64 KiB of an answer: enough for the reasons it gives."""
    got = b""
    for chunk in stream.chunks(1 << 16):
        got += chunk
        if len(got) >= 1 << 16:
            break
    return got


def address(base: str, link: str) -> str:
    """A link of the platform, brought home: proxies make servers misstate their own address.

    Gives ``link`` on ``base``'s origin; BadAnswer when it leads outside ``base``.
    """
    inside = link
    if "://" in link:
        path = link.split("://", 1)[1].partition("/")[2]
        inside = f"/{path}"
    root = base.split("://", 1)[1].partition("/")[2]
    prefix = f"/{root}" if root else ""
    if inside.startswith("/"):
        if prefix and not inside.startswith((f"{prefix}/", f"{prefix}?")):
            raise BadAnswer(f"{host_of(base)} gave a link that leads elsewhere.")
        return f"{base}{inside[len(prefix) :]}"
    return f"{base}/{inside.removeprefix('./')}"
