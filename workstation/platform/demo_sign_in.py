"""Plays the browser for the demo: the real pages, answered by the program itself."""

import threading
from collections.abc import Callable
from html.parser import HTMLParser
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

from workstation.errors import BadAnswer, PlatformError
from workstation.logs import Log
from workstation.platform.http import HttpClient, Reply

_STEPS = 6
_PASSWORD = "demo"  # noqa: S105 - the demo's invented reader has no secret


def answer_as(user: str, http: HttpClient) -> Callable[[str], None]:
    """Give an ``open_browser`` that signs ``user`` in on a thread of its own, which ends."""

    def open_browser(url: str) -> None:
        threading.Thread(target=_play, args=(url, user, http), name="demo browser").start()

    return open_browser


def _play(url: str, user: str, http: HttpClient) -> None:
    try:
        _follow(url, user, http)
    except PlatformError as error:
        Log("sign-in").error("the demo sign-in did not get through", error)
        _give_up(url, http)


def _follow(url: str, user: str, http: HttpClient) -> None:
    home = _asked(url, "redirect_uri")
    jar: dict[str, str] = {}
    reply = _visit(http, "GET", url, jar, None)
    for _ in range(_STEPS):
        if 300 <= reply.status < 400:
            target = urljoin(reply.url, reply.headers.get("Location", ""))
            reply = _visit(http, "GET", target, {} if target.startswith(home) else jar, None)
            if target.startswith(home):
                return
            continue
        form = _Form(reply.body.decode("utf-8", "replace"))
        if reply.status != 200 or form.action is None:
            break
        fields = urlencode(form.filled(user)).encode("ascii")
        reply = _visit(http, "POST", urljoin(reply.url, form.action or reply.url), jar, fields)
    raise BadAnswer("the demo's sign-in page is not as expected")


def _visit(
    http: HttpClient, method: str, url: str, jar: dict[str, str], body: bytes | None
) -> Reply:
    headers = {"Accept": "text/html"}
    if jar:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    reply = http.request(method, url, headers=headers, body=body, cap=1 << 20)
    try:
        jar.update({k: m.value for k, m in SimpleCookie(reply.headers.get("Set-Cookie")).items()})
    except CookieError as error:
        raise BadAnswer("the demo's sign-in page sets a broken cookie") from error
    return reply


def _give_up(url: str, http: HttpClient) -> None:
    """Go home with an error, so that nobody waits for a browser that has gone."""
    fields = {"error": "server_error", "state": _asked(url, "state")}
    try:
        _visit(http, "GET", f"{_asked(url, 'redirect_uri')}?{urlencode(fields)}", {}, None)
    except PlatformError as error:
        Log("sign-in").error("the demo sign-in could not be given up", error)


def _asked(url: str, name: str) -> str:
    return parse_qs(urlsplit(url).query).get(name, [""])[0]


class _Form(HTMLParser):
    """The first form of a page: where it goes and what it asks for."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self._fields: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._choices: dict[str, list[str]] = {}
        self._select = ""
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action = found.get("action", "")
            self._inside = True
        elif self._inside and tag == "select":
            self._select = found.get("name", "")
        elif self._inside and tag == "option" and self._select:
            self._choices.setdefault(self._select, []).append(found.get("value", ""))
        elif self._inside and tag in {"input", "button"} and found.get("name"):
            self._take(tag, found)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""

    def _take(self, tag: str, found: dict[str, str]) -> None:
        name, value = found["name"], found.get("value", "")
        kind = found.get("type", "submit" if tag == "button" else "text").lower()
        if kind == "radio":
            self._choices.setdefault(name, []).append(value)
        elif kind != "checkbox" and name not in self._fields:
            self._fields[name], self._kinds[name] = value, kind

    def filled(self, user: str) -> dict[str, str]:
        """Every field with what a reader of the demo would put in."""
        filled = dict(self._fields)
        for name, kind in self._kinds.items():
            if kind == "password":
                filled[name] = _PASSWORD
            elif kind in {"text", "email"}:
                filled[name] = user
        for name, choices in self._choices.items():
            filled[name] = user if user in choices else choices[0]
        return filled
