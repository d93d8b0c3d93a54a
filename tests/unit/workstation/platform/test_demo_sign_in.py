"""The program plays the browser: form, cookie, redirect; nobody is left waiting for it."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from tests.kit.certificates import Authority
from tests.kit.scripted_server import Answer, Asked, scripted
from workstation.errors import SignInFailed
from workstation.platform.demo_sign_in import answer_as
from workstation.platform.http import HttpClient
from workstation.platform.loopback import Loopback

Clients = Callable[..., HttpClient]
PAGE = """<!DOCTYPE html><form method="post" action="/login?x=1"><input type="hidden" name="token"
value="t&amp;1"><select name="user"><option value="dr-other">O<option value="dr-ito">I</select>
<input type="password" name="secret"><input type="checkbox" name="spam" value="yes">
<button type="submit" name="go" value="in">Sign in</button></form><form action="/evil"></form>"""


def played(page: Callable[[Asked, str], Answer], ca: Authority, client: Clients) -> dict[str, str]:
    with (
        Loopback() as home,
        scripted(lambda asked: page(asked, home.redirect_uri), ca.server()) as server,
    ):
        asked = urlencode({"redirect_uri": home.redirect_uri, "state": "s-1"})
        answer_as("dr-ito", client(server.base))(f"{server.base}/authorize?{asked}")
        return dict(home.wait(lambda: False, seconds=3))


def test_form_is_filled_in_and_followed_home(ca: Authority, client: Clients) -> None:
    posted: list[Asked] = []

    def platform(asked: Asked, home: str) -> Answer:
        if asked.method == "POST":
            posted.append(asked)
            return Answer(303, headers={"Location": "/next"})
        if asked.path == "/next":
            return Answer(302, headers={"Location": f"{home}?code=c-1&state=s-1"})
        return Answer(200, PAGE.encode(), {"Set-Cookie": "sid=42; HttpOnly; Path=/"})

    assert played(platform, ca, client) == {"code": "c-1", "state": "s-1"}
    (sent,) = posted
    assert sent.target == "/login?x=1"
    assert sent.headers["Cookie"] == "sid=42"
    assert sent.form == {"token": "t&1", "user": "dr-ito", "secret": "demo", "go": "in"}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, b"<p>no</p>"),
        Answer(200, b"<p>no form</p>"),
        Answer(200, PAGE.encode()),
        Answer(302, headers={"Location": "/again"}),
        Answer(302),
    ],
    ids=["refused", "no form", "the form again and again", "round and round", "nowhere"],
)
def test_browser_that_cannot_go_on_says_so_at_home(
    ca: Authority, client: Clients, answer: Answer
) -> None:
    assert played(lambda *_: answer, ca, client) == {"error": "server_error", "state": "s-1"}


def test_wait_without_a_browser_ends() -> None:
    with Loopback() as home, pytest.raises(SignInFailed):
        home.wait(lambda: False, seconds=0.15)
