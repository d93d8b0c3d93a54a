"""Sign-in and session: each promise is checked, each secret stays one (R30, R31)."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey

from tests.kit.certificates import Authority
from tests.kit.issuer import Issuer, signed_with_public_key, unsigned, visit
from tests.kit.scripted_server import ScriptedServer, as_json, scripted
from workstation.errors import (
    BadAnswer,
    Cancelled,
    PlatformError,
    SignInFailed,
    SignInNeeded,
    Unreachable,
)
from workstation.platform.auth import Session, challenge_of, sign_in
from workstation.platform.http import HttpClient, PlatformSettings

Clients = Callable[..., HttpClient]


def never() -> bool:
    return False


def enter(issuer: Issuer, server: ScriptedServer, client: Clients) -> Session:
    settings = PlatformSettings(f"{server.base}/fhir/")
    return sign_in(client(server.base), settings, issuer.browser, stop=never, seconds=2)


@contextmanager
def signed_in(
    issuer: Issuer, ca: Authority, client: Clients
) -> Iterator[tuple[Session, ScriptedServer]]:
    with scripted(issuer.script, ca.server()) as server:
        yield enter(issuer, server, client), server


def test_challenge_is_that_of_rfc_7636_appendix_b() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_sign_in_asks_with_all_its_guards(ca: Authority, client: Clients) -> None:
    issuer = Issuer()
    with signed_in(issuer, ca, client) as (session, server):
        assert session.token() == "access-1"
        assert session.fhir_user == f"{server.base}/fhir/PractitionerRole/dr-ito"
        asked, exchange = issuer.asked, issuer.exchanged[0]
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["code_challenge"] == challenge_of(exchange["code_verifier"])
    assert asked["redirect_uri"] == exchange["redirect_uri"]
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    assert asked["redirect_uri"].endswith("/callback")
    assert asked["aud"] == asked["resource"] == exchange["resource"] == f"{server.base}/fhir"
    assert len(asked["state"]) >= 32
    assert len(asked["nonce"]) >= 32
    assert "openid" in asked["scope"].split()
    assert "client_secret" not in exchange


def test_browser_is_sent_back_to_lightbox(ca: Authority, client: Clients) -> None:
    issuer = Issuer()
    with signed_in(issuer, ca, client):
        until(lambda: bool(issuer.pages))
    assert "You can close this tab and return to Lightbox" in issuer.pages[0]
    assert "c-1" not in issuer.pages[0]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"state": "another"}, "does not belong"),
        ({"state": None}, "does not belong"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"code": None}, "no code"),
        ({"code": None, "error": "access_denied", "error_description": "No."}, "No"),
    ],
)
def test_answers_that_are_not_ours_are_not_used(
    ca: Authority, client: Clients, answer: dict[str, str | None], why: str
) -> None:
    issuer = Issuer(answer=answer)
    with scripted(issuer.script, ca.server()) as server, pytest.raises(SignInFailed, match=why):
        enter(issuer, server, client)
    assert issuer.exchanged == []


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another-program"},
        {"aud": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"nonce": "replayed"},
        {"nonce": None},
        {"azp": "another-program"},
    ],
    ids=str,
)
def test_identity_that_is_not_about_us_and_now_is_refused(
    ca: Authority, client: Clients, claims: dict[str, object]
) -> None:
    issuer = Issuer(claims=claims)
    with scripted(issuer.script, ca.server()) as server, pytest.raises(SignInFailed):
        enter(issuer, server, client)


def test_identity_without_a_true_signature_is_refused(ca: Authority, client: Clients) -> None:
    key = RSAKey.generate_key(2048)
    claims = {"iss": "x", "aud": "lightbox", "exp": time.time() + 99}
    stranger = Issuer(key=RSAKey.generate_key(2048), algorithm="RS256")
    stranger.asked = {"nonce": "n"}
    forgeries = [
        unsigned(claims),
        signed_with_public_key(key, claims),
        stranger._id_token(),
        "not.a.token",
        "e30",
    ]
    for forged in forgeries:
        issuer = Issuer(key=key, algorithm="RS256", forged=forged)
        with (
            scripted(issuer.script, ca.server()) as server,
            pytest.raises(SignInFailed, match="validly signed"),
        ):
            enter(issuer, server, client)


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_rsa_identities_are_accepted(ca: Authority, client: Clients, algorithm: str) -> None:
    issuer = Issuer(key=RSAKey.generate_key(2048), algorithm=algorithm)
    with signed_in(issuer, ca, client) as (session, _):
        assert session.alive


def test_waiting_for_the_browser_ends_by_stop_and_by_time(ca: Authority, client: Clients) -> None:
    issuer = Issuer()
    opened: list[str] = []
    with scripted(issuer.script, ca.server()) as server:
        settings = PlatformSettings(f"{server.base}/fhir")
        http = client(server.base)
        with pytest.raises(Cancelled):
            sign_in(http, settings, opened.append, stop=lambda: True)
        with pytest.raises(SignInFailed, match="in time"):
            sign_in(http, settings, opened.append, stop=never, seconds=0.2)
    assert len(opened) == 2


def test_only_the_callback_under_our_own_name_counts(ca: Authority, client: Clients) -> None:
    issuer = Issuer()
    seen: list[str] = []

    def icon_first(url: str) -> None:
        home = parse_qs(urlsplit(url).query)["redirect_uri"][0]

        def all_of_it() -> None:
            seen.append(visit(home.replace("/callback", "/favicon.ico")))
            seen.append(visit(home + "?code=x&state=y", "evil.example"))
            browser_done.set()
            issuer.browser(url)

        threading.Thread(target=all_of_it).start()

    browser_done = threading.Event()
    with scripted(issuer.script, ca.server()) as server:
        settings = PlatformSettings(f"{server.base}/fhir")
        session = sign_in(client(server.base), settings, icon_first, stop=never, seconds=3)
    assert session.alive
    assert browser_done.is_set()
    assert [page[:3] for page in seen] == ["404", "404"]


def test_platform_without_a_safe_sign_in_is_refused(ca: Authority, client: Clients) -> None:
    for configuration in ({}, {"issuer": 3}, {"issuer": "", "token_endpoint": "x"}):
        with (
            scripted(lambda _, c=configuration: as_json(c), ca.server()) as server,  # type: ignore[misc]
            pytest.raises(BadAnswer, match="sign in"),
        ):
            enter(Issuer(), server, client)


def test_expiring_token_is_renewed_once_for_all_threads(ca: Authority, client: Clients) -> None:
    issuer = Issuer(lifetime=300, pause=0.05)
    with signed_in(issuer, ca, client) as (session, _):
        got: list[str] = []
        threads = [
            threading.Thread(target=lambda: got.append(session.renew("access-1"))) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got == ["access-2"] * 6
        assert session.token() == "access-2"
        assert session.renew("access-2") == "access-3"
    refreshes = [f["refresh_token"] for f in issuer.exchanged[1:]]
    assert refreshes == ["refresh-1", "refresh-2"]


def test_refused_refresh_ends_the_session(ca: Authority, client: Clients) -> None:
    issuer = Issuer(refusing=True)
    with signed_in(issuer, ca, client) as (session, _):
        with pytest.raises(SignInNeeded, match="expired"):
            session.renew("access-1")
        assert not session.alive
        with pytest.raises(SignInNeeded):
            session.token()


def test_unreachable_platform_does_not_end_the_session(ca: Authority, client: Clients) -> None:
    issuer = Issuer()
    with signed_in(issuer, ca, client) as (session, _):
        pass
    with pytest.raises(Unreachable):
        session.renew("access-1")
    assert session.alive
    assert session.token() == "access-1"


def test_sign_out_revokes_and_forgets(ca: Authority, client: Clients) -> None:
    issuer = Issuer()
    with signed_in(issuer, ca, client) as (session, _):
        session.revoke()
        session.revoke()
        assert issuer.revoked == ["refresh-1"]
        with pytest.raises(SignInNeeded):
            session.token()
        with pytest.raises(SignInNeeded):
            session.renew("access-1")


def test_sign_out_forgets_even_when_the_platform_is_gone(ca: Authority, client: Clients) -> None:
    issuer = Issuer()
    with signed_in(issuer, ca, client) as (session, _):
        pass
    with pytest.raises(PlatformError):
        session.revoke()
    assert not session.alive


def test_tokens_are_in_no_text_of_the_session(ca: Authority, client: Clients) -> None:
    issuer = Issuer()
    with signed_in(issuer, ca, client) as (session, _):
        assert "access-1" not in repr(session._tokens)
        assert "refresh-1" not in repr(session._tokens)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 2
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)
