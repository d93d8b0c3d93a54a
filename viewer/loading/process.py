"""One process for foreign bytes, with its pipe, its slot of shared memory and its wall limit.

Reliability R21: what crashes or hangs costs one answer; a new process starts at once.
"""

import io
import multiprocessing
import os
import pickle
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, is_dataclass
from enum import StrEnum
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import TYPE_CHECKING, TypeVar

from viewer.loading.guard import MIB

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

START_SECONDS = 60.0
_SLOT_STEP = 4 * MIB
T = TypeVar("T")

Serve = Callable[[Connection, int], None]
_ANSWERS = tuple(f"viewer.loading.{name}" for name in ("worker", "page_worker", "fences"))
"""Modules whose dataclasses answers are made of."""
_LONGEST_ANSWER = 16 * MIB


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


class _Plain(pickle.Unpickler):
    """Makes plain values, fences and the dataclasses of one module; names nothing else."""

    def __init__(self, message: bytes, modules: Iterable[str]) -> None:
        super().__init__(io.BytesIO(message))
        self._modules = {*modules, *_ANSWERS}

    def find_class(self, module: str, name: str) -> type:
        found = getattr(import_module(module), name, None) if module in self._modules else None
        if (
            isinstance(found, type)
            and found.__module__ == module
            and (is_dataclass(found) or issubclass(found, StrEnum))
        ):
            return found
        raise pickle.UnpicklingError(f"A message names {module}.{name}.")


def plain(message: bytes, *modules: str) -> object:
    """What a process of these modules said; UnpicklingError for anything but values."""
    try:
        return _Plain(message, modules).load()
    except Exception as error:  # whatever a message does that this program did not write
        raise pickle.UnpicklingError("The answer makes no sense.") from error


def enter(module: str, name: str, pipe: Connection, memory_limit: int) -> None:
    """The beginning of every such process: one thread alone, as fences hold for a thread."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    serve: Serve = getattr(import_module(module), name)
    serve(pipe, memory_limit)


class WorkerProcess:
    """Starts a process at need and asks it one thing at a time, each from one thread only.

    The process sends one message once it is ready, then one answer to each request. A process
    that was taken over by what it reads must not get further: its messages may hold plain values
    and dataclasses of the module of ``serve``, and nothing else is made of them.
    """

    def __init__(
        self,
        serve: Serve,
        *,
        seconds: float,
        memory_limit: int,
        name: str,
        deaths: Deaths,
        answers: str = "",
    ) -> None:
        """Start nothing yet; ``seconds`` is the wall limit of a request.

        ``answers`` names the module whose dataclasses it answers with, if not that of ``serve``.
        """
        self._serve = serve
        self._answers = answers or serve.__module__
        self._seconds = seconds
        self._memory_limit = memory_limit
        self._name = name
        self._deaths = deaths
        self._lock = threading.Lock()
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._ready = False
        self.told: object = None
        """What the process said when it was ready."""
        self._slot: SharedMemory | None = None
        self._closed = False
        self.starts = 0
        """How often a process was started: another number means one that knows nothing yet."""

    @property
    def is_ready(self) -> bool:
        """Whether the process has said that it is ready, as far as is known."""
        return self._ready

    def start(self) -> None:
        """Start the process unless it runs; it loads its libraries meanwhile."""
        with self._lock:
            if self._process is not None or self._closed:
                return
            context = multiprocessing.get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(
                target=enter,
                args=(self._serve.__module__, self._serve.__qualname__, theirs, self._memory_limit),
                name=self._name,
                daemon=True,
            )
            self._ready = False
            self.starts += 1
            self._process.start()
            theirs.close()

    def ask(self, request: object) -> object:
        """Send a request and wait; WorkerDied after a crash or hang, a new process then starts."""
        return self._guarded(lambda pipe: self._answer(pipe, request))

    def wait_ready(self) -> object:
        """Start the process and wait for what it says when it is ready; WorkerDied as in ask."""
        self._guarded(self._get_ready)
        return self.told

    def _answer(self, pipe: Connection, request: object) -> object:
        self._get_ready(pipe)
        pipe.send(request)
        return self._wait(
            pipe, self._seconds, self._deaths.hung.format(seconds=f"{self._seconds:g}")
        )

    def _get_ready(self, pipe: Connection) -> None:
        if not self._ready:
            self.told = self._wait(pipe, START_SECONDS, self._deaths.unstarted)
            self._ready = True

    def _guarded(self, step: Callable[[Connection], T]) -> T:
        self.start()
        pipe = self._pipe
        if pipe is None:
            raise WorkerDied(self._deaths.closed)
        try:
            return step(pipe)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self._restart()
            raise WorkerDied(self._deaths.crashed) from error
        except WorkerDied:
            self._restart()
            raise

    def slot(self, size: int) -> SharedMemory:
        """Shared memory of at least ``size`` bytes, the same one as long as it is large enough."""
        if self._slot is None or self._slot.size < size:
            self.drop_slot()
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
        self.drop_slot()

    def _wait(self, pipe: Connection, seconds: float, sentence: str) -> object:
        if not pipe.poll(seconds):
            raise WorkerDied(sentence)
        return plain(pipe.recv_bytes(_LONGEST_ANSWER), self._answers)

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

    def drop_slot(self) -> None:
        """Give the shared memory back; the next ``slot`` makes its own."""
        if self._slot is not None:
            self._slot.close()
            self._slot.unlink()
            self._slot = None
