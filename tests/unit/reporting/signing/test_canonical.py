"""The canonical form: one text for one value."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.errors import ExportFailed
from reporting.signing.canonical import canonical


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ({"b": 1, "a": [True, False, None]}, '{"a":[true,false,null],"b":1}'),
        ({"n": 8.0, "m": 4.1, "i": -3}, '{"i":-3,"m":4.1,"n":8.0}'),
        ({"t": (1, 2)}, '{"t":[1,2]}'),
        ({"s": 'é € 𝄞 "\\\n\t\x01/'}, '{"s":"é € 𝄞 \\"\\\\\\n\\t\\u0001/"}'),
        ({"z": {"y": {}, "x": []}}, '{"z":{"x":[],"y":{}}}'),
    ],
)
def test_writes_sorted_members_without_white_space(value: dict[str, object], text: str) -> None:
    assert canonical(value) == text.encode("utf-8")


def test_sorts_names_by_their_utf_16_code_units() -> None:
    """RFC 8785 §3.2.3: the order of its own example."""
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    wanted = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(canonical(dict.fromkeys(names, 0)))) == wanted


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), b"bytes", bytearray(), object(), {1}]
)
def test_refuses_what_json_has_no_word_for(value: object) -> None:
    with pytest.raises(ExportFailed):
        canonical({"x": value})


def test_refuses_names_that_are_no_text_and_lone_surrogates() -> None:
    with pytest.raises(ExportFailed, match="name"):
        canonical({"x": {1: "a"}})
    with pytest.raises(ExportFailed, match="character"):
        canonical({"x": "\ud800"})
    with pytest.raises(ExportFailed, match="character"):
        canonical({"\ud800": "x"})


def test_refuses_endless_nesting() -> None:
    deep: dict[str, object] = {}
    for _ in range(100):
        deep = {"d": deep}
    with pytest.raises(ExportFailed, match="deeply"):
        canonical(deep)


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abé€", max_size=3), inner),
    max_leaves=10,
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text("abé€", max_size=3), _JSON))
def test_says_the_same_and_is_its_own_canonical_form(value: dict[str, object]) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text
