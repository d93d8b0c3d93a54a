"""Three planes of one volume are moved, turned, thickened and windowed together."""

import math

import pytest

from tests.kit.planes import STEP, filled, noise, reformat_of, volume_study
from tests.kit.viewer import SOFT, chest, shown
from viewer.model.geometry import PointLps
from viewer.model.presentation import VoiFunction, Window
from viewer.model.sample_grid import Slab, SlabMode
from viewer.model.volume_geometry import Index
from viewer.viewport.planes import PLANES, PlaneName
from viewer.viewport.reformat import Reformat, first_look
from viewer.viewport.slabs import THICKNESSES, next_mode, thicker

AXIAL, CORONAL, SAGITTAL = PlaneName.AXIAL, PlaneName.CORONAL, PlaneName.SAGITTAL


@pytest.fixture
def reformat() -> Reformat:
    study = volume_study()
    return reformat_of(study, filled(study, noise(study)))


def _index(reformat: Reformat) -> Index:
    at = reformat.geometry.to_index(reformat.crosshair.centre)
    return Index(*(round(x, 9) for x in at))


def test_it_begins_in_the_voxel_in_the_middle(reformat: Reformat) -> None:
    assert _index(reformat) == (17, 19, 5)
    states = {name: reformat.viewports[name].state for name in PLANES}
    assert [states[name].count for name in PLANES] == [12, 40, 36]
    assert reformat.nearest() == reformat.target.frames[5]
    assert all(state.frame == reformat.nearest() for state in states.values())


def test_a_plane_is_scrolled_as_its_images_would_be_read(reformat: Reformat) -> None:
    """From head to feet, front to back, right to left (F40)."""
    ways = {AXIAL: (0, 0, -STEP), CORONAL: (0, 0.7, 0), SAGITTAL: (0.7, 0, 0)}
    for name, way in ways.items():
        before = reformat.crosshair.centre
        index = reformat.viewports[name].state.index
        reformat.viewports[name].scroll(1)
        assert reformat.crosshair.centre - before == pytest.approx(way, abs=1e-9)
        assert reformat.viewports[name].state.index == index + 1


def test_the_ends_do_not_wrap(reformat: Reformat) -> None:
    for name in PLANES:
        viewport = reformat.viewports[name]
        viewport.scroll(1000)
        assert viewport.state.index == viewport.state.count - 1
        viewport.go_to_index(0)
        assert viewport.state.index == 0
        viewport.scroll(-1000)
        assert viewport.state.index == 0
    assert _index(reformat) == (0, 0, 0)


def test_a_point_is_taken_to_its_voxel_until_planes_are_turned(reformat: Reformat) -> None:
    point = reformat.geometry.to_lps(Index(3.3, 7.4, 2.2))
    assert reformat.go_to(point)
    assert _index(reformat) == (3, 7, 2)
    reformat.turn(reformat.crosshair, AXIAL, 0.3)
    assert reformat.go_to(point)
    assert reformat.crosshair.centre == point


def test_a_point_outside_changes_nothing(reformat: Reformat) -> None:
    before = reformat.crosshair
    assert not reformat.go_to(PointLps(500, 0, 0))
    assert reformat.crosshair is before


def test_turning_in_one_plane_leaves_it_and_turns_the_others(reformat: Reformat) -> None:
    before = reformat.crosshair
    reformat.turn(before, AXIAL, math.radians(30))
    after = reformat.crosshair
    assert after.cut(AXIAL) == before.cut(AXIAL)
    for name in (CORONAL, SAGITTAL):
        assert after.tilt(name)[0] is name
        assert after.tilt(name)[1] == pytest.approx(30)
    # clockwise as seen on the axial picture: from the left towards the back
    assert after.cut(CORONAL).right == pytest.approx(
        (math.cos(math.pi / 6), math.sin(math.pi / 6), 0)
    )
    reformat.straighten()
    assert reformat.straight
    assert reformat.crosshair.tilt(CORONAL)[1] == pytest.approx(0)


def test_one_window_for_all_planes_but_each_has_its_zoom(reformat: Reformat) -> None:
    axial, coronal = reformat.viewports[AXIAL], reformat.viewports[CORONAL]
    axial.set_voi(SOFT)
    axial.invert()
    axial.one_to_one()
    assert (coronal.state.look.voi, coronal.state.look.invert) == (SOFT, True)
    assert (axial.state.look.zoom, coronal.state.look.zoom) == (1.0, None)
    axial.reset()
    looks = [reformat.viewports[name].state.look for name in PLANES]
    assert all(not look.invert and look.zoom is None and look.voi != SOFT for look in looks)


def test_a_slice_of_the_series_is_found(reformat: Reformat) -> None:
    assert reformat.viewports[AXIAL].go_to(reformat.target.frames[9])
    assert _index(reformat)[2] == 9
    assert not reformat.go_to_frame(reformat.target.frames[0].__class__("1", "2", "3", 0))  # type: ignore[arg-type]


def test_dragging_is_told_to_every_plane(reformat: Reformat) -> None:
    reformat.hold(moving=True)
    assert all(v.state.moving for v in reformat.viewports.values())
    reformat.hold(moving=False)
    assert not any(v.state.moving for v in reformat.viewports.values())


def test_what_lies_on_single_images_is_not_on_planes(reformat: Reformat) -> None:
    viewport = reformat.viewports[AXIAL]
    before = viewport.state
    viewport.apply(None)
    assert viewport.state is before
    assert not viewport.toggle_overlays()
    assert not viewport.toggle_shutter()
    assert not viewport.turn(1)
    assert not viewport.flip()


def test_shifting_one_plane_moves_along_its_normal_only(reformat: Reformat) -> None:
    before = reformat.crosshair
    reformat.shift(before, CORONAL, 3 * 0.7 + 0.1)
    way = reformat.crosshair.centre - before.centre
    assert way == pytest.approx((0, 2.1, 0), abs=1e-9)
    reformat.shift(before, CORONAL, 1e6)
    assert _index(reformat)[1] == 39


def test_slabs_step_through_modes_and_round_thicknesses() -> None:
    mip = next_mode(None, 10.0)
    assert mip == Slab(10.0, SlabMode.MAXIMUM)
    minip = next_mode(mip, 10.0)
    mean = next_mode(minip, 10.0)
    assert [s and s.mode for s in (minip, mean)] == [SlabMode.MINIMUM, SlabMode.MEAN]
    assert next_mode(mean, 10.0) is None
    assert thicker(None, 1, SlabMode.MEAN) == Slab(THICKNESSES[0], SlabMode.MEAN)
    assert thicker(Slab(5.0), 2, SlabMode.MEAN) == Slab(8.0)
    assert thicker(Slab(1.0), -1, SlabMode.MEAN) is None
    assert thicker(None, -1, SlabMode.MEAN) is None
    assert thicker(Slab(7.0), 1, SlabMode.MEAN) == Slab(8.0)
    assert thicker(None, 99, SlabMode.MAXIMUM) == Slab(50.0)


def test_planes_begin_with_the_window_of_the_image(reformat: Reformat) -> None:
    viewport = reformat.viewports[AXIAL]
    assert first_look(viewport).voi == viewport.state.look.voi


def test_planes_of_counts_begin_where_their_images_begin() -> None:
    counts = shown(chest(3, windows=(), modality="NM"))
    counts.extend_range(0, 300)
    look = first_look(counts)
    assert look.voi == Window(150, 300, "", VoiFunction.LINEAR_EXACT)
    assert first_look(shown(chest(3, windows=()))).voi is None
