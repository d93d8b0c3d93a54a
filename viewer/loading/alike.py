"""Facts that are read once for all headers that say the same: slices differ in few elements.

What a fact was read from is noted while it is read, so nobody has to state it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from viewer.loading.fields import Fields, Raw
from viewer.loading.levels import Differences, TopLevel

T = TypeVar("T")


class _Noting(Mapping[int, Raw]):
    """Notes the tags that are asked for; ``listed`` is set when it is asked which there are."""

    __slots__ = ("_raw", "asked", "listed")

    def __init__(self, raw: Mapping[int, Raw]) -> None:
        self._raw = raw
        self.asked: set[int] = set()
        self.listed = False

    def __getitem__(self, tag: int) -> Raw:
        self.asked.add(tag)
        return self._raw[tag]

    def get(self, tag: int, default: Any = None) -> Any:
        self.asked.add(tag)
        return self._raw.get(tag, default)

    def __contains__(self, tag: object) -> bool:
        self.asked.add(cast(int, tag))
        return tag in self._raw

    def __iter__(self) -> Iterator[int]:
        self.listed = True
        return iter(self._raw)

    def __len__(self) -> int:
        self.listed = True
        return len(self._raw)


@dataclass(frozen=True, slots=True)
class _Fact:
    value: Any
    repairs: tuple[str, ...]
    given: tuple[object, ...]
    asked: frozenset[int]
    listed: bool


class Alike:
    """Remembers the facts of the header before; used for one header at a time."""

    def __init__(self) -> None:
        """Remember nothing."""
        self._before: Fields | None = None
        self._facts: dict[str, _Fact] = {}

    def turn_to(self, fields: Fields) -> None:
        """Go on to the next header: forget what it may say otherwise."""
        before, self._before = self._before, fields
        changed = _changed(before, fields)
        if changed is None:
            self._facts.clear()
            return
        stale = [
            name
            for name, fact in self._facts.items()
            if not changed.tags.isdisjoint(fact.asked) or (fact.listed and changed.list)
        ]
        for name in stale:
            del self._facts[name]

    def of(
        self,
        name: str,
        make: Callable[[Fields, list[str]], T],
        repairs: list[str],
        *given: object,
    ) -> T:
        """What ``make`` reads from this header, adding to the list of repairs.

        It is to depend on nothing but the fields and what is ``given``.
        """
        assert self._before is not None  # noqa: S101  turn_to comes first
        known = self._facts.get(name)
        if known is None or known.given != given:
            known = self._facts[name] = self._read(make, self._before, given)
        repairs.extend(known.repairs)
        return cast(T, known.value)

    def _read(
        self, make: Callable[[Fields, list[str]], T], fields: Fields, given: tuple[object, ...]
    ) -> _Fact:
        noting, repairs = _Noting(fields.raw), list[str]()
        value = make(Fields(noting, fields.little, fields.codec), repairs)
        return _Fact(value, tuple(repairs), given, frozenset(noting.asked), noting.listed)


def _changed(before: Fields | None, fields: Fields) -> Differences | None:
    """Tags whose values differ; None when everything may."""
    if before is None or before.codec != fields.codec or before.little != fields.little:
        return None
    if not isinstance(before.raw, TopLevel) or not isinstance(fields.raw, TopLevel):
        return None
    return fields.raw.differing(before.raw)
