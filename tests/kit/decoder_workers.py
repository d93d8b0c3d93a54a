"""Worker loops that misbehave as a codec may; a spawned process can import them."""

import os
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import numpy as np

from viewer.loading import worker
from viewer.loading.fences import put_up

CRASH, HANG, HOG, PANIC = b"crash", b"hang", b"hog", b"panic"


def serve(pipe: Connection, memory_limit: int) -> None:
    """Answer with a number; do what a codestream that ends in one of the words above says."""
    pipe.send(worker.Ready(()))
    slots: dict[str, SharedMemory] = {}
    while (request := pipe.recv()) is not None:
        slot = slots.setdefault(request.slot, SharedMemory(request.slot))
        data = request.whole(slot).data.rstrip(b"\0")
        if data.endswith(CRASH):
            os.kill(os.getpid(), signal.SIGSEGV)
        if data.endswith(HANG):
            time.sleep(60)
        np.ndarray((slot.size,), np.uint8, slot.buf)[:] = len(data) % 256
        pipe.send(worker.Answer())


def limited(pipe: Connection, memory_limit: int) -> None:
    """The real loop with a codec that allocates, or panics with what is no Exception (S7)."""
    from viewer.loading import codecs

    def jpeg_ls(data: bytes) -> object:
        if data.rstrip(b"\0").endswith(HOG):
            return bytearray(8 << 30)
        raise _Panic

    codecs.jpeg_ls = jpeg_ls  # type: ignore[assignment]  # in this process only
    worker.serve(pipe, memory_limit)


def lethal(pipe: Connection, memory_limit: int) -> None:
    """The real loop, codecs, fences and all, with a codec that crashes, hangs or hogs at a word."""
    from viewer.loading import codecs

    sound = codecs.jpeg_ls

    def jpeg_ls(data: bytes) -> object:
        word = data.rstrip(b"\0")
        if word.endswith(CRASH):
            os.kill(os.getpid(), signal.SIGSEGV)
        if word.endswith(HANG):
            time.sleep(60)
        if word.endswith(HOG):
            return bytearray(8 << 30)
        return sound(data)

    codecs.jpeg_ls = jpeg_ls  # type: ignore[assignment]  # in this process only
    worker.serve(pipe, memory_limit)


def liar(pipe: Connection, memory_limit: int) -> None:
    """Answer with what would run code in whoever believes it."""
    pipe.send(worker.Ready(()))
    pipe.recv()
    pipe.send(_Act())


class _Act:
    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("taken over",))


def prober(pipe: Connection, memory_limit: int) -> None:
    """Put up the fences, then answer for every path that is sent what could still be done."""
    pipe.send(worker.Ready(put_up(memory_limit)))
    while (home := pipe.recv()) is not None:
        pipe.send({name: _succeeds(step, Path(home)) for name, step in TRIES.items()})


def _succeeds(step: Callable[[Path], object], home: Path) -> bool:
    try:
        step(home)
    except (OSError, MemoryError):
        return False
    return True


def _fork(_home: Path) -> None:
    if os.fork() == 0:
        os._exit(0)


TRIES: dict[str, Callable[[Path], object]] = {
    "socket": lambda _home: socket.socket(),
    "unix socket": lambda _home: socket.socket(socket.AF_UNIX),
    "read home": lambda home: (home / "secret").read_bytes(),
    "list home": lambda home: list(home.iterdir()),
    "write home": lambda home: (home / "left").write_bytes(b"x"),
    "delete home": lambda home: (home / "secret").unlink(),
    "read passwd": lambda _home: Path("/etc/passwd").read_bytes(),
    "read parent": lambda _home: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "fork": _fork,
    "program": lambda _home: os.execv("/bin/true", ["true"]),  # noqa: S606
    "signal parent": lambda _home: os.kill(os.getppid(), 0),
    "memory": lambda _home: bytearray(4 << 30),
    "library": lambda _home: Path(os.__file__).read_bytes(),
}
"""Acts by name; only the last must succeed."""


class _Panic(BaseException):
    pass
