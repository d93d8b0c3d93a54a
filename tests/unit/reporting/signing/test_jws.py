"""The detached JWS: its header, its signature, and what breaks it."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey

from reporting.errors import SignatureInvalid
from reporting.signing.jws import detached_jws
from reporting.signing.verdict import Trust
from reporting.signing.verify_jws import broken, take_apart, unpadded
from tests.kit.identities import Identity, Recipe, authority, identity, reader
from tests.kit.signed_forms import NOW, signed

PAYLOAD = b'{"a":1}'


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def test_the_header_is_what_fhir_asks_for() -> None:
    token = detached_jws(PAYLOAD, reader().signer(), signed_at=NOW)
    protected, payload, signature = token.split(".")
    header = json.loads(unpadded(protected))
    assert header.keys() == {"alg", "sigT", "typ", "x5c"}
    assert (header["alg"], header["typ"]) == ("PS256", "JOSE")
    assert header["sigT"] == "2026-11-24T03:01:07Z"
    assert base64.b64decode(header["x5c"][0]) == reader().der
    assert payload == ""
    assert len(unpadded(signature)) == 256


def test_holds_for_the_signed_bytes_alone() -> None:
    found = take_apart(signed().jws)
    assert found.holds_for(signed().payload)
    assert not found.holds_for(signed().payload + b" ")
    assert not found.holds_for(b"")
    assert found.signed_at == NOW
    assert found.others == (reader().signer().certificate_chain[1],)


@pytest.mark.parametrize("part", [0, 2])
def test_one_changed_bit_breaks_it(part: int) -> None:
    parts = signed().jws.split(".")
    raw = bytearray(unpadded(parts[part]))
    raw[10 if part else 30] ^= 1
    parts[part] = b64url(bytes(raw))
    try:
        found = take_apart(".".join(parts))
    except SignatureInvalid:
        return
    assert not found.holds_for(signed().payload)


def with_header(**changes: object) -> str:
    protected, _, signature = signed().jws.split(".")
    header = json.loads(unpadded(protected)) | changes
    return f"{b64url(json.dumps(header).encode())}..{signature}"


@pytest.mark.parametrize("alg", ["none", "HS256", "RS256", "PS1", "", 7])
def test_other_algorithms_are_refused(alg: object) -> None:
    assert not take_apart(with_header(alg=alg)).holds_for(signed().payload)


def test_an_elliptic_curve_signature_is_read() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    made = identity(Recipe(key=key))
    x5c = [base64.b64encode(made.der).decode("ascii")]
    whole = joserfc_jws.serialize_compact(
        {"alg": "ES256"}, PAYLOAD, ECKey.import_key(key), algorithms=["ES256"]
    )
    head, body, _ = whole.split(".")
    header = json.loads(unpadded(head)) | {"x5c": x5c}
    protected = b64url(json.dumps(header).encode())
    signed_with = ECKey.import_key(key)
    registry = joserfc_jws.JWSRegistry(algorithms=["ES256"])
    registry.max_header_length = 1 << 16
    token = joserfc_jws.serialize_compact(header, PAYLOAD, signed_with, registry=registry)
    protected, body, signature = token.split(".")
    assert unpadded(body) == PAYLOAD
    assert take_apart(f"{protected}..{signature}").holds_for(PAYLOAD)


def test_a_key_of_another_kind_than_the_algorithm() -> None:
    assert not take_apart(with_header(alg="ES256")).holds_for(signed().payload)


@pytest.mark.parametrize(
    "token", ["", "abc", "a.b.c", "..", "a..b=", "a..b..c", "a b..c", "a..b\n"]
)
def test_what_is_no_detached_jws(token: str) -> None:
    with pytest.raises(SignatureInvalid, match="not a detached JWS"):
        take_apart(token)


@pytest.mark.parametrize(
    "header",
    [
        b"no json",
        b"[]",
        b"{}",
        b'{"x5c":"text"}',
        b'{"x5c":[]}',
        b'{"x5c":[7]}',
        b'{"x5c":["%"]}',
        b'{"x5c":["AAAA"]}',
    ],
)
def test_a_header_without_a_certificate(header: bytes) -> None:
    with pytest.raises(SignatureInvalid, match="no readable certificate"):
        take_apart(f"{b64url(header)}..AAAA")


@pytest.mark.parametrize("stated", [None, "", "yesterday", "2026-11-24T03:01:07", 5])
def test_a_time_that_says_nothing_is_none(stated: object) -> None:
    assert take_apart(with_header(sigT=stated)).signed_at is None


def verdict_of(made: Identity, *trusted: Identity) -> Trust:
    found = take_apart(detached_jws(PAYLOAD, made.signer(), signed_at=NOW))
    roots = [one.certificate for one in trusted]
    return found.verdict(roots, problem="", covers="").trust


def test_the_verdict_judges_the_chain() -> None:
    assert verdict_of(reader()) is Trust.UNCHECKED
    assert verdict_of(reader(), authority()) is Trust.TRUSTED
    assert verdict_of(reader(), authority("Somebody Else")) is Trust.UNTRUSTED


def test_a_problem_makes_it_not_intact() -> None:
    verdict = take_apart(signed().jws).verdict([], problem="it is broken", covers="")
    assert not verdict.intact
    assert not verdict.valid
    assert verdict.reason.startswith("it is broken; ")
    assert not broken("gone").valid
