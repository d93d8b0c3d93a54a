"""Codes and refresh tokens in time."""

from dataclasses import dataclass

import pytest

from workstation.demo.grants import Asked, Grants, s256
from workstation.demo.tokens import Principal, granted_scopes

VERIFIER = "v" * 43
ASKED = Asked("lightbox", "http://127.0.0.1:1/callback", ("openid",), "s", "n", s256(VERIFIER))


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def allow(grants: Grants) -> str:
    return grants.allow(ASKED, user="dr-ito", role="PractitionerRole/dr-ito", name="Dr Ito")


def redeem(grants: Grants, code: str) -> bool:
    given = grants.redeem(
        code, client="lightbox", redirect="http://127.0.0.1:1/callback", verifier=VERIFIER
    )
    return given is not None


def test_the_example_of_rfc_7636() -> None:
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == challenge


@pytest.mark.parametrize(("seconds", "works"), [(59, True), (61, False)])
def test_a_code_lives_a_minute(seconds: float, works: bool) -> None:
    clock = Clock()
    grants = Grants(clock)
    code = allow(grants)
    clock.now += seconds
    assert redeem(grants, code) is works


@pytest.mark.parametrize(("seconds", "works"), [(599, True), (601, False)])
def test_a_login_page_lives_ten_minutes(seconds: float, works: bool) -> None:
    clock = Clock()
    grants = Grants(clock)
    interaction = grants.ask(ASKED)
    clock.now += seconds
    assert (grants.take(interaction) is not None) is works


def test_open_login_pages_are_bounded() -> None:
    grants = Grants(Clock())
    first = grants.ask(ASKED)
    for _ in range(1000):
        last = grants.ask(ASKED)
    assert grants.take(first) is None
    assert grants.take(last) == ASKED


def test_a_foreign_client_cannot_use_or_revoke_a_refresh_token() -> None:
    grants = Grants(Clock())
    grant = grants.redeem(
        allow(grants), client="lightbox", redirect=ASKED.redirect, verifier=VERIFIER
    )
    assert grant is not None
    token = grants.refresh_token(grant)
    assert grants.rotate(token, "other") is None
    grants.end_by_refresh_token(token, "other")
    assert grants.alive(grant.id)
    assert grants.rotate(token, "lightbox") == grant


@pytest.mark.parametrize(
    ("scope", "kind", "letter", "covers"),
    [
        ("user/Task.rus", "Task", "r", True),
        ("user/Task.rus", "Task", "c", False),
        ("user/Task.rus", "Patient", "r", False),
        ("user/*.rs", "Patient", "s", True),
        ("user/Task.read", "Task", "s", True),
        ("user/Task.write", "Task", "u", True),
        ("user/Task.write", "Task", "r", False),
        ("patient/Task.rs", "Task", "r", False),
        ("openid", "Task", "r", False),
    ],
)
def test_scopes(scope: str, kind: str, letter: str, covers: bool) -> None:
    assert Principal("u", "r", (scope,)).may(kind, letter) is covers


def test_only_known_scopes_are_granted() -> None:
    wanted = ["openid", "user/Task.rus", "user/Task.sr", "user/Nothing.r", "dicomweb", "admin"]
    assert granted_scopes([*wanted, "openid"], ["Task"]) == ("openid", "user/Task.rus", "dicomweb")
