"""Second opinion: SimpleITK grows the same voxels, and takes the same values of a sphere."""

from typing import Any

import numpy as np
import pytest

from tests.kit.space import SpaceSeries
from viewer.measure.growing import begun, finished, grown_on
from viewer.measure.slices import solid_statistics
from viewer.measure.solids import sphere
from viewer.model.geometry import PointLps

sitk = pytest.importorskip("SimpleITK")


def _series() -> SpaceSeries:
    random = np.random.default_rng(11)

    def field(points: np.ndarray) -> np.ndarray:
        wave = np.sin(points[..., 0] / 4) + np.sin(points[..., 1] / 5) + np.cos(points[..., 2] / 6)
        return 1000 + 300 * wave + random.normal(0, 60, points.shape[:-1])

    return SpaceSeries(field, count=30)


SERIES = _series()
SEED = PointLps(*map(float, SERIES.points[15][30, 35]))


def _image() -> Any:
    """The same voxels with the same geometry."""
    image = sitk.GetImageFromArray(np.stack(SERIES.pixels).astype(np.float64) - 1024)
    plane = SERIES.planes[0]
    image.SetSpacing((plane.spacing.column, plane.spacing.row, 1.5))
    image.SetOrigin(tuple(plane.position))
    axes = np.stack([plane.row, plane.column, plane.normal], axis=1)
    image.SetDirection(tuple(axes.ravel()))
    return image


def test_simpleitk_grows_the_same_voxels() -> None:
    limit = sphere((SEED, SEED.plus(PointLps(14.0, 0, 0))))
    value = float(SERIES.pixels[15][30, 35]) - 1024
    span = (value - 150, value + 150)
    growth = begun(SEED, limit, span, SERIES.slices(limit), "")
    while not growth.done:
        growth = grown_on(growth)
    ours, taken, _ = finished(growth, "")

    image = _image()
    inside = np.array(
        [((points - np.array(SEED)) ** 2).sum(-1) <= 14.0**2 + 1e-6 for points in SERIES.points]
    )
    masked = sitk.GetImageFromArray(np.where(inside, sitk.GetArrayFromImage(image), -5000.0))
    masked.CopyInformation(image)
    at = image.TransformPhysicalPointToIndex(tuple(SEED))
    theirs = sitk.GetArrayFromImage(
        sitk.ConnectedThreshold(masked, [at], span[0], span[1], 1)
    ).astype(bool)
    assert theirs.sum() == taken.pixels > 500
    k = SERIES.planes.index(ours.planes[0])
    height, width = ours.mask.shape[1:]
    box = np.s_[
        k : k + len(ours.planes), ours.top : ours.top + height, ours.left : ours.left + width
    ]
    assert np.array_equal(theirs[box], ours.mask)
    stats = sitk.LabelShapeStatisticsImageFilter()
    stats.Execute(sitk.Cast(sitk.GetImageFromArray(theirs.astype(np.uint8)), sitk.sitkUInt8))
    assert ours.volume == pytest.approx(stats.GetPhysicalSize(1) * 0.6 * 0.8 * 1.5)


def test_simpleitk_takes_the_same_values_of_a_sphere() -> None:
    ball = sphere((SEED, SEED.plus(PointLps(9.0, 0, 0))))
    ours, notes = solid_statistics(ball, SERIES.slices(ball), "", SERIES.places)
    image = _image()
    inside = np.array(
        [((points - np.array(SEED)) ** 2).sum(-1) <= 81.0 + 1e-6 for points in SERIES.points]
    )
    label = sitk.GetImageFromArray(inside.astype(np.uint8))
    label.CopyInformation(image)
    stats = sitk.LabelStatisticsImageFilter()
    stats.Execute(image, label)
    assert notes == ()
    assert ours.spread is not None
    assert stats.GetCount(1) == ours.spread.count
    assert ours.spread.mean == pytest.approx(stats.GetMean(1))
    assert ours.spread.deviation == pytest.approx(stats.GetSigma(1))
    assert (ours.spread.minimum, ours.spread.maximum) == (stats.GetMinimum(1), stats.GetMaximum(1))
