"""Code that is let go is there again when it is used; what was changed is never let go."""

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
