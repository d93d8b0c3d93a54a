"""F44: each sample at its exact millimetre; outside is background; slabs of stated thickness.

SimpleITK is the outside judge. It goes on for half a voxel beyond the outermost voxel centres,
where we show nothing, so the two are compared where both have something.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from tests.kit.real_volumes import folder
from tests.kit.volumes import field, geometry, planes, points, turned, volume
from viewer.loading.volume import Volume
from viewer.model.geometry import PointLps
from viewer.model.presentation import Rescale
from viewer.model.sample_grid import SampleGrid, Slab, SlabMode
from viewer.model.volume_geometry import VolumeGeometry
from viewer.render.reslice import Reslicer

OBLIQUE = SampleGrid(
    PointLps(-9, 3, 12), PointLps(0.31, 0.12, 0.22), PointLps(-0.11, 0.24, 0.26), 60, 50
)
GRADIENT = PointLps(21.5, -13.25, 34.0)


def _shape(*, tilted: bool = False, uneven: bool = False) -> VolumeGeometry:
    places = np.cumsum([0.0, *([1.5, 2.0, 1.75] if uneven else [1.75] * 3) * 4]).tolist()
    along = PointLps(0.1, 0.25, 0.95) if tilted else None
    return geometry(planes(places, directions=turned(20, 30), along=along), 30, 40)


@pytest.mark.parametrize("slab", [None, Slab(3.0, SlabMode.MEAN)])
@pytest.mark.parametrize("uneven", [False, True])
@pytest.mark.parametrize("tilted", [False, True])
def test_f44_a_linear_field_is_exact(tilted: bool, uneven: bool, slab: Slab | None) -> None:
    shape = _shape(tilted=tilted, uneven=uneven)
    values = field(shape, GRADIENT, -40).astype(np.float32)
    shown = Reslicer(volume(shape, values)).values(OBLIQUE, slab)
    expected = points(OBLIQUE) @ np.array(GRADIENT) - 40
    inside = np.isfinite(shown)
    if slab is not None:  # at the border a slab has less than its thickness to be a mean of
        inside &= np.isfinite(_shifted(shape, values, 1.5)) & np.isfinite(
            _shifted(shape, values, -1.5)
        )
    assert inside.mean() > 0.2
    np.testing.assert_allclose(shown[inside], expected[inside], rtol=0, atol=1e-3)


def _shifted(shape: VolumeGeometry, values: NDArray[Any], way: float) -> NDArray[Any]:
    grid = SampleGrid(OBLIQUE.origin.plus(OBLIQUE.normal, way), OBLIQUE.right, OBLIQUE.down, 60, 50)
    return Reslicer(volume(shape, values)).values(grid)


def test_f44_integers_are_sampled_as_exactly(tmp_path: Path) -> None:
    # a field of whole numbers on an axial grid, in stored values with a rescale
    shape = geometry(planes([2.0 * k for k in range(8)]), 30, 40)
    gradient = PointLps(6.0, -5.0, 11.0)  # 3 a column, -4 a row, 22 a slice
    stored = np.rint(field(shape, gradient)).astype(np.int16)
    rescale = Rescale(1.0, -1024.0, "HU")
    shown = Reslicer(volume(shape, stored, rescale=rescale)).values(OBLIQUE)
    offset = stored[0, 0, 0] - np.dot(gradient, shape.positions[0])
    expected = points(OBLIQUE) @ np.array(gradient) + offset - 1024
    inside = np.isfinite(shown)
    assert inside.mean() > 0.2
    np.testing.assert_allclose(shown[inside], expected[inside], rtol=0, atol=1e-3)


def _itk(shape: VolumeGeometry, voxels: NDArray[Any]) -> SimpleITK.Image:
    image = SimpleITK.GetImageFromArray(voxels.astype(np.float64))
    plane = shape.plane
    image.SetOrigin(tuple(shape.positions[0]))
    image.SetSpacing((plane.spacing.column, plane.spacing.row, shape.step))
    image.SetDirection(np.stack([plane.row, plane.column, shape.normal], axis=1).ravel().tolist())
    return image


def _itk_plane(image: SimpleITK.Image, grid: SampleGrid) -> NDArray[np.float64]:
    across, down = grid.right.norm, grid.down.norm
    normal = np.array(grid.normal)
    right, below = np.array(grid.right) / across, np.array(grid.down) / down
    result = SimpleITK.Resample(
        image,
        (grid.columns, grid.rows, 1),
        SimpleITK.Transform(),
        SimpleITK.sitkLinear,
        tuple(grid.origin),
        (across, down, 1.0),
        np.stack([right, below, normal], axis=1).ravel().tolist(),
        float("nan"),
    )
    return np.asarray(SimpleITK.GetArrayFromImage(result)[0])


def _square(turn_a: float, turn_b: float, centre: PointLps, size: int) -> SampleGrid:
    """A plane around a point: SimpleITK takes perpendicular directions only."""
    right, down = turned(turn_a, turn_b)
    half = (size - 1) / 2 * 0.4
    origin = centre.plus(right, -half).plus(down, -half)
    zero = PointLps(0, 0, 0)
    return SampleGrid(origin, zero.plus(right, 0.4), zero.plus(down, 0.4), size, size)


@pytest.mark.parametrize(("a", "b"), [(0, 0), (30, 0), (15, 40), (-70, 110), (45, 90)])
def test_f44_equal_to_simpleitk_on_noise(a: float, b: float) -> None:
    shape = _shape()
    voxels = np.random.default_rng(3).integers(-1000, 3000, (13, 30, 40)).astype(np.int16)
    grid = _square(a, b, shape.positions[6].plus(PointLps(6, 9, 5)), 70)
    ours, theirs = (
        Reslicer(volume(shape, voxels)).values(grid),
        _itk_plane(_itk(shape, voxels), grid),
    )
    both = np.isfinite(ours) & np.isfinite(theirs)
    assert both.mean() > 0.1
    assert not (np.isfinite(ours) & np.isnan(theirs)).any()
    np.testing.assert_allclose(ours[both], theirs[both], rtol=0, atol=1e-3)


def test_f44_equal_to_simpleitk_on_a_real_head(shared_dicom: Path) -> None:
    found = folder(shared_dicom / "geometry" / "ct-head-tiny")
    (target,) = found.sets
    whole = found.volume(target)
    image = SimpleITK.ReadImage(found.files(target))
    image = SimpleITK.Cast(image, SimpleITK.sitkFloat64)
    centre = whole.geometry.positions[46].plus(PointLps(100, 100, 0))
    grid = _square(25, 55, centre, 200)
    ours, theirs = Reslicer(whole).values(grid), _itk_plane(image, grid)
    both = np.isfinite(ours) & np.isfinite(theirs)
    assert both.mean() > 0.3
    np.testing.assert_allclose(ours[both], theirs[both], rtol=0, atol=1e-3)


def _slab_by_hand(whole: Volume, grid: SampleGrid, thickness: float) -> NDArray[Any]:
    """Plane after plane through the slab, finely."""
    ways = np.linspace(-thickness / 2, thickness / 2, 121)
    reslicer = Reslicer(whole)
    moved = (
        SampleGrid(grid.origin.plus(grid.normal, w), grid.right, grid.down, grid.rows, grid.columns)
        for w in ways
    )
    return np.stack([reslicer.values(one) for one in moved])


@pytest.mark.parametrize("thickness", [1.0, 5.0, 20.0])
def test_f44_a_slab_has_its_stated_thickness(thickness: float) -> None:
    """A single bright voxel is in a maximum slab exactly as far as half the thickness reaches."""
    shape = geometry(planes([1.0 * k for k in range(60)]), 9, 9)
    voxels = np.zeros((60, 9, 9), np.int16)
    voxels[30, 4, 4] = 1000
    reslicer = Reslicer(volume(shape, voxels))
    there = shape.positions[30]
    for way, seen in ((thickness / 2 - 0.01, True), (thickness / 2 + 1.01, False)):
        plane = SampleGrid(there.plus(PointLps(0, 0, 1), way), PointLps(0.5, 0, 0),
                           PointLps(0, 0.8, 0), 9, 9)  # fmt: skip
        shown = reslicer.values(plane, Slab(thickness))
        assert bool(np.nanmax(shown) == 1000) is seen


@pytest.mark.parametrize("mode", list(SlabMode))
def test_f44_an_oblique_slab_is_what_its_planes_are(mode: SlabMode) -> None:
    shape = _shape()
    smooth = np.random.default_rng(4).normal(0, 300, (13, 30, 40))
    for axis in range(3):  # features wider than a voxel: what lies between samples is small
        smooth = (np.roll(smooth, 1, axis) + 2 * smooth + np.roll(smooth, -1, axis)) / 4
    whole = volume(shape, smooth.astype(np.float32))
    grid = _square(15, 40, shape.positions[6].plus(PointLps(5, 9, 3)), 40)
    by_hand = _slab_by_hand(whole, grid, 4.0)
    inside = np.isfinite(by_hand).all(axis=0)
    through = by_hand[:, inside]
    expected = {
        SlabMode.MAXIMUM: through.max(axis=0),
        SlabMode.MINIMUM: through.min(axis=0),
        SlabMode.MEAN: through.mean(axis=0),
    }[mode]
    shown = Reslicer(whole).values(grid, Slab(4.0, mode))[inside]
    assert inside.mean() > 0.2
    # at most one voxel between samples: a narrow maximum may be met beside its top
    assert np.abs(shown - expected).mean() < 0.05 * smooth.std()
    if mode is SlabMode.MAXIMUM:
        assert (shown <= expected + 1e-3).all()


@pytest.mark.parametrize("slab", [None, Slab(2.0), Slab(2.0, SlabMode.MEAN)])
def test_f44_padding_is_never_blended(slab: Slab | None) -> None:
    """The ring phantom of F11: nothing outside the native range, nothing where padding is."""
    shape = geometry(planes([1.0 * k for k in range(12)]), 40, 60)
    rows, columns = np.indices((40, 60))
    outside = ((columns - 29.5) * 0.5) ** 2 + ((rows - 19.5) * 0.8) ** 2 > 13**2
    native = np.random.default_rng(6).integers(-100, 101, (12, 40, 60)).astype(np.int16)
    native[:, outside] = -2000
    whole = volume(shape, native, padding=(-2000, -2000), rescale=Rescale(1, 0, "HU"))
    grid = _square(10, 35, shape.positions[6].plus(PointLps(14.7, 15.6, 0)), 90)
    shown = Reslicer(whole).values(grid, slab)
    assert 0.2 < np.isnan(shown).mean() < 0.9
    assert np.nanmin(shown) >= -100
    assert np.nanmax(shown) <= 100


def test_f44_a_slope_for_each_slice_is_honoured(shared_dicom: Path) -> None:
    """A real PET series: every slice of the volume has its own Rescale Slope."""
    found = folder(shared_dicom / "petct-acrin-nsclc-042" / "pt-ac")
    (target,) = found.sets
    shown = found.volume(target)
    assert shown.voxels.dtype == np.float32
    slopes = set()
    for k, ref in enumerate(target.frames[:20]):
        step = found.instances[ref.sop].modality_lut
        assert isinstance(step, Rescale)
        slopes.add(step.slope)
        exact = found.decode(ref).pixels * step.slope + step.intercept
        np.testing.assert_allclose(shown.voxels[k], exact, rtol=6e-8)
    assert len(slopes) > 10
