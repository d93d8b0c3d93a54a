"""A screen is diagnostic only by a dated measurement."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from viewer.calibration.display import DisplayProfile

NOW = datetime(2026, 6, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
MEASURED = DisplayProfile("A", 8, 0.2, tuple(range(256)), NOW - timedelta(days=10))


def test_a_measured_screen_is_diagnostic() -> None:
    assert MEASURED.why_not_diagnostic(NOW, YEAR) == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"measured_at": None}, "never measured"),
        ({"measured_at": NOW - timedelta(days=366)}, "older than 365 days"),
        ({"measured_at": NOW + timedelta(days=1)}, "in the future"),
        ({"table": None}, "no calibration table"),
    ],
)
def test_anything_else_is_not(changes: dict[str, Any], reason: str) -> None:
    profile = replace(MEASURED, **changes)
    assert reason in " ".join(profile.why_not_diagnostic(NOW, YEAR))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bits": 7}, "8 to 16 bits"),
        ({"mm_per_pixel": 0.0}, "positive number of mm"),
        ({"measured_at": datetime(2026, 1, 1)}, "offset"),  # noqa: DTZ001 - the point of the test
        ({"table": (3,)}, "two entries"),
        ({"table": (0, 256)}, "outside"),
        ({"table": (0, 9, 8)}, "never fall"),
    ],
)
def test_nonsense_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(MEASURED, **changes)
