"""How search parameters match values."""

import pytest

from workstation.demo.fhir_values import (
    date_matches,
    reference_matches,
    token_matches,
    values_at,
)
from workstation.demo.problems import Problem

BASE = "https://127.0.0.1:1/fhir"
INSTANT = "2026-11-24T19:45:00+01:00"
PERIOD = {"start": "2026-11-01", "end": "2026-11-30"}


@pytest.mark.parametrize(
    ("value", "wanted", "matches"),
    [
        (INSTANT, "2026", True),
        (INSTANT, "2026-11", True),
        (INSTANT, "2026-11-24", True),
        (INSTANT, "2026-11-25", False),
        (INSTANT, "eq2026-11-24T18:45:00Z", True),
        (INSTANT, "ge2026-11-24T18:45:00Z", True),
        (INSTANT, "gt2026-11-24T18:45:00Z", False),
        (INSTANT, "le2026-11-24T18:45:00Z", True),
        (INSTANT, "lt2026-11-24T18:45:00Z", False),
        (INSTANT, "lt2026-11-24T18:45:00.001Z", True),
        (INSTANT, "ge2026-11-24T19:45:00 01:00", True),  # an unencoded plus sign
        (INSTANT, "gt2026-11-24", False),
        (INSTANT, "ge2026-11-24", True),
        (INSTANT, "gt2026-12", False),
        ("2026-12-31", "lt2027", True),
        ("1958-04-12", "1958-04-12", True),
        (PERIOD, "ge2026-11-30", True),
        (PERIOD, "ge2026-12-01", False),
        (PERIOD, "le2026-10-31", False),
        ({"start": "2026-11-01"}, "ge2099", True),
        ("not a date", "ge2026", False),
    ],
)
def test_dates(value: object, wanted: str, matches: bool) -> None:
    assert date_matches(value, wanted) is matches


@pytest.mark.parametrize(
    "wanted", ["yesterday", "2026-13", "2026-02-30", "ge", "2026-11-24T99:00Z"]
)
def test_a_date_that_is_none_is_refused(wanted: str) -> None:
    with pytest.raises(Problem) as refused:
        date_matches(INSTANT, wanted)
    assert refused.value.status == 400


CONCEPT = {"coding": [{"system": "s", "code": "a"}, {"system": "t", "code": "b"}]}
IDENTIFIER = {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:1"}


@pytest.mark.parametrize(
    ("value", "wanted", "matches"),
    [
        ("requested", "requested", True),
        ("requested", "request", False),
        (CONCEPT, "b", True),
        (CONCEPT, "t|b", True),
        (CONCEPT, "s|b", False),
        (CONCEPT, "s|", True),
        (CONCEPT, "|a", False),
        ({"coding": [{"code": "a"}]}, "|a", True),
        (IDENTIFIER, "urn:ietf:rfc:3986|urn:uuid:1", True),
        (IDENTIFIER, "urn:uuid:1", True),
        (True, "true", True),
        (3, "3", False),
    ],
)
def test_tokens(value: object, wanted: str, matches: bool) -> None:
    assert token_matches(value, wanted) is matches


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        ("Patient/p1", True),
        ("p1", True),
        (f"{BASE}/Patient/p1", True),
        ("Patient/p", False),
        ("1", False),
        ("https://elsewhere.example/Patient/p1", False),
    ],
)
def test_references(wanted: str, matches: bool) -> None:
    assert reference_matches({"reference": "Patient/p1"}, wanted, BASE) is matches


def test_a_path_goes_through_lists() -> None:
    tree = {"a": [{"b": 1}, {"b": [2, 3]}, {"c": 4}]}
    assert list(values_at(tree, "a.b")) == [1, 2, 3]
    assert list(values_at(tree, "a.b.c")) == []
