"""Orientation letters against a matrix oracle, in all eight dihedral states."""

import itertools
import math

import pytest

from viewer.model.geometry import ImagePlane, PixelPoint, PointLps, Spacing
from viewer.model.presentation import Presentation
from viewer.viewport.letters import EdgeLetters, letters, of_direction
from viewer.viewport.transform import PanePoint, PaneSize, PaneTransform

STATES = list(itertools.product(range(4), (False, True)))


def _transform(turns: int, flip: bool, aspect: float = 1.0) -> PaneTransform:
    look = Presentation(quarter_turns=turns, flip_horizontal=flip)
    return PaneTransform.of(40, 60, aspect, PaneSize(200, 300), look)


def _oblique(yaw: float, pitch: float, roll: float) -> ImagePlane:
    cy, sy, cp, sp = math.cos(yaw), math.sin(yaw), math.cos(pitch), math.sin(pitch)
    cr, sr = math.cos(roll), math.sin(roll)
    e1 = (cy * cp, sy * cp, -sp)
    e2 = (cy * sp * sr - sy * cr, sy * sp * sr + cy * cr, cp * sr)
    return ImagePlane(PointLps(1, 2, 3), PointLps(*e1), PointLps(*e2), Spacing(1.0, 1.0))


PLANES = {
    "axial": ImagePlane(PointLps(0, 0, 0), PointLps(1, 0, 0), PointLps(0, 1, 0), Spacing(1, 1)),
    "coronal": ImagePlane(PointLps(0, 0, 0), PointLps(1, 0, 0), PointLps(0, 0, -1), Spacing(1, 1)),
    "sagittal": ImagePlane(PointLps(0, 0, 0), PointLps(0, 1, 0), PointLps(0, 0, -1), Spacing(1, 1)),
    "oblique": _oblique(0.3, 0.2, -0.4),
    "steep": _oblique(2.2, -1.0, 0.9),
}


def _expected(plane: ImagePlane, t: PaneTransform, dx: float, dy: float) -> str:
    """Walk in the pane, ask the one mapping where that is in the patient, name the way."""
    start, end = PanePoint(100, 150), PanePoint(100 + dx, 150 + dy)
    way = plane.to_lps(t.to_pixel(end)) - plane.to_lps(t.to_pixel(start))
    named = sorted(
        (
            (abs(v) / way.norm, names[v < 0])
            for v, names in zip(way, ("LR", "PA", "HF"), strict=True)
        ),
        reverse=True,
    )
    return "".join(letter for size, letter in named if size > 1e-3)


@pytest.mark.parametrize(("turns", "flip"), STATES)
@pytest.mark.parametrize("name", PLANES)
def test_letters_follow_the_mapping(name: str, turns: int, flip: bool) -> None:
    plane, t = PLANES[name], _transform(turns, flip)
    found = letters(plane, ("ignored", "ignored"), t)
    assert found.right == _expected(plane, t, 1, 0)
    assert found.left == _expected(plane, t, -1, 0)
    assert found.bottom == _expected(plane, t, 0, 1)
    assert found.top == _expected(plane, t, 0, -1)


def test_an_axial_image_as_it_is_sent() -> None:
    assert letters(PLANES["axial"], None, _transform(0, False)) == EdgeLetters("R", "L", "A", "P")


def test_pixels_that_are_not_square_do_not_disturb_the_letters() -> None:
    flat = letters(PLANES["coronal"], None, _transform(1, True, aspect=0.2))
    square = letters(PLANES["coronal"], None, _transform(1, True))
    assert flat == square


@pytest.mark.parametrize(("turns", "flip"), STATES)
def test_patient_orientation_turns_along(turns: int, flip: bool) -> None:
    """L\\F is the orientation of a coronal plane: both must give the same letters."""
    t = _transform(turns, flip)
    assert letters(None, ("L", "F"), t) == letters(PLANES["coronal"], None, t)


def test_compound_and_foreign_terms() -> None:
    t = _transform(0, False)
    assert letters(None, ("LA", "FL"), t) == EdgeLetters("RP", "LA", "HR", "FL")
    assert letters(None, ("CR", "D"), t) == EdgeLetters()
    assert letters(None, None, t) == EdgeLetters()


def test_tiny_components_are_left_out() -> None:
    assert of_direction(PointLps(1, 0.0009, -0.0011)) == "LF"
    assert of_direction(PointLps(-0.6, 0.5, 0.62)) == "HRP"


def test_the_oracle_uses_the_same_mapping_as_drawing() -> None:
    t = _transform(1, False)
    assert t.to_pixel(t.to_pane(PixelPoint(7, 9))) == pytest.approx((7, 9))
