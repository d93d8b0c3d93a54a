"""The sign-in server: OpenID Connect code flow with PKCE for a public native client.

Held to RFC 6749, 7009, 7636, 8252, 8414, 9207, 9700 and SMART App Launch 2 (standalone launch).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from workstation.demo.bodies import read_body
from workstation.demo.fhir_search import PARAMETERS
from workstation.demo.grants import Asked, Grants
from workstation.demo.login_page import HEADERS, DemoReader, login_page, refusal_page
from workstation.demo.tokens import LIFETIME, Addresses, Grant, TokenService, granted_scopes

CLIENT_ID = "lightbox"
_FORM_LIMIT = 64 * 1024
# RFC 8252 §7.3: any port, but the literal loopback address and the registered path.
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}/callback")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class _Refused(Exception):
    """A refusal in OAuth's terms: error code and one sentence."""

    def __init__(self, error: str, sentence: str) -> None:
        super().__init__(sentence)
        self.error = error
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class SignIn:
    """The endpoints; ``readers`` gives who can sign in now."""

    addresses: Addresses
    tokens: TokenService
    grants: Grants
    readers: Callable[[], Sequence[DemoReader]]

    def routes(self) -> list[BaseRoute]:
        """Give the routes of sign-in and discovery."""
        return [
            Route("/.well-known/openid-configuration", self._discovery, methods=["GET"]),
            Route("/fhir/.well-known/smart-configuration", self._smart, methods=["GET"]),
            Route("/jwks", self._jwks, methods=["GET"]),
            Route("/authorize", self._authorize, methods=["GET"]),
            Route("/login", self._login, methods=["POST"]),
            Route("/token", self._token, methods=["POST"]),
            Route("/revoke", self._revoke, methods=["POST"]),
        ]

    async def _discovery(self, _: Request) -> Response:
        return JSONResponse(self._metadata())

    async def _smart(self, _: Request) -> Response:
        capabilities = [
            *("launch-standalone", "client-public", "authorize-post", "sso-openid-connect"),
            *("permission-user", "permission-offline", "permission-v2"),
        ]
        return JSONResponse(self._metadata() | {"capabilities": capabilities})

    async def _jwks(self, _: Request) -> Response:
        return JSONResponse(self.tokens.keys())

    def _metadata(self) -> dict[str, Any]:
        base = self.addresses.base
        return {
            "issuer": base,
            "authorization_endpoint": f"{base}/authorize",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/jwks",
            "revocation_endpoint": f"{base}/revoke",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "subject_types_supported": ["public"],
            "authorization_response_iss_parameter_supported": True,
            "scopes_supported": [
                *("openid", "fhirUser", "offline_access", "dicomweb"),
                *(f"user/{kind}.crus" for kind in PARAMETERS),
            ],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "fhirUser", "name"],
        }

    async def _authorize(self, request: Request) -> Response:
        try:
            asked = _single(request.query_params.multi_items())
            _check_client(asked.get("client_id", ""), asked.get("redirect_uri", ""))
        except _Refused as refused:
            return HTMLResponse(refusal_page(refused.sentence), 400, HEADERS)
        try:
            interaction = self.grants.ask(self._checked(asked))
        except _Refused as refused:
            told = {"error": refused.error, "error_description": refused.sentence}
            return self._back(asked["redirect_uri"], told, asked.get("state", ""))
        action = f"{self.addresses.base}/login"
        return HTMLResponse(login_page(interaction, self.readers(), action), 200, HEADERS)

    def _checked(self, asked: Mapping[str, str]) -> Asked:
        if asked.get("response_type") != "code":
            raise _Refused("unsupported_response_type", "Only response_type=code is offered.")
        if asked.get("code_challenge_method") != "S256":
            raise _Refused("invalid_request", "PKCE with S256 is required.")
        if not _CHALLENGE.fullmatch(asked.get("code_challenge", "")):
            raise _Refused("invalid_request", "The code_challenge is not one of S256.")
        ours = {self.addresses.base, self.addresses.fhir, self.addresses.dicomweb}
        for name in ("aud", "resource"):
            if name in asked and asked[name].rstrip("/") not in ours:
                raise _Refused("invalid_target", f"{name} is not this platform.")
        scopes = granted_scopes(asked.get("scope", "").split(), list(PARAMETERS))
        if not scopes:
            raise _Refused("invalid_scope", "None of the scopes is known here.")
        return Asked(
            client=asked["client_id"],
            redirect=asked["redirect_uri"],
            scopes=scopes,
            state=asked.get("state", ""),
            nonce=asked.get("nonce", ""),
            challenge=asked["code_challenge"],
        )

    async def _login(self, request: Request) -> Response:
        try:
            form = await _form(request)
        except _Refused as refused:
            return HTMLResponse(refusal_page(refused.sentence), 400, HEADERS)
        asked = self.grants.take(form.get("interaction", ""))
        if asked is None:
            sentence = "This page is too old or was used before. Start again in Lightbox."
            return HTMLResponse(refusal_page(sentence), 400, HEADERS)
        reader = next((r for r in self.readers() if r.user == form.get("user")), None)
        if reader is None:
            told = {"error": "access_denied", "error_description": "No such reader."}
            return self._back(asked.redirect, told, asked.state)
        code = self.grants.allow(asked, user=reader.user, role=reader.role, name=reader.name)
        return self._back(asked.redirect, {"code": code}, asked.state)

    def _back(self, redirect: str, told: Mapping[str, str], state: str) -> Response:
        query = dict(told) | ({"state": state} if state else {}) | {"iss": self.addresses.base}
        return RedirectResponse(f"{redirect}?{urlencode(query)}", 303, dict(_NO_STORE))

    async def _token(self, request: Request) -> Response:
        try:
            return self._answer(self._exchanged(await _form(request)))
        except _Refused as refused:
            return _refusal(refused)

    def _exchanged(self, form: Mapping[str, str]) -> Grant:
        if form.get("client_id") != CLIENT_ID:
            raise _Refused("invalid_client", "This client is not known here.")
        match form.get("grant_type"):
            case "authorization_code":
                return self._redeem(form)
            case "refresh_token":
                return self._rotate(form)
            case _:
                raise _Refused("unsupported_grant_type", "This grant type is not offered.")

    def _redeem(self, form: Mapping[str, str]) -> Grant:
        verifier = form.get("code_verifier", "")
        if not _VERIFIER.fullmatch(verifier):
            raise _Refused("invalid_request", "A code_verifier of 43 to 128 characters is needed.")
        grant = self.grants.redeem(
            form.get("code", ""),
            client=CLIENT_ID,
            redirect=form.get("redirect_uri", ""),
            verifier=verifier,
        )
        if grant is None:
            raise _Refused("invalid_grant", "The code is wrong, too old or was used before.")
        return grant

    def _rotate(self, form: Mapping[str, str]) -> Grant:
        grant = self.grants.rotate(form.get("refresh_token", ""), CLIENT_ID)
        if grant is None:
            raise _Refused("invalid_grant", "The refresh token is wrong, used up or revoked.")
        return grant

    def _answer(self, grant: Grant) -> Response:
        told: dict[str, Any] = {
            "access_token": self.tokens.access_token(grant),
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "scope": " ".join(grant.scopes),
        }
        if "openid" in grant.scopes:
            told["id_token"] = self.tokens.id_token(grant)
        if "offline_access" in grant.scopes:
            told["refresh_token"] = self.grants.refresh_token(grant)
        return JSONResponse(told, headers=dict(_NO_STORE))

    async def _revoke(self, request: Request) -> Response:
        try:
            form = await _form(request)
        except _Refused as refused:
            return _refusal(refused)
        token = form.get("token", "")
        self.grants.end_by_refresh_token(token, form.get("client_id", ""))
        grant = self.tokens.grant_of(token)
        if grant:
            self.grants.end(grant)
        return Response(status_code=200, headers=dict(_NO_STORE))


def _check_client(client: str, redirect: str) -> None:
    if client != CLIENT_ID:
        raise _Refused("invalid_client", "This client is not known here.")
    if not _LOOPBACK.fullmatch(redirect):
        raise _Refused("invalid_request", "The redirect address is not one of a local program.")


def _single(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Refused("invalid_request", "A parameter occurs twice.")
    return found


async def _form(request: Request) -> dict[str, str]:
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise _Refused("invalid_request", "The body is not a form.")
    body = await read_body(request, _FORM_LIMIT)
    try:
        return _single(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=50))
    except ValueError as error:
        raise _Refused("invalid_request", "The form cannot be read.") from error


def _refusal(refused: _Refused) -> Response:
    status = 401 if refused.error == "invalid_client" else 400
    told = {"error": refused.error, "error_description": refused.sentence}
    return JSONResponse(told, status, headers=dict(_NO_STORE))
