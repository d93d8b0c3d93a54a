"""How far numbers of shapes of many points may be off: in one pass, as by moving each point."""

import math
from time import perf_counter

import pytest

from viewer.measure.kinds import KINDS
from viewer.measure.quantity import Metric
from viewer.measure.uncertainty import expanded
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import PixelPoint, Spacing

SPACING = Spacing(0.8, 0.5)
METRIC = Metric(SPACING, SPACING)
K = AnnotationKind


def ring(count: int) -> list[PixelPoint]:
    turns = [2 * math.pi * n / count for n in range(count)]
    return [PixelPoint(250 + 200 * math.cos(t), 250 + 120 * math.sin(t)) for t in turns]


@pytest.mark.parametrize("kind", [K.POLYLINE, K.CURVE, K.POLYGON, K.FREEHAND])
def test_slopes_are_those_of_moving_every_point(kind: AnnotationKind) -> None:
    record, points = KINDS[kind], ring(7)
    slow = expanded(record.compute, points, METRIC, 0.01)
    assert expanded(record.compute, points, METRIC, 0.01, record.slopes) == pytest.approx(
        slow, rel=1e-5
    )


def test_of_an_outline_that_crosses_itself_it_is_not_told_too_small() -> None:
    record = KINDS[K.POLYGON]
    bow = [PixelPoint(0, 0), PixelPoint(10, 10), PixelPoint(10, 0), PixelPoint(0, 10)]
    slow = expanded(record.compute, bow, METRIC, 0.0)
    assert expanded(record.compute, bow, METRIC, 0.0, record.slopes)[""] >= slow[""] * (1 - 1e-6)


def test_a_long_free_outline_takes_no_time() -> None:
    record, points = KINDS[K.FREEHAND], ring(1000)
    begun = perf_counter()
    assert expanded(record.compute, points, METRIC, 0.01, record.slopes)[""] > 0
    assert perf_counter() - begun < 0.5
