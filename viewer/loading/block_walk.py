"""The compiled walk over the first block of a file; the block grows until the header is in it."""

import ctypes
import sys
from collections.abc import Callable, Iterator, Mapping
from ctypes import addressof
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import NamedTuple, cast

from viewer.loading import levels
from viewer.loading.elements import Element
from viewer.loading.guard import (
    MIB,
    Bytes,
    FileBytes,
    Limits,
    PlainBytes,
    cut_at,
    too_deep,
    too_many,
)
from viewer.loading.reference_walk import Walked

_FIRST_BLOCK = 32 * 1024
_LARGEST_BLOCK = 16 * MIB
_GROWTH = 16
_META_ROWS, _FIRST_ROWS = 32, 512
_CELLS = 6
_VR, _VALUE, _END = 1, 2, 3
_AT, _ROWS, _TOPS, _ASCENDS, _LEFT_OUT = 8, 10, 11, 16, 17
_AT_PIXELS, _BROKEN, _TOO_MANY, _TOO_DEEP, _NEEDS_ROWS = 0, 2, 3, 4, 6
_STACK, _FRAME = 20, 3
# as in compiled_walk, which is not imported here
_MODULE = "viewer.loading.compiled_walk"

Loop = Callable[[bytes, int, int, int], int]


_array = cache(lambda length: ctypes.c_int64 * length)


@dataclass(slots=True)
class BlockWalk:
    """Walks one file as far as a block of 16 MiB goes; what lies further gives None."""

    file: FileBytes | PlainBytes
    size: int
    compiled: ModuleType
    limits: Limits
    where: str
    block: bytes
    rows: int = _META_ROWS

    @classmethod
    def over(cls, file: Bytes, limits: Limits, where: str) -> "BlockWalk | None":
        """Read the first block; None while the compiled walk is not loaded (numba is slow to)."""
        compiled = sys.modules.get(_MODULE)
        if not isinstance(file, FileBytes | PlainBytes) or not hasattr(compiled, "READY"):
            return None
        block = file.first(_FIRST_BLOCK)
        return cls(file, file.size or 0, cast(ModuleType, compiled), limits, where, block)

    def meta(self, start: int) -> tuple[int, Mapping[int, str]] | None:
        """Where group 0002 ends, and its short values by tag."""
        ended = self._run(self.compiled.walk_meta, start, implicit=False, little=True)
        if ended is None:
            return None
        return ended.work[_AT], _Meta(self.block, ended.table, ended.work[_ROWS] * _CELLS)

    def top_level(
        self, start: int, repairs: list[str], *, implicit: bool, little: bool
    ) -> Walked | None:
        """The data set and its pixel element; what is broken ends it, with a repair."""
        self.rows = _FIRST_ROWS
        ended = self._run(self.compiled.walk, start, implicit=implicit, little=little)
        if ended is None:
            return None
        work, table = ended.work, ended.table
        if ended.status == _BROKEN:
            repairs.append(cut_at(work[_AT]))
        rows, tops = work[_ROWS], work[_TOPS]
        at_pixels = ended.status == _AT_PIXELS
        pixels = _element(table, rows * _CELLS) if at_pixels else None
        raw = levels.TopLevel(
            levels.Walked(
                self.block, ended.table, ended.top, rows, tops, little, work[_ASCENDS] == 1,
                self.compiled.differing,
            )
        )  # fmt: skip
        left_out = ended.top[2 * self.rows : 2 * self.rows + work[_LEFT_OUT]]
        return Walked(raw, pixels, frozenset(left_out))

    def _run(self, loop: Loop, start: int, *, implicit: bool, little: bool) -> "_Ended | None":
        """Run a loop, anew with more rows or bytes as it needs them; HeaderError at a limit."""
        limits = self.limits
        stack = _STACK + _FRAME * 2 * (limits.depth + 1)
        while True:
            block, room = self.block, self.rows
            work = _array(stack)(
                len(block), self.size, implicit, little,
                limits.elements, limits.depth, limits.bulk_bytes, room, start,
            )  # fmt: skip
            table, top = _array(_CELLS * room)(), _array(3 * room)()
            status = loop(block, addressof(work), addressof(table), addressof(top))
            if status <= _BROKEN:
                return _Ended(status, work, table, top)
            if status == _TOO_MANY:
                raise too_many(limits, self.where)
            if status == _TOO_DEEP:
                raise too_deep(limits, self.where)
            if status == _NEEDS_ROWS:
                self.rows *= _GROWTH
            elif not self._read_more():
                return None

    def _read_more(self) -> bool:
        """Take a larger block, if there is one."""
        held = len(self.block)
        if held < _LARGEST_BLOCK:
            self.block = self.file.first(min(held * _GROWTH, _LARGEST_BLOCK))
        return len(self.block) > held


class _Meta(Mapping[int, str]):
    """Values of the file meta information; of several with one tag the first counts."""

    __slots__ = ("_block", "_end", "_table")

    def __init__(self, block: bytes, table: levels.Cells, end: int) -> None:
        self._block = block
        self._table = table
        self._end = end

    def __getitem__(self, tag: int) -> str:
        table = self._table
        for cell in range(0, self._end, _CELLS):
            if table[cell] == tag:
                value = self._block[table[cell + _VALUE] : table[cell + _END]]
                return value.decode("latin-1").strip(" \0")
        raise KeyError(tag)

    def __iter__(self) -> Iterator[int]:
        return iter(dict.fromkeys(self._table[0 : self._end : _CELLS]))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Ended(NamedTuple):
    """How a loop ended, and its cells."""

    status: int
    work: levels.Cells
    table: levels.Cells
    top: levels.Cells


def _element(table: levels.Cells, cell: int) -> Element:
    vr, end = table[cell + _VR], table[cell + _END]
    return Element(
        table[cell],
        vr.to_bytes(2, "big") if vr else b"",
        table[cell + _VALUE],
        None if end < 0 else end,
    )
