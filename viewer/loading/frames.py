"""Decoded frames on demand: what is wanted most is decoded next, what was not used is dropped."""

import contextlib
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from numpy.typing import NDArray
from psygnal import Signal

from viewer.errors import MissingInstance, UndecodableFrame, ViewerError
from viewer.loading.colour_tables import ColourTables
from viewer.loading.decoded import Decoded
from viewer.loading.decoders import DECODERS
from viewer.loading.executor import Executor
from viewer.loading.held import HeldBytes
from viewer.loading.kept import KeptFrames, NothingKept, origin_of
from viewer.loading.overlay_cache import OverlayCache
from viewer.loading.pool import DecodePool
from viewer.loading.previews import Previews
from viewer.loading.source import InstanceSource
from viewer.loading.stored import result_shape
from viewer.loading.wants import Priority, Wants
from viewer.model.refs import FrameRef, SopUid
from viewer.model.study import Instance

__all__ = ["FrameCache", "Priority"]

_SLOW_SECONDS = 0.05
"""Frames that take longer keep one decoder free for whoever waits."""


class _Done(NamedTuple):
    """A frame, what it was decoded from (empty: not to be kept) and how long that took."""

    decoded: Decoded
    origin: str
    seconds: float


class FrameCache:
    """Frames by reference, bounded in bytes; every method runs on the GUI thread.

    ``get`` never waits. ``want`` asks for frames: within a priority the newest request is served
    first, and a new request of an owner replaces that owner's earlier one of the same priority.
    While nobody waits for anything, decoded frames are kept for the next opening, also those of
    known instances that nobody has asked for.
    """

    arrived = Signal(object)
    """Carries the FrameRef whose frame, or whose failure, can now be had."""

    def __init__(
        self,
        source: InstanceSource,
        pool: DecodePool,
        executor: Executor,
        budget: int,
        kept: KeptFrames | None = None,
    ) -> None:
        """Hold up to ``budget`` bytes of decoded frames; ``kept`` are those of earlier openings."""
        self._held = HeldBytes(source)
        self._pool = pool
        self._executor = executor
        self._budget = budget
        self._kept: KeptFrames = kept or NothingKept()
        self._instances: dict[SopUid, Instance] = {}
        self._sizes: dict[SopUid, int] = {}
        self._frames: OrderedDict[FrameRef, Decoded] = OrderedDict()
        self._bytes = 0
        self._failures: dict[FrameRef, ViewerError] = {}
        self._gaps: dict[FrameRef, tuple[tuple[int, int], ...]] = {}
        self._wants = Wants(self._is_needed, lambda ref: self._sizes[ref.sop], budget * 3 // 4)
        self._running: set[FrameRef] = set()
        self._slow = False
        self._unwritten: dict[FrameRef, str] = {}
        self._ahead: deque[FrameRef] = deque()
        self._in_background = False
        self.overlays = OverlayCache(self._held, pool.decode, executor)
        self.previews = Previews(
            self._held, lambda data, frame, instance: pool.preview(data, frame, instance), executor
        )

        self.colours = ColourTables(
            lambda source, target: pool.colour_table(source, target), executor
        )

    def know(self, instances: Iterable[Instance]) -> None:
        """Learn headers; frames of instances that are not known cannot be wanted.

        Knowing an instance anew forgets that it was missing, so a growing study can be asked again.
        """
        for instance in instances:
            sop = instance.ref.sop
            if sop not in self._instances and instance.transfer_syntax in DECODERS:
                self._ahead.extend(_ref(instance, frame) for frame in range(instance.frames))
            self._instances[sop] = instance
            self._sizes[sop] = _size(instance)
            for frame in range(instance.frames):
                ref = _ref(instance, frame)
                if isinstance(self._failures.get(ref), MissingInstance):
                    del self._failures[ref]
        self._dispatch()

    def bytes_of(self, sop: SopUid) -> bytes:
        """The whole object that holds frames, as it was sent; never on the GUI thread.

        MissingInstance where it is not held.
        """
        return self._held.bytes_of(sop, keep=False)

    def get(self, ref: FrameRef) -> NDArray[Any] | None:
        """The decoded frame if it is here (shared, not writeable), marking it as used."""
        frame = self._frames.get(ref)
        if frame is not None:
            self._frames.move_to_end(ref)
        return None if frame is None else frame.pixels

    def hold_elsewhere(self, ref: FrameRef, pixels: NDArray[Any]) -> None:
        """Give up the copy of a frame for equal pixels that somebody holds anyway.

        A volume holds its frames in one block: while it is open, each is in memory once. Frames
        that are not here stay so.
        """
        frame = self._frames.get(ref)
        if frame is None:
            return
        if pixels.shape != frame.pixels.shape or pixels.dtype != frame.pixels.dtype:
            raise ValueError("these are not the pixels of the frame")
        self._frames[ref] = replace(frame, pixels=pixels)

    def missing(self, ref: FrameRef) -> tuple[tuple[int, int], ...]:
        """Half-open ranges of rows of a frame for which there is no data (F4).

        Known from its first decoding on, also while only the picture made of it is still here.
        """
        return self._gaps.get(ref, ())

    def notes(self, ref: FrameRef) -> tuple[str, ...]:
        """What the codestream of a frame that is here says against its header (F2, F17)."""
        frame = self._frames.get(ref)
        return () if frame is None else frame.notes

    def failure(self, ref: FrameRef) -> ViewerError | None:
        """Why a frame cannot be shown, once that is known."""
        return self._failures.get(ref)

    def want(self, refs: Sequence[FrameRef], *, priority: Priority, owner: Hashable = None) -> None:
        """Ask for frames, most urgent first; those already here or failed are left out."""
        self._wants.add(refs, priority, owner)
        self._dispatch()

    def forget(self, owner: Hashable, priority: Priority | None = None) -> None:
        """Withdraw what an owner asked for and nobody has begun."""
        self._wants.forget(owner, priority)

    def is_whole(self, owner: Hashable) -> bool:
        """Whether all that the owner's prefetch asked for was begun, and nothing dropped since."""
        return self._wants.is_whole(owner)

    def clear(self) -> None:
        """Drop every frame, failure, want and header: the case was closed."""
        self._instances.clear()
        self._sizes.clear()
        self._ahead.clear()
        self._unwritten.clear()
        self._frames.clear()
        self._failures.clear()
        self._gaps.clear()
        self._wants.clear()
        self._bytes = 0
        self.overlays.clear()
        self.colours.clear()
        self.previews.clear()
        self._held.clear()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is decoded or written, and nothing waits for it."""
        return not self._running and not self._in_background

    @property
    def used(self) -> int:
        """Bytes of decoded frames held now."""
        return self._bytes

    def _dispatch(self) -> None:
        workers = self._pool.workers
        ahead = max(workers - 1, 1) if self._slow else workers
        while len(self._running) <= workers:
            lowest = Priority.PREFETCH if len(self._running) < ahead else Priority.THUMBNAIL
            found = self._wants.next(lowest)
            if found is None:
                break
            self._start(found)
        if not self._in_background:
            self._start_in_background()

    def _is_needed(self, ref: FrameRef) -> bool | None:
        if ref.sop not in self._instances:
            return None
        return not (ref in self._frames or ref in self._running or ref in self._failures)

    def _start(self, ref: FrameRef) -> None:
        self._running.add(ref)
        self._executor.run(
            self._work(ref),
            lambda done: self._take(ref, done),
            lambda error: self._fail(ref, error),
        )

    def _work(self, ref: FrameRef) -> Callable[[], _Done]:
        """What a thread does for a frame; the frame may be known no more when it is done."""
        held, pool, kept, instance = self._held, self._pool, self._kept, self._instances[ref.sop]

        def work() -> _Done:
            begun = time.perf_counter()
            origin = origin_of(kept, instance)
            found = kept.get(ref, origin) if origin else None
            if found is not None:
                return _Done(found, "", 0.0)
            data = held.bytes_of(ref.sop, keep=instance.frames > 1)
            decoded = pool.decode(data, ref.frame, instance)
            return _Done(decoded, origin, time.perf_counter() - begun)

        return work

    def _take(self, ref: FrameRef, done: _Done) -> None:
        self._running.discard(ref)
        if ref.sop in self._instances:
            frame = done.decoded
            frame.pixels.flags.writeable = False
            self._slow = done.seconds > _SLOW_SECONDS
            self._frames[ref] = frame
            if frame.missing:
                self._gaps[ref] = frame.missing
            self.previews.drop(ref)
            self._bytes += frame.pixels.nbytes
            self._evict(keep=ref)
            if done.origin and not frame.missing and ref in self._frames:
                self._unwritten[ref] = done.origin
            self.arrived.emit(ref)
        self._dispatch()

    def _fail(self, ref: FrameRef, error: Exception) -> None:
        self._running.discard(ref)
        if ref.sop in self._instances:
            self.previews.drop(ref)
            self._failures[ref] = (
                error
                if isinstance(error, ViewerError)
                else UndecodableFrame(
                    f"Frame {ref.frame + 1} cannot be read: {type(error).__name__}.", where=ref.sop
                )
            )
            self.arrived.emit(ref)
        self._dispatch()

    def _evict(self, *, keep: FrameRef) -> None:
        while self._bytes > self._budget and next(iter(self._frames)) != keep:
            ref, dropped = self._frames.popitem(last=False)
            self._unwritten.pop(ref, None)
            self._bytes -= dropped.pixels.nbytes
            self._wants.lost_one()

    # -- for the next opening --------------------------------------------------------------------

    def _start_in_background(self) -> None:
        """Write what was decoded; while nobody waits, decode what nobody asked for."""
        work = self._next_write() or (None if self._running else self._next_ahead())
        if work is None:
            return
        self._in_background = True
        self._executor.run(work, lambda _: self._background_done(), self._background_failed)

    def _next_write(self) -> Callable[[], None] | None:
        if not self._unwritten:
            return None
        ref = next(iter(self._unwritten))
        origin, frame, kept = self._unwritten.pop(ref), self._frames[ref], self._kept
        return lambda: kept.keep(ref, origin, frame)

    def _next_ahead(self) -> Callable[[], None] | None:
        while self._ahead:
            ref = self._ahead.popleft()
            if ref.sop in self._instances and ref not in self._failures:
                return self._keeping(ref)
        return None

    def _keeping(self, ref: FrameRef) -> Callable[[], None]:
        kept, instance, decode = self._kept, self._instances[ref.sop], self._work(ref)

        def work() -> None:
            origin = origin_of(kept, instance)
            if not origin or kept.has(ref, origin):
                return
            with contextlib.suppress(ViewerError):  # told when the frame is asked for
                decoded = decode().decoded
                if not decoded.missing:
                    kept.keep(ref, origin, decoded)

        return work

    def _background_done(self) -> None:
        self._in_background = False
        self._dispatch()

    def _background_failed(self, _error: Exception) -> None:
        """Nothing that was asked for has failed; the executor has told the error to the log."""
        self._background_done()


def _ref(instance: Instance, frame: int) -> FrameRef:
    return FrameRef(instance.ref.study, instance.ref.series, instance.ref.sop, frame)


def _size(instance: Instance) -> int:
    if instance.format is None:
        return 0
    shape, dtype = result_shape(instance.format)
    return math.prod(shape) * dtype.itemsize
