"""A measurement against the same one of a prior, and sums of target lesions."""

import pytest

from tests.kit.annotations import annotation
from tests.kit.viewer import ct_instance, projection_instance
from viewer.measure.follow_up import TargetSum, change, target_sum
from viewer.measure.registry import Ground, Reading, read
from viewer.model.annotation import AnnotationKind
from viewer.model.geometry import Spacing

K = AnnotationKind
CT = ct_instance(spacing=Spacing(1, 1))


def length(mm: float) -> Reading:
    return read(annotation(K.LENGTH, CT, (0, 0), (mm, 0)), Ground(CT))


NOTHING = Reading((), (), (), "")


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (14.0, 12.0, "+2.0 mm (+16.7 %) from 12.0 mm on 2025-01-02"),
        (9.0, 12.0, "−3.0 mm (−25.0 %) from 12.0 mm on 2025-01-02"),
        (12.0, 12.0, "0.0 mm (0.0 %) from 12.0 mm on 2025-01-02"),
        (12.0001, 12.0, "0.0 mm (0.0 %) from 12.0 mm on 2025-01-02"),
        (12.0, 0.0, "+12.0 mm from 0.0 mm on 2025-01-02"),
    ],
)
def test_the_change_in_mm_and_percent(now: float, before: float, words: str) -> None:
    found = change(length(now), length(before))
    assert found is not None
    assert found.words("2025-01-02") == words


def test_degrees_and_areas_have_their_signs() -> None:
    angles = [read(annotation(K.ANGLE, CT, (10, 0), (0, 0), p), Ground(CT))
              for p in ((10, 10), (0, 10))]  # fmt: skip
    found = change(angles[0], angles[1])
    assert found is not None
    assert found.words("") == "−45.0° (−50.0 %) from 90.0°"
    boxes = [read(annotation(K.RECTANGLE, CT, (0, 0), (n, 0), (n, 5), (0, 5)), Ground(CT))
             for n in (4, 8)]  # fmt: skip
    found = change(boxes[0], boxes[1])
    assert found is not None
    assert found.words("") == "−20.0 mm² (−50.0 %) from 40.0 mm²"


def test_no_two_of_a_kind_are_not_compared() -> None:
    xray = projection_instance("PA")
    other = read(annotation(K.LENGTH, xray, (0, 0), (10, 0)), Ground(xray))
    cross = read(annotation(K.BIDIRECTIONAL, CT, (0, 0), (9, 0), (4, 1), (4, -1)), Ground(CT))
    assert change(length(5), other) is None  # another calibration
    assert change(length(5), cross) is None  # another quantity
    assert change(length(5), NOTHING) is None
    assert change(NOTHING, length(5)) is None


def test_targets_add_up_what_has_no_length_in_mm_is_left_out() -> None:
    cross = read(annotation(K.BIDIRECTIONAL, CT, (0, 0), (9, 0), (4, 1), (4, -1)), Ground(CT))
    area = read(annotation(K.CIRCLE, CT, (5, 5), (8, 5)), Ground(CT))
    found = target_sum([length(10), cross, area])
    assert found == TargetSum(19.0, 2, 1)
    assert target_sum([]) is None
    assert target_sum([area, NOTHING]) is None


def test_a_sum_in_words_against_a_prior_of_as_many() -> None:
    now = TargetSum(24.0, 2)
    assert TargetSum(9.0, 1).words() == "sum of 1 target 9.0 mm"
    assert now.words(TargetSum(20.0, 2)) == "sum of 2 targets 24.0 mm (+20.0 %)"
    assert now.words(TargetSum(20.0, 3)) == "sum of 2 targets 24.0 mm"
    assert TargetSum(9.0, 1, 1).words() == (
        "sum of 1 target 9.0 mm (1 without a length in mm left out)"
    )
