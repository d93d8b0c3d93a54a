"""Fences around a process that handles foreign bytes, put up by the process itself (R21, R22).

Each is tried; what could not be put up is told, so that an installation can say how safe it is.
Windows has none of these: there the process alone is the fence.
"""

import os
import signal
import sys
import sysconfig
from enum import StrEnum
from pathlib import Path

import viewer


class Fence(StrEnum):
    """What a fenced process cannot do."""

    MEMORY = "take more memory than allowed"
    TIME = "use the processor without end"
    CORE = "leave a core dump"
    DESCRIPTORS = "open many files"
    PRIVILEGES = "gain privileges"
    FILES = "read or write files of the user"
    NETWORK = "open a connection"
    PROCESSES = "start a program or signal another process"


_DESCRIPTORS = 32
"""R21."""
_WRITTEN_BYTES = 0
_SHARED_MEMORY = "/dev/shm"  # noqa: S108  where Linux keeps it


def put_up(memory_limit: int) -> tuple[Fence, ...]:
    """Fence this process in, for good; gives what holds now. Libraries must be loaded before."""
    if sys.platform == "win32":
        return ()
    done = _limits(memory_limit)
    if sys.platform == "linux":
        done += _linux()
    return tuple(done)


def _linux() -> list[Fence]:
    from viewer.loading import linux_fences

    done = [Fence.PRIVILEGES] if linux_fences.give_up_privileges() else []
    if linux_fences.close_files(_readable(), [Path(_SHARED_MEMORY)]):
        done.append(Fence.FILES)
    if linux_fences.refuse_calls():
        done += [Fence.NETWORK, Fence.PROCESSES]
    return done


def limit_time(seconds: float) -> None:
    """Let this process use that much more processor time; beyond it the system ends it."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 1
    if hard == resource.RLIM_INFINITY or limit <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _limits(memory_limit: int) -> list[Fence]:
    import resource

    # what would be written beyond the limit fails instead of ending the process
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    wanted = (
        (resource.RLIMIT_CORE, 0, Fence.CORE),
        (resource.RLIMIT_AS, memory_limit, Fence.MEMORY),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS, Fence.DESCRIPTORS),
        (resource.RLIMIT_FSIZE, _WRITTEN_BYTES, None),
    )
    done = [Fence.TIME]  # by ``limit_time``, request by request
    for kind, limit, fence in wanted:
        _, hard = resource.getrlimit(kind)
        bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(kind, (bound, bound))
        except (OSError, ValueError):
            continue  # macOS has no limit on address space
        if fence is not None:
            done.append(fence)
    return done


def _readable() -> list[Path]:
    """Where modules and libraries lie that are loaded on first use."""
    named = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    places = [Path(place) for place in named if place]
    places += [Path(viewer.__file__).parent, Path(os.__file__).parent]
    places += [Path(place) for place in ("/lib", "/lib64", "/usr/lib", "/usr/lib64")]
    if getattr(sys, "frozen", False):
        places.append(Path(sys.executable).parent)
    return [place for place in places if place.is_dir()]
