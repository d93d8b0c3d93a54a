"""The compiled walk over the first block of a file; the block grows until the header is in it."""

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass
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
# as in compiled_walk, which is not imported here
_MODULE = "viewer.loading.compiled_walk"

Loop = Callable[[bytes, int, int, int], int]


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

    def meta(self, start: int) -> tuple[int, dict[int, str]] | None:
        """Where group 0002 ends, and its short values by tag."""
        ended = self._run(self.compiled.walk_meta, start, implicit=False, little=True)
        if ended is None:
            return None
        table, block = ended.table, self.block
        meta: dict[int, str] = {}
        for cell in range(0, ended.work[_ROWS] * _CELLS, _CELLS):
            text = block[table[cell + _VALUE] : table[cell + _END]].decode("latin-1").strip(" \0")
            meta.setdefault(table[cell], text)
        return ended.work[_AT], meta

    def top_level(
        self, start: int, repairs: list[str], *, implicit: bool, little: bool
    ) -> Walked | None:
        """The data set and its pixel element; what is broken ends it, with a repair."""
        self.rows = _FIRST_ROWS
        ended = self._run(self.compiled.walk, start, implicit=implicit, little=little)
        if ended is None:
            return None
        work, table = ended.work, ended.table
        if ended.status == self.compiled.BROKEN:
            repairs.append(cut_at(work[_AT]))
        rows, tops = work[_ROWS], work[_TOPS]
        at_pixels = ended.status == self.compiled.AT_PIXELS
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
        limits, compiled = self.limits, self.compiled
        stack = compiled.STACK + compiled.FRAME * 2 * (limits.depth + 1)
        while True:
            work = (ctypes.c_int64 * stack)(
                len(self.block), self.size, implicit, little,
                limits.elements, limits.depth, limits.bulk_bytes, self.rows, start,
            )  # fmt: skip
            table = (ctypes.c_int64 * (_CELLS * self.rows))()
            top = (ctypes.c_int64 * (3 * self.rows))()
            status = loop(self.block, *map(ctypes.addressof, (work, table, top)))
            if status == compiled.TOO_MANY:
                raise too_many(limits, self.where)
            if status == compiled.TOO_DEEP:
                raise too_deep(limits, self.where)
            if status == compiled.NEEDS_ROWS:
                self.rows *= _GROWTH
            elif status != compiled.NEEDS_BYTES:
                return _Ended(status, work, table, top)
            elif not self._read_more():
                return None

    def _read_more(self) -> bool:
        """Take a larger block, if there is one."""
        held = len(self.block)
        if held < _LARGEST_BLOCK:
            self.block = self.file.first(min(held * _GROWTH, _LARGEST_BLOCK))
        return len(self.block) > held


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
