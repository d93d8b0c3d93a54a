"""What was measured of screens is kept, and what cannot be true of one drives none."""

import json
from datetime import UTC, datetime

import pytest

from viewer.calibration.display import DisplayProfile
from viewer.calibration.profiles import in_force, read_profiles, write_profiles

TABLE = tuple(range(256))
MEASURED = datetime(2026, 11, 20, 9, tzinfo=UTC)
KNOWN = {
    "left": DisplayProfile("left", 8, 0.21, TABLE, MEASURED),
    "right": DisplayProfile("right", 10, None, None, None),
}
_GOOD = {"bits": 8, "mm_per_pixel": 0.2, "table": list(TABLE), "measured_at": None}


def test_profiles_are_read_as_they_were_written() -> None:
    assert read_profiles(write_profiles(KNOWN)) == KNOWN


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"left": 3}', "[" * 100_000])
def test_what_cannot_be_read_is_no_profile(text: str) -> None:
    assert read_profiles(text) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"bits": 7},
        {"bits": "8"},
        {"bits": True},
        {"mm_per_pixel": -1},
        {"mm_per_pixel": "wide"},
        {"table": [1]},
        {"table": [3, 2, 1]},
        {"table": [0, 256]},
        {"table": [0, 1.5, 255]},
        {"table": "levels"},
        {"measured_at": "yesterday"},
        {"measured_at": "2026-11-20T09:00:00"},
    ],
)
def test_a_profile_that_would_drive_a_screen_wrongly_is_left_out(wrong: dict[str, object]) -> None:
    text = json.dumps({"left": {**_GOOD, **wrong}, "right": _GOOD})
    assert list(read_profiles(text)) == ["right"]


def test_only_a_table_of_the_pictures_own_shape_drives_them() -> None:
    assert in_force(KNOWN["left"]) is KNOWN["left"]
    for bits, table in ((10, TABLE), (8, TABLE[:128]), (8, (0, 255))):
        assert in_force(DisplayProfile("x", bits, 0.2, table)).table is None
