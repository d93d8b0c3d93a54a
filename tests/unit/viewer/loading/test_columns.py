"""Values come back from columns exactly as they were, and nothing else comes back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

import pytest

from viewer.loading.columns import Columns, ColumnsError


class Way(StrEnum):
    """An enumeration."""

    UP = "up"
    DOWN = "down"


class Kind(IntEnum):
    """An enumeration of numbers."""

    ONE = 1


class Place(NamedTuple):
    """A named tuple."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Part:
    """A part that some share."""

    place: Place
    way: Way = Way.UP

    def __post_init__(self) -> None:
        if self.place.x > 1e9:
            raise ValueError("too far")


@dataclass(frozen=True, slots=True)
class Whole:
    """What is kept."""

    name: str
    part: Part | Place | None = None
    parts: tuple[Part | None, ...] = ()
    words: Mapping[str, str] | None = None
    chosen: frozenset[int] | None = None
    data: bytes = b""
    numbers: tuple[float, ...] = ()
    inner: tuple[tuple[int, ...], ...] = ()
    kind: Kind = Kind.ONE


COLUMNS = Columns(Whole)
PART = Part(Place(1.0, -0.0), Way.DOWN)


def _again(*values: Whole) -> list[Any]:
    return COLUMNS.unpack(COLUMNS.pack(values))


@pytest.mark.parametrize(
    "whole",
    [
        Whole(""),
        Whole("a \0 \ud800 é", PART, (PART, None), {"b": "2", "a": "1"}, frozenset({3, 1})),
        Whole("b", PART.place, (None, PART, Part(Place(1, 2.5))), {}, frozenset(), bytes(range(9))),
        Whole("c", numbers=(1, 1.0, 0.0, -0.0, 1e300, float("inf")), inner=((), (1,), (2, 3))),
    ],
)
def test_a_value_comes_back_as_it_was(whole: Whole) -> None:
    assert _again(whole) == [whole]
    assert repr(_again(whole)) == repr([whole])


def test_many_values_come_back_in_their_order() -> None:
    values = [
        Whole(str(n % 7), PART if n % 3 else None, (PART,) * (n % 4), {"n": str(n)})
        for n in range(50)
    ]
    assert _again(*values) == values


def test_equal_parts_are_kept_once() -> None:
    one, other = _again(
        Whole("a", Part(Place(1.0, 2.0))), Whole("b", Part(Place(1.0, 2.0)), (PART,))
    )
    assert one.part is other.part
    many = [Whole("a", PART, (PART,) * 10) for _ in range(1000)]
    assert len(COLUMNS.pack(many)) < len(COLUMNS.pack(many[:1])) + 10 * len(many)


def test_numbers_that_are_equal_but_not_the_same_stay_apart() -> None:
    numbers = [(1,), (1.0,), (True,), (0.0,), (-0.0,)]
    assert repr([w.numbers for w in _again(*(Whole("a", numbers=n) for n in numbers))]) == repr(
        numbers
    )


def test_what_the_annotations_do_not_name_is_not_kept() -> None:
    with pytest.raises(ColumnsError):
        COLUMNS.pack([Whole("a", object())])  # type: ignore[arg-type]  # it must not get in
    with pytest.raises(ColumnsError):
        COLUMNS.pack([Whole("a", {"b": [1]})])  # type: ignore[arg-type]  # nor a list


PLACE = ["Place", 1, [[0, 1.0], [0, 2.0]]]


@pytest.mark.parametrize(
    "said",
    [
        [[["Popen", 1, [[0, "ls"]]]], [0]],
        [[["Place", 1, [[0, 1.0]]]], [0]],
        [[["Place", 1, [[0, 1.0], [0, "2"]]]], [0]],
        [[["Place", 2, [[0, 1.0], [1, [2.0]]]]], [0]],
        [[["Place", 1, [[0, 1.0], [2, 0]]]], [0]],
        [[["Place", 1, [[0, 1.0], [9, 0]]]], [0]],
        [[["Place", 1, [[0, 2e9], [0, 1.0]]], ["Way", 1, [[0, "up"]]],
          ["Part", 1, [[2, 0], [2, 1]]]], [2]],
        [[["Way", 1, [[0, "sideways"]]]], [0]],
        [[["mapping", 1, [[0, ["a"]]]]], [0]],
        [[["tuple", 1, [[0, 3]]]], [0]],
        [[["parts", 1, []]], [0]],
        [[["bytes", 1, [[0, "!"]]]], [0]],
        [[PLACE], [1]],
        [[PLACE], ["0"]],
        [[PLACE]],
        {"a": 1},
        3,
    ],
)  # fmt: skip
def test_anything_else_is_refused(said: object) -> None:
    with pytest.raises(ColumnsError):
        COLUMNS.unpack(json.dumps(said).encode())


def test_what_was_cut_is_refused() -> None:
    packed = COLUMNS.pack([Whole("a", PART)])
    for end in range(len(packed)):
        with pytest.raises(ColumnsError):
            COLUMNS.unpack(packed[:end])


def test_two_classes_of_one_name_are_no_annotation() -> None:
    @dataclass
    class Inner:
        part: "Part"

    Inner.__name__ = "Part"
    Inner.__annotations__["part"] = Part
    with pytest.raises(TypeError, match="Part"):
        Columns(Inner)
