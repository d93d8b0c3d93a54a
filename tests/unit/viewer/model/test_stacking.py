"""Order, steps, gaps and tilt of planes (F39, F40, F42, F43)."""

import math

import pytest

from viewer.model.geometry import ImagePlane, PointLps, Spacing
from viewer.model.stacking import orientation_name, reading_direction, steps


@pytest.mark.parametrize(
    ("normal", "direction"),
    [
        ((0, 0, 1), (0, 0, -1)),
        ((0, 0, -1), (0, 0, -1)),
        ((1, 0, 0), (1, 0, 0)),
        ((-1, 0, 0), (1, 0, 0)),
        ((0, -1, 0), (0, 1, 0)),
        ((0, 1, 0), (0, 1, 0)),
        ((0, 0.6, 0.8), (0, -0.6, -0.8)),
        ((0, -0.70710678, 0.70710678), (0, 0.70710678, -0.70710678)),
    ],
)
def test_stacks_are_paged_as_they_are_read(
    normal: tuple[float, float, float], direction: tuple[float, float, float]
) -> None:
    assert reading_direction(PointLps(*normal)) == pytest.approx(direction)


@pytest.mark.parametrize(
    ("degrees", "name"), [(0, "axial"), (24, "axial"), (45, "oblique"), (80, "coronal")]
)
def test_names_of_planes(degrees: float, name: str) -> None:
    turned = math.radians(degrees)
    assert orientation_name(PointLps(0, math.sin(turned), math.cos(turned))) == name


def _planes(places: list[tuple[float, float]]) -> list[ImagePlane]:
    """Axial planes at (y, z), in display order."""
    return [
        ImagePlane(PointLps(0, y, z), PointLps(1, 0, 0), PointLps(0, 1, 0), Spacing(1, 1))
        for y, z in places
    ]


def test_even_steps_warn_of_nothing() -> None:
    found = steps(_planes([(0, -2.5 * i) for i in range(5)]))
    assert found.median == 2.5
    assert found.warnings == ()


def test_a_missing_slice_is_named_with_its_gap() -> None:
    places = [(0.0, -2.0 * i) for i in range(30) if i != 16]
    found = steps(_planes(places))
    assert found.median == 2
    assert found.warnings == (
        "Slices are missing between image 16 and 17: the gap is 4.00 mm where 2.00 mm is the step.",
    )


def test_many_gaps_are_counted() -> None:
    places = [(0.0, -float(i)) for i in range(60) if i % 8 != 5]
    warnings = steps(_planes(places)).warnings
    assert len(warnings) == 4
    assert warnings[-1] == "There are 4 further gaps between slices."


def test_uneven_steps_are_told() -> None:
    found = steps(_planes([(0, 0), (0, -1), (0, -2.2), (0, -3.2)]))
    assert found.warnings == ("The slices are unevenly spaced, 1.00 to 1.20 mm.",)


def test_the_tolerance_is_a_hundredth() -> None:
    assert steps(_planes([(0, 0), (0, -2), (0, -4.019), (0, -6.019)])).warnings == ()
    assert steps(_planes([(0, 0), (0, -2), (0, -4.03), (0, -6.03)])).warnings != ()


def test_gantry_tilt_is_told_with_its_shift() -> None:
    # F43: 15 degrees, 5 mm along the table: 4.8296 mm along the normal, 1.2941 mm aside
    angle = math.radians(15)
    row, column = PointLps(1, 0, 0), PointLps(0, math.cos(angle), math.sin(angle))
    planes = [ImagePlane(PointLps(0, 0, -5.0 * i), row, column, Spacing(1, 1)) for i in range(30)]
    found = steps(planes)
    assert found.median == pytest.approx(4.8296, abs=1e-4)
    assert found.warnings == ("The slices are tilted 15.0°: each is shifted 1.29 mm in its plane.",)
