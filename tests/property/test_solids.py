"""Solids cut by any plane: a pixel is in the cut exactly where its centre is in the solid (F47)."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.measure.regions import members
from viewer.measure.solids import Block, Ellipsoid
from viewer.model.geometry import ImagePlane, PointLps, Spacing

ROWS, COLUMNS = 24, 20
EDGE = 1e-6
"""Part of a half axis within which rounding may decide."""
angles = st.floats(-math.pi, math.pi)
lengths = st.floats(0.8, 9.0)
places = st.floats(-4.0, 12.0)


def _axes(a: float, b: float, c: float) -> np.ndarray:
    """Three unit vectors at right angles, as rows."""
    ca, sa, cb, sb, cc, sc = (f(x) for x in (a, b, c) for f in (math.cos, math.sin))
    first = np.array([[ca, -sa, 0], [sa, ca, 0], [0, 0, 1]])
    second = np.array([[cb, 0, sb], [0, 1, 0], [-sb, 0, cb]])
    third = np.array([[1, 0, 0], [0, cc, -sc], [0, sc, cc]])
    found: np.ndarray = first @ second @ third
    return found


def _point(values: np.ndarray) -> PointLps:
    return PointLps(*map(float, values))


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(angles, angles, angles),
    st.tuples(angles, angles, angles),
    st.tuples(lengths, lengths, lengths),
    st.tuples(places, places, places),
    st.tuples(st.floats(0.3, 1.5), st.floats(0.3, 1.5)),
    st.booleans(),
)
def test_a_pixel_is_in_the_cut_where_its_centre_is_in_the_solid(
    of_plane: tuple[float, float, float],
    of_solid: tuple[float, float, float],
    half: tuple[float, float, float],
    centre: tuple[float, float, float],
    spacing: tuple[float, float],
    is_box: bool,
) -> None:
    row, column, _ = _axes(*of_plane)
    plane = ImagePlane(PointLps(-3, -2, 1), _point(row), _point(column), Spacing(*spacing))
    axes = _axes(*of_solid) * np.array(half)[:, None]
    a, b, c = map(_point, axes)
    solid = (Block if is_box else Ellipsoid)(PointLps(*centre), (a, b, c))
    j, i = np.mgrid[0:ROWS, 0:COLUMNS]
    points = (
        np.array(plane.position)
        + i[..., None] * row * spacing[1]
        + j[..., None] * column * spacing[0]
    )
    mapped = (points - np.array(centre)) @ np.linalg.inv(axes)
    size = np.abs(mapped).max(-1) if is_box else np.sqrt((mapped**2).sum(-1))
    region, found = solid.cut(plane), np.zeros((ROWS, COLUMNS), np.bool_)
    if region is not None:
        part = members(region, ROWS, COLUMNS)
        height, width = part.mask.shape
        found[part.top : part.top + height, part.left : part.left + width] = part.mask
    sure = np.abs(size - 1) > EDGE
    assert np.array_equal(found[sure], (size <= 1)[sure])
    low, high = solid.bounds
    inside = points[size <= 1]
    assert (inside >= np.array(low) - 1e-9).all()
    assert (inside <= np.array(high) + 1e-9).all()
