"""Verification of the id_token: who signed in, said by the issuer to us and about now."""

import time
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from workstation.errors import SignInFailed
from workstation.platform.discovery import Endpoints
from workstation.platform.faults import refusal
from workstation.platform.http import HttpClient

ALGORITHMS = ("RS256", "PS256", "ES256")
_LEEWAY = 60


def check_id_token(
    http: HttpClient, endpoints: Endpoints, id_token: str, *, client_id: str, nonce: str
) -> Mapping[str, object]:
    """Give the claims of a token that holds; SignInFailed names the check that failed."""
    reply = http.request("GET", endpoints.jwks, headers={"Accept": "application/json"}, cap=1 << 20)
    if reply.status != 200:
        raise refusal(reply.status, reply.headers, b"", reply.url, what="give its signing keys")
    found: Any = reply.json()
    try:
        keys = KeySet.import_key_set(found)
        claims = jwt.decode(id_token, keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise SignInFailed(
            "The platform's statement of who you are is not validly signed."
        ) from error
    server_now = int(time.time() + http.clock_offset.total_seconds())
    registry = jwt.JWTClaimsRegistry(
        now=server_now,
        leeway=_LEEWAY,
        iss={"essential": True, "value": endpoints.issuer},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        registry.validate(claims)
    except JoseError as error:
        raise SignInFailed(
            f"The platform's statement of who you are does not hold ({error.description})."
        ) from error
    if "azp" in claims and claims["azp"] != client_id:
        raise SignInFailed("The platform's statement of who you are was made for another program.")
    return claims
