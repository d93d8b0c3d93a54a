"""Rows without data: named, found under a point, and kept from being measured over (F4)."""

import pytest

from viewer.errors import GeometryError
from viewer.measure.gaps import gap_text, in_gap, refuse_over_gap
from viewer.model.geometry import PixelPoint


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        ((), ""),
        (((4, 5),), "row 5"),
        (((2, 4),), "rows 3 to 4"),
        (((2, 4), (9, 10)), "rows 3 to 4, 10"),
    ],
)
def test_rows_are_named_from_1(missing: tuple[tuple[int, int], ...], text: str) -> None:
    assert gap_text(missing) == text


def test_a_pixel_is_in_a_gap_by_its_centre() -> None:
    assert in_gap(PixelPoint(0, 1.5), ((2, 4),))
    assert in_gap(PixelPoint(0, 3.49), ((2, 4),))
    assert not in_gap(PixelPoint(0, 3.5), ((2, 4),))
    assert not in_gap(PixelPoint(0, 3), ())


def test_a_line_over_a_gap_is_refused() -> None:
    beside = (PixelPoint(0, 0), PixelPoint(0, 1.4))
    refuse_over_gap(beside, ((2, 4),))
    with pytest.raises(GeometryError, match="no data in its rows 3 to 4"):
        refuse_over_gap((*beside, PixelPoint(0, 9)), ((2, 4),))
