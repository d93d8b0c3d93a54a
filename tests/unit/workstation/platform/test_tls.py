"""R32: nothing leaves for a server that is not the one meant; the reader is told why."""

import base64
import ssl
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kit.certificates import Authority, authority, key_pin, serving
from tests.kit.scripted_server import as_json, scripted
from workstation.errors import Unreachable, WrongCertificate
from workstation.platform.http import HttpClient, PlatformSettings
from workstation.platform.tls import pins_of
from workstation.platform.transport import Patience

QUICK = Patience(connect=1, read=1, total=3, tries=1)
OTHER_PIN = base64.b64encode(bytes(32)).decode()


@dataclass
class Call:
    """What became of one report's way to a server."""

    said: str
    arrived: int
    status: int = 0


def call(tls: ssl.SSLContext, trusted: Path, **more: object) -> Call:
    """POST to a server; ``more`` goes to PlatformSettings."""
    with scripted(lambda _: as_json({}), tls) as server:
        settings = PlatformSettings(f"{server.base}/fhir", trusted, **more)  # type: ignore[arg-type]  # by keyword
        http = HttpClient(settings, patience=QUICK)
        try:
            status = http.request("POST", settings.fhir, body=b"a report").status
        except WrongCertificate as error:
            return Call(str(error), len(server.asked))
        finally:
            http.close()
        return Call("", len(server.asked), status)


def refused(found: Call, *words: str) -> None:
    assert found.arrived == 0
    assert "Nothing was" in found.said
    assert "\n" not in found.said
    for word in words:
        assert word in found.said


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("other"), "Other CA")


def test_r32_self_signed(ca: Authority, tmp_path: Path) -> None:
    own = authority(tmp_path, "127.0.0.1")
    pem = own.issue()
    refused(call(serving(pem), ca.path), "127.0.0.1", "could not be verified")


def test_r32_wrong_host(ca: Authority) -> None:
    refused(call(ca.server(host="127.0.0.2"), ca.path), "mismatch")


def test_r32_expired(ca: Authority) -> None:
    refused(call(ca.server(days=(-9, -2)), ca.path), "expired")


def test_r32_not_yet_valid(ca: Authority) -> None:
    refused(call(ca.server(days=(2, 9)), ca.path), "not yet valid")


def test_r32_other_authority(ca: Authority, other: Authority) -> None:
    refused(call(other.server(), ca.path), "could not be verified")


def test_r32_environment_adds_no_authority(
    ca: Authority, other: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(other.path))
    refused(call(other.server(), ca.path), "could not be verified")


def test_r32_tls_1_1(ca: Authority) -> None:
    old = ca.server()
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1_1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    refused(call(old, ca.path), "TLS 1.2")


def test_r32_a_key_that_is_not_pinned(ca: Authority) -> None:
    pem = ca.issue()
    backup = key_pin(ca.issue())
    pins = pins_of(f"{OTHER_PIN} {backup}")
    refused(call(serving(pem), ca.path, pins=pins), "platform.pins")


def test_r32_a_pinned_key_and_our_own_certificate(ca: Authority, other: Authority) -> None:
    pem, ours = ca.issue(), other.issue(host="reader-1")
    pins = pins_of(f"sha256/{OTHER_PIN}, {key_pin(pem)}")
    tls = serving(pem, clients_of=other.path)
    assert call(tls, ca.path, pins=pins, certificate=ours) == Call("", 1, 200)


@pytest.mark.parametrize("shown", ["none", "of another authority"])
def test_r32_a_platform_that_knows_its_clients_takes_no_other(
    ca: Authority, other: Authority, shown: str
) -> None:
    tls = serving(ca.issue(), clients_of=other.path)
    more = {} if shown == "none" else {"certificate": ca.issue(host="reader-1")}
    found = call(tls, ca.path, **more)
    assert found.arrived == 0
    assert "client certificate" in found.said


def test_our_own_certificate_must_be_usable(ca: Authority, other: Authority) -> None:
    settings = PlatformSettings("https://127.0.0.1", ca.path, certificate=ca.path)
    with pytest.raises(WrongCertificate, match="client certificate"):
        HttpClient(settings)


@pytest.mark.parametrize("text", ["abc", "sha256/!!!", OTHER_PIN, f"{OTHER_PIN} {OTHER_PIN}"])
def test_pins_are_whole_and_never_one_alone(text: str) -> None:
    with pytest.raises(WrongCertificate, match=r"platform\.pins"):
        pins_of(text)


def test_no_pins_pin_nothing(ca: Authority) -> None:
    assert pins_of("  ") == frozenset()


def test_requests_other_than_by_the_proxy_do_not_leave(ca: Authority) -> None:
    with scripted(lambda _: as_json({}), ca.server()) as server:
        settings = PlatformSettings(server.base, ca.path, proxy="http://127.0.0.1:9")
        http = HttpClient(settings, patience=QUICK)
        with pytest.raises(Unreachable, match="proxy"):
            http.request("GET", server.base)
        http.close()
        assert server.asked == []
