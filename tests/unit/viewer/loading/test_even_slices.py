"""Slices of equal steps: every voxel at its millimetre, nothing where nothing is."""

import numpy as np
import pytest

from tests.kit.volumes import field, geometry, planes, turned, volume
from viewer.errors import GeometryError
from viewer.loading.even_slices import EvenSlices, unseen
from viewer.model.geometry import PointLps
from viewer.model.presentation import Rescale
from viewer.model.volume_geometry import Index

SLOPE = PointLps(3.0, -2.0, 5.0)
NOTHING = np.iinfo(np.int16).min


def test_even_slices_are_taken_as_they_are() -> None:
    where = geometry(planes([2.0 * k for k in range(6)], directions=turned(20, 30)), 7, 9)
    given = volume(where, np.arange(6 * 7 * 9, dtype=np.int16).reshape(6, 7, 9))
    slices = EvenSlices.of(where)
    out = np.empty((6, 7, 9), np.int16)
    slices.fill(given, 0, out)
    assert np.array_equal(out, given.voxels)
    assert slices.spacing == pytest.approx((0.5, 0.8, 2.0))


@pytest.mark.parametrize("tilted", [False, True])
def test_each_voxel_lies_where_the_geometry_says(tilted: bool) -> None:
    directions = turned(35, -20)
    along = PointLps(0.1, 0.3, 1.0) if tilted else None
    where = geometry(planes([1.5 * k for k in range(5)], directions=directions, along=along), 7, 9)
    slices = EvenSlices.of(where)
    for at in ((0, 0, 0), (8, 0, 0), (0, 6, 0), (8, 6, 4), (3.5, 2.25, 1.5)):
        assert (slices.to_lps(*at) - where.to_lps(Index(*at))).norm < 1e-9


def test_uneven_steps_become_even_and_a_linear_field_stays_linear() -> None:
    where = geometry(planes([0, 1.0, 3.0, 4.0, 6.0]), 4, 5)
    values = field(where, SLOPE)
    given = volume(where, np.round(values).astype(np.int16))
    slices = EvenSlices.of(where)
    assert slices.shape == (7, 4, 5)
    out = np.empty(slices.shape, np.int16)
    slices.fill(given, 0, out)
    for n in range(7):
        for j in range(4):
            for i in range(5):
                there = slices.to_lps(i, j, n).dot(SLOPE)
                assert abs(out[n, j, i] - there) <= 1.0


def test_a_gap_and_a_missing_slice_are_empty() -> None:
    where = geometry(planes([0, 1.0, 2.0, 5.0, 6.0]), 4, 5, [True, True, False, True])
    voxels = np.full((5, 4, 5), 700, np.int16)
    slices = EvenSlices.of(where)
    out = np.empty(slices.shape, np.int16)
    slices.fill(volume(where, voxels), 0, out)
    assert out[:, 0, 0].tolist() == [700, 700, 700, NOTHING, NOTHING, 700, 700]
    slices.fill(volume(where, voxels, held=[True, False, True, True, True]), 0, out)
    assert out[:, 0, 0].tolist() == [700, NOTHING, 700, NOTHING, NOTHING, 700, 700]


def test_padding_is_not_seen() -> None:
    where = geometry(planes([0, 1.0, 2.0]), 2, 2)
    voxels = np.array([[[-2000, 5], [6, 7]]] * 3, np.int16)
    out = np.empty((3, 2, 2), np.int16)
    EvenSlices.of(where).fill(volume(where, voxels, padding=(-2000, -2000)), 0, out)
    assert out[1].tolist() == [[NOTHING, 5], [6, 7]]


def test_padding_of_floats_is_not_seen_in_uneven_steps() -> None:
    where = geometry(planes([0, 1.0, 3.0]), 1, 2)
    voxels = np.array([[[np.nan, 5]], [[2, 5]], [[4, 5]]], np.float32)
    given = volume(where, voxels, padding=(0, 0))
    slices = EvenSlices.of(where)
    out = np.empty(slices.shape, np.float32)
    slices.fill(given, 0, out)
    assert out[:, 0, 1].tolist() == [5, 5, 5, 5]
    assert out[:, 0, 0].tolist() == [unseen(given), 2, 3, 4]


def test_what_is_not_seen_lies_below_every_value() -> None:
    where = geometry(planes([0, 1.0, 2.0]), 2, 2)
    voxels = np.zeros((3, 2, 2), np.uint16)
    assert unseen(volume(where, voxels)) == 0
    assert unseen(volume(where, voxels, rescale=Rescale(-1, 0, ""))) == 65535


def test_slices_that_lead_around_a_corner_are_refused() -> None:
    where = planes([0, 1.0, 2.0, 3.0])
    where[2] = planes([2.0], start=PointLps(-3, 4, 11))[0]
    with pytest.raises(GeometryError, match="straight line"):
        EvenSlices.of(geometry(where, 4, 4))
