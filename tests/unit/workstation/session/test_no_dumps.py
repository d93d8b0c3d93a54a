"""No memory of the program reaches a crash dump, nor of the processes that it starts."""

import subprocess
import sys

import pytest

_LOOK = """
import resource, subprocess, sys
from pathlib import Path
from workstation.session.no_dumps import forbid_dumps
forbid_dumps()
look = "import resource; from pathlib import Path; print(resource.getrlimit(resource.RLIMIT_CORE),"
look += "int(Path('/proc/self/coredump_filter').read_text(), 16))"
exec(look)
sys.stdout.flush()
subprocess.run([sys.executable, "-c", look], check=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="tells of Linux")
def test_r8_nothing_is_dumped() -> None:
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["(0, 0) 0", "(0, 0) 0"]
