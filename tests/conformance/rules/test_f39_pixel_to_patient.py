"""F39: index to millimetres as PS3.3 C.7.6.2.1.1 says, exact to 1e-6 mm, and home to 1e-9."""

import math
from pathlib import Path

import numpy as np
import pytest
import SimpleITK
from highdicom.spatial import PixelToReferenceTransformer
from hypothesis import given
from hypothesis import strategies as st

from tests.kit.real_volumes import folder
from viewer.model.geometry import ImagePlane, PixelPoint, PointLps, Spacing
from viewer.model.volume_geometry import Index, VolumeGeometry

_ANGLES = st.floats(-180, 180)
_PLACES = st.floats(-500, 500)
_SPACING = st.floats(0.05, 10)


def _directions(a: float, b: float, c: float) -> tuple[PointLps, PointLps]:
    """The first two axes of a frame turned by three angles, degrees."""
    a, b, c = (math.radians(angle) for angle in (a, b, c))
    about_z = np.array([[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0], [0, 0, 1]])
    about_y = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(c), -math.sin(c)], [0, math.sin(c), math.cos(c)]])
    turned = about_z @ about_y @ about_x
    return PointLps(*turned[:, 0]), PointLps(*turned[:, 1])


@st.composite
def _planes(draw: st.DrawFn) -> ImagePlane:
    row, column = _directions(draw(_ANGLES), draw(_ANGLES), draw(_ANGLES))
    position = PointLps(draw(_PLACES), draw(_PLACES), draw(_PLACES))
    return ImagePlane(position, row, column, Spacing(draw(_SPACING), draw(_SPACING)))


@given(_planes(), st.floats(-10, 2048), st.floats(-10, 2048))
def test_f39_the_equation_of_the_standard(plane: ImagePlane, i: float, j: float) -> None:
    # C.7.6.2.1-1: the column index goes with the spacing between columns, the second value
    matrix = np.array(
        [
            [plane.row[a] * plane.spacing[1], plane.column[a] * plane.spacing[0], plane.position[a]]
            for a in range(3)
        ]
    )
    assert plane.to_lps(PixelPoint(i, j)) == pytest.approx(tuple(matrix @ [i, j, 1]), abs=1e-6)
    assert plane.to_pixel(plane.to_lps(PixelPoint(i, j))) == pytest.approx((i, j), abs=1e-9)


@given(_planes(), st.floats(-5, 2048), st.floats(-5, 2048))
def test_f39_equal_to_highdicom(plane: ImagePlane, i: float, j: float) -> None:
    theirs = PixelToReferenceTransformer(
        image_position=tuple(plane.position),
        image_orientation=(*plane.row, *plane.column),
        pixel_spacing=tuple(plane.spacing),
    )
    column, row = round(i), round(j)
    expected = theirs(np.array([[column, row]]))[0]
    assert plane.to_lps(PixelPoint(column, row)) == pytest.approx(tuple(expected), abs=1e-6)


@given(_planes(), st.lists(st.floats(0.1, 20), min_size=1, max_size=8), st.tuples(*[_ANGLES] * 3))
def test_f39_a_volume_comes_home(
    plane: ImagePlane, steps: list[float], at: tuple[float, float, float]
) -> None:
    places = np.cumsum([0.0, *steps])
    planes = [
        ImagePlane(plane.position.plus(plane.normal, z), plane.row, plane.column, plane.spacing)
        for z in places
    ]
    shape = VolumeGeometry.of(planes, 64, 64)
    index = Index(at[0], at[1], abs(at[2]) % len(steps))
    assert shape.to_index(shape.to_lps(index)) == pytest.approx(index, abs=1e-9, rel=1e-9)


def test_f39_equal_to_simpleitk_on_a_real_head(shared_dicom: Path) -> None:
    where = shared_dicom / "geometry" / "ct-head-tiny"
    found = folder(where)
    (target,) = found.sets
    shape = found.volume(target).geometry
    theirs = SimpleITK.ReadImage(found.files(target))
    for index in [(0, 0, 0), (63, 0, 0), (0, 63, 92), (31.5, 12.25, 40.75), (63, 63, 92)]:
        expected = theirs.TransformContinuousIndexToPhysicalPoint(index)
        assert shape.to_lps(Index(*index)) == pytest.approx(expected, abs=1e-4)
