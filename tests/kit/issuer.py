"""The sign-in side of a platform, scripted, with each of its promises breakable by name."""

import base64
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.kit.scripted_server import Answer, Asked, as_json


@dataclass
class Issuer:
    """An OpenID provider as a script for ``scripted``; ``claims`` and the rest bend the truth."""

    key: RSAKey | ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    algorithm: str = "ES256"
    claims: dict[str, object] = field(default_factory=dict)
    forged: str = ""
    """An id_token to send instead of a true one."""
    lifetime: float = 300
    refusing: bool = False
    """Refuse every refresh."""
    names_issuer: bool = True
    answer: dict[str, str | None] = field(default_factory=dict)
    """Parameters of the authorization answer to change, None to leave out."""
    asked: dict[str, str] = field(default_factory=dict)
    """The authorization request."""
    issued: int = 0
    revoked: list[str] = field(default_factory=list)
    exchanged: list[dict[str, str]] = field(default_factory=list)
    base: str = ""
    pause: float = 0
    pages: list[str] = field(default_factory=list)
    """What the browser saw when it came home."""

    def script(self, asked: Asked) -> Answer:
        """Answer one request."""
        self.base = f"https://{asked.headers['Host']}"
        routes: Mapping[str, Callable[[Asked], Answer]] = {
            "/fhir/.well-known/smart-configuration": self._configuration,
            "/jwks": self._jwks,
            "/token": self._token,
            "/revoke": self._revoke,
        }
        if asked.path in routes:
            return routes[asked.path](asked)
        return as_json({"error": "not_found"}, 404)

    def browser(self, url: str) -> None:
        """Be the browser and the person: sign in at once and go home."""
        self.asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        told: dict[str, str | None] = {"code": "c-1", "state": self.asked["state"]}
        told["iss"] = self.base
        told.update(self.answer)
        query = urlencode({k: v for k, v in told.items() if v is not None})
        home = f"{self.asked['redirect_uri']}?{query}"
        threading.Thread(target=lambda: self.pages.append(visit(home))).start()

    def _configuration(self, _: Asked) -> Answer:
        return as_json(
            {
                "issuer": self.base,
                "authorization_endpoint": f"{self.base}/authorize",
                "token_endpoint": f"{self.base}/token",
                "jwks_uri": f"{self.base}/jwks",
                "revocation_endpoint": f"{self.base}/revoke",
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": self.names_issuer,
            }
        )

    def _jwks(self, _: Asked) -> Answer:
        return as_json({"keys": [{**self.key.as_dict(private=False), "kid": "k"}]})

    def _token(self, asked: Asked) -> Answer:
        self.exchanged.append(asked.form)
        if self.refusing and asked.form["grant_type"] == "refresh_token":
            return as_json({"error": "invalid_grant"}, 400)
        time.sleep(self.pause)
        self.issued += 1
        given = {
            "access_token": f"access-{self.issued}",
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "refresh_token": f"refresh-{self.issued}",
        }
        if asked.form["grant_type"] == "authorization_code":
            given["id_token"] = self.forged or self._id_token()
        return as_json(given)

    def _revoke(self, asked: Asked) -> Answer:
        self.revoked.append(asked.form["token"])
        return Answer(200)

    def _id_token(self) -> str:
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": self.base,
            "aud": "lightbox",
            "sub": "dr-ito",
            "exp": now + 300,
            "iat": now,
            "nonce": self.asked["nonce"],
            "fhirUser": f"{self.base}/fhir/PractitionerRole/dr-ito",
            **self.claims,
        }
        told = {k: v for k, v in claims.items() if v is not None}
        return jwt.encode({"alg": self.algorithm, "kid": "k"}, told, self.key, [self.algorithm])


def unsigned(claims: Mapping[str, object]) -> str:
    """A token of algorithm none."""
    return f"{_part({'alg': 'none'})}.{_part(claims)}."


def signed_with_public_key(key: RSAKey, claims: Mapping[str, object]) -> str:
    """The classic confusion: HS256 with the provider's public key as the secret."""
    body = f"{_part({'alg': 'HS256', 'kid': 'k'})}.{_part(claims)}"
    mac = hmac.digest(key.as_pem(private=False), body.encode(), "sha256")
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _part(value: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def visit(url: str, host: str | None = None) -> str:
    """GET a page on loopback; ``host`` is what the visitor calls the server."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=3)
    try:
        headers = {"Host": host} if host else {}
        connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
        answer = connection.getresponse()
        return f"{answer.status} {answer.read().decode()}"
    finally:
        connection.close()
