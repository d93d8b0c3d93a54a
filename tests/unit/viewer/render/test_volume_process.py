"""The process that draws in 3D, seen from outside: what it is brought, and what its death costs."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from tests.kit import volume_workers
from tests.kit.volume3d import aim_at, box_geometry, sphere
from tests.kit.volumes import volume
from viewer.loading.even_slices import EvenSlices
from viewer.loading.process import Serve
from viewer.model.geometry import PointLps
from viewer.model.volume_geometry import Index
from viewer.render import volume3d
from viewer.render.bands import Overtaken
from viewer.render.volume_process import Held, NoVolumeRendering, Stop, VolumeProcess
from viewer.render.voxel_block import Prism

pytestmark = pytest.mark.timeout(60)
WHERE = box_geometry((6, 5, 4))
CENTRE = WHERE.to_lps(Index(2, 2, 3))
AIM = aim_at(CENTRE, PointLps(0, 0, 1), PointLps(0, -1, 0), size=(20, 10))
HELD = Held(sphere(WHERE, CENTRE, 2), EvenSlices.of(WHERE))
CUT = Prism((1, 0, 0, 0), (0, 1, 0, 0), ((0, 0), (1, 0), (1, 1)))


class Listening(VolumeProcess):
    """Keeps what the process is asked."""

    def __init__(self, serve: Serve = volume_workers.draws_nothing) -> None:
        super().__init__(most=10**9, serve=serve)
        self.asked: list[object] = []

    def _ask(self, request: object) -> volume3d.Done:
        self.asked.append(request)
        return super()._ask(request)

    def kinds(self) -> list[str]:
        """What was asked since the last look."""
        asked, self.asked = self.asked, []
        return [type(one).__name__ for one in asked]


def test_a_volume_is_brought_once_and_then_only_what_has_come_since() -> None:
    process = Listening()
    try:
        voxels = HELD.volume.voxels
        some = Held(volume(WHERE, voxels, held=[True, True, False, False, True, True]), HELD.slices)
        pixels = process.draw(some, AIM)
        assert pixels.shape == (10, 20, 3)
        assert process.software
        assert process.seconds == 0.01
        assert process.kinds() == ["NewVolume", "SomeSlices", "DrawVolume"]
        process.draw(some, AIM)
        assert process.kinds() == ["DrawVolume"]
        whole = Held(volume(WHERE, voxels), HELD.slices)
        process.draw(whole, AIM)
        assert process.kinds() == ["SomeSlices", "DrawVolume"]
    finally:
        process.close()


def test_a_cut_is_added_and_one_taken_back_brings_the_volume_anew() -> None:
    process = Listening()
    try:
        process.draw(HELD, AIM)
        process.kinds()
        process.draw(Held(HELD.volume, HELD.slices, (CUT,)), AIM)
        assert process.kinds() == ["CutOff", "DrawVolume"]
        process.draw(HELD, AIM)
        assert process.kinds() == ["NewVolume", "SomeSlices", "DrawVolume"]
    finally:
        process.close()


def test_slices_that_come_after_a_cut_are_cut_too() -> None:
    process = Listening()
    try:
        some = volume(WHERE, HELD.volume.voxels, held=[True] * 5 + [False])
        process.draw(Held(some, HELD.slices, (CUT,)), AIM)
        process.kinds()
        process.draw(Held(HELD.volume, HELD.slices, (CUT,)), AIM)
        assert process.kinds() == ["SomeSlices", "CutOff", "DrawVolume"]
    finally:
        process.close()


@pytest.mark.parametrize(
    ("serve", "words"),
    [
        (volume_workers.without_vtk, "not installed"),
        (volume_workers.dies_at_start, "no OpenGL"),
        (volume_workers.dies_when_asked, "graphics driver may be at fault"),
    ],
)
def test_what_is_missing_or_crashes_is_a_sentence(serve: Serve, words: str) -> None:
    process = VolumeProcess(most=10**9, serve=serve)
    try:
        with pytest.raises(NoVolumeRendering, match=words):
            process.draw(HELD, AIM)
    finally:
        process.close()


def test_after_two_deaths_it_is_not_tried_again() -> None:
    process = VolumeProcess(most=10**9, serve=volume_workers.dies_at_start)
    try:
        for words in ("no OpenGL", "no OpenGL", "failed twice"):
            with pytest.raises(NoVolumeRendering, match=words):
                process.draw(HELD, AIM)
    finally:
        process.close()


def test_what_is_not_wanted_any_more_is_not_brought() -> None:
    process = Listening()
    stop = Stop()
    stop.set()
    try:
        with pytest.raises(Overtaken):
            process.draw(HELD, AIM, stop=stop)
        assert "DrawVolume" not in process.kinds()
    finally:
        process.close()


def test_stopping_meanwhile_acts_at_once_and_later_not_at_all() -> None:
    stop, told = Stop(), list[str]()
    with stop.during(lambda: told.append("now")):
        stop.set()
    assert told == ["now"]
    stop.set()
    assert told == ["now"]
    with pytest.raises(Overtaken), stop.during(lambda: None):
        raise AssertionError("it is stopped already")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts handles through /proc")
def test_opening_and_closing_twenty_times_leaves_nothing() -> None:
    _once()  # what is loaded and started once stays
    handles = _handles()
    names = [_once() for _ in range(20)]
    assert _handles() == handles
    assert not [name for name in names if Path("/dev/shm", name).exists()]
    assert multiprocessing.active_children() == []


def _once() -> str:
    """Open and close; gives the name of the shared memory that was used."""
    process = VolumeProcess(most=10**9, serve=volume_workers.draws_nothing)
    process.start()
    process.draw(HELD, AIM)
    name = process._worker.slot(1).name
    process.close()
    return name


def _handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_memory_grows_by_no_copy_of_the_volume() -> None:
    slices = 40
    where = box_geometry((slices, 256, 256))
    given = volume(where, np.zeros((slices, 256, 256), np.int16))
    process = VolumeProcess(most=10**9, serve=volume_workers.draws_nothing)
    try:
        process.draw(Held(given, EvenSlices.of(where)), AIM)
        slot = process._worker.slot(1)
        assert slot.size <= 20 * 1024 * 1024
    finally:
        process.close()


def test_what_draws_is_named_or_why_nothing_does() -> None:
    process = VolumeProcess(most=1, serve=volume_workers.draws_nothing)
    try:
        assert process.renderer() == "llvmpipe"
        assert process.software
    finally:
        process.close()
    process = VolumeProcess(most=1, serve=volume_workers.without_vtk)
    try:
        with pytest.raises(NoVolumeRendering, match="not installed"):
            process.renderer()
    finally:
        process.close()
