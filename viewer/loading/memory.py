"""Gives memory that was freed back to the system, where the C library keeps it to itself."""

import ctypes
import sys
from functools import cache


def give_back_freed() -> None:
    """Return freed pages; some milliseconds, so never on the GUI thread.

    glibc keeps what frames of a series occupied for later allocations: after a volume has taken
    over a series, that would be as much memory again. Elsewhere nothing needs to be done.
    """
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


@cache
def _malloc_trim() -> "ctypes._NamedFuncPointer | None":
    if not sys.platform.startswith("linux"):
        return None
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another C library
        return None
    trim.argtypes, trim.restype = [ctypes.c_size_t], ctypes.c_int
    return trim
