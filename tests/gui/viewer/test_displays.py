"""Each screen has its own table, its own verdict and its own marks (F25, F26)."""

from typing import Any

import pytest

from tests.kit.screens import THREE, run_on

pytestmark = pytest.mark.timeout(60)  # a program of its own


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return run_on(tmp_path_factory.mktemp("displays"), THREE, "tests.gui.viewer.displays_program")


def test_a_pane_knows_the_screen_it_stands_on(seen: Any) -> None:
    keys = seen["keys"]
    assert seen["places"] == [["DP-1", keys["DP-1"]], ["DP-2", keys["DP-2"]]]
    assert seen["gathered"] == [["HDMI-1", keys["HDMI-1"]]] * 2


def test_f25_the_table_of_a_screen_drives_pictures_there_only(seen: Any) -> None:
    assert seen["levels"] > 20
    assert seen["alike"]
    assert seen["driven"] == [True, True]
    assert seen["at rest"] == [True, True]


def test_f26_only_what_stands_on_a_failed_screen_is_marked(seen: Any) -> None:
    assert seen["marked"] == [False, True]


def test_a_pane_that_moves_is_drawn_by_the_table_of_its_new_screen(seen: Any) -> None:
    assert seen["moved"] == [["DP-2", seen["keys"]["DP-2"]], True]
    assert seen["moved mark"]
