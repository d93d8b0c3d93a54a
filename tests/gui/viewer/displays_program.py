"""Run as a process of its own on several screens: each drives its pictures by its own table."""

import json
import math
import sys
from typing import Any

import numpy as np
from PySide6.QtWidgets import QApplication, QLabel

from tests.gui.viewer.room import RESOURCES, no_documents
from tests.kit.executors import StepExecutor
from tests.kit.viewer import IDENTITY, NOW, arrays_of, cache_of, chest, sets_of
from viewer.calibration.display import DisplayProfile
from viewer.model.geometry import PixelPoint
from viewer.qt.reading_area import ReadingArea
from viewer.qt.screens import screens_by_key
from viewer.qt.viewport_widget import ViewportWidget
from viewer.viewport.preferences import Forgetful

TABLE = tuple(int(255 * (n / 255) ** 1.8) for n in range(256))


class Seen:
    """One area with the same images in two windows."""

    def __init__(self, app: QApplication) -> None:
        self.app = app
        self.executor = StepExecutor()
        self.study = chest(3)
        self.area = ReadingArea(
            cache=cache_of(arrays_of(self.study), self.executor),
            executor=self.executor,
            documents=no_documents(self.executor),
            resources=RESOURCES,
            author="Dr. Ito",
            now=lambda: NOW,
            preferences=Forgetful(),
        )
        self.area.resize(1100, 700)
        self.area.show()
        self.area.open_case(self.study, (), sets_of(self.study), IDENTITY)
        self.settle()

    def settle(self) -> None:
        """Let everything be drawn."""
        for _ in range(3):
            self.app.processEvents()
            self.executor.drain()

    def pane(self, number: int) -> ViewportWidget:
        """A pane by its number."""
        found = self.area.findChild(ViewportWidget, f"viewport.{number}")
        assert isinstance(found, ViewportWidget)
        return found

    def fill(self) -> None:
        """Let both panes show the same image, one to one in a pane of one size."""
        first = self.pane(1).viewport.state
        known = {image.ref.sop: image for image in self.images()}
        self.pane(2).viewport.show(first.target, known, index=first.index)
        for number in (1, 2):
            self.pane(number).viewport.one_to_one()
        self.settle()

    def images(self) -> list[Any]:
        """Instances of the case."""
        return [i for series in self.study.series for i in series.instances]

    def middle(self, number: int) -> np.ndarray[Any, Any]:
        """The same part of the image as a pane draws it."""
        pane = self.pane(number)
        pixels, place = pane.picture.pixels, pane.viewport.transform()
        assert pixels is not None
        assert place is not None
        at = place.to_pane(PixelPoint(20.5, 20.5))
        row, column = math.floor(at.y), math.floor(at.x)
        return np.asarray(pixels[row : row + 40, column : column + 40])

    def places(self) -> list[tuple[str, str]]:
        """The screen of each pane, and the one that its state names."""
        found = []
        for number in (1, 2):
            pane = self.pane(number)
            display = pane.viewport.state.display
            found.append((pane.screen().name(), display.screen if display else ""))
        return found


def main() -> None:
    """Measure one screen, look at the same image on both, and move the windows."""
    app = QApplication(sys.argv)
    seen = Seen(app)
    by_name = {screen.name(): (key, screen) for key, screen in screens_by_key().items()}
    keys = {name: key for name, (key, _) in by_name.items()}
    windows, screens = seen.area.windows, seen.area.windows.screens
    windows.open_on([by_name[n][1] for n in ("DP-1", "DP-2")], lambda: QLabel("DOE^JANE"))
    seen.fill()
    told: dict[str, Any] = {"keys": keys, "places": seen.places()}
    plain = seen.middle(1)
    told["levels"] = len(np.unique(plain))
    told["alike"] = bool((plain == seen.middle(2)).all())
    screens.measured(DisplayProfile(keys["DP-1"], 8, None, TABLE, NOW))
    seen.settle()
    driven = np.asarray(TABLE, np.uint8)[plain]
    told["driven"] = [bool((seen.middle(1) == driven).all()), bool((seen.middle(2) == plain).all())]
    told["at rest"] = [seen.pane(n).picture.at_rest for n in (1, 2)]
    seen.area.mark_displays({keys["DP-2"]: "its table is wrong"})
    told["marked"] = ["NOT DIAGNOSTIC" in seen.pane(n).accessibleDescription() for n in (1, 2)]
    first = windows.windows[0]
    first.show_on(by_name["DP-2"][1])
    seen.settle()
    told["moved"] = [seen.places()[0], bool((seen.middle(1) == plain).all())]
    told["moved mark"] = "NOT DIAGNOSTIC" in seen.pane(1).accessibleDescription()
    windows.gather()
    seen.settle()
    told["gathered"] = seen.places()
    seen.area.shut_down()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
