"""Many screens: images on the others, one case in all windows, nothing lost when a screen goes."""

from pathlib import Path
from typing import Any

import pytest

from tests.kit.screens import THREE, run_on

PROGRAM = "tests.gui.workstation.screens_program"
pytestmark = pytest.mark.timeout(60)  # each reader's day is a program of its own
NAMES = ["DP-1", "DP-2"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reader")


@pytest.fixture(scope="module")
def first(folder: Path) -> Any:
    """The first day, on which the reader asks for images on the other screens."""
    return run_on(folder, THREE, PROGRAM, str(folder), "first")


def _screens(seen: Any) -> list[str]:
    return [window["screen"] for window in seen["windows"]]


def test_images_go_to_every_other_screen(first: Any) -> None:
    before, seen = first["one window"], first["spread"]
    assert before["windows"] == []
    assert seen["main"] == "HDMI-1"
    assert _screens(seen) == NAMES
    assert all(window["fills"] for window in seen["windows"])
    assert [window["panes"] for window in seen["windows"]] == [["viewport.1"], ["viewport.2"]]


def test_the_columns_of_a_layout_are_shared_out(first: Any) -> None:
    windows = first["four"]["windows"]
    assert windows[0]["panes"] == ["viewport.1", "viewport.3"]
    assert windows[1]["panes"] == ["viewport.2", "viewport.4"]


def test_tools_and_keys_act_in_every_window(first: Any) -> None:
    assert first["four"]["drawings"] == 1
    assert first["key in a window"] == 1


def test_when_a_screen_goes_nothing_is_lost(first: Any) -> None:
    seen, before = first["screen gone"], first["four"]
    assert _screens(seen) == ["DP-1"]
    assert seen["windows"][0]["panes"] == [f"viewport.{n}" for n in range(1, 5)]
    for kept in ("drawings", "text", "shown"):
        assert seen[kept] == before[kept]
    assert seen["text"].endswith("No nodule.")
    assert seen["notice"].startswith("A screen was taken away")
    assert first["goes on writing"]


def test_r35_every_window_names_the_case_and_all_change_at_once(first: Any) -> None:
    names = [[w["patient"] for w in first[step]["windows"]] for step in ("spread", "other case")]
    assert names == [[["DOE, JANE"]] * 2, [["ROE, RITA"]]]
    assert set(first["other case"]["shown"]) <= {"2.25.72", ""}
    left = first["worklist"]
    assert [window["patient"] for window in left["windows"]] == [["No case is open"]]
    assert set(left["shown"]) == {""}


def test_every_window_shows_the_notice(first: Any) -> None:
    seen = first["refused"]
    assert seen["notice"]
    assert [window["notice"] for window in seen["windows"]] == [[seen["notice"]]] * 2


def test_no_window_is_left_over(first: Any) -> None:
    assert first["left over"] == []


def test_the_next_day_begins_on_the_same_screens(folder: Path, first: Any) -> None:
    assert first["left over"] == []
    seen = run_on(folder, THREE, PROGRAM, str(folder), "next")
    assert _screens(seen["again"]) == NAMES
    assert _screens(seen["closed"]) == ["DP-1"]
    assert seen["closed"]["shown"] == ["2.25.71"]
    assert _screens(seen["asked again"]) == NAMES
    assert seen["sheet"] == [True]
    none, spanning, again = seen["marks"]
    assert none == again == {}
    assert list(spanning.values()) == ["this window lies on two screens that are not alike"]
    assert "NOT DIAGNOSTIC · this window lies on two screens" in seen["described"]
    planes = [window["panes"] for window in seen["planes"]["windows"]]
    assert planes == [["mpr.axial", "mpr.coronal"], ["mpr.sagittal", "mpr.source"]]
    assert seen["planes left"] == seen["asked again"]
    assert (seen["gathered"]["windows"], seen["gathered"]["visible"]) == ([], 0)


def test_the_report_moves_when_its_own_screen_goes_and_back_when_it_comes(tmp_path: Path) -> None:
    seen = run_on(tmp_path, THREE, PROGRAM, str(tmp_path), "plugging")
    before, gone, back = seen["before"], seen["gone"], seen["back"]
    assert (gone["main"], _screens(gone)) == ("DP-1", ["DP-2"])
    assert (back["main"], _screens(back)) == ("HDMI-1", NAMES)
    assert gone["text"] == back["text"] == before["text"]
    assert {*gone["shown"], *back["shown"], *before["shown"]} == {"2.25.71", ""}
    assert seen["goes on writing"]
    assert gone["notice"].startswith("A screen was taken away")
    assert back["notice"].startswith("A screen has come back")
    assert seen["signed out"] == 0


def test_a_desktop_without_those_screens_has_one_window(folder: Path, first: Any) -> None:
    assert first["left over"] == []
    seen = run_on(folder, THREE[:1], PROGRAM, str(folder), "alone")
    assert seen["opened"]["windows"] == []
    assert seen["opened"]["shown"] == ["2.25.71"]
    assert seen["asked"]["notice"] == "There is no other screen."
