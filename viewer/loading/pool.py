"""Decoder worker processes: a codec that crashes, hangs or eats memory costs one frame.

Reliability R21, R25: one frame a message, a wall limit, an address-space limit, restart at once.
"""

import multiprocessing
import queue
import threading
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import TYPE_CHECKING

import numpy as np

from viewer.errors import UndecodableFrame
from viewer.loading import worker
from viewer.loading.decoded import Decoded
from viewer.loading.decoders import decode_frame
from viewer.loading.encoded import EncodedFrame, cut_frame
from viewer.loading.guard import MIB, PlainBytes
from viewer.loading.outline import outline
from viewer.loading.stored import result_shape
from viewer.model.refs import SopUid
from viewer.model.study import Instance

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

_START_SECONDS = 60.0
_SLOT_STEP = 4 * MIB
_CRASHES_TOLERATED = 2
_CLOSED = "The decoder was closed."

Serve = Callable[[Connection, int], None]


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
        self._all = [_Worker(seconds, memory_limit, serve) for _ in range(workers)]
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for one in self._all:
            self._idle.put(one)
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._crashes: Counter[SopUid] = Counter()

    def warm_up(self) -> None:
        """Start every worker without waiting for it."""
        for one in self._all:
            one.start()

    def decode(self, sop_bytes: bytes, frame: int, instance: Instance) -> Decoded:
        """One frame, blocking; frame counts from 0. UndecodableFrame says why it cannot be had."""
        found = outline(PlainBytes(sop_bytes), where=instance.ref.sop)
        encoded = cut_frame(found, frame, instance)
        if encoded.native:
            return decode_frame(encoded)
        return self._in_worker(encoded, instance.ref.sop)

    def close(self) -> None:
        """End every worker and wait for it; frames still waited for become undecodable."""
        if self._closed.is_set():
            return
        self._closed.set()
        for one in self._all:
            one.kill()
        for _ in self._all:
            # a worker comes home once the thread that waits for it has seen it die
            self._idle.get(timeout=_START_SECONDS).release()

    def _in_worker(self, encoded: EncodedFrame, sop: SopUid) -> Decoded:
        one = self._take(sop)
        try:
            return self._tried(one, encoded, sop)
        finally:
            self._idle.put(one)

    def _tried(self, one: "_Worker", encoded: EncodedFrame, sop: SopUid) -> Decoded:
        if self._crashes[sop] >= _CRASHES_TOLERATED:
            raise UndecodableFrame(
                "This image made the decoder fail twice and is not tried again.", where=sop
            )
        try:
            return one.decode(encoded)
        except _WorkerDied as death:
            if self._closed.is_set():
                raise UndecodableFrame(_CLOSED, where=sop) from death
            with self._lock:
                self._crashes[sop] += 1
            raise UndecodableFrame(death.sentence, where=sop) from death

    def _take(self, sop: SopUid) -> "_Worker":
        while not self._closed.is_set():
            try:
                return self._idle.get(timeout=0.2)
            except queue.Empty:
                continue
        raise UndecodableFrame(_CLOSED, where=sop)


class _WorkerDied(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _Worker:
    """One process with its pipe and its slot of shared memory."""

    def __init__(self, seconds: float, memory_limit: int, serve: Serve) -> None:
        self._seconds = seconds
        self._memory_limit = memory_limit
        self._serve = serve
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._ready = False
        self._slot: SharedMemory | None = None
        self._closed = False

    def start(self) -> None:
        """Start the process unless it runs; it loads its codecs meanwhile."""
        with self._lock:
            if self._process is not None or self._closed:
                return
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(
                target=self._serve,
                args=(theirs, self._memory_limit),
                name="lightbox-decoder",
                daemon=True,
            )
            self._ready = False
            self._process.start()
            theirs.close()

    def decode(self, encoded: EncodedFrame) -> Decoded:
        """Ask the process; _WorkerDied after a crash or hang, a new process then starts at once."""
        self.start()
        shape, dtype = result_shape(encoded.stored)
        slot = self._slot_for(int(np.prod(shape)) * dtype.itemsize)
        answer = self._ask(worker.Request(encoded, slot.name))
        if answer.problem:
            raise UndecodableFrame(answer.problem, where=encoded.where)
        pixels = np.ndarray(shape, dtype, slot.buf).copy()
        return Decoded(pixels, answer.missing, answer.notes)

    def kill(self) -> None:
        """Kill the process and start none any more; may be called while another thread decodes."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def release(self) -> None:
        """Give process, pipe and memory back."""
        self._end()
        self._drop_slot()

    def _ask(self, request: worker.Request) -> worker.Answer:
        pipe = self._pipe
        if pipe is None:
            raise _WorkerDied(_CLOSED)
        try:
            if not self._ready:
                self._wait(pipe, _START_SECONDS, "The decoder did not start.")
                self._ready = True
            pipe.send(request)
            answer = self._wait(
                pipe, self._seconds, f"Decoding this frame took more than {self._seconds:g} s."
            )
        except (EOFError, OSError) as error:
            self._restart()
            raise _WorkerDied("The decoder crashed on this frame.") from error
        except _WorkerDied:
            self._restart()
            raise
        assert isinstance(answer, worker.Answer)  # noqa: S101  the worker sends nothing else
        return answer

    def _wait(self, pipe: Connection, seconds: float, sentence: str) -> object:
        if not pipe.poll(seconds):
            raise _WorkerDied(sentence)
        return pipe.recv()

    def _restart(self) -> None:
        self._end()
        self.start()

    def _end(self) -> None:
        with self._lock:
            process, pipe = self._process, self._pipe
            self._process = self._pipe = None
        if process is None or pipe is None:
            return
        process.kill()
        process.join()
        process.close()
        pipe.close()

    def _slot_for(self, size: int) -> SharedMemory:
        if self._slot is None or self._slot.size < size:
            self._drop_slot()
            self._slot = SharedMemory(create=True, size=-(-size // _SLOT_STEP) * _SLOT_STEP)
        return self._slot

    def _drop_slot(self) -> None:
        if self._slot is not None:
            self._slot.close()
            self._slot.unlink()
            self._slot = None
