"""How soon a decoder process that was lost is replaced: crashed, hung, hogging, killed (R21)."""

import io
import os
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from tests.kit import codestreams, decoder_workers, dicom_files
from viewer.errors import UndecodableFrame
from viewer.loading.headers import read_header
from viewer.loading.pool import DecodePool

LIMIT = 1.0
"""Seconds from the loss to the next decoded frame."""
_GREY = np.random.default_rng(5).integers(0, 4096, (64, 48), np.uint16)
_GOOD = codestreams.jpeg_ls(_GREY)
_WALL = 0.5


def _file(end: bytes, number: int) -> bytes:
    return dicom_files.encoded(
        [_GOOD + end], "1.2.840.10008.1.2.4.80", number=number, Rows=64, Columns=48
    )


def _decode(pool: DecodePool, data: bytes) -> np.ndarray:
    return pool.decode(data, 0, read_header(io.BytesIO(data), name="file").instance).pixels


def _by_word(word: bytes) -> Callable[[DecodePool, int], float]:
    def lose(pool: DecodePool, number: int) -> float:
        try:
            _decode(pool, _file(word, number))
        except UndecodableFrame:
            return time.perf_counter()
        raise AssertionError(f"{word!r} was decoded")

    return lose


def _killed(pool: DecodePool, number: int) -> float:
    """Kill the process from outside while it works on a frame."""
    one = min(pool._idle.queue)[-1]  # the one that is asked next
    process = one._process
    assert process is not None
    pid = process.pid
    assert pid is not None
    at = 0.0

    def kill() -> None:
        nonlocal at
        at = time.perf_counter()
        os.kill(pid, signal.SIGKILL)

    timer = threading.Timer(_WALL / 4, kill)
    timer.start()
    try:
        _decode(pool, _file(decoder_workers.HANG, number))
    except UndecodableFrame:
        return at
    finally:
        timer.join()
    raise AssertionError("a killed decoder gave a frame")


LOSSES: dict[str, Callable[[DecodePool, int], float]] = {
    "crashed": _by_word(decoder_workers.CRASH),
    "hung": _by_word(decoder_workers.HANG),
    "memory bomb": _by_word(decoder_workers.HOG),
    "killed": _killed,
}


def replaced(times: int = 5) -> Iterator[str]:
    """Lose a process in each way, so many times; print how soon frames come again (R21).

    A lost process keeps no other from giving the next frame. How long it is away itself depends on
    what else the machine does, so that it is told with its processor time.
    """
    number, good = 1, _file(b"", 1)
    for name, lose in LOSSES.items():
        took, back, worked = [], [], []
        for _ in range(times):
            number += 1
            with closing(DecodePool(2, seconds=_WALL, serve=decoder_workers.lethal)) as pool:
                pool.wait_until_ready()
                begin = lose(pool, number)
                if not np.array_equal(_decode(pool, good), _GREY):
                    yield f"after a decoder was lost ({name}) a frame has other pixels"
                took.append(time.perf_counter() - begin)
                pool.wait_until_ready()
                back.append(time.perf_counter() - begin)
                worked.append(max(_worked(pool)))
        print(
            f"decoder {name:12} next frame after at most {max(took):.2f} s, all back after "
            f"{statistics.median(back):.2f} s with {statistics.median(worked):.2f} s of work",
            flush=True,
        )
        if max(took) > LIMIT:
            yield f"a frame waited {max(took):.2f} s for a decoder that was lost ({name})"


def _worked(pool: DecodePool) -> Iterator[float]:
    """Processor time that each process of a pool has had."""
    for one in pool._all:
        if one._process is not None:
            fields = Path(f"/proc/{one._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            yield (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
