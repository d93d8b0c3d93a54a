"""Code that is let go is there again when it is used; what was changed is never let go."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from viewer.loading.memory import give_back_code, mapped

SMAPS = """\
1000-3000 r--p 00000000 08:01 77 /opt/lib/libcompiler.so
Rss: 8 kB
Anonymous: 0 kB
VmFlags: rd mr mw me
3000-7000 r-xp 00002000 08:01 77 /opt/lib/libcompiler.so.2 (deleted)
Anonymous: 0 kB
7000-8000 r--p 00006000 08:01 77 /opt/lib/libcompiler.so
Anonymous: 4 kB
8000-9000 rw-p 00007000 08:01 77 /opt/lib/libcompiler.so
Anonymous: 0 kB
9000-a000 r-xp 00000000 08:01 78 /opt/lib/other.so
Anonymous: 0 kB
a000-b000 rw-p 00000000 00:00 0 [heap]
Anonymous: 0 kB
b000-c000 r--p 00000000 00:00 0
Anonymous: 0 kB
"""


def test_only_what_is_as_in_the_file_and_stays_so_is_let_go() -> None:
    assert list(mapped("libcompiler", SMAPS.splitlines())) == [(0x1000, 0x2000), (0x3000, 0x4000)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing is let go")
def test_a_library_works_on_after_its_code_was_let_go() -> None:
    before = _resident("_multiarray_umath")
    give_back_code("_multiarray_umath")
    assert _resident("_multiarray_umath") < before / 2
    assert int(np.sort(np.arange(100)[::-1])[3]) == 3


def test_a_library_that_is_not_there_changes_nothing() -> None:
    give_back_code("no-such-library")


def test_a_system_that_does_not_tell_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.loading.memory._MAPS", tmp_path / "smaps")
    give_back_code("_multiarray_umath")


def _resident(library: str) -> int:
    """KiB of a library's code that are in memory."""
    total, within = 0, False
    with open("/proc/self/smaps", encoding="ascii") as lines:  # noqa: PTH123 - no file
        for line in lines:
            words = line.split()
            if not words[0].endswith(":"):
                within = library in line and words[1] == "r-xp"
            elif words[0] == "Rss:" and within:
                total += int(words[1])
    return total


_MANY_THREADS = """
import sys, threading
from viewer.loading.memory import share_freed
if sys.argv[1:]:
    share_freed()
barrier = threading.Barrier(12)
def work():
    held = [bytes(5000 + n) for n in range(40)]
    barrier.wait()
threads = [threading.Thread(target=work) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
reserved = 64 << 20
found = 0
for line in open("/proc/self/maps"):
    begin, end = (int(n, 16) for n in line.split()[0].split("-"))
    found += begin % reserved == 0 and line.split()[1] == "rw-p" and len(line.split()) == 5
print(found)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing changes")
def test_many_threads_take_memory_from_few_places() -> None:
    def places(*arguments: str) -> int:
        command = [sys.executable, "-c", _MANY_THREADS, *arguments]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert places("shared") < places()
    assert places("shared") <= 3
