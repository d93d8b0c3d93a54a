"""Sign-in by OpenID Connect code + PKCE in the system browser, and the session it opens (R30)."""

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from workstation.errors import BadAnswer, PlatformError, Refused, SignInFailed, SignInNeeded
from workstation.logs import Log
from workstation.platform.discovery import Endpoints, discover
from workstation.platform.faults import host_of, plain, refusal
from workstation.platform.http import HttpClient, PlatformSettings, Reply
from workstation.platform.id_token import check_id_token
from workstation.platform.loopback import Loopback

_EARLY = 30.0
"""Seconds before its end at which an access token is renewed."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint gave; never shown, never logged."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    good_until: float
    """On time.monotonic()."""


class Session:
    """A signed-in reader: access token in RAM only, one refresh at a time."""

    def __init__(
        self,
        http: HttpClient,
        endpoints: Endpoints,
        client_id: str,
        tokens: Tokens,
        claims: Mapping[str, object],
    ) -> None:
        """``claims``: of the verified id_token."""
        self._http = http
        self._endpoints = endpoints
        self._client_id = client_id
        self._tokens: Tokens | None = tokens
        self._over = "You are signed out. Sign in to go on."
        self._turn = threading.Lock()
        self._log = Log("sign-in")
        self.fhir_user = plain(claims.get("fhirUser"))
        """The reader's own resource on the platform, as the id_token names it."""
        self.name = plain(claims.get("name"))

    @property
    def alive(self) -> bool:
        """Whether there is a session; it may still need a refresh."""
        return self._tokens is not None

    def token(self) -> str:
        """Give an access token that is still good; SignInNeeded when there is none to get."""
        tokens = self._tokens
        if tokens is None:
            raise SignInNeeded(self._over)
        if time.monotonic() < tokens.good_until - _EARLY:
            return tokens.access
        return self.renew(tokens.access)

    def renew(self, stale: str) -> str:
        """Replace an access token that was refused or runs out, unless another thread has."""
        with self._turn:
            tokens = self._tokens
            if tokens is None:
                raise SignInNeeded(self._over)
            if tokens.access != stale:
                return tokens.access
            if not tokens.refresh:
                raise self._expired()
            self._tokens = self._refreshed(tokens)
            self._log.info("session renewed")
            return self._tokens.access

    def revoke(self) -> None:
        """Sign out: forget the tokens, then tell the platform; PlatformError if it is not told."""
        with self._turn:
            tokens, self._tokens = self._tokens, None
        if tokens is None or not self._endpoints.revocation:
            return
        kind = "refresh_token" if tokens.refresh else "access_token"
        fields = {
            "token": tokens.refresh or tokens.access,
            "token_type_hint": kind,
            "client_id": self._client_id,
        }
        reply = _post_form(self._http, self._endpoints.revocation, fields)
        if reply.status != 200:
            raise refusal(reply.status, reply.headers, b"", reply.url, what="end the session")

    def _expired(self) -> SignInNeeded:
        """Every later call says the same, whichever thread finds out first."""
        self._tokens = None
        self._over = "Your session has expired. Sign in to go on."
        return SignInNeeded(self._over)

    def _refreshed(self, tokens: Tokens) -> Tokens:
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": tokens.refresh,
            "client_id": self._client_id,
        }
        reply = _post_form(self._http, self._endpoints.token, fields)
        if reply.status in {400, 401}:
            raise self._expired()
        if reply.status != 200:
            raise refusal(
                reply.status, reply.headers, reply.body, reply.url, what="renew the session"
            )
        fresh, _ = _tokens(reply)
        return fresh if fresh.refresh else Tokens(fresh.access, tokens.refresh, fresh.good_until)


def challenge_of(verifier: str) -> str:
    """PKCE S256 (RFC 7636 §4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def sign_in(
    http: HttpClient,
    settings: PlatformSettings,
    open_browser: Callable[[str], None],
    *,
    stop: Callable[[], bool],
    seconds: float = 300,
) -> Session:
    """Sign in through the browser; Cancelled, SignInFailed or another PlatformError."""
    endpoints = discover(http, settings.fhir)
    verifier, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
    with Loopback() as loopback:
        asked = {
            "response_type": "code",
            "client_id": settings.client_id,
            "redirect_uri": loopback.redirect_uri,
            "scope": " ".join(settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            "aud": settings.fhir.rstrip("/"),
            "resource": settings.fhir.rstrip("/"),
        }
        joint = "&" if urlsplit(endpoints.authorization).query else "?"
        open_browser(f"{endpoints.authorization}{joint}{urlencode(asked)}")
        answer = loopback.wait(stop, seconds=seconds)
        code = _checked_code(answer, endpoints, state)
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": loopback.redirect_uri,
            "client_id": settings.client_id,
            "code_verifier": verifier,
            "resource": settings.fhir.rstrip("/"),
        }
    reply = _post_form(http, endpoints.token, fields)
    if reply.status != 200:
        raise SignInFailed(str(_token_refusal(reply)))
    tokens, id_token = _tokens(reply)
    claims = check_id_token(http, endpoints, id_token, client_id=settings.client_id, nonce=nonce)
    return Session(http, endpoints, settings.client_id, tokens, claims)


def _checked_code(answer: Mapping[str, str], endpoints: Endpoints, state: str) -> str:
    """Give the code, if the answer belongs to our question and comes from our issuer."""
    if not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):
        raise SignInFailed("The sign-in answer does not belong to this sign-in; it was not used.")
    issuer = answer.get("iss")
    if (issuer is None and endpoints.names_issuer) or issuer not in {None, endpoints.issuer}:
        raise SignInFailed("The sign-in answer comes from another issuer; it was not used.")
    if "error" in answer:
        why = plain(answer.get("error_description") or answer["error"])
        raise SignInFailed(f"The platform did not sign you in: {why}.")
    if not answer.get("code"):
        raise SignInFailed("The sign-in answer carries no code.")
    return answer["code"]


def _post_form(http: HttpClient, url: str, fields: Mapping[str, str]) -> Reply:
    return http.request(
        "POST",
        url,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        },
        body=urlencode(fields).encode("ascii"),
        cap=1 << 20,
    )


def _token_refusal(reply: Reply) -> PlatformError:
    fault = refusal(reply.status, reply.headers, reply.body, reply.url, what="complete the sign-in")
    return Refused(str(fault), status=reply.status)


def _tokens(reply: Reply) -> tuple[Tokens, str]:
    """Access and refresh token with their end, and the id_token ('' when none came)."""
    found = reply.json()
    access, kind = found.get("access_token"), found.get("token_type")
    if not isinstance(access, str) or not access or str(kind).lower() != "bearer":
        raise BadAnswer(f"{host_of(reply.url)} gave no access token.")
    lasts, refresh, identity = (
        found.get("expires_in"),
        found.get("refresh_token"),
        found.get("id_token"),
    )
    seconds = float(lasts) if isinstance(lasts, int | float) and 0 < lasts < 1e7 else 300.0
    return (
        Tokens(
            access,
            refresh if isinstance(refresh, str) else "",
            time.monotonic() + max(seconds, _EARLY + 1),
        ),
        identity if isinstance(identity, str) else "",
    )
