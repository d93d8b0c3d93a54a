"""Which pixels of an image a shutter hides, literal to the standard (PS3.3 C.7.6.11, F19)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from viewer.model.shutter import Shutter, Vertex
from viewer.pixels.bitmaps import on_image

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]


def shutter_mask(shutter: Shutter, rows: int, columns: int, *, aspect: float = 1.0) -> Mask:
    """Where the image (rows, columns) is hidden.

    ``aspect`` is the height of a pixel over its width: a circle is one on the patient, its radius
    counts pixel widths. A bitmap whose bits are not read hides nothing.
    """
    return hidden_at(shutter, np.arange(rows), np.arange(columns), (rows, columns), aspect=aspect)


def hidden_at(
    shutter: Shutter,
    rows: Indices,
    columns: Indices,
    shape: tuple[int, int],
    *,
    aspect: float = 1.0,
) -> Mask:
    """Where an image of ``shape`` is hidden, at the pixels where these rows and columns cross.

    ``rows`` and ``columns`` count from 0 and lie inside the image.
    """
    row, column = rows[:, None] + 1, columns[None, :] + 1
    visible = np.ones((rows.size, columns.size), dtype=np.bool_)
    if shutter.rectangle is not None:
        left, right, upper, lower = shutter.rectangle
        visible &= (row >= upper) & (row <= lower) & (column >= left) & (column <= right)
    if shutter.circle is not None:
        across = (column - shutter.circle.column).astype(np.float64)
        down = (row - shutter.circle.row) * aspect
        visible &= across**2 + down**2 <= float(shutter.circle.radius) ** 2
    if shutter.polygon:
        visible &= in_polygon(shutter.polygon, *shape)[np.ix_(rows, columns)]
    if shutter.bitmap is not None:
        visible &= ~on_image(shutter.bitmap, *shape)[np.ix_(rows, columns)]
    return ~visible


def in_polygon(corners: Sequence[Vertex], rows: int, columns: int) -> Mask:
    """Where pixel centres lie inside a closed polygon or on its edge.

    Inside is what an odd number of edges separates from the outside.
    """
    steps = np.zeros((rows, columns + 2), dtype=np.int32)
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    crossed = [_crossings(a, b, rows) for a, b in edges if a.row != b.row]
    if crossed:
        row = np.concatenate([r for r, _ in crossed])
        at = np.concatenate([c for _, c in crossed])
        order = np.lexsort((at, row))
        row, at = row[order], at[order]
        _fill(steps, row[0::2], np.ceil(at[0::2]), np.floor(at[1::2]))
    for a, b in edges:
        row, first, last = _edge_pixels(a, b, rows)
        _fill(steps, row, first, last)
    return np.asarray(np.cumsum(steps, axis=1)[:, :columns] > 0)


def _crossings(a: Vertex, b: Vertex, rows: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rows that an edge crosses, its lower end left out, and the columns where it does."""
    low, high = min(a.row, b.row), max(a.row, b.row)
    row = np.arange(max(low, 1), min(high - 1, rows) + 1)
    return row, _column_at(a, b, row)


def _edge_pixels(
    a: Vertex, b: Vertex, rows: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Pixel centres exactly on an edge, as a row and the first and last column each."""
    low, high = min(a.row, b.row), max(a.row, b.row)
    row = np.arange(max(low, 1), min(high, rows) + 1)
    if a.row == b.row:
        ends = sorted((a.column, b.column))
        return row, np.full(row.size, float(ends[0])), np.full(row.size, float(ends[1]))
    at = _column_at(a, b, row)
    exact = at == np.floor(at)
    return row[exact], at[exact], at[exact]


def _column_at(a: Vertex, b: Vertex, row: NDArray[np.int64]) -> NDArray[np.float64]:
    # a quotient of whole numbers below 2^53 is whole in float64 only where it really is
    high = b.row - a.row
    return np.asarray((a.column * high + (row - a.row) * (b.column - a.column)) / high)


def _fill(
    steps: NDArray[np.int32],
    row: NDArray[np.int64],
    first: NDArray[np.float64],
    last: NDArray[np.float64],
) -> None:
    """Mark columns ``first`` to ``last`` (from 1, inclusive) of each row as steps up and down."""
    columns = steps.shape[1] - 2
    begin = np.clip(first, 1, columns + 1).astype(np.int64) - 1
    end = np.clip(last, 0, columns).astype(np.int64)
    some = begin < end
    np.add.at(steps, (row[some] - 1, begin[some]), 1)
    np.add.at(steps, (row[some] - 1, end[some]), -1)
