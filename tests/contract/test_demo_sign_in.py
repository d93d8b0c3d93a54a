"""The demo platform's sign-in over real HTTPS, checked by PyJWT as an independent library."""

from collections.abc import Iterator
from urllib.parse import urlencode

import jwt
import pytest
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import RSAKey

from tests.kit.demo_cases import write_tiny_case
from tests.kit.demo_client import Attempt, LoginForm, open_session, redirected
from tests.kit.demo_platform import DemoProcess, start_demo

pytestmark = pytest.mark.timeout(30)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    folder = tmp_path_factory.mktemp("demo")
    write_tiny_case(folder / "state")
    running = start_demo(folder, "--unseeded")
    yield running
    assert running.stop() == 0


@pytest.fixture
def attempt(demo: DemoProcess) -> Iterator[Attempt]:
    with open_session(demo) as session:
        yield Attempt(demo, session)


def verified(attempt: Attempt, token: str, audience: str) -> dict[str, object]:
    keys = attempt.session.get(f"{attempt.demo.ready['base']}/jwks").json()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, object] = jwt.decode(
        token, key, algorithms=["RS256"], audience=audience, issuer=attempt.demo.ready["base"]
    )
    return claims


def task_status(attempt: Attempt, token: str) -> int:
    answer = attempt.session.get(
        f"{attempt.demo.ready['fhir']}/Task", headers={"Authorization": f"Bearer {token}"}
    )
    return answer.status_code


def test_discovery_names_every_endpoint(attempt: Attempt) -> None:
    base = attempt.demo.ready["base"]
    known = attempt.session.get(f"{base}/.well-known/openid-configuration").json()
    smart = attempt.session.get(f"{base}/fhir/.well-known/smart-configuration").json()
    assert known["issuer"] == base
    assert known["code_challenge_methods_supported"] == ["S256"]
    assert smart["token_endpoint"] == known["token_endpoint"] == f"{base}/token"
    assert "launch-standalone" in smart["capabilities"]


def test_the_whole_way(attempt: Attempt) -> None:
    back = attempt.log_in()
    assert back["state"] == attempt.state
    assert back["iss"] == attempt.demo.ready["base"]
    answer = attempt.redeem(back["code"])
    assert answer.headers["Cache-Control"] == "no-store"
    tokens = answer.json()
    assert tokens["expires_in"] == 300
    identity = verified(attempt, tokens["id_token"], "lightbox")
    assert identity["nonce"] == attempt.nonce
    assert identity["fhirUser"] == f"{attempt.demo.ready['fhir']}/PractitionerRole/dr-ito"
    access = verified(attempt, tokens["access_token"], attempt.demo.ready["fhir"])
    assert "user/Task.rus" in str(access["scope"])
    assert task_status(attempt, tokens["access_token"]) == 200


def test_the_page_offers_the_readers_and_runs_no_script(attempt: Attempt) -> None:
    page = attempt.authorize()
    assert LoginForm(page.text).users == ["dr-okafor", "dr-ito"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "not for clinical use" in page.text


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"redirect_uri": "http://127.0.0.1:80/elsewhere"},
        {"redirect_uri": "http://localhost:49152/callback"},
        {"redirect_uri": "https://127.0.0.1:49152/callback"},
        {"redirect_uri": "http://127.0.0.1:49152/callback?x=1"},
        {"redirect_uri": "http://127.0.0.1.evil.example:80/callback"},
        {"redirect_uri": None},
    ],
)
def test_an_unknown_client_or_address_is_never_redirected_to(
    attempt: Attempt, changes: dict[str, str | None]
) -> None:
    answer = attempt.authorize(**changes)
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"aud": "https://elsewhere.example/fhir"}, "invalid_target"),
        ({"resource": "https://elsewhere.example"}, "invalid_target"),
        ({"scope": "everything"}, "invalid_scope"),
    ],
)
def test_a_wrong_request_comes_back_with_its_error(
    attempt: Attempt, changes: dict[str, str | None], error: str
) -> None:
    back = redirected(attempt.authorize(**changes))
    assert back["error"] == error
    assert back["state"] == attempt.state
    assert back["iss"] == attempt.demo.ready["base"]


def test_a_form_works_once_and_only_with_its_secret(attempt: Attempt) -> None:
    form = LoginForm(attempt.authorize().text)
    fields = {**form.hidden, "user": "dr-ito"}
    assert attempt.session.post(form.action, data={"user": "dr-ito"}).status_code == 400
    first = attempt.session.post(form.action, data=fields, allow_redirects=False)
    second = attempt.session.post(form.action, data=fields, allow_redirects=False)
    assert (first.status_code, second.status_code) == (303, 400)


def test_an_unknown_reader_is_denied(attempt: Attempt) -> None:
    assert attempt.log_in("nobody")["error"] == "access_denied"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 43},
        {"redirect_uri": "http://127.0.0.1:1/callback"},
        {"client_id": "other"},
        {"code_verifier": "short"},
        {"grant_type": "password"},
    ],
)
def test_a_code_is_bound_to_its_request(attempt: Attempt, changes: dict[str, str]) -> None:
    code = attempt.log_in()["code"]
    answer = attempt.redeem(code, **changes)
    assert answer.status_code in {400, 401}
    assert "access_token" not in answer.json()


def test_a_replayed_code_ends_the_sign_in(attempt: Attempt) -> None:
    code = attempt.log_in()["code"]
    tokens = attempt.redeem(code).json()
    assert task_status(attempt, tokens["access_token"]) == 200
    replay = attempt.redeem(code)
    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
    assert task_status(attempt, tokens["access_token"]) == 401
    assert attempt.refresh(tokens["refresh_token"]).status_code == 400


def test_refresh_rotates_and_reuse_ends_the_sign_in(attempt: Attempt) -> None:
    tokens = attempt.tokens()
    second = attempt.refresh(tokens["refresh_token"]).json()
    assert second["refresh_token"] != tokens["refresh_token"]
    assert task_status(attempt, second["access_token"]) == 200
    assert attempt.refresh(tokens["refresh_token"]).status_code == 400
    assert attempt.refresh(second["refresh_token"]).status_code == 400
    assert task_status(attempt, second["access_token"]) == 401


def test_without_offline_access_there_is_no_refresh_token(attempt: Attempt) -> None:
    assert "refresh_token" not in attempt.tokens(scope="openid user/Task.rs")


@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_revoking_ends_the_sign_in(attempt: Attempt, which: str) -> None:
    tokens = attempt.tokens()
    form = {"token": tokens[which], "client_id": "lightbox"}
    answer = attempt.session.post(f"{attempt.demo.ready['base']}/revoke", data=form)
    assert answer.status_code == 200
    assert attempt.refresh(tokens["refresh_token"]).status_code == 400
    assert task_status(attempt, tokens["access_token"]) == 401
    unknown = form | {"token": "unknown"}
    assert attempt.session.post(f"{attempt.demo.ready['base']}/revoke", data=unknown).ok


def test_forged_tokens_are_refused(attempt: Attempt) -> None:
    tokens = attempt.tokens()
    good = tokens["access_token"]
    header = jwt.get_unverified_header(good)
    claims = jwt.decode(good, options={"verify_signature": False})
    own_key = RSAKey.generate_key(2048)
    forged = [
        good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        jwt.encode(claims, "", algorithm="none", headers={"typ": "at+jwt"}),
        joserfc_jwt.encode(header, claims, own_key),
        tokens["id_token"],
        tokens["refresh_token"],
        "",
    ]
    assert [task_status(attempt, token) for token in forged] == [401] * len(forged)


def test_a_doubled_parameter_is_refused(attempt: Attempt) -> None:
    pairs = [*attempt.query().items(), ("state", "another")]
    address = f"{attempt.demo.ready['base']}/authorize?{urlencode(pairs)}"
    answer = attempt.session.get(address, allow_redirects=False)
    assert answer.status_code == 400
