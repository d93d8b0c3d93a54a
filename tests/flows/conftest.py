"""One whole read in the program's own windows, done once and looked at from several sides."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Read:
    """What a scripted read left: its words, its pictures and PDF, and the demo's state."""

    words: str
    out: Path
    state: Path


def scripted_read(folder: Path, *extra: str) -> Read:
    """Run `lightbox demo --scripted` as a process; fails the test when the read fails."""
    state, out = folder / "state", folder / "out"
    environment = {k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"}
    command = [sys.executable, "-m", "workstation", "demo", "--scripted"]
    command += ["--state", str(state), "--out", str(out), *extra]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=270, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    return Read(done.stdout, out, state)


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """The invented chest CT beside its prior, from sign-in to receipt."""
    return scripted_read(tmp_path_factory.mktemp("read"))
