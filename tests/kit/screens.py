"""Screens that do not exist, for a program that is started on Qt's offscreen platform."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class FakeScreen:
    """One screen, with its place on the desktop."""

    name: str
    x: int
    width: int
    height: int
    dpr: float = 1
    dpi: int = 96

    def told(self) -> dict[str, Any]:
        """As the platform's configuration has it."""
        return {
            "name": self.name,
            "x": self.x,
            "y": 0,
            "width": self.width,
            "height": self.height,
            "logicalDpi": self.dpi,
            "logicalBaseDpi": 96,
            "dpr": self.dpr,
        }


THREE = (
    FakeScreen("HDMI-1", 0, 1920, 1080),
    FakeScreen("DP-1", 1920, 1200, 1600, dpi=120),
    FakeScreen("DP-2", 3120, 1200, 1600, dpi=144),
)
"""An office screen and two portrait screens for images, of other densities."""


def environment(folder: Path, screens: Sequence[FakeScreen]) -> dict[str, str]:
    """What a program needs in its environment to see these screens."""
    file = folder / "screens.json"
    whole = {
        "synchronousWindowSystemEvents": False,
        "windowFrameMargins": False,
        "screens": [screen.told() for screen in screens],
    }
    file.write_text(json.dumps(whole), encoding="utf-8")
    return {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={file}"}


def run_on(folder: Path, screens: Sequence[FakeScreen], program: str, *arguments: str) -> Any:
    """Run a module of the tests on these screens; it prints what it found as JSON, last."""
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=ROOT,
        env=environment(folder, screens),
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
