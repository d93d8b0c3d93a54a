"""Bytes that are not those which left are never used (R12, R14, S13)."""

from collections.abc import Callable

import pytest

from tests.kit.certificates import Authority
from tests.kit.scripted_server import Answer, Asked, as_json, scripted
from workstation.errors import Refused, Unreachable
from workstation.platform.digests import check_digest, content_digest
from workstation.platform.faults import refusal
from workstation.platform.http import HttpClient

Clients = Callable[..., HttpClient]
EXAMPLE = b'{"hello": "world"}\n'
"""RFC 9530, appendix D: sha-256 of the example body."""
FIELD = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def test_the_field_is_that_of_rfc_9530() -> None:
    assert content_digest(EXAMPLE) == FIELD
    check_digest({"content-digest": FIELD}, EXAMPLE, "it")
    check_digest({"content-digest": f"sha-512=:AAAA:, {FIELD}"}, EXAMPLE, "it")
    check_digest({"content-digest": "md5=:AAAA:"}, EXAMPLE, "it")
    check_digest({}, EXAMPLE, "it")


@pytest.mark.parametrize("field", [FIELD, "sha-256=:A:", f"md5=:AA==:,{FIELD}"])
def test_other_bytes_are_not_taken(field: str) -> None:
    with pytest.raises(Unreachable, match="damaged"):
        check_digest({"content-digest": field}, EXAMPLE + b" ", "it")


def test_a_damaged_answer_is_asked_for_again(ca: Authority, client: Clients) -> None:
    good = as_json({}, Content_Digest=content_digest(b"{}"))
    answers = [Answer(body=b"{ ", headers=good.headers), good]
    with scripted(lambda _: answers.pop(0), ca.server()) as server:
        assert client(server.base).request("GET", server.base).json() == {}
    assert answers == []


def test_every_body_that_leaves_is_digested(ca: Authority, client: Clients) -> None:
    with scripted(lambda _: as_json({}), ca.server()) as server:
        client(server.base).request("PUT", server.base, body=EXAMPLE)
        client(server.base).request("GET", server.base)
    told: list[Asked] = server.asked
    assert told[0].headers["Content-Digest"] == FIELD
    assert "Content-Digest" not in told[1].headers


def test_a_body_damaged_on_its_way_is_sent_again_and_a_wrong_one_is_not() -> None:
    told = {"Content-Type": "application/fhir+json"}
    for code, kind in (("incomplete", Unreachable), ("value", Refused)):
        body = b'{"issue": [{"code": "%s"}, 5]}' % code.encode()
        assert type(refusal(400, told, body, "https://it", what="take it")) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [(507, Unreachable), (502, Unreachable), (501, Refused), (413, Refused), (429, Unreachable)],
)
def test_r13_which_statuses_pass_by_themselves(status: int, kind: type[Exception]) -> None:
    assert type(refusal(status, {}, b"", "https://it", what="take it")) is kind
