"""Worker loops that misbehave as a codec may; a spawned process can import them."""

import os
import signal
import time
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory

import numpy as np

from viewer.loading import worker

CRASH, HANG, HOG, PANIC = b"crash", b"hang", b"hog", b"panic"


def serve(pipe: Connection, memory_limit: int) -> None:
    """Answer with zeros; do what a codestream of one of the words above says."""
    pipe.send(worker.READY)
    slots: dict[str, SharedMemory] = {}
    while (request := pipe.recv()) is not None:
        data = request.frame.data.rstrip(b"\0")
        if data == CRASH:
            os.kill(os.getpid(), signal.SIGSEGV)
        if data == HANG:
            time.sleep(60)
        slot = slots.setdefault(request.slot, SharedMemory(request.slot))
        np.ndarray((slot.size,), np.uint8, slot.buf)[:] = len(data)
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


class _Panic(BaseException):
    pass
