"""What is remembered of screens, and what comes of it when other screens are there."""

import pytest

from workstation.session.screen_memory import (
    Placement,
    ScreenMemory,
    placement,
    read_memory,
    spread,
    write_memory,
)

BOTH = ScreenMemory("office", ("left", "right"))


def test_what_is_kept_is_read_again() -> None:
    assert read_memory(write_memory(BOTH)) == BOTH


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"report": 1, "images": []}', '{"report": "a", "images": [1]}', "3"]
)
def test_what_cannot_be_read_is_one_window(text: str) -> None:
    assert read_memory(text) == ScreenMemory()


def test_images_go_to_all_screens_but_that_of_the_report() -> None:
    assert spread(["left", "office", "right"], "office") == BOTH


@pytest.mark.parametrize(
    ("attached", "here", "closed", "wanted"),
    [
        (("office", "left", "right"), "office", (), Placement("office", ("left", "right"))),
        (("office", "left", "right"), "left", (), Placement("office", ("left", "right"))),
        (("office", "right"), "office", (), Placement("office", ("right",))),
        (("office",), "office", (), Placement("office", ())),
        (("other",), "other", (), Placement("other", ())),
        (("left", "right"), "left", (), Placement("left", ("right",))),
        (("left", "right", "other"), "left", (), Placement("other", ("left", "right"))),
        (("left",), "left", (), Placement("left", ())),
        (("office", "left", "right"), "office", {"left"}, Placement("office", ("right",))),
        (("left", "right"), "office", (), Placement("left", ("right",))),
    ],
)
def test_the_rest_of_the_screens_is_made_the_best_of(
    attached: tuple[str, ...], here: str, closed: set[str], wanted: Placement
) -> None:
    assert placement(BOTH, attached, here, closed) == wanted
