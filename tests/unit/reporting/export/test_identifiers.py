"""Numbers as every form of a report states them."""

import pytest

from reporting.export.identifiers import shown


@pytest.mark.parametrize(
    ("value", "stated"),
    [(12.345678, 12.35), (-42.1234, -42.12), (0.0, 0.0), (0.00123456, 0.001235),
     (-0.4567891, -0.4568), (1e-9, 1e-9)],
)  # fmt: skip
def test_small_numbers_are_not_rounded_to_nothing(value: float, stated: float) -> None:
    assert shown(value) == stated
