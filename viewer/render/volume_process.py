"""A process that draws volumes, seen from outside: it is brought what it lacks, then it draws."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.errors import ViewerError
from viewer.loading.even_slices import EvenSlices, unseen
from viewer.loading.guard import MIB
from viewer.loading.process import Deaths, Serve, WorkerDied, WorkerProcess
from viewer.loading.volume import Volume
from viewer.render import volume3d
from viewer.render.bands import Overtaken
from viewer.render.voxel_block import Prism

_PART = 16 * MIB
"""So much of a volume is on its way at a time."""
_DEATHS_TOLERATED = 2
_DEATHS = Deaths(
    unstarted="The process that draws in 3D did not start.",
    hung="Drawing in 3D took more than {seconds} s and was given up.",
    crashed="Drawing in 3D crashed its process: its graphics driver may be at fault.",
    closed="The process that draws in 3D was closed.",
)


_NO_START = "Drawing in 3D could not start: this computer seems to offer no OpenGL."


class NoVolumeRendering(ViewerError):
    """Nothing can be drawn in 3D here, or its process has failed."""


class Stop:
    """Says from one thread that a picture, drawn for another, is not wanted any more."""

    def __init__(self) -> None:
        """It is wanted."""
        self._lock = threading.Lock()
        self._act: Callable[[], None] | None = None
        self.is_set = False

    def set(self) -> None:
        """It is not wanted any more; what takes long ends soon."""
        with self._lock:
            self.is_set = True
            if self._act is not None:
                self._act()

    @contextmanager
    def during(self, act: Callable[[], None]) -> Iterator[None]:
        """Call ``act`` where it is set meanwhile; Overtaken where it is already."""
        with self._lock:
            if self.is_set:
                raise Overtaken
            self._act = act
        try:
            yield
        finally:
            with self._lock:
                self._act = None


@dataclass(frozen=True, slots=True)
class Held:
    """A volume as it shall be seen: its voxels as far as they are here, without what was cut."""

    volume: Volume
    slices: EvenSlices
    cuts: tuple[Prism, ...] = ()


@dataclass(frozen=True, slots=True)
class Aim:
    """Size and camera of a picture, and what of the volume is in it; see volume3d.DrawVolume."""

    width: int
    height: int
    focus: tuple[float, float, float]
    into: tuple[float, float, float]
    up: tuple[float, float, float]
    pitch: float
    look: volume3d.Look
    box: tuple[float, float, float, float, float, float] | None = None


class VolumeProcess:
    """Draws one volume at a time, thinned out to ``most`` voxels; one thread asks, others wait."""

    def __init__(
        self,
        *,
        most: int,
        background: bool = False,
        seconds: float = 900.0,
        serve: Serve = volume3d.serve,
        name: str = "lightbox-3d",
    ) -> None:
        """Start nothing yet: the process comes with the first picture, or with ``start``."""
        self._worker = WorkerProcess(
            serve,
            seconds=seconds,
            memory_limit=0,
            name=name,
            deaths=_DEATHS,
            answers=volume3d.__name__,
        )
        self._lock = threading.Lock()
        self._most, self._background = most, background
        self._brought: _Brought | None = None
        self._deaths = 0
        self._closed = False
        self.software = True
        """Whether the processor alone draws; known once a picture was drawn."""
        self.seconds = 0.0
        """How long the last picture took."""

    def start(self) -> None:
        """Let the process load its libraries meanwhile."""
        self._worker.start()

    def draw(
        self,
        held: Held,
        aim: Aim,
        *,
        coarseness: int = 1,
        stop: Stop | None = None,
    ) -> NDArray[np.uint8]:
        """Draw, blocking: (height, width, 3).

        NoVolumeRendering says why not; Overtaken where ``stop`` was set on the way.
        """
        stop = stop or Stop()
        with self._lock:
            if self._deaths >= _DEATHS_TOLERATED:
                raise self._refusal("Drawing in 3D failed twice and is not tried again.")
            try:
                self._get_ready()
                self._bring(held, stop)
                return self._draw(aim, coarseness, stop)
            except WorkerDied as death:
                self._brought = None
                if self._closed:
                    raise Overtaken from death
                self._deaths += 1
                raise self._refusal(death.sentence) from death

    def renderer(self) -> str:
        """Name what draws, blocking; NoVolumeRendering says why nothing does."""
        with self._lock:
            try:
                return self._get_ready().renderer
            except WorkerDied as death:
                raise self._refusal(death.sentence) from death

    def kill(self) -> None:
        """End the process; what is waited for was overtaken. ``release`` must follow."""
        self._closed = True
        self._worker.kill()

    def release(self) -> None:
        """Give back what a killed process leaves, once the last one has stopped waiting for it.

        Takes as long as the system needs for its memory: not for the GUI thread.
        """
        with self._lock:
            self._brought = None
            self._worker.release()

    def close(self) -> None:
        """End the process and give everything back."""
        self.kill()
        self.release()

    def _draw(self, aim: Aim, coarseness: int, stop: Stop) -> NDArray[np.uint8]:
        shape = (aim.height, aim.width, 3)
        size = aim.height * aim.width * 3
        slot = self._worker.slot(size + 1)
        told: NDArray[np.uint8] = np.ndarray((1,), np.uint8, slot.buf, offset=size)
        told[0] = 0
        request = volume3d.DrawVolume(
            slot.name,
            aim.width,
            aim.height,
            aim.focus,
            aim.into,
            aim.up,
            aim.pitch,
            aim.look,
            aim.box,
            coarseness,
        )

        def give_up() -> None:
            told[0] = 1

        with stop.during(give_up):
            answer = self._ask(request)
        if answer.stopped:
            raise Overtaken
        self.seconds = answer.seconds
        return np.ndarray(shape, np.uint8, slot.buf).copy()

    def _bring(self, held: Held, stop: Stop) -> None:
        brought = self._brought
        if brought is None or not brought.grows_into(held, self._worker.starts):
            self._brought = brought = self._begin(held)
        ready = held.slices.ready(held.volume.held)
        cut = held.cuts[len(brought.cuts) :]
        for first, count in brought.lacking(ready, self._part(held)):
            if stop.is_set:
                raise Overtaken
            self._send(held, first, count)
            brought.there[first : first + count] = ready[first : first + count]
            cut = held.cuts  # slices came whole
        for prism in cut:
            self._ask(volume3d.CutOff(prism))
        brought.cuts = held.cuts

    def _begin(self, held: Held) -> "_Brought":
        slices, voxels = held.slices, held.volume.voxels
        matrix = tuple(tuple(row) for row in slices.matrix.tolist())
        self._ask(
            volume3d.NewVolume(
                slices.shape,
                voxels.dtype.str,
                slices.spacing,
                matrix,
                unseen(held.volume),
                self._background,
                self._most,
            )
        )
        there = np.zeros(slices.shape[0], np.bool_)
        return _Brought(voxels, slices, there, self._worker.starts)

    def _part(self, held: Held) -> int:
        """Slices sent at a time: whole blocks, whatever number of slices becomes one."""
        _, rows, columns = held.slices.shape
        bytes_of_one = max(rows * columns * held.volume.voxels.dtype.itemsize, 1)
        return max(_PART // bytes_of_one // _BLOCKS * _BLOCKS, _BLOCKS)

    def _send(self, held: Held, first: int, count: int) -> None:
        _, rows, columns = held.slices.shape
        dtype = held.volume.voxels.dtype
        slot = self._worker.slot(count * rows * columns * dtype.itemsize)
        out: NDArray[Any] = np.ndarray((count, rows, columns), dtype, slot.buf)
        held.slices.fill(held.volume, first, out)
        del out  # shared memory cannot be closed while it is looked at
        self._ask(volume3d.SomeSlices(first, count, slot.name))

    def _ask(self, request: object) -> volume3d.Done:
        answer = self._worker.ask(request)
        if not isinstance(answer, volume3d.Done):
            raise WorkerDied(_DEATHS.crashed)
        if answer.problem:
            raise self._refusal(answer.problem)
        return answer

    def _get_ready(self) -> volume3d.Started:
        try:
            told = self._worker.wait_ready()
        except WorkerDied as death:
            crashed = death.sentence == _DEATHS.crashed
            raise WorkerDied(_NO_START if crashed else death.sentence) from death
        if not isinstance(told, volume3d.Started):
            raise WorkerDied(_DEATHS.crashed)
        if told.problem:
            raise self._refusal(told.problem)
        self.software = told.software
        return told

    def _refusal(self, sentence: str) -> NoVolumeRendering:
        return NoVolumeRendering(sentence, where="")


_BLOCKS = 32
"""A multiple of all numbers of slices that may become one."""


@dataclass(slots=True)
class _Brought:
    """What the process holds."""

    voxels: NDArray[Any]
    slices: EvenSlices
    there: NDArray[np.bool_]
    starts: int
    cuts: tuple[Prism, ...] = ()

    def grows_into(self, held: Held, starts: int) -> bool:
        """Whether what is wanted is no more than an addition to what is there."""
        same = self.starts == starts and self.slices is held.slices
        same = same and np.shares_memory(self.voxels[:1], held.volume.voxels[:1])
        return same and held.cuts[: len(self.cuts)] == self.cuts

    def lacking(self, ready: NDArray[np.bool_], part: int) -> list[tuple[int, int]]:
        """Parts that hold slices which have come since: first slice and how many."""
        count = len(ready)
        starts = range(0, count, part)
        return [
            (first, min(part, count - first))
            for first in starts
            if (ready[first : first + part] & ~self.there[first : first + part]).any()
        ]
