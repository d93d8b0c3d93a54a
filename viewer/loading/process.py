"""One process for foreign bytes, with its pipe, its slot of shared memory and its wall limit.

Reliability R21: what crashes or hangs costs one answer; a new process starts at once.
"""

import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import TYPE_CHECKING

from viewer.loading.guard import MIB

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

START_SECONDS = 60.0
_SLOT_STEP = 4 * MIB

Serve = Callable[[Connection, int], None]


@dataclass(frozen=True, slots=True)
class Deaths:
    """The sentence for each way in which a process may fail; ``hung`` holds {seconds}."""

    unstarted: str
    hung: str
    crashed: str
    closed: str


class WorkerDied(Exception):
    """The process crashed or hung on a request, or was closed."""

    def __init__(self, sentence: str) -> None:
        """Keep the sentence for the reader."""
        super().__init__(sentence)
        self.sentence = sentence


class WorkerProcess:
    """Starts a process at need and asks it one thing at a time, each from one thread only.

    The process sends one message once it is ready, then one answer to each request.
    """

    def __init__(
        self, serve: Serve, *, seconds: float, memory_limit: int, name: str, deaths: Deaths
    ) -> None:
        """Start nothing yet; ``seconds`` is the wall limit of a request."""
        self._serve = serve
        self._seconds = seconds
        self._memory_limit = memory_limit
        self._name = name
        self._deaths = deaths
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._ready = False
        self._slot: SharedMemory | None = None
        self._closed = False
        self.starts = 0
        """How often a process was started: another number means one that knows nothing yet."""

    def start(self) -> None:
        """Start the process unless it runs; it loads its libraries meanwhile."""
        with self._lock:
            if self._process is not None or self._closed:
                return
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(
                target=self._serve,
                args=(theirs, self._memory_limit),
                name=self._name,
                daemon=True,
            )
            self._ready = False
            self.starts += 1
            self._process.start()
            theirs.close()

    def ask(self, request: object) -> object:
        """Send a request and wait; WorkerDied after a crash or hang, a new process then starts."""
        self.start()
        pipe = self._pipe
        if pipe is None:
            raise WorkerDied(self._deaths.closed)
        try:
            if not self._ready:
                self._wait(pipe, START_SECONDS, self._deaths.unstarted)
                self._ready = True
            pipe.send(request)
            return self._wait(
                pipe, self._seconds, self._deaths.hung.format(seconds=f"{self._seconds:g}")
            )
        except (EOFError, OSError) as error:
            self._restart()
            raise WorkerDied(self._deaths.crashed) from error
        except WorkerDied:
            self._restart()
            raise

    def slot(self, size: int) -> SharedMemory:
        """Shared memory of at least ``size`` bytes, the same one as long as it is large enough."""
        if self._slot is None or self._slot.size < size:
            self._drop_slot()
            self._slot = SharedMemory(create=True, size=-(-size // _SLOT_STEP) * _SLOT_STEP)
        return self._slot

    def kill(self) -> None:
        """Kill the process and start none any more; may be called while another thread asks."""
        with self._lock:
            self._closed = True
            if self._process is not None:
                self._process.kill()

    def release(self) -> None:
        """Give process, pipe and memory back."""
        self._end()
        self._drop_slot()

    def _wait(self, pipe: Connection, seconds: float, sentence: str) -> object:
        if not pipe.poll(seconds):
            raise WorkerDied(sentence)
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

    def _drop_slot(self) -> None:
        if self._slot is not None:
            self._slot.close()
            self._slot.unlink()
            self._slot = None
