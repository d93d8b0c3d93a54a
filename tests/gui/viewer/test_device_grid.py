"""Finished pixels reach the screen one to one, also where a logical pixel is not a whole one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("scale", ["1", "1.25", "1.5", "2"])
def test_every_pixel_is_presented_as_drawn(scale: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.gui.viewer.grid_program"],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale},
        capture_output=True,
        text=True,
        timeout=11,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert len(lines) == 2
    for ratio, wrong, levels in lines:
        assert float(ratio) == float(scale)
        assert int(levels) > 20
        assert int(wrong) == 0
