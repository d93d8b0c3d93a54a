"""Run as a process of its own on a screen: prints the verdict of the self-test as JSON."""

import dataclasses
import json
import sys

from PySide6.QtWidgets import QApplication

from tests.kit.executors import AtOnce
from viewer.calibration.verdict import ScreenVerdict
from viewer.qt.self_test import SelfTest


def main() -> None:
    """Test the first screen; nothing may become visible or active meanwhile."""
    app = QApplication(sys.argv)
    test = SelfTest(AtOnce())
    shown: list[bool] = []

    def tell(verdict: ScreenVerdict) -> None:
        told = dataclasses.asdict(verdict) | {"passed": verdict.passed, "shown": any(shown)}
        print(json.dumps(told))
        app.quit()

    test.finished.connect(tell)
    app.focusWindowChanged.connect(lambda window: shown.append(window is not None))
    test.start(app.primaryScreen())
    windows = [w.windowHandle() for w in app.topLevelWidgets()]
    shown.extend(handle.isVisible() for handle in windows if handle is not None)
    app.exec()


main()
