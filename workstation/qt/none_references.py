"""Keeps the program alive where the Qt binding loses references to None.

WORKAROUND PySide6 6.12.0 on Python 3.11: every call that returns nothing drops a reference to None
that it never took; after some ten thousand calls the interpreter aborts ("none_dealloc"). From
Python 3.12 on None cannot be deallocated; PySide6 6.11.3 is sound.
"""

import ctypes
import sys

_SPARE = 1 << 40


def hold_none() -> None:
    """Take more references to None than any session can lose; nothing where none are counted."""
    if sys.version_info < (3, 12):
        ctypes.c_ssize_t.from_address(id(None)).value += _SPARE
