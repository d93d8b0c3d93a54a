"""The inside of a decoder process: one request in, one frame out through shared memory.

The process sees codestreams and colour profiles and nothing else: no Qt, no network, no patient
data but the pixels.
"""

import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np

from viewer.errors import UndecodableFrame
from viewer.loading.decoders import decode_frame, lower_resolution
from viewer.loading.encoded import EncodedFrame
from viewer.loading.fences import Fence, limit_time, put_up
from viewer.loading.memory import keep_freed
from viewer.pixels.colour_table import LEVELS

FRAME_SECONDS = 10.0
"""Processor time for one frame."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Sent once when the codecs are loaded and the fences stand."""

    fences: tuple[Fence, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A frame to decode into the shared memory ``slot``, which is large enough.

    Its bytes are not sent: they lie in the slot from ``begin`` to ``end``, behind the result.
    """

    frame: EncodedFrame
    slot: str
    begin: int
    end: int
    halvings: int = 0
    """More than 0: a lower resolution is wanted, if the codestream has it."""

    def whole(self, slot: SharedMemory) -> EncodedFrame:
        """The frame with its bytes."""
        lies = np.ndarray(self.end, np.uint8, slot.buf)[self.begin :]
        return replace(self.frame, data=lies.tobytes())


@dataclass(frozen=True, slots=True)
class ColourRequest:
    """What every colour of one ICC profile is in another, into ``slot``; empty stands for sRGB."""

    source: bytes
    target: bytes
    slot: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Empty ``problem``: the frame lies in the slot."""

    problem: str = ""
    missing: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    """Of a lower resolution that lies in the slot as int16; empty without one."""


def serve(pipe: Connection, memory_limit: int) -> None:
    """Answer requests until the pipe closes or None comes; whatever is raised becomes an answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to stop
    _load_codecs()
    keep_freed()
    pipe.send(Ready(put_up(memory_limit)))
    slots: dict[str, SharedMemory] = {}
    try:
        while (request := pipe.recv()) is not None:
            colours = isinstance(request, ColourRequest)
            limit_time(FRAME_SECONDS * (1 if colours else request.frame.threads))
            pipe.send(_answer(_converted if colours else _decoded, request, slots))
    except (EOFError, ConnectionError):
        pass  # the parent is gone or is closing
    finally:
        for slot in slots.values():
            slot.close()


def _load_codecs() -> None:
    """So that the first frame does not wait for them."""
    from viewer.loading import jpeg, jpeg_ls, rle  # noqa: F401
    from viewer.pixels import colour_conversion  # noqa: F401

    jpeg.warm_up()
    rle.warm_up()


def _answer(
    act: Callable[[Any, SharedMemory], Answer], request: Any, slots: dict[str, SharedMemory]
) -> Answer:
    try:
        return act(request, _attach(request.slot, slots))
    except UndecodableFrame as error:
        return Answer(error.sentence)
    except MemoryError:
        return Answer("Decoding this frame needs more memory than is allowed.")
    except BaseException as error:  # noqa: BLE001  a codec may raise what is no Exception (S7)
        return Answer(f"The decoder failed with {type(error).__name__}.")


def _decoded(request: Request, slot: SharedMemory) -> Answer:
    frame = request.whole(slot)
    if request.halvings:
        return _lower(frame, request.halvings, slot)
    result = decode_frame(frame)
    pixels = result.pixels
    np.ndarray(pixels.shape, pixels.dtype, slot.buf)[...] = pixels
    return Answer(missing=result.missing, notes=result.notes)


def _converted(request: ColourRequest, slot: SharedMemory) -> Answer:
    from viewer.pixels.colour_conversion import UnusableProfile, fill_table

    entries = np.ndarray((LEVELS**3, 3), np.uint8, slot.buf)
    try:
        fill_table(request.source, request.target, entries)
    except UnusableProfile as error:
        return Answer(f"the colour library refuses it ({error}).")
    return Answer()


def _lower(frame: EncodedFrame, halvings: int, slot: SharedMemory) -> Answer:
    reduced = lower_resolution(frame, halvings)
    if reduced is None:
        return Answer()
    np.ndarray(reduced.shape, np.int16, slot.buf)[...] = reduced
    return Answer(shape=reduced.shape)


def _attach(name: str, slots: dict[str, SharedMemory]) -> SharedMemory:
    if name not in slots:
        for old in slots.values():
            old.close()
        slots.clear()
        slots[name] = SharedMemory(name)
    return slots[name]
