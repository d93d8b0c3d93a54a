"""Access and identity tokens: JWT signed with RS256, and what they allow (SMART App Launch 2)."""

import json
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from workstation.demo.files import replace_file
from workstation.demo.problems import Problem

LIFETIME = 300
_LETTERS = {"read": "rs", "write": "cud", "*": "cruds"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the platform is."""

    base: str

    @property
    def fhir(self) -> str:
        """FHIR base."""
        return f"{self.base}/fhir"

    @property
    def dicomweb(self) -> str:
        """DICOMweb base."""
        return f"{self.base}/dicomweb"


@dataclass(frozen=True, slots=True)
class Grant:
    """What one reader allowed one client in one sign-in."""

    id: str
    user: str
    role: str
    """PractitionerRole/<id>."""
    name: str
    client: str
    scopes: tuple[str, ...]
    nonce: str


@dataclass(frozen=True, slots=True)
class Principal:
    """Who speaks, and what the token allows."""

    user: str
    role: str
    scopes: tuple[str, ...]

    def may(self, kind: str, letter: str) -> bool:
        """Whether a resource scope covers one of c, r, u, d, s on ``kind``."""
        return any(_covers(scope, kind, letter) for scope in self.scopes)

    def need(self, kind: str, letter: str) -> None:
        """Raise Problem 403 unless ``may``."""
        if not self.may(kind, letter):
            self._refuse(f"user/{kind}.{letter}")

    def need_scope(self, scope: str) -> None:
        """Raise Problem 403 unless the very scope was granted."""
        if scope not in self.scopes:
            self._refuse(scope)

    def _refuse(self, scope: str) -> None:
        told = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}
        raise Problem(403, "forbidden", f"The sign-in does not cover {scope}.", headers=told)


class TokenService:
    """Signs tokens and checks them; ``alive`` says whether a grant still stands."""

    def __init__(
        self,
        key_file: Path,
        addresses: Addresses,
        alive: Callable[[str], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Read the signing key from ``key_file``, or make it."""
        if not key_file.exists():
            made = RSAKey.generate_key(2048)
            replace_file(key_file, json.dumps(made.as_dict(private=True)).encode(), private=True)
        self._key = RSAKey.import_key(json.loads(key_file.read_bytes()))
        self._kid = self._key.thumbprint()
        self._addresses = addresses
        self._alive = alive
        self._clock = clock
        self._generation = secrets.token_hex(8)

    def keys(self) -> dict[str, Any]:
        """Give the public keys as a JWK set (RFC 7517)."""
        public = self._key.as_dict(private=False)
        return {"keys": [{**public, "kid": self._kid, "use": "sig", "alg": "RS256"}]}

    def access_token(self, grant: Grant) -> str:
        """Sign an access token (RFC 9068)."""
        return self._sign(
            "at+jwt",
            {
                **self._common(grant),
                "aud": [self._addresses.fhir, self._addresses.dicomweb],
                "client_id": grant.client,
                "scope": " ".join(grant.scopes),
                "jti": secrets.token_urlsafe(16),
                "grant": grant.id,
                "generation": self._generation,
            },
        )

    def id_token(self, grant: Grant) -> str:
        """Sign an identity token (OpenID Connect Core §2) with SMART's fhirUser."""
        claims = {**self._common(grant), "aud": grant.client, "name": grant.name}
        if grant.nonce:
            claims["nonce"] = grant.nonce
        return self._sign("JWT", claims)

    def expire_all(self) -> None:
        """Let every access token given so far be refused; refresh tokens still work."""
        self._generation = secrets.token_hex(8)

    def principal(self, authorization: str | None) -> Principal:
        """Check the Authorization header; raises Problem 401."""
        if not authorization:
            raise _unauthorised("No access token was sent.", "")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorised("Only a bearer token is accepted.", "invalid_request")
        claims = self._claims(token.strip())
        user = claims["fhirUser"].removeprefix(self._addresses.fhir + "/")
        return Principal(claims["sub"], user, tuple(claims["scope"].split()))

    def grant_of(self, token: str) -> str | None:
        """Give the grant of an access token, or None when it is not one that we accept."""
        try:
            return str(self._claims(token)["grant"])
        except Problem:
            return None

    def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            decoded = jwt.decode(token, self._key, algorithms=["RS256"])
        except (JoseError, ValueError) as error:
            raise _unauthorised("The access token is not one of ours.", "invalid_token") from error
        claims = decoded.claims
        if decoded.header.get("typ") != "at+jwt" or claims.get("iss") != self._addresses.base:
            raise _unauthorised("The access token is not one of ours.", "invalid_token")
        if claims["exp"] <= self._clock() or claims["generation"] != self._generation:
            raise _unauthorised("The access token has expired.", "invalid_token")
        if not self._alive(claims["grant"]):
            raise _unauthorised("The sign-in was revoked.", "invalid_token")
        return claims

    def _common(self, grant: Grant) -> dict[str, Any]:
        now = int(self._clock())
        return {
            "iss": self._addresses.base,
            "sub": grant.user,
            "iat": now,
            "exp": now + LIFETIME,
            "fhirUser": f"{self._addresses.fhir}/{grant.role}",
        }

    def _sign(self, kind: str, claims: Mapping[str, Any]) -> str:
        header = {"alg": "RS256", "kid": self._kid, "typ": kind}
        return jwt.encode(header, dict(claims), self._key)


def _unauthorised(sentence: str, error: str) -> Problem:
    challenge = f'Bearer error="{error}"' if error else "Bearer"
    return Problem(401, "login", sentence, headers={"WWW-Authenticate": challenge})


def _covers(scope: str, kind: str, letter: str) -> bool:
    context, _, rest = scope.partition("/")
    of, _, allowed = rest.partition(".")
    return context == "user" and of in (kind, "*") and letter in _LETTERS.get(allowed, allowed)


def granted_scopes(wanted: Sequence[str], kinds: Sequence[str]) -> tuple[str, ...]:
    """Keep the scopes that this server knows, in the order asked for."""
    plain = {"openid", "fhirUser", "profile", "offline_access", "dicomweb"}
    return tuple(dict.fromkeys(s for s in wanted if s in plain or _known_resource(s, kinds)))


def _known_resource(scope: str, kinds: Sequence[str]) -> bool:
    context, _, rest = scope.partition("/")
    kind, _, allowed = rest.partition(".")
    letters = _LETTERS.get(allowed, allowed)
    in_order = bool(letters) and letters == "".join(c for c in "cruds" if c in letters)
    return context == "user" and in_order and (kind == "*" or kind in kinds)
