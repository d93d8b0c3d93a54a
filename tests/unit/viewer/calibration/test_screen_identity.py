"""A screen is known again by its serial number; what has none, by where it is plugged in."""

from dataclasses import replace

import pytest

from viewer.calibration.screen_identity import ScreenIdentity, screen_keys, screen_title

ONE = ScreenIdentity("EIZO", "RX560", "A0012345", "DP-1", 2048, 1536)


def test_another_connector_makes_no_other_screen() -> None:
    assert ONE.key == replace(ONE, connector="HDMI-2").key == "EIZO RX560 A0012345 2048x1536"


def test_another_resolution_is_another_screen() -> None:
    assert ONE.key != replace(ONE, width=1024).key


@pytest.mark.parametrize("serial", ["", " ", "0", "0000", "0x00000000", "1", "01"])
def test_without_a_number_of_its_own_the_connector_tells(serial: str) -> None:
    screen = replace(ONE, serial=serial)
    assert not screen.has_serial
    assert screen.key == "EIZO RX560 DP-1 2048x1536"


def test_a_screen_that_tells_nothing_has_a_key_all_the_same() -> None:
    assert ScreenIdentity("", "", "", "", 800, 600).key == "Screen 800x600"


def test_two_screens_that_tell_the_same_are_told_apart() -> None:
    keys = screen_keys([ONE, replace(ONE, connector="DP-2"), replace(ONE, serial="B7")])
    assert keys == (
        "EIZO RX560 A0012345 2048x1536 at DP-1",
        "EIZO RX560 A0012345 2048x1536 at DP-2",
        "EIZO RX560 B7 2048x1536",
    )


def test_two_screens_of_one_name_are_told_apart_by_their_order() -> None:
    nameless = ScreenIdentity("", "", "", "screen", 1920, 1080)
    keys = screen_keys([nameless, nameless])
    assert keys == ("screen 1920x1080 at screen", "screen 1920x1080 at screen #2")


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("screen 1920x1080", "1920 × 1080"),
        ("Screen 800x600 #2", "800 × 600 #2"),
        ("EIZO RX560 A0012345 2048x1536 at DP-1", "EIZO RX560 A0012345 2048 × 1536 at DP-1"),
        ("Screen", "Screen"),
    ],
)
def test_a_reader_is_told_a_screen_without_the_word_twice(key: str, title: str) -> None:
    assert screen_title(key) == title
