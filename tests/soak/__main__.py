"""``python -m tests.soak``: read twenty cases again and again; exit status 1 when something stays.

``--minutes`` says for how long. The first round of cases warms up; what is held after the last
round is compared with what was held after the second.
"""

import argparse
import gc
import sys
import tempfile
import time
from multiprocessing.resource_tracker import ensure_running
from pathlib import Path

from PySide6.QtWidgets import QApplication

from tests.kit.screens import THREE, environment
from tests.kit.workplace import open_office
from tests.soak.cases import COUNT, SoakPlatform
from tests.soak.gauge import HEAD, Held, held, left_over, shared_segments, verdict
from tests.soak.reader import Reader
from workstation.qt.application import make_application


class Soak:
    """One long sitting, and what was held after each case of it."""

    def __init__(self, app: QApplication, folder: Path) -> None:
        """Read in a window whose store is in ``folder``."""
        self._app = app
        self._folder = folder
        self.rounds: list[list[Held]] = []
        self.segments: set[str] = set()

    def read(self, seconds: float) -> Reader:
        """Read whole rounds of cases for so long, three at least."""
        platform = SoakPlatform()
        end = time.monotonic() + seconds
        with open_office(self._folder, platform) as office:
            reader = Reader(self._app, office)
            print("round case" + HEAD)
            while len(self.rounds) < 3 or time.monotonic() < end:
                self.rounds.append([])
                for number, case in enumerate(platform.made.values(), 1):
                    reader.read(case.ident, case.study)
                    self._sample(number)
        return reader

    def _sample(self, number: int) -> None:
        gc.collect()
        self.segments |= shared_segments()
        now = held(len(self._app.allWidgets()))
        self.rounds[-1].append(now)
        if number in {1, COUNT}:
            print(f"{len(self.rounds):5} {number:4}{now.line()}", flush=True)


def main() -> int:
    """Read, and say what stayed."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        platform = environment(Path(folder), THREE[:2])["QT_QPA_PLATFORM"]
        app = make_application(["lightbox", "-platform", platform])
        ensure_running()  # Python's own process, which lives until the end
        before = held()
        soak = Soak(app, Path(folder) / "store")
        reader = soak.read(given.minutes * 60)
        found = verdict(soak.rounds[1], soak.rounds[-1])
        for _ in range(20):
            app.processEvents()
            time.sleep(0.05)
        gc.collect()
        found += left_over(before, held(), soak.segments)
    for name in sorted(reader.absent):
        print(f"not in this program, left out: {name}")
    never = [name for name in reader.refused if not reader.done[name]]
    for name in sorted(never):
        print(f"never enabled, left out: {name}")
    print(f"{sum(reader.done.values())} commands in {len(soak.rounds) * COUNT} readings")
    for words in found:
        print(f"FAILED: {words}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
