"""The demo platform as a process of its own, for every test that needs a real platform."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_START_SECONDS = 30.0


@dataclass(frozen=True)
class DemoProcess:
    """A running demo platform; ``ready`` is what its ready file says."""

    ready: dict[str, Any]
    process: subprocess.Popen[bytes]
    output: Path
    """What it printed."""

    @property
    def ca(self) -> str:
        """PEM file to verify its certificate with."""
        return str(self.ready["ca"])

    def stop(self) -> int:
        """End it as an operator would (SIGTERM) and give its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self._wait()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self._wait()

    def _wait(self) -> int:
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(10)


def start_demo(folder: Path, *arguments: str) -> DemoProcess:
    """Start ``python -m workstation.demo`` with its state in ``folder``/state, and wait for it.

    Without arguments it makes the phantom cases in the background; ``--unseeded`` starts at once
    with what the state folder holds (see ``tests.kit.demo_cases.write_tiny_case``).
    """
    folder.mkdir(parents=True, exist_ok=True)
    ready, output = folder / "ready.json", folder / "demo.out"
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "workstation.demo", "--port", "0"]
    command += ["--state", str(folder / "state"), "--ready-file", str(ready)]
    command += ["--parent", str(os.getpid()), *arguments]
    with output.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=_ROOT)
    deadline = time.monotonic() + _START_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait(10)
            raise AssertionError(f"the demo platform did not start: {output.read_text()[-2000:]}")
        time.sleep(0.02)
    return DemoProcess(json.loads(ready.read_text()), process, output)
