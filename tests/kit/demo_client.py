"""A plain HTTP client of the demo platform, independent of the product's own."""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.kit.demo_platform import DemoProcess

REDIRECT = "http://127.0.0.1:49152/callback"
SCOPES = (
    "openid fhirUser offline_access dicomweb user/Task.rus user/ServiceRequest.rs "
    "user/ImagingStudy.rs user/DiagnosticReport.crus user/Observation.crus "
    "user/Provenance.crs user/Communication.crs user/AuditEvent.c user/Patient.rs "
    "user/Practitioner.rs user/PractitionerRole.rs user/Organization.rs user/Location.rs "
    "user/Endpoint.rs user/Consent.rs user/DocumentReference.rs user/Binary.cr"
)


def open_session(demo: DemoProcess) -> requests.Session:
    """Give a session that trusts the demo's authority and nothing from the environment."""
    session = requests.Session()
    session.trust_env = False
    session.verify = demo.ca
    return session


@dataclass
class Attempt:
    """One sign-in by hand; change ``query`` or ``form`` to see it refused."""

    demo: DemoProcess
    session: requests.Session
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def query(self, **changes: str | None) -> dict[str, str]:
        """Build the authorization request; None leaves a parameter out."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        full: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "lightbox",
            "redirect_uri": REDIRECT,
            "scope": SCOPES,
            "state": self.state,
            "nonce": self.nonce,
            "aud": self.demo.ready["fhir"],
            "code_challenge": urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return {k: v for k, v in (full | changes).items() if v is not None}

    def authorize(self, **changes: str | None) -> requests.Response:
        """Open the login page."""
        address = f"{self.demo.ready['base']}/authorize"
        return self.session.get(address, params=self.query(**changes), allow_redirects=False)

    def log_in(self, user: str = "dr-ito", **changes: str | None) -> dict[str, str]:
        """Fill in the login page and give what came back to the redirect address."""
        page = self.authorize(**changes)
        form = LoginForm(page.text)
        fields = {**form.hidden, "user": user}
        answer = self.session.post(form.action, data=fields, allow_redirects=False)
        return redirected(answer)

    def redeem(self, code: str, **changes: str) -> requests.Response:
        """Exchange a code at the token endpoint."""
        form = {
            "grant_type": "authorization_code",
            "client_id": "lightbox",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
        }
        return self.session.post(f"{self.demo.ready['base']}/token", data=form | changes)

    def refresh(self, token: str) -> requests.Response:
        """Use a refresh token."""
        form = {"grant_type": "refresh_token", "client_id": "lightbox", "refresh_token": token}
        return self.session.post(f"{self.demo.ready['base']}/token", data=form)

    def tokens(self, user: str = "dr-ito", **changes: str | None) -> dict[str, Any]:
        """Sign in and give the token answer."""
        answer = self.redeem(self.log_in(user, **changes)["code"])
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def redirected(answer: requests.Response) -> dict[str, str]:
    """Give the query of the redirect to the client."""
    assert answer.status_code == 303, (answer.status_code, answer.text)
    place = urlsplit(answer.headers["location"])
    assert f"{place.scheme}://{place.netloc}{place.path}" == REDIRECT
    return {name: values[0] for name, values in parse_qs(place.query).items()}


def signed_in(demo: DemoProcess, user: str = "dr-ito", **changes: str | None) -> requests.Session:
    """Give a session that carries the access token of ``user``; close it."""
    session = open_session(demo)
    tokens = Attempt(demo, session).tokens(user, **changes)
    session.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return session


class LoginForm(HTMLParser):
    """The login page's form."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.hidden: dict[str, str] = {}
        self.users: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found["action"]
        elif tag == "input" and found.get("type") == "hidden":
            self.hidden[found["name"]] = found["value"]
        elif tag == "option":
            self.users.append(found["value"])
