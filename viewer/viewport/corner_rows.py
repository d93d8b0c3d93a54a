"""How the texts of two corners share the rows of a pane: what may be lacking goes, nothing else.

Lines that say who the patient is, and warnings, stand whole: they take the width of the pane, push
what stands opposite into the next row, and are broken where even that is too narrow. Plain lines
are shortened where there is no room, and left out where a pane is too low for all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from viewer.viewport.corners import Role, TextLevel, TextLine

Measure = Callable[[str], float]
"""The width of a text."""
Elide = Callable[[str, float], str]
"""A text shortened to a width, with dots at its end."""
GAP = 10.0
"""Between texts that face each other."""
_WORTH = 40.0
"""Below this width a plain line says nothing."""
_ORDER = (TextLevel.ALL, TextLevel.FEW, TextLevel.LEAST)
_SHARE = 0.6
"""Of the rows of a pane that plain texts may fill."""
_TOPS = (0, 1)


@dataclass(frozen=True, slots=True)
class Row:
    """What stands in one row at the left and at the right."""

    left: TextLine | None
    right: TextLine | None


@dataclass(frozen=True, slots=True)
class Face:
    """How texts are drawn: how wide they are, and how they are shortened."""

    measure: Measure
    elide: Elide


Pair = Callable[[tuple[TextLine, ...], tuple[TextLine, ...], bool], tuple[Row, ...]]
"""The rows of two corners, of the upper edge where the last is True, as ``side_of`` gives them."""


def sides_of(
    corners: Sequence[Sequence[TextLine]], rows: int, pair: Pair
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """The rows at the upper and at the lower edge of a pane, each from its edge inwards.

    ``corners`` are top left, top right, bottom left and bottom right; ``rows`` are those of the
    whole pane. Plain lines are left out until the rest fits: the least needed first, of equals the
    one that stands farthest from the edge.
    """
    kept = [list(lines) for lines in corners]
    most = max(int(rows * _SHARE), 1)
    while True:
        least = max(map(len, kept[:2])) + max(map(len, kept[2:]))
        if least <= most:  # else there is no need to pair them to know
            top, bottom = _paired(kept, pair)
            if len(top) + len(bottom) <= most:
                return top, bottom
        found = [
            (_ORDER.index(line.level), at if n not in _TOPS else len(lines) - 1 - at, n, at)
            for n, lines in enumerate(kept)
            for at, line in enumerate(lines)
            if not stands_whole(line)
        ]
        if not found:
            return _paired(kept, pair)
        *_, n, at = min(found)
        del kept[n][at]


def _paired(
    kept: Sequence[Sequence[TextLine]], pair: Pair
) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    return pair(tuple(kept[0]), tuple(kept[1]), True), pair(tuple(kept[2]), tuple(kept[3]), False)


def side_of(
    left: Sequence[TextLine], right: Sequence[TextLine], width: float, face: Face, *, above: bool
) -> tuple[Row, ...]:
    """The rows of two corners in the table's order, from the upper or the lower edge inwards."""
    ours, theirs = (broken(lines, width, face) for lines in (left, right))
    return (
        rows_of(ours, theirs, width, face)
        if above
        else rows_of(ours[::-1], theirs[::-1], width, face)
    )


def stands_whole(line: TextLine) -> bool:
    """Whether a line may be neither shortened nor left out."""
    return line.role is not Role.NORMAL


def rows_of(
    left: Sequence[TextLine], right: Sequence[TextLine], width: float, face: Face
) -> tuple[Row, ...]:
    """Pair the lines of two corners, given from the edge of the pane inwards."""
    ours, theirs = list(left), list(right)
    rows: list[Row] = []
    while ours or theirs:
        one, other = ours[0] if ours else None, theirs[0] if theirs else None
        row = _row(one, other, width, face)
        if len(ours) > len(theirs) and row.right != other:
            row = Row(one, None)  # there is room for it in the next row
        elif len(theirs) > len(ours) and row.left != one:
            row = Row(None, other)
        rows.append(row)
        if row.left is not None:
            ours.pop(0)
        if row.right is not None:
            theirs.pop(0)
    return tuple(rows)


def broken(lines: Sequence[TextLine], width: float, face: Face) -> tuple[TextLine, ...]:
    """The same lines, those that stand whole broken where the pane is narrower than they are."""
    made: list[TextLine] = []
    for line in lines:
        if line.role is Role.NORMAL or face.measure(line.text) <= width:
            made.append(line)
        else:
            made += [replace(line, text=part) for part in _parts(line.text, width, face)]
    return tuple(made)


def _row(one: TextLine | None, other: TextLine | None, width: float, face: Face) -> Row:
    if one is None or other is None:
        return Row(_cut(one, width, face), _cut(other, width, face))
    first, second = face.measure(one.text), face.measure(other.text)
    if first + second + GAP <= width:
        return Row(one, other)
    if stands_whole(one):
        rest = width - first - GAP
        fits = not stands_whole(other) and rest >= _WORTH
        return Row(one, _cut(other, rest, face) if fits else None)
    if stands_whole(other):
        rest = width - second - GAP
        return Row(_cut(one, rest, face) if rest >= _WORTH else None, other)
    half = (width - GAP) / 2
    if first <= half:
        return Row(one, _cut(other, width - first - GAP, face))
    return Row(_cut(one, max(half, width - second - GAP), face), _cut(other, half, face))


def _cut(line: TextLine | None, width: float, face: Face) -> TextLine | None:
    if line is None or face.measure(line.text) <= width:
        return line
    return replace(line, text=face.elide(line.text, width))


def _parts(text: str, width: float, face: Face) -> list[str]:
    """A text in pieces no wider than this: between words, else within one."""
    parts: list[str] = []
    while face.measure(text) > width and len(text) > 1:
        fits = _fitting(text, width, face)
        at = text.rfind(" ", 1, fits + 1)
        at = fits if at < 1 else at
        parts.append(text[:at].rstrip(" ·"))
        text = text[at:].lstrip(" ·")
    return [*parts, text]


def _fitting(text: str, width: float, face: Face) -> int:
    """How many letters fit into a width, at least one; halving, since headers may be long."""
    fits, beyond = 1, len(text)
    while beyond - fits > 1:
        middle = (fits + beyond) // 2
        if face.measure(text[:middle]) <= width:
            fits = middle
        else:
            beyond = middle
    return fits
