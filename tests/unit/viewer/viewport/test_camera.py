"""From where a volume is looked at: six sides with their letters, turns that never bend."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.viewport.camera import SIDES, Camera
from viewer.viewport.volume_overlay import edge_letters, side_words

LETTERS = {
    # seen from: left, right, top, bottom of the pane
    "A": ("R", "L", "H", "F"),
    "P": ("L", "R", "H", "F"),
    "L": ("A", "P", "H", "F"),
    "R": ("P", "A", "H", "F"),
    "H": ("L", "R", "A", "P"),
    "F": ("R", "L", "A", "P"),
}
ANGLES = st.floats(-10, 10)


@pytest.mark.parametrize("side", sorted(SIDES))
def test_letters_are_right_from_each_side(side: str) -> None:
    found = edge_letters(SIDES[side])
    assert (found.left, found.right, found.top, found.bottom) == LETTERS[side]


@pytest.mark.parametrize(
    ("side", "word"),
    [("A", "front"), ("P", "back"), ("L", "left"), ("R", "right"), ("H", "head"), ("F", "feet")],
)
def test_each_side_has_its_word(side: str, word: str) -> None:
    assert side_words(SIDES[side]) == word


def test_a_drag_to_the_right_brings_the_patients_right_side_round() -> None:
    # from the front the patient's right lies at the reader's left: it comes to the near side
    turned = SIDES["A"].turned(math.pi / 2, 0)
    assert side_words(turned) == "right"
    assert side_words(SIDES["A"].turned(math.radians(30), 0)) == "front and right"
    assert side_words(SIDES["A"].turned(0.5, 0.3)) == "front, right and head"


def test_a_drag_down_brings_the_head_round() -> None:
    assert side_words(SIDES["A"].turned(0, math.pi / 2)) == "head"


def test_rolled_clockwise_the_head_goes_to_the_right() -> None:
    assert edge_letters(SIDES["A"].rolled(math.pi / 2)).right == "H"


@given(st.sampled_from(sorted(SIDES)), st.lists(st.tuples(ANGLES, ANGLES, ANGLES), max_size=20))
def test_no_number_of_turns_bends_the_view(
    side: str, turns: list[tuple[float, float, float]]
) -> None:
    camera = SIDES[side]
    for across, down, roll in turns:
        camera = camera.turned(across, down).rolled(roll)
    assert abs(camera.right.norm - 1) < 1e-12
    assert abs(camera.down.norm - 1) < 1e-12
    assert abs(camera.right.dot(camera.down)) < 1e-12


@given(ANGLES, ANGLES)
def test_a_turn_and_its_opposite_lead_back(across: float, down: float) -> None:
    there = SIDES["L"].turned(across, down)
    back = there.turned(-across, -down)
    assert (back.right - SIDES["L"].right).norm < 1e-9
    assert (back.down - SIDES["L"].down).norm < 1e-9
    assert isinstance(back, Camera)
