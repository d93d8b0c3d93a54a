"""Decoded frames on demand: what is wanted most is decoded next, what was not used is dropped."""

import math
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from numpy.typing import NDArray
from psygnal import Signal

from viewer.errors import MissingInstance, UndecodableFrame, ViewerError
from viewer.loading.decoded import Decoded
from viewer.loading.executor import Executor
from viewer.loading.held import HeldBytes
from viewer.loading.overlay_cache import OverlayCache
from viewer.loading.pool import DecodePool
from viewer.loading.source import InstanceSource
from viewer.loading.stored import result_shape
from viewer.model.refs import FrameRef, SopUid
from viewer.model.study import Instance


class Priority(IntEnum):
    """Who waits for a frame; the smaller number is served first."""

    INTERACTION = 0
    THUMBNAIL = 1
    PREFETCH = 2


@dataclass(slots=True)
class _Want:
    pending: deque[FrameRef]
    """Each frame is begun once: one that is dropped again is not fetched anew for this want."""
    priority: Priority
    owner: Hashable
    serial: int
    bytes_begun: int = 0


class FrameCache:
    """Frames by reference, bounded in bytes; every method runs on the GUI thread.

    ``get`` never waits. ``want`` asks for frames: within a priority the newest request is served
    first, and a new request of an owner replaces that owner's earlier one of the same priority.
    Requests without an owner never replace each other; the oldest beyond 64 are forgotten.
    """

    arrived = Signal(object)
    """Carries the FrameRef whose frame, or whose failure, can now be had."""

    _UNOWNED_LIMIT = 64

    def __init__(
        self, source: InstanceSource, pool: DecodePool, executor: Executor, budget: int
    ) -> None:
        """Keep up to ``budget`` bytes of decoded frames."""
        self._held = HeldBytes(source)
        self._pool = pool
        self._executor = executor
        self._budget = budget
        self._instances: dict[SopUid, Instance] = {}
        self._frames: OrderedDict[FrameRef, Decoded] = OrderedDict()
        self._bytes = 0
        self._failures: dict[FrameRef, ViewerError] = {}
        self._wants: list[_Want] = []
        self._serial = 0
        self._running: set[FrameRef] = set()
        self.overlays = OverlayCache(self._held, pool.decode, executor)

    def know(self, instances: Iterable[Instance]) -> None:
        """Learn headers; frames of instances that are not known cannot be wanted.

        Knowing an instance anew forgets that it was missing, so a growing study can be asked again.
        """
        for instance in instances:
            self._instances[instance.ref.sop] = instance
            for frame in range(instance.frames):
                ref = _ref(instance, frame)
                if isinstance(self._failures.get(ref), MissingInstance):
                    del self._failures[ref]
        self._dispatch()

    def get(self, ref: FrameRef) -> NDArray[Any] | None:
        """The decoded frame if it is here (shared, not writeable), marking it as used."""
        frame = self._frames.get(ref)
        if frame is not None:
            self._frames.move_to_end(ref)
        return None if frame is None else frame.pixels

    def missing(self, ref: FrameRef) -> tuple[tuple[int, int], ...]:
        """Half-open ranges of rows of a frame that is here for which there is no data (F4)."""
        frame = self._frames.get(ref)
        return () if frame is None else frame.missing

    def notes(self, ref: FrameRef) -> tuple[str, ...]:
        """What the codestream of a frame that is here says against its header (F2, F17)."""
        frame = self._frames.get(ref)
        return () if frame is None else frame.notes

    def failure(self, ref: FrameRef) -> ViewerError | None:
        """Why a frame cannot be shown, once that is known."""
        return self._failures.get(ref)

    def want(self, refs: Sequence[FrameRef], *, priority: Priority, owner: Hashable = None) -> None:
        """Ask for frames, most urgent first; those already here or failed are left out."""
        if owner is not None:
            self.forget(owner, priority)
        self._serial += 1
        self._wants.append(_Want(deque(refs), priority, owner, self._serial))
        self._trim(priority)
        self._dispatch()

    def forget(self, owner: Hashable, priority: Priority | None = None) -> None:
        """Withdraw what an owner asked for and nobody has begun."""
        self._wants = [
            w
            for w in self._wants
            if w.owner != owner or (priority is not None and w.priority is not priority)
        ]

    def clear(self) -> None:
        """Drop every frame, failure, want and header: the case was closed."""
        self._instances.clear()
        self._frames.clear()
        self._failures.clear()
        self._wants.clear()
        self._bytes = 0
        self.overlays.clear()
        self._held.clear()

    @property
    def used(self) -> int:
        """Bytes of decoded frames held now."""
        return self._bytes

    def _trim(self, priority: Priority) -> None:
        unowned = [w for w in self._wants if w.owner is None and w.priority is priority]
        stale = {w.serial for w in unowned[: -self._UNOWNED_LIMIT]}
        self._wants = [w for w in self._wants if w.serial not in stale]

    def _dispatch(self) -> None:
        while len(self._running) < self._pool.workers + 1 and (ref := self._next()) is not None:
            self._start(ref)

    def _next(self) -> FrameRef | None:
        for want in sorted(self._wants, key=lambda w: (w.priority, -w.serial)):
            ref = self._take(want)
            if ref is not None:
                return ref
            if not want.pending:
                self._wants.remove(want)
        return None

    def _take(self, want: _Want) -> FrameRef | None:
        """The first frame of a want that is neither here nor on its way; unknown ones wait."""
        unknown: list[FrameRef] = []
        found: FrameRef | None = None
        while want.pending and found is None:
            ref = want.pending.popleft()
            if ref.sop not in self._instances:
                unknown.append(ref)
            elif ref not in self._running and not self._is_settled(ref):
                found = ref
        want.pending.extendleft(reversed(unknown))
        if found is not None and want.priority is Priority.PREFETCH:
            # fetching more than fits would push out what was fetched first, the nearest frames
            want.bytes_begun += _size(self._instances[found.sop])
            if want.bytes_begun > self._budget * 3 // 4:
                want.pending.clear()
                return None
        return found

    def _is_settled(self, ref: FrameRef) -> bool:
        return ref in self._frames or ref in self._failures

    def _start(self, ref: FrameRef) -> None:
        instance = self._instances[ref.sop]
        held, pool = self._held, self._pool
        self._running.add(ref)
        self._executor.run(
            lambda: pool.decode(
                held.bytes_of(ref.sop, keep=instance.frames > 1), ref.frame, instance
            ),
            lambda frame: self._keep(ref, frame),
            lambda error: self._fail(ref, error),
        )

    def _keep(self, ref: FrameRef, frame: Decoded) -> None:
        self._running.discard(ref)
        if ref.sop in self._instances:
            frame.pixels.flags.writeable = False
            self._frames[ref] = frame
            self._bytes += frame.pixels.nbytes
            self._evict(keep=ref)
            self.arrived.emit(ref)
        self._dispatch()

    def _fail(self, ref: FrameRef, error: Exception) -> None:
        self._running.discard(ref)
        if ref.sop in self._instances:
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
            _, dropped = self._frames.popitem(last=False)
            self._bytes -= dropped.pixels.nbytes


def _ref(instance: Instance, frame: int) -> FrameRef:
    return FrameRef(instance.ref.study, instance.ref.series, instance.ref.sop, frame)


def _size(instance: Instance) -> int:
    if instance.format is None:
        return 0
    shape, dtype = result_shape(instance.format)
    return math.prod(shape) * dtype.itemsize
