"""The walk of ``reference_walk`` as compiled loops over one block of bytes, into a flat table.

Importing this module compiles or loads the loops (numba: a second, the first time ten), so do that
off the GUI thread. Until it is imported the reference walk does the work, with the same result.
The loops take plain pointers: counting references to arrays would cost more than the walk.
"""

import ctypes
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba import types

from viewer.loading.elements import ITEM, ITEM_END, LONG_VRS, SEQUENCE_END, UNDEFINED

_int64: Any = np.int64
F = TypeVar("F", bound=Callable[..., Any])
_compiled = cast(Callable[[F], F], numba.njit(nogil=True))

CELLS = 6
TAG, VR, VALUE, END, NEXT, KIND = range(CELLS)
"""Cells of a row: VR as its two bytes (0: none), END -1 when the length is undefined, NEXT the row
behind it and all that lies inside it."""
PLAIN, SEQUENCE, ITEM_ROW, ITEM_WITH_CHARSET = range(4)

AT_PIXELS, AT_END, BROKEN, TOO_MANY, TOO_DEEP, NEEDS_BYTES, NEEDS_ROWS = range(7)
"""How a walk ended."""

GO_ON, VALUE_HERE = -1, -2
HELD, SIZE, IMPLICIT, LITTLE, ELEMENTS, DEPTH, BULK, ROOM = range(8)
"""Cells of what is given: bytes held, bytes of the whole file, limits, and rows in the table."""
AT, OPEN, ROWS, TOPS, COUNT, BEGUN, ROWS_BEFORE, TOPS_BEFORE, ASCENDS, LEFT_OUT = range(8, 18)
"""Cells of the state: OPEN counts the open sequences and items, LEFT_OUT the tags without value."""
STACK = 20
FRAME = 3
"""Of each open one, from cell STACK on: its row, where it ends (-1: undefined), implicit or not."""

_CHARSET = 0x00080005
_OB, _OW, _UN = (name[0] << 8 | name[1] for name in (b"OB", b"OW", b"UN"))
_LONG = np.zeros(1 << 10, np.bool_)
"""Whether a VR has a length of 32 bits, by the low five bits of its two letters."""
for _name in LONG_VRS:
    _LONG[(_name[0] & 31) << 5 | _name[1] & 31] = True

Pointer = Any
"""In the loops: a pointer to bytes or to cells of 64 bits."""


@_compiled
def _short(data: Pointer, at: int, little: bool) -> Any:
    if little:
        return _int64(data[at]) | _int64(data[at + 1]) << 8
    return _int64(data[at]) << 8 | _int64(data[at + 1])


@_compiled
def _long(data: Pointer, at: int, little: bool) -> Any:
    if little:
        return _short(data, at, little) | _short(data, at + 2, little) << 16
    return _short(data, at, little) << 16 | _short(data, at + 2, little)


@_compiled
def _head(
    data: Pointer, size: int, at: int, implicit: bool, little: bool
) -> tuple[int, int, int, int]:
    """Tag, VR, where the value begins and ends (-1: undefined); 8 bytes from ``at`` are there."""
    group = _short(data, at, little)
    tag = group << 16 | _short(data, at + 2, little)
    first, second = _int64(data[at + 4]), _int64(data[at + 5])
    named = 65 <= first <= 90 and 65 <= second <= 90
    vr = first << 8 | second
    if implicit or group == 0xFFFE or not named:
        vr, value, length = _int64(0), at + 8, _long(data, at + 4, little)
    elif _LONG[(first & 31) << 5 | second & 31]:
        value = at + 12
        length = _long(data, at + 8, little) if size - at >= 12 else _int64(0)
    else:
        value, length = at + 8, _short(data, at + 6, little)
    return tag, vr, value, _int64(-1) if length == UNDEFINED else value + length


@_compiled
def _starts_item(data: Pointer, at: int, little: bool) -> Any:
    return _short(data, at, little) == 0xFFFE and _short(data, at + 2, little) == 0xE000


@_compiled
def _look(data: Pointer, work: Pointer) -> int:
    """Count the element that begins here: its first 8 to 12 bytes are there, or why not."""
    left = work[SIZE] - work[AT]
    if left <= 0:
        return AT_END
    if left < 8:
        return BROKEN
    if work[AT] + min(left, 12) > work[HELD]:
        return NEEDS_BYTES
    work[COUNT] += 1
    return TOO_MANY if work[COUNT] > work[ELEMENTS] else GO_ON


@_compiled
def _fragments(data: Pointer, work: Pointer) -> int:
    """Pass encapsulated bytes of undefined length (PS3.5 A.4)."""
    while True:
        status = _look(data, work)
        if status != GO_ON:
            return BROKEN if status == AT_END else status
        tag, _, value, end = _head(data, work[SIZE], work[AT], True, work[LITTLE] == 1)
        if tag == SEQUENCE_END:
            work[AT] = value
            return GO_ON
        if tag != ITEM or end < 0:
            return BROKEN
        work[AT] = end


@_compiled
def _record(work: Pointer, table: Pointer, top: Pointer, kind: int) -> None:
    """Keep the row that was just read."""
    row, tag = work[ROWS], table[work[ROWS] * CELLS + TAG]
    table[row * CELLS + KIND] = kind
    if work[OPEN] == 0:
        top[work[TOPS]], top[work[ROOM] + work[TOPS]] = tag, row
        work[TOPS] += 1
    elif tag == _CHARSET:
        table[work[STACK + FRAME * (work[OPEN] - 1)] * CELLS + KIND] = ITEM_WITH_CHARSET
    work[ROWS] += 1


@_compiled
def _leave_out(work: Pointer, top: Pointer, tag: int) -> None:
    """Remember a top-level element whose value is not kept."""
    if work[OPEN] == 0:
        top[2 * work[ROOM] + work[LEFT_OUT]] = tag
        work[LEFT_OUT] += 1


@_compiled
def _push(work: Pointer, end: int, implicit: bool) -> None:
    """Open the sequence or item whose row was just kept."""
    frame = STACK + FRAME * work[OPEN]
    work[frame], work[frame + 1], work[frame + 2] = work[ROWS] - 1, end, int(implicit)
    work[OPEN] += 1


@_compiled
def _pop(work: Pointer, table: Pointer) -> int:
    """Close the innermost sequence or item; give where it said that it ends."""
    work[OPEN] -= 1
    frame = STACK + FRAME * work[OPEN]
    table[work[frame] * CELLS + NEXT] = work[ROWS]
    return int(work[frame + 1])


@_compiled
def _open(work: Pointer, table: Pointer, top: Pointer, inside: bool) -> int:
    """Keep the sequence whose row was just read, and go into it."""
    cell = work[ROWS] * CELLS
    if work[OPEN] // 2 + 1 > work[DEPTH]:
        return TOO_DEEP
    _record(work, table, top, SEQUENCE)
    # PS3.5 6.2.2 note 4: UN of undefined length holds implicit VR little endian items
    _push(work, table[cell + END], inside or table[cell + VR] == _UN)
    work[AT] = table[cell + VALUE]
    return GO_ON


@_compiled
def _value(
    data: Pointer,
    work: Pointer,
    table: Pointer,
    top: Pointer,
    inside: bool,
) -> int:
    """Take the element whose row was just read, outside or inside an item."""
    cell = work[ROWS] * CELLS
    vr, value, end = table[cell + VR], table[cell + VALUE], table[cell + END]
    is_sequence = end < 0
    if is_sequence:
        if vr in (_OB, _OW):
            work[AT] = value
            status = _fragments(data, work)
            if status == GO_ON:
                _leave_out(work, top, table[cell + TAG])
            return status
    elif end > work[SIZE]:
        return BROKEN
    elif end - value >= 8:
        if value + 4 > work[HELD]:
            return NEEDS_BYTES
        is_sequence = _starts_item(data, value, work[LITTLE] == 1)
    if is_sequence:
        return _open(work, table, top, inside)
    work[AT] = end
    if end - value > work[BULK]:
        _leave_out(work, top, table[cell + TAG])
        return GO_ON
    if end > work[HELD]:
        return NEEDS_BYTES
    _record(work, table, top, PLAIN)
    return GO_ON


@_compiled
def _structure(work: Pointer, table: Pointer, top: Pointer, inside: bool) -> int:
    """Take what opens and closes items; VALUE_HERE for anything else in an item."""
    cell = work[ROWS] * CELLS
    tag, value, end = table[cell + TAG], table[cell + VALUE], table[cell + END]
    if work[OPEN] % 2 == 1:
        if tag == SEQUENCE_END:
            table[work[STACK + FRAME * (work[OPEN] - 1)] * CELLS + END] = value
            stated = _pop(work, table)
            work[AT] = stated if stated >= 0 else value
        elif tag == ITEM:
            table[cell + KIND] = ITEM_ROW
            work[ROWS] += 1
            _push(work, end, inside)
            work[AT] = value
        else:
            return BROKEN
        return GO_ON
    if tag == ITEM_END:
        _pop(work, table)
        work[AT] = value
        return GO_ON
    return BROKEN if tag == SEQUENCE_END else VALUE_HERE


@_compiled
def _step(data: Pointer, work: Pointer, table: Pointer, top: Pointer) -> int:
    """Take one element, or close what ends here."""
    inside, nested = work[IMPLICIT] == 1, work[OPEN] > 0
    in_sequence = work[OPEN] % 2 == 1
    if nested:
        frame = STACK + FRAME * (work[OPEN] - 1)
        inside = work[frame + 2] == 1
        if 0 <= work[frame + 1] <= work[AT]:
            end = _pop(work, table)
            if in_sequence:
                work[AT] = end
            return GO_ON
    else:
        work[BEGUN], work[ROWS_BEFORE], work[TOPS_BEFORE] = work[AT], work[ROWS], work[TOPS]
    status = _look(data, work)
    if status != GO_ON:
        return BROKEN if nested and status == AT_END else status
    if max(work[ROWS], work[LEFT_OUT]) >= work[ROOM]:
        return NEEDS_ROWS
    little = work[LITTLE] == 1
    tag, vr, value, end = _head(data, work[SIZE], work[AT], inside or in_sequence, little)
    cell = work[ROWS] * CELLS
    table[cell + TAG], table[cell + VR] = tag, vr
    table[cell + VALUE], table[cell + END] = value, end
    table[cell + NEXT], table[cell + KIND] = work[ROWS] + 1, PLAIN
    if nested:
        status = _structure(work, table, top, inside)
        if status != VALUE_HERE:
            return status
    elif tag == 0x7FE00010 or tag == 0x7FE00008 or tag == 0x7FE00009:
        return AT_PIXELS
    return _value(data, work, table, top, inside)


@_compiled
def _plain_ones(data: Pointer, work: Pointer, table: Pointer, top: Pointer) -> None:
    """Take plain elements of the top level up to the first that ``_step`` must look at.

    Most elements are of this kind; what is known of the walk stays in registers meanwhile.
    """
    if work[OPEN] > 0 or work[LITTLE] == 0 or work[LEFT_OUT] >= work[ROOM]:
        return
    at, rows, tops, count = work[AT], work[ROWS], work[TOPS], work[COUNT]
    held, bulk, room, limit = work[HELD], work[BULK], work[ROOM], work[ELEMENTS]
    implicit = work[IMPLICIT] == 1
    while at + 12 <= held and rows < room and count < limit:
        tag, vr, value, end = _head(data, held, at, implicit, True)
        if end < 0 or end > held or end - value > bulk or tag >> 16 == 0x7FE0:
            break
        if end - value >= 8 and _starts_item(data, value, True):
            break
        cell = rows * CELLS
        table[cell + TAG], table[cell + VR] = tag, vr
        table[cell + VALUE], table[cell + END] = value, end
        table[cell + NEXT], table[cell + KIND] = rows + 1, PLAIN
        top[tops], top[room + tops] = tag, rows
        at, rows, tops, count = end, rows + 1, tops + 1, count + 1
    work[AT], work[ROWS], work[TOPS], work[COUNT] = at, rows, tops, count


@_compiled
def _recover(work: Pointer, table: Pointer, top: Pointer) -> int:
    """Leave out the innermost sequence of stated length and go on behind it, if there is one."""
    while work[OPEN] > 0:
        work[OPEN] -= 1
        frame = STACK + FRAME * work[OPEN]
        if work[OPEN] % 2 == 0 and work[frame + 1] >= 0:
            work[ROWS], work[AT] = work[frame], work[frame + 1]
            if work[OPEN] == 0:
                work[TOPS] = work[TOPS_BEFORE]
                _leave_out(work, top, table[work[frame] * CELLS + TAG])
            return GO_ON
    work[AT], work[ROWS] = work[BEGUN], work[ROWS_BEFORE]
    work[TOPS] = work[TOPS_BEFORE]
    return BROKEN


@_compiled
def _ascending(work: Pointer, top: Pointer) -> bool:
    ascends = True
    for row in range(1, work[TOPS]):
        ascends = ascends and top[row - 1] < top[row]
    return ascends


def _walk(data: Pointer, work: Pointer, table: Pointer, top: Pointer) -> int:
    """Walk a data set from byte ``work[AT]``; give how it ended.

    ``table`` takes the rows in the order of the file, ``top`` the tags of the top level in its
    first third, their rows in its second, and in its third the tags without value; all have room
    for ``work[ROOM]``. At BROKEN the state is that before the broken top-level element; at
    AT_PIXELS the pixel element is the row behind the last.
    """
    status = GO_ON
    while status == GO_ON:
        _plain_ones(data, work, table, top)
        status = _step(data, work, table, top)
        if status == BROKEN:
            status = _recover(work, table, top)
    work[ASCENDS] = _ascending(work, top)
    return status


def _walk_meta(data: Pointer, work: Pointer, table: Pointer, _top: Pointer) -> int:
    """Walk group 0002 from byte ``work[AT]`` to AT_END; rows are those of short elements.

    END is where a value should end, which may be behind the end of the file.
    """
    while True:
        at, size = work[AT], work[SIZE]
        if size - at < 8:
            return AT_END
        if min(at + 12, size) > work[HELD]:
            return NEEDS_BYTES
        if data[at] != 2 or data[at + 1] != 0:
            return AT_END
        work[COUNT] += 1
        if work[COUNT] > work[ELEMENTS]:
            return TOO_MANY
        first, second = _int64(data[at + 4]), _int64(data[at + 5])
        named = 65 <= first <= 90 and 65 <= second <= 90
        long = named and size - at >= 12 and _LONG[(first & 31) << 5 | second & 31]
        value = at + 12 if long else at + 8
        length = _long(data, at + 8, True) if long else _short(data, at + 6, True)
        if length == UNDEFINED:
            return AT_END
        work[AT] = value + length
        if length > 1024 or long:
            continue
        if min(value + length, size) > work[HELD]:
            return NEEDS_BYTES
        if work[ROWS] >= work[ROOM]:
            return NEEDS_ROWS
        cell = work[ROWS] * CELLS
        table[cell + TAG] = 2 << 16 | _short(data, at + 2, True)
        table[cell + VALUE], table[cell + END] = value, value + length
        work[ROWS] += 1


@_compiled
def _same_bytes(
    one: Pointer, begin: int, end: int, other: Pointer, other_begin: int, other_end: int
) -> bool:
    if end - begin != other_end - other_begin:
        return False
    same = True
    for at in range(end - begin):
        same = same and one[begin + at] == other[other_begin + at]
    return same


def _differing(
    one: Pointer, rows: Pointer, tops: Pointer, other: Pointer, other_rows: Pointer,
    other_tops: Pointer, work: Pointer,
) -> int:  # fmt: skip
    """Top-level tags that are not the same in two walks whose tags ascend; give their number.

    ``work`` holds how many top-level tags each has and for how many its tables have room, then
    takes the tags.
    """
    count, other_count, room, other_room = work[0], work[1], work[2], work[3]
    left = right = found = 0
    while left < count or right < other_count:
        first = tops[left] if left < count else 1 << 33
        second = other_tops[right] if right < other_count else 1 << 33
        cell, other_cell = tops[room + left] * CELLS, other_tops[other_room + right] * CELLS
        if (
            first != second
            or rows[cell + VR] != other_rows[other_cell + VR]
            or rows[cell + KIND] != other_rows[other_cell + KIND]
            or not _same_bytes(
                one, rows[cell + VALUE], rows[cell + END],
                other, other_rows[other_cell + VALUE], other_rows[other_cell + END],
            )
        ):  # fmt: skip
            work[found] = min(first, second)
            found += 1
        left += first <= second
        right += second <= first
    return found


_pointer_to: Any = types.CPointer
_BYTES_POINTER, _CELLS_POINTER = _pointer_to(types.uint8), _pointer_to(types.int64)
_compiled_entry = numba.cfunc(
    types.int64(_BYTES_POINTER, _CELLS_POINTER, _CELLS_POINTER, _CELLS_POINTER), cache=True
)
_walk_code, _walk_meta_code = _compiled_entry(_walk), _compiled_entry(_walk_meta)
_Entry = ctypes.CFUNCTYPE(
    ctypes.c_int64, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p
)

_differing_code = numba.cfunc(
    types.int64(*2 * (_BYTES_POINTER, _CELLS_POINTER, _CELLS_POINTER), _CELLS_POINTER), cache=True
)(_differing)
differing = ctypes.CFUNCTYPE(
    ctypes.c_int64, *2 * (ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p), ctypes.c_void_p
)(cast(int, _differing_code.address))
"""The comparison as a function of bytes, table and top of each walk, and of work."""
walk, walk_meta = (_Entry(cast(int, code.address)) for code in (_walk_code, _walk_meta_code))
"""The loops as functions of the bytes and of the addresses of work, table and top."""
READY = True
"""Set last: whoever finds the module without it finds it while it is still being compiled."""
