"""Gives memory back to the system: what was freed, and code that has done its work."""

import ctypes
import mmap
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import cast

from viewer.loading.guard import MIB

_MAPS = Path("/proc/self/smaps")
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Options of glibc's ``mallopt``."""
_ARENAS = 2


def give_back_freed() -> None:
    """Return freed pages; some milliseconds, so never on the GUI thread.

    glibc keeps what frames of a series occupied for later allocations: after a volume has taken
    over a series, that would be as much memory again. Elsewhere nothing needs to be done.
    """
    trim = _linux("malloc_trim", ctypes.c_size_t)
    if trim is not None:
        trim(0)


def share_freed() -> None:
    """Let all threads take memory from the same few places; before there are threads.

    glibc gives nearly every thread a place of its own, eight for each core, and what was freed in
    one serves no other: with threads that come and go a program grows case by case though it holds
    no more. Elsewhere nothing changes.
    """
    option = _linux("mallopt", ctypes.c_int, ctypes.c_int)
    if option is not None:
        option(_ARENA_MAX, _ARENAS)


def keep_freed() -> None:
    """Keep what is freed for what is asked for next, as frame after frame is decoded.

    glibc takes memory for frames from the system and gives it back each time; every page of it is
    then cleared anew, which takes longer than a fast codec. Elsewhere nothing changes.
    """
    option = _linux("mallopt", ctypes.c_int, ctypes.c_int)
    if option is not None:
        option(_MMAP_THRESHOLD, 32 * MIB)
        option(_TRIM_THRESHOLD, 64 * MIB)


def give_back_compiler() -> None:
    """Let go of the compiler behind numba, 60 MB that nobody needs once the loops are loaded."""
    give_back_code("libllvmlite")


def give_back_code(library: str) -> None:
    """Let go of the code of a loaded library, by the beginning of its file name, until it is used.

    Whatever is used comes back from its file; what was written to since it was loaded stays. Takes
    some milliseconds, so never on the GUI thread.
    """
    advise = _linux("madvise", ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    if advise is None:
        return
    try:
        lines = _MAPS.read_text().splitlines()
    except OSError:  # a system that does not tell keeps the code, which harms nobody
        return
    for begin, length in mapped(library, lines):
        advise(begin, length, mmap.MADV_DONTNEED)


def mapped(library: str, lines: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where a library's file lies unchanged and not to be changed: address and length of each part.

    ``lines`` as in /proc/self/smaps.
    """
    begin = end = 0
    for line in lines:
        words = line.split()
        if not words[0].endswith(":"):
            begin, end = (int(n, 16) for n in words[0].split("-"))
            if "w" in words[1] or f"/{library}" not in line:
                end = begin
        elif words[0] == "Anonymous:" and words[1] == "0" and end > begin:
            yield begin, end - begin


@cache
def _linux(name: str, *arguments: type) -> Callable[..., int] | None:
    """A function of the C library under Linux; None elsewhere, and where it has none."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        found = getattr(ctypes.CDLL(None), name)
    except (OSError, AttributeError):
        return None
    found.argtypes, found.restype = list(arguments), ctypes.c_int
    return cast(Callable[..., int], found)
