"""What annotations cost on the screen: ``python -m tests.bench.drawn`` prints one JSON object.

A reading area on Qt's offscreen platform shows a stack of 512² in one pane of 1000 × 1000; frames
are there and drawn in this thread, so that a step is all that the program computes for it. The same
steps are taken without annotations, with 500 in the series, and with 500 on its middle image.
"""

import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import mean, median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from tests.kit.executors import StepExecutor
from tests.kit.viewer import IDENTITY, NOW, NoBytes, cache_of, chest, frame_of, sets_of
from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.pages import PdfProcess
from viewer.model.annotation import Annotation, AnnotationId, AnnotationKind, Provenance
from viewer.model.geometry import PixelPoint
from viewer.model.refs import FrameRef
from viewer.qt.reading_area import ReadingArea
from viewer.qt.viewport_widget import ViewportWidget
from viewer.render.compiled import load_loops_of_images
from workstation.paths import resources

IMAGES = 100
MANY = 500
_BEFORE = ("first", "second")
_SIZE = 512
_PANE = 1000
_KINDS = (
    (AnnotationKind.LENGTH, 2),
    (AnnotationKind.ELLIPSE, 4),
    (AnnotationKind.POLYGON, 6),
    (AnnotationKind.BIDIRECTIONAL, 4),
    (AnnotationKind.ANGLE, 3),
)


class Room:
    """The area with the stack in it."""

    def __init__(self) -> None:
        """Build it, open the stack and draw the first image."""
        self.app = QApplication.instance() or QApplication(["bench"])
        load_loops_of_images()
        study = chest(IMAGES, rows=_SIZE, columns=_SIZE)
        self.frames = [frame_of(one) for one in study.series[0].instances]
        stored = np.random.default_rng(1).integers(0, 2000, (_SIZE, _SIZE)).astype(np.int16)
        arrays = {(frame.sop, frame.frame): stored for frame in self.frames}
        self.executor = StepExecutor()
        self.area = ReadingArea(
            cache=cache_of(arrays, self.executor, budget=1 << 30),
            executor=self.executor,
            documents=DocumentShelf(NoBytes(), self.executor, PdfProcess()),
            resources=resources(),
            author="Bench",
            now=lambda: NOW,
        )
        self.area.actions_by_id()["panel.series"].trigger()
        self.area.resize(_PANE + 60, _PANE + 10)
        self.area.show()
        self.area.open_case(study, (), sets_of(study), IDENTITY)
        self.settle()
        found = self.area.findChild(ViewportWidget, "viewport.1")
        assert isinstance(found, ViewportWidget)
        self.pane = found
        for frame in range(IMAGES):
            self.show(frame)

    def settle(self) -> None:
        """Draw what was asked for."""
        self.executor.drain()
        QApplication.processEvents()

    def show(self, index: int) -> None:
        """Go to one image and draw it."""
        self.pane.viewport.go_to(self.frames[index])
        self.settle()

    def point(self, n: int, *, held: bool = False) -> None:
        """Move the pointer, with the button held or not, and draw what follows."""
        angle = n / 7
        at = QPointF(_PANE / 2 + 60 * math.cos(angle), _PANE / 2 + 60 * math.sin(angle))
        self._send(QEvent.Type.MouseMove, at, held=held)
        self.settle()

    def press(self, at: QPointF) -> None:
        """Take hold of what is there."""
        self._send(QEvent.Type.MouseButtonPress, at, held=True)
        self.settle()

    def release(self, at: QPointF) -> None:
        """Let go."""
        self._send(QEvent.Type.MouseButtonRelease, at, held=False)
        self.settle()

    def at(self, p: PixelPoint) -> QPointF:
        """Where a place of the image is in the pane."""
        transform = self.pane.viewport.transform()
        assert transform is not None
        return self.pane.from_pane(transform.to_pane(p))

    def _send(self, what: QEvent.Type, at: QPointF, *, held: bool) -> None:
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        button = none if what is QEvent.Type.MouseMove else left
        event = QMouseEvent(
            what, at, self.pane.mapToGlobal(at), button, left if held else none,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(self.pane, event)


def drawn(name: str, frames: list[FrameRef]) -> Iterator[Annotation]:
    """As many annotations as there shall be, one after another on these images."""
    chance = np.random.default_rng(7)
    for n in range(MANY):
        kind, count = _KINDS[n % len(_KINDS)]
        x, y = chance.uniform(40, _SIZE - 40, 2)
        turn = chance.uniform(0, 6.28)
        points = [
            PixelPoint(x + 16 * math.cos(turn + t), y + 16 * math.sin(turn + t))
            for t in (2 * math.pi * m / count for m in range(count))
        ]
        if kind in (AnnotationKind.ELLIPSE, AnnotationKind.BIDIRECTIONAL):
            points = [points[0], points[2], points[1], points[3]]
        yield Annotation(
            AnnotationId(f"{name}{n}"), kind, frames[n % len(frames)], tuple(points), (), None,
            Provenance("Bench", NOW),
        )  # fmt: skip


def _ms(act: Callable[[], object]) -> float:
    begun = time.thread_time()
    act()
    return (time.thread_time() - begun) * 1e3


def main() -> int:
    """Measure and print."""
    room = Room()
    middle = IMAGES // 2
    sets = {
        "none": [],
        "spread": list(drawn("s", room.frames)),
        "one": list(drawn("o", [room.frames[middle]])),
    }
    told: dict[str, float] = {}
    passes: dict[str, list[float]] = {name: [] for name in sets}
    landing: dict[str, list[float]] = {name: [] for name in sets}
    for turn in range(7):
        for name, held in sets.items():
            room.area.restore(held)
            room.show(0)
            steps = [_ms(partial(room.show, n)) for n in range(1, IMAGES)]
            if turn < len(_BEFORE):  # shapes are kept as pictures once they were seen twice
                told[f"{_BEFORE[turn]}_{name}"] = mean(steps)
                continue
            passes[name].append(mean(steps))
            landing[name].append(steps[middle - 1])
    for name in sets:
        told[f"step_{name}"] = median(passes[name])
        told[f"landing_{name}"] = median(landing[name])
    for name in ("none", "one"):
        room.area.restore(sets[name])
        room.show(middle)
        told[f"pointer_{name}"] = median(_ms(partial(room.point, n)) for n in range(30))
    corner = room.at(sets["one"][-1].pixels[0])
    room.press(corner)
    told["drag_one"] = median(_ms(partial(room.point, n, held=True)) for n in range(30))
    room.release(corner)
    room.area.shut_down()
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
