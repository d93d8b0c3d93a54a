"""Where the platform's sign-in lives: SMART configuration and OpenID discovery."""

from dataclasses import dataclass

from workstation.errors import BadAnswer
from workstation.platform.faults import host_of, refusal
from workstation.platform.http import HttpClient


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Addresses of one authorization server."""

    issuer: str
    authorization: str
    token: str
    jwks: str
    revocation: str
    """'' when it has none."""
    names_issuer: bool
    """Whether it promises ``iss`` in the authorization answer (RFC 9207)."""


def discover(http: HttpClient, fhir: str) -> Endpoints:
    """Read ``.well-known/smart-configuration``, and the issuer's own where that lacks something."""
    found = _read(http, f"{fhir.rstrip('/')}/.well-known/smart-configuration")
    issuer = _text(found, "issuer")
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if issuer and not all(_text(found, name) for name in needed):
        own = _read(http, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if _text(own, "issuer") != issuer:
            raise BadAnswer(f"{host_of(issuer)} names another issuer than the platform does.")
        found = {**own, **{k: v for k, v in found.items() if v}}
    if not issuer or not all(_text(found, name) for name in needed):
        raise BadAnswer(f"{host_of(fhir)} does not say where to sign in.")
    methods = found.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        raise BadAnswer(f"{host_of(fhir)} does not offer a safe sign-in (PKCE S256).")
    return Endpoints(
        issuer,
        _text(found, "authorization_endpoint"),
        _text(found, "token_endpoint"),
        _text(found, "jwks_uri"),
        _text(found, "revocation_endpoint"),
        found.get("authorization_response_iss_parameter_supported") is True,
    )


def _read(http: HttpClient, url: str) -> dict[str, object]:
    reply = http.request("GET", url, headers={"Accept": "application/json"}, cap=1 << 20)
    if reply.status != 200:
        raise refusal(reply.status, reply.headers, reply.body, url, what="say where to sign in")
    return reply.json()


def _text(found: dict[str, object], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""
