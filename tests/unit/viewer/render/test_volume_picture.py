"""The picture of a volume: coarse at once, whole when it stands, with its own marks."""

import pytest

from tests.kit.executors import StepExecutor
from tests.kit.planes import filled, noise, volume_study
from tests.kit.viewer import LUNG, set_of
from tests.kit.volume3d import Workshop
from viewer.loading.even_slices import EvenSlices
from viewer.pixels.volume_presets import Tint, VolumeKind, VolumePreset
from viewer.render.plane_request import value_range_of
from viewer.render.scheduler import RenderScheduler
from viewer.render.volume_picture import VolumePicture, look_of
from viewer.viewport.camera import SIDES
from viewer.viewport.transform import PaneSize
from viewer.viewport.volume_view import VolumeState, VolumeViewport

BONE = VolumePreset(
    "bone", "Bone", VolumeKind.SHADED, (Tint(100, 0, 0, 0, 0), Tint(300, 1, 1, 1, 1)), "HU"
)
MIP = VolumePreset("mip", "MIP", VolumeKind.BRIGHTEST)


class Scene:
    """A viewport, its picture, and the executor that draws when the test says so."""

    def __init__(self) -> None:
        study = volume_study()
        self.volume = filled(study, noise(study))
        target = set_of(study.series[0])
        instances = {one.ref.sop: one for one in study.series[0].instances}
        slices = EvenSlices.of(self.volume.geometry)
        self.viewport = VolumeViewport(target, instances, slices, LUNG, (BONE, MIP))
        self.executor = StepExecutor()
        self.workshop = Workshop()
        self.picture = VolumePicture(
            self.viewport, RenderScheduler(self.executor), self.workshop.make
        )
        self.viewport.resize(PaneSize(60, 40))

    def fill(self, *, filling: bool = False) -> None:
        """Take the volume."""
        self.viewport.take(self.volume, value_range_of(self.volume), filling=filling)
        self.picture.take(self.volume)

    def shown(self) -> VolumeState:
        """The state of the last picture."""
        assert isinstance(self.picture.shown, VolumeState)
        return self.picture.shown


def _rests(scene: Scene) -> bool:
    return scene.picture.at_rest


def _error(scene: Scene) -> str:
    return scene.picture.error.sentence if scene.picture.error is not None else ""


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_nothing_is_drawn_before_there_is_a_volume(scene: Scene) -> None:
    assert len(scene.executor) == 0
    assert scene.picture.waiting == "picture"
    scene.picture.prepare()
    assert [process.started for process in scene.workshop.made] == [1, 0]


def test_what_stands_is_drawn_coarse_then_whole(scene: Scene) -> None:
    scene.fill()
    scene.executor.step()
    assert scene.shown().coarse
    assert not _rests(scene)
    scene.executor.drain()
    assert not scene.shown().coarse
    assert _rests(scene)
    assert scene.workshop.whole.drawn[-1][2] == 1


def test_nothing_whole_is_drawn_while_it_moves_or_fills(scene: Scene) -> None:
    scene.fill(filling=True)
    scene.viewport.hold(moving=True)
    scene.viewport.look_from(SIDES["L"])
    scene.executor.drain()
    assert scene.shown().camera == SIDES["L"]
    assert scene.workshop.whole.drawn == []


def test_a_whole_picture_that_comes_too_late_is_not_shown(scene: Scene) -> None:
    scene.fill()
    scene.executor.step()
    scene.viewport.hold(moving=True)  # while the whole one is being drawn
    scene.viewport.look_from(SIDES["L"])
    scene.executor.drain()
    assert scene.workshop.whole.drawn == []  # given up before it was begun
    assert scene.shown().coarse
    assert scene.shown().camera == SIDES["L"]


def test_slow_pictures_become_coarser_and_fast_ones_finer(scene: Scene) -> None:
    scene.fill()
    scene.executor.drain()
    scene.viewport.hold(moving=True)
    found = []
    for seconds, turn in ((0.01, 1), (0.01, 2), (0.01, 3), (0.01, 4), (0.3, 5), (0.3, 6), (0.3, 7)):
        scene.workshop.quick.seconds = seconds
        scene.viewport.look_from(SIDES["A"].turned(turn / 10, 0))
        scene.executor.drain()
        found.append(scene.workshop.quick.drawn[-1][2])
    assert found[0] > found[3]
    assert found[3] < found[-1]
    assert min(found) >= 2


def test_a_graphics_processor_draws_the_whole_always(scene: Scene) -> None:
    scene.workshop.quick.software = False
    scene.fill()
    scene.executor.drain()
    quick = len(scene.workshop.quick.drawn)
    scene.viewport.hold(moving=True)
    scene.viewport.look_from(SIDES["L"])
    scene.executor.drain()
    assert len(scene.workshop.quick.drawn) == quick
    assert scene.shown().camera == SIDES["L"]
    assert not scene.shown().coarse


def test_marks_alone_draw_no_pixels(scene: Scene) -> None:
    scene.fill()
    scene.executor.drain()
    painted = scene.picture.painted
    scene.viewport.put(boxed=True)
    assert len(scene.executor) == 0
    assert scene.picture.painted is painted
    assert scene.shown().boxed
    assert _rests(scene)


def test_a_failure_is_its_sentence_and_the_next_view_tries_again(scene: Scene) -> None:
    scene.workshop.quick.failure = "no OpenGL"
    scene.fill()
    scene.executor.drain()
    assert _error(scene) == "no OpenGL"
    assert scene.picture.pixels is None
    scene.workshop.quick.failure = ""
    scene.viewport.look_from(SIDES["P"])
    scene.executor.drain()
    assert _error(scene) == ""
    assert _rests(scene)


def test_a_failure_of_the_whole_leaves_the_coarse_and_is_told_once(scene: Scene) -> None:
    told: list[str] = []
    scene.picture.troubled.connect(told.append)
    scene.workshop.whole.failure = "no memory"
    scene.fill()
    scene.executor.drain()
    scene.viewport.look_from(SIDES["P"])
    scene.executor.drain()
    assert told == ["no memory"]
    assert scene.shown().coarse
    assert scene.picture.pixels is not None


def test_closing_ends_the_processes_and_lets_go(scene: Scene) -> None:
    scene.fill()
    scene.picture.close()
    scene.executor.drain()
    assert scene.picture.pixels is None
    assert [process.killed for process in scene.workshop.made] == [1, 1]
    scene.picture.release()
    assert [process.closed for process in scene.workshop.made] == [1, 1]
    scene.viewport.look_from(SIDES["P"])
    assert len(scene.executor) == 0


def test_a_crop_is_given_in_millimetres_of_the_voxels(scene: Scene) -> None:
    whole = scene.viewport.whole
    scene.viewport.crop(whole.moved(2, high=True, to=4.5, whole=whole))
    scene.fill()
    scene.executor.drain()
    _, aim, _ = scene.workshop.whole.drawn[-1]
    assert aim.box is not None
    sx, sy, sz = scene.viewport.slices.spacing
    columns, rows = 36, 40
    assert aim.box == pytest.approx(
        (-0.5 * sx, (columns - 0.5) * sx, -0.5 * sy, (rows - 0.5) * sy, -0.5 * sz, 4.5 * sz)
    )


def test_looks_are_in_voxel_values(scene: Scene) -> None:
    scene.fill()
    look = look_of(scene.viewport.state, scene.volume)
    assert [tint[0] for tint in look.tints] == [1124, 1324]  # intercept -1024
    assert not look.brightest
    scene.viewport.take_preset(MIP)
    look = look_of(scene.viewport.state, scene.volume)
    assert look.brightest
    low, high = (tint[0] - 1024 for tint in look.tints)
    assert ((low + high) / 2, high - low) == (LUNG.centre, LUNG.width)


def test_without_a_window_the_brightest_spans_all_values(scene: Scene) -> None:
    scene.fill()
    scene.viewport.take_preset(MIP)
    scene.viewport.set_voi(None)
    look = look_of(scene.viewport.state, scene.volume)
    low, high = value_range_of(scene.volume)
    assert [tint[0] - 1024 for tint in look.tints] == pytest.approx([low, high])
