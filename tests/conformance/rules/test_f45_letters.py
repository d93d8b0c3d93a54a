"""F45: letters for all 48 rotations and reflections of an image, against 3 × 3 matrices."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.presentation import Presentation
from viewer.viewport.letters import EdgeLetters, letters
from viewer.viewport.transform import PaneSize, PaneTransform

AXES = [tuple(sign * v for v in axis) for axis in np.eye(3, dtype=int).tolist() for sign in (1, -1)]
FRAMES = [
    (row, column) for row, column in itertools.product(AXES, AXES) if np.dot(row, column) == 0
]
"""The 24 ways in which an image can lie along the axes of the patient; mirrored they are 48."""
STATES = list(itertools.product(range(4), (False, True)))


def _screen(turns: int, flip: bool) -> NDArray[np.int64]:
    """What a column and a row of the image become on the screen (x right, y down)."""
    made = np.array([[-1 if flip else 1, 0], [0, 1]])
    quarter = np.array([[0, -1], [1, 0]])  # clockwise, since y runs down
    for _ in range(turns):
        made = quarter @ made
    return made


def _named(direction: NDArray[np.int64]) -> str:
    (axis,) = np.flatnonzero(direction)
    return ("LR", "PA", "HF")[axis][int(direction[axis] < 0)]


def _oracle(
    row: NDArray[np.int64], column: NDArray[np.int64], turns: int, flip: bool
) -> EdgeLetters:
    patient = np.array([row, column]).T  # 3 × 2: from image steps to the patient
    back = np.linalg.inv(_screen(turns, flip)).round().astype(int)
    right, down = patient @ back @ np.array([1, 0]), patient @ back @ np.array([0, 1])
    return EdgeLetters(_named(-right), _named(right), _named(-down), _named(down))


def _transform(turns: int, flip: bool) -> PaneTransform:
    look = Presentation(quarter_turns=turns, flip_horizontal=flip)
    return PaneTransform.of(64, 48, 1.0, PaneSize(300, 200), look)


ALL_48 = [
    np.array(signs)[:, None] * np.eye(3, dtype=int)[list(order)]
    for order in itertools.permutations(range(3))
    for signs in itertools.product((1, -1), repeat=3)
]
"""Every rotation and reflection: columns are what lies to the right, below and behind."""


@pytest.mark.parametrize("matrix", ALL_48, ids=lambda m: "".join(_named(m[:, n]) for n in range(3)))
def test_f45_all_48_rotations_and_reflections(matrix: NDArray[np.int64]) -> None:
    """Reached by each way of storing, turning and flipping that leads to the picture."""
    reached = 0
    for row, column in FRAMES:
        for turns, flip in STATES:
            patient = np.array([row, column]).T @ np.linalg.inv(_screen(turns, flip)).round()
            if not np.array_equal(patient, matrix[:, :2]):
                continue
            reached += 1
            plane = ImagePlane(PointLps(0, 0, 0), PointLps(*row), PointLps(*column), Spacing(1, 1))
            found = letters(plane, None, _transform(turns, flip))
            right, down = _named(matrix[:, 0]), _named(matrix[:, 1])
            assert (found.right, found.bottom) == (right, down)
            assert (found.left, found.top) == (_named(-matrix[:, 0]), _named(-matrix[:, 1]))
    assert reached == 8


@pytest.mark.parametrize(("turns", "flip"), STATES)
@pytest.mark.parametrize(("row", "column"), FRAMES)
def test_f45_from_geometry(
    row: tuple[int, ...], column: tuple[int, ...], turns: int, flip: bool
) -> None:
    plane = ImagePlane(PointLps(3, 5, 7), PointLps(*row), PointLps(*column), Spacing(0.8, 0.5))
    found = letters(plane, ("H", "H"), _transform(turns, flip))  # which geometry overrules
    assert found == _oracle(np.array(row), np.array(column), turns, flip)


@pytest.mark.parametrize(("turns", "flip"), STATES)
@pytest.mark.parametrize(("row", "column"), FRAMES)
def test_f45_from_patient_orientation(
    row: tuple[int, ...], column: tuple[int, ...], turns: int, flip: bool
) -> None:
    stated = (_named(np.array(row)), _named(np.array(column)))
    found = letters(None, stated, _transform(turns, flip))
    assert found == _oracle(np.array(row), np.array(column), turns, flip)


@pytest.mark.parametrize(("turns", "flip"), STATES)
def test_f45_without_either_none_are_shown(turns: int, flip: bool) -> None:
    assert letters(None, None, _transform(turns, flip)) == EdgeLetters()
    assert letters(None, ("CR", "DI"), _transform(turns, flip)) == EdgeLetters()  # a quadruped's
