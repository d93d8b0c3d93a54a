"""Pictures of planes: exact, coarse while something moves, whole when it stands."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from tests.kit.executors import StepExecutor
from tests.kit.planes import filled, noise, reformat_of, volume_study
from tests.kit.viewer import LUNG, SOFT
from viewer.model.presentation import Presentation
from viewer.model.sample_grid import Slab, SlabMode
from viewer.model.study import Photometric
from viewer.pixels.pipeline import PixelPipeline
from viewer.render.bands import Overtaken
from viewer.render.plane_picture import PlanePicture
from viewer.render.plane_request import (
    PlaneRequest,
    coarse_enough,
    stored_format,
    value_range_of,
)
from viewer.render.plane_value import plane_value, plane_value_text
from viewer.render.reslice import Reslicer
from viewer.render.scheduler import RenderScheduler
from viewer.viewport.planes import PlaneName
from viewer.viewport.reformat import PlaneState
from viewer.viewport.transform import PaneSize

AXIAL, CORONAL = PlaneName.AXIAL, PlaneName.CORONAL
PANE = PaneSize(64, 48)


class Room:
    """Planes of noise whose drawing the test steps through."""

    def __init__(self) -> None:
        self.study = volume_study()
        self.volume = filled(self.study, noise(self.study))
        self.reformat = reformat_of(self.study, self.volume)
        for viewport in self.reformat.viewports.values():
            viewport.resize(PANE)
        self.drawing = StepExecutor()
        self.scheduler = RenderScheduler(self.drawing)
        self.viewport = self.reformat.viewports[CORONAL]
        self.picture = PlanePicture(self.viewport, self.scheduler, "cor")
        self.reslicer = Reslicer(self.volume)

    def shown(self) -> PlaneState:
        assert isinstance(self.picture.shown, PlaneState)
        return self.picture.shown

    def request(self, **changes: object) -> PlaneRequest:
        state = self.viewport.state
        assert state.cut is not None
        made = PlaneRequest(
            self.reslicer, "x", Photometric.MONOCHROME2, state.cut, state.slab, state.look, PANE
        )
        return replace(made, **changes)  # type: ignore[arg-type]


@pytest.fixture
def room() -> Room:
    return Room()


def expected(room: Room, request: PlaneRequest) -> np.ndarray:
    """The same picture by the slow reference and the reference grey pipeline."""
    grid = request.cut.grid(request.transform())
    values = np.empty((grid.rows, grid.columns), np.float64)
    room.reslicer.sample(grid, request.slab, values, reference=True)
    stored = np.floor(values + 0.5)
    spare = room.volume.spare
    assert spare is not None
    stored[np.isnan(values)] = spare
    pipeline = PixelPipeline(
        stored_format(room.volume, request.photometric), room.volume.rescale, None
    )
    return pipeline.driving_levels_reference(
        stored.astype(np.int16), request.look, bits=8, fallback=value_range_of(room.volume)
    )


@pytest.mark.parametrize("angle", [0.0, 0.4])
@pytest.mark.parametrize("slab", [None, Slab(5.0), Slab(3.0, SlabMode.MEAN)])
@pytest.mark.parametrize(
    "look", [Presentation(voi=LUNG), Presentation(voi=None), Presentation(voi=SOFT, invert=True)]
)
def test_equal_to_the_reference(
    room: Room, look: Presentation, slab: Slab | None, angle: float
) -> None:
    room.reformat.turn(room.reformat.crosshair, PlaneName.SAGITTAL, angle)
    request = room.request(look=replace(look, zoom=1.5), slab=slab)
    found = request.compose(request.sample())
    np.testing.assert_array_equal(found, expected(room, request))


def test_a_slice_of_the_series_one_to_one_is_the_slice_itself(room: Room) -> None:
    viewport = room.reformat.viewports[AXIAL]
    viewport.one_to_one()
    state = viewport.state
    assert state.cut is not None
    request = room.request(cut=state.cut, look=state.look, pane=PaneSize(36, 40))
    values = request.sample().values
    np.testing.assert_array_equal(values, room.volume.voxels[5])


def test_where_nothing_is_it_is_black_whatever_the_look(room: Room) -> None:
    request = room.request(look=Presentation(voi=SOFT, invert=True, zoom=0.5))
    found = request.compose(request.sample())
    assert found[0, 0] == 0
    assert found.max() > 0


def test_reduced_planes_pass_over_no_voxel(room: Room) -> None:
    """One bright voxel anywhere stays at least at its share (F54)."""
    arrays = {key: np.zeros_like(frame) for key, frame in noise(room.study).items()}
    frames = list(arrays.values())
    frames[5][20, 20] = 1600
    dark = filled(room.study, arrays)
    viewport = room.reformat.viewports[AXIAL]
    cut = viewport.state.cut
    assert cut is not None
    for shift in (0.0, 0.3, 1.1, 2.7):
        look = Presentation(voi=LUNG, zoom=0.25)
        moved = replace(cut, middle=cut.middle.plus(cut.right, shift * 0.7))
        request = PlaneRequest(
            Reslicer(dark), "x", Photometric.MONOCHROME2, moved, None, look, PANE
        )
        assert request.sample().values.max() >= 1600 / 16 * 0.5


def test_a_slab_is_coarse_first_and_whole_soon_after(room: Room) -> None:
    room.reformat.set_slab(Slab(6.0))
    room.picture.take(room.reslicer)
    room.drawing.step()
    assert room.shown().coarse == 2
    assert not room.picture.at_rest
    room.drawing.drain()
    assert room.shown().coarse == 1
    assert room.picture.at_rest


def test_windowing_a_whole_slab_needs_no_coarse_picture(room: Room) -> None:
    room.reformat.set_slab(Slab(6.0))
    room.picture.take(room.reslicer)
    room.drawing.drain()
    room.viewport.set_voi(SOFT)
    room.drawing.step()
    assert room.picture.at_rest


def test_while_something_is_dragged_planes_stay_coarse(room: Room) -> None:
    room.picture.take(room.reslicer)
    room.drawing.drain()
    room.reformat.hold(moving=True)
    room.reformat.step(CORONAL, 3)
    room.drawing.drain()
    assert room.shown().coarse == 2
    assert room.shown().index == room.viewport.state.index
    room.reformat.hold(moving=False)
    room.drawing.drain()
    assert room.picture.at_rest


def test_a_coarse_picture_has_the_size_of_the_pane(room: Room) -> None:
    for pane, coarse in product((PaneSize(64, 48), PaneSize(63, 47)), (2, 3, 6)):
        request = room.request(coarse=coarse, pane=pane)
        assert request.compose(request.sample()).shape == (pane.height, pane.width)


def test_a_whole_picture_is_given_up_for_a_newer_one(room: Room) -> None:
    request = room.request()
    request.give_up()
    with pytest.raises(Overtaken):
        request.sample()
    coarse = room.request(coarse=2)
    coarse.give_up()
    assert coarse.sample().values.shape == (48, 64)
    room.picture.take(room.reslicer)
    room.reformat.step(CORONAL, 1)
    room.reformat.step(CORONAL, 1)
    room.drawing.drain()
    assert room.picture.at_rest


def test_nothing_is_drawn_after_closing(room: Room) -> None:
    room.picture.take(room.reslicer)
    room.picture.close()
    room.drawing.drain()
    assert room.picture.pixels is None


def test_a_fault_becomes_a_sentence(room: Room) -> None:
    broken = replace(room.volume, rescale=None)  # type: ignore[arg-type]  # what must not be
    reslicer = Reslicer(room.volume)
    reslicer.volume = broken
    room.picture.take(reslicer)
    room.drawing.drain()
    assert room.picture.error is not None
    assert room.picture.error.sentence.startswith("This plane cannot be drawn")


def test_the_value_under_the_pointer(room: Room) -> None:
    cut = room.reformat.viewports[AXIAL].state.cut
    assert cut is not None
    centre = room.reformat.crosshair.centre
    stored = int(room.volume.voxels[5, 19, 17])
    value = plane_value(room.reslicer, cut, centre, None)
    assert value == pytest.approx(stored - 1024)
    instance = room.viewport.instance
    assert instance is not None
    assert plane_value_text(-1000.0, "HU", instance) == "−1000 HU"
    assert plane_value_text(None, "HU", instance) == "no value"
    outside = centre.plus(cut.normal, 1e3)
    assert plane_value(room.reslicer, cut, outside, None) is None
    assert math.isfinite(value or math.nan)


def test_as_coarse_as_it_takes_to_stay_smooth() -> None:
    assert coarse_enough(2, 0.001) == 2
    assert coarse_enough(2, 0.029) == 2
    assert coarse_enough(2, 0.08) == 3
    assert coarse_enough(3, 0.02) == 3, "no to and fro between two of them"
    assert coarse_enough(4, 0.005) == 3
    assert coarse_enough(2, 60.0) == 6
