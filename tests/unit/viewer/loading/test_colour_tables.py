"""Conversions of colours are made once, off the GUI thread, and what fails says so (F18)."""

import numpy as np

from tests.kit.executors import StepExecutor
from viewer.errors import UndecodableFrame
from viewer.loading.colour_tables import PLAIN, ColourTables
from viewer.model.colour import ColourProfile
from viewer.pixels.colour_table import LEVELS, ColourTable

TABLE = ColourTable(np.zeros((LEVELS**3, 3), np.uint8))
BAD = b"refused"


class Maker:
    """Gives one table for all profiles, but refuses one of them."""

    def __init__(self) -> None:
        self.asked: list[tuple[bytes, bytes]] = []

    def make(self, source: bytes, target: bytes) -> ColourTable:
        self.asked.append((source, target))
        if BAD in (source, target):
            raise UndecodableFrame("the colour library refuses it (no reason).")
        if b"broken" in (source, target):
            raise ZeroDivisionError
        return TABLE


def _tables() -> tuple[ColourTables, Maker, StepExecutor, list[int]]:
    maker, executor = Maker(), StepExecutor()
    tables, told = ColourTables(maker.make, executor), [0]
    tables.arrived.connect(lambda: told.append(1))
    return tables, maker, executor, told


def test_srgb_on_an_srgb_screen_needs_nothing() -> None:
    tables, maker, executor, _ = _tables()
    assert tables.get(None) is PLAIN
    assert (maker.asked, len(executor)) == ([], 0)


def test_a_table_is_made_once_and_off_this_thread() -> None:
    tables, maker, executor, told = _tables()
    own, screen = ColourProfile(b"own"), ColourProfile(b"screen")
    assert tables.get(own, screen) is None
    assert tables.get(own, screen) is None
    assert maker.asked == []
    executor.drain()
    assert (maker.asked, sum(told)) == ([(b"own", b"screen")], 1)
    found = tables.get(own, screen)
    assert found is not None
    assert found.table is TABLE
    assert tables.problem(own, screen) == ""


def test_a_refused_profile_of_an_image_is_srgb_for_the_same_screen() -> None:
    tables, maker, executor, _ = _tables()
    own, screen = ColourProfile(BAD), ColourProfile(b"screen")
    tables.get(own, screen)
    executor.drain()
    found = tables.get(own, screen)
    assert found is not None
    assert found.table is TABLE
    assert maker.asked == [(BAD, b"screen"), (b"", b"screen")]
    assert found.problem == (
        "The colour profile is not used and sRGB is assumed: "
        "the colour library refuses it (no reason)."
    )


def test_a_refused_screen_leaves_colours_as_they_are() -> None:
    tables, _, executor, _ = _tables()
    screen = ColourProfile(BAD)
    tables.get(None, screen)
    executor.drain()
    found = tables.get(None, screen)
    assert found is not None
    assert found.table is None
    assert "profile of this screen is not used" in tables.problem(None, screen)


def test_a_fault_of_ours_is_told_and_not_tried_for_ever() -> None:
    tables, maker, executor, _ = _tables()
    own = ColourProfile(b"broken")
    tables.get(own)
    executor.drain()
    assert tables.problem(own) == "The colours cannot be converted: ZeroDivisionError."
    tables.get(own)
    executor.drain()
    assert len(maker.asked) == 1


def test_few_are_kept_and_none_of_a_closed_case() -> None:
    tables, maker, executor, _ = _tables()
    profiles = [ColourProfile(bytes([n])) for n in range(4)]
    for profile in profiles:
        tables.get(profile)
        executor.drain()
    assert tables.get(profiles[3]) is not None
    assert tables.get(profiles[0]) is None, "the one that was used longest ago"
    executor.drain()
    tables.clear()
    assert tables.get(profiles[3]) is None
    executor.drain()
    assert len(maker.asked) == 6
