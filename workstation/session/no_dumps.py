"""Keeps decrypted images and keys out of crash dumps (R8)."""

import sys
from pathlib import Path

from workstation.logs import Log

_FILTER = Path("/proc/self/coredump_filter")


def forbid_dumps() -> None:
    """Let the system write no memory of this process, or of those that it starts, to a disk.

    On Linux a dump that is piped to a collector ignores the size limit; the filter leaves all
    memory out of it. Elsewhere than on POSIX nothing is done.
    """
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        try:
            _FILTER.write_text("0")
        except OSError as error:
            Log("dumps").warning("the dump filter cannot be set", why=type(error).__name__)
