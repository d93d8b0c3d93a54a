"""F47: a pixel belongs to a shape when its centre lies inside or on it, in index space."""

import numpy as np
import pytest
from numpy.typing import NDArray

from viewer.measure.quantity import Metric
from viewer.measure.regions import Ellipse, Polygon, Region, circle, members
from viewer.model.geometry import PixelPoint, Spacing

ONE = Metric(Spacing(1, 1), Spacing(1, 1))


def _mask(region: Region, size: int = 40) -> NDArray[np.bool_]:
    found = members(region, size, size)
    mask = np.zeros((size, size), np.bool_)
    height, width = found.mask.shape
    mask[found.top : found.top + height, found.left : found.left + width] = found.mask
    return mask


def _circle(radius: float, centre: tuple[float, float] = (20.0, 20.0)) -> Ellipse:
    middle = PixelPoint(*centre)
    return circle([middle, PixelPoint(middle.column + radius, middle.row)], ONE)


@pytest.mark.parametrize("radius", [1.0, 2.5, 5.0, 10.0])
@pytest.mark.parametrize("shift", [0.0, 0.25, 0.5])
def test_f47_centres_and_nothing_else_decide(radius: float, shift: float) -> None:
    row, column = np.mgrid[:40, :40]
    away = (column - 20 - shift) ** 2 + (row - 20) ** 2
    np.testing.assert_array_equal(
        _mask(_circle(radius, (20 + shift, 20.0))), away <= radius**2 + 1e-9
    )


def test_f47_what_lies_on_the_outline_belongs_to_it() -> None:
    on = Polygon(tuple(PixelPoint(*p) for p in ((3, 3), (6, 3), (6, 5), (3, 5))))
    assert _mask(on).sum() == 4 * 3
    assert _mask(_circle(5))[20, 25]
    assert not _mask(_circle(4.999))[20, 25]


def test_f47_no_half_pixel_shift_and_no_rule_of_touch() -> None:
    """Two rules that others follow, and how far they are off at a radius of 5 pixels."""
    ours = _mask(_circle(5))
    row, column = np.mgrid[:40, :40]
    corner = (column + 0.5 - 20) ** 2 + (row + 0.5 - 20) ** 2 <= 25
    nearest = np.maximum(np.abs(column - 20) - 0.5, 0) ** 2
    nearest = nearest + np.maximum(np.abs(row - 20) - 0.5, 0) ** 2
    assert (ours != corner).any()
    assert (nearest <= 25).sum() / ours.sum() > 1.15
    middle = np.argwhere(ours).mean(axis=0)
    assert middle == pytest.approx([20, 20], abs=1e-12)
