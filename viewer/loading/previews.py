"""A coarse picture of frames whose codec can give one early, until the frame itself is there."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from viewer.loading.decoders import HIGH_THROUGHPUT
from viewer.loading.executor import Executor
from viewer.loading.held import HeldBytes
from viewer.model.refs import FrameRef
from viewer.model.study import Instance, StoredFormat

REDUCE = 2
"""Halvings of rows and columns: a quarter of each."""
WORTH_PIXELS = 1 << 20
"""Smaller frames are decoded so soon that a preview would only flicker."""

Preview = Callable[[bytes, int, Instance], NDArray[Any] | None]


def may_preview(instance: Instance) -> bool:
    """Whether the codec gives lower resolutions whose values can be told from an overshoot.

    A lower level of the wavelet leaves the range of the image by a little: with fewer bits than
    the container, what left it can be clipped.
    """
    stored = instance.format
    return (
        stored is not None
        and instance.transfer_syntax in HIGH_THROUGHPUT
        and stored.is_grey
        and stored.bits_allocated == 16
        and stored.bits_stored <= 15
        and stored.high_bit == stored.bits_stored - 1
        and stored.rows * stored.columns >= WORTH_PIXELS
    )


def enlarged(reduced: NDArray[Any], stored: StoredFormat) -> NDArray[Any]:
    """The same picture at the size of the frame, each sample a square of pixels."""
    step = 1 << REDUCE
    whole = np.repeat(np.repeat(reduced, step, axis=0), step, axis=1)
    kind = np.int16 if stored.signed else np.uint16
    return np.ascontiguousarray(whole[: stored.rows, : stored.columns], kind)


class Previews:
    """Previews by frame, of the last few frames; every method runs on the GUI thread."""

    arrived = Signal(object)
    """Carries the FrameRef whose preview can now be had."""

    _MOST = 8

    def __init__(self, held: HeldBytes, preview: Preview, executor: Executor) -> None:
        """Decode on the executor's threads."""
        self._held = held
        self._preview = preview
        self._executor = executor
        self._pixels: OrderedDict[FrameRef, NDArray[Any]] = OrderedDict()
        self._begun: dict[FrameRef, object] = {}

    def get(self, ref: FrameRef, instance: Instance) -> NDArray[Any] | None:
        """The preview of a frame that is not here; None without one. The first call begins it."""
        if ref not in self._begun and may_preview(instance):
            self._begin(ref, instance)
        return self._pixels.get(ref)

    def has(self, ref: FrameRef) -> bool:
        """Whether there is nothing more of a frame yet than a preview."""
        return ref in self._pixels

    def drop(self, ref: FrameRef) -> None:
        """The frame itself is here, or cannot be had: forget its preview."""
        self._pixels.pop(ref, None)
        self._begun.pop(ref, None)

    def clear(self) -> None:
        """Forget everything: the case was closed."""
        self._pixels.clear()
        self._begun.clear()

    def _begin(self, ref: FrameRef, instance: Instance) -> None:
        token = self._begun[ref] = object()
        held, preview, stored = self._held, self._preview, instance.format

        def work() -> NDArray[Any] | None:
            data = held.bytes_of(ref.sop, keep=True)
            reduced = preview(data, ref.frame, instance)
            return None if reduced is None or stored is None else enlarged(reduced, stored)

        def done(found: NDArray[Any] | None) -> None:
            if found is not None and self._begun.get(ref) is token:
                self._keep(ref, found)

        # what is wrong with the frame is told when the frame itself is decoded
        self._executor.run(work, done, lambda _error: None)

    def _keep(self, ref: FrameRef, found: NDArray[Any]) -> None:
        found.flags.writeable = False
        self._pixels[ref] = found
        while len(self._pixels) > self._MOST:
            self._pixels.popitem(last=False)
        self.arrived.emit(ref)
