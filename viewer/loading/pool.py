"""Decoder worker processes: a codec that crashes, hangs or eats memory costs one frame.

Reliability R21, R25: one frame a message, a wall limit, an address-space limit, restart at once.
"""

import math
import os
import queue
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from itertools import count
from multiprocessing.shared_memory import SharedMemory
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from viewer.errors import UndecodableFrame
from viewer.loading import worker
from viewer.loading.decoded import Decoded
from viewer.loading.decoders import check_codestream, decode_frame
from viewer.loading.encoded import EncodedFrame, cut_frame
from viewer.loading.fences import Fence
from viewer.loading.guard import MIB, PlainBytes
from viewer.loading.outline import outline
from viewer.loading.previews import REDUCE, may_preview
from viewer.loading.process import START_SECONDS, Deaths, Serve, WorkerDied, WorkerProcess
from viewer.loading.stored import result_shape
from viewer.model.refs import SopUid
from viewer.model.study import Instance
from viewer.pixels.colour_table import LEVELS, TABLE_BYTES, ColourTable

_CRASHES_TOLERATED = 2
T = TypeVar("T")
_CLOSED = "The decoder was closed."
_DEATHS = Deaths(
    unstarted="The decoder did not start.",
    hung="Decoding this frame took more than {seconds} s.",
    crashed="The decoder crashed on this frame.",
    closed=_CLOSED,
)


def usual_workers() -> int:
    """How many decoders this machine serves well: one a core, but two at least and four at most."""
    return max(2, min(os.cpu_count() or 2, 4))


class DecodePool:
    """Decodes frames in worker processes; safe to call from several threads.

    Native pixels need no codec and are cut and masked in the calling thread.
    """

    def __init__(
        self,
        workers: int = 2,
        *,
        seconds: float = 10.0,
        memory_limit: int = 2048 * MIB,
        serve: Serve = worker.serve,
    ) -> None:
        """Start nothing yet: processes come with the first frame or with ``warm_up``.

        ``seconds`` is the wall limit of one frame, ``memory_limit`` the address space of a worker.
        """
        self.workers = workers
        self._all = [
            WorkerProcess(
                serve,
                seconds=seconds,
                memory_limit=memory_limit,
                name="lightbox-decoder",
                deaths=_DEATHS,
            )
            for _ in range(workers)
        ]
        self._idle: queue.PriorityQueue[tuple[bool, int, WorkerProcess]] = queue.PriorityQueue()
        self._turns = count()
        for one in self._all:
            self._give_back(one)
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._crashes: Counter[SopUid] = Counter()

    def warm_up(self) -> None:
        """Start every worker without waiting for it."""
        for one in self._all:
            one.start()

    def wait_until_ready(self) -> None:
        """Start every worker and wait until each has loaded its codecs; WorkerDied."""
        self.warm_up()
        taken = [self._take(SopUid("")) for _ in self._all]
        try:
            for one in taken:
                one.wait_ready()
        finally:
            for one in taken:
                self._give_back(one)

    def decode(self, sop_bytes: bytes, frame: int, instance: Instance) -> Decoded:
        """One frame, blocking; frame counts from 0. UndecodableFrame says why it cannot be had."""
        found = outline(PlainBytes(sop_bytes), where=instance.ref.sop)
        encoded = cut_frame(found, frame, instance)
        if encoded.native:
            return decode_frame(encoded)
        check_codestream(encoded)
        return self._in_worker(
            instance.ref.sop, lambda one, threads: _decoded(one, replace(encoded, threads=threads))
        )

    def preview(
        self, sop_bytes: bytes, frame: int, instance: Instance, halvings: int = REDUCE
    ) -> NDArray[np.int16] | None:
        """A frame of HTJ2K at a lower resolution, blocking; None where there is none.

        To be looked at until the frame is there, never to be measured. UndecodableFrame as decode.
        """
        encoded = cut_frame(outline(PlainBytes(sop_bytes), where=instance.ref.sop), frame, instance)
        if not may_preview(instance) or encoded.cut_short:
            return None
        return self._in_worker(instance.ref.sop, lambda one, _: _lower(one, encoded, halvings))

    def colour_table(self, source: bytes, target: bytes) -> ColourTable:
        """What every colour of one ICC profile is in another, blocking; empty stands for sRGB.

        The colour library sees foreign profiles in a worker only. UndecodableFrame says why there
        is none.
        """
        key = SopUid(f"profile {sha256(source + target).hexdigest()}")
        return self._in_worker(key, lambda one, _: _converted(one, source, target, key))

    def fences(self) -> tuple[Fence, ...]:
        """What the processes here cannot do; blocking, as it waits for one to start."""
        one = self._take(SopUid(""))
        try:
            told = one.wait_ready()
        except WorkerDied as death:
            raise UndecodableFrame(death.sentence) from death
        finally:
            self._give_back(one)
        return told.fences if isinstance(told, worker.Ready) else ()

    def close(self) -> None:
        """End every worker and wait for it; frames still waited for become undecodable."""
        if self._closed.is_set():
            return
        self._closed.set()
        for one in self._all:
            one.kill()
        for _ in self._all:
            # a worker comes home once the thread that waits for it has seen it die
            self._idle.get(timeout=START_SECONDS)[-1].release()

    def _in_worker(self, sop: SopUid, act: Callable[[WorkerProcess, int], T]) -> T:
        """Let a process act; it is told how many threads it may use."""
        one = self._take(sop)
        # while nobody else decodes, codecs that can use every core may do so
        threads = self.workers if self._idle.qsize() == self.workers - 1 else 1
        try:
            return self._tried(lambda: act(one, threads), sop)
        finally:
            self._give_back(one)

    def _tried(self, act: Callable[[], T], sop: SopUid) -> T:
        if self._crashes[sop] >= _CRASHES_TOLERATED:
            raise UndecodableFrame(
                "This image made the decoder fail twice and is not tried again.", where=sop
            )
        try:
            return act()
        except WorkerDied as death:
            if self._closed.is_set():
                raise UndecodableFrame(_CLOSED, where=sop) from death
            with self._lock:
                self._crashes[sop] += 1
            raise UndecodableFrame(death.sentence, where=sop) from death

    def _give_back(self, one: WorkerProcess) -> None:
        """Let a process wait for its next frame: before one that has still to start, so that a lost
        process keeps nobody waiting; of those that are ready the last one used goes first.
        """
        self._idle.put((not one.is_ready, -next(self._turns), one))

    def _take(self, sop: SopUid) -> WorkerProcess:
        while not self._closed.is_set():
            try:
                return self._idle.get(timeout=0.2)[-1]
            except queue.Empty:
                continue
        raise UndecodableFrame(_CLOSED, where=sop)


def _lower(one: WorkerProcess, encoded: EncodedFrame, halvings: int) -> NDArray[np.int16] | None:
    rows, columns = (
        -(-n // (1 << halvings)) for n in (encoded.stored.rows, encoded.stored.columns)
    )
    slot, answer = _coded(one, encoded, 2 * rows * columns, halvings)
    if answer.shape != (rows, columns):
        return None
    return np.ndarray((rows, columns), np.int16, slot.buf).copy()


def _coded(
    one: WorkerProcess, encoded: EncodedFrame, room: int, halvings: int = 0
) -> tuple[SharedMemory, worker.Answer]:
    """The answer to a frame and the memory that holds its result; its bytes travel there too."""
    end = room + len(encoded.data)
    slot = one.slot(end)
    np.ndarray(end, np.uint8, slot.buf)[room:] = np.frombuffer(encoded.data, np.uint8)
    request = worker.Request(replace(encoded, data=b""), slot.name, room, end, halvings)
    return slot, _answered(one, request, encoded.where)


def _answered(
    one: WorkerProcess, request: worker.Request | worker.ColourRequest, where: str
) -> worker.Answer:
    answer = one.ask(request)
    assert isinstance(answer, worker.Answer)  # noqa: S101  the worker sends nothing else
    if answer.problem:
        raise UndecodableFrame(answer.problem, where=where)
    return answer


def _converted(one: WorkerProcess, source: bytes, target: bytes, where: str) -> ColourTable:
    slot = one.slot(TABLE_BYTES)
    try:
        _answered(one, worker.ColourRequest(source, target, slot.name), where)
        return ColourTable(np.ndarray((LEVELS**3, 3), np.uint8, slot.buf).copy())
    finally:
        one.drop_slot()  # it is many times as large as a frame


def _decoded(one: WorkerProcess, encoded: EncodedFrame) -> Decoded:
    shape, dtype = result_shape(encoded.stored)
    slot, answer = _coded(one, encoded, math.prod(shape) * dtype.itemsize)
    pixels = np.ndarray(shape, dtype, slot.buf).copy()
    return Decoded(pixels, answer.missing, answer.notes)
