"""The HTTP client: whom it trusts, how long it waits, how much it takes (R15, R32, S4, S13)."""

import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.kit.certificates import Authority, authority
from tests.kit.scripted_server import Answer, Asked, as_json, scripted
from workstation.errors import BadAnswer, Unreachable, WrongCertificate
from workstation.platform.http import HttpClient, PlatformSettings
from workstation.platform.tls import Trust, tls_context
from workstation.platform.transport import Patience

Clients = Callable[..., HttpClient]


def hello(_: Asked) -> Answer:
    return as_json({"hello": "reader"})


def test_answer_from_the_trusted_platform_is_read_whole(ca: Authority, client: Clients) -> None:
    with scripted(hello, ca.server()) as server:
        reply = client(server.base).request("GET", f"{server.base}/fhir/metadata")
    assert reply.status == 200
    assert reply.json() == {"hello": "reader"}
    assert server.asked[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("host", "days"), [("127.0.0.1", (-9, -2)), ("127.0.0.2", (-1, 9)), ("example.org", (-1, 9))]
)
def test_expired_and_foreign_certificates_are_refused(
    ca: Authority, client: Clients, host: str, days: tuple[int, int]
) -> None:
    with (
        scripted(hello, ca.server(host=host, days=days)) as server,
        pytest.raises(WrongCertificate) as caught,
    ):
        client(server.base).request("GET", server.base)
    assert server.asked == []
    assert server.host in str(caught.value)
    assert "Nothing was sent" in str(caught.value)


def test_environment_cannot_add_trust_or_a_proxy(
    ca: Authority, client: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = authority(ca.path.parent, "Other CA")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca.path))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(ca.path))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with scripted(hello, ca.server()) as server:
        with pytest.raises(WrongCertificate):
            client(server.base, other.path).request("GET", server.base)
        assert client(server.base).request("GET", server.base).status == 200


def test_system_authorities_do_not_vouch_for_a_private_one(ca: Authority, client: Clients) -> None:
    http = HttpClient(PlatformSettings("https://127.0.0.1/fhir"))
    try:
        with scripted(hello, ca.server()) as server, pytest.raises(WrongCertificate):
            http.request("GET", server.base)
    finally:
        http.close()


def test_old_tls_is_not_offered(ca: Authority) -> None:
    context = tls_context(Trust(ca.path))
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert len(context.get_ca_certs()) == 1


def test_missing_authority_file_is_a_sentence(ca: Authority, client: Clients) -> None:
    with pytest.raises(WrongCertificate, match="cannot be read"):
        client("https://127.0.0.1", ca.path.with_name("none.pem"))


def test_server_without_tls_is_refused(client: Clients) -> None:
    with scripted(hello) as server, pytest.raises(WrongCertificate, match="TLS"):
        client(server.base).request("GET", f"https://{server.host}/")
    assert server.asked == []


def test_plain_http_goes_to_this_computer_only(client: Clients) -> None:
    with scripted(hello) as server:
        assert client(server.base).request("GET", server.base).status == 200
    with pytest.raises(BadAnswer, match="not https"):
        client("https://127.0.0.1").request("GET", "http://platform.example/")


def test_closed_port_is_tried_again_with_back_off_and_then_said(client: Clients) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        base = f"https://127.0.0.1:{taken.getsockname()[1]}"
        pauses: list[float] = []
        patience = Patience(connect=1, read=1, total=3, pause=0.5, tries=3)
        http = client(base, patience=patience, sleep=pauses.append, chance=lambda: 0.8)
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1.*does not answer"):
            http.request("GET", base)
        assert pauses == [0.4, 0.8]
        with pytest.raises(Unreachable):
            http.request("POST", base, body=b"once")
        assert len(pauses) == 2


def test_busy_platform_is_asked_again_for_a_get_only(ca: Authority, client: Clients) -> None:
    answers = itertools.cycle([Answer(503), as_json({})])
    with scripted(lambda _: next(answers), ca.server()) as server:
        http = client(server.base)
        assert http.request("GET", server.base).status == 200
        assert http.request("POST", server.base, body=b"x").status == 503
    assert server.paths() == ["GET /", "GET /", "POST /"]


def test_silent_server_is_given_up_after_the_read_time(ca: Authority, client: Clients) -> None:
    enough = threading.Event()

    def silent(_: Asked) -> Answer:
        enough.wait(3)
        return Answer()

    with scripted(silent, ca.server()) as server:
        http = client(server.base, patience=Patience(read=0.1, tries=1))
        began = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            http.request("GET", server.base)
        assert time.monotonic() - began < 2
        enough.set()


def drip(beginning: bytes, every: float) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        yield beginning
        for _ in range(60):
            time.sleep(every)
            yield b"a"

    return chunks


BEGINNINGS = [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"]


@pytest.mark.parametrize("beginning", BEGINNINGS, ids=["headers", "body"])
def test_answer_that_drips_ends_at_the_total_deadline(
    ca: Authority, client: Clients, beginning: bytes
) -> None:
    answer = Answer(chunks=drip(beginning, 0.02), raw=True)
    with scripted(lambda _: answer, ca.server()) as server:
        http = client(server.base, patience=Patience(read=0.3, total=0.3, tries=1))
        began = time.monotonic()
        with pytest.raises(Unreachable):
            http.request("GET", server.base)
        assert time.monotonic() - began < 1.1


@pytest.mark.parametrize("beginning", BEGINNINGS, ids=["headers", "body"])
def test_stream_below_the_floor_rate_is_given_up(
    ca: Authority, client: Clients, beginning: bytes
) -> None:
    answer = Answer(chunks=drip(beginning, 0.02), raw=True)
    with scripted(lambda _: answer, ca.server()) as server:
        http = client(server.base, patience=Patience(window=0.2))
        with pytest.raises(Unreachable, match="too slow"), http.stream(server.base) as stream:
            list(stream.chunks())


def test_slow_reader_of_a_stream_is_not_blamed_on_the_line(ca: Authority, client: Clients) -> None:
    answer = Answer(body=b"x" * 3_000_000)
    with scripted(lambda _: answer, ca.server()) as server:
        http = client(server.base, patience=Patience(window=0.1, floor=1e6))
        got = 0
        with http.stream(server.base) as stream:
            for chunk in stream.chunks():
                got += len(chunk)
                if got < 200_000:
                    time.sleep(0.02)
    assert got == 3_000_000


@pytest.mark.parametrize(
    "answer",
    [
        Answer(headers={"Content-Encoding": "gzip"}, body=b"\x1f\x8b" + b"0" * 50),
        Answer(headers={"Content-Length": str(4 << 30)}, body=b"{}"),
        Answer(body=b" " * 2000),
        Answer(body=b"a" * 2000, chunks=lambda: iter([b"a" * 2000])),
    ],
    ids=["gzip", "4 GiB announced", "above the cap", "above the cap, unannounced"],
)
def test_answers_that_are_too_much_are_refused(
    ca: Authority, client: Clients, answer: Answer
) -> None:
    with scripted(lambda _: answer, ca.server()) as server, pytest.raises(BadAnswer):
        client(server.base).request("GET", server.base, cap=1000)


def test_answer_cut_short_is_not_taken_for_whole(ca: Authority, client: Clients) -> None:
    answer = Answer(headers={"Content-Length": "100"}, body=b"{}")
    with scripted(lambda _: answer, ca.server()) as server:
        http = client(server.base, patience=Patience(tries=1))
        with pytest.raises(Unreachable, match="broke off"):
            http.request("GET", server.base)


def test_redirects_are_not_followed_and_cookies_not_kept(ca: Authority, client: Clients) -> None:
    answer = Answer(302, headers={"Location": "https://evil.example/", "Set-Cookie": "a=b"})
    with scripted(lambda _: answer, ca.server()) as server:
        http = client(server.base)
        assert http.request("GET", server.base).status == 302
        http.request("GET", server.base)
    assert "Cookie" not in server.asked[1].headers


def test_clock_offset_comes_from_the_date_header(ca: Authority, client: Clients) -> None:
    with scripted(hello, ca.server()) as server:
        http = client(server.base, now=lambda: time.time() - 3600)
        http.request("GET", server.base)
    assert abs(http.clock_offset.total_seconds() - 3600) < 2


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"a": NaN}', b"[" * 100_000])
def test_what_is_not_a_json_object_is_a_bad_answer(
    ca: Authority, client: Clients, body: bytes
) -> None:
    with scripted(lambda _: Answer(body=body), ca.server()) as server:
        reply = client(server.base).request("GET", server.base)
    with pytest.raises(BadAnswer):
        reply.json()
