"""Overlay bits on demand, read apart from the frames: most images have none."""

from collections import OrderedDict
from dataclasses import dataclass

from psygnal import Signal

from viewer.errors import ViewerError
from viewer.loading.executor import Executor
from viewer.loading.held import HeldBytes
from viewer.loading.overlays import Decode, overlay_bitmaps
from viewer.model.overlay_plane import OverlayBitmap, OverlayPlane
from viewer.model.refs import FrameRef
from viewer.model.study import Instance


@dataclass(frozen=True, slots=True)
class OverlaysRead:
    """The planes that lie on a frame; ``problem`` says why they could not be read."""

    bitmaps: tuple[OverlayBitmap, ...] = ()
    problem: str = ""


NOTHING = OverlaysRead()

_Key = tuple[FrameRef, tuple[OverlayPlane, ...]]
"""A presentation state leaves out some of an image's planes."""


class OverlayCache:
    """Planes by frame, bounded; every method runs on the GUI thread."""

    arrived = Signal(object)
    """Carries the FrameRef whose planes, or whose problem, can now be had."""

    _MOST = 256

    def __init__(self, held: HeldBytes, decode: Decode, executor: Executor) -> None:
        """Read from ``held`` on the executor's threads; ``decode`` gives pixels with every bit."""
        self._held = held
        self._decode = decode
        self._executor = executor
        self._read: OrderedDict[_Key, OverlaysRead] = OrderedDict()
        self._reading: set[_Key] = set()
        self._generation = 0

    def get(self, ref: FrameRef, instance: Instance) -> OverlaysRead | None:
        """The planes of a frame; None while they are read, which this call begins."""
        if not any(plane.frame_on(ref.frame) is not None for plane in instance.overlays):
            return NOTHING
        key = (ref, instance.overlays)
        read = self._read.get(key)
        if read is not None:
            self._read.move_to_end(key)
        elif key not in self._reading:
            self._begin(key, instance)
        return read

    def clear(self) -> None:
        """Forget everything: the case was closed."""
        self._read.clear()
        self._reading.clear()
        self._generation += 1

    def _begin(self, key: _Key, instance: Instance) -> None:
        ref = key[0]
        self._reading.add(key)
        generation, held, decode = self._generation, self._held, self._decode

        def work() -> OverlaysRead:
            data = held.bytes_of(ref.sop, keep=instance.frames > 1)
            return OverlaysRead(overlay_bitmaps(data, instance, ref.frame, decode))

        def failed(error: Exception) -> None:
            told = error.sentence if isinstance(error, ViewerError) else type(error).__name__
            problem = f"The overlays of this image cannot be shown: {told}"
            self._keep(key, OverlaysRead(problem=problem), generation)

        self._executor.run(work, lambda read: self._keep(key, read, generation), failed)

    def _keep(self, key: _Key, read: OverlaysRead, generation: int) -> None:
        if generation != self._generation:
            return
        self._reading.discard(key)
        self._read[key] = read
        while len(self._read) > self._MOST:
            self._read.popitem(last=False)
        self.arrived.emit(key[0])
