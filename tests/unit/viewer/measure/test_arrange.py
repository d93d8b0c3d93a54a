"""How shapes follow one of their points."""

from viewer.measure.arrange import freely, with_centre
from viewer.model.geometry import PixelPoint, Spacing

SQUARE = Spacing(1, 1)
CIRCLE = (PixelPoint(10, 10), PixelPoint(13, 14))


def test_a_circle_goes_with_its_centre_and_keeps_it_when_its_edge_moves() -> None:
    moved = with_centre(CIRCLE, 0, PixelPoint(20, 5), SQUARE)
    assert moved == (PixelPoint(20, 5), PixelPoint(23, 9))
    assert with_centre(CIRCLE, 1, PixelPoint(1, 2), SQUARE) == (CIRCLE[0], PixelPoint(1, 2))


def test_a_free_point_moves_alone() -> None:
    assert freely(CIRCLE, 1, PixelPoint(1, 2), SQUARE) == (CIRCLE[0], PixelPoint(1, 2))
