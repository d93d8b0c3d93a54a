"""F44–F46 on whole panes: oblique planes and slabs against SimpleITK, letters, lengths.

The pictures come from the same requests that a pane draws; SimpleITK resamples the volume at the
pane's device pixels, the numpy pipeline of the standard turns its values into levels.
"""

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from tests.kit.planes import STEP, filled, noise, reformat_of, volume_study
from tests.kit.real_volumes import folder
from tests.kit.viewer import LUNG
from viewer.loading.volume import Volume
from viewer.model.presentation import Presentation
from viewer.model.sample_grid import SampleGrid, Slab, SlabMode
from viewer.model.study import Photometric
from viewer.pixels.pipeline import PixelPipeline
from viewer.render.plane_request import PlaneRequest, stored_format, value_range_of
from viewer.render.reslice import Reslicer
from viewer.viewport.letters import letters
from viewer.viewport.planes import PLANES, Crosshair, PlaneName
from viewer.viewport.transform import PaneSize, PaneTransform

PANE = PaneSize(150, 110)
AXIAL, CORONAL, SAGITTAL = PLANES
_PATIENT = {"L": (0, 1), "R": (0, -1), "P": (1, 1), "A": (1, -1), "H": (2, 1), "F": (2, -1)}


def _itk(volume: Volume) -> SimpleITK.Image:
    shape = volume.geometry
    image = SimpleITK.GetImageFromArray(volume.voxels.astype(np.float64))
    plane = shape.plane
    image.SetOrigin(tuple(shape.positions[0]))
    image.SetSpacing((plane.spacing.column, plane.spacing.row, shape.step))
    image.SetDirection(np.stack([plane.row, plane.column, shape.normal], axis=1).ravel().tolist())
    return image


def _itk_values(
    image: SimpleITK.Image, grid: SampleGrid, offsets: tuple[float, ...]
) -> NDArray[np.float64]:
    across, down = grid.right.norm, grid.down.norm
    normal = np.array(grid.normal)
    right, below = np.array(grid.right) / across, np.array(grid.down) / down
    samples = []
    for offset in offsets:
        result = SimpleITK.Resample(
            image,
            (grid.columns, grid.rows, 1),
            SimpleITK.Transform(),
            SimpleITK.sitkLinear,
            tuple(grid.origin.plus(grid.normal, offset)),
            (across, down, 1.0),
            np.stack([right, below, normal], axis=1).ravel().tolist(),
            float("nan"),
        )
        samples.append(SimpleITK.GetArrayFromImage(result)[0])
    return np.asarray(np.stack(samples))


def _request(volume: Volume, crosshair: Crosshair, name: PlaneName, slab: Slab | None) -> Any:
    look = Presentation(voi=LUNG, zoom=2.0)
    return PlaneRequest(
        Reslicer(volume), "x", Photometric.MONOCHROME2, crosshair.cut(name), slab, look, PANE
    )


def _levels(volume: Volume, values: NDArray[np.float64], look: Presentation) -> NDArray[Any]:
    pipeline = PixelPipeline(stored_format(volume, Photometric.MONOCHROME2), volume.rescale)
    stored = np.floor(values + 0.5).astype(volume.voxels.dtype)
    return pipeline.driving_levels_reference(stored, look, bits=8, fallback=value_range_of(volume))


def _compare(volume: Volume, request: PlaneRequest, least: float) -> None:
    """Levels of a pane against SimpleITK's values, wherever both have something."""
    slab = request.slab
    moving = 1 / volume.geometry.step
    offsets = slab.offsets(1 / moving / 8) if slab else (0.0,)
    theirs = _itk_values(_itk(volume), request.cut.grid(request.transform()), offsets)
    values = request.sample().values
    found = request.compose(request.sample())
    both = np.isfinite(theirs).all(axis=0) & (values != volume.spare)
    assert both.mean() > least
    if slab is None:
        expected = _levels(volume, np.where(both, theirs[0], 0), request.look)
        assert np.abs(found.astype(int) - expected)[both].max() <= 1
        return
    mean = np.where(both, theirs.mean(axis=0), 0)
    weights = np.ones(len(offsets))
    weights[[0, -1]] = 0.5  # the trapezoidal rule
    mean = np.where(both, np.tensordot(weights / weights.sum(), theirs, 1), 0)
    expected = _levels(volume, mean, request.look)
    off = np.abs(found.astype(int) - expected)[both]
    assert np.mean(off > 12) < 0.01  # the samples lie elsewhere; noise of 2000 HU blurs the more


@pytest.mark.parametrize("angles", [(0.0, 0.0), (0.35, 0.0), (0.6, -0.9), (1.2, 0.4)])
@pytest.mark.parametrize("name", PLANES)
def test_f44_a_pane_equals_simpleitk(name: PlaneName, angles: tuple[float, float]) -> None:
    study = volume_study(16)
    volume = filled(study, noise(study))
    crosshair = reformat_of(study, volume).crosshair
    crosshair = crosshair.turned(AXIAL, angles[0]).turned(CORONAL, angles[1])
    _compare(volume, _request(volume, crosshair, name, None), 0.1)


@pytest.mark.parametrize("angle", [0.0, 0.5])
def test_f44_a_slab_of_a_smooth_field_equals_simpleitk(angle: float) -> None:
    study = volume_study(24)
    arrays = {
        key: (40 * k + 9 * np.arange(36)[None, :] + 5 * np.arange(40)[:, None]).astype(np.int16)
        for k, key in enumerate(noise(study))
    }
    volume = filled(study, arrays)
    crosshair = reformat_of(study, volume).crosshair.turned(SAGITTAL, angle)
    for name in (AXIAL, CORONAL):
        _compare(volume, _request(volume, crosshair, name, Slab(6.0, SlabMode.MEAN)), 0.05)


@pytest.mark.slow
def test_f44_planes_of_a_real_chest_equal_simpleitk(shared_dicom: Path) -> None:
    found = folder(shared_dicom / "ct-chest-nlst-101287")
    target = max(found.sets, key=lambda one: len(one.frames))
    volume = found.volume(target)
    crosshair = Crosshair.through(volume.geometry).turned(AXIAL, 0.3).turned(SAGITTAL, 0.2)
    if volume.padding is not None:  # SimpleITK blends what is no pixel
        low, high = volume.padding
        assert ((volume.voxels >= low) & (volume.voxels <= high)).any()
    request = _request(volume, crosshair, CORONAL, None)
    theirs = _itk_values(_itk(volume), request.cut.grid(request.transform()), (0.0,))[0]
    values = request.sample().values
    both = np.isfinite(theirs) & (values != volume.spare)
    assert both.mean() > 0.5
    off = np.abs(values.astype(float) - theirs)[both]
    assert np.quantile(off, 0.99) <= 0.5 + 1e-6


@pytest.mark.parametrize("turns", list(itertools.product((-2.1, 0.0, 0.4, 1.7), repeat=3)))
def test_f45_letters_follow_the_planes(turns: tuple[float, float, float]) -> None:
    """Each letter is the patient's axis nearest to that edge of the pane, by the matrix itself."""
    study = volume_study()
    crosshair = reformat_of(study, filled(study, noise(study))).crosshair
    for name, angle in zip(PLANES, turns, strict=True):
        crosshair = crosshair.turned(name, angle)
    for cut in crosshair.cuts:
        place = PaneTransform.of(cut.rows, cut.columns, 1.0, PANE, Presentation())
        shown = letters(cut.plane, None, place)
        ways = {"right": cut.right, "bottom": cut.down}
        for edge, way in ways.items():
            words = getattr(shown, edge)
            assert words
            parts = [way[axis] * sign for axis, sign in (_PATIENT[letter] for letter in words)]
            assert all(part > 1e-3 for part in parts)
            assert parts == sorted(parts, reverse=True)
            assert sum(p * p for p in parts) == pytest.approx(1, abs=1e-4)
        for one, other in ((shown.left, shown.right), (shown.top, shown.bottom)):
            pairs = [(_PATIENT[a], _PATIENT[b]) for a, b in zip(one, other, strict=True)]
            assert all(a[0] == b[0] and a[1] == -b[1] for a, b in pairs)


def test_f46_a_length_across_planes_is_that_in_the_patient() -> None:
    """The pixels of an oblique plane measure what the patient measures, to 1e-6."""
    study = volume_study()
    crosshair = reformat_of(study, filled(study, noise(study))).crosshair.turned(AXIAL, 0.7)
    plane = crosshair.turned(CORONAL, 0.3).cut(SAGITTAL).plane
    first, last = plane.position, plane.position.plus(plane.row, 30.0).plus(plane.column, 40.0)
    a, b = plane.to_pixel(first), plane.to_pixel(last)
    pixels = math.hypot(
        (b.column - a.column) * plane.spacing.column, (b.row - a.row) * plane.spacing.row
    )
    assert pixels == pytest.approx((last - first).norm, rel=1e-6)
    assert pixels == pytest.approx(50.0, rel=1e-6)


def test_f44_outside_is_background_and_not_the_edge() -> None:
    study = volume_study()
    volume = filled(study, {key: np.full_like(one, 1500) for key, one in noise(study).items()})
    crosshair = reformat_of(study, volume).crosshair
    request = _request(volume, crosshair, CORONAL, None)
    grid = request.cut.grid(request.transform())
    found = request.compose(request.sample())
    z = np.array([grid.at(row, 0).z for row in range(grid.rows)])
    beyond = (z > 1e-6) | (z < -11 * STEP - 1e-6)
    assert beyond.any()
    assert found[beyond].max() == 0
    assert found[~beyond].max() > 0
