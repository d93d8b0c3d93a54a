"""Chips and deceiving characters in text."""

import pytest

from reporting.model.chips import Chip, by_measurement, chips_in, split_chips, words
from reporting.model.visible import visible
from tests.kit.reporting import finding
from viewer.model.measurement import MeasurementId


def test_split_loses_nothing() -> None:
    text = "A {{m:m1}} and {{m:2.25.7}}{{m:x y}} {{n:1}}"
    parts = split_chips(text)
    assert parts == (
        "A ",
        Chip(MeasurementId("m1")),
        " and ",
        Chip(MeasurementId("2.25.7")),
        "{{m:x y}} {{n:1}}",
    )
    assert "".join(part if isinstance(part, str) else part.token for part in parts) == text


def test_chips_once_in_order_of_appearance() -> None:
    assert chips_in(["{{m:b}} {{m:a}}", "{{m:b}}"]) == ("b", "a")


def test_words_read_labels_and_keep_the_unknown() -> None:
    known = by_measurement([finding("m1", 8.0)])
    assert words("{{m:m1}} and {{m:gone}}", known) == "8.0 mm and {{m:gone}}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\nlines\tand ≤ é 山", "plain\nlines\tand ≤ é 山"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\u202egnp.exe", "[U+202E]gnp.exe"),
        ("a\u2066b\u2069", "a[U+2066]b[U+2069]"),
        ("bell\x07\x00\x1b[31m", "bell[U+0007][U+0000][U+001B][31m"),
        ("zero\u200bwidth\ufeff", "zero[U+200B]width[U+FEFF]"),
        ("x\u200dy", "x[U+200D]y"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ud800", "[U+D800]"),
        ("a\u2028b", "a[U+2028]b"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_visible_on_one_line() -> None:
    assert visible("a\nb\tc", lines=False) == "a[U+000A]b[U+0009]c"
