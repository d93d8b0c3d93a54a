"""Decoder worker processes: a codec that crashes, hangs or eats memory costs one frame.

Reliability R21, R25: one frame a message, a wall limit, an address-space limit, restart at once.
"""

import queue
import threading
from collections import Counter
from dataclasses import replace

import numpy as np

from viewer.errors import UndecodableFrame
from viewer.loading import worker
from viewer.loading.decoded import Decoded
from viewer.loading.decoders import check_codestream, decode_frame
from viewer.loading.encoded import EncodedFrame, cut_frame
from viewer.loading.fences import Fence
from viewer.loading.guard import MIB, PlainBytes
from viewer.loading.outline import outline
from viewer.loading.process import START_SECONDS, Deaths, Serve, WorkerDied, WorkerProcess
from viewer.loading.stored import result_shape
from viewer.model.refs import SopUid
from viewer.model.study import Instance

_CRASHES_TOLERATED = 2
_CLOSED = "The decoder was closed."
_DEATHS = Deaths(
    unstarted="The decoder did not start.",
    hung="Decoding this frame took more than {seconds} s.",
    crashed="The decoder crashed on this frame.",
    closed=_CLOSED,
)


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
        self._idle: queue.LifoQueue[WorkerProcess] = queue.LifoQueue()
        for one in self._all:
            self._idle.put(one)
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
                self._idle.put(one)

    def decode(self, sop_bytes: bytes, frame: int, instance: Instance) -> Decoded:
        """One frame, blocking; frame counts from 0. UndecodableFrame says why it cannot be had."""
        found = outline(PlainBytes(sop_bytes), where=instance.ref.sop)
        encoded = cut_frame(found, frame, instance)
        if encoded.native:
            return decode_frame(encoded)
        check_codestream(encoded)
        return self._in_worker(encoded, instance.ref.sop)

    def fences(self) -> tuple[Fence, ...]:
        """What the processes here cannot do; blocking, as it waits for one to start."""
        one = self._take(SopUid(""))
        try:
            told = one.wait_ready()
        except WorkerDied as death:
            raise UndecodableFrame(death.sentence) from death
        finally:
            self._idle.put(one)
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
            self._idle.get(timeout=START_SECONDS).release()

    def _in_worker(self, encoded: EncodedFrame, sop: SopUid) -> Decoded:
        one = self._take(sop)
        if self._idle.qsize() == self.workers - 1:
            # nobody else decodes now: codecs that can use every core may do so
            encoded = replace(encoded, threads=self.workers)
        try:
            return self._tried(one, encoded, sop)
        finally:
            self._idle.put(one)

    def _tried(self, one: WorkerProcess, encoded: EncodedFrame, sop: SopUid) -> Decoded:
        if self._crashes[sop] >= _CRASHES_TOLERATED:
            raise UndecodableFrame(
                "This image made the decoder fail twice and is not tried again.", where=sop
            )
        try:
            return _decoded(one, encoded)
        except WorkerDied as death:
            if self._closed.is_set():
                raise UndecodableFrame(_CLOSED, where=sop) from death
            with self._lock:
                self._crashes[sop] += 1
            raise UndecodableFrame(death.sentence, where=sop) from death

    def _take(self, sop: SopUid) -> WorkerProcess:
        while not self._closed.is_set():
            try:
                return self._idle.get(timeout=0.2)
            except queue.Empty:
                continue
        raise UndecodableFrame(_CLOSED, where=sop)


def _decoded(one: WorkerProcess, encoded: EncodedFrame) -> Decoded:
    shape, dtype = result_shape(encoded.stored)
    slot = one.slot(int(np.prod(shape)) * dtype.itemsize)
    answer = one.ask(worker.Request(encoded, slot.name))
    assert isinstance(answer, worker.Answer)  # noqa: S101  the worker sends nothing else
    if answer.problem:
        raise UndecodableFrame(answer.problem, where=encoded.where)
    pixels = np.ndarray(shape, dtype, slot.buf).copy()
    return Decoded(pixels, answer.missing, answer.notes)
