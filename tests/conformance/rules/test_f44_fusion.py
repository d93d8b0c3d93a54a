"""F44, F11, F51 for fused pictures: the second volume against SimpleITK at the pane's pixels."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from tests.kit import fusion as kit
from tests.kit.planes import reformat_of
from tests.kit.real_volumes import folder
from tests.kit.viewer import SOFT, set_of, study_of
from viewer.loading.volume import Volume
from viewer.model.presentation import Presentation, VoiFunction, Window
from viewer.model.sample_grid import SampleGrid
from viewer.model.study import Photometric
from viewer.render.blend import blend_reference
from viewer.render.compositor import RenderRequest
from viewer.render.fused import FusedRequest, Layer
from viewer.render.plane_request import PlaneRequest
from viewer.render.plane_value import value_at
from viewer.render.reslice import Reslicer
from viewer.viewport.fusion import reading_of
from viewer.viewport.planes import PLANES, Crosshair, PlaneName, pane_grid
from viewer.viewport.transform import PaneSize

PANE = PaneSize(170, 150)
REAL = "petct-acrin-nsclc-042"


def _itk_values(volume: Volume, grid: SampleGrid, first: int, end: int) -> NDArray[np.float64]:
    """Voxel values by SimpleITK from slices ``first`` to ``end``; never-a-number outside."""
    shape, plane = volume.geometry, volume.geometry.plane
    image = SimpleITK.GetImageFromArray(volume.voxels[first:end].astype(np.float64))
    step = (shape.places[end - 1] - shape.places[first]) / (end - 1 - first)
    image.SetOrigin(tuple(shape.positions[first]))
    image.SetSpacing((plane.spacing.column, plane.spacing.row, step))
    image.SetDirection(np.stack([plane.row, plane.column, shape.normal], axis=1).ravel().tolist())
    across, down = grid.right.norm, grid.down.norm
    directions = [np.array(grid.right) / across, np.array(grid.down) / down, np.array(grid.normal)]
    result = SimpleITK.Resample(
        image,
        (grid.columns, grid.rows, 1),
        SimpleITK.Transform(),
        SimpleITK.sitkLinear,
        tuple(grid.origin),
        (across, down, 1.0),
        np.stack(directions, axis=1).ravel().tolist(),
        float("nan"),
    )
    return np.asarray(SimpleITK.GetArrayFromImage(result)[0])


def _theirs(volume: Volume, grid: SampleGrid, *, pairs: bool) -> NDArray[np.float64]:
    """The whole volume as one image; slice by slice in pairs where its steps are uneven."""
    count = volume.geometry.slices
    if not pairs:
        return _itk_values(volume, grid, 0, count)
    whole = np.full((grid.rows, grid.columns), np.nan)
    for k in range(count - 1):
        found = _itk_values(volume, grid, k, k + 2)
        at = _places(volume, grid)
        mine = (at >= volume.geometry.places[k]) & (at <= volume.geometry.places[k + 1])
        whole[mine] = found[mine]
    return whole


def _places(volume: Volume, grid: SampleGrid) -> NDArray[np.float64]:
    """How far each sample lies from the first slice along the normal, mm."""
    normal, first = np.array(volume.geometry.normal), np.array(volume.geometry.positions[0])
    rows, columns = np.indices((grid.rows, grid.columns))
    start = (np.array(grid.origin) - first) @ normal
    across, down = np.array(grid.right) @ normal, np.array(grid.down) @ normal
    return np.asarray(start + rows * down + columns * across)


def _compare(fused: FusedRequest, least: float, *, pairs: bool = False) -> None:
    """The layer within F44, and the finished picture within one level, wherever both have values.

    Along its edge SimpleITK also takes points half a voxel outside the outermost centres.
    """
    volume = fused.layer.reslicer.volume
    rescale, sampled = volume.rescale, fused.sample()
    assert sampled.layer is not None
    mine = sampled.layer.astype(np.float64)
    theirs = _theirs(volume, pane_grid(fused.layer.plane, fused.base.transform()), pairs=pairs)
    both = np.isfinite(theirs) & np.isfinite(mine)
    assert both.mean() > least
    if not pairs:
        assert not (np.isfinite(mine) & ~np.isfinite(theirs)).any()
    unit = max(float(np.abs(theirs[both]).max()) / 1000, 1.0)  # float32 holds 7 digits
    assert np.abs(mine - theirs)[both].max() <= 1e-3 * unit
    window = fused.fusion.window
    assert window is not None
    assert window.function is VoiFunction.LINEAR_EXACT
    value = np.where(both, theirs, 0) * rescale.slope + rescale.intercept
    p = np.clip((value - window.centre) / window.width + 0.5, 0, 1)
    levels = np.floor(p * 255 + 0.5).astype(np.uint8)
    below = np.asarray(fused.base.compose(fused.base.sample()), np.uint8)
    expected = np.repeat(below[:, :, None], 3, axis=2)
    table = np.frombuffer(fused.fusion.colours.entries, np.uint8).reshape(256, 3)
    blend_reference(expected, levels, both, table, fused.fusion.percent)
    found = np.asarray(fused.compose(sampled))
    off = np.abs(found.astype(int) - expected).max(axis=2)
    steepest = int(np.abs(np.diff(table.astype(int), axis=0)).max())
    assert off[both].max() <= steepest  # one level of the window, however far its colours lie apart
    assert np.mean(off[both] > 1) < 0.001
    nothing = ~np.isfinite(mine)
    np.testing.assert_array_equal(found[nothing], below[nothing][:, None].repeat(3, axis=1))


@pytest.mark.parametrize("k", [2, 6, 11])
@pytest.mark.parametrize("slope", [None, 8.0])
def test_f44_the_layer_of_a_stack_equals_simpleitk(k: int, slope: float | None) -> None:
    study = kit.pet_ct_study(pt=kit.uptake(slope=slope))
    ct, pt = study.series
    arrays = kit.values(study)
    second = kit.filled(pt, arrays)
    assert second.voxels.dtype == (np.float32 if slope is None else np.int16)
    instance = ct.instances[k]
    plane = instance.planes[0]
    assert plane is not None
    look = Presentation(voi=SOFT, zoom=4.1)
    base = RenderRequest(arrays[(instance.ref.sop, 0)], instance, look, PANE)
    _compare(FusedRequest(base, Layer(Reslicer(second), plane), kit.fusion_of(set_of(pt))), 0.2)


@pytest.mark.parametrize("angles", [(0.0, 0.0), (0.35, 0.0), (0.6, -0.5)])
@pytest.mark.parametrize("name", PLANES)
def test_f44_the_layer_of_a_plane_equals_simpleitk(
    name: PlaneName, angles: tuple[float, float]
) -> None:
    study = kit.pet_ct_study()
    arrays = kit.values(study)
    ct, pt = (kit.filled(series, arrays) for series in study.series)
    crosshair = reformat_of(study_of(study.series[0]), ct).crosshair
    crosshair = crosshair.turned(PLANES[0], angles[0]).turned(PLANES[1], angles[1])
    _compare(_plane(ct, pt, crosshair, name, kit.fusion_of(set_of(study.series[1])), 3.0), 0.05)


def _plane(
    ct: Volume, pt: Volume, crosshair: Crosshair, name: PlaneName, fusion: Any, zoom: float
) -> FusedRequest:
    cut = crosshair.cut(name)
    look = Presentation(voi=SOFT, zoom=zoom)
    base = PlaneRequest(Reslicer(ct), "x", Photometric.MONOCHROME2, cut, None, look, PANE)
    return FusedRequest(base, Layer(Reslicer(pt), cut.plane), fusion)


@pytest.fixture(scope="module")
def real(request: pytest.FixtureRequest) -> tuple[Any, Volume, Volume, Any, Any]:
    """Twelve slices of a real CT, and the whole PET that was taken with it (uneven by 0.02 mm)."""
    where = Path(request.getfixturevalue("shared_dicom")) / REAL
    case = folder(where / "ct", where / "pt-ac")
    modality = {case.instances[t.frames[0].sop].modality: t for t in case.sets}
    ct, pt = modality["CT"], modality["PT"]
    near = replace(ct, frames=ct.frames[60:72])
    return case, case.volume(near), case.volume(pt), near, pt


def test_f44_real_pet_over_real_ct_equals_simpleitk(real: Any) -> None:
    case, ct, pt, near, target = real
    readout, refusal = reading_of(target, case.instances)
    assert (readout.name, refusal) == ("SUVbw", "")
    window = Window(5 / readout.factor, 10 / readout.factor, "", VoiFunction.LINEAR_EXACT)
    fusion = kit.fusion_of(target, window=window, readout=readout)
    instance = case.instances[near.frames[5].sop]
    frame = case.decode(near.frames[5]).pixels
    base = RenderRequest(frame, instance, Presentation(voi=SOFT), PANE)
    _compare(FusedRequest(base, Layer(Reslicer(pt), instance.planes[0]), fusion), 0.5, pairs=True)
    crosshair = Crosshair.through(ct.geometry).turned(PLANES[1], 0.2)
    for name in PLANES:
        _compare(_plane(ct, pt, crosshair, name, fusion, 0.3), 0.01, pairs=True)


def test_f51_the_probe_of_a_real_layer_reads_its_uptake(real: Any) -> None:
    case, _ct, pt, _near, target = real
    ref = target.frames[70]
    instance, pixels = case.instances[ref.sop], case.decode(ref).pixels
    row, column = np.unravel_index(int(pixels.argmax()), pixels.shape)
    plane = instance.planes[0]
    point = plane.position.plus(plane.row, float(column) * plane.spacing.column)
    point = point.plus(plane.column, float(row) * plane.spacing.row)
    value = value_at(Reslicer(pt), point, (plane.row, plane.column), None)
    assert value is not None
    slope = instance.modality_lut.slope
    assert value == pytest.approx(float(pixels.max()) * slope, rel=1e-6)
