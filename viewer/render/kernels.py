"""The compiled loops of drawing, each beside its numpy reference of the same signature.

All loops release the GIL, none is parallel: two Python threads in parallel numba loops abort the
process. Compilers are loaded by importing this module: do that off the GUI thread (``warm_up``).
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from viewer.pixels import computed

Fill = Callable[[int, int], None]
"""Fills rows ``first`` to ``end`` of a picture; different rows on different threads."""

F = TypeVar("F", bound=Callable[..., Any])
_compiled = cast(Callable[[F], F], numba.njit(nogil=True, cache=True))


class Taps(NamedTuple):
    """For each place of a drawn axis the image pixels that make it.

    Place i is the sum of ``weights[i, k]`` times pixel ``first[i] + k``, all of them inside the
    image; the weights of a place add up to 1. ``nearest[i]`` is the pixel under its centre.
    """

    first: NDArray[np.int64]
    weights: NDArray[np.float64]
    nearest: NDArray[np.int64]


NO_PADDING = (1, 0)
"""A padding range that holds no value."""

_WHOLE = 1 - 1e-9
"""Weight of a place that no padding took part in, but for rounding."""


def resample_reference(
    frame: NDArray[Any],
    rows: Taps,
    columns: Taps,
    padding: tuple[float, float],
    out: NDArray[Any],
    *,
    across_first: bool | None = None,
) -> None:
    """Resample stored values, separably, into ``out`` (rows, columns) of the frame's type.

    Computed in float64; integers are rounded half up to stored units, float frames stay float.
    Padding (inclusive range of stored values, and never-a-number) is not blended: a place whose
    nearest pixel is padding takes that pixel, elsewhere padding is left out of the weighted mean.
    Which axis comes first decides nothing but roundings in the sixteenth digit; without
    ``across_first`` it is the one that leaves less to do.
    """
    low, high = padding
    values = frame.astype(np.float64)
    real = ~((values >= low) & (values <= high)) & ~np.isnan(values)
    if across_first is None:
        across_first = _across_is_less(rows, columns)
    total = _separable(
        np.where(real, values, 0.0), rows, columns, across_first=across_first and bool(real.all())
    )
    weight = _separable(real.astype(np.float64), rows, columns)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(weight < _WHOLE, total / weight, total)
    if frame.dtype.kind in "iu":
        mean = np.floor(mean + 0.5)
    nearest = np.ix_(rows.nearest, columns.nearest)
    out[...] = np.where(real[nearest], mean, values[nearest]).astype(out.dtype)


def resample_rgb_reference(
    frame: NDArray[np.uint8], rows: Taps, columns: Taps, out: NDArray[np.uint8]
) -> None:
    """Resample an RGB frame (rows, columns, 3), each sample by itself, rounded half up."""
    for sample in range(3):
        values = _separable(frame[:, :, sample].astype(np.float64), rows, columns)
        out[:, :, sample] = np.floor(values + 0.5).astype(np.uint8)


def look_up_reference(
    index: NDArray[np.uint16], table: NDArray[Any], canvas: NDArray[Any], top: int, left: int
) -> None:
    """Write ``table[index]`` into a canvas of the table's type, its corner at (top, left)."""
    height, width = index.shape
    canvas[top : top + height, left : left + width] = table[index]


def _separable(
    values: NDArray[np.float64], rows: Taps, columns: Taps, *, across_first: bool = False
) -> NDArray[np.float64]:
    if across_first:
        return _separable(values.T, columns, rows).T
    half: NDArray[np.float64] = np.zeros((rows.first.size, values.shape[1]))
    for k in range(rows.weights.shape[1]):
        half += rows.weights[:, k, None] * values[rows.first + k, :]
    whole: NDArray[np.float64] = np.zeros((half.shape[0], columns.first.size))
    for k in range(columns.weights.shape[1]):
        whole += columns.weights[:, k] * half[:, columns.first + k]
    return whole


@_compiled
def _across(
    half: NDArray[np.float64], columns: Taps, line: NDArray[Any]
) -> None:  # pragma: no cover - compiled
    taps = columns.weights.shape[1]
    if taps == 2:
        for j in range(line.size):
            c = columns.first[j]
            value = columns.weights[j, 0] * half[c] + columns.weights[j, 1] * half[c + 1]
            line[j] = np.floor(value + 0.5)
        return
    if taps == 3:
        for j in range(line.size):
            c = columns.first[j]
            value = columns.weights[j, 0] * half[c] + columns.weights[j, 1] * half[c + 1]
            line[j] = np.floor(value + columns.weights[j, 2] * half[c + 2] + 0.5)
        return
    for j in range(line.size):
        value = 0.0
        for k in range(taps):
            value += columns.weights[j, k] * half[columns.first[j] + k]
        line[j] = np.floor(value + 0.5)


@_compiled
def _resample_plain(
    frame: NDArray[Any], rows: Taps, columns: Taps, out: NDArray[Any]
) -> None:  # pragma: no cover - compiled
    width = frame.shape[1]
    row_taps = rows.weights.shape[1]
    half = np.empty(width, dtype=np.float64)
    for i in range(out.shape[0]):
        half[:] = 0.0
        for k in range(row_taps):
            weight = rows.weights[i, k]
            if weight == 0.0:
                continue
            line = frame[rows.first[i] + k]
            for c in range(width):
                half[c] += weight * line[c]
        _across(half, columns, out[i])


@_compiled
def _enlarge_plain(
    frame: NDArray[Any], rows: Taps, columns: Taps, out: NDArray[Any]
) -> None:  # pragma: no cover - compiled
    """As ``_resample_plain`` where two pixels make a place: each image row goes across once."""
    width = out.shape[1]
    line = np.empty(frame.shape[1], dtype=np.float64)
    lines = np.empty((2, width), dtype=np.float64)
    held = np.full(2, -1, dtype=np.int64)  # which image row each of them is
    for i in range(out.shape[0]):
        first = rows.first[i]
        for row in range(first, first + 2):
            if held[row & 1] == row:
                continue
            held[row & 1] = row
            half = lines[row & 1]
            for c in range(line.size):
                line[c] = frame[row, c]
            for j in range(width):
                c = columns.first[j]
                half[j] = columns.weights[j, 0] * line[c] + columns.weights[j, 1] * line[c + 1]
        above, below = lines[first & 1], lines[(first + 1) & 1]
        upper, lower = rows.weights[i, 0], rows.weights[i, 1]
        for j in range(width):
            out[i, j] = np.floor(upper * above[j] + lower * below[j] + 0.5)


@_compiled
def _resample_padded(
    frame: NDArray[Any], empty: NDArray[np.uint8], rows: Taps, columns: Taps, out: NDArray[Any]
) -> None:  # pragma: no cover - compiled
    width = frame.shape[1]
    row_taps, column_taps = rows.weights.shape[1], columns.weights.shape[1]
    half = np.empty(width, dtype=np.float64)
    touched = np.empty(width, dtype=np.uint8)  # columns in which padding takes part in this row
    for i in range(out.shape[0]):
        half[:] = 0.0
        touched[:] = 0
        for k in range(row_taps):
            weight = rows.weights[i, k]
            line, gaps = frame[rows.first[i] + k], empty[rows.first[i] + k]
            for c in range(width):
                half[c] += weight * line[c]
            for c in range(width):  # apart from the sums: each loop by itself becomes vector code
                touched[c] |= gaps[c]
        _across(half, columns, out[i])
        for j in range(out.shape[1]):
            first = columns.first[j]
            near = touched[first] | touched[first + column_taps - 1]
            for k in range(1, column_taps - 1):
                near |= touched[first + k]
            if near == 0:
                continue
            if empty[rows.nearest[i], columns.nearest[j]]:
                out[i, j] = frame[rows.nearest[i], columns.nearest[j]]
            else:
                out[i, j] = np.floor(_mean_without(frame, empty, rows, columns, i, j) + 0.5)


@_compiled
def _mean_without(
    frame: NDArray[Any], empty: NDArray[np.uint8], rows: Taps, columns: Taps, i: int, j: int
) -> float:  # pragma: no cover - compiled
    total, whole = 0.0, 0.0
    for k in range(columns.weights.shape[1]):
        half, part = 0.0, 0.0
        for r in range(rows.weights.shape[1]):
            if empty[rows.first[i] + r, columns.first[j] + k] == 0:
                half += rows.weights[i, r] * frame[rows.first[i] + r, columns.first[j] + k]
                part += rows.weights[i, r]
        total += columns.weights[j, k] * half
        whole += columns.weights[j, k] * part
    return total / whole if whole < _WHOLE else total


@_compiled
def _resample_rgb(
    lines: NDArray[np.uint8], rows: Taps, columns: Taps, out: NDArray[np.uint8]
) -> None:  # pragma: no cover - compiled
    width = lines.shape[1]  # three samples for each column
    row_taps, column_taps = rows.weights.shape[1], columns.weights.shape[1]
    half = np.empty(width, dtype=np.float64)
    for i in range(out.shape[0]):
        half[:] = 0.0
        for k in range(row_taps):
            weight = rows.weights[i, k]
            line = lines[rows.first[i] + k]
            for c in range(width):
                half[c] += weight * line[c]
        for j in range(out.shape[1]):
            c = 3 * columns.first[j]
            red, green, blue = 0.0, 0.0, 0.0
            for k in range(column_taps):
                weight = columns.weights[j, k]
                red += weight * half[c + 3 * k]
                green += weight * half[c + 3 * k + 1]
                blue += weight * half[c + 3 * k + 2]
            out[i, j, 0] = np.floor(red + 0.5)
            out[i, j, 1] = np.floor(green + 0.5)
            out[i, j, 2] = np.floor(blue + 0.5)


@_compiled
def _look_up(
    index: NDArray[np.uint16], table: NDArray[Any], canvas: NDArray[Any], top: int, left: int
) -> None:  # pragma: no cover - compiled
    for i in range(index.shape[0]):
        for j in range(index.shape[1]):
            canvas[top + i, left + j] = table[index[i, j]]


def resample(
    frame: NDArray[Any], rows: Taps, columns: Taps, padding: tuple[float, float], out: NDArray[Any]
) -> None:
    """As ``resample_reference``; compiled for integers of up to 16 bits."""
    resampling(frame, rows, columns, padding, out)(0, out.shape[0])


def resampling(
    frame: NDArray[Any], rows: Taps, columns: Taps, padding: tuple[float, float], out: NDArray[Any]
) -> Fill:
    """Give what resamples into some rows of ``out``, so that threads can share them out."""
    if frame.dtype.kind not in "iu" or frame.itemsize > 2:
        less = _across_is_less(rows, columns)

        def by_reference(first: int, end: int) -> None:
            part = _some(rows, first, end)
            resample_reference(frame, part, columns, padding, out[first:end], across_first=less)

        return by_reference
    _check(frame, rows, columns, out)
    wide = np.int16 if frame.dtype.kind == "i" else np.uint16
    source = read_only(np.asarray(frame, dtype=wide))
    low, high = padding
    empty = (source >= low) & (source <= high) if low <= high else np.zeros(1, dtype=np.bool_)
    gaps = read_only(empty.view(np.uint8)) if empty.any() else None
    enlarged = gaps is None and _across_is_less(rows, columns)

    def fill(first: int, end: int) -> None:
        part, target = _some(rows, first, end), out[first:end]
        if out.dtype != wide:
            target = np.empty(target.shape, dtype=wide)
        if gaps is not None:
            _resample_padded(source, gaps, part, columns, target)
        elif enlarged:
            _enlarge_plain(source, part, columns, target)
        else:
            _resample_plain(source, part, columns, target)
        if out.dtype != wide:
            out[first:end] = target

    return fill


def _some(taps: Taps, first: int, end: int) -> Taps:
    return Taps(taps.first[first:end], taps.weights[first:end], taps.nearest[first:end])


def _across_is_less(rows: Taps, columns: Taps) -> bool:
    """Whether there are fewer image rows than places down, so that going across first is less."""
    if rows.weights.shape[1] != 2 or columns.weights.shape[1] != 2 or rows.first.size == 0:
        return False
    return int(np.ptp(rows.first)) + 2 < rows.first.size


def resample_rgb(
    frame: NDArray[np.uint8], rows: Taps, columns: Taps, out: NDArray[np.uint8]
) -> None:
    """As ``resample_rgb_reference``, compiled."""
    resampling_rgb(frame, rows, columns, out)(0, out.shape[0])


def resampling_rgb(
    frame: NDArray[np.uint8], rows: Taps, columns: Taps, out: NDArray[np.uint8]
) -> Fill:
    """Give what resamples colours into some rows of ``out``."""
    _check(frame, rows, columns, out)
    lines = read_only(np.ascontiguousarray(frame).reshape(frame.shape[0], -1))
    return lambda first, end: _resample_rgb(lines, _some(rows, first, end), columns, out[first:end])


def look_up(
    index: NDArray[np.uint16], table: NDArray[Any], canvas: NDArray[Any], top: int, left: int
) -> None:
    """As ``look_up_reference``, compiled; the canvas is C-contiguous."""
    height, width = index.shape
    if top < 0 or left < 0 or top + height > canvas.shape[0] or left + width > canvas.shape[1]:
        raise ValueError("the picture does not lie on its canvas")
    if table.size != 65536:
        raise ValueError("a table has an entry for each of 65536 stored values")
    _look_up(read_only(index), read_only(table), canvas, top, left)


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Give one array type to the compiler whether or not the caller may write: one compilation."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def _check(frame: NDArray[Any], rows: Taps, columns: Taps, out: NDArray[Any]) -> None:
    """Compiled loops do not check bounds: nothing that leaves the image may reach them."""
    for axis, taps in enumerate((rows, columns)):
        first, weights, nearest = taps
        end = frame.shape[axis] - weights.shape[1]
        inside = first.min(initial=0) >= 0 and first.max(initial=0) <= end
        under = nearest.min(initial=0) >= 0 and nearest.max(initial=0) < frame.shape[axis]
        size = out.shape[axis]
        if not (inside and under and weights.shape[0] == nearest.size == first.size == size):
            raise ValueError("the places to draw leave the image")


def are_loaded() -> bool:
    """Whether the loops that sample grey frames are compiled, signed and unsigned."""
    loops = cast(tuple[Any, ...], (_resample_plain, _resample_padded, _enlarge_plain))
    return all(len(loop.signatures) >= 2 for loop in loops)


def warm_up() -> None:
    """Load or compile every loop; seconds on a first start, so never on the GUI thread."""
    computed.warm_up()
    one = Taps(np.zeros(1, dtype=np.int64), np.ones((1, 1)), np.zeros(1, dtype=np.int64))
    two = Taps(np.zeros(3, dtype=np.int64), np.full((3, 2), 0.5), np.zeros(3, dtype=np.int64))
    for kind in (np.int16, np.uint16):
        frame = np.zeros((1, 1), dtype=kind)
        for padding in (NO_PADDING, (0, 0)):
            resample(frame, one, one, padding, np.empty_like(frame))
        larger = np.zeros((2, 2), dtype=kind)
        resample(larger, two, two, NO_PADDING, np.empty((3, 3), dtype=kind))
    colour = np.zeros((1, 1, 3), dtype=np.uint8)
    resample_rgb(colour, one, one, np.empty_like(colour))
    for depth in (np.uint8, np.uint16):
        index = np.zeros((1, 1), dtype=np.uint16)
        look_up(index, np.zeros(65536, dtype=depth), np.zeros((1, 1), dtype=depth), 0, 0)
