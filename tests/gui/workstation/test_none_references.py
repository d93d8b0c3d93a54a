"""A reading day of any length survives the Qt binding; PySide6 6.12.0 does not on Python 3.11."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
from PySide6.QtCore import QObject
one = QObject()
for _ in range(100_000):
    one.setObjectName("x")
print("alive")
"""


def test_calls_without_a_result_do_not_use_up_none() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=11,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("alive\n", 0), done.stderr
