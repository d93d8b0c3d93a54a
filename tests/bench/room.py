"""A reading area in a process of its own: how long steps take, and how long the GUI thread is held.

``python -m tests.bench.room [CR | MG]`` prints one JSON object. The area, its cache, decoders and
threads are those of the program, on Qt's offscreen platform; a step counts from the call that asks
for it until every pane has painted it. A timer beats meanwhile: its longest pause is how long the
GUI thread was held at a stretch, and the processor time of that pause tells whether by us or by
other programs.
"""

import gc
import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from tests.bench import data
from tests.bench.table import quantile
from tests.kit.viewer import IDENTITY
from viewer.loading.document_shelf import DocumentShelf
from viewer.loading.folder import FolderSource
from viewer.loading.frames import FrameCache
from viewer.loading.memory import give_back_freed
from viewer.loading.pages import PdfProcess
from viewer.loading.pool import DecodePool
from viewer.model.presentation import Window
from viewer.model.sample_grid import Slab
from viewer.model.split import load_rules, split
from viewer.qt.reading_area import ReadingArea
from viewer.render.at_once import AtOnce
from viewer.render.compiled import load_loops_of_images, load_loops_of_planes
from viewer.viewport.planes import PLANES, PlaneName
from viewer.viewport.reformat import PlaneState
from workstation.paths import resources
from workstation.qt.application import make_application
from workstation.qt.tasks import LaneExecutor, TaskRunner
from workstation.session.lanes import Lane

SIDE = 1000
TALL = (1200, 1600)
LINKED = 12
STEPS = 40
_BEAT_MS = 2


class Heartbeat(QObject):
    """Longest pause between two beats, ms, and the processor time of this thread in it."""

    def __init__(self) -> None:
        """Beat from now on."""
        super().__init__()
        self.longest = self.own = 0.0
        self._last = self._cpu = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timeout)
        self.forget()
        self._timer.start(_BEAT_MS)

    def forget(self) -> None:
        """Count anew."""
        self.longest = self.own = 0.0
        self._last, self._cpu = time.perf_counter(), time.thread_time()

    def _on_timeout(self) -> None:
        now, cpu = time.perf_counter(), time.thread_time()
        self.longest = max(self.longest, (now - self._last) * 1e3)
        self.own = max(self.own, (cpu - self._cpu) * 1e3)
        self._last, self._cpu = now, cpu


class Room:
    """The area with the CT in it, every frame decoded."""

    def __init__(self, folder: Path) -> None:
        """Build it and open the folder."""
        self.app = make_application(["bench"])
        self.tasks = TaskRunner()
        self.pool = DecodePool(workers=2)
        source = FolderSource()
        study = source.scan([folder]).studies[0]
        sets = split(study.series[0], load_rules(resources() / "splitting.toml"))
        decode = LaneExecutor(self.tasks, Lane.DECODE)
        self.cache = FrameCache(source, self.pool, decode, 1_500_000_000)
        self.area = ReadingArea(
            at_once=AtOnce(),
            cache=self.cache,
            executor=LaneExecutor(self.tasks, Lane.RENDER),
            documents=DocumentShelf(source, LaneExecutor(self.tasks, Lane.DOCUMENT), PdfProcess()),
            resources=resources(),
            author="Bench",
            now=lambda: datetime.now(UTC),
        )
        self.area.actions_by_id()["panel.series"].trigger()
        self.area.resize(1100, 1050)
        self.area.show()
        load_loops_of_images()
        load_loops_of_planes()
        self.entry = sets[0]
        self.area.open_case(study, (), {study.series[0].uid: sets}, IDENTITY)
        self.until(lambda: all(self.cache.get(frame) is not None for frame in sets[0].frames))
        self.beat = Heartbeat()

    def until(self, true: Callable[[], bool]) -> None:
        """Let the program run until it is so, then paint."""
        while not true():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        self.app.processEvents()

    def time(self, act: Callable[[], object], true: Callable[[], bool]) -> float:
        """How long it takes until something that was asked for is so and painted, ms."""
        begun = time.perf_counter()
        act()
        self.until(true)
        return (time.perf_counter() - begun) * 1e3

    def drawn(self) -> bool:
        """Whether every pane of the layout shows what it should."""
        return all(pane.widget.picture.at_rest for pane in self.area._panes.on_screen)

    def fit_pane(self, width: int, height: int) -> None:
        """Make the active pane so many device pixels."""
        pane = self.area._panes.active.widget
        for _ in range(3):
            rect, size = pane.device_rect(), self.area.size()
            wide, high = size.width() + width - rect.width(), size.height() + height - rect.height()
            self.area.resize(wide, high)
            self.app.processEvents()
        self.until(self.drawn)

    def close(self) -> None:
        """End threads and processes."""
        self.area.shut_down()
        self.tasks.close()
        self.pool.close()


def _one(room: Room) -> dict[str, Any]:
    """Scroll and window in one pane of 1000 × 1000."""
    pane = room.area._panes.active.widget
    room.fit_pane(SIDE, SIDE)
    viewport = pane.viewport
    room.beat.forget()
    scroll = [room.time(lambda: viewport.scroll(1), room.drawn) for _ in range(STEPS)]
    window = [
        room.time(lambda c=c: viewport.set_voi(Window(float(c), 400)), room.drawn)  # type: ignore[misc]
        for c in range(1000, 1000 + STEPS)
    ]
    return {
        "pane": [pane.device_rect().width(), pane.device_rect().height()],
        "scroll": scroll, "window": window, "held_one": room.beat.longest,
        "own_one": room.beat.own,
    }  # fmt: skip


def _linked(room: Room) -> dict[str, Any]:
    """Twelve panes that scroll together, and window together."""
    panes = room.area._panes
    room.area.resize(1620, 1100)
    room.area.actions_by_id()[f"layout.{LINKED}"].trigger()
    entry = panes._images.entries[room.entry.id] if panes._images else None
    for index in range(LINKED):
        if entry is not None:
            panes.hang(index, entry, 100)
    room.until(room.drawn)
    viewport = panes.active.viewport
    room.beat.forget()
    scroll = [room.time(lambda: viewport.scroll(1), room.drawn) for _ in range(STEPS)]
    moved = {pane.viewport.state.index for pane in panes.on_screen}
    assert moved == {100 + STEPS}, f"the panes are not linked: {moved}"
    held = room.beat.longest, room.beat.own
    room.area.actions_by_id()["view.link_window"].trigger()
    room.until(room.drawn)
    room.beat.forget()
    window = [
        room.time(lambda c=c: viewport.set_voi(Window(float(c), 400)), room.drawn)  # type: ignore[misc]
        for c in range(1000, 1000 + STEPS)
    ]
    return {
        "linked": scroll, "linked_window": window, "held_linked": max(held[0], room.beat.longest),
        "own_linked": max(held[1], room.beat.own),
    }  # fmt: skip


def _planes(room: Room) -> dict[str, Any]:
    """Open the planes, turn them, and turn them again as slabs; what that adds to memory."""
    room.area.resize(1600, 1050)
    room.area.actions_by_id()["layout.1"].trigger()
    room.until(room.drawn)
    before = _settled_mb()
    room.beat.forget()
    begun = time.perf_counter()
    room.area.actions_by_id()["mpr.open"].trigger()
    board = room.area._mpr.board
    assert board is not None
    widgets = board.widgets

    def still() -> bool:
        return all(widget.picture.at_rest for widget in widgets)

    room.until(lambda: widgets[0].picture.pixels is not None)
    first = (time.perf_counter() - begun) * 1e3
    room.until(lambda: room.area._mpr.volume.is_done)
    room.until(still)
    opened = room.beat.longest, room.beat.own
    after = _settled_mb()
    reformat = board.reformat
    told: dict[str, Any] = {"mpr_first": first, "mb_before": before, "mb_after": after}

    def shown() -> list[PlaneState]:
        states = [widget.picture.shown for widget in widgets]
        return [state for state in states if isinstance(state, PlaneState)]

    def turned() -> bool:
        return len(shown()) == len(PLANES) and all(
            one.crosshair == reformat.crosshair for one in shown()
        )

    for name, slab in (("turn", None), ("turn_slab", Slab(30.0))):
        reformat.set_slab(slab)
        room.until(still)
        room.beat.forget()
        reformat.hold(moving=True)
        told[name] = [
            room.time(lambda: reformat.turn(reformat.crosshair, PlaneName.AXIAL, 0.02), turned)
            for _ in range(STEPS)
        ]
        told[f"held_{name}"], told[f"own_{name}"] = room.beat.longest, room.beat.own
        told[f"coarse_{name}"] = max(one.coarse for one in shown())
        reformat.hold(moving=False)
        room.until(still)
    room.area._mpr.leave()
    return told | {"held_open": opened[0], "own_open": opened[1]}


def _settled_mb() -> float:
    gc.collect()
    give_back_freed()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


@contextmanager
def _pyqtgraph(room: Room) -> Iterator[dict[str, Any]]:
    """The same frames in pyqtgraph's ImageItem, at the same size."""
    try:
        pyqtgraph: Any = importlib.import_module("pyqtgraph")
    except ImportError:
        yield {}
        return
    view = pyqtgraph.GraphicsView()
    box = pyqtgraph.ViewBox(lockAspect=True, invertY=True)
    view.setCentralItem(box)
    item = pyqtgraph.ImageItem(axisOrder="row-major")
    box.addItem(item)
    view.resize(SIDE, SIDE)
    view.show()
    frames = [room.cache.get(frame) for frame in room.entry.frames[: STEPS + 1]]
    item.setImage(frames[0], levels=(800, 1200))
    room.app.processEvents()

    def paint(act: Callable[[], object]) -> float:
        begun = time.perf_counter()
        act()
        view.viewport().repaint()
        return (time.perf_counter() - begun) * 1e3

    scroll = [
        paint(lambda f=f: item.setImage(f, autoLevels=False))  # type: ignore[misc]
        for f in frames[1:]
    ]
    window = [paint(lambda c=c: item.setLevels((c, c + 400))) for c in range(800, 800 + STEPS)]  # type: ignore[misc]
    yield {"pyqtgraph_scroll": scroll, "pyqtgraph_window": window}
    view.close()


def _projection(modality: str) -> dict[str, Any]:
    """Drag the window of one large image in a pane of 1200 × 1600."""
    room = Room(data.projection(modality))
    room.fit_pane(*TALL)
    viewport = room.area._panes.active.viewport
    room.beat.forget()
    spent = [
        room.time(lambda c=c: viewport.set_voi(Window(float(c), 3000)), room.drawn)  # type: ignore[misc]
        for c in range(1900, 1900 + STEPS)
    ]
    room.close()
    return {"window": spent, "held": room.beat.longest, "own": room.beat.own}


def _reading() -> dict[str, Any]:
    room = Room(data.ct("raw"))
    told = _one(room)
    with _pyqtgraph(room) as peer:
        told |= peer
    told |= _linked(room)
    told |= _planes(room)
    room.close()
    return told


def main(wanted: Sequence[str]) -> int:
    """Measure and print; of lists the median, the 95th of a hundred and the least.

    Without a modality everything is measured on the CT, with one the window of its image.
    """
    told = _projection(wanted[0]) if wanted else _reading()
    for name, values in list(told.items()):
        if isinstance(values, list) and name != "pane":
            told[name] = quantile(values, 0.5)
            told[f"{name}_p95"] = quantile(values, 0.95)
            told[f"{name}_least"] = min(values)
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
