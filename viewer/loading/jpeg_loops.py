"""The compiled loops that go through Huffman-coded JPEG data bit by bit (ISO/IEC 10918-1 F, G, H).

Every loop stays inside its arrays whatever the data says. Imported in decoder workers only, before
they are fenced in: the compiler keeps what it made in a folder. All release the interpreter.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
_compiled = cast(Callable[[F], F], numba.njit(nogil=True, cache=True))
_inlined = cast(Callable[[F], F], numba.njit(nogil=True, inline="always"))
"""For the small steps: a call would count references to every array that it passes."""

LOOK = 10
"""Bits that are looked up at once; longer codes are searched."""
LARGEST = 1 << LOOK
OFFSET = LARGEST + 18
VALUES = OFFSET + 18
CELLS = VALUES + 256
"""A Huffman table as cells (F.2.2.3): what the first LOOK bits mean (length << 8 | value, 0 for
longer codes), from LARGEST on the largest code of each length (−1: none), from OFFSET on what
leads from a code of a length to its place in the values, from VALUES on these."""

WHOLE, BAD_CODE, CUT, LEFT_OVER, OUT_OF_RANGE = range(5)
"""How a scan ended."""

_RUN = 15
"""Run length of the code for 16 zeros (F.1.2.2.1)."""


class Code(NamedTuple):
    """Entropy-coded data of one scan with the tables that it uses."""

    data: NDArray[np.uint8]
    bounds: NDArray[np.int64]
    tables: NDArray[np.int32]
    """(8, CELLS): four of DC or differences, four of AC."""


@_compiled
def unstuff(raw: NDArray[np.uint8], out: NDArray[np.uint8], bounds: NDArray[np.int64]) -> None:
    """Copy entropy-coded data without stuffing and restart markers (F.1.2.3).

    ``bounds``: 0, where each segment begins in ``out``, where the last ends.
    """
    kept, segment, at = 0, 0, 0
    while at < len(raw):
        byte = raw[at]
        if byte == 0xFF and at + 1 < len(raw):
            after = raw[at + 1]
            if 0xD0 <= after <= 0xD7 and segment + 2 < len(bounds):
                segment += 1
                bounds[segment] = kept
                at += 2
                continue
            if after == 0:
                at += 1
        out[kept] = byte
        kept += 1
        at += 1
    bounds[len(bounds) - 1] = kept


@_inlined
def _peek(data: NDArray[np.uint8], at: int) -> int:
    """The next 24 bits; ``data`` is 8 bytes longer than what may be asked for."""
    byte = min(at >> 3, len(data) - 5)
    word = np.int64(data[byte]) << 24 | np.int64(data[byte + 1]) << 16
    word |= np.int64(data[byte + 2]) << 8 | np.int64(data[byte + 3])
    return int((word << (at & 7) >> 8) & 0xFFFFFF)


@_inlined
def _symbol(data: NDArray[np.uint8], tables: NDArray[np.int32], table: int, at: int) -> int:
    """Length << 8 | value of the Huffman code at a bit; −1 where there is none."""
    bits = _peek(data, at)
    found = tables[table, bits >> (24 - LOOK)]
    if found:
        return int(found)
    for length in range(LOOK + 1, 17):
        value = bits >> (24 - length)
        if value <= tables[table, LARGEST + length]:
            place = value + tables[table, OFFSET + length]
            if 0 <= place < 256:
                return int(length << 8 | tables[table, VALUES + place])
    return -1


@_inlined
def _extend(data: NDArray[np.uint8], at: int, size: int) -> int:
    """The signed number of ``size`` bits at a bit (F.2.2.1)."""
    if size == 0:
        return 0
    value = _peek(data, at) >> (24 - size)
    return value if value >> (size - 1) else value - (1 << size) + 1


@_compiled
def _next_segment(code: Code, segment: int, at: int) -> tuple[int, int]:
    """The status at the end of a segment that is read up to a bit, and where the next begins.

    Nothing but padding may be left: encoders pad with ones, some with zeros.
    """
    for byte in range((at + 7) >> 3, code.bounds[segment + 1]):
        if code.data[byte] != 0 and code.data[byte] != 0xFF:
            return LEFT_OVER, at
    if segment + 2 >= len(code.bounds):
        return CUT, at
    return WHOLE, int(code.bounds[segment + 1]) * 8


@_inlined
def _end_of(code: Code, segment: int) -> int:
    """The bit at which a segment ends."""
    return int(code.bounds[segment + 1]) * 8


@_compiled
def _ended(code: Code, segment: int, at: int) -> int:
    """The status once all that is wanted was read."""
    status, _ = _next_segment(code, segment, at)
    return WHOLE if status == CUT else LEFT_OVER


@_inlined
def _ac_of_block(
    data: NDArray[np.uint8], tables: NDArray[np.int32], table: int, at: int,
    quantisers: NDArray[np.int64], component: int, most: int,
) -> tuple[int, float]:  # fmt: skip
    """Pass the AC coefficients of a block: the bit after it (−1 − bit where it fails), energy."""
    energy, k = 0.0, 1
    while k < 64:
        found = _symbol(data, tables, table, at)
        if found < 0:
            return -1 - at, energy
        at += found >> 8
        run, size = (found & 255) >> 4, found & 15
        if size == 0:
            if run != _RUN:
                return at, energy
            k += 16
            continue
        k += run
        if k > 63 or size > most:
            return -1 - at, energy
        scaled = float(_extend(data, at, size) * quantisers[component, k])
        energy += scaled * scaled
        at += size
        k += 1
    return at if k == 64 else -1 - at, energy


@_inlined
def _dc_of_block(
    data: NDArray[np.uint8], tables: NDArray[np.int32], table: int, at: int, most: int
) -> tuple[int, int]:
    """The bit after a DC difference (−1 − bit where it fails), and the difference."""
    found = _symbol(data, tables, table, at)
    size = found & 255
    if found < 0 or size > most:
        return -1 - at, 0
    at += found >> 8
    return at + size, _extend(data, at, size)


@_inlined
def _judged(at: int, end: int) -> int:
    """The status after a step that left off at a bit, −1 − bit where it failed."""
    if at < 0:
        return CUT if -1 - at + 16 > end else BAD_CODE
    return CUT if at > end else WHOLE


@_compiled
def sequential(
    code: Code, mcus: int, interval: int, blocks: NDArray[np.int32], quantisers: NDArray[np.int64],
    limits: NDArray[np.float64], sizes: tuple[int, int],
) -> tuple[int, int]:  # fmt: skip
    """Go through a sequential scan: how it ended, and how many MCUs are sound.

    ``blocks`` (n, 3): component, DC and AC table of each block of an MCU; ``limits``: the most
    energy that a block of a component can have; ``sizes``: largest bit counts of DC and AC.
    """
    data, tables = code.data, code.tables
    last_dc = np.zeros(4, np.int64)
    segment, at, status = 0, 0, WHOLE
    for done in range(mcus):
        if interval and done and done % interval == 0:
            status, at = _next_segment(code, segment, at)
            if status != WHOLE:
                return status, done
            segment += 1
            last_dc[:] = 0
        for n in range(len(blocks)):
            component, energy = blocks[n, 0], 0.0
            at, difference = _dc_of_block(data, tables, blocks[n, 1], at, sizes[0])
            if at >= 0:
                last_dc[component] += difference
                at, energy = _ac_of_block(
                    data, tables, blocks[n, 2], at, quantisers, component, sizes[1]
                )
            status = _judged(at, _end_of(code, segment))
            scaled = float(last_dc[component] * quantisers[component, 0])
            if status == WHOLE and energy + scaled * scaled > limits[component]:
                status = BAD_CODE
            if status != WHOLE:
                return status, done
    return _ended(code, segment, at), mcus


@_compiled
def progressive_dc(
    code: Code, mcus: int, interval: int, blocks: NDArray[np.int32], refine: bool
) -> tuple[int, int]:
    """Go through a DC scan of a progressive frame (G.1.2.1)."""
    segment, at, status = 0, 0, WHOLE
    for done in range(mcus):
        if interval and done and done % interval == 0:
            status, at = _next_segment(code, segment, at)
            if status != WHOLE:
                return status, done
            segment += 1
        for n in range(len(blocks)):
            found = 1 << 8 if refine else _symbol(code.data, code.tables, blocks[n, 1], at)
            if found < 0 or found & 255 > 15:
                return BAD_CODE, done
            at += (found >> 8) + (found & 255)
        if at > _end_of(code, segment):
            return CUT, done
    return _ended(code, segment, at), mcus


@_compiled
def _ends(code: Code, at: int, run: int) -> int:
    """How many blocks a run of ends covers, this one included (G.1.2.2)."""
    return (1 << run) + (_peek(code.data, at) >> (24 - run) if run else 0)


@_compiled
def _first_band(
    code: Code, table: int, at: int, band: tuple[int, int], known: NDArray[np.bool_]
) -> tuple[int, int]:
    """Pass a block of a first AC scan: the bit after it (−1 − bit: fails), its run of ends."""
    k, last = band
    while k <= last:
        found = _symbol(code.data, code.tables, table, at)
        if found < 0:
            return -1 - at, 0
        at += found >> 8
        run, size = (found & 255) >> 4, found & 15
        if size == 0 and run != _RUN:
            return at + run, _ends(code, at, run)
        k += run
        if k > last:
            return -1 - at, 0
        if size:
            known[k] = True
            at += size
        k += 1
    return at, 0


@_compiled
def _refined(known: NDArray[np.bool_], k: int, last: int, run: int) -> tuple[int, int]:
    """Pass ``run`` coefficients that are zero: the next zero one, and correction bits passed."""
    bits = 0
    while k <= last:
        if known[k]:
            bits += 1
        elif run == 0:
            break
        else:
            run -= 1
        k += 1
    return k, bits


@_compiled
def _refine_band(
    code: Code, table: int, at: int, band: tuple[int, int], known: NDArray[np.bool_]
) -> tuple[int, int]:
    """Pass a block of a refining AC scan (G.1.2.3), as ``_first_band`` does."""
    k, last = band
    while k <= last:
        found = _symbol(code.data, code.tables, table, at)
        if found < 0:
            return -1 - at, 0
        at += found >> 8
        run, size = (found & 255) >> 4, found & 15
        if size == 0 and run != _RUN:
            _, bits = _refined(known, k, last, 64)
            return at + run + bits, _ends(code, at, run)
        if size > 1:
            return -1 - at, 0
        k, bits = _refined(known, k, last, run)
        at += size + bits
        if k > last:
            return (-1 - at if size else at), 0
        known[k] = known[k] or size == 1
        k += 1
    return at, 0


@_compiled
def progressive_ac(
    code: Code, interval: int, table: int, band: tuple[int, int, bool], known: NDArray[np.bool_]
) -> tuple[int, int]:
    """Go through an AC scan of a progressive frame (G.1.2.2, G.1.2.3).

    ``band``: first and last coefficient, whether it refines; ``known`` (blocks, 64): which
    coefficients are not zero so far, updated.
    """
    first, last, refine = band
    segment, at, ends, status = 0, 0, 0, WHOLE
    for done in range(len(known)):
        if interval and done and done % interval == 0:
            status, at = _next_segment(code, segment, at)
            if status != WHOLE or ends:
                return max(status, BAD_CODE), done
            segment += 1
        if ends:
            at += _refined(known[done], first, last, 64)[1] if refine else 0
        elif refine:
            at, ends = _refine_band(code, table, at, (first, last), known[done])
        else:
            at, ends = _first_band(code, table, at, (first, last), known[done])
        ends = max(ends - 1, 0)
        status = _judged(at, _end_of(code, segment))
        if status != WHOLE:
            return status, done
    return (LEFT_OVER if ends else _ended(code, segment, at)), len(known)


@_inlined
def _predicted(left: int, above: int, corner: int, predictor: int) -> int:
    """What a sample inside the frame is predicted to be (Table H.1)."""
    if predictor == 1:
        return left
    if predictor == 2:
        return above
    if predictor == 3:
        return corner
    if predictor == 4:
        return left + above - corner
    if predictor == 5:
        return left + ((above - corner) >> 1)
    if predictor == 6:
        return above + ((left - corner) >> 1)
    return (left + above) >> 1


@_inlined
def _sample(out: NDArray[np.uint16], row: int, column: int, c: int) -> int:
    """A sample as a signed number: unsigned ones would make a difference a fraction."""
    return int(np.int64(out[row, column, c]))


@_compiled
def _row(
    code: Code, span: tuple[int, int], chosen: NDArray[np.int32], rule: tuple[int, int, bool],
    row: int, out: NDArray[np.uint16],
) -> tuple[int, int]:  # fmt: skip
    """Decode one row from bit ``span[0]``: the status, and the bit after it.

    ``rule``: predictor, bits of a sample, whether the row is the first after a restart (H.1.2.1).
    """
    data, tables = code.data, code.tables
    at, end = span
    predictor, bits, fresh = rule
    for column in range(out.shape[1]):
        for n in range(len(chosen)):
            c = chosen[n, 0]
            found = _symbol(data, tables, chosen[n, 1], at)
            size = found & 255
            if found < 0 or size > 16:
                return _judged(-1 - at, end), at
            at += found >> 8
            value = 32768 if size == 16 else _extend(data, at, size)
            at += size & 15
            if column == 0:
                value += 1 << (bits - 1) if fresh else _sample(out, row - 1, 0, c)
            elif fresh:
                value += _sample(out, row, column - 1, c)
            else:
                left, above = _sample(out, row, column - 1, c), _sample(out, row - 1, column, c)
                corner = _sample(out, row - 1, column - 1, c)
                value += _predicted(left, above, corner, predictor)
            value &= 0xFFFF
            if value >> bits:
                return (CUT if at > end else OUT_OF_RANGE), at
            out[row, column, c] = value
    return _judged(at, end), at


@_compiled
def lossless(
    code: Code, interval: int, chosen: NDArray[np.int32], predictor: int, bits: int,
    out: NDArray[np.uint16],
) -> tuple[int, int]:  # fmt: skip
    """Decode a lossless scan into ``out`` (rows, columns, components): its end, sound rows.

    ``chosen`` (n, 2): component and table; ``bits``: precision less the point transform.
    """
    segment, at, status = 0, 0, WHOLE
    rows = interval // out.shape[1]
    if rows * out.shape[1] != interval:
        return BAD_CODE, 0
    for row in range(out.shape[0]):
        fresh = row == 0
        if rows and row and row % rows == 0:
            status, at = _next_segment(code, segment, at)
            if status != WHOLE:
                return status, row
            segment, fresh = segment + 1, True
        span = (at, _end_of(code, segment))
        status, at = _row(code, span, chosen, (predictor, bits, fresh), row, out)
        if status != WHOLE:
            return status, row
    return _ended(code, segment, at), out.shape[0]
