"""Filter, sort and time left."""

from datetime import timedelta

import pytest

from tests.kit.platform import NOW, a_case
from workstation.model.case import CaseKind, CaseState, Priority
from workstation.model.worklist import (
    Shelf,
    SortBy,
    arranged,
    matches,
    on_shelf,
    shelf_counts,
    time_left,
)


@pytest.mark.parametrize(
    ("seconds", "text", "overdue", "close"),
    [
        (18 * 60 + 5, "00:18", False, True),
        (20 * 60, "00:20", False, False),
        (5 * 3600 + 40 * 60, "05:40", False, False),
        (-61, "−00:01", True, False),
        (49 * 3600, "2 d 01 h", False, False),
    ],
)
def test_time_left(seconds: int, text: str, overdue: bool, close: bool) -> None:
    left = time_left(NOW + timedelta(seconds=seconds), NOW, timedelta(0))
    assert (left.text, left.overdue, left.close) == (text, overdue, close)


def test_time_left_follows_the_platforms_clock() -> None:
    left = time_left(NOW + timedelta(minutes=30), NOW, timedelta(minutes=31))
    assert left.overdue
    assert time_left(None, NOW, timedelta(0)).text == "–"


def test_shelves() -> None:
    cases = (
        a_case("a"),
        a_case("b", priority=Priority.ROUTINE, kind=CaseKind.SECOND_OPINION),
        a_case("c", state=CaseState.COMPLETED),
        a_case("d", state=CaseState.REJECTED),
    )
    counts = shelf_counts(cases, frozenset({"b"}))
    assert counts == {
        Shelf.MINE: 2,
        Shelf.URGENT: 1,
        Shelf.SECOND: 1,
        Shelf.DRAFTS: 1,
        Shelf.SENT: 1,
    }
    assert not on_shelf(cases[3], Shelf.MINE, frozenset())


def test_search_needs_every_word() -> None:
    assert matches(a_case(), "jane chest")
    assert matches(a_case(), "4711")
    assert not matches(a_case(), "jane head")


def test_sorting_is_total() -> None:
    late = a_case("late", due=NOW + timedelta(days=1), priority=Priority.ROUTINE)
    never = a_case("never", due=None)
    soon = a_case("soon", priority=Priority.URGENT)
    assert [c.id for c in arranged((never, late, soon), SortBy.DUE)] == ["soon", "late", "never"]
    assert [c.id for c in arranged((late, soon, never), SortBy.PRIORITY)] == [
        "never",
        "soon",
        "late",
    ]
    assert arranged((never, late, soon), SortBy.PATIENT) == arranged(
        (soon, never, late), SortBy.PATIENT
    )
