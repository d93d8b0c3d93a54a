"""F38: pixels that are not square are measured and drawn in millimetres on both axes."""

import math

import pytest

from viewer.model.geometry import ImagePlane, PixelPoint, PointLps, Spacing
from viewer.model.presentation import Presentation
from viewer.viewport.transform import PaneSize, PaneTransform

NARROW = ImagePlane(
    PointLps(0, 0, 0), PointLps(1, 0, 0), PointLps(0, 1, 0), Spacing(row=0.8, column=0.5)
)


def test_f38_45_degrees_in_pixels_are_57_99_in_the_patient() -> None:
    way = NARROW.to_lps(PixelPoint(1, 1)) - NARROW.to_lps(PixelPoint(0, 0))
    assert math.degrees(math.atan2(way.y, way.x)) == pytest.approx(57.99, abs=0.005)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(("row", "column"), [(0.8, 0.5), (0.5, 0.8), (1.0, 1.0), (3.27, 0.98)])
def test_f38_a_circle_is_drawn_round(row: float, column: float, turns: int, flip: bool) -> None:
    pane = PaneSize(500, 400)
    look = Presentation(quarter_turns=turns, flip_horizontal=flip)
    transform = PaneTransform.of(200, 240, row / column, pane, look)
    centre, radius = PixelPoint(119.5, 99.5), 30.0  # mm
    middle = transform.to_pane(centre)
    reach = []
    for step in range(72):
        angle = math.radians(5 * step)
        on_circle = PixelPoint(
            centre.column + radius * math.cos(angle) / column,
            centre.row + radius * math.sin(angle) / row,
        )
        there = transform.to_pane(on_circle)
        reach.append(math.hypot(there.x - middle.x, there.y - middle.y))
    assert max(reach) - min(reach) < 1e-6
    assert min(reach) > 10
