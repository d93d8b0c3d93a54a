"""What words say about side, unit and negation."""

import pytest

from reporting.rules.text_rules import (
    contradictions,
    side_conflicts,
    sides_named,
    sides_of,
    ten_times,
    unit_next,
    word_in,
)

LEFT, RIGHT = frozenset({"left"}), frozenset({"right"})
SUBJECTS = ("upper lobe", "nodule", "kidney", "effusion", "lung")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Right upper lobe nodule.", {"upper lobe": RIGHT, "nodule": RIGHT}),
        ("A nodule in the LEFT upper lobe", {"upper lobe": LEFT, "nodule": LEFT}),
        ("RUL nodule", {"upper lobe": RIGHT, "nodule": RIGHT}),
        ("Left kidney and right lung", {"kidney": LEFT, "lung": RIGHT}),
        ("Right lung clear. Left effusion", {"lung": RIGHT, "effusion": LEFT}),
        ("8.0 mm nodule on the left, lung clear", {"nodule": LEFT}),
        ("Bilateral effusions", {"effusion": LEFT | RIGHT}),
        ("Both lungs", {"lung": LEFT | RIGHT}),
        ("Lungs clear", {}),
        ("Bright nodule", {}),
        ("", {}),
    ],
)
def test_sides(text: str, found: dict[str, frozenset[str]]) -> None:
    assert sides_of(text, SUBJECTS, {"RUL": "right upper lobe"}) == found


def test_conflicts_are_sides_that_the_findings_lack() -> None:
    findings = {"nodule": RIGHT, "lung": LEFT | RIGHT}
    assert side_conflicts(findings, {"lung": LEFT, "kidney": LEFT, "nodule": RIGHT}) == ()
    (conflict,) = side_conflicts(findings, {"nodule": LEFT})
    assert (conflict.subject, conflict.sides) == ("nodule", LEFT)


def test_sides_named() -> None:
    assert sides_named("XR knee LEFT") == LEFT
    assert sides_named("bilaterally") == LEFT | RIGHT
    assert sides_named("upright") == frozenset()


@pytest.mark.parametrize(
    ("text", "unit"),
    [(" cm nodule", "cm"), ("mm", "mm"), (" nodule of 3 cm", ""), (" cmx", ""), ("", "")],
)
def test_unit_next(text: str, unit: str) -> None:
    assert unit_next(text) == unit


@pytest.mark.parametrize(
    ("text", "measured", "odd"),
    [
        ("an 8.0 cm nodule", [8.0], ("8.0 cm",)),
        ("an 0.8 mm nodule", [8.0], ("0.8 mm",)),
        ("an 8 mm nodule", [8.0], ()),
        ("an 0.8 cm nodule", [8.0], ()),
        ("an 8.02 cm nodule", [8.0, 80.0], ()),
        ("a 30 mm nodule", [8.0], ()),
        ("slice 8.0 cmx", [8.0], ()),
        ("8.0 cm", [], ()),
    ],
)
def test_ten_times(text: str, measured: list[float], odd: tuple[str, ...]) -> None:
    assert ten_times(text, measured) == odd


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("No nodule. An 8.0 mm nodule.", ("nodule",)),
        ("No effusion, nodule or mass. Nodule on the left.", ("nodule",)),
        ("Free of nodules. One nodule.", ("nodule",)),
        ("No nodule. Lungs clear.", ()),
        ("A nodule. No new nodule.", ()),
        ("No change of the nodule. A nodule.", ()),
        ("No effusion on the left. Right effusion.", ()),
        ("No effusion on the left. Left effusion.", ("effusion",)),
        ("No nodule except a calcified nodule.", ("nodule",)),
        ("No nodule above 8.0 mm nodule size.", ()),
        ("", ()),
    ],
)
def test_contradictions(text: str, found: tuple[str, ...]) -> None:
    assert contradictions(text, ("nodule", "effusion"), ("new", "change")) == found


def test_word_in() -> None:
    assert word_in("ovary", "The ovary.")
    assert word_in("nodule", "two Nodules")
    assert word_in("mass", "masses")
    assert not word_in("ovary", "ovaryx")
