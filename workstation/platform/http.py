"""The one way to the network: verified TLS, deadlines, floor rate, caps, careful retries (R15)."""

import json
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3

from workstation.errors import BadAnswer, PlatformError, Unreachable
from workstation.platform.digests import check_digest, content_digest
from workstation.platform.faults import connection_fault, host_of
from workstation.platform.tls import Trust, tls_context
from workstation.platform.transport import Deadline, Patience, WatchedAdapter

DEFAULT_SCOPES = (
    "openid",
    "fhirUser",
    "offline_access",
    "user/Task.rus",
    "user/ServiceRequest.rs",
    "user/Patient.rs",
    "user/Practitioner.rs",
    "user/PractitionerRole.rs",
    "user/Organization.rs",
    "user/Location.rs",
    "user/Endpoint.rs",
    "user/Consent.rs",
    "user/ImagingStudy.rs",
    "user/DiagnosticReport.crus",
    "user/Observation.crs",
    "user/Provenance.crs",
    "dicomweb",
)


@dataclass(frozen=True, slots=True)
class PlatformSettings:
    """Where the platform is and how we present ourselves to it."""

    fhir: str
    """FHIR R4 base address."""
    ca: Path | None = None
    """Certificate authority file (PEM); None: those of this computer."""
    client_id: str = "lightbox"
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    proxy: str | None = None
    origins: tuple[str, ...] = ()
    """Further origins (https://host:port) that may see the access token, such as a PACS."""
    pins: frozenset[bytes] = frozenset()
    """SHA-256 of the keys that servers may have; empty: any that the authority vouches for."""
    certificate: Path | None = None
    """Our own certificate (PEM) for a platform that asks for one (mTLS)."""
    key: Path | None = None
    """Its private key; None: in the same file."""

    @property
    def trust(self) -> Trust:
        """Whom we trust, and what we show."""
        return Trust(self.ca, self.pins, self.certificate, self.key)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, read whole."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> dict[str, object]:
        """Parse the body as a JSON object; BadAnswer when it is none."""
        try:
            parsed = json.loads(self.body, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise BadAnswer(f"{host_of(self.url)} sent an answer that is not JSON.") from error
        if not isinstance(parsed, dict):
            raise BadAnswer(f"{host_of(self.url)} sent an answer that is not a JSON object.")
        return parsed


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


class ByteStream:
    """An answer while it arrives: status, headers, then chunks as the socket gives them."""

    def __init__(self, response: requests.Response) -> None:
        """Wrap an answer whose headers are in."""
        self.url = str(response.url)
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._raw: urllib3.BaseHTTPResponse = response.raw

    def chunks(self, size: int = 1 << 16) -> Iterator[bytes]:
        """Give non-empty chunks as they come; Unreachable when cut, stalled or too slow."""
        while True:
            try:
                chunk = self._raw.read1(size, decode_content=False)
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise connection_fault(error, self.url, sent=True) from error
            if not chunk:
                self._check_whole()
                return
            yield chunk

    def _check_whole(self) -> None:
        if getattr(self._raw, "length_remaining", None):
            raise Unreachable(f"{host_of(self.url)} broke off in the middle of an answer.")
        # read1 leaves http.client's answer open at its end: draining frees the connection.
        self._raw.drain_conn()


class HttpClient:
    """One requests session; safe for several threads at once."""

    def __init__(
        self,
        settings: PlatformSettings,
        *,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Raise WrongCertificate when the CA file or our own certificate cannot be used."""
        self.patience = patience or Patience()
        self._sleep = sleep
        self._chance = chance
        self._now = now
        self._offset: float | None = None
        self._deadline = Deadline()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        if settings.proxy:
            # Without TLS only this computer itself is spoken to: no proxy knows it by that name.
            self._session.proxies = {"https": settings.proxy}
        context = tls_context(settings.trust)
        adapter = WatchedAdapter(context, self._deadline, self.patience, settings.pins)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    @property
    def clock_offset(self) -> timedelta:
        """The platform's clock minus ours, from the last Date header."""
        return timedelta(seconds=self._offset or 0)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        cap: int | None = None,
    ) -> Reply:
        """Send and read the whole answer, whatever its status; only a GET is tried again."""
        tries = self.patience.tries if method == "GET" else 1
        for attempt in range(1, tries + 1):
            try:
                reply = self._once(method, url, headers or {}, body, cap or self.patience.body)
            except Unreachable:
                if attempt == tries:
                    raise
            else:
                if reply.status != 503 or attempt == tries:
                    return reply
            self._sleep(self._chance() * self.patience.pause * 2 ** (attempt - 1))
        raise AssertionError("unreachable: the last try returns or raises")

    @contextmanager
    def stream(self, url: str, *, headers: Mapping[str, str] | None = None) -> Iterator[ByteStream]:
        """GET without a total deadline, held to the floor rate instead; closed on leaving."""
        response = self._send("GET", url, headers or {}, None, math.inf)
        try:
            self._refuse_compression(response)
            yield ByteStream(response)
        finally:
            response.close()

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, cap: int
    ) -> Reply:
        total = self.patience.total + len(body or b"") / self.patience.floor
        response = self._send(method, url, headers, body, total)
        try:
            self._refuse_compression(response)
            if (_length(response) or 0) > cap:
                raise _too_large(url)
            parts: list[bytes] = []
            size = 0
            for chunk in ByteStream(response).chunks():
                size += len(chunk)
                if size > cap:
                    raise _too_large(url)
                parts.append(chunk)
        finally:
            response.close()
        whole = b"".join(parts)
        check_digest(response.headers, whole, host_of(url))
        return Reply(url, response.status_code, response.headers, whole)

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None,
        total: float,
    ) -> requests.Response:
        _check_address(url)
        self._deadline.at = time.monotonic() + total
        self._deadline.sent = False
        asked = {"Accept-Encoding": "identity", "User-Agent": "Lightbox", **headers}
        if body is not None:
            asked["Content-Digest"] = content_digest(body)
        before = self._now()
        try:
            response = self._session.request(
                method,
                url,
                headers=asked,
                data=body,
                stream=True,
                allow_redirects=False,
                timeout=(self.patience.connect, self.patience.read),
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise connection_fault(error, url, sent=self._deadline.sent) from error
        self._note_clock(response.headers.get("Date", ""), (before + self._now()) / 2)
        return response

    def _note_clock(self, date: str, ours: float) -> None:
        try:
            theirs = parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        # The header counts whole seconds: on average half a second has passed since.
        self._offset = theirs + 0.5 - ours

    @staticmethod
    def _refuse_compression(response: requests.Response) -> None:
        coding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in {"", "identity"}:
            raise BadAnswer(
                f"{host_of(str(response.url))} compressed its answer although asked not to."
            )


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    except ValueError as error:
        raise BadAnswer("An address is not well formed.") from error
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and local:
        return
    raise BadAnswer(f"The address of {host_of(url)} is not https; nothing was sent.")


def _length(response: requests.Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _too_large(url: str) -> PlatformError:
    return BadAnswer(f"{host_of(url)} sent more than an answer of this kind may hold.")
