"""Ending with the program that started the demo platform, even when that was killed."""

import asyncio
import os
import sys
from collections.abc import Callable

_EVERY_SECONDS = 0.5


async def wait_for_end_of(pid: int) -> None:
    """Return when the process ``pid`` has ended."""
    is_alive = _alive_check(pid)
    while is_alive():
        await asyncio.sleep(_EVERY_SECONDS)


if sys.platform == "win32":
    import ctypes

    _SYNCHRONIZE, _TIMED_OUT = 0x00100000, 0x102

    def _alive_check(pid: int) -> Callable[[], bool]:
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(_SYNCHRONIZE, False, pid)
        return lambda: bool(handle) and kernel.WaitForSingleObject(handle, 0) == _TIMED_OUT

else:

    def _alive_check(pid: int) -> Callable[[], bool]:
        if os.getppid() == pid:
            # Also true to a parent that died but that nobody has waited for.
            return lambda: os.getppid() == pid
        return lambda: _signal_reaches(pid)

    def _signal_reaches(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True
