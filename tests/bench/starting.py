"""W7: start of the program until its sign-in window is painted, s, each start its own process."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.table import Line, say, show

ROUNDS = 7
_BARE = """
import sys
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication(sys.argv)
class Window(QWidget):
    def paintEvent(self, event):
        sys.stdout.write("shown\\n"); sys.stdout.flush()
window = Window()
window.show()
app.exec()
"""
_OURS = """
import sys
from PySide6.QtWidgets import QWidget
def told(widget, event, paint=QWidget.paintEvent):
    paint(widget, event)
    if not told.once:
        told.once = True
        sys.stdout.write("shown\\n"); sys.stdout.flush()
told.once = False
from workstation.qt import main_window
main_window.MainWindow.paintEvent = told
from workstation.__main__ import main
sys.exit(main())
"""


def main() -> None:
    """Measure and print; the two take turns, after one start of each that does not count."""
    spent: dict[str, list[float]] = {"bare": [], "ours": []}
    with tempfile.TemporaryDirectory() as home:
        for turn in range(ROUNDS + 1):
            for name, code in (("bare", _BARE), ("ours", _OURS)):
                seconds = _start(code, Path(home))
                if turn:
                    spent[name].append(seconds)
    bare, ours = median(spent["bare"]), median(spent["ours"])
    show(
        "W7 start to sign-in window, s (limit: the fastest start)",
        [Line("warm start", "s", ("a bare Qt window", bare), min(spent["ours"]), ours, "≤ 0.5 s")],
    )


def _start(code: str, home: Path) -> float:
    """Seconds until the window was painted; the program is ended then."""
    surroundings = os.environ | {
        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
    }
    begun = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        line = process.stdout.readline() if process.stdout else ""
        seconds = time.perf_counter() - begun
        process.kill()
    if line.strip() != "shown":
        say("The program ended before its window was painted.")
    return seconds
