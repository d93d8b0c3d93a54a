"""Raw values out of the flat table of a compiled walk, cut from the block only when asked for."""

import ctypes
from collections.abc import Callable, Iterator, Mapping
from ctypes import addressof, string_at
from functools import lru_cache
from typing import Any, NamedTuple

from viewer.loading.fields import SPECIFIC_CHARACTER_SET, Fields, Raw, item_codec

_CELLS = 6
_TAG, _VALUE, _END, _NEXT, _KIND = 0, 2, 3, 4, 5
_USUAL = 1024
"""Elements of a header whose table is worth remembering."""
_PLAIN, _SEQUENCE, _ITEM_WITH_CHARSET = 0, 1, 3
# as in compiled_walk, which is not imported here: numba takes a second to load


Cells = ctypes.Array[ctypes.c_int64]


class Differences(NamedTuple):
    """How two headers differ: in these tags, and perhaps in which tags they have."""

    tags: frozenset[int]
    list: bool


class Walked(NamedTuple):
    """What a compiled walk has left behind, and the comparison of two of them."""

    block: bytes
    table: Cells
    top: Cells
    """Tags of the top level in its first third, their rows in its second."""
    rows: int
    tops: int
    little: bool
    ascends: bool
    """Whether the tags of the top level ascend strictly."""
    differing: Callable[[bytes, int, int, bytes, int, int, int], int]

    @property
    def room(self) -> int:
        """For how many tags ``top`` has room."""
        return len(self.top) // 3

    def addresses(self) -> tuple[bytes, int, int]:
        """As the comparison takes them."""
        return self.block, addressof(self.table), addressof(self.top)


class Level(Mapping[int, Raw]):
    """Elements of one data set or item: rows ``first`` to ``last`` of the table.

    Of several elements with one tag the last counts, as in a dictionary that is filled in order.
    """

    __slots__ = ("_block", "_cells", "_first", "_inherited", "_last", "_little", "_rows", "_taken")

    def __init__(
        self, block: bytes, cells: memoryview, first: int, last: int, inherited: str, little: bool
    ) -> None:
        """Look at nothing yet; ``inherited`` is the codec in force around this level."""
        self._block = block
        self._cells = cells
        self._first = first
        self._last = last
        self._inherited = inherited
        self._little = little
        self._rows: Mapping[int, int] | None = None
        self._taken: dict[int, tuple[Fields, ...]] = {}

    def __getitem__(self, tag: int) -> Raw:
        """The value's bytes, or the items of a sequence."""
        row = self._row(tag)
        if row < 0:
            raise KeyError(tag)
        return self._raw(row)

    def get(self, tag: int, default: Any = None) -> Any:
        """As of any mapping, without the detour over an exception."""
        row = self._row(tag)
        return default if row < 0 else self._raw(row)

    def __contains__(self, tag: object) -> bool:
        """Whether the element is there."""
        return isinstance(tag, int) and self._row(tag) >= 0

    def __iter__(self) -> Iterator[int]:
        """Tags, each once."""
        return iter(self._index())

    def __len__(self) -> int:
        """Count the tags."""
        return len(self._index())

    def _row(self, tag: int) -> int:
        return self._index().get(tag, -1)

    def _index(self) -> Mapping[int, int]:
        if self._rows is None:
            self._rows = dict(self._walk())
        return self._rows

    def _walk(self) -> Iterator[tuple[int, int]]:
        """Tag and row of each element, in the order of the file."""
        cells, row = self._cells, self._first
        while row < self._last:
            yield cells[row * _CELLS + _TAG], row
            row = cells[row * _CELLS + _NEXT]

    def _raw(self, row: int) -> Raw:
        cell, cells = row * _CELLS, self._cells
        if cells[cell + _KIND] == _PLAIN:
            return self._block[cells[cell + _VALUE] : cells[cell + _END]]
        if row not in self._taken:
            self._taken[row] = tuple(self._items(row))
        return self._taken[row]

    def _items(self, row: int) -> Iterator[Fields]:
        cells = self._cells
        codec = self._codec_before(row)
        item, behind = row + 1, cells[row * _CELLS + _NEXT]
        while item < behind:
            following = cells[item * _CELLS + _NEXT]
            level = Level(self._block, cells, item + 1, following, codec, self._little)
            own = codec
            if cells[item * _CELLS + _KIND] == _ITEM_WITH_CHARSET:
                own = item_codec(level, codec)
            yield Fields(level, self._little, own)
            item = following

    def _codec_before(self, row: int) -> str:
        """The codec in force where a row begins."""
        codec = self._inherited
        for place in self._charset_rows():
            if place >= row:
                break
            codec = item_codec({SPECIFIC_CHARACTER_SET: self._raw(place)}, codec)
        return codec

    def _charset_rows(self) -> Iterator[int]:
        return (row for tag, row in self._walk() if tag == SPECIFIC_CHARACTER_SET)


class TopLevel(Level):
    """The elements of a whole data set."""

    __slots__ = ("walked",)

    def __init__(self, walked: Walked) -> None:
        """Take what a walk left behind."""
        cells = memoryview(walked.table).cast("B").cast("q")
        super().__init__(walked.block, cells, 0, walked.rows, "latin-1", walked.little)
        self.walked = walked

    @property
    def tags(self) -> bytes:
        """The tags in the order of the file, as 64-bit numbers."""
        return string_at(addressof(self.walked.top), 8 * self.walked.tops)

    def differing(self, other: "TopLevel") -> Differences | None:
        """How this differs from another; None where that is not known (a tag comes twice)."""
        one, two = self.walked, other.walked
        if not (one.ascends and two.ascends) or one.little != two.little:
            return None
        work = (ctypes.c_int64 * (4 + one.tops + two.tops))(one.tops, two.tops, one.room, two.room)
        count = one.differing(*one.addresses(), *two.addresses(), addressof(work))
        return Differences(frozenset(work[:count]), self.tags != other.tags)

    def get(self, tag: int, default: Any = None) -> Any:
        """As of any mapping; written out, as this is what reading headers spends its time on."""
        row = (self._rows or self._index()).get(tag, -1)
        if row < 0:
            return default
        cells, cell = self._cells, row * _CELLS
        if cells[cell + _KIND] == _PLAIN:
            return self._block[cells[cell + _VALUE] : cells[cell + _END]]
        return self._raw(row)

    def _index(self) -> Mapping[int, int]:
        if self._rows is None:
            walked = self.walked
            places = string_at(addressof(walked.top) + 8 * walked.room, 8 * walked.tops)
            find = _rows_of if walked.tops <= _USUAL else _rows_of.__wrapped__
            self._rows = find(self.tags, places)
        return self._rows

    def _charset_rows(self) -> Iterator[int]:
        if not self.walked.ascends:
            return super()._charset_rows()
        row = self._row(SPECIFIC_CHARACTER_SET)
        return iter(() if row < 0 else (row,))


@lru_cache(maxsize=16)
def _rows_of(tags: bytes, places: bytes) -> Mapping[int, int]:
    """Rows by tag: many headers after each other have the same tags in the same rows."""
    return dict(zip(memoryview(tags).cast("q"), memoryview(places).cast("q"), strict=True))
