"""F48: areas by formula in mm², not by counting pixels; the count stands beside them."""

import math

import numpy as np
import pytest

from tests.kit.annotations import annotation, numbers
from tests.kit.viewer import ct_instance
from viewer.measure.registry import Ground, read
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import Spacing
from viewer.model.measurement import Unit

K = AnnotationKind
FLAT = ct_instance(spacing=Spacing(0.5, 0.8), rows=64, columns=64)
PIXELS = np.zeros((64, 64), np.int16)


def test_f48_the_shoelace_in_millimetres() -> None:
    """2265 square pixels are 906 mm² at 0.5 x 0.8 mm."""
    box = ((5, 5), (55, 5), (55, 50.3), (5, 50.3))
    found = numbers(read(annotation(K.POLYGON, FLAT, *box), Ground(FLAT)))
    assert found[""].value == pytest.approx(906, rel=1e-9)
    assert found[""].unit is Unit.MILLIMETRE_2


def test_f48_an_ellipse_is_pi_a_b_and_its_pixels_are_only_near_it() -> None:
    ends = ((20, 30), (30, 30), (25, 24.5), (25, 35.5))
    found = numbers(read(annotation(K.ELLIPSE, FLAT, *ends), Ground(FLAT, PIXELS)))
    assert found[""].value == pytest.approx(math.pi * 5 * 0.8 * 5.5 * 0.5, rel=1e-12)
    counted = found["pixels"].value * 0.8 * 0.5
    assert counted != pytest.approx(found[""].value, rel=1e-3)
    assert counted == pytest.approx(found[""].value, rel=0.06)


@pytest.mark.parametrize("seed", range(6))
def test_f48_even_odd_where_the_outline_crosses_itself(seed: int) -> None:
    """Against counting on a grid a hundred times finer."""
    chance = np.random.default_rng(seed)
    points = [(float(x), float(y)) for x, y in chance.uniform(5, 40, (6, 2))]
    found = read(annotation(K.POLYGON, FLAT, *points), Ground(FLAT))
    fine = np.arange(5, 40, 0.05) + 0.025
    column, row = np.meshgrid(fine, fine)
    odd = np.zeros(column.shape, np.bool_)
    for (x, y), (u, v) in zip(points, points[1:] + points[:1], strict=True):
        cut = (y > row) != (v > row)
        odd ^= cut & (column < x + (row - y) / (v - y) * (u - x))
    expected = odd.sum() * 0.05**2 * 0.8 * 0.5
    assert numbers(found)[""].value == pytest.approx(expected, rel=0.01)


def test_f48_a_crossing_bears_a_badge() -> None:
    bow = ((5, 5), (15, 15), (15, 5), (5, 15))
    found = read(annotation(K.POLYGON, FLAT, *bow), Ground(FLAT))
    assert any("crosses itself" in note for note in found.notes)
