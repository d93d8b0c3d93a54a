"""The platform's part of the settings is checked before anything is sent (R32)."""

import base64
from pathlib import Path

import pytest

from workstation.errors import UserFacingError
from workstation.session.connection import platform_settings
from workstation.settings import Value, defaults

FHIR = {"platform.fhir": "https://platform.example/fhir"}
PINS = [base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2)]


def test_all_that_secures_the_line_is_taken_from_the_settings(tmp_path: Path) -> None:
    pem = tmp_path / "me.pem"
    pem.write_text("")
    changes: dict[str, Value] = {
        **FHIR,
        "platform.ca": str(pem),
        "platform.client_certificate": str(pem),
        "platform.client_key": str(pem),
        "platform.proxy": "http://127.0.0.1:3128",
        "platform.pins": " ".join(PINS),
    }
    made = platform_settings(defaults().having(changes))
    assert made.trust.ca == made.trust.certificate == made.trust.key == pem
    assert made.proxy == "http://127.0.0.1:3128"
    assert made.trust.pins == {bytes([1]) * 32, bytes([2]) * 32}


def test_without_them_only_the_systems_authorities_count() -> None:
    made = platform_settings(defaults().having(FHIR))
    assert (made.trust.ca, made.trust.certificate, made.proxy) == (None, None, None)
    assert made.trust.pins == frozenset()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("platform.fhir", "http://platform.example/fhir", "https://"),
        ("platform.ca", "/nowhere/ca.pem", "certificate authority file"),
        ("platform.client_certificate", "/nowhere/me.pem", "client certificate"),
        ("platform.client_key", "/nowhere/me.key", "client certificate's key"),
        ("platform.proxy", "proxy.example:3128", r"platform\.proxy"),
        ("platform.pins", PINS[0], r"platform\.pins"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(key: str, value: str, words: str) -> None:
    with pytest.raises(UserFacingError, match=words):
        platform_settings(defaults().having({**FHIR, key: value}))
