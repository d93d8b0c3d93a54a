"""Fused pictures against the numpy reference; where nothing lies over it, a picture stays."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.kit.fusion import MAPS, filled, fusion_of, pet_ct_study, values
from tests.kit.planes import reformat_of
from tests.kit.viewer import LUNG, SOFT, set_of, study_of
from viewer.model.geometry import ImagePlane
from viewer.model.presentation import Presentation, Window
from viewer.model.sample_grid import Slab, SlabMode
from viewer.model.shutter import Rectangle, Shutter
from viewer.model.study import Instance, Photometric, StoredFormat
from viewer.pixels.pipeline import PixelPipeline
from viewer.render.bands import Overtaken
from viewer.render.blend import blend_reference
from viewer.render.compositor import RenderRequest
from viewer.render.fused import FusedRequest, Layer, over
from viewer.render.plane_request import PlaneRequest
from viewer.render.reslice import Reslicer
from viewer.viewport.planes import PLANES, pane_grid
from viewer.viewport.transform import PaneSize

PANE = PaneSize(150, 130)
STUDY = pet_ct_study()
CT, PET = STUDY.series
ARRAYS = values(STUDY)
SECOND = Reslicer(filled(PET, ARRAYS))
FUSION = fusion_of(set_of(PET))


def _stack(k: int = 4, look: Presentation | None = None, **more: Any) -> RenderRequest:
    instance = CT.instances[k]
    look = look or Presentation(voi=SOFT, zoom=3.3)
    return RenderRequest(ARRAYS[(instance.ref.sop, 0)], instance, look, PANE, **more)


def _plane(instance: Instance) -> ImagePlane:
    plane = instance.planes[0]
    assert plane is not None
    return plane


def _fused(base: RenderRequest, percent: int = 40, second: Reslicer = SECOND) -> FusedRequest:
    return FusedRequest(
        base, Layer(second, _plane(base.instance)), replace(FUSION, percent=percent)
    )


def _drawn(request: Any) -> NDArray[Any]:
    return np.asarray(request.compose(request.sample()))


def _layer(fused: FusedRequest) -> NDArray[np.float32]:
    found = fused.sample().layer
    assert found is not None
    return found


def _expected(fused: FusedRequest, slab: Slab | None = None) -> NDArray[np.uint8]:
    """The whole fused picture by the slow path, step by step."""
    base, layer = fused.base, fused.layer
    grid = pane_grid(layer.plane, base.transform())
    found = np.empty((grid.rows, grid.columns), np.float64)
    layer.reslicer.sample(grid, slab, found, reference=True)
    stored = StoredFormat(
        grid.rows, grid.columns, 1, Photometric.MONOCHROME2, 64, 64, 63, signed=True, floating=True
    )
    pipeline = PixelPipeline(stored, layer.reslicer.volume.rescale)
    levels = pipeline.driving_levels_reference(
        found, Presentation(voi=fused.fusion.window), bits=8, fallback=fused.fusion.extremes
    )
    below = _drawn(base)
    picture = np.repeat(below[:, :, None], 3, axis=2) if below.ndim == 2 else below.copy()
    table = np.frombuffer(fused.fusion.colours.entries, np.uint8).reshape(256, 3)
    blend_reference(
        picture, levels.astype(np.uint8), np.isfinite(found), table, fused.fusion.percent
    )
    return picture


@pytest.mark.parametrize(
    "look",
    [
        Presentation(voi=SOFT, zoom=3.3),
        Presentation(voi=LUNG, zoom=None, invert=True),
        Presentation(voi=SOFT, zoom=2.0, flip_horizontal=True, quarter_turns=1),
        Presentation(voi=SOFT, zoom=2.0, colour_map=MAPS[1]),
    ],
)
def test_a_stack_picture_is_the_references(look: Presentation) -> None:
    fused = _fused(_stack(look=look))
    found, expected = _drawn(fused), _expected(fused)
    assert np.abs(found.astype(int) - expected).max() <= 1
    below = _drawn(fused.base)
    assert (found != (below if below.ndim == 3 else below[:, :, None])).any(axis=2).mean() > 0.1


@pytest.mark.parametrize("slab", [None, Slab(9.0, SlabMode.MAXIMUM), Slab(9.0, SlabMode.MEAN)])
@pytest.mark.parametrize("angle", [0.0, 0.4])
@pytest.mark.parametrize("name", PLANES)
def test_a_plane_is_the_references(name: Any, angle: float, slab: Slab | None) -> None:
    alone = study_of(CT)
    volume = filled(CT, ARRAYS)
    crosshair = reformat_of(alone, volume).crosshair.turned(PLANES[1], angle)
    cut = crosshair.cut(name)
    base = PlaneRequest(
        Reslicer(volume), "x", Photometric.MONOCHROME2, cut, slab,
        Presentation(voi=SOFT, zoom=2.0), PANE,
    )  # fmt: skip
    fused = FusedRequest(base, Layer(SECOND, cut.plane, slab), FUSION)
    found = _drawn(fused)
    assert np.abs(found.astype(int) - _expected(fused, slab)).max() <= 1
    assert (found[..., 0] != found[..., 1]).any()


def test_at_0_percent_the_picture_is_the_unfused_one_bit_for_bit() -> None:
    base = _stack()
    found = _drawn(_fused(base, percent=0))
    assert found.ndim == 2
    np.testing.assert_array_equal(found, _drawn(base))
    assert over(base, None, None) is base
    assert over(base, FUSION, None) is base


def test_where_the_second_volume_has_nothing_the_picture_stays() -> None:
    base = _stack(k=0)  # the PET begins 3.1 mm further down
    found = _drawn(_fused(base, percent=100))
    np.testing.assert_array_equal(found, np.repeat(_drawn(base)[:, :, None], 3, axis=2))
    inside = _fused(_stack(), percent=100)
    nothing = np.isnan(_layer(inside))
    assert 0.05 < nothing.mean() < 0.95
    below = _drawn(inside.base)
    np.testing.assert_array_equal(_drawn(inside)[nothing], below[nothing][:, None].repeat(3, 1))


def test_padding_of_the_second_volume_is_transparent_and_never_blended() -> None:
    stored = PET.instances[0].format
    assert stored is not None
    stored = replace(stored, padding=(-2000, -2000))
    padded = replace(PET, instances=tuple(replace(i, format=stored) for i in PET.instances))
    arrays = {key: array.copy() for key, array in ARRAYS.items()}
    for one in PET.instances:
        arrays[(one.ref.sop, 0)][3:6, 2:5] = -2000
    fused = _fused(_stack(), 100, Reslicer(filled(padded, arrays)))
    there, plain = _layer(fused), _layer(_fused(_stack(), 100))
    assert np.isnan(there).sum() > np.isnan(plain).sum() + 100
    assert np.nanmin(there) >= 0
    nothing = np.isnan(there)
    below = _drawn(fused.base)
    np.testing.assert_array_equal(_drawn(fused)[nothing], below[nothing][:, None].repeat(3, 1))


def test_what_a_shutter_hides_stays_hidden() -> None:
    shutter = Shutter(rectangle=Rectangle(12, 24, 12, 24))
    fused = _fused(_stack(shutter=shutter))
    sampled = fused.base.sample()
    assert sampled.hidden is not None
    found = _drawn(fused)
    whole = np.zeros((PANE.height, PANE.width), np.bool_)
    rows, columns = sampled.hidden.shape
    whole[sampled.top : sampled.top + rows, sampled.left : sampled.left + columns] = sampled.hidden
    assert whole.mean() > 0.2
    assert not found[whole].any()
    assert found[~whole].any()


def test_a_deeper_picture_is_shown_in_8_bits() -> None:
    fused = _fused(_stack(bits=10))
    deep = _drawn(fused.base)
    assert deep.dtype == np.uint16
    found = _drawn(fused)
    assert found.dtype == np.uint8
    nothing = np.isnan(_layer(fused))
    np.testing.assert_array_equal(found[nothing][:, 0], deep[nothing] >> 2)


def test_only_the_window_is_new_where_nothing_moved() -> None:
    one = _fused(_stack())
    wider = replace(one, fusion=replace(one.fusion, window=Window(1, 5), percent=80))
    assert one.same_place(wider)
    assert not one.same_place(replace(one, layer=replace(one.layer, coarse=2)))
    assert not one.same_place(_fused(_stack(k=5)))
    assert not one.same_place(one.base)
    assert one.subject == one.base.subject
    assert one.pane == PANE


def test_a_picture_that_is_overtaken_stops() -> None:
    fused = _fused(_stack())
    fused.give_up()
    with pytest.raises(Overtaken):
        fused.sample()


def test_a_coarse_layer_is_half_as_fine() -> None:
    fused = _fused(_stack())
    coarse = replace(fused, layer=replace(fused.layer, coarse=2))
    coarse.give_up()  # it is finished all the same
    found = _layer(coarse)
    assert found.shape == (PANE.height, PANE.width)
    np.testing.assert_array_equal(found[::2, ::2], found[1::2, 1::2])


def test_a_finer_volume_is_averaged_where_it_is_reduced() -> None:
    finer = Reslicer(filled(CT, ARRAYS))
    base = _stack(look=Presentation(voi=SOFT, zoom=0.25))
    found = _layer(_fused(base, 100, finer))
    frame = ARRAYS[(CT.instances[4].ref.sop, 0)]
    assert abs(float(np.nanmean(found)) - frame.mean()) < 60
    assert float(np.nanstd(found)) < 0.5 * frame.std()
