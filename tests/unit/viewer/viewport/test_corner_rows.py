"""Two corners share the rows of a pane: who and warnings whole, plain lines where there is room."""

from itertools import chain

import pytest

from viewer.viewport.corner_rows import GAP, Face, Row, broken, rows_of, side_of, sides_of
from viewer.viewport.corners import Role, TextLevel, TextLine

WIDE = 7.0
FACE = Face(lambda text: WIDE * len(text), lambda text, most: text[: int(most / WIDE) - 1] + "…")
NAME = TextLine("ACRIN-NSCLC-FDG-PET-042", Role.IDENTITY, TextLevel.LEAST)
DATE = TextLine("1960-01-16 09:56", Role.NORMAL, TextLevel.FEW)
DONE = TextLine("LUNG DELAYS", Role.NORMAL)
PRIOR = TextLine("PRIOR 1959-03-04, 10 months before", Role.WARNING, TextLevel.LEAST)


def test_what_fits_stands_as_it_is() -> None:
    assert rows_of([NAME], [DONE], 400, FACE) == (Row(NAME, DONE),)


def test_a_name_stands_whole_and_a_plain_line_is_shortened() -> None:
    width = FACE.measure(NAME.text) + GAP + 8 * WIDE
    (row,) = rows_of([NAME], [DATE], width, FACE)
    assert row.left == NAME
    assert row.right is not None
    assert row.right.text == "1960-01…"


def test_a_plain_line_goes_into_the_next_row_where_that_is_free() -> None:
    born = TextLine("M 69 y", Role.IDENTITY)
    width = FACE.measure(NAME.text) + GAP + 8 * WIDE
    assert rows_of([NAME, born], [DATE], width, FACE) == (Row(NAME, None), Row(born, DATE))


def test_two_that_stand_whole_take_a_row_each() -> None:
    assert rows_of([NAME], [PRIOR], 300, FACE) == (Row(NAME, None), Row(None, PRIOR))


def test_two_plain_lines_share_the_row() -> None:
    zoom = TextLine("Zoom 0.52 · interpolated", Role.NORMAL)
    (row,) = rows_of([zoom], [DONE], 200, FACE)
    assert row.right == DONE
    assert row.left is not None
    assert row.left.text.endswith("…")


@pytest.mark.parametrize("width", [60, 100, 113, 200])
def test_what_stands_whole_is_broken_and_loses_no_letter(width: float) -> None:
    parts = broken([PRIOR, NAME], width, FACE)
    assert all(FACE.measure(one.text) <= width for one in parts)
    assert {one.role for one in parts} == {Role.WARNING, Role.IDENTITY}
    letters = "".join(one.text for one in parts).replace(" ", "")
    assert letters == (PRIOR.text + NAME.text).replace(" ", "")


def test_a_low_pane_lacks_the_plainest_lines_and_no_other() -> None:
    corners = (NAME, NAME), (PRIOR, DONE, DATE), (DONE, PRIOR, DATE, DATE), (DONE, DATE)

    def shown(rows: int) -> list[TextLine]:
        sides = sides_of(
            corners, rows, lambda one, other, above: side_of(one, other, 500, FACE, above=above)
        )
        lines = [line for row in chain(*sides) for line in (row.left, row.right)]
        return [line for line in lines if line is not None]

    every = list(chain(*corners))
    assert len(shown(40)) == len(every)
    fewer = shown(9)
    assert DONE not in fewer
    assert fewer.count(DATE) == 4
    least = shown(3)
    assert sorted(one.text for one in least) == sorted([NAME.text, NAME.text, *[PRIOR.text] * 2])
