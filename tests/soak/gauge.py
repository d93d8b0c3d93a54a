"""What one process holds: memory, threads, handles, children, shared memory, widgets."""

import os
import statistics
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from workstation.session.lanes import Lane

_SHARED = "/dev/shm/"
_POOLED = "Thread (pooled)"
MOST_GROWTH = 0.05


@dataclass(frozen=True, slots=True)
class Held:
    """What is held at one moment; memory in MiB."""

    rss: float
    children_rss: float
    threads: int
    handles: int
    children: int
    segments: int
    widgets: int

    def line(self) -> str:
        """One line of a table."""
        return (
            f"{self.rss:8.1f} {self.children_rss:8.1f} {self.threads:7} {self.handles:7} "
            f"{self.children:8} {self.segments:8} {self.widgets:7}"
        )


HEAD = " RSS MiB children threads handles children segments widgets"


def held(widgets: int = 0) -> Held:
    """Measure this process, with how many ``widgets`` it has."""
    here = Path("/proc/self")
    children = child_processes()
    pooled = _pooled_threads()
    return Held(
        _rss(here),
        sum(_rss(Path(f"/proc/{pid}")) for pid in children),
        _count(here / "task") - pooled - _lane_threads(),
        _count(here / "fd") - pooled,
        len(children),
        len(shared_segments()),
        widgets,
    )


def child_processes() -> list[int]:
    """Processes that this one has started and that still run."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found += [int(pid) for pid in (task / "children").read_text().split()]
        except OSError:  # the thread has just ended
            continue
    return sorted(set(found))


def shared_segments() -> set[str]:
    """Segments of shared memory that this process has mapped."""
    lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    return {line[line.index(_SHARED) :] for line in lines if _SHARED in line}


def verdict(first: Sequence[Held], last: Sequence[Held]) -> list[str]:
    """What grew from the first round of cases after the warm-up to the last, in sentences.

    What is counted must always be more in the last round: what is just about to end is no leak.
    """
    found = []
    for name in ("rss", "children_rss"):
        before = statistics.median(getattr(one, name) for one in first)
        after = statistics.median(getattr(one, name) for one in last)
        if before and after / before - 1 >= MOST_GROWTH:
            found.append(f"{name} grew from {before:.1f} to {after:.1f} MiB")
    for name in ("threads", "handles", "children", "segments", "widgets"):
        before = round(statistics.median(asdict(one)[name] for one in first))
        after = min(asdict(one)[name] for one in last)
        if after > before:
            found.append(f"{name} grew from {before} to {after}")
    return found


def left_over(before: Held, after: Held, segments: set[str]) -> list[str]:
    """What is still held when the program has closed everything, in sentences."""
    found = []
    for name in ("threads", "handles", "children", "segments"):
        was, now = asdict(before)[name], asdict(after)[name]
        if now > was:
            found.append(f"{now - was} {name} are left over")
    found += [f"{name} is left over" for name in sorted(segments) if Path(name).exists()]
    return found


def _pooled_threads() -> int:
    """Threads of Qt's own pool, each with one handle: they come when Qt converts a large picture,
    and go half a minute later.
    """
    found = 0
    for task in Path("/proc/self/task").iterdir():
        try:
            found += (task / "comm").read_text().strip() == _POOLED
        except OSError:  # the thread has just ended
            continue
    return found


def _lane_threads() -> int:
    """Threads of the lanes: each lane has at most its number, and makes one when it is needed."""
    lanes = tuple(f"{lane.value[0]}_" for lane in Lane)
    return sum(thread.name.startswith(lanes) for thread in threading.enumerate())


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


def _rss(process: Path) -> float:
    try:
        pages = int((process / "statm").read_text().split()[1])
    except OSError:  # it has just ended
        return 0.0
    return pages * os.sysconf("SC_PAGESIZE") / (1 << 20)
